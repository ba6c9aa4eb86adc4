"""Random statements: what is equal by construction is never refuted, what was changed is never proved unless it holds.

Every proof is opposed by exact evaluation at sizes up to 5, beyond the number of index vertices of most of these terms.
"""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive.checking.engines import Settings
from derive.checking.step import check_step
from derive.language.printing import plain
from derive.language.statement import Step

from .run import decide_case, make_case

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


@settings(max_examples=250, suppress_health_check=QUIET)
@given(st.randoms(use_true_random=False))
def test_equal_terms_are_proved_or_left_open(rng: random.Random) -> None:
    made = make_case(rng, same=True)
    if made is not None:
        found = decide_case(made)
        assert not found.wrong, str(found)


@settings(max_examples=250, suppress_health_check=QUIET)
@given(st.randoms(use_true_random=False))
def test_a_changed_term_is_proved_only_where_evaluation_agrees(rng: random.Random) -> None:
    made = make_case(rng, same=False)
    if made is not None:
        found = decide_case(made)
        assert not found.wrong, str(found)
        if found.outcome.verdict == "equal":
            assert found.agreed >= 5, str(found)


def test_most_equal_terms_are_proved() -> None:
    """The rewrites of `rewrites.py` are within reach: at least 19 in 20 of their results."""
    made = [make_case(random.Random(1000 + k), same=True) for k in range(120)]
    results = [decide_case(m) for m in made if m is not None]
    left = [str(r) for r in results if r.outcome.verdict not in ("equal", "conditional")]
    assert len(results) > 90
    assert len(left) <= len(results) // 20, "\n".join(left)


def test_changes_change() -> None:
    """The opponent is awake: most changed terms differ at some point, and none of those is proved."""
    made = [make_case(random.Random(5000 + k), same=False) for k in range(120)]
    results = [decide_case(m, thorough=True) for m in made if m is not None]
    open_ones = [r for r in results if r.outcome.verdict == "open"]
    assert len(open_ones) > len(results) // 2
    assert sum(r.fails for r in open_ones) > len(open_ones) * 8 // 10


def test_whole_verdicts() -> None:
    """The same through every procedure and the numeric route."""
    for k in range(60):
        made = make_case(random.Random(9000 + k), same=k % 2 == 0)
        if made is None:
            continue
        result = check_step(Step("1", made.claim, made.world.context), Settings(budget=2.0))
        name, reason = result.verdict.name, getattr(result.verdict, "reason", "")
        assert "disagree" not in reason, plain(made.claim)
        assert "failed here" not in reason, (plain(made.claim), reason)
        if made.same:
            assert name != "refuted", plain(made.claim)
