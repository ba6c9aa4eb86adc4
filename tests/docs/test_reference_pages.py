"""The pages that are written from the code have not drifted, and the procedure that a page shows does what it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from derive.language.budget import Budget
from derive.language.decision import Declined, Proof
from derive.loading import load
from derive.procedures.procedure import Procedure
from derive.targets import Target
from tests.docs.pages import DOCS, fences


def module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_pages_have_not_drifted() -> None:
    pages = module("write_reference", DOCS / "write_reference.py").pages()
    assert pages
    for name, text in pages.items():
        assert (DOCS / name).read_text(encoding="utf8") == text, "run: python docs/write_reference.py"


def test_every_word_of_proof_scripts_is_on_its_page() -> None:
    import derive.script

    text = (DOCS / "script-reference.md").read_text(encoding="utf8")
    for name in derive.script.__all__:
        assert name == "Expression" or f"`{name}`" in text, name


def test_the_procedure_on_the_page_decides_its_examples(tmp_path: Path) -> None:
    (shown,) = [s for s in fences(DOCS / "adding-a-procedure.md") if s.name]
    path = tmp_path / shown.name
    path.write_text(shown.text, encoding="utf8")
    procedure: Procedure = module("even_power", path).PROCEDURE
    assert procedure.proves and procedure.declines
    for expected, examples in ((Proof, procedure.proves), (Declined, procedure.declines)):
        for example in examples:
            given = "\n".join(example.given)
            document = load(Target("example.md", text=f"$$ {example.step} $$\n"), (given,) if given else ())
            (step,) = document.derivations[0].steps
            assert step.statement is not None and step.statement.head in procedure.heads
            assert isinstance(procedure.decide(step, Budget(5)), expected), example.step


def test_a_page_that_lies_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.docs.pages import play

    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    file = "```text name=a.md\nhello\n```\n\n"
    page.write_text(file + "```console\n$ derive show a.md\none\n...\nthree  3 ms\n[1]\n```\n", encoding="utf8")
    assert not play(page, lambda arguments: (1, "one\ntwo\nthree  9 ms\n"))
    assert (tmp_path / "a.md").read_text() == "hello\n"
    assert play(page, lambda arguments: (0, "one\nthree\n"))
    assert play(page, lambda arguments: (1, "one\ntwo\nfour\n"))
