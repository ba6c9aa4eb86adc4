"""A report as plain data: what was checked, how it was read, what was found.

`report_document` turns the results of checking into frozen dataclasses of strings and numbers, which every renderer
reads and which go between processes. `to_json` gives the form that `schema.json` describes. Nothing here decides or
rounds: values are printed as they were certified.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from derive import __version__
from derive.checking.derivation import DerivationResult
from derive.checking.verdict import (
    WORST_FIRST,
    Conditional,
    Proved,
    Refuted,
    Stated,
    StepResult,
    Tested,
    Undecided,
    Unreadable,
    VerdictName,
    worst,
)
from derive.language.decision import Refutation
from derive.language.printing import latex, plain
from derive.language.source import Source
from derive.language.statement import Document, Problem
from derive.language.term import Term, names_order
from derive.reports.mending import Replacement, replacements
from derive.reports.wording import Cells, line_in_words, words

if TYPE_CHECKING:
    from derive.mistakes import mistake as mistakes
    from derive.numeric.curve import Curves

SCHEMA = "derive/1"

SIGNS = {
    "eq": "=",
    "ne": "≠",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "approx": "≈",
    "propto": "∝",
    "implies": "⇒",
    "iff": "⇔",
}


_GOOD: frozenset[VerdictName] = frozenset(["proved", "stated"])
_GOOD_ENOUGH: frozenset[VerdictName] = frozenset(["conditional", "tested"])


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Values that satisfy every given, and the two sides there. `certified`: exact or by disjoint intervals."""

    values: tuple[tuple[str, Any], ...]
    left: str
    right: str
    certified: bool = True

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        values = {name: _listed(value) for name, value in self.values}
        return {"values": values, "left": self.left, "right": self.right, "certified": self.certified}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A likely mistake: its kind, what happened in words, and the mended formula (LaTeX; `spoken`: plain text).

    `replacements` are the texts that mend the file in place, where that can be done.
    """

    kind: str
    message: str
    suggestion: str
    spoken: str = ""
    replacements: tuple[Replacement, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": self.kind, "message": self.message, "suggestion": self.suggestion}


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step: its place (1-based), how it was read, its verdict and why.

    `curves` are for pictures, and are there only where they were asked for.
    """

    id: str
    line: int
    column: int
    end_line: int
    end_column: int
    source: str
    verdict: VerdictName
    reading: str = ""
    spoken: str = ""
    relation: str = ""
    left: str = ""
    right: str = ""
    method: str = ""
    trusts: tuple[str, ...] = ()
    reason: str = ""
    conditions: tuple[str, ...] = ()
    spoken_conditions: tuple[str, ...] = ()
    direction: str | None = None
    carried: bool = False
    undoes: bool = False
    spot_checks: int = 0
    counterexample: Counterexample | None = None
    diagnosis: Diagnosis | None = None
    because: str = ""
    evidence: tuple[str, ...] = ()
    seconds: float = 0.0
    curves: Curves | None = None

    @property
    def name(self) -> VerdictName:
        """The verdict, by its name."""
        return self.verdict

    @property
    def worth_a_look(self) -> bool:
        """Whether there is more to say than that it is proved or stated."""
        return self.verdict not in _GOOD or self.carried

    def passes(self, strict: bool = False) -> bool:
        """Whether this is neither refuted, undecided nor unreadable (with `strict`: nor conditional or tested)."""
        return self.verdict in _GOOD or (not strict and self.verdict in _GOOD_ENOUGH)

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "id": self.id,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "source": self.source,
            "reading": self.reading,
            "relation": self.relation,
            "left": self.left,
            "right": self.right,
            "verdict": self.verdict,
            "method": self.method,
            "trusts": list(self.trusts),
            "reason": self.reason,
            "conditions": list(self.conditions),
            "direction": self.direction,
            "carried": self.carried,
            "spot_checks": self.spot_checks,
            "counterexample": self.counterexample.to_json() if self.counterexample else None,
            "diagnosis": self.diagnosis.to_json() if self.diagnosis else None,
            "seconds": round(self.seconds, 4),
        }


@dataclass(frozen=True, slots=True)
class DerivationReport:
    """What was found in one derivation."""

    name: str
    title: str
    steps: tuple[StepReport, ...]
    inferred: tuple[str, ...] = ()
    reference: str = ""

    @property
    def verdict(self) -> VerdictName:
        """The worst verdict of the steps."""
        return worst(s.verdict for s in self.steps)

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "name": self.name,
            "title": self.title,
            "verdict": self.verdict,
            "inferred": list(self.inferred),
            "steps": [s.to_json() for s in self.steps],
        }


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """What was found in one file. `problem` says, in words, why a whole file could not be read."""

    path: str
    title: str
    derivations: tuple[DerivationReport, ...]
    problem: str = ""
    problem_line: int = 1
    cells: Cells = ()

    def place(self, step: StepReport) -> str:
        """Where a step stands, in words: its lines, and in a notebook its cell."""
        first = line_in_words(self.cells, step.line)
        if step.end_line == step.line or self.cells:
            return first
        return f"lines {step.line}–{step.end_line}"

    @property
    def verdict(self) -> VerdictName:
        """The worst verdict of the derivations; `unreadable` where the file could not be read."""
        names = [d.verdict for d in self.derivations]
        return worst([*names, "unreadable"] if self.problem else names)

    @property
    def steps(self) -> tuple[StepReport, ...]:
        """Every step, in order."""
        return tuple(s for d in self.derivations for s in d.steps)

    def to_json(self) -> dict[str, Any]:
        """The JSON form. A file that could not be read has one unreadable step that says so."""
        derivations = [d.to_json() for d in self.all_derivations]
        return {"path": self.path, "title": self.title, "verdict": self.verdict, "derivations": derivations}

    @property
    def all_derivations(self) -> tuple[DerivationReport, ...]:
        """The derivations, and for a file that could not be read one whose only step is the problem."""
        if not self.problem:
            return self.derivations
        line = self.problem_line
        step = StepReport("problem", line, 1, line, 1, "", "unreadable", reason=self.problem)
        return (*self.derivations, DerivationReport("problem", self.title, (step,)))


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in all that was checked."""

    documents: tuple[DocumentReport, ...]
    seed: int = 0
    seconds: float = 0.0
    version: str = field(default=__version__)

    @property
    def counts(self) -> dict[VerdictName, int]:
        """How many steps have each verdict."""
        found = Counter(s.verdict for d in self.documents for v in d.all_derivations for s in v.steps)
        return {name: found.get(name, 0) for name in _COUNTED}

    @property
    def steps(self) -> tuple[StepReport, ...]:
        """Every step of every document, in order."""
        return tuple(s for d in self.documents for v in d.all_derivations for s in v.steps)

    @property
    def verdict(self) -> VerdictName:
        """The worst verdict of all."""
        return worst(d.verdict for d in self.documents)

    def passes(self, strict: bool = False) -> bool:
        """Whether every step passes."""
        return all(s.passes(strict) for s in self.steps)

    def only(self, names: Iterable[str]) -> Report:
        """The same report with the steps of some verdicts only."""
        wanted = set(names)
        documents = []
        for document in self.documents:
            kept = [
                replace(d, steps=tuple(s for s in d.steps if s.verdict in wanted)) for d in document.all_derivations
            ]
            kept = [d for d in kept if d.steps]
            if kept:
                documents.append(replace(document, derivations=tuple(kept), problem=""))
        return replace(self, documents=tuple(documents))

    def _repr_html_(self) -> str:
        """What a notebook shows: the HTML report without the page around it."""
        from derive.reports.html import fragment

        return fragment(self)

    def to_json(self) -> dict[str, Any]:
        """The form that `schema.json` describes."""
        summary: dict[str, Any] = {
            "documents": len(self.documents),
            "derivations": sum(len(d.all_derivations) for d in self.documents),
            "steps": len(self.steps),
            **{str(name): count for name, count in self.counts.items()},
            "seconds": round(self.seconds, 4),
        }
        return {
            "schema": SCHEMA,
            "version": self.version,
            "seed": self.seed,
            "summary": summary,
            "documents": [d.to_json() for d in self.documents],
        }


_COUNTED: tuple[VerdictName, ...] = (
    "proved",
    "conditional",
    "tested",
    "refuted",
    "undecided",
    "unreadable",
    "stated",
)
assert set(_COUNTED) == set(WORST_FIRST)


def _listed(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_listed(v) for v in value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)


# from results to reports


Explanation: TypeAlias = "Callable[[StepResult], mistakes.Diagnosis | None]"
"""Finds the likely mistake of a step, if it has one."""


def _unexplained(result: StepResult) -> None:
    return None


def report_document(
    document: Document,
    results: tuple[DerivationResult, ...],
    explain: Explanation = _unexplained,
    pictures: bool = False,
) -> DocumentReport:
    """The report on one document; `explain` is asked about every refuted step, `pictures` gives each its curves."""
    source = document.source
    problem, line = "", 1
    if document.problem is not None:
        problem = words(document.problem, source)
        if document.problem.span is not None:
            line = source.place(document.problem.span.start)[0]
    derivations = tuple(_report_derivation(r, source, explain, pictures) for r in results)
    return DocumentReport(source.path, document.title, derivations, problem, line, source.cells)


def _report_derivation(
    result: DerivationResult, source: Source, explain: Explanation, pictures: bool
) -> DerivationReport:
    derivation = result.derivation
    steps = tuple(report_step(r, source, explain, pictures) for r in result.steps)
    return DerivationReport(derivation.name, derivation.title, steps, derivation.inferred, derivation.reference)


def report_step(
    result: StepResult, source: Source, explain: Explanation = _unexplained, pictures: bool = False
) -> StepReport:
    """The report on one step; where it is refuted `explain` is asked, and `pictures` gives it its curves."""
    step = result.step
    line, column, end_line, end_column = 1, 1, 1, 1
    if step.span is not None:
        line, column = source.place(step.span.start)
        end_line, end_column = source.place(step.span.end)
    report = StepReport(
        step.id,
        line,
        column,
        end_line,
        end_column,
        step.source or (source.slice(step.span) if step.span is not None else ""),
        result.verdict.name,
        direction=result.direction,
        carried=result.carried,
        undoes=result.undoes,
        because=step.because,
        seconds=result.seconds,
    )
    report = _with_reading(report, result.statement)
    report = _with_verdict(report, result, source)
    drawn = _curves(result) if pictures else None
    return replace(report, diagnosis=_diagnosis(result, source, explain), curves=drawn)


def _curves(result: StepResult) -> Curves | None:
    verdict, step = result.verdict, result.judged or result.step
    if not isinstance(verdict, Refuted) or verdict.counterexample is None or result.statement is None:
        return None
    from derive.numeric.curve import curves

    return curves(result.statement, step.context, verdict.counterexample.values)


def _diagnosis(result: StepResult, source: Source, explain: Explanation) -> Diagnosis | None:
    found = explain(result) if isinstance(result.verdict, Refuted) and not result.undoes else None
    if found is None:
        return None
    places = replacements(result.step.statement, found.suggestion, result.step.span, source)
    return Diagnosis(found.kind, found.message, latex(found.suggestion), plain(found.suggestion), places)


def _with_reading(report: StepReport, statement: Term | None) -> StepReport:
    if statement is None:
        return report
    report = replace(report, reading=latex(statement), spoken=plain(statement))
    sign = "=" if names_order(statement) else SIGNS.get(statement.head)
    if sign is None:
        return replace(report, left=report.reading)
    return replace(report, relation=sign, left=latex(statement.left), right=latex(statement.right))


def _with_verdict(report: StepReport, result: StepResult, source: Source) -> StepReport:
    verdict = result.verdict
    note = result.note
    match verdict:
        case Proved(proof, count):
            reason = "; ".join(part for part in (proof.note, note) if part)
            return replace(
                report,
                method=proof.method,
                trusts=proof.trusts,
                reason=reason,
                evidence=proof.evidence,
                spot_checks=count,
            )
        case Conditional(proof, needed, count):
            spoken = tuple(plain(c) for c in proof.conditions)
            reason = "; ".join(part for part in (f"holds if {' and '.join(spoken)}", proof.note, note) if part)
            return replace(
                report,
                method=proof.method,
                trusts=proof.trusts,
                reason=reason,
                evidence=proof.evidence,
                conditions=tuple(latex(c) for c in proof.conditions),
                spoken_conditions=spoken,
                spot_checks=count,
                counterexample=_counterexample(needed) if needed else None,
            )
        case Tested(reason, count):
            text = f"not proved ({reason}); it holds at every one of {count} points"
            return replace(report, method="numeric", reason=text, spot_checks=count)
        case Refuted(counterexample, problem, reason):
            if problem is not None:
                left, right = problem.detail("left"), problem.detail("right")
                shapes = Counterexample((), left, right)
                return replace(report, method="shapes", reason=words(problem, source), counterexample=shapes)
            text = "; ".join(part for part in (reason, counterexample.note if counterexample else "", note) if part)
            return replace(
                report,
                method="counterexample",
                reason=text or "false: the two sides differ at the counterexample",
                counterexample=_counterexample(counterexample) if counterexample else None,
            )
        case Undecided(reason):
            return replace(report, reason="; ".join(part for part in (reason, note) if part))
        case Unreadable(problem):
            return _with_problem(report, problem, source)
        case Stated(what, reason):
            return replace(report, method=what, reason=reason)


def _with_problem(report: StepReport, problem: Problem, source: Source) -> StepReport:
    return replace(report, reason=words(problem, source))


def _counterexample(refutation: Refutation) -> Counterexample:
    return Counterexample(refutation.values, refutation.left, refutation.right, True)
