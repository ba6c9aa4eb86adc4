"""The page on notation says what the reader does now; `python docs/write_notation.py` writes it anew."""

import importlib.util
from pathlib import Path

import pytest

from derive.reader.givens import read_givens

SCRIPT = Path(__file__).parents[2] / "docs" / "write_notation.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("write_notation", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_not_drifted(script):
    assert script.PAGE.read_text(encoding="utf8") == script.page(), "run: python docs/write_notation.py"


def test_every_given_on_the_page_reads(script):
    for line, _ in script.GIVENS:
        assert not read_givens([(line, 0)]).problems, line


def test_what_is_called_refused_is_refused(script):
    for text, given in script.REFUSED:
        assert script._refused(text, given).count("|") >= 4
    with pytest.raises(ValueError, match="is read"):
        script._refused("a = b", ())
