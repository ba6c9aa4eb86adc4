"""Running a class: the same files whatever the order, the workers and the interruptions, and nothing twice."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import derive
from derive.checking.engines import Settings
from derive.classroom.marking import Marking, fingerprint
from derive.classroom.run import Tally
from derive.cli import run
from derive.grading.key import Key, read_key, read_key_text
from derive.grading.submissions import find_submissions
from derive.targets import NotFound
from tests.grading.simple_key import HEADING, KEY, RIGHT, UNREADABLE, WRONG

ROOT = Path(__file__).parents[2]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key and five submissions: files, a folder of two documents, a notebook, one that needs a person."""
    (tmp_path / "key.md").write_text(KEY, encoding="utf8")
    handed_in = tmp_path / "in"
    (handed_in / "dora").mkdir(parents=True)
    (handed_in / "ann.md").write_text(RIGHT, encoding="utf8")
    (handed_in / "bob.md").write_text(WRONG, encoding="utf8")
    (handed_in / "cem.md").write_text(UNREADABLE, encoding="utf8")
    (handed_in / "dora" / "1-notes.md").write_text("# Notes\n\nNo formulas.\n", encoding="utf8")
    (handed_in / "dora" / "2-answer.tex").write_text(
        "\\section{1}\n\\[ (a+b)^2 = a^2 + 2ab + b^2 \\]\n", encoding="utf8"
    )
    (handed_in / "eve.md").write_text("", encoding="utf8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_marks_of_a_small_class(room: Path) -> None:
    result = derive.grade("key.md", "in", "out", workers=1)
    marks = {p.student: (p.low, p.high) for p in result.papers}
    assert marks["ann"] == marks["dora"] == (4, 4)
    assert marks["bob"] == marks["eve"] == (0, 0)
    assert marks["cem"][0] == 0
    assert marks["cem"][1] > 0
    assert [p.student for p in result.papers if p.for_person] == ["cem"]
    assert set(files(room / "out")) == {
        "gradebook.csv", "summary.html",
        *(
            f"{s}/{name}"
            for s in ("ann", "bob", "cem", "dora", "eve")
            for name in ("feedback.html", "feedback.md", "results.json", "github_classroom.json", "report.json")
        ),
    }  # fmt: skip
    assert result.to_json()["students"][0]["low"] == "4"
    assert "ann" in result._repr_html_()


def test_the_same_files_in_any_order_and_with_any_number_of_workers(room: Path) -> None:
    names = sorted((room / "in").iterdir())
    derive.grade("key.md", names, "one", workers=1)
    derive.grade("key.md", names[::-1], "two", workers=2)
    derive.grade("key.md", "in", "three", workers=3)
    assert files(room / "one") == files(room / "two") == files(room / "three")


def test_what_is_marked_is_not_marked_again_and_what_changed_is(room: Path) -> None:
    derive.grade("key.md", "in", "out", workers=1)
    before = {p: p.stat().st_mtime_ns for p in (room / "out").rglob("report.json")}
    tallies: list[Tally] = []
    derive.grade("key.md", "in", "out", workers=1, progress=tallies.append)
    assert tallies[-1] == Tally(total=5, done=5, earlier=5, for_person=1)
    assert {p: p.stat().st_mtime_ns for p in (room / "out").rglob("report.json")} == before
    (room / "in" / "bob.md").write_text(RIGHT, encoding="utf8")
    (room / "out" / "cem" / "feedback.md").unlink()
    result = derive.grade("key.md", "in", "out", workers=1)
    assert result.tally.earlier == 3
    assert {p.student: p.low for p in result.papers}["bob"] == 4
    fresh = derive.grade("key.md", "in", "fresh", workers=1)
    assert fresh.tally.earlier == 0
    assert files(room / "out") == files(room / "fresh")


def test_other_settings_or_another_key_mark_again(room: Path) -> None:
    key = read_key(room / "key.md")
    assert isinstance(key, Key)
    (submission,) = find_submissions(["in/ann.md"])
    before = Marking(key, Settings())
    changed = [
        replace(before, hints="full"),
        replace(before, settings=Settings(seed=1)),
        replace(before, settings=Settings(budget=4.0)),
        replace(before, key=read_key_text("key.md", KEY + "\nA word more.\n")),
    ]
    prints = [fingerprint(marking, submission) for marking in (before, *changed)]
    assert len(set(prints)) == 5
    assert fingerprint(Marking(read_key(room / "key.md"), Settings()), submission) == prints[0]  # type: ignore[arg-type]


def test_what_a_killed_run_left_half_written_is_taken_out(room: Path) -> None:
    derive.grade("key.md", "in/ann.md", "out", workers=1)
    before = files(room / "out")
    (room / "out" / "ann" / "report.json").unlink()
    for left in ("ann/.report.json.1.part", ".summary.html.1.part"):
        (room / "out" / left).write_text("half", encoding="utf8")
    derive.grade("key.md", "in/ann.md", "out", workers=1)
    assert files(room / "out") == before


def test_a_record_that_was_tampered_with_is_not_taken(room: Path) -> None:
    derive.grade("key.md", "in/bob.md", "out", workers=1)
    report = room / "out" / "bob" / "report.json"
    data = json.loads(report.read_text(encoding="utf8"))
    data["fingerprint"] = "0" * 64
    report.write_text(json.dumps(data), encoding="utf8")
    assert derive.grade("key.md", "in/bob.md", "out", workers=1).tally.earlier == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a group of processes is killed")
def test_a_run_that_is_killed_and_started_again_gives_the_same_files(room: Path) -> None:
    for number in range(15):
        (room / "in" / f"s{number:02}.md").write_text(RIGHT + f"\nNumber {number}.\n", encoding="utf8")
    command = [sys.executable, "-m", "derive", "grade", "key.md", "in", "--out", "out", "--workers", "1", "--quiet"]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True)
    while process.poll() is None and len(list((room / "out").glob("*/report.json"))) < 3:
        time.sleep(0.005)
    assert process.poll() is None, "it was done before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (room / "out" / "summary.html").exists()
    result = derive.grade("key.md", "in", "out", workers=2)
    assert 3 <= result.tally.earlier < 20
    derive.grade("key.md", "in", "undisturbed", workers=2)
    assert files(room / "out") == files(room / "undisturbed")


def test_the_command_and_its_status(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["grade", "key.md", "in/ann.md", "in/bob.md", "--out", "out", "--workers", "1"]) == 0
    shown = capsys.readouterr()
    assert "ann  4 of 4" in shown.out
    assert "0 for a person" in shown.out
    assert shown.err == ""
    assert run(["grade", "key.md", "in", "--out", "out", "--gradebook", "moodle", "--assignment", "HW 1"]) == 1
    assert "2 of them marked before" in capsys.readouterr().out
    assert "Assignment: HW 1 (Real)" in (room / "out" / "gradebook.csv").read_text(encoding="utf8")
    assert "status" in (room / "out" / "gradebook-plain.csv").read_text(encoding="utf8")
    assert run(["grade", "--check-key", "key.md"]) == 0


def test_a_roster_is_filled_in(room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (room / "roster.csv").write_text(
        'Student,ID,SIS User ID,SIS Login ID,Section,Quiz (1)\n"Lee, Ann",1,,ann,A,3\nZed,2,,zed,A,\n', encoding="utf8"
    )
    arguments = ["--gradebook", "canvas", "--roster", "roster.csv", "--assignment", "HW (2)", "--workers", "1"]
    assert run(["grade", "key.md", "in/ann.md", "in/bob.md", "--out", "out", "--quiet", *arguments]) == 1
    assert "bob is not in the roster" in capsys.readouterr().err
    rows = (room / "out" / "gradebook.csv").read_text(encoding="utf8").splitlines()
    assert rows == [
        "Student,ID,SIS User ID,SIS Login ID,Section,Quiz (1),HW (2)",
        '"Lee, Ann",1,,ann,A,3,4',
        "Zed,2,,zed,A,,",
    ]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["grade"], "Missing argument"),
        (["grade", "key.md"], "at least one submission"),
        (["grade", "key.md", "in"], "--out"),
        (["grade", "nokey.md", "in", "--out", "out"], "no such file: nokey.md"),
        (["grade", "key.md", "nobody.md", "--out", "out"], "no such file: nobody.md"),
        (["grade", "in/ann.md", "in/bob.md", "--out", "out"], "cannot grade"),
        (["grade", "key.md", "in", "--out", "in"], "folder of the output"),
        (["grade", "key.md", "in", "--out", "key.md"], "cannot make the folder"),
        (["grade", "key.md", "in", "--out", "out", "--hints", "some"], "--hints"),
        (["grade", "key.md", "in", "--out", "out", "--time", "0"], "--time"),
        (["grade", "key.md", "in", "--out", "out", "--roster", "in/ann.md"], "table"),
        (["grade", "--check-key", "key.md", "in"], "the key only"),
        (["grade", "--check-key", "nokey.md"], "no such file"),
        (["grade", "--gradescope-bundle", "in/ann.md"], "cannot grade"),
    ],
)
def test_what_cannot_be_carried_out_is_one_clear_line(
    room: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], part: str
) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert part in shown.err
    assert shown.err.count("\n") == 1


def test_the_output_inside_the_class_is_no_submission(room: Path) -> None:
    first = derive.grade("key.md", "in", "in/graded", workers=1)
    again = derive.grade("key.md", "in", "in/graded", workers=1)
    assert (
        [p.student for p in first.papers] == [p.student for p in again.papers] == ["ann", "bob", "cem", "dora", "eve"]
    )
    assert again.tally.earlier == 5


def test_a_text_is_a_submission_in_a_notebook(room: Path) -> None:
    result = derive.grade("key.md", WRONG)
    (paper,) = result.papers
    assert float(paper.low) == 0.0
    assert "submission" in result._repr_html_()
    assert sorted(p.name for p in room.iterdir()) == ["in", "key.md"]


def test_who_handed_in_what(tmp_path: Path) -> None:
    for name in (
        "ann.md", "bob/a.md", "bob/deep/b.tex", "bob/.hidden.md", "bob/figure.png", ".DS_Store", "scan.pdf", "ann.pdf",
        "leeann_LATE_12345_67890_hw 1.md", "leeann_12345_67891_part2.ipynb", "grades.csv",
        "Tim Weg_1234567_assignsubmission_file/hw.md", "empty/x.txt",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(HEADING, encoding="utf8")
    found = {s.student: s for s in find_submissions([tmp_path])}
    assert sorted(found) == ["Tim Weg", "ann", "bob", "empty", "leeann", "scan"]
    assert [name for _, name in found["bob"].files] == ["a.md", "deep/b.tex"]
    assert found["bob"].notes == ("figure.png is no document that can be read here",)
    assert [name for _, name in found["leeann"].files] == ["hw 1.md", "part2.ipynb"]
    assert (found["leeann"].ids, found["Tim Weg"].ids) == (("12345",), ("1234567",))
    assert found["scan"].files == found["empty"].files == ()
    whole = find_submissions([tmp_path / "bob", tmp_path / "ann.md"], classes=False)
    assert [s.student for s in whole] == ["ann", "bob"]
    with pytest.raises(NotFound):
        find_submissions([tmp_path / "nobody"])


@pytest.mark.skipif(sys.platform == "win32", reason="the image that it runs in has a shell")
def test_the_bundle_grades_a_submission(room: Path) -> None:
    assert run(["grade", "--gradescope-bundle", "key.md", "--hints", "full", "--time", "60"]) == 0
    first = (room / "key-gradescope.zip").read_bytes()
    assert run(["grade", "--gradescope-bundle", "key.md", "--hints", "full", "--time", "60"]) == 0
    assert (room / "key-gradescope.zip").read_bytes() == first
    autograder = room / "autograder"
    with zipfile.ZipFile(room / "key-gradescope.zip") as archive:
        archive.extractall(autograder / "source")
        modes = {i.filename: i.external_attr >> 16 & 0o111 for i in archive.infolist()}
    assert modes["setup.sh"] and modes["run_autograder"]
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(autograder / "source" / script)], check=True)
    needed = (autograder / "source" / "requirements.txt").read_text(encoding="utf8")
    assert "sympy" in needed and "pytest" not in needed
    (autograder / "submission").mkdir()
    (autograder / "submission" / "my work.md").write_text(WRONG, encoding="utf8")
    environment = {**os.environ, "AUTOGRADER_ROOT": str(autograder), "AUTOGRADER_PYTHON": sys.executable}
    environment.pop("PYTHONPATH", None)
    script = ["bash", str(autograder / "source" / "run_autograder")]
    subprocess.run(script, env=environment, check=True, cwd=autograder, capture_output=True)
    results = json.loads((autograder / "results" / "results.json").read_text(encoding="utf8"))
    assert (results["score"], results["visibility"]) == (0.0, "visible")
    assert "first mistake" in results["output"]
    environment["AUTOGRADER_PYTHON"] = "/bin/false"
    subprocess.run(script, env=environment, check=True, cwd=autograder, capture_output=True)
    results = json.loads((autograder / "results" / "results.json").read_text(encoding="utf8"))
    assert results["visibility"] == "after_published"
    assert "could not be graded" in results["output"]


def test_the_workflow_for_github_classroom_names_what_is_there(room: Path) -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "ci" / "github-classroom.yml").read_text(encoding="utf8"))
    script = next(s["run"] for s in workflow["jobs"]["grade"]["steps"] if s.get("id") == "derive")
    (command,) = [line for line in script.splitlines() if line.startswith("derive grade")]
    words = command.partition(" || ")[0].replace("$RUNNER_TEMP/", "").replace('"', "").split()
    (room / "answer.md").write_text(RIGHT, encoding="utf8")
    assert run(words[1:]) == 0
    for name in re.findall(r"graded/\S+?(?=[)\s])", script):
        assert (room / name).is_file()


def test_places_in_a_notebook_are_cells_and_lines(room: Path) -> None:
    cells = [
        {"cell_type": "code", "metadata": {}, "source": "1", "outputs": [], "execution_count": None},
        {"cell_type": "markdown", "metadata": {}, "source": HEADING},
        {"cell_type": "markdown", "metadata": {}, "source": f"Words.\n\n{WRONG.removeprefix(HEADING)}"},
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (room / "book.ipynb").write_text(json.dumps(book), encoding="utf8")
    derive.grade("key.md", "book.ipynb", "out", workers=1)
    told = (room / "out" / "book" / "feedback.md").read_text(encoding="utf8")
    assert "cell 3, line 3: `(a+b)^2 = a^2 + ab + b^2` ✗ **refuted**" in told
    assert "The first mistake is in cell 3, line 3" in told
    assert "cell 3, line 3" in (room / "out" / "summary.html").read_text(encoding="utf8")
