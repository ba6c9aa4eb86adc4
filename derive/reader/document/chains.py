"""Chains of relations as steps: each link a claim, definition or update, in the context where it stands.

A line that begins with a relation goes on from the right side before it; what cannot be read breaks the chain, and
what depends on it says so instead of guessing.
"""

from __future__ import annotations

from dataclasses import replace

from derive.language.context import Context, Shape
from derive.language.heads import ORDER_RELATIONS
from derive.language.printing import latex
from derive.language.shape import Checked, elaborate, shape_of
from derive.language.source import Span
from derive.language.statement import Problem, StepKind
from derive.language.term import Term, is_num, make, walk
from derive.reader.document.outline import Chain, Outline
from derive.reader.formula import Reading, Segment
from derive.reader.formula.reading import EVENT_HEADS


class Chains(Outline):
    """The statements of formulas, kept as steps."""

    def segment(
        self, segment: Segment, context: Context, span: Span, reading: Reading | None, premise_only: bool
    ) -> bool:
        """The steps of one segment; false where the rest of the line has lost its sense."""
        chain = self.chain
        if segment.connective:
            previous = chain.links
            if not previous:
                code = "premise-unreadable" if chain.broken else "premise-missing"
                self.unreadable(Problem(code, Span(span.start, span.end)), span)
                return False
            premise = previous[0] if len(previous) == 1 else make("and", *previous)
            return self.conclusion(segment, context, span, premise)
        terms = segment.terms
        heads = segment.heads
        if segment.lead:
            if chain.right is None:
                code = "left-unreadable" if chain.broken else "left-missing"
                self.unreadable(Problem(code, Span(span.start, min(span.start + 1, span.end))), span)
                return False
            terms = (chain.right, *terms)
            heads = (segment.lead, *heads)
            if chain.first_step is not None:
                self._settle_as_claim(chain.first_step)
        if not heads:
            return self.bare(terms[0], context, span, premise_only)
        return self.links(terms, heads, context, span, reading, premise_only, continued=bool(segment.lead))

    def _settle_as_claim(self, index: int) -> None:
        steps = self.section.steps
        if index < len(steps) and steps[index].kind == "open" and not _stationary(steps[index].statement):
            steps[index] = replace(steps[index], kind="claim")
        self.chain.first_step = None

    def bare(self, term: Term, context: Context, span: Span, premise_only: bool) -> bool:
        """A statement that is no chain, or a lone expression that a later line goes on from."""
        checked = elaborate(term, context)
        if isinstance(checked, Problem):
            self.unreadable(checked if checked.span else replace(checked, span=span), span)
            return False
        if checked.shape.statement:
            if not premise_only:
                self.add(checked.term, context, "open", span)
            self.chain.links = [checked.term]
            self.chain.right = None
        else:
            self.chain.right = term
            self.chain.origin = checked.term
        return True

    def links(
        self,
        terms: tuple[Term, ...],
        heads: tuple[str, ...],
        context: Context,
        span: Span,
        reading: Reading | None,
        premise_only: bool,
        continued: bool,
    ) -> bool:
        """The relations of a chain, a step each."""
        section, chain = self.section, self.chain
        defines = reading is not None and reading.definition is not None
        for position, head in enumerate(heads):
            left, right = terms[position], terms[position + 1]
            part = _part(span, left, right, position, len(heads), continued)
            here = context
            if position == 0 and defines:
                assert reading is not None and reading.definition is not None
                symbol, definition = reading.definition
                after = context.declare(symbol).define(definition)
                statement = self.conforming("iff" if symbol.role == "event" else "eq", left, right, after, part)
                if statement is None:
                    return False
                self.add(statement, context, "definition", part, chain.origin or statement.args[0])
                params = [p for p in definition.params if not definition.ranges and p not in section.context.symbols]
                visible = [context.symbols[p] for p in params if p in context.symbols]
                section.context = section.context.declare(*visible, symbol).define(definition)
                section.inferred += [v for v in visible if v.inferred]
                context = after
            elif position == 0 and head == "define":
                if not self.update(left, right, context, part):
                    return False
                continue
            else:
                statement = self.conforming("eq" if head == "define" else head, left, right, here, part)
                if statement is None:
                    return False
                kind: StepKind = "claim"
                if (head == "eq" or head in ORDER_RELATIONS) and position == len(heads) - 1:
                    first = chain.origin if chain.origin is not None else statement.args[0]
                    lone = len(heads) == 1 and not continued
                    derived = any(n.head in ("deriv", "dcall", "hessian") for n in walk(first))
                    stationary = head == "eq" and is_num(right, 0) and derived
                    if lone or stationary:
                        kind = "open"
                if not premise_only:
                    self.add(statement, here, kind, part, chain.origin or statement.args[0])
                    if kind == "open" and not continued and len(heads) == 1:
                        chain.first_step = len(section.steps) - 1
            if chain.origin is None:
                chain.origin = statement.args[0]
            chain.links.append(statement)
            chain.right = right
        return True

    def conforming(self, head: str, left: Term, right: Term, context: Context, span: Span) -> Term | None:
        """`left head right` with its shapes checked; None, and a step that says why, where they do not fit."""
        place = left.span.join(right.span) if left.span and right.span and left.span.start >= span.start else span
        term = make(_between_events(head, left, right, context), left, right, span=place)
        checked = self.in_layout(term, context)
        if isinstance(checked, Problem):
            found = checked.span
            if found is None or not (span.start <= found.start <= span.end):
                checked = replace(checked, span=span)
            self.unreadable(checked, span)
            return None
        return checked.term

    def in_layout(self, term: Term, context: Context) -> Checked | Problem:
        """Check a statement's shapes; the first derivative of a vector by a vector decides the section's layout."""
        checked = elaborate(term, context)
        section = self.section
        if not any(node.head == "deriv" for node in walk(term)):
            return checked
        if isinstance(checked, Problem) and checked.code in _LAYOUT_CODES and not section.layout_fixed:
            other = elaborate(term, replace(context, layout="denominator"))
            if isinstance(other, Problem):
                return checked
            section.context = replace(section.context, layout="denominator")
            section.layout_fixed = True
            return other
        if not isinstance(checked, Problem) and _jacobian(checked.term, context):
            section.layout_fixed = True
        return checked

    def update(self, left: Term, right: Term, context: Context, span: Span) -> bool:
        """`w := …`: the first time stated, after that a claim of the same update."""
        section, chain = self.section, self.chain
        statement = self.conforming("eq", left, right, context, span)
        if statement is None:
            return False
        key = latex(left)
        known = section.updates.get(key)
        if known is None:
            section.updates[key] = right
            self.add(statement, context, "update", span, statement.args[0])
        else:
            same = self.conforming("eq", known, right, context, span)
            if same is None:
                return False
            self.add(same, context, "claim", span, same.args[0])
            statement = same
        chain.links, chain.right, chain.origin = [statement], right, statement.args[0]
        return True

    def conclusion(self, segment: Segment, context: Context, span: Span, premise: Term) -> bool:
        """`\\Rightarrow` and `\\iff`: what follows from the statement before."""
        connective = segment.connective
        if segment.heads:
            if segment.lead:
                self.unreadable(Problem("left-missing", Span(span.start, span.start + 1)), span)
                return False
            pairs = zip(segment.terms, segment.heads, segment.terms[1:], strict=False)
            parts = [make(_between_events(_named(h), a, b, context), a, b, span=segment.span) for a, h, b in pairs]
            whole = connective == "iff" or set(segment.heads) <= {"lt", "le"} or set(segment.heads) <= {"gt", "ge"}
            first = make("and", *parts, span=segment.span) if whole and len(parts) > 1 else parts[0]
        elif segment.lead:
            self.unreadable(Problem("left-missing", Span(span.start, span.start + 1)), span)
            return False
        else:
            first = segment.terms[0]
        checked = elaborate(first, context)
        if isinstance(checked, Problem):
            self.unreadable(checked if checked.span else replace(checked, span=span), span)
            return False
        if not checked.shape.statement:
            self.unreadable(Problem("statement-expected", first.span or span), span)
            return False
        conclusion = checked.term
        claim = conclusion
        if connective == "implies" and conclusion.head == "implies":
            # what holds under a condition follows from the premise and the condition
            condition, claim = conclusion.args
            premise = make("and", premise, condition, span=premise.span)
        self.add(make(connective, premise, claim, span=span), context, "claim", span)
        self.chain = Chain(symbols=self.chain.symbols)
        chain = self.chain
        chain.links = [conclusion]
        if segment.heads and conclusion.head != "and":
            chain.origin, chain.right = conclusion.args[0], segment.terms[1]
            if len(segment.heads) > 1:
                return self.links(segment.terms[1:], segment.heads[1:], context, span, None, False, continued=True)
        return True


_LAYOUT_CODES = frozenset(["shapes-differ", "product-does-not-conform"])


def _jacobian(term: Term, context: Context) -> bool:
    """Whether a derivative of a vector by a vector of another size occurs, whose layout shows."""
    for node in walk(term):
        if node.head == "deriv":
            shape = shape_of(node, context)
            if isinstance(shape, Shape) and shape.rank == 2 and shape.axes[0] != shape.axes[1]:
                inner = shape_of(node.args[0], context)
                if isinstance(inner, Shape) and inner.rank == 1:
                    return True
    return False


def _stationary(statement: Term | None) -> bool:
    return (
        statement is not None
        and statement.head == "eq"
        and (is_num(statement.args[1], 0) or statement.args[1].head == "zeros")
    )


def _named(head: str) -> str:
    return "eq" if head == "define" else head


def _between_events(head: str, left: Term, right: Term, context: Context) -> str:
    if head != "eq":
        return head

    def event(term: Term) -> bool:
        if term.head == "sym":
            symbol = context.symbols.get(term.name)
            return symbol is not None and symbol.role == "event"
        return term.head in EVENT_HEADS or (term.head == "entry" and event(term.args[0]))

    return "iff" if event(left) or event(right) else "eq"


def _part(span: Span, left: Term, right: Term, position: int, count: int, continued: bool) -> Span:
    """The place of one link: the whole line where it is the only one."""
    if count == 1:
        return span
    start = span.start
    if position and left.span is not None:
        start = max(left.span.start, span.start)
    end = right.span.end if right.span is not None and position < count - 1 else span.end
    return Span(start, max(start, end))
