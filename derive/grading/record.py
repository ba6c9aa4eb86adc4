"""A paper as the `report.json` of a student, and back.

The file holds the marks as people and programs read them, rounded, and beside them the exact points, so that a run that
is resumed gives the totals of one that was not. A file that is not what this version writes is no record: the
submission is then marked again.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from derive import __version__
from derive.grading.marks import (
    FoundHeading,
    ItemMarks,
    Marks,
    Place,
    QuestionMarks,
    Remark,
    Renamed,
    rounded,
)
from derive.grading.paper import Paper
from derive.reports.report import Counterexample, DerivationReport, Diagnosis, DocumentReport, StepReport
from derive.reports.wording import Cells

SCHEMA = "derive-grade/1"

_NESTED = frozenset(["counterexample", "diagnosis", "trusts", "conditions"])


def write_record(paper: Paper) -> str:
    """The text of a student's `report.json`."""
    data = {
        "schema": SCHEMA,
        "version": __version__,
        "fingerprint": paper.fingerprint,
        "student": paper.student,
        "folder": paper.folder,
        "ids": list(paper.ids),
        "points": rounded(paper.points),
        "low": rounded(paper.low),
        "high": rounded(paper.high),
        "for_person": paper.for_person,
        "reasons": list(paper.reasons),
        "notes": list(paper.notes),
        "taken": {a.question.id: a.path for a in paper.answers},
        "parts": [part.to_json() for part in paper.parts],
        "cells": [[list(c) for c in part.document.cells] for part in paper.parts],
        "exact": [[[_exact(i) for i in q.items] for q in part.questions] for part in paper.parts],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def read_record(text: str, fingerprint: str | None = None) -> Paper | None:
    """The paper of a `report.json`; None where the text is no such record, or one with another fingerprint."""
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA or data["version"] != __version__:
            return None
        if fingerprint is not None and data["fingerprint"] != fingerprint:
            return None
        parts = tuple(_marks(*part) for part in zip(data["parts"], data["exact"], data["cells"], strict=True))
        ids, notes = tuple(data["ids"]), tuple(data["notes"])
        return Paper(data["student"], data["folder"], parts, ids, notes, data["fingerprint"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ZeroDivisionError):
        return None


def _exact(item: ItemMarks) -> list[Any]:
    return [str(item.points), str(item.low), str(item.high), [str(r.lost) for r in item.remarks]]


def _marks(data: dict[str, Any], exact: list[Any], cells: list[list[int]]) -> Marks:
    return Marks(
        data["student"],
        data["path"],
        tuple(_question(q, e) for q, e in zip(data["questions"], exact, strict=True)),
        _document(data["document"], tuple((number, line) for number, line in cells)),
        tuple(FoundHeading(**h) for h in data["unmatched"]),
        data["problem"],
    )


def _question(data: dict[str, Any], exact: list[Any]) -> QuestionMarks:
    return QuestionMarks(
        data["id"],
        data["title"],
        tuple(_item(i, e) for i, e in zip(data["items"], exact, strict=True)),
        tuple(FoundHeading(**h) for h in data["found"]),
        tuple(Renamed(**r) for r in data["renamed"]),
        tuple(_step(s) for s in data["steps"]),
    )


def _item(data: dict[str, Any], exact: list[Any]) -> ItemMarks:
    points, low, high, lost = exact
    return ItemMarks(
        data["id"],
        data["kind"],
        Fraction(points),
        Fraction(low),
        Fraction(high),
        data["reason"],
        _place(data["place"]),
        data["for_person"],
        data["follow_through"],
        tuple(
            Remark(_place(r["place"]), r["reason"], Fraction(points_lost), r["for_person"])
            for r, points_lost in zip(data["remarks"], lost, strict=True)
        ),
    )


def _place(data: dict[str, Any] | None) -> Place | None:
    return None if data is None else Place(**data)


def _document(data: dict[str, Any], cells: Cells) -> DocumentReport:
    return DocumentReport(
        data["path"],
        data["title"],
        tuple(
            DerivationReport(d["name"], d["title"], tuple(_step(s) for s in d["steps"]), tuple(d["inferred"]))
            for d in data["derivations"]
        ),
        cells=cells,
    )


def _step(data: dict[str, Any]) -> StepReport:
    counterexample, diagnosis = data["counterexample"], data["diagnosis"]
    if counterexample is not None:
        values = tuple(counterexample["values"].items())
        counterexample = Counterexample(
            values, counterexample["left"], counterexample["right"], counterexample["certified"]
        )
    fields = {
        name: value
        for name, value in data.items()
        if name not in ("counterexample", "diagnosis", "trusts", "conditions")
    }
    return StepReport(
        **fields,
        trusts=tuple(data["trusts"]),
        conditions=tuple(data["conditions"]),
        counterexample=counterexample,
        diagnosis=None if diagnosis is None else Diagnosis(**diagnosis),
    )
