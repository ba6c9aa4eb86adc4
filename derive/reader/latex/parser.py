"""The parser of formulas: levels of binding, juxtaposition, brackets and bars.

A Pratt parser: what a token that begins a factor means stands in the notation tables, the joining operators and
relations are the levels below. A letter's scripts are classified by what its name was declared as (`names.py`).
The parser never guesses: two fitting readings are a problem that names both.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.language.context import Context
from derive.language.source import Span
from derive.language.term import Term, make, num, sym
from derive.reader.latex.scope import Scope
from derive.reader.latex.signs import (
    ARROWS,
    CLOSING,
    DEEPEST,
    DOTS,
    ENTRYWISE,
    FUNCTION_HEADS,
    RELATIONS,
    known_commands,
    prefixes,
)
from derive.reader.latex.tokens import Token


class Parser(Scope):
    """One formula being read."""

    def __init__(self, tokens: list[Token], context: Context, end: int = 0) -> None:
        super().__init__(tokens, context, end)
        self.depth = 0
        self.in_moment = 0
        self.read_again = 0
        self.optimised: set[str] = set()
        self.implicit: dict[str, tuple[Term, ...]] = {}
        self.numerator_differential: list[Token] | None = None

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
            if token.kind in ("digit", "text") or token.text not in CLOSING:
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
            from derive.reader.notation.phrases import formula_phrase

            parts.append(formula_phrase(self, left, self.take()))
        if not parts:
            return left
        return parts[0] if len(parts) == 1 else make("and", *parts, span=self.since(start))

    def related(self, left: Term, head: str, start: int) -> tuple[Term, Term]:
        """The statement that relates `left` to what follows, and the new left side of the chain."""
        from derive.reader.notation.sets import membership_statement, read_distribution, read_tending

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

    def universal(self, start: int) -> Term:
        """`\\forall k \\in \\{1, …, n\\} : …`"""
        from derive.reader.notation.sets import index_range

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
            if self.accept("\\setminus"):
                right = self.expression()
                left = make("and", left, make("not", right, span=right.span), span=self.since(start))
                continue
            if self.peek().text in ("\\cap", "\\cup"):
                sign = self.take().text
                parts = [left]
                while True:
                    dots = self.accept(*DOTS)
                    if dots:
                        self.expect(sign)
                        last = self.expression()
                        parts = [self.every_or_some(sign, parts, last, dots)]
                    else:
                        parts.append(self.expression())
                    if not self.accept(sign):
                        break
                head = "and" if sign == "\\cap" else "or"
                left = parts[0] if len(parts) == 1 else make(head, *parts, span=self.since(start))
                continue
            return left

    def every_or_some(self, sign: str, parts: list[Term], last: Term, dots: Token) -> Term:
        """`A_1 \\cap … \\cap A_n`, or `A_1 \\cup … \\cup A_n` as what is not outside all of them."""
        every = self.series("forall", parts, last, dots)
        if sign == "\\cap":
            return every
        *range_of, body = every.args
        outside = every.with_args((*range_of, make("not", body, span=body.span)))
        return make("not", outside, span=every.span)

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
        from derive.reader.latex.series import fold_series

        folded = fold_series(self, "sum", terms, last)
        if folded is None:
            raise self.fail("dots-unclear", dots)
        return folded

    def series(self, head: str, terms: list[Term], last: Term, dots: Token) -> Term:
        """`t_1, …, t_n` joined by something else than `+`, as one binder."""
        from derive.reader.latex.series import fold_series

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
            if token.kind == "command" and token.text in ENTRYWISE:
                joins.append(token.text)
                if len(set(joins)) > 1:
                    raise self.fail("operators-mixed", token, first=joins[0], second=token.text)
                self.take()
                left = factors[0] if len(factors) == 1 else make("mul", *factors, span=self.since(start))
                right = self.factor()
                head = self._entrywise_head(ENTRYWISE[token.text], left, right)
                args = (*left.args, right) if left.head == head and head != "entrydiv" and joins[1:] else (left, right)
                factors = [make(head, *args, span=self.since(start))]
                continue
            if token.kind == "sign" and token.text == "/":
                if self.bare_end == self.at:
                    raise self.fail("function-argument-unclear", token)
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
        head = "and" if not divided and all(map(self.is_event, factors)) else "mul"  # `AB` is the event A ∩ B
        return make(head, *factors, span=self.since(start))

    def _dotted(self, factors: list[Term], right: Term, token: Token, start: int) -> list[Term]:
        """`a \\cdot b`: an inner product where both are vectors, which have no `a \\times b` here."""
        if token.text in ("\\cdot", "\\times"):
            left = factors[0] if len(factors) == 1 else make("mul", *factors, span=self.since(start))
            one, other = self.shape(left), self.shape(right)
            if one is not None and other is not None and one.rank == 1 and other.rank == 1:
                if token.text == "\\times":
                    raise self.fail("cross-product", token)
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
        if token.text in ("(", "[", "{", "\\{", "\\lvert", "\\lVert"):
            return True
        if token.text in ("|", "\\vert"):
            return (not self.bars or self.bars[-1] not in ("abs", "given")) and self.peek(1).text != "_"
        if token.text == "||":
            return not self.bars or self.bars[-1] not in ("norm", "abs", "given")
        if token.text in ("\\|", "\\Vert"):
            return not self.bars or self.bars[-1] not in ("norm", "given")
        return token.text in prefixes() or token.text.startswith(("\\mathbf", "\\mathbb"))

    def is_function_head(self, token: Token) -> bool:
        """Whether a function such as `\\log` begins here."""
        if token.kind == "letter":
            return self.letter_run() in prefixes()
        return token.text in prefixes() and prefixes()[token.text].head in FUNCTION_HEADS

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
            from derive.reader.latex.names import read_name

            return self.postfix(read_name(self), start)
        if token.kind == "text":
            if token.text == "undefined":
                self.take()
                return make("undefined", span=token.span)
            raise self.fail("running-text", token, text=token.text)
        if token.text in ("(", "[", "\\{") and token.side != "right":
            from derive.reader.latex.brackets import group

            return self.postfix(group(self), start)
        if token.text == "{":
            tokens = self.group_tokens()
            if not tokens:
                raise self.fail("expression-expected", token)
            return self.postfix(self.read_slice(tokens), start)
        if token.text in ("|", "\\vert", "\\lvert", "\\|", "||", "\\Vert", "\\lVert"):
            from derive.reader.latex.brackets import fence

            return self.postfix(fence(self), start)
        if token.text == "." and token.side == "left":
            from derive.reader.notation.integrals import evaluation

            self.take()
            return self.postfix(evaluation(self, token), start)
        row = prefixes().get(token.text)
        if row is not None and row.prefix is not None and token.kind == "command":
            self.take()
            return self.postfix(row.prefix(self, token).with_span(self.since(start)), start)
        if token.kind == "command":
            if (
                token.text in RELATIONS
                or token.text in ARROWS
                or token.text in CLOSING
                or token.text in known_commands()
            ):
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

    def postfix(self, term: Term, start: int) -> Term:
        """Scripts, factorials and evaluations behind a factor."""
        from derive.reader.latex.powers import read_postfix

        return read_postfix(self, term, start)

    def bare_name(self) -> str:
        """A variable that is about to be bound or differentiated by: a letter or word without index."""
        from derive.reader.latex.names import plain_name

        return plain_name(self)
