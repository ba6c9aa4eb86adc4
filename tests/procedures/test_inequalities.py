"""Inequalities of lecture notes: what holds is proved, what does not is refuted, and never proved where left open."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from identities.table import step_of

from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.checking.verdict import Conditional, Proved, Refuted

WORLDS = tomllib.loads(Path(__file__).with_name("inequalities.toml").read_text(encoding="utf-8"))["world"]
TRUE = [(w["given"], text) for w in WORLDS for text in w.get("true", ())]
FALSE = [(w["given"], text) for w in WORLDS for text in w.get("false", ())]
OPEN = [(w["given"], text) for w in WORLDS for text in w.get("open", ())]
PATIENT = Settings(seed=11, budget=20.0)


@pytest.mark.parametrize(("given", "text"), TRUE, ids=[text for _, text in TRUE])
def test_true_statements_are_proved(given: list[str], text: str) -> None:
    verdict = check_step(step_of(given, text), PATIENT).verdict
    assert isinstance(verdict, Proved), verdict


@pytest.mark.parametrize(("given", "text"), FALSE, ids=[text for _, text in FALSE])
def test_false_statements_are_refuted(given: list[str], text: str) -> None:
    verdict = check_step(step_of(given, text), Settings(seed=11, budget=20.0, search=False)).verdict
    assert isinstance(verdict, Refuted), verdict
    assert verdict.counterexample is not None


@pytest.mark.parametrize(("given", "text"), OPEN, ids=[text for _, text in OPEN])
def test_false_statements_that_are_left_open_are_not_proved(given: list[str], text: str) -> None:
    verdict = check_step(step_of(given, text), Settings(search=False)).verdict
    assert not isinstance(verdict, Proved | Conditional), verdict
