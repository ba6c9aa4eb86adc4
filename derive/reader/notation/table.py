"""A row of the notation tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.language.term import Term

if TYPE_CHECKING:
    from derive.reader.latex.parser import Parser
    from derive.reader.latex.tokens import Token

Prefix = Callable[["Parser", "Token"], Term]


@dataclass(frozen=True, slots=True)
class Row:
    """`signs` begin (or join) the notation and mean `head`; `prefix` reads what follows a sign that begins a factor.

    `example` is read in the context of `givens`, and `reading` is what `latex` then prints of it.
    """

    signs: tuple[str, ...]
    head: str
    example: str
    reading: str
    givens: tuple[str, ...] = ()
    prefix: Prefix | None = None
