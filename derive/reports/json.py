"""A report as JSON text, in the form that `schema.json` beside this file describes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from derive.reports.report import Report


def render(report: Report) -> str:
    """The JSON text of a report, with a line end."""
    return json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """The JSON schema of reports."""
    text = (Path(__file__).parent / "schema.json").read_text(encoding="utf8")
    result: dict[str, Any] = json.loads(text)
    return result
