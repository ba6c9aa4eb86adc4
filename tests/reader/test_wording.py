"""Every problem code of the reader and of the shape checker has its words."""

import re
from pathlib import Path

from derive.language.statement import Problem
from derive.reader.wording import WORDS, wording

ROOT = Path(__file__).parents[2] / "derive"


def test_every_code_is_worded():
    files = [*(ROOT / "reader").rglob("*.py"), ROOT / "language" / "shape.py"]
    codes = set()
    for path in files:
        codes |= set(re.findall(r'(?:fail|_fail|Problem)\(\s*"([a-z-]+)"', path.read_text(encoding="utf8")))
    assert len(codes) > 90
    assert {c for c in codes if not c.startswith("script-")} <= set(WORDS)


def test_words_name_what_was_read():
    problem = Problem("shapes-differ", None, (("left", "vector[n]"), ("right", "scalar")))
    assert wording(problem) == "the two sides differ in shape: vector[n] and scalar"
    unknown = Problem("unknown-symbol", None, (("name", "sigm"), ("nearest", "sigma")))
    assert wording(unknown) == "sigm is not declared (near: sigma)"
    assert wording(Problem("sign-expected", None, (("found", ""), ("wanted", "]")))).endswith(
        "(found the end of the formula)"
    )
