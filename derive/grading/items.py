"""Points for the items of a question, from what the student's steps say and what they are worth.

A `reach` is earned by any statement that answers it, a `final` by the last one that speaks of what is asked. Where
there is none, what speaks of it last keeps the question's share if it is right from an earlier error, and has not lost
a quantity that the answer depends on. `steps: valid` earns the share of steps that are valid. Whatever is unreadable or
undecided and could matter makes a range, for a person to settle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from derive.checking.verdict import Stated
from derive.grading.answer import Asked, Fit, expanded, fit, operates, same_value, settled, value_in
from derive.grading.chains import sayings
from derive.grading.follow_through import says_nothing
from derive.grading.judge import Judge
from derive.grading.key import Item
from derive.grading.marks import ItemMarks, Place, Remark
from derive.grading.standing import Stood, unknown_names
from derive.language.context import Context
from derive.language.letters import latex_name
from derive.language.statement import Step
from derive.language.term import Term, free_names, make, num

PlaceOf = Callable[[Step], Place]


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of a step, and how it stands to an item."""

    stood: Stood
    position: int
    statement: Term
    fit: Fit


@dataclass(frozen=True, slots=True)
class Answered:
    """The steps of an answer, in order, as items are marked by; `place_of` says where a step stands."""

    steps: tuple[Stood, ...]
    question: Context
    follow_through: Fraction
    judge: Judge
    place_of: PlaceOf


def mark_steps(item: Item, answer: Answered) -> ItemMarks:
    """The share of the steps that are valid."""
    counted = [s for s in answer.steps if s.standing != "nothing"]
    if not counted:
        return _none(item, "there is no step to mark")
    share = item.points / len(counted)
    low, high = Fraction(0), Fraction(0)
    remarks = []
    for stood in counted:
        good = stood.standing in ("valid", "follows")
        open_ = stood.standing == "unknown"
        low += share if good else 0
        high += share if good or open_ else 0
        if not good:
            place = answer.place_of(stood.result.step)
            remarks.append(Remark(place, stood.reason, Fraction(0) if open_ else share, open_))
    follows = any(s.standing == "follows" for s in counted)
    valid = sum(s.standing in ("valid", "follows") for s in counted)
    reason = f"{valid} of {len(counted)} steps are valid"
    if follows:
        reason += ", those from an earlier mistake included"
    first = remarks[0].place if remarks else None
    return ItemMarks(item.id, item.kind, item.points, low, high, reason, first, low != high, follows, tuple(remarks))


def mark_statement(item: Item, wanted: Asked, answer: Answered) -> ItemMarks:
    """A `reach` or a `final`."""
    said = _Statements(wanted, answer)
    if item.kind == "reach":
        found = next((s for s in said.forward() if s.fit == "answers"), None)
        # of an equation that should appear, the first attempt counts: later ones say the same in another form
        order = said.forward() if wanted.form == "equation" else said.backward()
        last = found or next(order, None)
    else:
        last = next(said.backward(), None)
        found = last if last is not None and last.fit == "answers" else None
    if found is None and last is not None and last.fit == "unknown":
        context = last.stood.result.step.context
        last = replace(last, fit=settled(wanted, last.statement, context, answer.question, answer.judge))
    doubtful = [s for s in answer.steps if s.standing == "unknown" and s.result.statement is None]
    if found is not None:
        place = answer.place_of(found.stood.result.step)
        later = [s for s in doubtful if item.kind == "final" and _after(s, found, answer)]
        if later:
            there = answer.place_of(later[0].result.step)
            return _open(item, "it is reached, but a line after it cannot be read", there)
        return ItemMarks(item.id, item.kind, item.points, item.points, item.points, "it is reached", place)
    if last is not None and last.fit in ("unknown", "equal"):
        place = answer.place_of(last.stood.result.step)
        why = (
            "it is equal to what is asked, but a sum or an operation is left to be carried out"
            if last.fit == "equal"
            else "whether this says what is asked was not decided"
        )
        return _open(item, why, place)
    kept = _kept(item, wanted, last, answer) if last is not None else None
    if doubtful and (kept is None or not kept.for_person):
        place = answer.place_of(doubtful[0].result.step)
        low = kept.low if kept is not None else Fraction(0)
        return replace(_open(item, "a line that cannot be read may say what is asked", place), low=low)
    if kept is not None:
        return kept
    if last is None:
        return _perhaps(item, wanted, answer) or _none(item, "nothing of the kind is stated")
    return _wrong(item, last, answer)


class _Statements:
    """The statements that speak of what is asked; each is looked at once, and only when it is come to."""

    def __init__(self, wanted: Asked, answer: Answered) -> None:
        self.wanted = wanted
        self.answer = answer
        self.candidates = list(_candidates(wanted, answer))
        self.fits: dict[int, Fit] = {}

    def forward(self) -> Iterator[Said]:
        """From the first on."""
        return self._in(range(len(self.candidates)))

    def backward(self) -> Iterator[Said]:
        """From the last back."""
        return self._in(reversed(range(len(self.candidates))))

    def _in(self, order: Iterable[int]) -> Iterator[Said]:
        for k in order:
            stood, position, statement = self.candidates[k]
            if k not in self.fits:
                context = stood.result.step.context
                self.fits[k] = fit(self.wanted, statement, context, self.answer.question, self.answer.judge)
            if self.fits[k] != "apart":
                yield Said(stood, position, statement, self.fits[k])


def _candidates(wanted: Asked, answer: Answered) -> Iterator[tuple[Stood, int, Term]]:
    """What every step says, with the position of the step."""
    for position, said in sayings([(s.result.step, s.result.statement) for s in answer.steps]):
        stood = answer.steps[position]
        if stood.result.step.kind == "definition":
            continue  # to give something a name says nothing of it
        if wanted.form == "value" and isinstance(stood.result.verdict, Stated) and stood.result.step.kind == "open":
            continue  # that a derivative is set to zero says nothing of its value
        yield stood, position, said


def _perhaps(item: Item, wanted: Asked, answer: Answered) -> ItemMarks | None:
    """What may be an answer under names that were not understood."""
    for stood in answer.steps:
        statement, context = stood.result.statement, stood.result.step.context
        if statement is None:
            continue
        place = answer.place_of(stood.result.step)
        unknown = unknown_names(statement, context, answer.question)
        if unknown and stood.result.step.kind != "definition":
            told = ", ".join(latex_name(n) for n in unknown)
            why = f"nothing of the kind is stated, unless of {told}, which neither the key nor the student defines"
            return _open(item, why, place)
        named = statement.head == "eq" and stood.result.step.kind == "definition" and wanted.form != "update"
        done = named and (operates(wanted.value) or not operates(expanded(statement.right, context, frozenset())))
        if done and same_value(wanted.value, statement.right, context, answer.judge) == "yes":
            return _open(item, "the value that is asked for stands here under another name", place)
    return None


def _after(stood: Stood, found: Said, answer: Answered) -> bool:
    return any(s is stood for s in answer.steps[found.position + 1 :])


def _kept(item: Item, wanted: Asked, last: Said, answer: Answered) -> ItemMarks | None:
    """What a statement that is right from an earlier error keeps; None where there is nothing to keep."""
    error = _earlier_error(last, answer)
    if error is None or last.stood.standing == "wrong" or isinstance(last.stood.result.verdict, Stated):
        return None
    place = answer.place_of(error.result.step)
    if last.stood.standing == "unknown":
        open_ = _open(item, "whether it is right from the earlier mistake was not decided", place)
        return replace(open_, high=item.points * answer.follow_through)
    lost = _lost(wanted, last, answer)
    if lost:
        return None
    kept = item.points * answer.follow_through
    reason = "it is right from the earlier mistake"
    remark = Remark(place, error.reason, item.points - kept)
    return ItemMarks(item.id, item.kind, item.points, kept, kept, reason, place, False, True, (remark,))


def _earlier_error(last: Said, answer: Answered) -> Stood | None:
    """The first wrong step before a statement."""
    return next((s for s in answer.steps[: last.position] if s.standing == "wrong"), None)


def _lost(wanted: Asked, last: Said, answer: Answered) -> bool:
    """Whether a statement has lost what the answer depends on, or says nothing."""
    context = last.stood.result.step.context
    if says_nothing(last.statement, context, answer.judge):
        return True
    value = value_in(wanted, last.statement, context, answer.question, answer.judge)
    if says_nothing(make("eq", value, num(0)), context, answer.judge) and value is not last.statement:
        return True
    here = free_names(expanded(value, context, frozenset()))
    needed = {n for n in free_names(expanded(wanted.value, context, frozenset())) if _is_data(n, context)}
    return not needed <= here


def _is_data(name: str, context: Context) -> bool:
    symbol = context.symbols.get(name)
    return symbol is not None and symbol.role in ("variable", "function") and name not in context.definitions


def _wrong(item: Item, last: Said, answer: Answered) -> ItemMarks:
    """Points lost at the first error that leads there, or at the statement itself."""
    error = _earlier_error(last, answer)
    blamed = error if error is not None and last.stood.standing != "wrong" else last.stood
    place = answer.place_of(blamed.result.step)
    reason = "what is stated is not what is asked"
    if blamed is not last.stood:
        reason = "an earlier mistake makes the question another one, so that nothing can be kept"
    remark = Remark(place, blamed.reason or reason, item.points)
    return ItemMarks(item.id, item.kind, item.points, Fraction(0), Fraction(0), reason, place, remarks=(remark,))


def _none(item: Item, reason: str) -> ItemMarks:
    remark = Remark(None, reason, item.points)
    return ItemMarks(item.id, item.kind, item.points, Fraction(0), Fraction(0), reason, remarks=(remark,))


def _open(item: Item, reason: str, place: Place) -> ItemMarks:
    remark = Remark(place, reason, for_person=True)
    return ItemMarks(item.id, item.kind, item.points, Fraction(0), item.points, reason, place, True, remarks=(remark,))


def halved(marks: ItemMarks, sure: bool, place: Place | None, told: str) -> ItemMarks:
    """Half of what an item earned, for a hypothesis that was not named (`sure`), or perhaps not."""
    half = marks.low / 2
    if sure:
        remark = Remark(place, f"it needs that {told}, which is not named", marks.low - half)
        reason = f"{marks.reason}, but the hypothesis that {told} is not named"
        return replace(
            marks, low=half, high=marks.high / 2, reason=reason, place=place, remarks=(*marks.remarks, remark)
        )
    reason = f"{marks.reason}; whether the text names the hypothesis that {told} is for a person to see"
    remark = Remark(place, reason, for_person=True)
    return replace(marks, low=half, reason=reason, place=place, for_person=True, remarks=(*marks.remarks, remark))
