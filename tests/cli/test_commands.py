"""The command line: exit statuses, one line for what cannot be done, and files that are whole or not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from derive.api import check
from derive.cli import run as run_command
from derive.reports.formats import FORMATS

TRUE_SCRIPT = """
from derive.script import Script, derivation

@derivation("A square", source="school")
def a_square(d: Script) -> None:
    a, b = d.scalars("a b")
    d.equal((a + b) ** 2, a**2 + 2 * a * b + b**2, because="expand")
"""
FALSE_SCRIPT = TRUE_SCRIPT.replace("2 * a * b", "3 * a * b").replace("a_square", "no_square")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "derivations"
    folder.mkdir()
    (folder / "a_square.py").write_text(TRUE_SCRIPT, encoding="utf8")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["check"], "Missing argument"),
        (["check", "all", "--nonsense"], "No such option"),
        (["check", "no_such_name"], "no file and no derivation is called no_such_name"),
        (["check", "a_sqare"], "did you mean a_square"),
        (["check", "missing.md"], "no such file"),
        (["check", "all", "--format", "pdf"], "unknown"),
        (["check", "all", "--budget", "0"], "--budget"),
        (["check", "all", "--workers", "-1"], "--workers"),
        (["check", "all", "--library", "nowhere"], "no such folder"),
        (["check", "all", "--given", "nowhere.md"], "cannot read nowhere.md"),
        (["check", "all", "--output", "nowhere/report.txt"], "cannot write"),
        (["explain", "a_square"], "names no step"),
        (["explain", "a_square:99"], "has no step at 99"),
        (["new", "a_square"], "exists already"),
        (["new", "thing.txt"], ".py"),
        (["frobnicate"], "No such command"),
    ],
)
def test_what_cannot_be_carried_out_is_one_clear_line(
    library: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], part: str
) -> None:
    assert run_command(arguments) == 2
    shown = capsys.readouterr()
    assert part in shown.err
    assert shown.err.count("\n") == 1
    assert shown.err.startswith("derive: ")
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["check"], "NAME"),
        (["chek"], "chek"),
        (["check", "a_square", "--quite"], "--quite"),
        (["check", "a_square", "--format"], "--format"),
        (["show", "a_square", "other"], "other"),
        (["check", "a_square", "--seed", "1.5"], "--seed"),
        (["check", "a_square", "--budget", "long"], "--budget"),
        (["grade", "key.md", "--gradebook", "paper"], "moodle"),
    ],
)
def test_words_that_are_no_command_are_refused_in_one_line(
    library: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], place: str
) -> None:
    assert run_command(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("derive: ")
    assert place in line


def test_a_package_that_is_not_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.md").write_text("$$ (a+b)^2 = a^2 + 2ab + b^2 $$\n", encoding="utf8")
    for package in ("flint", "click"):
        hidden = f"import sys; sys.modules[{package!r}] = None"
        code = f"{hidden}; from derive.cli import run; print(run(['check', 'text.md']))"
        shown = run_as_program(tmp_path, "-c", code)
        assert shown.stdout == "2\n"
        (line,) = shown.stderr.splitlines()
        assert line.startswith(f"derive: the package {package} is not installed; ")


def test_no_words_at_all_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([]) == 0
    shown = capsys.readouterr()
    assert "Commands:" in shown.out
    assert not shown.err


def test_being_interrupted_is_a_status(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*words: object, **settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("derive.api.check_words", interrupted)
    assert run_command(["check", "all"]) == 130
    assert not capsys.readouterr().err.strip()


NOT_FOR_A_TEXT = {
    "concurrent.futures", "derive.mistakes", "difflib", "importlib.metadata", "jinja2", "json", "nbformat", "numpy",
    "pydantic", "subprocess", "sympy", "tempfile", "yaml", "z3",
}  # fmt: skip
"""What a document in text that is proved does without, and what therefore does not delay it."""


def test_a_document_in_text_loads_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "text.md").write_text("$$ (a+b)^2 = a^2 + 2ab + b^2 $$\n", encoding="utf8")
    loaded = f"sorted(set({sorted(NOT_FOR_A_TEXT)!r}) & set(sys.modules))"
    code = f"import sys; from derive.cli import run; status = run(['check', 'text.md']); print(status, {loaded})"
    run = run_as_program(tmp_path, "-c", code)
    assert run.stdout.splitlines()[-1] == "0 []", run.stderr


def test_a_folder_without_documents_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "setup.py").write_text("raise SystemExit('must not run')", encoding="utf8")
    assert run_command(["check", str(tmp_path)]) == 2
    assert "no documents" in capsys.readouterr().err


def test_status_and_report_of_a_true_and_a_false_script(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["check", "all"]) == 0
    assert "1 proved" in capsys.readouterr().out
    (library / "no_square.py").write_text(FALSE_SCRIPT, encoding="utf8")
    assert run_command(["check", "no_square", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    (step,) = report["documents"][0]["derivations"][0]["steps"]
    assert step["verdict"] == "refuted"
    assert step["counterexample"]["left"] != step["counterexample"]["right"]


def test_list_show_and_explain(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["list"]) == 0
    assert "a_square" in capsys.readouterr().out
    assert run_command(["show", "a_square"]) == 0
    assert "proved" in capsys.readouterr().out
    assert run_command(["explain", "a_square:1"]) == 0
    shown = capsys.readouterr().out
    assert "spot checks" in shown
    assert "expand" in shown


@pytest.mark.parametrize("name", ["my_result", "My result.md", "other.py"])
def test_new_files_check(library: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run_command(["new", name]) == 0
    path = next(p for p in (Path("derivations/my_result.py"), Path(name)) if p.exists())
    capsys.readouterr()
    assert run_command(["check", str(path), "--strict"]) == 0, capsys.readouterr().out


def test_output_is_written_whole(library: Path) -> None:
    assert run_command(["check", "all", "--format", "json", "--output", "report.json"]) == 0
    assert json.loads(Path("report.json").read_text(encoding="utf8"))["schema"] == "derive/1"
    assert not list(Path().glob(".report.json*"))


def test_every_format_is_offered_and_written(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = check("$$ (a+b)^2 = a^2 + b^2 + 1 $$")
    monkeypatch.setattr("derive.api.check_words", lambda *words, **settings: found)
    for format in FORMATS:
        assert run_command(["check", "all", "--format", format.name]) == 1
        assert "refuted" in capsys.readouterr().out
        output = Path(f"report.{format.name}")
        assert run_command(["check", "all", "--format", format.name, "--output", str(output)]) == 1
        assert "refuted" in output.read_text(encoding="utf8")
        assert not capsys.readouterr().out
    assert run_command(["check", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(format.name in shown for format in FORMATS)


def run_as_program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_as_a_program(library: Path) -> None:
    run = run_as_program(library.parent, "-m", "derive", "check", "a_square")
    assert run.returncode == 0, run.stderr
    assert "\x1b" not in run.stdout


def test_without_its_packages_it_says_which_is_missing(tmp_path: Path) -> None:
    run = run_as_program(tmp_path, "-S", "-m", "derive", "list")
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    assert "is not installed" in run.stderr
