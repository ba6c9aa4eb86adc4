"""Workers change nothing but the time, and a broken document costs itself only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from derive.checking.engines import Settings
from derive.parallel import check_targets
from derive.targets import Target

SCRIPT = """
from derive.script import Script, derivation

@derivation("Square {number}")
def square(d: Script) -> None:
    a, b = d.scalars("a b")
    d.equal((a + b) ** 2, a**2 + {number} * a * b + b**2, because="expand")
"""


def without_times(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: without_times(value) for key, value in data.items() if key != "seconds"}
    return [without_times(v) for v in data] if isinstance(data, list) else data


def test_the_report_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    targets = []
    for number in range(7):
        path = tmp_path / f"square{number}.py"
        path.write_text(SCRIPT.format(number=number), encoding="utf8")
        targets.append(Target(str(path)))
    done: list[int] = []
    one = check_targets(targets, (), Settings(), workers=1)
    two = check_targets(targets, (), Settings(), workers=2, progress=done.append)
    assert [without_times(d.to_json()) for d in one] == [without_times(d.to_json()) for d in two]
    assert sum(done) == 7
    assert [d.verdict for d in two].count("refuted") == 6


def test_a_worker_that_dies_costs_its_own_document(tmp_path: Path) -> None:
    targets = []
    for number in range(6):
        path = tmp_path / f"square{number}.py"
        path.write_text("import os; os._exit(3)" if number == 2 else SCRIPT.format(number=2), encoding="utf8")
        targets.append(Target(str(path)))
    reports = check_targets(targets, (), Settings(), workers=2)
    assert [bool(r.problem) for r in reports] == [n == 2 for n in range(6)]
    assert reports[2].verdict == "unreadable"
    assert all(r.steps for n, r in enumerate(reports) if n != 2)
