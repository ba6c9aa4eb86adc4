"""Every problem code of the script reader has words, and its details stand in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derive.language.statement import Problem
from derive.reader.script_wording import SCRIPT_WORDS, script_wording

READER = Path(__file__).parent.parent.parent / "derive" / "reader"


def test_every_code_has_words_and_every_word_a_code() -> None:
    text = "".join(path.read_text(encoding="utf8") for path in sorted((READER / "script").glob("*.py")))
    assert set(re.findall(r'"(script-[a-z-]+)"', text)) == set(SCRIPT_WORDS)


@pytest.mark.parametrize("code", sorted(SCRIPT_WORDS))
def test_details_stand_in_the_sentence(code: str) -> None:
    names = {n.partition("!")[0] for n in re.findall(r"{([a-z!]+)}", SCRIPT_WORDS[code])}
    sentence = script_wording(Problem(code, None, tuple((n, f"<{n}>") for n in sorted(names))))
    assert sentence is not None and all(f"<{n}>" in sentence for n in names)


def test_other_codes_are_not_a_scripts() -> None:
    assert script_wording(Problem("shapes-differ")) is None
