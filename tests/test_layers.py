"""The rooms of the house: who may import whom, what starts quickly, and that no document's text is ever evaluated."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "derive"

LAYERS = (
    ("language",),
    ("reader", "normal_form", "numeric", "script"),
    ("procedures",),
    ("checking",),
    ("mistakes",),
    ("targets", "loading", "templates"),
    ("report data",),
    ("grading",),
    ("reports",),
    ("pool",),
    ("parallel", "classroom"),
    ("api",),
    ("cli", "pytest_plugin"),
    ("__main__",),
)
"""Each may import itself and what stands above it in this list; the rooms of one row never import one another."""

PUBLIC = {"script": {"reader"}, "targets": {"loading"}, "loading": {"targets"}, "report data": {"reports"}}
"""`derive.script` is the public address of the reader's script language; targets and loading serve each other; in a
notebook a report shows itself, by the renderer of HTML."""

REPORT_DATA = {"reports.report", "reports.wording", "reports.mending"}
"""The report as plain data: marks hold it, so it stands below grading, and the renderers of both above."""

SYMPY_AT_HOME = {"script.py"} | {
    f"reader/script/{name}.py"
    for name in (
        "declarations", "loading", "plain_form", "script", "statements", "steps", "sympy_heads", "sympy_terms",
    )
}  # fmt: skip
"""Files for proof scripts: only they import SymPy when they are imported."""

HEAVY = {"sympy", "z3", "numpy", "nbformat", "distributed", "latex2sympy2_extended"}

FILES = sorted(p for p in ROOT.rglob("*.py") if "library" not in p.relative_to(ROOT).parts)


def room_of(parts: list[str]) -> str:
    """The room of a module, given by the parts of its name after `derive`."""
    return "report data" if ".".join(parts[:2]) in REPORT_DATA else parts[0]


def room(path: Path) -> str:
    return room_of([part.removesuffix(".py") for part in path.relative_to(ROOT).parts])


@dataclass
class Parsed(ast.NodeVisitor):
    """What a file imports, at import or anywhere, and what it calls; one walk serves all tests."""

    anywhere: list[str] = field(default_factory=list)
    at_import: list[str] = field(default_factory=list)
    calls: list[tuple[str, int]] = field(default_factory=list)
    docstring: bool = False
    later: bool = False

    def note(self, modules: list[str]) -> None:
        self.anywhere += modules
        if not self.later:
            self.at_import += modules

    def visit_Import(self, node: ast.Import) -> None:
        self.note([alias.name for alias in node.names])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert node.level == 0, "imports are absolute"
        self.note([node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)])

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        self.calls.append((name, node.lineno))
        self.generic_visit(node)

    def inside(self, node: ast.AST) -> None:
        """Not at import: in a function, or for types only."""
        before, self.later = self.later, True
        self.generic_visit(node)
        self.later = before

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = inside

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test).endswith("TYPE_CHECKING"):
            self.inside(node)
        else:
            self.generic_visit(node)


@cache
def parsed(path: Path) -> Parsed:
    text = path.read_text(encoding="utf8")
    tree = ast.parse(text)
    found = Parsed(docstring=not text or bool(ast.get_docstring(tree)))
    found.visit(tree)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    level = {name: row for row, names in enumerate(LAYERS) for name in names}
    assert here in level, f"{here} stands in no layer"
    for module in parsed(path).anywhere:
        parts = module.split(".")
        if parts[0] != "derive" or len(parts) < 2:
            continue
        there = room_of(parts[1:])
        if there not in level or there == here:
            continue
        allowed = level[there] < level[here] or there in PUBLIC.get(here, ())
        assert allowed, f"{path.relative_to(ROOT)} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_libraries_are_loaded_where_they_are_needed(path: Path) -> None:
    if str(path.relative_to(ROOT)) in SYMPY_AT_HOME:
        return
    loaded = {module.split(".")[0] for module in parsed(path).at_import}
    assert not loaded & HEAVY


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_text_of_a_document_is_evaluated(path: Path) -> None:
    for name, line in parsed(path).calls:
        if str(path.relative_to(ROOT)) in SYMPY_AT_HOME and name in {"exec", "sympify"}:
            continue  # a proof script is a program of its user, and its values are SymPy objects already
        assert name not in {"eval", "exec", "sympify", "parse_expr"}, f"{path.name}:{line}"


@pytest.mark.parametrize("module", ["derive", "derive.cli", "derive.api"])
def test_starting_is_cheap(module: str) -> None:
    code = f"import sys, {module}; print(sorted(set({sorted(HEAVY)!r}) & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert run.stdout.strip() == "[]"


def test_every_file_opens_with_its_role() -> None:
    for path in FILES:
        assert parsed(path).docstring, f"{path.relative_to(ROOT)} has no docstring"
