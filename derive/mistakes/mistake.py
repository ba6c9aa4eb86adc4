"""What every likely mistake looks like: a name, what it is, and one function that proposes mended statements.

`propose` looks at the evidence of one refuted step and offers edited statements, the likeliest first; `guess` offers
those that bring in something from elsewhere, and is asked when no kind's proposals were any good. Both may be wrong
as often as they like, since `diagnose` keeps nothing that is not proved. `accepts` and `declines` are example steps:
they are the tests of the mistake and its page in the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from derive.language.term import Term
from derive.mistakes.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Accepted:
    """A false step in the notation of documents, and the mended statement as it is printed."""

    given: tuple[str, ...]
    step: str
    mended: str


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that this mistake does not explain."""

    given: tuple[str, ...]
    step: str


@dataclass(frozen=True, slots=True)
class Mended:
    """A statement that may have been meant, and what then went wrong, in words."""

    statement: Term
    message: str
    witnessed: bool = False
    """Whether a point must show that the statement says something: it has more premises than the step had."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One kind of mistake."""

    name: str
    summary: str
    propose: Callable[[Evidence], Iterable[Mended]]
    accepts: tuple[Accepted, ...] = ()
    declines: tuple[Passed, ...] = ()
    guess: Callable[[Evidence], Iterable[Mended]] | None = None
    late: bool = False
    """Whether its guesses come after those of the others."""
    statements: bool = False
    """Whether it also looks at steps that claim no single relation, as `x = 1 or x = 2`."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The likely mistake of a refuted step: its kind, what happened, and the mended statement, which is proved."""

    kind: str
    message: str
    suggestion: Term
