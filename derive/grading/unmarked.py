"""The marks of what could not be marked: everything from nothing to full points, for a person to look at."""

from __future__ import annotations

from fractions import Fraction

from derive.grading.key import Key
from derive.grading.marks import ItemMarks, Marks, QuestionMarks
from derive.reports.report import DocumentReport


def unmarked(key: Key, student: str, path: str, problem: str) -> Marks:
    """Marks that decide nothing about a document; `problem` says why, in words that go on from its name."""
    questions = tuple(
        QuestionMarks(
            question.id,
            question.title,
            tuple(
                ItemMarks(item.id, item.kind, item.points, Fraction(0), item.points, problem, for_person=True)
                for item in question.items
            ),
        )
        for question in key.questions
    )
    return Marks(student, path, questions, DocumentReport(path, "", (), problem), problem=problem)
