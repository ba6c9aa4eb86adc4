"""Hostile submissions: each gets a clear result within its limits, the others are graded, nothing is executed, nothing
outside of the output is written or read."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import derive
from derive.classroom.run import ClassResult
from derive.grading.handed_in import read_bytes
from derive.grading.naming import folder_name, shown
from derive.grading.submissions import find_submissions
from tests.grading.simple_key import HEADING, KEY, RIGHT

SECRET = "the secret of another student"


def nested(opening: str, closing: str, depth: int = 10_000) -> str:
    return f"{HEADING}$$ {opening * depth}a{closing * depth} = a $$\n"


def macro_bomb() -> str:
    """Eleven macros, each ten times the one before: ten thousand million letters."""
    rows = []
    for old, new in pairwise("abcdefghijkl"):
        body = f"\\{old}x " * 10
        rows.append(f"\\newcommand{{\\{new}x}}{{{body}}}")
    return HEADING + r"\newcommand{\ax}{a}" + "\n" + "\n".join(rows) + "\n$$ \\lx = a $$\n"


def notebook(folder: Path) -> str:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": RIGHT},
        {
            "cell_type": "code",
            "metadata": {},
            "source": f"open({str(folder / 'executed')!r}, 'w')",
            "outputs": [
                {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}, "metadata": {}}
            ],
            "execution_count": 1,
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


TEXTS = {
    "long": RIGHT + "words and more words\n" * 240_000,
    "many-formulas": RIGHT + "".join(f"$$ (a+b)^{n} = {n} a $$\n" for n in range(10_000)),
    "deep-brackets": nested("(", ")"),
    "deep-braces": nested("{", "}"),
    "deep-fractions": nested(r"\frac{", "}{b}"),
    "deep-quotes": HEADING + ">" * 10_000 + " $$ a = a $$\n",
    "power": HEADING + "$$ 9^{9^{9^{9}}} = a $$\n",
    "factorial": HEADING + "$$ (9^9)!! = a $$\n\n$$ \\sum_{i=1}^{10^{15}} i^{99} = a $$\n",
    "macro-loop": HEADING + "\\newcommand{\\x}{\\y}\\newcommand{\\y}{\\x \\x}\n$$ \\x = a $$\n",
    "macro-bomb": macro_bomb(),
    "huge-matrix": HEADING
    + "$$ \\begin{pmatrix}"
    + r" \\ ".join(" & ".join("a" * 200) for _ in range(200))
    + "\\end{pmatrix} = b $$\n",
    "script": HEADING + "$$ <script>alert(1)</script> = a $$\n\n## <img src=x onerror=alert(1)>\n\n$$ a = b $$\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class with the lot of them, and two honest students at its ends."""
    root = tmp_path_factory.mktemp("hostile")
    handed_in = root / "in"
    handed_in.mkdir()
    (root / "key.md").write_text(KEY, encoding="utf8")
    for name, text in {"aaa": RIGHT, **TEXTS, "zzz": RIGHT}.items():
        (handed_in / f"{name}.md").write_text(text, encoding="utf8")
    (handed_in / "binary.md").write_bytes(bytes(range(256)) * 40)
    (handed_in / "program.py").write_text(f"open({str(root / 'executed')!r}, 'w')\nraise SystemExit\n", encoding="utf8")
    (handed_in / "book.ipynb").write_text(notebook(root), encoding="utf8")
    return root


@pytest.fixture(scope="module")
def graded(folder: Path) -> Iterator[ClassResult]:
    yield derive.grade(folder / "key.md", folder / "in", folder / "out", workers=2, budget=1, seconds=2, megabytes=512)


def test_everybody_gets_a_result_and_the_honest_get_their_marks(folder: Path, graded: ClassResult) -> None:
    assert [p.student for p in graded.papers] == sorted([*TEXTS, "aaa", "zzz", "binary", "program", "book"])
    by_name = {p.student: p for p in graded.papers}
    for honest in ("aaa", "zzz", "book"):
        assert (by_name[honest].low, by_name[honest].for_person) == (4, False)
    for name in {*TEXTS, "binary", "program"} - {"deep-quotes"}:
        paper = by_name[name]
        assert paper.low < 4, name
        assert paper.low == paper.high or (paper.for_person and paper.reasons), name
    for paper in graded.papers:
        for name in ("feedback.html", "feedback.md", "results.json", "report.json"):
            assert (folder / "out" / paper.folder / name).is_file()


@pytest.mark.parametrize(
    ("student", "part"),
    [
        ("long", "too long"),
        ("many-formulas", "did not end within its time"),
        ("binary", "not UTF-8"),
        ("program", "program"),
    ],
)
def test_the_reason_is_clear(graded: ClassResult, student: str, part: str) -> None:
    (paper,) = [p for p in graded.papers if p.student == student]
    assert part in " ".join(paper.reasons)


def test_nothing_is_executed_and_nothing_else_is_written(folder: Path, graded: ClassResult) -> None:
    assert sorted(p.name for p in folder.iterdir()) == ["in", "key.md", "out"]
    assert not list(folder.rglob("*.part"))
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf8")
        assert "<script" not in text
        assert "<img" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights of their own there")
def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    handed_in = tmp_path / "in"
    (handed_in / "folder").mkdir(parents=True)
    (tmp_path / "secret.md").write_text(RIGHT + SECRET, encoding="utf8")
    (tmp_path / "key.md").write_text(KEY, encoding="utf8")
    (handed_in / "honest.md").write_text(RIGHT, encoding="utf8")
    (handed_in / "folder" / "mine.md").write_text(RIGHT, encoding="utf8")
    for link, to in (
        ("link.md", "../secret.md"), ("copy.md", "honest.md"), ("loop.md", "loop.md"), ("whole", ".."),
        ("folder/out.md", "../../secret.md"), ("folder/up", "../.."),
    ):  # fmt: skip
        (handed_in / link).symlink_to(to)
    os.mkfifo(handed_in / "pipe.md")
    result = derive.grade(tmp_path / "key.md", handed_in, tmp_path / "out", workers=1)
    by_name = {p.student: p for p in result.papers}
    assert by_name["honest"].low == by_name["folder"].low == 4
    assert by_name["folder"].for_person
    for name in ("link", "copy", "loop", "whole", "pipe"):
        assert (by_name[name].low, by_name[name].high) == (0, 4)
        assert "link" in by_name[name].reasons[0] + by_name[name].reasons[-1] or name == "pipe"
    assert not any(SECRET in p.read_text(encoding="utf8") for p in (tmp_path / "out").rglob("*") if p.is_file())


def test_a_link_in_the_output_leads_nowhere(tmp_path: Path) -> None:
    from derive.classroom.folder import CannotWrite

    for name, text in (("key.md", KEY), ("ann.md", RIGHT)):
        (tmp_path / name).write_text(text, encoding="utf8")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ann").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotWrite):
        derive.grade(tmp_path / "key.md", tmp_path / "ann.md", tmp_path / "out")
    assert not list((tmp_path / "elsewhere").iterdir())


NAMES = [
    "..", "../../x", "a/b", "a\\b", ".hidden", "con", "NUL.txt", "-rf", "$(touch x)", "a\nb", "\u202egnp", "x" * 300,
    "summary.html", "gradebook.csv", "report.json", "é", "بهار", "a b", "A", "a", "a.", "ä" * 200, "\x00",
]  # fmt: skip


def test_no_name_is_a_path_and_no_two_are_one() -> None:
    folders = [folder_name(name) for name in NAMES]
    for folder in folders:
        assert folder
        assert not set(folder) & set("/\\\0\n\r:*?\"<>|$`'")
        assert folder not in (".", "..")
        assert not folder.startswith(".")
        assert len(folder.encode()) < 160
        assert folder.lower() not in ("summary.html", "gradebook.csv", "con", "nul.txt")
    assert len(set(folders)) == len(set(NAMES))
    assert folder_name("بهار") == "بهار"
    assert shown("علی\u200cرضا") == "علی\u200cرضا"
    assert "\u202e" not in shown("\u202egnp")


def test_names_that_differ_in_case_only_get_folders_that_do_not_meet(tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
    (tmp_path / "x" / "Ann.md").write_text(RIGHT, encoding="utf8")
    (tmp_path / "y" / "ann.md").write_text(RIGHT, encoding="utf8")
    found = find_submissions([tmp_path / "x", tmp_path / "y"], classes=True)
    assert len({s.folder.casefold() for s in found}) == 2


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.md"
    with path.open("wb") as file:
        file.truncate(2**33)
    found = read_bytes(str(path))
    assert not isinstance(found, bytes)
    assert "larger than" in found.reason
