"""Derivations as tests: `pytest derivations/` has one test item for each step.

Proof scripts and documents are collected in folders called `derivations`, and wherever a file is named on the command
line. A step fails where `derive check` would fail it, with the same report as the message; `--derive-strict` also fails
what is conditional or tested. Items are called `DERIVATION::STEP`, so `-k softmax` selects them. For a user's own tests
there are the mark `derivation` and the fixture `check_derivation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from derive.checking.derivation import DerivationResult
    from derive.language.statement import Derivation, Document
    from derive.reports.report import Report, StepReport
    from derive.reports.wording import Cells


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the plugin's options."""
    group = parser.getgroup("derive", "derivations as tests")
    group.addoption("--derive-strict", action="store_true", help="steps that are conditional or tested fail too")
    group.addoption("--derive-budget", type=_seconds, default=5.0, metavar="SECONDS", help="for each step (5)")


def _seconds(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise ValueError("not more than 0")
    return value


def pytest_configure(config: pytest.Config) -> None:
    """Announce the mark."""
    config.addinivalue_line("markers", "derivation: a test of a mathematical derivation, checked step by step")


@pytest.fixture
def check_derivation(pytestconfig: pytest.Config) -> Callable[..., Report]:
    """Check a text or path and fail with the report where a step does not pass; gives the report.

    `strict` is what `--derive-strict` says unless the call says otherwise.
    """

    def check(text_or_path: str | Path, given: str | Sequence[str] = (), strict: bool | None = None) -> Report:
        from derive.api import check as run

        severe = pytestconfig.getoption("derive_strict") if strict is None else strict
        report = run(text_or_path, given, budget=pytestconfig.getoption("derive_budget"))
        steps = ((s, document) for document in report.documents for d in document.all_derivations for s in d.steps)
        bad = [message(s, document.cells) for s, document in steps if not s.passes(severe)]
        if bad:
            pytest.fail("\n".join(bad), pytrace=False)
        return report

    return check


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> DerivationFile | None:
    """Collect proof scripts and documents."""
    from derive.targets import SUFFIXES, is_script

    if file_path.suffix not in SUFFIXES or not _meant(file_path, parent.config):
        return None
    if file_path.suffix == ".py" and not is_script(file_path):
        return None
    file: DerivationFile = DerivationFile.from_parent(parent, path=file_path)
    return file


def _meant(path: Path, config: pytest.Config) -> bool:
    root = config.rootpath
    above = (root.name, *path.relative_to(root).parts[:-1]) if path.is_relative_to(root) else path.parts[:-1]
    if "derivations" in above:
        return True
    named = (Path(str(config.invocation_params.dir), argument.split("::")[0]) for argument in config.args)
    return any(path == name.resolve() for name in named)


class DerivationFile(pytest.File):
    """A proof script or document."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each step."""
        from derive.loading import load
        from derive.targets import Target

        document = load(Target(str(self.path)))
        if document.problem is not None:
            yield ProblemItem.from_parent(self, name="can be read", document=document)
        for derivation in document.derivations:
            checked = _Checked(derivation, self.config.getoption("derive_budget"))
            for position, step in enumerate(derivation.steps):
                name = f"{derivation.name}::{step.id.rpartition('/')[2]}"
                yield StepItem.from_parent(self, name=name, document=document, checked=checked, position=position)


class _Checked:
    """The results of a derivation, found when the first of its steps runs."""

    def __init__(self, derivation: Derivation, budget: float) -> None:
        self.derivation = derivation
        self.budget = budget
        self.result: DerivationResult | None = None

    def get(self) -> DerivationResult:
        if self.result is None:
            from derive.checking.derivation import check_derivation as run
            from derive.checking.engines import Settings

            self.result = run(self.derivation, Settings(budget=self.budget))
        return self.result


class StepFailed(Exception):
    """A step that is refuted, undecided or unreadable."""


class StepItem(pytest.Item):
    """One step of a derivation."""

    def __init__(self, *, document: Document, checked: _Checked, position: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.document, self.checked, self.position = document, checked, position
        self.add_marker("derivation")
        self.extra_keyword_matches.update(checked.derivation.title.casefold().split())

    def runtest(self) -> None:
        """Fail where the step's verdict does not pass."""
        from derive.mistakes.diagnose import diagnose
        from derive.reports.report import report_step
        from derive.reports.wording import line_in_words

        step = report_step(self.checked.get().steps[self.position], self.document.source, diagnose)
        if not step.passes(self.config.getoption("derive_strict")):
            cells = self.document.source.cells
            where = line_in_words(cells, step.line)
            raise StepFailed(f"{step.verdict} in {where} of {self.path.name}\n{message(step, cells)}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report on the step."""
        if isinstance(excinfo.value, StepFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the step stands."""
        span = self.checked.derivation.steps[self.position].span
        line = self.document.source.place(span.start)[0] - 1 if span is not None else None
        return self.path, line, self.name


class ProblemItem(pytest.Item):
    """A file that cannot be read."""

    def __init__(self, *, document: Document, **rest: Any) -> None:
        super().__init__(**rest)
        self.document = document

    def runtest(self) -> None:
        """Always fails."""
        from derive.reports.wording import words

        assert self.document.problem is not None
        raise StepFailed(words(self.document.problem, self.document.source))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong with the file."""
        return str(excinfo.value)


def message(step: StepReport, cells: Cells = ()) -> str:
    """The report on a step as plain text; `cells` are those of a notebook."""
    from derive.reports.terminal import step_lines

    return "\n".join(line.plain for line in step_lines(step, times=False, cells=cells))
