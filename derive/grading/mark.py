"""Marks a submission against a key.

Each question is read from the sections that answer it, under the key's givens and the student's own names; its steps
are checked as any derivation, judged against the truth and against the student's own earlier lines, and the items of
the rubric are marked by them. A submission is data: a Python file is refused. What belongs to no question, cannot be
read or is undecided is for a person, and the marks are then a range.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from derive.checking.derivation import check_derivation
from derive.checking.engines import Settings
from derive.checking.verdict import Refuted
from derive.grading.answer import Asked
from derive.grading.assumptions import Assumptions
from derive.grading.hypotheses import is_named, required
from derive.grading.items import Answered, halved, mark_statement, mark_steps
from derive.grading.judge import Judge
from derive.grading.key import Item, Key, Question
from derive.grading.marks import FoundHeading, ItemMarks, Marks, Place, QuestionMarks, Remark, Renamed
from derive.grading.memory import remembered_diagnosis
from derive.grading.model import Model, model_of
from derive.grading.outline import Answer, Submission, outline
from derive.grading.renaming import Renaming
from derive.grading.standing import Standings, Stood
from derive.grading.symbols import conflicts, dressed_too, names_in, renaming
from derive.grading.unmarked import unmarked
from derive.language.context import Context, Symbol
from derive.language.letters import latex_name
from derive.language.printing import plain
from derive.language.source import Source
from derive.language.statement import Derivation, Step
from derive.reader.document import read_cut
from derive.reports.report import DerivationReport, DocumentReport, StepReport, report_step
from derive.targets import Target

_MOST_EXPLAINED = 3  # mistakes of one question whose likely cause is looked for


def mark(key: Key, target: Target, settings: Settings) -> Marks:
    """What a submission earns. Never raises for what a submission holds; same seed, same marks."""
    student = Path(target.path).stem
    submission = outline(key, target)
    if isinstance(submission, str):
        return unmarked(key, student, target.path, submission)
    judge = Judge(settings)
    marked = [_mark_question(q, submission, judge) for q in key.questions]
    reports = tuple(m.report for m in marked if m.report is not None)
    document = DocumentReport(target.path, submission.title, reports, cells=submission.cut.source.cells)
    return Marks(student, target.path, tuple(m.marks for m in marked), document, submission.unmatched)


@dataclass(frozen=True, slots=True)
class _Marked:
    """The marks of a question and the report on its steps."""

    marks: QuestionMarks
    report: DerivationReport | None = None


def _mark_question(question: Question, submission: Submission, judge: Judge) -> _Marked:
    answer = submission.answer(question.id)
    if answer is None:
        if submission.unmatched:
            return _for_person(question, (), "no heading names this question, and some belong to no question")
        return _nothing(question, ())
    if not answer.formulas:
        if answer.prose.strip():
            return _for_person(question, answer.found, "there are words here, but no displayed formula")
        return _nothing(question, answer.found)
    try:
        return _Section(question, submission, answer, judge).marked()
    except RecursionError:
        return _for_person(question, answer.found, "a formula here is nested too deep to be marked")


def _nothing(question: Question, found: tuple[FoundHeading, ...]) -> _Marked:
    items = tuple(
        ItemMarks(i.id, i.kind, i.points, i.points * 0, i.points * 0, "nothing was handed in", _first(found))
        for i in question.items
    )
    return _Marked(QuestionMarks(question.id, question.title, items, found))


def _for_person(question: Question, found: tuple[FoundHeading, ...], reason: str) -> _Marked:
    place = _first(found)
    remark = Remark(place, reason, for_person=True)
    items = tuple(
        ItemMarks(i.id, i.kind, i.points, i.points * 0, i.points, reason, place, True, remarks=(remark,))
        for i in question.items
    )
    return _Marked(QuestionMarks(question.id, question.title, items, found))


def _first(found: tuple[FoundHeading, ...]) -> Place | None:
    return Place(found[0].line, found[0].column) if found else None


class _Section:
    """The answer to one question, being marked."""

    def __init__(self, question: Question, submission: Submission, answer: Answer, judge: Judge) -> None:
        self.question = question
        self.answer = answer
        self.judge = judge
        self.source: Source = submission.cut.source
        self.cut = replace(submission.cut, pieces=answer.pieces)
        self.names = Renaming()
        self.context = question.context
        self.assumptions = Assumptions(self.context)
        self.doubt = ""

    def marked(self) -> _Marked:
        """The marks, and the report on the steps."""
        derivation = self.read()
        if derivation is None:
            return _for_person(self.question, self.answer.found, "the formulas here state nothing that can be marked")
        model = model_of(self.question, self.judge.settings).renamed(self.names)
        # hypotheses that nobody named are not searched for: those of the key are known
        settings = replace(self.judge.settings, search=False)
        results = check_derivation(derivation, settings, self.judge.engines).steps
        steps = Standings(model, self.context, self.assumptions, self.judge).all(results)
        answered = Answered(steps, self.context, self.question.follow_through, self.judge, self.place_of)
        items = tuple(self.item(item, wanted, model, answered) for item, wanted in model.items)
        reports = self.reports(steps)
        question = self.question
        marks = QuestionMarks(question.id, question.title, items, self.answer.found, self.renamed(), reports)
        report = DerivationReport(question.id, question.title, reports, derivation.inferred)
        return _Marked(marks, report)

    # reading

    def read(self) -> Derivation | None:
        """The steps under the key's givens, in the student's names."""
        derivation = self.read_in(self.question.context)
        document_names = self.found_names
        self.names = renaming(document_names, self.question.context)
        context = self.names.context(self.question.context)
        own = [
            (symbol, definition)
            for symbol, definition in self.question.own
            if symbol.name in document_names.used and symbol.name not in document_names.defined
        ]
        for symbol, definition in own:
            context = context.declare_only(symbol).define(definition)
        if self.names.pairs or own:
            derivation = self.read_in(context)
        self.context = context
        others = conflicts(self.found_names, context)
        redefined = [
            n
            for n, d in self.assumptions.redefined.items()
            if self.judge.same(context.definitions[n].body, d.body, context) != "yes"
        ]
        if others or redefined:
            told = ", ".join(latex_name(n) for n in dict.fromkeys([*others, *redefined]))
            self.doubt = f"the submission declares {told} in another way than the key"
        return derivation

    def read_in(self, context: Context) -> Derivation | None:
        self.assumptions = Assumptions(context)
        document, _ = read_cut(self.cut, context, self.assumptions.settle)
        self.found_names = names_in(document, {**self.alone(), **self.assumptions.declared})
        mine = [d for d in document.derivations if d.title == self.answer.title]
        return mine[-1] if mine else None

    def alone(self) -> dict[str, Symbol]:
        """What the student declares, read without the key: there the key's declarations would have the last word."""
        own = Assumptions(Context())
        _, there = read_cut(replace(self.cut, pieces=self.answer.declarations), Context(), own.settle)
        return {n: s for n, s in own.declared.items() if n not in there.definitions}

    def renamed(self) -> tuple[Renamed, ...]:
        """The student's names for the key's symbols, sizes too."""
        pairs = [*self.names.pairs, *dressed_too(self.found_names, self.context)]
        back = {new: old for old, new in self.names.pairs}
        return tuple(Renamed(latex_name(back.get(k, k)), latex_name(s)) for k, s in pairs)

    def place_of(self, step: Step) -> Place:
        line, column = self.source.place(step.span.start) if step.span is not None else (1, 1)
        return Place(line, column, step.id)

    # marking

    def item(self, item: Item, wanted: Asked | None, model: Model, answered: Answered) -> ItemMarks:
        if item.kind == "steps":
            marks = mark_steps(item, answered)
        elif wanted is None:
            marks = _unasked(item)
        else:
            marks = mark_statement(item, wanted, answered)
            if item.conditions and marks.high:
                marks = self.with_conditions(item, wanted, marks, model)
        if marks.place is None and marks.low < item.points:
            there = _first(self.answer.found)
            remarks = tuple(replace(r, place=there) if r.place is None else r for r in marks.remarks)
            marks = replace(marks, place=there, remarks=remarks)
        if self.doubt and marks.low < item.points:
            remark = Remark(_first(self.answer.found), self.doubt, for_person=True)
            marks = replace(
                marks, high=item.points, for_person=True, reason=self.doubt, remarks=(*marks.remarks, remark)
            )
        return marks

    def with_conditions(self, item: Item, wanted: Asked, marks: ItemMarks, model: Model) -> ItemMarks:
        """Half where the hypothesis that is needed is not named."""
        settings, question = self.judge.settings, self.question
        original = next(a for i, a in model_of(question, settings).items if i is item)
        assert original is not None
        needed = required(item, original, model, question.context, self.judge)
        conditions = tuple(map(self.names.term, needed))
        if not conditions:
            return marks
        facts = (*model.imposed, *self.assumptions.named)
        named = is_named(wanted, conditions, facts, self.answer.prose, self.context, self.cut, self.judge)
        if named == "yes":
            return marks
        told = " and ".join(plain(c) for c in conditions)
        return halved(marks, named == "no", marks.place, told)

    def reports(self, steps: tuple[Stood, ...]) -> tuple[StepReport, ...]:
        """What was found in each step; the likely mistake is looked for where an error begins."""
        explain = partial(remembered_diagnosis, settings=self.judge.settings)
        found = []
        explained = 0
        for stood in steps:
            root = stood.standing == "wrong" and isinstance(stood.result.verdict, Refuted)
            if root and explained < _MOST_EXPLAINED:
                explained += 1
                found.append(report_step(stood.result, self.source, explain))
            else:
                found.append(report_step(stood.result, self.source))
        return tuple(found)


def _unasked(item: Item) -> ItemMarks:
    reason = "an item of this kind is for a person to mark"
    remarks = (Remark(None, reason, for_person=True),)
    return ItemMarks(item.id, item.kind, item.points, item.points * 0, item.points, reason, None, True, remarks=remarks)
