"""A paper as Gradescope's `results.json`.

Every item of the rubric is a test with its own score. What a person still has to settle counts its least points, has no
status, and the whole result then waits until it is published, so that no student takes it for the final mark.
The form is that of the autograder specification (autograder_samples, docs/specs.md).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derive.grading.marks import ItemMarks, rounded
from derive.grading.paper import Answer, Paper


def results(paper: Paper, output: str, output_format: str = "md") -> dict[str, Any]:
    """The result of a paper; `output` is what the student reads above the tests."""
    return {
        "score": _number(paper.low),
        "output": output,
        "output_format": output_format,
        "visibility": "after_published" if paper.for_person else "visible",
        "tests": [
            _test(answer, position, item)
            for answer in paper.answers
            for position, item in enumerate(answer.question.items, start=1)
        ],
        "extra_data": {
            "low": _number(paper.low),
            "high": _number(paper.high),
            "points": _number(paper.points),
            "for_person": paper.for_person,
        },
    }


def _test(answer: Answer, position: int, item: ItemMarks) -> dict[str, Any]:
    question = answer.question
    test: dict[str, Any] = {
        "name": f"{question.title or question.id}: {item.id}",
        "number": f"{question.id}.{position}",
        "score": _number(item.low),
        "max_score": _number(item.points),
        "output": explained(item, answer),
        "output_format": "text",
        "tags": [question.id, item.kind],
        "extra_data": {"low": _number(item.low), "high": _number(item.high), "for_person": item.for_person},
    }
    if not item.for_person:
        test["status"] = "passed" if item.low == item.points else "failed"
    return test


def explained(item: ItemMarks, answer: Answer) -> str:
    """Why an item earned what it did, in a line or two."""
    text = item.reason
    if item.place is not None:
        text += f" ({answer.line(item.place.line)})"
    if item.for_person:
        text += f"\nA person has to look at this: between {rounded(item.low)} and {rounded(item.high)} points."
    if item.follow_through:
        text += "\nPart of the points are for what is right from an earlier error."
    return text


def _number(points: Fraction) -> float:
    return float(rounded(points))
