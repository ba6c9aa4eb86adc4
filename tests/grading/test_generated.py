"""A generated class: right submissions get everything, mistakes are found at their line, no right line is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.grading_class import figures, key_text, samples, table
from derive.checking.derivation import check_document
from derive.checking.engines import Settings
from derive.grading.key import Key, read_key_text
from derive.grading.mark import mark
from derive.grading.paper import Paper
from derive.loading import load
from derive.targets import Target

TABLE = table()
QUICK = Settings(search=False)


def lines(question: dict[str, Any], which: str) -> list[str]:
    """Every way to write (`same`) or to spoil (`wrong`) a line of a question, as claims about its left side."""
    found = []
    for chain in [every for c in question["chain"] for every in (c, *c.get("other", ()))]:
        for link in chain["link"]:
            ways = link["same"] if which == "same" else [w["text"] for w in link.get("wrong", ())]
            if chain["left"][0] == "w" and which == "same":
                found += [f"X^T X w = X^T y \\Rightarrow w = {way}" for way in ways]
            elif chain["link"][0]["same"] != ["0"] and chain["left"][0] not in ("w", "X^T X w"):
                found += [f"{chain['left'][0]} = {way}" for way in ways]
    return found


@pytest.mark.parametrize("question", TABLE["question"], ids=lambda q: q["id"])
def test_what_the_table_calls_the_same_is_proved_and_what_it_calls_wrong_is_refuted(question: dict[str, Any]) -> None:
    first = question["chain"][0]
    defined = f"$$ {first['left'][0]} = {first['link'][0]['same'][0]} $$\n"
    given = "```given\n" + "\n".join(question["given"]) + "\n```\n\n" + defined

    def verdicts(claims: list[str]) -> list[str]:
        document = load(Target("table.md", text=given + "\n".join(f"$$ {claim} $$" for claim in claims)))
        (result,) = check_document(document, QUICK)
        return [s.verdict.name for s in result.steps[1:]]

    claims = lines(question, "same")
    assert dict(zip(claims, verdicts(claims), strict=True)) == dict.fromkeys(claims, "proved")
    for claim in lines(question, "wrong"):
        assert verdicts([claim]) == ["refuted"], claim


def test_a_sample_of_the_class_is_marked_as_it_was_made() -> None:
    key = read_key_text("key.md", key_text(TABLE))
    assert isinstance(key, Key)
    made = list(samples(4, seed=28))
    papers = []
    for sample in made:
        marks = mark(key, Target(sample.name, text=sample.text), Settings())
        papers.append(Paper(Path(sample.name).stem, "", (marks,)))
    found = figures(made, tuple(papers))
    assert (found.right, found.wrong) == (2, 2)
    assert (found.short_of_full, found.not_found, found.blamed, found.for_person) == ((), (), (), ())
    # the figures see what is wrong: everybody gets the next one's paper
    exchanged = [replace(p, student=q.student) for p, q in zip(papers, [*papers[1:], papers[0]], strict=True)]
    found = figures(made, tuple(exchanged))
    assert found.short_of_full and found.not_found and found.blamed


def test_the_same_seed_makes_the_same_class() -> None:
    one, two, other = (list(samples(12, seed)) for seed in (5, 5, 6))
    assert one == two != other
    assert {s.mistake is None for s in one} == {True, False}
    for sample in one:
        if sample.mistake is not None:
            line = sample.text.splitlines()[sample.mistake.line - 1]
            wrong = [
                w["text"] for q in TABLE["question"] for c in q["chain"] for n in c["link"] for w in n.get("wrong", ())
            ]
            assert any(w.split("{")[0] in line.replace("&", "") for w in wrong), line
