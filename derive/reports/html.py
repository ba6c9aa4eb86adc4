"""A report as one page of HTML: it opens offline, prints, and reads without colour.

At the top stand the counts and what should be looked at; below, every step folds out to how it was read, why it has its
verdict, the counterexample with a plot where there is one, and the likely mistake. Nothing is decided here, and no
script runs: what folds is a `<details>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from derive.checking.verdict import WORST_FIRST
from derive.reports.formula import code, mathml
from derive.reports.page import environment
from derive.reports.plot import plot
from derive.reports.report import DerivationReport, DocumentReport, Report, StepReport
from derive.reports.spelling import assignment

_WORTH_A_LOOK = frozenset(["refuted", "unreadable", "undecided"])


@dataclass(frozen=True, slots=True)
class Shown:
    """A step with where it stands in the page: `anchor` names it in links."""

    step: StepReport
    derivation: DerivationReport
    document: DocumentReport
    anchor: str

    @property
    def place(self) -> str:
        """Where the step stands, in words."""
        return self.document.place(self.step)

    @property
    def written(self) -> Markup:
        """The step as its author wrote it, drawn where that can be done; of a script, its formula."""
        drawn = mathml(self.step.reading if self.document.path.endswith(".py") else self.step.source)
        return drawn or code(" ".join(self.step.source.split()))

    @property
    def gist(self) -> str:
        """What to know before the step is folded out: of proofs a note, of conditions that they were imposed."""
        step, found = self.step, self.step.counterexample
        if step.diagnosis is not None:
            return f"likely: {step.diagnosis.message}"
        if step.verdict == "conditional":
            return f"if {' and '.join(step.spoken_conditions)}"
        if found is not None and found.values and not step.carried:
            at = ", ".join(assignment(*pair) for pair in found.values)
            return f"at {at}: the left side is {found.left}, the right side {found.right}"
        return step.reason

    @property
    def reason(self) -> str:
        """The reason without the conditions, which stand beside it as formulas."""
        named = f"holds if {' and '.join(self.step.spoken_conditions)}"
        return self.step.reason.removeprefix(named).removeprefix("; ") if self.step.conditions else self.step.reason

    @property
    def plot(self) -> Markup | None:
        """Both sides where they part, as a drawing."""
        return plot(self.step.curves, self.anchor) if self.step.curves is not None else None


@dataclass(frozen=True, slots=True)
class Section:
    """A derivation of the page, and its steps."""

    derivation: DerivationReport
    anchor: str
    steps: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A document of the page, and its derivations."""

    document: DocumentReport
    anchor: str
    sections: tuple[Section, ...]


def render(report: Report) -> str:
    """The page."""
    return environment().get_template("report.html").render(**values(report))


def fragment(report: Report) -> str:
    """What the page holds without the page around it, with its style: for notebooks."""
    return environment().get_template("fragment.html").render(**values(report))


def values(report: Report) -> dict[str, object]:
    """What the templates of a report need."""
    chapters = tuple(_chapters(report))
    every = [s for c in chapters for v in c.sections for s in v.steps]
    looks = [s for name in WORST_FIRST if name in _WORTH_A_LOOK for s in every if s.step.verdict == name]
    return {
        "report": report,
        "chapters": chapters,
        "looks": looks,
        "counts": [(name, report.counts[name]) for name in reversed(WORST_FIRST) if report.counts[name]],
    }


def _chapters(report: Report) -> Iterator[Chapter]:
    for d, document in enumerate(report.documents, 1):
        sections = []
        for s, derivation in enumerate(document.all_derivations, 1):
            anchor = f"d{d}-{s}"
            steps = tuple(
                Shown(step, derivation, document, f"{anchor}-{number}")
                for number, step in enumerate(derivation.steps, 1)
            )
            sections.append(Section(derivation, anchor, steps))
        yield Chapter(document, f"d{d}", tuple(sections))
