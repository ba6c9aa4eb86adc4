"""A paper as the result of a GitHub Classroom autograder.

The action that reports to GitHub Classroom reads such an object, as base64, from the output of the step that graded:

    echo "result=$(base64 -w0 graded/*/github_classroom.json)" >> "$GITHUB_OUTPUT"
"""

from __future__ import annotations

from typing import Any

from derive.grading.marks import rounded
from derive.grading.paper import Paper
from derive.reports.gradescope import explained


def result(paper: Paper) -> dict[str, Any]:
    """The result of a paper: an item of the rubric is a test, and its line is the one that decided."""
    tests = []
    for answer in paper.answers:
        for item in answer.question.items:
            passed = item.low == item.points
            tests.append(
                {
                    "name": f"{answer.question.id} {item.id}",
                    "status": "error" if item.for_person else "pass" if passed else "fail",
                    "score": float(rounded(item.low)),
                    "max_score": float(rounded(item.points)),
                    "message": explained(item, answer),
                    "filename": answer.path,
                    "line_no": item.place.line if item.place is not None else 0,
                    "test_code": "",
                    "execution_time": "0s",
                }
            )
    status = "error" if paper.for_person else "pass" if paper.low == paper.points else "fail"
    return {"version": 1, "status": status, "max_score": float(rounded(paper.points)), "tests": tests}
