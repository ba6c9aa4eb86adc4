"""Reports: the JSON form is the schema's, text is plain and the same every time."""

from __future__ import annotations

import io
import json

import jsonschema
import pytest
from rich.console import Console

from derive.checking.derivation import DerivationResult
from derive.checking.verdict import (
    Conditional,
    Proved,
    Refuted,
    Stated,
    StepResult,
    Undecided,
    Verdict,
)
from derive.checking.verdict import Tested as Sampled
from derive.language.context import Context, Symbol
from derive.language.decision import Proof, Refutation
from derive.language.source import Source, Span
from derive.language.statement import Derivation, Document, Step
from derive.language.term import make, num, sym
from derive.reports.json import render as render_json
from derive.reports.json import schema
from derive.reports.report import Report, report_document
from derive.reports.terminal import render

CLAIM = make("eq", sym("x"), make("pow", sym("x"), num(2)))
AT = Refutation((("x", "1/2"), ("w", (("1", "2"), ("3", "4")))), "1/2", "1/4")
VERDICTS: tuple[Verdict, ...] = (
    Proved(Proof("identity", trusts=("z3",), note="not tight"), 8),
    Conditional(Proof("identity", (make("ge", sym("x"), num(0)),)), AT, 4),
    Sampled("out of reach", 8),
    Refuted(AT),
    Undecided("no limit is named to judge ≈ in"),
    Stated("definition"),
)


def report() -> Report:
    text = "# Title\n\n$$\nx = x^2\n$$\n"
    span = Span(text.index("x ="), text.index("\n$$\n", 12))
    context = Context().declare(Symbol("x"))
    steps = tuple(Step(f"a/{i}", CLAIM, context, span=span, source="x = x^2") for i in range(len(VERDICTS)))
    derivation = Derivation("a", "Title", steps, inferred=("x: real scalar",))
    results = tuple(StepResult(s, v, CLAIM) for s, v in zip(steps, VERDICTS, strict=True))
    document = Document(Source("hw.md", text), "Title", (derivation,))
    return Report((report_document(document, (DerivationResult(derivation, results),)),))


def test_the_json_form_is_the_schemas() -> None:
    data = json.loads(render_json(report()))
    jsonschema.validate(data, schema())
    assert data["summary"]["steps"] == 6
    assert data["documents"][0]["verdict"] == "refuted"
    first = data["documents"][0]["derivations"][0]["steps"][0]
    assert (first["line"], first["column"], first["end_line"]) == (4, 1, 4)
    assert (first["relation"], first["left"]) == ("=", "x")
    refuted = data["documents"][0]["derivations"][0]["steps"][3]
    assert refuted["counterexample"]["values"] == {"x": "1/2", "w": [["1", "2"], ["3", "4"]]}


@pytest.mark.parametrize("missing", ["verdict", "counterexample", "carried"])
def test_the_schema_refuses_what_is_incomplete(missing: str) -> None:
    data = json.loads(render_json(report()))
    del data["documents"][0]["derivations"][0]["steps"][0][missing]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema())


def text(**options: bool) -> str:
    stream = io.StringIO()
    render(report(), Console(file=stream, color_system=None, width=100), **options)
    return stream.getvalue()


def test_text_is_plain_and_says_what_matters() -> None:
    shown = text(times=False)
    assert shown == text(times=False)
    assert "\x1b" not in shown
    for part in ("trusts z3", "x ≥ 0", "x = 1/2", "w = ((1, 2), (3, 4))", "no limit is named", "6 steps: 1 proved"):
        assert part in shown
    assert "trusts z3" not in text(quiet=True)


def test_passing_and_selecting() -> None:
    assert not report().passes()
    only = report().only(["proved"])
    assert only.passes(strict=True)
    assert not report().only(["conditional"]).passes(strict=True)
    assert report().only(["conditional"]).passes()
