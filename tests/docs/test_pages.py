"""Pages of documentation say what the program says: their commands are run, their Python examples too."""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import re
import shutil
from pathlib import Path

import pytest

import derive.api
from derive.checking.verdict import WORST_FIRST
from derive.cli import run
from tests.docs.pages import DOCS, fences, play, write

ROOT = DOCS.parent
PAGES = sorted(DOCS.glob("*.md"))
WITH_PYTHON = [p for p in PAGES if "```pycon" in p.read_text(encoding="utf8")]
WITH_COMMANDS = [p for p in PAGES if any(s.commands for s in fences(p))]


def status_and_output(arguments: list[str]) -> tuple[int, str]:
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        status = run(arguments)
    return status, stream.getvalue()


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda p: p.stem)
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", "examples")
    wrong = play(page, status_and_output)
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda p: p.stem)
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for shown in fences(page):
        if shown.name:
            write(shown)
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0
    assert result.failed == 0


def test_examples_in_docstrings_run() -> None:
    result = doctest.testmod(derive.api)
    assert result.attempted > 0
    assert result.failed == 0


def test_links_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf8")):
            assert target.startswith("http") or (page.parent / target).exists(), (page.name, target)


def test_the_index_names_every_page() -> None:
    text = (DOCS / "README.md").read_text(encoding="utf8")
    for page in PAGES:
        assert page.name == "README.md" or f"({page.name})" in text, page.name


def test_every_engine_that_a_proof_may_trust_is_on_the_page_on_verdicts() -> None:
    text = (DOCS / "verdicts.md").read_text(encoding="utf8")
    trusted = set(re.findall(r"^\| `([\w.]+)` \|", text.partition("## What a proof may trust")[2], re.MULTILINE))
    named: set[str] = set()
    for path in (ROOT / "derive" / "procedures").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Proof", "Shown"):
                parts = [k.value for k in node.keywords if k.arg == "trusts"]
                if getattr(node.func, "id", "") == "Shown":
                    parts += node.args[1:2]
                for part in parts:
                    constants = [c.value for c in ast.walk(part) if isinstance(c, ast.Constant)]
                    named |= {c for c in constants if isinstance(c, str)}
    assert named
    assert trusted == named


def test_the_page_on_verdicts_has_every_verdict() -> None:
    text = (DOCS / "verdicts.md").read_text(encoding="utf8")
    rows = re.findall(r"^\| `(\w+)` \|", text.partition("## What a proof may trust")[0], re.MULTILINE)
    assert sorted(rows) == sorted(WORST_FIRST)
