"""What README shows is what the program says, but for times."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derive.cli import run

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf8")


def without_times(text: str) -> str:
    text = re.sub(r"  (?:\d+ ms|\d+\.\d s)$", "", text.rstrip(), flags=re.MULTILINE)
    return re.sub(r"  \(\d+\.\d s\)$", "", text)


def test_the_wrong_derivation_has_the_report_that_readme_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = re.search(r"````\n(# Least squares.*?)````\n", README, re.DOTALL)
    report = re.search(r"says of them:\n\n```\n(.*?)```\n", README, re.DOTALL)
    assert document and report
    monkeypatch.chdir(tmp_path)
    Path("slip.md").write_text(document[1], encoding="utf8")
    assert run(["check", "slip.md"]) == 1
    assert without_times(capsys.readouterr().out) == without_times(report[1])


def test_the_document_and_the_script_that_readme_shows_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    document = re.search(r"````\n(```given.*?)````\n", README, re.DOTALL)
    script = re.search(r"```python\n(.*?)```\n", README, re.DOTALL)
    assert document and script
    Path("document.md").write_text(document[1], encoding="utf8")
    Path("squared.py").write_text(script[1], encoding="utf8")
    assert run(["check", "document.md", "squared.py", "--strict"]) == 0, capsys.readouterr().out
