"""The homework, step by step: the verdict of each step is its truth, and nothing else is accused.

`homework.toml` holds the truth of every step, judged by hand. What the checker does not reach yet is marked there and
is a strict expected failure here, so that the table cannot go stale in either direction.
"""

import tomllib
from functools import cache
from pathlib import Path

import pytest

import derive

ROOT = Path(__file__).parents[2] / "examples" / "homework"
SECTIONS = tomllib.loads((Path(__file__).parent / "homework.toml").read_text(encoding="utf8"))["section"]
ROWS = [
    {**row, "file": s["file"], "section": s["name"], "number": number}
    for s in SECTIONS
    for number, row in enumerate(s["steps"], 1)
]
FILES = sorted({row["file"] for row in ROWS})


pytestmark = pytest.mark.usefixtures("patient")


@cache
def report(file):
    return derive.check(ROOT / file)


@cache
def steps(file):
    """The steps of each section of a file, by the first word of its heading."""
    return {d.title.split()[0]: d.steps for document in report(file).documents for d in document.derivations}


def starts(step, row):
    return " ".join(step.source.split()).startswith(row["formula"])


def found(row):
    """The step of a row: the one of its formula; of several, the one at the same place in their order."""
    rows = [r for r in ROWS if (r["file"], r["section"], r["formula"]) == (row["file"], row["section"], row["formula"])]
    matching = [s for s in steps(row["file"])[row["section"]] if starts(s, row)]
    place = rows.index(row)
    return matching[place] if place < len(matching) else None


def words(step):
    """What the report says about a step."""
    parts = [step.reason, *step.spoken_conditions]
    if step.diagnosis is not None:
        parts += [step.diagnosis.message, step.diagnosis.suggestion]
    return "; ".join(parts)


def params(select, late=lambda row: None):
    """Test cases of the rows that have something to say; those that come right later are strict expected failures."""
    cases = []
    for row in filter(select, ROWS):
        reason = late(row)
        marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
        name = f"{row['file'].removesuffix('.md')}-{row['section']}-{row['number']}"
        cases.append(pytest.param(row, id=name, marks=marks))
    return cases


def today(row):
    return f"today {row['today']}" if "today" in row else None


def late(row):
    return "not said yet" if row.get("late") else None


@pytest.mark.parametrize("row", params(lambda row: not row.get("only_today"), today))
def test_verdict(row):
    step = found(row)
    assert step is not None, "no such step"
    assert step.verdict == row["verdict"], step.reason
    assert step.carried == row.get("carried", False)
    if row["verdict"] == "conditional" and "conditions" in row:
        assert list(step.conditions) == row["conditions"]


@pytest.mark.parametrize("row", params(lambda row: "says" in row))
def test_words(row):
    step = found(row)
    for text in row["says"]:
        assert text in words(step), words(step)


@pytest.mark.parametrize("row", params(lambda row: "place" in row))
def test_place(row):
    step = found(row)
    place = step.reason.split(":")[0]
    line, column = (int(part.split()[-1]) for part in place.split(","))
    text = (ROOT / row["file"]).read_text(encoding="utf8").splitlines()[line - 1]
    assert text[column - 1 :].startswith(row["place"])


@pytest.mark.parametrize("row", params(lambda row: "mended" in row or "wants" in row, late))
def test_diagnosis(row):
    step = found(row)
    for text in row.get("wants", []):
        assert text in words(step)
    if "mended" in row:
        assert step.diagnosis is not None
        assert row["mended"].replace(" ", "") in step.diagnosis.suggestion.replace(" ", "")


@pytest.mark.parametrize("row", params(lambda row: row.get("only_today"), lambda row: "today unreadable"))
def test_no_such_step(row):
    assert found(row) is None


@pytest.mark.parametrize("file", FILES)
def test_nothing_else_is_said(file):
    for section, there in steps(file).items():
        rows = [r for r in ROWS if r["file"] == file and r["section"] == section]
        for step in there:
            assert any(starts(step, row) for row in rows), (section, step.source)
        assert len(there) <= len(rows), section


def test_every_file_is_in_the_table():
    assert sorted(str(p.relative_to(ROOT)) for p in ROOT.rglob("*.md")) == FILES


def test_the_corrected_version_passes():
    assert all(report(file).passes() for file in FILES if file.startswith("corrected/"))
