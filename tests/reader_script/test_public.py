"""What authors of scripts import: everything offered is documented, and the example in the docstring reads."""

from __future__ import annotations

import textwrap

import derive.script
from derive.language.printing import plain
from derive.reader.script import load_script


def test_everything_offered_is_there_and_documented() -> None:
    assert sorted(derive.script.__all__) == derive.script.__all__
    for name in derive.script.__all__:
        offered = getattr(derive.script, name)
        if getattr(offered, "__module__", "").startswith("derive.") and callable(offered):
            assert offered.__doc__, name


def test_every_public_method_of_a_script_is_documented() -> None:
    for name, method in vars(derive.script.Script).items():
        if not name.startswith("_"):
            assert method.__doc__, name


def test_the_example_reads() -> None:
    text = derive.script.__doc__ or ""
    example = textwrap.dedent(text[text.index("    @derivation") : text.index("A script first")])
    document = load_script("example.py", "from derive.script import *\n\n" + example)
    assert document.problem is None
    definition, claim = document.derivations[0].steps
    assert definition.kind == "definition" and claim.statement is not None
    assert plain(claim.statement) == "∂J/∂w = 2 λ w + 2 Xᵀ (X w − y)"
