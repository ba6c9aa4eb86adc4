"""Labelled derivations: their lines read, and each reading reads back as the same statement."""

import json
from pathlib import Path

import pytest

from derive.language.printing import latex
from derive.language.statement import Problem
from derive.reader.document import read_document
from derive.reader.formula import conform, read_formula
from derive.reader.givens import statements_of

FOLDER = Path(__file__).parents[3] / "shared" / "corpus"
if not FOLDER.exists():
    pytest.skip("the corpus is not here", allow_module_level=True)


def steps(name):
    for row in map(json.loads, (FOLDER / name).read_text(encoding="utf8").splitlines()):
        lines = row.get("lines") or [row["step"]]
        given = "\n".join(["```given", *row["given"], "```", ""])
        text = given + "".join(f"$$\n{line}\n$$\n\n" for line in lines)
        for derivation in read_document("x.md", text).derivations:
            yield from derivation.steps


@pytest.mark.parametrize("name", ["dev.jsonl", "steps_matrix.jsonl", "steps_probability.jsonl"])
def test_lines_read_and_read_back(name):
    found = list(steps(name))
    unread = [(s.source, s.problem.code) for s in found if s.problem is not None]
    assert len(unread) <= len(found) * 0.02, unread
    for step in found:
        if step.statement is None or step.kind == "definition":
            continue
        reading = read_formula(latex(step.statement), step.context, define=False)
        assert not isinstance(reading, Problem), (step.source, reading)
        checked = conform(statements_of(reading)[0], reading.context)
        assert not isinstance(checked, Problem) and checked.term == step.statement, step.source
