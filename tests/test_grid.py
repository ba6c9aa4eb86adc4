"""Every operator has its row in every table: shape, printing, lowering, evaluation. A new head is a row in each."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from derive.language.heads import CONNECTIVES, HEADS, RELATIONS
from derive.language.printing import _LATEX, _PLAIN
from derive.language.shape import _RULES
from derive.normal_form.lowering import ROWS as LOWERING
from derive.numeric.evaluate import ROWS as EVALUATION

TABLES: dict[str, Mapping[str, object]] = {
    "shape": _RULES,
    "latex": _LATEX,
    "plain": _PLAIN,
    "lowering": LOWERING,
    "evaluation": EVALUATION,
}


@pytest.mark.parametrize("table", TABLES)
def test_every_head_has_its_row(table: str) -> None:
    assert set(HEADS) - set(TABLES[table]) == set()
    assert set(TABLES[table]) - set(HEADS) == set()


def test_the_table_of_heads_is_consistent() -> None:
    assert set(HEADS) >= RELATIONS | CONNECTIVES
    for head in HEADS.values():
        assert head.doc
        assert head.most is None or head.least <= head.most
        assert all(position < (head.most or head.least + 1) for position in head.scope)
