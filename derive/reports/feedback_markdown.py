"""Feedback as Markdown, for platforms and for reading in a terminal.

What the student wrote stands in code, and every other text is escaped, so no platform renders or runs any of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from derive.grading.paper import Paper
from derive.reports.feedback import Hints, Item, Line, Mistake, feedback


def markdown(paper: Paper, hints: Hints) -> str:
    """The feedback to a student as Markdown."""
    told = feedback(paper, hints)
    rows = [f"# Feedback for {_text(told.student)}", "", f"**{told.earned} of {told.points} points**"]
    if told.for_person:
        rows += ["", "A person still has to look at some of this; the points may change."]
    rows += _list(_text(note) for note in told.notes)
    for question in told.questions:
        rows += ["", f"## {_text(question.name)}", "", f"**{question.earned} of {question.points} points**"]
        if question.found:
            rows += ["", f"Read from {_text('; '.join(question.found))}."]
        rows += _list(f"your {_code(mine)} was read as {_code(key)}" for mine, key in question.renamed)
        rows += _list(_text(note) for note in question.notes)
        rows += _list(_item_text(item) for item in question.items)
        if question.lines:
            rows += ["", "Your lines:"]
            rows += _list(_line_text(line) for line in question.lines)
        if question.mistake is not None:
            rows += _mistake_rows(question.mistake)
    return "\n".join(rows) + "\n"


def _list(entries: Iterable[str]) -> list[str]:
    rows = [f"- {entry}" for entry in entries]
    return ["", *rows] if rows else []


def _item_text(item: Item) -> str:
    text = f"{_text(item.name)}: {item.earned} of {item.points}. {_text(_sentence(item.reason))}"
    if item.place:
        text += f" ({item.place})"
    if item.follow_through:
        text += " Part of the points are for what is right from an earlier error."
    for place, reason, lost in item.remarks:
        where = f"{place}: " if place else ""
        text += f"\n  - {where}{_text(reason)} (−{lost})" if lost != "0" else f"\n  - {where}{_text(reason)}"
    return text


def _line_text(line: Line) -> str:
    text = f"{line.place}: {_code(line.source)} {line.mark} **{line.verdict}**, {line.words}"
    return text + (f" if {_text(' and '.join(line.conditions))}" if line.conditions else "")


def _mistake_rows(mistake: Mistake) -> list[str]:
    rows = ["", f"The first mistake is in {mistake.place}:", "", *_fenced(mistake.source), ""]
    rows.append(_text(_sentence(mistake.reason)))
    facts = []
    if mistake.at:
        facts.append(f"at {_code(mistake.at)}")
    if mistake.left or mistake.right:
        facts.append(f"the left side is {_code(mistake.left)}, the right side {_code(mistake.right)}")
    if mistake.part:
        facts.append(f"the part that is wrong: {_code(mistake.part)}")
    if mistake.kind:
        facts.append(f"likely {_text(mistake.kind)}")
    if mistake.mended:
        facts.append(f"mended: {_code(mistake.mended)}")
    return rows + _list(facts)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else text + "."


def _text(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>|$~&])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Text as code on one line, whatever back quotes it holds."""
    line = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _fenced(text: str) -> list[str]:
    """Lines as a block of code, whatever back quotes they hold."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [f"{fence}latex", *text.split("\n"), fence]
