"""A report as SARIF 2.1.0 (OASIS, 2020), for code hosts and editors that show results beside the text.

Every step is a result. Its rule is its verdict, or `refuted/KIND` where the likely mistake is known; `kind` says pass,
fail, review, open or informational, and only what fails has a level. Regions are in characters of the file as it was
checked; a notebook's places are places in its Markdown cells, so its results name a cell and no region. Fixes are
offered where a mended line was proved and has its place in the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal
from urllib.parse import quote

from derive.checking.verdict import VerdictName
from derive.mistakes import MISTAKES
from derive.reports.mending import Replacement
from derive.reports.report import DerivationReport, DocumentReport, Report, StepReport
from derive.reports.spelling import assignment

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Kind = Literal["pass", "fail", "review", "open", "informational"]
Level = Literal["none", "note", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a verdict is called in SARIF: a stable id, the kind and level of its results, and help."""

    id: str
    kind: Kind
    level: Level
    summary: str
    help: str


VERDICT_RULES: dict[VerdictName, Rule] = {
    "refuted": Rule(
        "refuted",
        "fail",
        "error",
        "The step is false.",
        "A counterexample with exact values satisfies everything that is given, and the two sides differ there; or two "
        "shapes cannot agree. Mend the step, or state the hypothesis under which it was meant.",
    ),
    "unreadable": Rule(
        "unreadable",
        "fail",
        "warning",
        "The formula cannot be read in exactly one way.",
        "The message says where reading stopped and what was expected. Write the formula in a notation that is read, "
        "or declare its letters in a given block.",
    ),
    "undecided": Rule(
        "undecided",
        "open",
        "none",
        "The step was neither proved nor refuted.",
        "The message gives the reason. Smaller steps, or the hypothesis that is used, often help.",
    ),
    "tested": Rule(
        "tested",
        "review",
        "none",
        "The step was not proved; it held at every point tried.",
        "Points are no proof. Smaller steps often help.",
    ),
    "conditional": Rule(
        "conditional",
        "review",
        "none",
        "The step holds under a hypothesis that is not given.",
        "State the hypothesis that the message names in a given block, or in the step.",
    ),
    "proved": Rule(
        "proved",
        "pass",
        "none",
        "The step is true for all values and sizes.",
        "It was proved by exact methods; the engines it trusts beyond them are listed in its properties.",
    ),
    "stated": Rule(
        "stated",
        "informational",
        "none",
        "A definition, update rule or imposed condition.",
        "There is nothing to verify; it was checked for shape and consistency.",
    ),
}

MISTAKE_RULES: dict[str, Rule] = {
    mistake.name: Rule(
        f"refuted/{re.sub('[^a-z0-9]+', '-', mistake.name.lower())}",
        "fail",
        "error",
        f"The step is false; likely: {mistake.summary}.",
        f"{VERDICT_RULES['refuted'].help} One small change makes the step true, and the mended step is proved.",
    )
    for mistake in MISTAKES
}

RULES: tuple[Rule, ...] = (*VERDICT_RULES.values(), *MISTAKE_RULES.values())
_POSITION = {rule.id: position for position, rule in enumerate(RULES)}


def render(report: Report, quiet: bool = False) -> str:
    """The SARIF text of a report, with a line end."""
    return json.dumps(log(report, quiet), ensure_ascii=False, indent=1) + "\n"


def log(report: Report, quiet: bool = False) -> dict[str, Any]:
    """The SARIF log of a report: one run.

    `quiet` leaves out what is proved or stated, for hosts that show every result as a problem, whatever its kind.
    """
    driver = {
        "name": "derive",
        "version": report.version,
        "semanticVersion": report.version,
        "shortDescription": {"text": "Checks mathematical derivations step by step."},
        "rules": [_descriptor(rule) for rule in RULES],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _artifact(d)} for d in report.documents],
        "results": [result for document in report.documents for result in _results(document, quiet)],
        "properties": {"seed": report.seed, "seconds": round(report.seconds, 4)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def rule_of(step: StepReport) -> Rule:
    """The rule that a step falls under."""
    if step.diagnosis is not None and step.diagnosis.kind in MISTAKE_RULES:
        return MISTAKE_RULES[step.diagnosis.kind]
    return VERDICT_RULES[step.verdict]


def _descriptor(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.help},
        "defaultConfiguration": {"level": rule.level},
    }


def _results(document: DocumentReport, quiet: bool) -> Iterator[dict[str, Any]]:
    for derivation in document.all_derivations:
        before: StepReport | None = None
        for step in derivation.steps:
            if step.worth_a_look or not quiet:
                yield _result(document, derivation, step, before)
            before = step


def _result(
    document: DocumentReport, derivation: DerivationReport, step: StepReport, before: StepReport | None
) -> dict[str, Any]:
    rule = rule_of(step)
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": _POSITION[rule.id],
        "kind": rule.kind,
        "level": rule.level,
        "message": {"text": message(step)},
        "locations": [_location(document, derivation, step)],
        "partialFingerprints": {"derive/step/v1": f"{step.id} {' '.join(step.source.split())}"},
        "properties": _properties(step),
    }
    if before is not None and step.verdict not in ("proved", "stated"):
        related = _location(document, derivation, before)
        text = ", ".join(["the line before", *related.get("message", {}).values()])
        result["relatedLocations"] = [{"id": 0, **related, "message": {"text": text}}]
    if step.diagnosis is not None and step.diagnosis.replacements:
        result["fixes"] = [_fix(document, step.diagnosis.message, step.diagnosis.replacements)]
    return result


def message(step: StepReport) -> str:
    """What there is to say of a step to someone who sees its text."""
    lines = [f"{step.verdict}: {step.reason}" if step.reason else step.verdict]
    if step.spoken:
        lines.append(f"read as {step.spoken}")
    found = step.counterexample
    if found is not None:
        at = ", ".join(assignment(*pair) for pair in found.values)
        lines.append(f"{f'at {at}: ' if at else ''}the left side is {found.left}, the right side {found.right}")
    if step.diagnosis is not None:
        lines.append(f"likely: {step.diagnosis.message}; mended: {step.diagnosis.spoken or step.diagnosis.suggestion}")
    return "\n".join(lines)


def _properties(step: StepReport) -> dict[str, Any]:
    return {
        "verdict": step.verdict,
        "method": step.method,
        "trusts": list(step.trusts),
        "conditions": list(step.conditions),
        "spotChecks": step.spot_checks,
        "carried": step.carried,
    }


def _location(document: DocumentReport, derivation: DerivationReport, step: StepReport) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(document)}
    logical = {"name": derivation.title or derivation.name, "fullyQualifiedName": step.id, "kind": "member"}
    location: dict[str, Any] = {"physicalLocation": physical, "logicalLocations": [logical]}
    if document.path.endswith(".ipynb"):
        location["message"] = {"text": document.place(step)}
    else:
        physical["region"] = _region(step)
    return location


def _region(place: StepReport | Replacement) -> dict[str, Any]:
    region: dict[str, Any] = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    if isinstance(place, StepReport) and place.source:
        region["snippet"] = {"text": place.source}
    return region


def _artifact(document: DocumentReport) -> dict[str, Any]:
    path = PurePath(document.path)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": "%SRCROOT%"}


def _fix(document: DocumentReport, reason: str, places: tuple[Replacement, ...]) -> dict[str, Any]:
    replaced = [{"deletedRegion": _region(p), "insertedContent": {"text": p.text}} for p in places]
    change = {"artifactLocation": _artifact(document), "replacements": replaced}
    return {"description": {"text": reason}, "artifactChanges": [change]}
