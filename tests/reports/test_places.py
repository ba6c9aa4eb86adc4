"""Places in words and on a terminal: lines of a file, and cells with their lines in a notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.cli import run
from derive.reports.html import render as page
from derive.reports.report import Report
from derive.reports.text import render
from derive.reports.wording import cell_and_line, line_in_words


def test_lines_and_cells_in_words() -> None:
    assert line_in_words((), 7) == "line 7"
    cells = ((2, 1), (4, 6))
    places = [cell_and_line(cells, line) for line in range(1, 9)]
    assert places == [(2, 1), (2, 2), (2, 3), (2, 4), (2, 5), (4, 1), (4, 2), (4, 3)]
    assert line_in_words(cells, 7) == "cell 4, line 2"


def test_a_terminal_and_a_page_name_the_cell(notebook: Report) -> None:
    text = render(notebook)
    assert "one.ipynb  (cell:line)\n" in text
    assert "✗ refuted      2:4  (a-b)^2 = a^2 - b^2" in text
    assert "because  cell 4, line 1, column 12: " in text
    assert ">cell 2, line 4</a>" in page(notebook)


def test_a_step_of_a_notebook_is_explained_by_its_cell(notebook: Report, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(notebook.documents[0].path)
    assert run(["explain", f"{path}:4:1"]) == 0
    assert "of Squares, cell 4, line 1\n" in capsys.readouterr().out
    assert run(["explain", f"{path}:3:1"]) == 2
    assert "has no step at 3:1" in capsys.readouterr().err
