"""How verdicts follow from what the engines say: each engine is a stand-in, each rule of the contract one test."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import pytest

from derive.checking.derivation import check_derivation
from derive.checking.engines import Engines, Settings
from derive.checking.step import DISAGREE, check_step
from derive.checking.verdict import (
    Conditional,
    Proved,
    Refuted,
    Stated,
    Undecided,
    Unreadable,
    worst,
)
from derive.checking.verdict import (
    Tested as Sampled,
)
from derive.language.budget import Budget, BudgetSpent
from derive.language.context import Context, Symbol, vector_shape
from derive.language.decision import Declined, Outcome, Proof, Refutation
from derive.language.statement import Derivation, Problem, Step
from derive.language.term import Term, make, num, sym
from derive.procedures.procedure import Procedure

x, y = sym("x"), sym("y")
CLAIM = make("eq", x, y)
POSITIVE = make("gt", x, num(0))
FALSE_AT = Refutation((("x", "1"), ("y", "2")), "1", "2")
CONTEXT = Context().declare(Symbol("x"), Symbol("y"))
QUICK = Settings(budget=1.0)


@dataclass(frozen=True)
class Points:
    count: int = 8
    against: Refutation | None = None
    reason: str = ""
    lacking: str = ""
    valueless: str = ""


def engines(
    outcome: Outcome | BaseException = Declined("out of reach"),  # noqa: B008
    refutation: Refutation | None = None,
    points: Points = Points(),
    cure: Term | None = None,
) -> Engines:
    """Stand-ins: `cure` is a fact that makes the refutation disappear and the procedure prove."""

    def decide(step: Step, budget: Budget) -> Outcome:
        if isinstance(outcome, BaseException):
            raise outcome
        if cure is not None and cure in step.context.facts:
            return Proof("under the cure")
        return outcome

    def refute(step: Step, seed: int, budget: Budget) -> Refutation | None:
        gone = step.context.facts and (cure is None or cure in step.context.facts)
        return None if gone else refutation

    procedure = Procedure("stand-in", frozenset(["eq", "implies"]), decide, "says what it is told")
    return Engines((procedure,), refute, lambda step, seed, budget, wanted: points)


def step(statement: Term | None = CLAIM, context: Context = CONTEXT, **fields: object) -> Step:
    return Step("1", statement, context, **fields)  # type: ignore[arg-type]


def verdict(which: Engines, at: Step | None = None) -> object:
    return check_step(at or step(), QUICK, which).verdict


def test_a_proof_that_the_points_agree_with_is_proved() -> None:
    assert verdict(engines(Proof("identity"))) == Proved(Proof("identity"), 8)


def test_a_proof_without_numeric_form_is_proved_with_no_spot_check() -> None:
    assert verdict(engines(Proof("identity"), points=Points(0))) == Proved(Proof("identity"), 0)


def test_a_proof_against_a_counterexample_is_undecided() -> None:
    assert verdict(engines(Proof("identity"), points=Points(3, FALSE_AT))) == Undecided(DISAGREE)


def test_a_proof_without_the_condition_that_its_right_side_needs_is_undecided() -> None:
    found = verdict(engines(Proof("identity"), points=Points(3, lacking="division by 0 at x = 0")))
    assert found == Undecided(DISAGREE)


@pytest.mark.parametrize("conditions", [(), (POSITIVE,)])
def test_a_proof_about_what_never_has_a_value_is_undecided(conditions: tuple[Term, ...]) -> None:
    proof = Proof("identity", conditions=conditions)
    found = verdict(engines(proof, points=Points(0, valueless="an index out of its range")))
    assert isinstance(found, Undecided) and "an index out of its range" in found.reason


def test_what_lacks_a_value_somewhere_is_not_called_tested() -> None:
    found = verdict(engines(points=Points(8, lacking="division by 0 at x = 0")))
    assert isinstance(found, Undecided) and "division by 0 at x = 0" in found.reason


def test_a_counterexample_and_no_proof_is_refuted() -> None:
    assert verdict(engines(refutation=FALSE_AT)) == Refuted(FALSE_AT)


def test_a_proof_under_conditions_outweighs_the_counterexample_that_they_exclude() -> None:
    proof = Proof("identity", (POSITIVE,))
    assert verdict(engines(proof, FALSE_AT)) == Conditional(proof, FALSE_AT, 8)


def test_conditions_that_no_point_meets_do_not_save_a_false_step() -> None:
    proof = Proof("identity", (POSITIVE,))
    assert verdict(engines(proof, FALSE_AT, Points(0))) == Refuted(FALSE_AT)


def test_a_condition_that_is_in_force_drops_out() -> None:
    proof = Proof("identity", (POSITIVE,))
    assert verdict(engines(proof), step(context=CONTEXT.assume(POSITIVE))) == Proved(replace(proof, conditions=()), 8)


def test_nothing_is_conditional_on_itself() -> None:
    assert isinstance(verdict(engines(Proof("identity", (CLAIM,)))), Sampled)


def test_every_point_agreeing_is_tested_and_too_few_are_not() -> None:
    assert verdict(engines()) == Sampled("out of reach", 8)
    assert isinstance(verdict(engines(points=Points(3))), Undecided)


def test_a_missing_hypothesis_is_found_and_named() -> None:
    cure = make("ge", x, num(0))
    found = verdict(engines(refutation=FALSE_AT, cure=cure))
    assert isinstance(found, Conditional)
    assert found.proof.conditions == (cure,)
    assert found.needed == FALSE_AT


def test_a_hypothesis_that_leaves_nothing_is_not_offered() -> None:
    cure = make("ge", x, num(0))
    assert isinstance(verdict(engines(refutation=FALSE_AT, cure=cure, points=Points(0))), Refuted)


def test_time_spent_and_faults_are_undecided() -> None:
    spent = verdict(engines(BudgetSpent(), points=Points(0)))
    assert isinstance(spent, Undecided)
    assert "time" in spent.reason
    fault = verdict(engines(RuntimeError("boom"), points=Points(0)))
    assert isinstance(fault, Undecided)
    assert "report" in fault.reason


def test_a_procedure_that_never_looks_at_the_clock_is_stopped() -> None:
    ended = []

    def hang(step: Step, budget: Budget) -> Outcome:
        start = time.process_time()
        while time.process_time() < start + 60:
            pass
        ended.append(True)
        return Declined("the end of a minute")

    slow = engines(points=Points(0))
    slow = replace(slow, procedures=(Procedure("hang", frozenset(["eq"]), hang, ""),))
    result = check_step(step(), Settings(budget=0.3), slow)
    assert isinstance(result.verdict, Undecided)
    assert not ended


def test_what_cannot_be_read_is_unreadable_and_never_judged() -> None:
    problem = Problem("unexpected-token")
    assert verdict(engines(Proof("identity")), step(None, problem=problem)) == Unreadable(problem)


def test_tensors_that_do_not_conform_are_refuted_by_shape_unless_a_shape_was_guessed() -> None:
    problem = Problem("product-does-not-conform", None, (("left", "matrix[n, d]"), ("right", "vector[n]")))
    assert isinstance(verdict(engines(), step(None, problem=problem)), Refuted)
    scalar = Problem("shapes-differ", None, (("left", "scalar"), ("right", "vector[n]")))
    assert isinstance(verdict(engines(), step(None, problem=scalar)), Unreadable)
    guessed = CONTEXT.declare(Symbol("v", vector_shape("n"), inferred=True))
    assert isinstance(verdict(engines(), step(None, guessed, problem=problem)), Unreadable)


def test_a_refutation_that_rests_on_a_guessed_role_is_undecided() -> None:
    scalars = CONTEXT.declare(Symbol("x", inferred=True))
    assert isinstance(verdict(engines(refutation=FALSE_AT), step(context=scalars)), Refuted)
    sizes = CONTEXT.declare(Symbol("x", role="size", inferred=True))
    found = verdict(engines(refutation=FALSE_AT), step(context=sizes))
    assert isinstance(found, Undecided)
    assert "x" in found.reason


@pytest.mark.parametrize("kind", ["definition", "update", "condition"])
def test_definitions_updates_and_conditions_are_stated(kind: str) -> None:
    found = verdict(engines(refutation=FALSE_AT), step(kind=kind))
    assert isinstance(found, Stated)
    assert found.what == kind


def test_the_worst_verdict_comes_first() -> None:
    assert worst(["proved", "refuted", "unreadable"]) == "refuted"
    assert worst(["stated", "proved"]) == "proved"
    assert worst([]) == "stated"


# derivations


def run(which: Engines, *steps: Step) -> list[object]:
    return [r.verdict for r in check_derivation(Derivation("d", "d", steps), QUICK, which).steps]


def test_an_open_equation_that_a_later_line_needs_is_an_imposed_condition() -> None:
    later = make("eq", y, num(3))

    def decide(at: Step, budget: Budget) -> Outcome:
        return Proof("uses it") if at.statement == later and CLAIM in at.context.facts else Declined("out of reach")

    def refute(at: Step, seed: int, budget: Budget) -> Refutation | None:
        return None if CLAIM in at.context.facts else FALSE_AT

    procedure = Procedure("stand-in", frozenset(["eq"]), decide, "")
    which = Engines((procedure,), refute, lambda at, seed, budget, wanted: Points())
    imposed, used = run(which, step(kind="open"), step(later))
    assert isinstance(imposed, Stated)
    assert isinstance(used, Proved)
    (alone,) = run(which, step(kind="open"))
    assert isinstance(alone, Refuted)


def test_a_later_line_for_which_the_time_was_too_short_builds_on_nothing() -> None:
    later = make("eq", y, num(3))

    def decide(at: Step, budget: Budget) -> Outcome:
        if at.statement == later and CLAIM in at.context.facts:
            return Proof("uses it")
        if at.statement == later:
            raise BudgetSpent
        return Declined("out of reach")

    def refute(at: Step, seed: int, budget: Budget) -> Refutation | None:
        return FALSE_AT if at.statement == CLAIM else None

    which = Engines((Procedure("stand-in", frozenset(["eq"]), decide, ""),), refute, lambda *_: Points(0))
    first, _ = run(which, step(kind="open"), step(later))
    assert isinstance(first, Refuted)


def test_an_equation_that_never_has_a_value_is_not_imposed() -> None:
    later = make("eq", y, num(3))

    def decide(at: Step, budget: Budget) -> Outcome:
        return Proof("anything") if CLAIM in at.context.facts else Declined("out of reach")

    points = Points(0, valueless="division by 0")
    which = Engines((Procedure("stand-in", frozenset(["eq"]), decide, ""),), lambda *_: None, lambda *_: points)
    assert all(isinstance(found, Undecided) for found in run(which, step(kind="open"), step(later)))


def test_a_derivative_set_to_zero_is_an_imposed_condition_unless_it_cannot_be_met() -> None:
    stationary = make("eq", make("deriv", sym("y"), sym("x")), num(0))
    (found,) = run(engines(refutation=FALSE_AT), step(stationary, kind="open"))
    assert isinstance(found, Stated)
    assert "not shown" not in found.reason
    unmet = engines(refutation=FALSE_AT, points=Points(0))
    (found,) = run(unmet, step(stationary, kind="open"))
    assert isinstance(found, Stated)
    assert "not shown" in found.reason
    contrary = Procedure("contrary", frozenset(["ne"]), lambda at, budget: Proof("never 0"), "")
    (found,) = run(replace(unmet, procedures=(*unmet.procedures, contrary)), step(stationary, kind="open"))
    assert isinstance(found, Refuted)


def test_a_named_condition_is_in_force_from_there_on() -> None:
    seen: list[tuple[Term, ...]] = []

    def decide(at: Step, budget: Budget) -> Outcome:
        seen.append(at.context.facts)
        return Proof("identity", (POSITIVE,)) if POSITIVE not in at.context.facts else Proof("identity")

    which = replace(engines(), procedures=(Procedure("stand-in", frozenset(["eq"]), decide, ""),))
    first, second = run(which, step(), step())
    assert isinstance(first, Conditional)
    assert isinstance(second, Proved)
    assert POSITIVE in seen[-1]


def test_a_step_from_a_wrong_line_is_carried() -> None:
    z = sym("z")
    context = CONTEXT.declare(Symbol("z"))
    wrong = make("eq", x, y)
    right_from_wrong = make("eq", y, z)

    def decide(at: Step, budget: Budget) -> Outcome:
        return Proof("identity") if at.statement == right_from_wrong else Declined("no")

    def refute(at: Step, seed: int, budget: Budget) -> Refutation | None:
        return None if at.statement == right_from_wrong else FALSE_AT

    procedure = Procedure("stand-in", frozenset(["eq"]), decide, "")
    which = Engines((procedure,), refute, lambda at, seed, budget, wanted: Points())
    steps = (step(wrong, context, origin=x), step(right_from_wrong, context, origin=x))
    results = check_derivation(Derivation("d", "d", steps), QUICK, which).steps
    assert isinstance(results[0].verdict, Refuted)
    assert isinstance(results[1].verdict, Proved)
    assert results[1].carried
    assert not results[0].carried
