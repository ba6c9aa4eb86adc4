"""Headings and the questions they name: digits of any script, labels, parts, reversed numbers, words, and none."""

from __future__ import annotations

import pytest

from derive.grading.match import Target, match_heading, reads_from_right, title_of
from derive.grading.sections import owners, sections_of, with_headings
from derive.language.statement import Document
from derive.reader.document import cut_document

TARGETS = (
    Target("1.1", "1.1 Gradient of the squared error"),
    Target("1.2", "1.2 Normal equation", ("1.2", "۲.۱", "Normal equation")),
    Target("2b", "2b Softmax"),
    Target("3", "3. Adam"),
)

NAMED = {
    "1.1": "1.1",
    "Q1.1": "1.1",
    "Q 1.1:": "1.1",
    "Question 1.2": "1.2",
    "QUESTION 1.2 — my answer": "1.2",
    "Aufgabe 1.2": "1.2",
    "Exercise 1-2": "1.2",
    "1 . 2": "1.2",
    "1.2.": "1.2",
    "１.２": "1.2",
    "१.२": "1.2",
    "١.٢": "1.2",
    "۱.۲": "1.2",
    "سوال ۲.۱": "1.2",
    "پرسش ۱.۱": "1.1",
    "Problem 2b": "2b",
    "Problem 2 (b)": "2b",
    "2.b": "2b",
    "3)": "3",
    "(3)": "3",
    "#3": "3",
    "प्रश्न ३": "3",
    "سؤال ٣": "3",
    "Question 3: Adam": "3",
    "Normal Equation": "1.2",
    "The normal equation, again": "1.2",
    r"\textbf{Question 3}": "3",
    "**1.1** Gradient": "1.1",
    "1.2a The loss": "1.2",
    "1.2 (c)": "1.2",
    "3.4": "3",
}

NAMELESS = [
    "",
    "Introduction",
    "Layer 2",
    "Homework 3",
    "2",
    "2a",
    "4",
    "13",
    "1.3",
    "2.1",
    "Question three",
    "Question 3: Normal equation",
    "1.1 Softmax",
]


@pytest.mark.parametrize("title", NAMED)
def test_headings_that_name_a_question(title: str) -> None:
    assert match_heading(title, (), TARGETS)[0] == NAMED[title]


@pytest.mark.parametrize("title", NAMELESS)
def test_headings_that_name_none_or_two(title: str) -> None:
    assert match_heading(title, (), TARGETS)[0] is None


def test_a_part_stands_under_its_parents_number() -> None:
    _, under = match_heading("Question 1", (), TARGETS)
    assert under == ("1",)
    assert match_heading("2", under, TARGETS) == ("1.2", ("1", "2"))
    assert match_heading("(b) Softmax", ("2",), TARGETS)[0] == "2b"
    assert match_heading("(b)", (), TARGETS)[0] is None


def test_a_pattern_of_one_script_marks_no_heading_of_another() -> None:
    targets = (Target("1.2", "1.2", ("1.2", "۲.۱")), Target("2.1", "2.1", ("2.1", "۱.۲")))
    assert match_heading("۲.۱", (), targets)[0] == "1.2"
    assert match_heading("2.1", (), targets)[0] == "2.1"


def test_numbers_are_read_from_the_right_where_their_order_says_so() -> None:
    targets = [Target(n, n) for n in ("1.1", "1.2", "2.1", "2.2")]
    reversed_ = ["سوال ۱.۱", "سوال ۲.۱", "سوال ۱.۲", "سوال ۲.۲"]
    assert reads_from_right(reversed_, targets)
    assert not reads_from_right(["سوال ۱.۱", "سوال ۱.۲", "سوال ۲.۱", "سوال ۲.۲"], targets)
    assert not reads_from_right(["1.1", "2.1", "1.2", "2.2"], targets), "only where a heading is written so"
    text = "\n\n".join(f"## {h}\n\n$$a = a$$" for h in reversed_)
    found = owners_of(text, tuple(targets))
    assert found == [None, "1.1", "1.2", "2.1", "2.2"]


def owners_of(text: str, targets: tuple[Target, ...] = TARGETS, path: str = "a.md") -> list[str | None]:
    cut = cut_document(path, text)
    assert not isinstance(cut, Document)
    return list(owners(sections_of(with_headings(cut, targets).pieces), targets))


def test_sections_below_a_question_are_its_own() -> None:
    text = "# Sheet\n\n## 1.1\n\n### Solution\n\n$$a=a$$\n\n## 3\n\n$$b=b$$\n\n## Thanks\n"
    assert owners_of(text) == [None, None, "1.1", "1.1", "3", None]


def test_lines_that_are_headings_in_all_but_form() -> None:
    text = "**Question 1.2**\n\n$$a=a$$\n\n3)\n\n$$b=b$$\n\nQuestion 1.1:\n\n$$c=c$$\n\n"
    text += "**Note**\n\n1.2 metres are long.\n"
    assert owners_of(text) == [None, "1.2", "3", "1.1"]


def test_no_heading_is_found_in_fences_or_formulas() -> None:
    assert owners_of("```\n3)\n```\n\n$$\n3\n$$\n") == [None]


def test_sections_of_latex() -> None:
    text = "\\section{Question 3}\n\\[a=a\\]\n\\subsection*{Idea}\n\\[b=b\\]\n\\section{1.2 Normal equation}\n"
    assert owners_of(text, path="a.tex") == [None, "3", "3", "1.2"]


def test_a_key_of_one_question_takes_everything() -> None:
    assert owners_of("# Anything\n\n$$a=a$$\n", TARGETS[:1]) == ["1.1", "1.1"]


def test_titles_are_folded() -> None:
    assert title_of("سوال ۲.۱").number == ("2", "1")
    assert title_of("سوال ۲.۱").reversed == ("1", "2")
    assert title_of("Question 2.1").reversed == ()
    assert title_of("Übung 3: Größe").words == ("grosse",)
