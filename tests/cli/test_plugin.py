"""Derivations as tests: one item a step, collected where derivations are meant and nowhere else."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.docs.pages import DOCS, fences

pytest_plugins = ["pytester"]

SCRIPT = """
from derive.script import Script, derivation

@derivation("Squares")
def squares(d: Script) -> None:
    a, b = d.scalars("a b")
    d.equal((a + b) ** 2, a**2 + 2 * a * b + b**2, because="expand")
    d.equal((a - b) ** 2, a**2 - b**2, because="a slip")
"""

DOCUMENT = r"""# Cubes and roots

$$ (a+b)^3 = a^3 + 3a^2b + 3ab^2 + b^3 $$
$$ \sqrt{a^2} = a $$

## Squares

$$ (a-b)^2 = a^2 - b^2 $$
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    installed = [e for e in entry_points(group="pytest11") if e.name == "derive"]
    plugin = [] if installed else ["-p", "derive.pytest_plugin"]
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", *plugin, *arguments)


def test_one_item_for_each_step(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("derivations")
    (folder / "squares.py").write_text(SCRIPT, encoding="utf8")
    done = run(pytester, "-v", "derivations/")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["*squares::1 PASSED*", "*squares::2 FAILED*", "refuted in line 8 of squares.py"])
    done.stdout.no_fnmatch_line("*Traceback*")


def test_other_files_are_left_alone(pytester: pytest.Pytester) -> None:
    Path("squares.py").write_text(SCRIPT, encoding="utf8")
    Path("README.md").write_text("$$\n1 = 2\n$$\n", encoding="utf8")
    Path("test_one.py").write_text("def test_one() -> None:\n    assert 1 + 1 == 2\n", encoding="utf8")
    done = run(pytester)
    done.assert_outcomes(passed=1)
    done.stdout.no_fnmatch_line("*squares*")


def test_a_folder_above_the_project_does_not_count(pytester: pytest.Pytester) -> None:
    project = pytester.mkdir("derivations") / "project"
    (project / "sub").mkdir(parents=True)
    (project / "pytest.ini").write_text("[pytest]\n", encoding="utf8")
    (project / "sub" / "README.md").write_text("$$\n1 = 2\n$$\n", encoding="utf8")
    done = run(pytester, "--rootdir", str(project), str(project))
    assert done.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_users_own_tests(pytester: pytest.Pytester) -> None:
    text = r"""
import pytest

LOOSE = "$$ (a+b)^2 = a^2 + 2ab + b^2 $$\n\n$$ \\sqrt{a^2} = a $$"

@pytest.mark.derivation
def test_true(check_derivation):
    assert check_derivation("$$ (a+b)^2 = a^2 + 2ab + b^2 $$").passes(strict=True)

def test_false(check_derivation):
    check_derivation("$$ (a+b)^3 = a^3 + b^3 + 5 $$")

def test_loose(check_derivation):
    check_derivation(LOOSE)

def test_strict(check_derivation):
    check_derivation(LOOSE, strict=True)

def test_given(check_derivation):
    check_derivation(r"$$ \sqrt{a^2} = a $$", given="a > 0", strict=True)
"""
    Path("test_own.py").write_text(text, encoding="utf8")
    done = run(pytester, "--strict-markers", "-rA")
    done.assert_outcomes(passed=3, failed=2)
    done.stdout.fnmatch_lines_random(["FAILED test_own.py::test_false*", "FAILED test_own.py::test_strict*"])
    done.stdout.fnmatch_lines(["*refuted*", "*conditional*"])
    done.stdout.no_fnmatch_line("*✓ proved*")


def test_the_example_of_the_documentation(pytester: pytest.Pytester) -> None:
    (shown,) = [s for s in fences(DOCS / "ci.md") if s.name.endswith(".py")]
    Path(shown.name).write_text(shown.text, encoding="utf8")
    run(pytester, "--strict-markers").assert_outcomes(passed=1)


def test_documents_strictness_workers_and_junit(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("derivations") / "school"
    folder.mkdir()
    (folder / "cubes.md").write_text(DOCUMENT, encoding="utf8")
    done = run(pytester, "derivations/", "--derive-strict", "-n", "2", "--junitxml=found.xml")
    done.assert_outcomes(passed=1, failed=2)
    cases = list(ElementTree.parse("found.xml").iter("testcase"))
    assert {case.attrib["classname"].rpartition(".")[2] for case in cases} == {"cubes-and-roots", "squares"}
    failures = [failure.text or "" for case in cases for failure in case.iter("failure")]
    assert any(text.startswith("conditional in line 4 of cubes.md") and "if  a ≥ 0" in text for text in failures)
    assert any(text.startswith("refuted in line 8 of cubes.md") and "likely" in text for text in failures)


def test_steps_are_selected_by_name_and_title(pytester: pytest.Pytester) -> None:
    Path("cubes.md").write_text(DOCUMENT, encoding="utf8")
    for word in ("roots", "cubes-and"):
        done = run(pytester, "cubes.md", "--collect-only", "-k", word)
        done.stdout.fnmatch_lines(["*<StepItem cubes-and-roots::1>", "*<StepItem cubes-and-roots::2>"])
        done.stdout.no_fnmatch_line("*<StepItem squares*")


def test_a_budget_must_be_a_time(pytester: pytest.Pytester) -> None:
    done = run(pytester, "--derive-budget", "0")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*--derive-budget*"])
