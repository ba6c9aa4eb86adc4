"""The command `derive`.

Each command is a thin shell around a function of `api`; what is heavy (SymPy, flint, z3) is loaded only when a command
needs it. A command that cannot be carried out says so in one line on standard error and ends with status 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from derive.reports.report import DerivationReport, Report, StepReport

app = typer.Typer(
    name="derive",
    help="Checks mathematical derivations step by step.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

_LATER = ("html", "sarif", "github")


class CommandError(Exception):
    """The command itself cannot be carried out."""


class VerdictChoice(StrEnum):
    """The verdicts that `--only` takes."""

    proved = "proved"
    conditional = "conditional"
    tested = "tested"
    refuted = "refuted"
    undecided = "undecided"
    unreadable = "unreadable"
    stated = "stated"


LibraryOption = Annotated[Path | None, typer.Option("--library", help="The folder of the library.", metavar="DIR")]
BudgetOption = Annotated[float, typer.Option(help="Seconds for each step.", metavar="SECONDS")]
SeedOption = Annotated[int, typer.Option(help="Seed of the sampled points.")]
GivenOption = Annotated[
    Path | None, typer.Option("--given", help="Markdown file with given blocks for documents.", metavar="FILE")
]


@app.command()
def check(
    what: Annotated[list[str], typer.Argument(metavar="all | NAME… | PATH… | -", help="What to check.")],
    format: Annotated[str, typer.Option("--format", help="text, json, html, sarif or github.")] = "text",
    output: Annotated[Path | None, typer.Option("--output", help="Write the report here.", metavar="FILE")] = None,
    given: GivenOption = None,
    library: LibraryOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Conditional and tested fail too.")] = False,
    budget: BudgetOption = 5.0,
    workers: Annotated[int, typer.Option(help="Processes (0: one per core).", metavar="N")] = 0,
    seed: SeedOption = 0,
    only: Annotated[VerdictChoice | None, typer.Option("--only", help="Show steps of this verdict only.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show only what is not proved or stated.")] = False,
    second_reader: Annotated[
        bool, typer.Option("--second-reader", help="Compare the reading of simple formulas with another reader's.")
    ] = False,
) -> None:
    """Check documents and proof scripts, step by step."""
    if second_reader:
        from derive.reader.second import PACKAGE, available

        if not available():
            raise CommandError(f"--second-reader needs {PACKAGE}: install derivation-checker[latex2sympy2]")
    if format in _LATER:
        raise CommandError(f"--format {format} is not available yet; use text or json")
    if format not in ("text", "json"):
        raise CommandError(f"--format {format} is unknown; use text or json")
    if budget <= 0:
        raise CommandError("--budget must be more than 0 seconds")
    if workers < 0:
        raise CommandError("--workers must not be negative")
    report = _checked(what, given, library, budget, workers, seed, quiet, second_reader)
    shown = report.only([only.value]) if only is not None else report
    _write(shown, format, output, quiet)
    raise typer.Exit(0 if report.passes(strict) else 1)


@app.command(name="list")
def list_library(library: LibraryOption = None) -> None:
    """List the library: name, title, steps, source."""
    from derive.loading import load
    from derive.targets import Target, documents_in, library_folder

    rows = [("name", "title", "steps", "source")]
    for path in documents_in(library_folder(library)):
        document = load(Target(str(path)))
        for derivation in document.derivations:
            source = derivation.reference or str(path)
            rows.append((derivation.name, derivation.title, str(len(derivation.steps)), source))
        if document.problem is not None:
            rows.append((path.stem, "cannot be read: derive check says why", "", str(path)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    console = _console()
    for position, (name, title, steps, source) in enumerate(rows):
        line = f"{name:<{widths[0]}}  {title:<{widths[1]}}  {steps:>{widths[2]}}  {source}"
        console.print(line, style=None if position else "bold", soft_wrap=True, highlight=False, markup=False)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A derivation of the library, or a file.")],
    library: LibraryOption = None,
    given: GivenOption = None,
    budget: BudgetOption = 5.0,
    seed: SeedOption = 0,
) -> None:
    """Show a derivation, pretty-printed, with its verdicts."""
    from rich.text import Text

    from derive.reports.terminal import STYLES

    console = _console()
    report = _checked([name], given, library, budget, 1, seed, True)
    for document in report.documents:
        for derivation in document.all_derivations:
            console.print(Text(derivation.title or derivation.name, "bold"))
            if derivation.reference:
                console.print(Text(derivation.reference, "dim"))
            for step in derivation.steps:
                mark, style = STYLES[step.verdict]
                line = Text(f"  {mark} {step.verdict:<11} ", style)
                line.append(step.spoken or " ".join(step.source.split()), "default")
                console.print(line, soft_wrap=True, highlight=False)
                for condition in step.spoken_conditions:
                    console.print(Text(f"{'':15}if {condition}", "dim"), soft_wrap=True, highlight=False)
                if step.because:
                    console.print(Text(f"{'':15}{step.because}", "dim"), soft_wrap=True, highlight=False)
            console.print()


@app.command()
def explain(
    place: Annotated[str, typer.Argument(metavar="NAME:STEP | FILE:LINE", help="Which step.")],
    library: LibraryOption = None,
    given: GivenOption = None,
    budget: BudgetOption = 5.0,
    seed: SeedOption = 0,
) -> None:
    """Explain why a step has its verdict."""
    name, colon, rest = place.rpartition(":")
    if not colon or not name or not rest:
        raise CommandError(f"{place} names no step: write NAME:STEP or FILE:LINE")
    report = _checked([name], given, library, budget, 1, seed, True)
    derivations = [d for document in report.documents for d in document.all_derivations]
    found = _steps_at(derivations, rest, by_line=Path(name).is_file())
    if not found:
        known = ", ".join(s.id for d in derivations for s in d.steps) or "none"
        raise CommandError(f"{name} has no step at {rest}; its steps are {known}")
    console = _console()
    for derivation, step in found:
        _explain(console, derivation, step)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="NAME or NAME.py: a proof script; NAME.md: a document.")],
) -> None:
    """Write a starting proof script or document to fill in."""
    from derive.templates import starting_text

    path = Path(name)
    if not path.suffix:
        folder = Path("derivations")
        path = (folder if folder.is_dir() and path.name == name else Path()) / f"{name}.py"
    if path.suffix not in (".py", ".md"):
        raise CommandError(f"{name} should end in .py (a proof script) or .md (a document)")
    if path.exists():
        raise CommandError(f"{path} exists already")
    if not path.parent.is_dir():
        raise CommandError(f"there is no folder {path.parent}")
    write_whole(path, starting_text(path))
    _console().print(f"wrote {path}; check it with: derive check {path}", highlight=False, soft_wrap=True)


# helpers of the commands


def _checked(
    what: list[str],
    given: Path | None,
    library: Path | None,
    budget: float,
    workers: int,
    seed: int,
    quiet: bool,
    second_reader: bool = False,
) -> Report:
    from derive.api import check_words
    from derive.checking.engines import Settings

    text = _standard_input() if "-" in what else None
    givens = (_read_text(given),) if given is not None else ()
    with _progress(quiet) as progress:
        report = check_words(
            what,
            library=library,
            given=givens,
            settings=Settings(seed=seed, budget=budget),
            workers=workers,
            progress=progress,
            text=text,
        )
    return _with_second_reader(report, what, library, givens, text) if second_reader else report


def _with_second_reader(
    report: Report, what: list[str], library: Path | None, givens: tuple[str, ...], text: str | None
) -> Report:
    """The report with the second reader's notes; where the readers differ, a line on standard error."""
    from derive.loading import load
    from derive.reports.second_reader import annotate
    from derive.targets import Target, find_targets

    targets = [Target("<stdin>", text=text)] if text is not None else []
    targets += find_targets([w for w in what if w != "-"], library)
    noted, warnings = annotate(report, [load(target, givens) for target in targets])
    for warning in warnings:
        print(f"derive: {warning}", file=sys.stderr)
    return noted


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"standard input is not UTF-8 text (byte {error.start})") from None


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text") from None


def _write(report: Report, format: str, output: Path | None, quiet: bool) -> None:
    if format == "json":
        from derive.reports.json import render as render_json

        text = render_json(report)
        if output is None:
            sys.stdout.write(text)
        else:
            write_whole(output, text)
        return
    from derive.reports.terminal import render

    if output is None:
        render(report, _console(), quiet)
        return
    import io

    from rich.console import Console

    stream = io.StringIO()
    render(report, Console(file=stream, color_system=None, width=100), quiet)
    write_whole(output, stream.getvalue())


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: aside first, then renamed."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_text(text, encoding="utf8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise CommandError(f"cannot write {path}: {error.strerror or error}") from None


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error while documents are checked, where that is a terminal; it leaves no trace."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("checking", total=None)
        yield lambda done: bar.update(task, advance=done)


def _console() -> Console:
    from rich.console import Console

    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        return Console()
    return Console(color_system=None, width=None if sys.stdout.isatty() else 100)


def _steps_at(
    derivations: list[DerivationReport], place: str, by_line: bool
) -> list[tuple[DerivationReport, StepReport]]:
    """The steps on a line of a file; or the step with an id, the last part of an id, or a number."""
    steps = [(d, s) for d in derivations for s in d.steps]
    if by_line and place.isdigit():
        found = [(d, s) for d, s in steps if s.line <= int(place) <= s.end_line]
        if found:
            return found
    exact = [(d, s) for d, s in steps if s.id == place or s.id.rpartition("/")[2] == place]
    if exact:
        return exact
    if place.isdigit():
        return [(d, d.steps[int(place) - 1]) for d in derivations if 0 < int(place) <= len(d.steps)]
    return []


def _explain(console: Console, derivation: DerivationReport, step: StepReport) -> None:
    from rich.text import Text

    from derive.reports.terminal import STYLES, shown

    mark, style = STYLES[step.verdict]
    rows: list[tuple[str, Any]] = [
        ("step", f"{step.id} of {derivation.title or derivation.name}, line {step.line}"),
        ("written", " ".join(step.source.split())),
        ("read as", step.reading),
        ("that is", step.spoken),
        ("inferred", "; ".join(derivation.inferred)),
        ("reason given", step.because),
        ("verdict", Text(f"{mark} {step.verdict}", style)),
        ("method", step.method),
        ("trusts", ", ".join(step.trusts)),
        ("holds if", "; ".join(step.spoken_conditions)),
        ("direction", step.direction or ""),
        ("because", step.reason),
        ("carried", "valid from the wrong line before it, wrong in itself" if step.carried else ""),
        ("spot checks", str(step.spot_checks) if step.verdict in ("proved", "conditional", "tested") else ""),
    ]
    rows += [("trace", line) for line in step.evidence]
    if step.counterexample is not None:
        values = ", ".join(f"{name} = {shown(value)}" for name, value in step.counterexample.values)
        rows += [("at", values), ("left side", step.counterexample.left), ("right side", step.counterexample.right)]
    if step.diagnosis is not None:
        rows += [("likely", step.diagnosis.message), ("mended", step.diagnosis.suggestion)]
    for label, value in rows:
        if value:
            line = Text(f"{label:>12}  ", "dim")
            line.append(value if isinstance(value, Text) else Text(str(value), "default"))
            console.print(line, soft_wrap=True, highlight=False)
    console.print()


def main() -> NoReturn:
    """Run the command line and end with its status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    from derive.targets import NotFound

    try:
        status = app(arguments, standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except (CommandError, NotFound) as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if hasattr(error, "format_message"):  # the option parser's own complaints
            return _refuse(error.format_message())
        if type(error).__name__ in ("Abort", "Exit"):
            return int(getattr(error, "exit_code", 1))
        return _refuse(f"internal fault ({type(error).__name__}: {error}); please report it")


def _refuse(message: str) -> int:
    print(f"derive: {' '.join(message.split())}", file=sys.stderr)
    return 2
