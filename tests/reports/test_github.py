"""GitHub annotations: one line for each step worth a look, from which no text of a formula can escape."""

from __future__ import annotations

from dataclasses import replace

from derive.reports.github import render
from derive.reports.report import Report


def test_one_annotation_for_each_step_worth_a_look(report: Report) -> None:
    *annotations, last = render(report).splitlines()
    commands = [line.split(" ", 1)[0] for line in annotations]
    worth = {"refuted": "::error", "unreadable": "::error", "undecided": "::warning"}
    worth |= {"conditional": "::notice", "tested": "::notice"}
    assert commands == [worth[s.verdict] for s in report.steps if s.verdict in worth]
    assert last.startswith(f"derive: {len(report.steps)} steps: ")


def test_places_and_message(report: Report) -> None:
    line = next(line for line in render(report).splitlines() if "line=9," in line)
    assert line.startswith("::error file=notes/my squares.md,line=9,endLine=9,col=10,endColumn=35,title=refuted%3A ")
    assert "%0Aat a = 1, b = 1: the left side is 4, the right side 2%0A" in line


def test_nothing_escapes(report: Report) -> None:
    (line,) = [line for line in render(report).splitlines() if line.startswith("::warning")]
    assert line.endswith("::undecided: out of%0Areach: 50%25, or so")
    (document,) = report.documents
    titled = tuple(replace(d, title="t,\r\n::x::") for d in document.derivations)
    hostile = replace(document, path="a,line=1::b\n::error::c", derivations=titled)
    text = render(replace(report, documents=(hostile,)))
    assert len(text.splitlines()) == len(render(report).splitlines())
    for line in text.splitlines()[:-1]:
        assert line.count("::", 0, line.index(" ")) == 1
        properties = line.split("::", 2)[1]
        assert "file=a%2Cline=1%3A%3Ab%0A%3A%3Aerror%3A%3Ac," in properties


def test_a_notebook_is_annotated_by_its_cells(notebook: Report) -> None:
    refuted, unreadable, _ = render(notebook).splitlines()
    assert ",title=refuted%3A Squares (cell 2%2C line 4)::" in refuted
    assert "line=" not in refuted
    assert "::unreadable: cell 4, line 1, column 12: " in unreadable
