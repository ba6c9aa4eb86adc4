"""The parser of formulas: levels of binding, juxtaposition, brackets and bars.

A Pratt parser: what a token that begins a factor means stands in the notation tables, the joining operators and
relations are the levels below. A letter's scripts are classified by what its name was declared as (`scripts.py`).
Every token is consumed once; where one cannot be, `Unreadable` carries a `Problem` with its place. The parser never
guesses: two fitting readings are a problem that names both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from derive.language.affine import Affine, affine_of
from derive.language.context import Context, Range, Shape, Symbol
from derive.language.letters import plain_letter
from derive.language.shape import shape_of
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import Term, make, num, sym
from derive.reader.tokens import Token

DEEPEST = 40

RELATIONS: dict[str, str] = {
    "=": "eq",
    "\\equiv": "eq",
    ":=": "define",
    "\\triangleq": "define",
    "\\ne": "ne",
    "\\neq": "ne",
    "<": "lt",
    "\\lt": "lt",
    "\\le": "le",
    "\\leq": "le",
    "\\leqslant": "le",
    "\\leqq": "le",
    ">": "gt",
    "\\gt": "gt",
    "\\ge": "ge",
    "\\geq": "ge",
    "\\geqslant": "ge",
    "\\geqq": "ge",
    "\\approx": "approx",
    "\\simeq": "approx",
    "\\propto": "propto",
    "\\sim": "distributed",
    "\\to": "tends",
    "\\rightarrow": "tends",
    "\\longrightarrow": "tends",
    "\\in": "in",
}
ARROWS: dict[str, str] = {
    "\\Rightarrow": "implies",
    "\\implies": "implies",
    "\\Longrightarrow": "implies",
    "\\therefore": "implies",
    "\\iff": "iff",
    "\\Leftrightarrow": "iff",
    "\\Longleftrightarrow": "iff",
}
DOTS = frozenset(["\\dots", "\\ldots", "\\cdots", "\\dotsc", "\\dotsb", "\\dotsm", "\\dotsi", "\\dotso", "\\vdots"])
_CLOSING = frozenset([")", "]", "}", "\\}", "\\rangle", "\\rvert", "\\rVert", "\\rfloor", "\\rceil", "\\end"])


class Unreadable(Exception):
    """Raised inside the reader; carries the `Problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(slots=True)
class Use:
    """An undeclared name: its first place, the axes it indexes, and the marks it was seen with."""

    span: Span
    ranges: list[Range] = field(default_factory=list)
    roles: set[str] = field(default_factory=set)


class Parser:
    """One formula being read. `scope` holds bound variables, `unknown` the names that nothing declares."""

    def __init__(self, tokens: list[Token], context: Context, end: int = 0) -> None:
        self.end = Token("end", "", end, end)
        self.tokens = [*tokens, self.end]
        self.at = 0
        self.context = context
        self.scope: dict[str, Symbol] = {}
        self.unknown: dict[str, Use] = {}
        self.pending: dict[str, list[Range]] = {}
        self.bars: list[str] = []
        self.differentials = 0
        self.bare_end = -1
        self.depth = 0
        self.in_moment = 0
        self.read_again = 0
        self.optimised: set[str] = set()
        self.functions: dict[str, Symbol] = {}
        self.implicit: dict[str, tuple[Term, ...]] = {}
        self.fresh = 0
        self.numerator_differential: list[Token] | None = None
        self.singles = _single_letters(tokens)

    # tokens

    def peek(self, ahead: int = 0) -> Token:
        """The token `ahead` of the place, or the end."""
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else self.tokens[-1]

    def take(self) -> Token:
        """The token at the place, which moves on."""
        token = self.peek()
        if token.kind != "end":
            self.at += 1
        return token

    def accept(self, *texts: str) -> Token | None:
        """The token at the place where it is one of these signs or commands."""
        token = self.peek()
        if token.text in texts and token.kind in ("sign", "command"):
            return self.take()
        return None

    def expect(self, text: str) -> Token:
        """This sign must stand here."""
        token = self.accept(text)
        if token is None:
            raise self.fail("sign-expected", wanted=text)
        return token

    def fail(self, code: str, token: Token | None = None, span: Span | None = None, **details: object) -> Unreadable:
        """A problem at a token (the one at the place by default)."""
        at = token or self.peek()
        found = at.text if at.kind != "end" else ""
        pairs = {"found": found, **{k: str(v) for k, v in details.items()}}
        return Unreadable(Problem(code, span or at.span, tuple(pairs.items())))

    def since(self, start: int) -> Span:
        """The span of the tokens from index `start` to the place."""
        first = self.tokens[min(start, len(self.tokens) - 1)]
        last = self.tokens[max(self.at - 1, start, 0)] if self.at > start else first
        return Span(first.start, max(last.end, first.end))

    @contextmanager
    def within(self, tokens: list[Token]) -> Iterator[None]:
        """Read a slice of tokens as a text of its own; all of it must be consumed."""
        saved = self.tokens, self.at, self.bars, self.differentials, self.bare_end
        end = tokens[-1].end if tokens else self.peek().start
        self.tokens, self.at = [*tokens, Token("end", "", end, end)], 0
        self.bars, self.differentials, self.bare_end = [], 0, -1
        yield
        if self.peek().kind != "end":
            raise self.leftover()
        self.tokens, self.at, self.bars, self.differentials, self.bare_end = saved

    def leftover(self) -> Unreadable:
        """The problem of a token that nothing can take."""
        token = self.peek()
        if token.kind == "digit":
            return self.fail("digit-after-factor", token)
        if token.kind == "text":
            return self.fail("running-text", token, text=token.text)
        if token.text in _CLOSING:
            return self.fail("bracket-unopened", token)
        if token.kind == "command" and token.text not in RELATIONS and token.text not in ARROWS:
            return self.fail("unknown-command" if token.text not in _known() else "not-expected-here", token)
        return self.fail("not-expected-here", token)

    def group_tokens(self) -> list[Token]:
        """The tokens of the braced group (or the single token) at the place, which moves behind it."""
        if self.peek().kind == "end" or self.peek().text in ("}", "^", "_", "&", "\\\\"):
            raise self.fail("argument-expected")
        if self.peek().text != "{" or self.peek().kind != "sign":
            token = self.take()
            if token.text in ("\\frac", "\\dfrac", "\\tfrac", "\\hat", "\\bar", "\\tilde", "\\sqrt"):
                raise self.fail("braces-expected", token)
            return [token]
        self.take()
        level, start = 1, self.at
        while True:
            token = self.take()
            if token.kind == "end":
                raise self.fail("brace-open")
            if token.kind == "sign" and token.text == "{":
                level += 1
            elif token.kind == "sign" and token.text == "}":
                level -= 1
                if level == 0:
                    return self.tokens[start : self.at - 1]

    def read_slice(self, tokens: list[Token], read: Callable[[], Term] | None = None) -> Term:
        """A slice of tokens as one expression."""
        if not tokens:
            raise self.fail("expression-expected")
        with self.within(tokens):
            return read() if read else self.expression()

    def argument(self) -> Term:
        """A braced group (or one token) as an expression, as in `\\frac{…}{…}`."""
        if self.peek().kind == "end":
            raise self.fail("argument-expected")
        return self.read_slice(self.group_tokens() or self._empty())

    def _empty(self) -> list[Token]:
        raise self.fail("expression-expected", self.tokens[self.at - 1])

    def bracketed(self, opening: tuple[str, ...] = ("(", "[", "\\{")) -> Term | None:
        """A bracketed expression or statement at the place, or None where no such bracket opens."""
        token = self.peek()
        if token.text not in opening or token.kind not in ("sign", "command"):
            return None
        return self.enclosed(self.statement)

    def enclosed(self, read: Callable[[], Term], bars: str = "none") -> Term:
        """What stands between the bracket at the place and its partner."""
        opening = self.take()
        closing = {"(": ")", "[": "]", "\\{": "\\}", "\\langle": "\\rangle"}[opening.text]
        self.bars.append(bars)
        saved, self.differentials = self.differentials, 0
        result = read()
        self.bars.pop()
        self.differentials = saved
        token = self.peek()
        if token.text != closing or token.kind == "end" or (opening.side == "left") != (token.side == "right"):
            if token.kind == "end":
                raise self.fail("bracket-unclosed", opening, wanted=closing)
            if token.kind in ("digit", "text") or token.text not in _CLOSING:
                raise self.leftover()
            raise self.fail("bracket-unmatched", token, wanted=closing)
        self.take()
        return result

    # statements

    def statement(self) -> Term:
        """A statement or, where no relation stands, an expression."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail("nested-too-deep")
        start = self.at
        left = self.disjunction()
        while self.peek().text in ARROWS:
            sign = self.take()
            right = self.disjunction()
            left = make(ARROWS[sign.text], left, right, span=self.since(start))
        self.depth -= 1
        return left

    def disjunction(self) -> Term:
        """Statements joined by `or`."""
        start = self.at
        parts = [self.conjunction()]
        while self.accept("\\lor", "\\vee") or self.accept_text("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else make("or", *parts, span=self.since(start))

    def conjunction(self) -> Term:
        """Statements joined by `and`."""
        start = self.at
        parts = [self.relation()]
        while self.accept("\\land", "\\wedge") or self.accept_text("and"):
            parts.append(self.relation())
        return parts[0] if len(parts) == 1 else make("and", *parts, span=self.since(start))

    def accept_text(self, *words: str) -> Token | None:
        """Running text that is one of these words."""
        token = self.peek()
        return self.take() if token.kind == "text" and token.text.strip(" ,") in words else None

    def relation(self) -> Term:
        """A chain of relations as one statement (`0 < p < 1` is two), or an expression."""
        start = self.at
        if self.accept("\\lnot", "\\neg"):
            return make("not", self.relation(), span=self.since(start))
        if self.accept("\\forall"):
            return self.universal(start)
        if self.accept_text("otherwise", "else", "Otherwise"):
            return make("true", span=self.since(start))
        left = self.operand()
        parts: list[Term] = []
        while self.peek().text in RELATIONS and self.peek().kind in ("sign", "command"):
            sign = self.take()
            statement, left = self.related(left, RELATIONS[sign.text], start)
            parts.append(statement)
        if self.peek().kind == "text" and self.peek().text.startswith(("is ", "are ")):
            from derive.reader.phrases import formula_phrase

            parts.append(formula_phrase(self, left, self.take()))
        if not parts:
            return left
        return parts[0] if len(parts) == 1 else make("and", *parts, span=self.since(start))

    def related(self, left: Term, head: str, start: int) -> tuple[Term, Term]:
        """The statement that relates `left` to what follows, and the new left side of the chain."""
        from derive.reader.sets import membership_statement, read_distribution, read_tending

        if head == "in":
            statement = membership_statement(self, left)
            return statement.with_span(self.since(start)), left
        if head == "distributed":
            return read_distribution(self, left).with_span(self.since(start)), left
        if head == "tends":
            return read_tending(self, left).with_span(self.since(start)), left
        if head in ("lt", "le") and self.peek().text == "\\infty":
            self.take()
            return make("has", left, value="finite", span=self.since(start)), left
        right = self.operand()
        return self.relate("eq" if head == "define" else head, left, right, self.since(start)), right

    def relate(self, head: str, left: Term, right: Term, span: Span) -> Term:
        """`left head right`; between events equality is equivalence."""
        if head == "eq" and self.is_event(left) and self.is_event(right):
            head = "iff"
        return make(head, left, right, span=span)

    def is_event(self, term: Term) -> bool:
        """Whether a term is an event (a statement without a relation)."""
        if term.head == "sym":
            symbol = self.symbol(term.name)
            return symbol is not None and symbol.role == "event"
        if term.head == "entry":
            return self.is_event(term.args[0])
        return term.head in ("and", "or", "not", "forall") and all(map(self.is_event, term.args[-1:]))

    def universal(self, start: int) -> Term:
        """`\\forall k \\in \\{1, …, n\\} : …`"""
        from derive.reader.sets import index_range

        name = self.bare_name()
        self.expect("\\in")
        low, high = index_range(self)
        if not self.accept(":", ","):
            raise self.fail("sign-expected", wanted=":")
        with self.bound(name):
            body = self.statement()
        return make("forall", sym(name), low, high, body, span=self.since(start))

    # expressions

    def operand(self) -> Term:
        """One side of a relation: an expression, or events joined by `\\cap` and `\\cup`."""
        start = self.at
        left = self.expression()
        while True:
            if self.peek().text in ("\\cap", "\\cup"):
                sign = self.take().text
                parts = [left]
                while True:
                    dots = self.accept(*DOTS)
                    if dots:
                        self.expect(sign)
                        last = self.expression()
                        parts = [self.series("forall" if sign == "\\cap" else "exists", parts, last, dots)]
                    else:
                        parts.append(self.expression())
                    if not self.accept(sign):
                        break
                head = "and" if sign == "\\cap" else "or"
                left = parts[0] if len(parts) == 1 else make(head, *parts, span=self.since(start))
                continue
            return left

    def expression(self) -> Term:
        """A sum of products."""
        start = self.at
        terms: list[Term] = []
        sign = self.accept("+", "-")
        if sign is not None and sign.text == "+":
            raise self.fail("not-expected-here", sign)
        first_start = self.at - (1 if sign else 0)
        first = self.product()
        terms.append(make("neg", first, span=self.since(first_start)) if sign else first)
        while True:
            sign = self.accept("+", "-")
            if sign is None:
                break
            dots = self.accept(*DOTS)
            if dots is not None:
                again = self.accept("+", "-")
                if again is None or sign.text != "+" or again.text != "+":
                    raise self.fail("dots-unclear", dots)
                last = self.product()
                terms = [*self.summed(terms, last, dots)]
                continue
            at = self.at - 1
            term = self.product()
            terms.append(make("neg", term, span=self.since(at)) if sign.text == "-" else term)
        if len(terms) == 1:
            return terms[0]
        return make("add", *terms, span=self.since(start))

    def summed(self, terms: list[Term], last: Term, dots: Token) -> list[Term]:
        """`t_1 + … + t_n` as a sum over an index, with the terms before it that it does not reach."""
        from derive.reader.series import fold_series

        folded = fold_series(self, "sum", terms, last)
        if folded is None:
            raise self.fail("dots-unclear", dots)
        return folded

    def series(self, head: str, terms: list[Term], last: Term, dots: Token) -> Term:
        """`t_1, …, t_n` joined by something else than `+`, as one binder."""
        from derive.reader.series import fold_series

        folded = fold_series(self, head, terms, last)
        if folded is None or len(folded) != 1:
            raise self.fail("dots-unclear", dots)
        return folded[0]

    def product(self) -> Term:
        """Factors joined by nothing, `\\cdot`, `\\times`, `*`, `/`, `\\odot`, `\\otimes`."""
        start = self.at
        factors = [self.factor()]
        joins: list[str] = []
        divided = False
        while True:
            token = self.peek()
            if token.kind in ("sign", "command") and token.text in ("\\cdot", "\\times", "*", "\\ast"):
                self.take()
                dots = self.accept(*DOTS)
                if dots:
                    self.accept("\\cdot", "\\times", "*")
                    factors = [self.series("prod", factors, self.factor(), dots)]
                    continue
                right = self.factor()
                factors = self._dotted(factors, right, token, start)
                divided = False
                continue
            if token.kind == "command" and token.text in _ENTRYWISE:
                joins.append(token.text)
                if len(set(joins)) > 1:
                    raise self.fail("operators-mixed", token, first=joins[0], second=token.text)
                self.take()
                left = factors[0] if len(factors) == 1 else make("mul", *factors, span=self.since(start))
                right = self.factor()
                head = self._entrywise_head(_ENTRYWISE[token.text], left, right)
                args = (*left.args, right) if left.head == head and head != "entrydiv" and joins[1:] else (left, right)
                factors = [make(head, *args, span=self.since(start))]
                continue
            if token.kind == "sign" and token.text == "/":
                self.take()
                if divided:
                    raise self.fail("division-unclear", token)
                left = factors[0] if len(factors) == 1 else make("mul", *factors, span=self.since(start))
                right = self.factor()
                factors = [make("div", left, right, span=self.since(start))]
                divided = True
                continue
            if token.text in DOTS and token.kind == "command" and self.starts_factor(self.peek(1)):
                dots = self.take()
                last = self.factor()
                factors = [self.series("prod", factors, last, dots)]
                continue
            if not self.starts_factor(token):
                break
            if token.kind == "digit":
                raise self.fail("digit-after-factor", token)
            if divided:
                raise self.fail("division-unclear", token)
            if joins:
                raise self.fail("operators-mixed", token, first=joins[-1], second="")
            if self.bare_end == self.at and not self.is_function_head(token):
                raise self.fail("function-argument-unclear", token)
            factors.append(self.factor())
        if len(factors) == 1:
            return factors[0]
        return make("mul", *factors, span=self.since(start))

    def _dotted(self, factors: list[Term], right: Term, token: Token, start: int) -> list[Term]:
        """`a \\cdot b`: an inner product where both are vectors."""
        if token.text == "\\cdot":
            left = factors[0] if len(factors) == 1 else make("mul", *factors, span=self.since(start))
            one, other = self.shape(left), self.shape(right)
            if one is not None and other is not None and one.rank == 1 and other.rank == 1:
                return [make("inner", left, right, span=self.since(start))]
        return [*factors, right]

    def _entrywise_head(self, head: str, left: Term, right: Term) -> str:
        shape = self.shape(left)
        if head == "hadamard" and shape is not None and not shape.axes:
            other = self.shape(right)
            if other is None or not other.axes:
                return "mul"
        return head

    def starts_factor(self, token: Token) -> bool:
        """Whether a factor may begin with this token."""
        if token.kind in ("letter", "word", "digit"):
            return not (self.differentials and self.at_differential())
        if token.kind not in ("sign", "command"):
            return False
        if token.side:
            return token.side == "left"
        if token.text in ("(", "[", "{", "\\{"):
            return True
        if token.text in ("|", "\\vert"):
            return (not self.bars or self.bars[-1] not in ("abs", "given")) and self.peek(1).text != "_"
        if token.text == "||":
            return not self.bars or self.bars[-1] not in ("norm", "abs", "given")
        if token.text in ("\\|", "\\Vert"):
            return not self.bars or self.bars[-1] not in ("norm", "given")
        return token.text in _prefixes() or token.text.startswith(("\\mathbf", "\\mathbb"))

    def is_function_head(self, token: Token) -> bool:
        """Whether a function such as `\\log` begins here."""
        if token.kind == "letter":
            return self.letter_run() in _prefixes()
        return token.text in _prefixes() and _prefixes()[token.text].head in FUNCTION_HEADS

    def at_differential(self) -> bool:
        """Whether `dx` stands at the place."""
        token, after = self.peek(), self.peek(1)
        if token.text != "d" or token.kind not in ("letter", "word"):
            return False
        return after.kind == "letter" or (after.kind == "command" and after.text in ("\\hat", "\\bar", "\\tilde"))

    # factors

    def factor(self) -> Term:
        """One factor with its scripts."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail("nested-too-deep")
        term = self._factor()
        self.depth -= 1
        return term

    def _factor(self) -> Term:
        token = self.peek()
        start = self.at
        if token.kind == "end":
            raise self.fail("expression-expected")
        if token.kind == "digit":
            return self.postfix(self.number(), start)
        if token.kind in ("letter", "word"):
            from derive.reader.scripts import read_name

            return self.postfix(read_name(self), start)
        if token.kind == "text":
            if token.text == "undefined":
                self.take()
                return make("undefined", span=token.span)
            raise self.fail("running-text", token, text=token.text)
        if token.text in ("(", "[", "\\{") and token.side != "right":
            return self.postfix(self.group(), start)
        if token.text == "{":
            tokens = self.group_tokens()
            if not tokens:
                raise self.fail("expression-expected", token)
            return self.postfix(self.read_slice(tokens), start)
        if token.text in ("|", "\\vert", "\\lvert", "\\|", "||", "\\Vert", "\\lVert"):
            return self.postfix(self.fenced(), start)
        if token.text == "." and token.side == "left":
            from derive.reader.notation.calculus import evaluation

            self.take()
            return self.postfix(evaluation(self, token), start)
        row = _prefixes().get(token.text)
        if row is not None and row.prefix is not None and token.kind == "command":
            self.take()
            return self.postfix(row.prefix(self, token).with_span(self.since(start)), start)
        if token.kind == "command":
            if token.text in RELATIONS or token.text in ARROWS or token.text in _CLOSING or token.text in _known():
                raise self.fail("expression-expected", token)
            raise self.fail("unknown-command", token)
        raise self.fail("expression-expected", token)

    def number(self) -> Term:
        """An unsigned decimal number."""
        start = self.at
        text = self.take().text
        while self.peek().kind == "digit" and self.peek().joined:
            text += self.take().text
        if self.peek().text == "." and self.peek().joined and self.peek(1).kind == "digit" and self.peek(1).joined:
            self.take()
            text += "."
            while self.peek().kind == "digit" and self.peek().joined:
                text += self.take().text
        return num(text, self.since(start))

    def group(self) -> Term:
        """A bracketed expression, `(p_i)_{i=1}^{n}`, a column `(a, b, …)`, or an evaluation between bounds."""
        from derive.reader.brackets import after_group, column

        start = self.at
        opening = self.peek()
        items: list[Term] = []

        def read() -> Term:
            first = self.statement()
            items.append(first)
            while self.peek().text == "," and self.peek().kind == "sign":
                self.take()
                dots = self.accept(*DOTS)
                if dots:
                    if not self.accept(","):
                        raise self.fail("sign-expected", wanted=",")
                    last = self.expression()
                    items[:] = [self.series("tabulate", items, last, dots)]
                    continue
                items.append(self.statement())
            return first

        inner = self.enclosed(read)
        if len(items) > 1 or items[0] is not inner:
            inner = column(self, items, opening, start)
        return after_group(self, inner, opening, start)

    def fenced(self) -> Term:
        """`|x|` or `\\|x\\|`."""
        start = self.at
        opening = self.take()
        norm = opening.text in ("\\|", "||", "\\Vert", "\\lVert")
        self.bars.append("norm" if norm else "abs")
        saved, self.differentials = self.differentials, 0
        inner = self.expression()
        self.differentials = saved
        self.bars.pop()
        closing = ("\\|", "||", "\\Vert", "\\rVert") if norm else ("|", "\\vert", "\\rvert")
        token = self.peek()
        if not norm and token.text == "||":
            # |a||b|: the end of one and the beginning of the next
            middle = token.start + 1
            halves = [
                replace(token, text="|", kind="sign", end=middle),
                replace(token, text="|", kind="sign", start=middle),
            ]
            self.tokens[self.at : self.at + 1] = halves
            token = self.peek()
        if token.text not in closing or (opening.side == "left") != (token.side == "right"):
            raise self.fail("bracket-unclosed", opening if token.kind == "end" else token, wanted=closing[0])
        self.take()
        if not norm and inner.head == "sym" and (known := self.symbol(inner.name)) is not None and known.role == "set":
            return sym(f"|{inner.name}|", self.since(start))
        if not norm:
            return make("abs", inner, span=self.since(start))
        value = ""
        if self.accept("_"):
            tokens = self.group_tokens()
            value = "".join(t.text for t in tokens)
            names = {"2": "2", "F": "F", "1": "1", "\\infty": "inf", "Fro": "F"}
            if value not in names:
                raise self.fail("norm-unknown", tokens[0] if tokens else token, norm=value)
            value = names[value]
        shape = self.shape(inner)
        if shape is not None and shape.rank == 2 and value in ("", "2"):
            raise self.fail("norm-unclear", opening)
        return make("norm", inner, value=value or "2", span=self.since(start))

    def postfix(self, term: Term, start: int) -> Term:
        """Scripts, factorials and evaluations behind a factor."""
        from derive.reader.scripts import read_postfix

        return read_postfix(self, term, start)

    # names

    def letter_run(self) -> str:
        """The Latin letters (or the word) that stand together at the place."""
        token = self.peek()
        if token.kind == "word":
            return token.text
        if token.kind != "letter":
            return ""
        text = token.text
        if not (token.text.isascii()):
            return text
        ahead = 1
        while (after := self.peek(ahead)).kind == "letter" and after.joined and after.text.isascii():
            text += after.text
            ahead += 1
        return text

    def symbol(self, name: str) -> Symbol | None:
        """The symbol of a name: bound here, declared, or a function that this formula introduced."""
        return self.scope.get(name) or self.context.symbols.get(name) or self.functions.get(name)

    def is_known(self, name: str) -> bool:
        """Whether a single letter is bound, declared or used on its own in this formula."""
        return self.symbol(name) is not None or name in self.singles

    def alias(self, name: str) -> str:
        """A bold letter stands for the plain one where only that is declared."""
        if self.symbol(name) is None:
            plain = "".join(map(plain_letter, name))
            if plain != name and self.symbol(plain) is not None and name[0] not in "ℒℬℰℱℋℐℳℛ":
                return plain
        return name

    def bare_name(self) -> str:
        """A variable that is about to be bound or differentiated by: a letter or word without index."""
        from derive.reader.scripts import plain_name

        return plain_name(self)

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


FUNCTION_HEADS = frozenset(
    [
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "sign",
        "det",
        "trace",
        "diag",
        "vec",
        "rank",
        "softmax",
        "max",
        "min",
        "variance",
        "covariance",
        "expect",
        "prob",
        "logbase",
    ]
)
_ENTRYWISE = {"\\odot": "hadamard", "\\circ": "hadamard", "\\otimes": "kron", "\\oslash": "entrydiv"}


def _prefixes() -> dict[str, Row]:
    from derive.reader.notation import PREFIX

    return PREFIX


def _known() -> frozenset[str]:
    from derive.reader.notation import KNOWN

    return KNOWN


def _single_letters(tokens: list[Token]) -> frozenset[str]:
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


from derive.reader.notation.table import Row  # noqa: E402
