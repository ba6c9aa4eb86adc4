"""Steps, derivations and documents: what is to be checked, wherever it was read from.

A `Step` is one claim with everything in force where it stands. Statements are terms whose head is a relation or a
connective (`eq`, `le`, `implies`, …); see `heads.RELATIONS` and `heads.CONNECTIVES`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from derive.language.context import Context
from derive.language.source import Source, Span
from derive.language.term import Term

StepKind = Literal["claim", "definition", "condition", "update", "open"]
"""`open`: an equation that is a claim or an imposed condition; checking decides by the rule that
docs/verdicts.md states.
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be understood: a code that `wording` turns into words, its place, and its details.

    `about` is the formula whose shapes do not fit, where that is the problem.
    """

    code: str
    span: Span | None = None
    details: tuple[tuple[str, str], ...] = ()
    about: Term | None = field(default=None, compare=False)

    def detail(self, key: str, default: str = "") -> str:
        """One detail by name."""
        return dict(self.details).get(key, default)


@dataclass(frozen=True, slots=True)
class Step:
    """One claim (or definition, condition, update) of a derivation.

    `statement` is what is claimed, `context` what is in force before it, `origin` the first expression of the chain
    it stands in (to say whether the step is also true from the start), `because` the author's reason. `problem` is set
    instead of a statement where the source could not be read. `source` is the text of the step as its author wrote it.
    `spot` holds the two sides as plain SymPy expressions, for proof scripts: the numeric route spot-checks them as the
    author wrote them.
    """

    id: str
    statement: Term | None
    context: Context
    kind: StepKind = "claim"
    span: Span | None = None
    origin: Term | None = None
    because: str = ""
    source: str = ""
    problem: Problem | None = None
    spot: tuple[Any, Any] | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """Steps under one heading, or of one proof script function."""

    name: str
    title: str
    steps: tuple[Step, ...]
    reference: str = ""
    inferred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file that holds derivations. `problem` is set where the whole file could not be read."""

    source: Source
    title: str
    derivations: tuple[Derivation, ...]
    problem: Problem | None = None
