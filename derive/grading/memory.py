"""Engines that remember: the same question about the same statement in the same surroundings is answered once.

Students of one class write the same lines, so a worker that marks many submissions meets most questions again. What is
remembered is a procedure's outcome and the numeric route's points, by statement and context; an answer that ran out of
time is not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Generic, TypeVar

from derive.checking.engines import Agreement, Engines, Settings, default_engines
from derive.checking.verdict import StepResult
from derive.language.budget import Budget
from derive.language.context import Context
from derive.language.decision import Outcome, Refutation
from derive.language.statement import Step
from derive.mistakes.diagnose import SECONDS, diagnose
from derive.mistakes.mistake import Diagnosis

Value = TypeVar("Value")

_MOST = 20_000
"""Answers kept by one memory; beyond that it begins anew."""

_AMPLE = 0.3
"""An answer that took more than the rest of its time may owe something to the lack of it."""


@dataclass(slots=True)
class Memory(Generic[Value]):
    """Answers by statement, context and whatever else the question depends on."""

    known: dict[tuple[object, ...], list[tuple[Context, Value]]] = field(default_factory=dict)
    count: int = 0

    def recall(self, step: Step, budget: Budget, also: tuple[object, ...], ask: Callable[[], Value]) -> Value:
        """The answer about a step, asked for where it is not known; kept if its time was ample."""
        context = step.context
        key = (step.statement, step.kind, step.origin, context.facts, len(context.symbols), *also)
        for there, value in self.known.get(key, ()):
            if there is context or there == context:
                return value
        value = ask()
        if budget.left < _AMPLE * budget.seconds:
            return value
        if self.count >= _MOST:
            self.known.clear()
            self.count = 0
        self.known.setdefault(key, []).append((context, value))
        self.count += 1
        return value


@lru_cache(maxsize=1)
def remembering_engines() -> Engines:
    """The engines of this package, with a memory for as long as the process lives."""
    engines = default_engines()
    refuted: Memory[Refutation | None] = Memory()
    agreed: Memory[Agreement] = Memory()

    def refute(step: Step, seed: int, budget: Budget) -> Refutation | None:
        return refuted.recall(step, budget, (seed,), lambda: engines.refute(step, seed, budget))

    def agree(step: Step, seed: int, budget: Budget, count: int) -> Agreement:
        return agreed.recall(step, budget, (seed, count), lambda: engines.agree(step, seed, budget, count))

    procedures = tuple(replace(p, decide=_remembering(p.decide)) for p in engines.procedures)
    return replace(engines, procedures=procedures, refute=refute, agree=agree)


def _remembering(decide: Callable[[Step, Budget], Outcome]) -> Callable[[Step, Budget], Outcome]:
    memory: Memory[Outcome] = Memory()
    return lambda step, budget: memory.recall(step, budget, (), lambda: decide(step, budget))


_diagnoses: Memory[Diagnosis | None] = Memory()


def remembered_diagnosis(result: StepResult, settings: Settings) -> Diagnosis | None:
    """The likely mistake of a refuted step."""
    step = result.judged or result.step
    budget = Budget(SECONDS)
    also = (settings.seed, result.lemmas, step.problem)
    return _diagnoses.recall(step, budget, also, lambda: diagnose(result, settings, remembering_engines()))
