"""Lines with one evident reading get the verdict that they deserve, and so do the false ones beside them."""

import tomllib
from pathlib import Path

import pytest

import derive

DOCUMENTS = tomllib.loads((Path(__file__).parent / "evident.toml").read_text(encoding="utf8"))["document"]


@pytest.mark.parametrize("document", [pytest.param(d, id=d["title"]) for d in DOCUMENTS])
def test_verdicts(document):
    lines = ["```given", *document["given"], "```", ""]
    for line, _ in document["lines"]:
        lines += [f"$${line}$$", ""]
    report = derive.check("\n".join(lines))
    steps = [s for d in report.documents for derivation in d.derivations for s in derivation.steps]
    assert [[s.source, s.verdict] for s in steps] == document["lines"]
