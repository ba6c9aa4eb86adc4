"""Every kind's examples, what it must pass over, and the pages that are made of them."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from derive.checking.verdict import Refuted
from derive.language.printing import plain
from derive.mistakes import MISTAKES
from derive.mistakes.mistake import Accepted, Mistake, Passed

from .telling import told

DOCS = Path(__file__).parent.parent.parent / "docs" / "mistakes"


def test_every_kind_has_examples_and_a_name_of_its_own() -> None:
    assert all(m.accepts and m.declines for m in MISTAKES)
    assert len({m.name for m in MISTAKES}) == len(MISTAKES)


@pytest.mark.parametrize(("mistake", "example"), [(m, e) for m in MISTAKES for e in m.accepts])
def test_explains(mistake: Mistake, example: Accepted) -> None:
    result, diagnosis = told(example.given, example.step, mistakes=(mistake,))
    assert isinstance(result.verdict, Refuted)
    assert diagnosis is not None
    assert diagnosis.kind == mistake.name
    assert plain(diagnosis.suggestion) == example.mended


@pytest.mark.parametrize(("mistake", "example"), [(m, e) for m in MISTAKES for e in m.declines])
def test_passes_over(mistake: Mistake, example: Passed) -> None:
    result, diagnosis = told(example.given, example.step, mistakes=(mistake,))
    assert isinstance(result.verdict, Refuted)
    assert diagnosis is None


def test_the_pages_are_up_to_date() -> None:
    pages = runpy.run_path(str(DOCS / "write.py"))["pages"]()
    assert {p.name for p in DOCS.glob("*.md")} == set(pages)
    for name, text in pages.items():
        assert (DOCS / name).read_text(encoding="utf8") == text, f"run docs/mistakes/write.py: {name} has drifted"
