"""A generated class: right submissions get everything, mistakes are found at their line, no right line is wrong."""

from __future__ import annotations

from typing import Any

import pytest

import derive
from benchmarks.grading_class import table

TABLE = table()


def lines(question: dict[str, Any], which: str) -> list[str]:
    """Every way to write (`same`) or to spoil (`wrong`) a line of a question, as claims about its left side."""
    found = []
    for chain in question["chain"]:
        for link in chain["link"]:
            ways = link["same"] if which == "same" else [w["text"] for w in link.get("wrong", ())]
            if chain["left"][0] == "w" and which == "same":
                found += [f"X^T X w = X^T y \\Rightarrow w = {way}" for way in ways]
            elif chain["link"][0]["same"] != ["0"] and chain["left"][0] not in ("w", "X^T X w"):
                found += [f"{left} = {way}" for left in chain["left"][:: 1 if which == "same" else 9] for way in ways]
    return found


@pytest.mark.parametrize("question", TABLE["question"], ids=lambda q: q["id"])
def test_what_the_table_calls_the_same_is_proved_and_what_it_calls_wrong_is_refuted(question: dict[str, Any]) -> None:
    first = question["chain"][0]
    defined = f"$$ {first['left'][0]} = {first['link'][0]['same'][0]} $$\n"
    given = "```given\n" + "\n".join(question["given"]) + "\n```\n\n" + defined
    claims = lines(question, "same")
    steps = derive.check(given + "\n".join(f"$$ {claim} $$" for claim in claims)).steps[1:]
    assert len(steps) == len(claims) > 0
    assert {s.source: s.verdict for s in steps if s.verdict != "proved"} == {}
    for claim in lines(question, "wrong"):
        verdict = derive.check(f"{given}$$ {claim} $$").steps[-1].verdict
        assert verdict == "refuted", f"{claim}: {verdict}"
