"""Feedback tells a student their own lines and marks, as much of a mistake as is allowed, and nothing of others."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction as F
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from derive.grading.paper import Paper
from derive.reports import class_summary, feedback
from derive.reports.feedback import Hints
from derive.reports.feedback_markdown import markdown
from derive.reports.report import StepReport
from tests.grading.papers import CLASS, EVIL, OPEN, PERFECT, SCRIPT, SETTLED, WRONG, item, paper, question

VOID = frozenset(["meta", "br", "col", "hr", "img", "input", "link"])
MENDED = r"\nabla L(w) = -\frac{1}{n} X^T (y - X w)"


class Page(HTMLParser):
    """A page that has to close what it opens; keeps its text, tags and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], "left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.mark.parametrize("one", CLASS, ids=["settled", "open", "evil", "perfect"])
@pytest.mark.parametrize("hints", ["none", "full"])
def test_the_page_is_whole_and_holds_every_line_with_its_verdict(one: Paper, hints: Hints) -> None:
    page = Page(feedback.html(one, hints))
    assert "script" not in page.tags
    assert not any(re.match(r"(?:https?:)?//|javascript:", a) for a in page.addresses)
    for answer in one.answers:
        for step in answer.question.steps:
            assert " ".join(step.source.split()) in page.words
            assert f"{step.verdict}" in page.words
        assert all(marks.id in page.words for marks in answer.question.items)


@pytest.mark.parametrize("one", CLASS, ids=["settled", "open", "evil", "perfect"])
def test_markdown_holds_every_line_with_its_verdict_and_runs_nothing(one: Paper) -> None:
    text = markdown(one, "full")
    html = MarkdownIt("commonmark").render(text)  # which lets raw HTML through, as some platforms do
    page = Page(html)
    assert "script" not in page.tags
    for answer in one.answers:
        for step in answer.question.steps:
            assert step.source in page.words
            assert f"{step.verdict}" in page.words


def test_hints_tell_more_and_more() -> None:
    pages = {hints: Page(feedback.html(SETTLED, hints)).words for hints in ("none", "place", "kind", "full")}
    texts = {hints: markdown(SETTLED, hints) for hints in ("none", "place", "kind", "full")}
    part = r"\frac{1}{n} X^T (y - X w)"
    for told in (pages, texts):
        assert all("(-4)" in text and "n = 1" in text for text in told.values()), "a counterexample is always given"
        assert ["the part that is wrong" in told[h] for h in told] == [False, True, True, True]
        assert ["negative of what it should be" in told[h] for h in told] == [False, False, True, True]
        assert [MENDED in told[h] for h in told] == [False, False, False, True]
    assert f"the part that is wrong: `{part}`" in texts["place"]
    assert WRONG.source in texts["none"]


def test_a_condition_is_a_hint() -> None:
    step = StepReport("1.2/1", 9, 1, 9, 20, "w = A^{-1} b", "conditional", spoken_conditions=("A is invertible",))
    one = paper("ann", question(item("answer", F(4), F(4)), steps=(step,)))
    told = {hints: markdown(one, hints) for hints in ("none", "place", "kind", "full")}
    assert ["A is invertible" in text for text in told.values()] == [False, False, True, True]
    assert all("**conditional**, right" in text for text in told.values())
    assert "right under a condition" in told["place"]


def test_a_question_counts_where_it_is_answered_and_a_second_answer_is_for_a_person() -> None:
    empty = question(item("gradient", F(3), F(0)), item("answer", F(4), F(0)))
    first, second = SETTLED.parts[0], PERFECT.parts[0]
    blank = replace(first, path="a.md", questions=(empty,))
    one = Paper("ann", "ann", (blank, replace(first, path="b.md")))
    assert (one.low, one.for_person, one.answers[0].path) == (SETTLED.low, False, "b.md")
    both = Paper("ann", "ann", (blank, replace(second, path="b.md"), replace(first, path="c.md")))
    assert (both.low, both.for_person) == (PERFECT.low, True)
    assert both.reasons == ("question 1.2 is answered in b.md and in c.md; the first counts",)
    assert "c.md answers this question too" in markdown(both, "kind")
    assert Paper("ann", "ann", (blank,)).low == 0


def test_nobody_else_is_told_of() -> None:
    names = {p.student for p in CLASS}
    for one in CLASS:
        for text in (feedback.html(one, "full"), markdown(one, "full")):
            for other in names - {one.student}:
                assert not re.search(rf"\b{re.escape(other)}\b", text)


def test_an_open_total_is_a_range_and_says_who_will_look() -> None:
    text = markdown(OPEN, "kind")
    assert "**4 to 7 of 7 points**" in text
    assert "A person still has to look" in text
    assert "A person still has to look" not in markdown(PERFECT, "kind")


def test_the_summary_counts_what_happened() -> None:
    told = class_summary.summarise(CLASS, "Homework 1")
    assert (told.students, told.settled, [r.student for r in told.for_person]) == (4, 3, ["بهار"])
    assert told.average == "4.56"  # (8/3 + 4 + 7) / 3
    assert told.median == "4"
    assert sum(b.settled for b in told.bins) == 3
    assert [(b.low, b.open) for b in told.bins if b.open] == [(50, 1)]
    gradient, answer = told.items
    assert (gradient.all, gradient.part, gradient.nothing, gradient.for_person) == (2, 0, 2, 0)
    assert (answer.all, answer.part, answer.nothing, answer.for_person) == (2, 1, 0, 1)
    assert [(g.question, g.item, g.kind, g.students) for g in told.mistakes] == [
        ("1.2", "", "shapes", 1),
        ("1.2", "gradient", "sign", 1),
    ]


def test_the_same_mistake_of_several_is_one_group() -> None:
    told = class_summary.summarise([SETTLED, Paper("tim", "tim", SETTLED.parts), PERFECT], "")
    assert [(g.kind, g.students, [m.place for m in g.makers]) for g in told.mistakes] == [
        ("sign", 2, ["line 14", "line 14"])
    ]


def test_the_summary_is_a_whole_page_that_leads_to_the_feedback() -> None:
    page = Page(class_summary.html(CLASS, f"Homework {SCRIPT}"))
    assert "script" not in page.tags
    assert {"ann/feedback.html", "cmd/feedback.html"} <= set(page.addresses)
    assert all(p.student in page.words for p in CLASS)
    assert EVIL.answers[0].question.steps[0].source in page.words
    Page(class_summary.fragment(CLASS, "Homework"))
    Page(class_summary.html([], "an empty class"))
