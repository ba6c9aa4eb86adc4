"""The names of a formula: what is bound, declared, introduced by the formula itself, or known to nothing.

Every use of an undeclared name is noted with its place and the axes it runs over; `formula/inference.py` gives the name
its role afterwards. Shapes of parts are worked out with undeclared names as real scalars.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from derive.language.affine import Affine, affine_of
from derive.language.context import Context, Range, Shape, Symbol
from derive.language.letters import plain_letter
from derive.language.shape import shape_of
from derive.language.source import Span
from derive.language.term import Term
from derive.reader.latex.cursor import Cursor
from derive.reader.latex.tokens import Token


@dataclass(slots=True)
class Use:
    """An undeclared name: its first place, the axes it indexes, and the marks it was seen with."""

    span: Span
    ranges: list[Range] = field(default_factory=list)
    roles: set[str] = field(default_factory=set)


class Scope(Cursor):
    """What names mean: `scope` holds bound variables, `unknown` the names that nothing declares."""

    def __init__(self, tokens: list[Token], context: Context, end: int = 0) -> None:
        super().__init__(tokens, end)
        self.context = context
        self.scope: dict[str, Symbol] = {}
        self.unknown: dict[str, Use] = {}
        self.pending: dict[str, list[Range]] = {}
        self.functions: dict[str, Symbol] = {}
        self.fresh = 0
        self.singles = single_letters(tokens)

    def symbol(self, name: str) -> Symbol | None:
        """The symbol of a name: bound here, declared, or a function that this formula introduced."""
        return self.scope.get(name) or self.context.symbols.get(name) or self.functions.get(name)

    def is_known(self, name: str) -> bool:
        """Whether a single letter is bound, declared or used on its own in this formula."""
        return self.symbol(name) is not None or name in self.singles

    def alias(self, name: str) -> str:
        """A bold letter, or one with an arrow or a line, stands for the plain one where only that is declared."""
        if self.symbol(name) is None:
            if name[-1:] in ("\u20d7", "\u0332") and self.symbol(name[:-1]) is not None:
                return name[:-1]
            plain = "".join(map(plain_letter, name))
            if plain != name and self.symbol(plain) is not None and name[0] not in "ℒℬℰℱℋℐℳℛ":
                return plain
        return name

    @contextmanager
    def bound(self, *names: str, role: str = "index", symbol: Symbol | None = None) -> Iterator[None]:
        """Variables bound in what is read inside."""
        saved = {name: self.scope.get(name) for name in names}
        for name in names:
            self.scope[name] = symbol or Symbol(name, role="index" if role == "index" else "variable")
        yield
        for name, old in saved.items():
            if old is None:
                self.scope.pop(name, None)
            else:
                self.scope[name] = old

    def note_unknown(self, name: str, span: Span, role: str = "") -> Use:
        """Record an undeclared name."""
        use = self.unknown.setdefault(name, Use(span))
        if role:
            use.roles.add(role)
        return use

    def note_index(self, index: Term, axis: Range | None) -> None:
        """Record that an index expression runs over an axis, for variables whose range follows from their use."""
        affine = affine_of(index)
        if affine is None or axis is None or len(affine.parts) != 1:
            return
        name, factor = affine.parts[0]
        if abs(factor) != 1:
            return
        low, high = axis.low - affine.constant, axis.high - affine.constant
        if factor == -1:
            low, high = -high, -low
        if name in self.pending and name in self.scope:
            self.pending[name].append(Range(low, high))
        elif name in self.unknown and name not in self.scope:
            self.unknown[name].ranges.append(Range(low, high))

    def shape(self, term: Term) -> Shape | None:
        """The shape of a part that has been read, None where it does not conform or is not known yet."""
        found = shape_of(term, self.working_context(), dict(self.scope))
        return found if isinstance(found, Shape) else None

    def working_context(self) -> Context:
        """The context with this formula's own names added as real scalars."""
        new = [Symbol(n) for n in self.unknown if n not in self.context.symbols and n not in self.functions]
        new += [s for s in self.functions.values() if s.name not in self.context.symbols]
        return self.context.declare_only(*new) if new else self.context

    def axes_of(self, symbol: Symbol) -> list[Range | None]:
        """The ranges of a symbol's indices: its family's, then its shape's."""
        axes: list[Range | None] = list(symbol.family)
        axes += [Range(Affine(1), axis[0]) if len(axis) == 1 else None for axis in symbol.shape.axes]
        return axes

    def fresh_index(self) -> str:
        """A name for an index that the text leaves unnamed."""
        taken = set(self.scope) | set(self.context.symbols) | set(self.unknown) | self.singles
        for name in ("j", "k", "l", "r", "s", "m"):
            if name not in taken:
                return name
        self.fresh += 1
        return f"j_{self.fresh}"

    def is_event(self, term: Term) -> bool:
        """Whether a term is an event (a statement without a relation)."""
        if term.head == "sym":
            symbol = self.symbol(term.name)
            return symbol is not None and symbol.role == "event"
        if term.head == "entry":
            return self.is_event(term.args[0])
        if term.head == "true":
            return True
        return term.head in ("and", "or", "not", "forall") and all(map(self.is_event, term.args[-1:]))


def single_letters(tokens: list[Token]) -> frozenset[str]:
    """Latin letters that stand on their own somewhere in the formula."""
    found = set()
    for position, token in enumerate(tokens):
        if token.kind != "letter":
            continue
        before = tokens[position - 1] if position else None
        after = tokens[position + 1] if position + 1 < len(tokens) else None
        left = before is not None and token.joined and before.kind == "letter" and before.text.isascii()
        right = after is not None and after.joined and after.kind == "letter" and after.text.isascii()
        if not left and not right:
            found.add(token.text)
    return frozenset(found)
