"""Verdicts, conditions and counterexamples are the same whatever Python's hash seed is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.language.printing import plain
from tests.identities.table import cases, step
chosen = cases("true")[::17] + cases("false")[::17] + cases("conditional")[::13]
for case in chosen:
    verdict = check_step(step(case), Settings(budget=30)).verdict  # time must not decide here
    proof = getattr(verdict, "proof", None)
    print(case.id, verdict.name, [plain(c) for c in proof.conditions] if proof else "", sep="|", end="|")
    print(getattr(verdict, "counterexample", None) or getattr(verdict, "needed", None))
"""


def verdicts(seed: str) -> str:
    """What a fresh process with a hash seed says."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return found.stdout


def test_the_hash_seed_changes_nothing() -> None:
    first = verdicts("0")
    assert len(first.splitlines()) >= 20
    assert verdicts("4242") == first
