"""What a key's own derivation says: its verdicts, what its items ask for, and what it imposes and needs.

The derivation is checked once for each key and kept. Its equations, imposed conditions and hypotheses are what a
student's line may rest on without deriving it anew: the question sets them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from derive.checking.derivation import check_derivation
from derive.checking.engines import Settings
from derive.checking.verdict import Conditional, Stated, StepResult
from derive.grading.answer import Asked, asked
from derive.grading.chains import sayings
from derive.grading.judge import Judge
from derive.grading.key import Item, Question
from derive.grading.renaming import Renaming
from derive.language.statement import Derivation
from derive.language.term import Term


@dataclass(frozen=True, slots=True)
class Model:
    """`items` are the rubric's with what each asks for; `statements` is what the key's own steps say.

    `imposed` are its imposed conditions, `conditions` the hypotheses under which its steps hold, `updates` its update
    rules.
    """

    results: tuple[StepResult, ...]
    items: tuple[tuple[Item, Asked | None], ...]
    statements: tuple[Asked, ...] = ()
    imposed: tuple[Term, ...] = ()
    conditions: tuple[Term, ...] = ()
    updates: tuple[Term, ...] = ()

    def renamed(self, renaming: Renaming) -> Model:
        """The same under a student's names. The results stay as they are."""
        if not renaming.pairs:
            return self
        return Model(
            self.results,
            tuple((i, a.renamed(renaming) if a is not None else None) for i, a in self.items),
            tuple(a.renamed(renaming) for a in self.statements),
            tuple(map(renaming.term, self.imposed)),
            tuple(map(renaming.term, self.conditions)),
            tuple(map(renaming.term, self.updates)),
        )


_HOLDS = frozenset(["proved", "conditional", "stated"])


@lru_cache(maxsize=64)
def model_of(question: Question, settings: Settings) -> Model:
    """The model of a question: its derivation checked, its items made ready."""
    judge = Judge(settings)
    derivation = Derivation(question.id, question.title, question.steps)
    results = check_derivation(derivation, settings, judge.engines).steps
    items = []
    for item in question.items:
        wanted = None
        if item.statement is not None:
            wanted = asked(item.statement, question.context, judge, item.up_to, item.update)
        items.append((item, wanted))
    told: list[Asked] = []
    conditions = [c for r in results if isinstance(r.verdict, Conditional) for c in r.verdict.proof.conditions]
    for position, said in sayings([(r.step, r.statement) for r in results]):
        result = results[position]
        if result.step.kind in ("definition", "update") or result.verdict.name not in _HOLDS:
            continue
        wanted = asked(said, result.step.context, judge)
        if wanted is not None:
            told.append(wanted)
    imposed = [
        r.statement
        for r in results
        if r.statement is not None and isinstance(r.verdict, Stated) and r.verdict.what == "condition"
    ]
    updates = [r.statement for r in results if r.statement is not None and r.step.kind == "update"]
    return Model(
        results,
        tuple(items),
        tuple(told),
        tuple(imposed),
        tuple(dict.fromkeys(conditions)),
        tuple(updates),
    )
