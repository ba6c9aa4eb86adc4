"""Does a key hold, and reach what its rubrics ask for?

The key's own derivations are checked, and each is marked by its own rubric: a formula that the derivation never reaches
would never be earned by anyone. Whether a hypothesis is named is not asked of a key, only that there is one to name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from derive.checking.engines import Settings
from derive.checking.step import DEFAULT
from derive.grading.assumptions import Assumptions
from derive.grading.hypotheses import required
from derive.grading.items import Answered, PlaceOf, mark_statement
from derive.grading.judge import Judge
from derive.grading.key import Key, Question, read_key
from derive.grading.marks import Place
from derive.grading.model import Model, model_of
from derive.grading.rubric import KeyProblem
from derive.grading.standing import Standings
from derive.language.source import Source
from derive.language.statement import Step

_FAILS = {
    "refuted": "is refuted",
    "undecided": "could not be decided",
    "unreadable": "cannot be read",
    "tested": "is not proved, only tested",
}
_DOUBTS = frozenset(["undecided", "tested"])


def check_key(path: str | Path, settings: Settings = DEFAULT) -> tuple[KeyProblem, ...]:
    """Everything that is wrong with a key; nothing where submissions can be marked by it."""
    key = read_key(path)
    if not isinstance(key, Key):
        return key
    judge = Judge(settings)
    found = [p for question in key.questions for p in _problems(question, key.source, judge)]
    return tuple(sorted(found, key=lambda p: p.line))


def _problems(question: Question, source: Source, judge: Judge) -> Iterator[KeyProblem]:
    def place_of(step: Step) -> Place:
        line, column = source.place(step.span.start) if step.span is not None else (question.line, 1)
        return Place(line, column, step.id)

    model = model_of(question, judge.settings)
    failing = [r for r in model.results if r.verdict.name in _FAILS]
    for result in failing:
        line = place_of(result.step).line
        message = f"this step of the key {_FAILS[result.verdict.name]}: {result.step.source}"
        yield KeyProblem(line, message, question.id, doubt=result.verdict.name in _DOUBTS)
    yield from _unreached(question, model, place_of, judge) if not failing else ()


def _unreached(question: Question, model: Model, place_of: PlaceOf, judge: Judge) -> Iterator[KeyProblem]:
    steps = Standings(model, question.context, Assumptions(question.context), judge).all(model.results)
    answered = Answered(steps, question.context, question.follow_through, judge, place_of)
    for item, wanted in model.items:
        if item.kind == "steps":
            continue
        if wanted is None:
            message = f"the formula of item {item.id} is no relation between two expressions"
            yield KeyProblem(item.line, message, question.id)
            continue
        marks = mark_statement(item, wanted, answered)
        if marks.low < item.points:
            word = "reaches" if item.kind == "reach" else "ends with"
            message = f"the key's own derivation never {word} the formula of item {item.id}: {item.source}"
            yield KeyProblem(item.line, message, question.id, doubt=marks.high == item.points)
        if item.conditions and not required(item, wanted, model, question.context, judge):
            message = f"item {item.id} requires a hypothesis, but the key's own step needs none"
            yield KeyProblem(item.line, message, question.id)
