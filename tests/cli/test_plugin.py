"""Derivations as tests: one item a step, collected where derivations are meant and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

SCRIPT = """
from derive.script import Script, derivation

@derivation("Squares")
def squares(d: Script) -> None:
    a, b = d.scalars("a b")
    d.equal((a + b) ** 2, a**2 + 2 * a * b + b**2, because="expand")
    d.equal((a - b) ** 2, a**2 - b**2, because="a slip")
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    installed = [e for e in entry_points(group="pytest11") if e.name == "derive"]
    plugin = [] if installed else ["-p", "derive.pytest_plugin"]
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *plugin, *arguments]
    path = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": ""}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)


def test_one_item_for_each_step(tmp_path: Path) -> None:
    (tmp_path / "derivations").mkdir()
    (tmp_path / "derivations" / "squares.py").write_text(SCRIPT, encoding="utf8")
    done = run(tmp_path, "derivations/")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "squares::1 PASSED" in done.stdout
    assert "squares::2 FAILED" in done.stdout
    assert "refuted" in done.stdout
    assert "Traceback" not in done.stdout


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "squares.py").write_text(SCRIPT, encoding="utf8")
    (tmp_path / "README.md").write_text("$$\n1 = 2\n$$\n", encoding="utf8")
    (tmp_path / "test_one.py").write_text("def test_one() -> None:\n    assert 1 + 1 == 2\n", encoding="utf8")
    done = run(tmp_path)
    assert "1 passed" in done.stdout
    assert "squares" not in done.stdout


def test_a_users_own_test(tmp_path: Path) -> None:
    text = """
import pytest

@pytest.mark.derivation
def test_true(check_derivation):
    assert check_derivation("$$ (a+b)^2 = a^2 + 2ab + b^2 $$").passes(strict=True)

def test_false(check_derivation):
    check_derivation("$$ (a+b)^3 = a^3 + b^3 + 5 $$")
"""
    (tmp_path / "test_own.py").write_text(text, encoding="utf8")
    done = run(tmp_path, "--strict-markers")
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "refuted" in done.stdout


def test_a_strict_check_names_only_what_fails(tmp_path: Path) -> None:
    text = r"""
def test_strict(check_derivation):
    check_derivation("$$ (a+b)^2 = a^2 + 2ab + b^2 $$\n\n$$ \\sqrt{a^2} = a $$", strict=True)
"""
    (tmp_path / "test_own.py").write_text(text, encoding="utf8")
    done = run(tmp_path, "-s")
    assert "1 failed" in done.stdout, done.stdout
    assert "conditional" in done.stdout
    assert "✓ proved" not in done.stdout
