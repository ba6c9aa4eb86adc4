"""The lines of a display formula: several formulas side by side, declarations, and what a line goes on from."""

from __future__ import annotations

import re

from derive.language.heads import ORDER_RELATIONS
from derive.language.source import Span
from derive.language.statement import Problem
from derive.language.term import make
from derive.reader.document.chains import Chains
from derive.reader.document.mathematics import formula_lines
from derive.reader.document.outline import Chain
from derive.reader.document.pieces import Formula
from derive.reader.document.repair import with_repair
from derive.reader.formula import Reading, read_formula
from derive.reader.formula.ranges import cut_ranges, split_top
from derive.reader.givens import read_givens
from derive.reader.latex.scanner import tokenize
from derive.reader.latex.signs import DOTS, RELATIONS
from derive.reader.latex.tokens import Untokenizable


class Lines(Chains):
    """The lines of a document's formulas."""

    def formula(self, formula: Formula) -> None:
        """The lines of a display formula, in order."""
        if not formula.closed:
            end = formula.start + len(formula.text.rstrip())
            self.unreadable(
                Problem("math-unclosed", Span(max(formula.start - 2, 0), formula.start)), Span(formula.start, end)
            )
            return
        for text, start in formula_lines(formula.text, formula.start):
            self.line(text, start)

    def line(self, text: str, start: int) -> None:
        """One line of a formula: its steps."""
        span = Span(start, start + len(text))
        context = self.section.context
        if self.chain.symbols:
            known = {n: s for n, s in self.chain.symbols.items() if n not in context.symbols}
            continuing = context.declare_only(*known.values()) if known else context
        else:
            continuing = context
        pieces = self._pieces(text, start)
        if len(pieces) > 1:
            for piece, place in pieces:
                self.line(piece, place)
            return
        lead = re.match(
            r"[\s&{}]*(=|<|>|\\le|\\ge|\\leq|\\geq|\\approx|\\neq?|\\propto|\\equiv|\\Rightarrow|\\implies|"
            r"\\iff|\\therefore|\\Leftrightarrow|\\Longrightarrow|\\leqslant|\\geqslant|\\simeq|\\lt|\\gt)(?![A-Za-z])",
            text,
        )
        base = continuing if lead else context
        if not lead and self._declares(text, start, span):
            return
        reading = read_formula(text, base, start, self.macros)
        if (
            isinstance(reading, Reading)
            and reading.definition is not None
            and any(s.connective for s in reading.segments[1:])
        ):
            reading = read_formula(text, base, start, self.macros, define=False)
        if isinstance(reading, Problem):
            problem = with_repair(reading, text, start, lambda mended: read_formula(mended, base, start, self.macros))
            self.unreadable(problem, span)
            return
        self.read(reading, span)

    def _pieces(self, text: str, start: int) -> list[tuple[str, int]]:
        """A line of several formulas, `a = b, \\quad c = d`, as its formulas; anything else as it is."""
        if not re.search(r",|;|\\q?quad", text):
            return [(text, start)]
        try:
            tokens = tokenize(text, 0, self.macros)
        except Untokenizable:
            return [(text, start)]
        while tokens and tokens[-1].text in (",", ";", "."):
            tokens.pop()
        if cut_ranges(tokens, self.section.context)[1] or any(t.kind == "text" or t.text in DOTS for t in tokens):
            return [(text, start)]
        parts = split_top(tokens, (",", ";", "\\quad"))
        if len(parts) < 2 or not all(
            p and any(t.text in RELATIONS and t.text != "\\in" for t in p if t.kind in ("sign", "command"))
            for p in parts
        ):
            return [(text, start)]
        kinds = [{RELATIONS[t.text] for t in p if t.text in RELATIONS} for p in parts]
        if any("eq" in kinds[k - 1] and kinds[k] <= {"ne", *ORDER_RELATIONS} for k in range(1, len(kinds))):
            return [(text, start)]  # a condition or a claim? the formula's reader refuses it whole
        ends = [parts[k + 1][0].start for k in range(len(parts) - 1)] + [len(text)]
        result = []
        for part, end in zip(parts, ends, strict=True):
            piece = re.sub(r"(?:[,;\s]|\\q?quad)+$", "", text[part[0].start : end])
            result.append((piece, start + part[0].start))
        return result

    def _declares(self, text: str, start: int, span: Span) -> bool:
        """A display line that declares (`X \\in \\mathbb{R}^n`, `X \\sim …`, `f : A \\to B`)."""
        outer = re.sub(r"\{[^{}]*\}", "", re.sub(r"\{[^{}]*\}", "", text))
        first = re.search(r"\\(?:in|sim|ge|le|ne|to|approx)(?![a-z])|[:=<>]", outer)
        if first is None or first.group() not in ("\\in", "\\sim", ":") or outer.startswith(":=", first.start()):
            return False
        context = self.section.context
        found = read_givens([(text, start)], context, self.macros)
        if found.problems or found.context == context:
            return False
        if any(
            n in context.symbols and not context.symbols[n].inferred and context.symbols[n] != s
            for n, s in found.context.symbols.items()
        ):
            return False
        self.declare(found.context)
        self.section.inferred += found.inferred
        new = found.context.facts[len(context.facts) :]
        self.add(new[-1] if new else make("true"), self.section.context, "condition", span)
        self.chain = Chain()
        return True

    def read(self, reading: Reading, span: Span) -> None:
        """The steps of a line that has been read."""
        section = self.section
        local = [s for s in reading.inferred if s.role == "index"]
        lasting = [s for s in reading.inferred if s.role != "index"]
        section.inferred += reading.inferred
        context = reading.context
        section.context = section.context.declare_only(*lasting) if lasting else section.context
        segments = reading.segments
        for position, segment in enumerate(segments):
            follows = position + 1 < len(segments) and bool(segments[position + 1].connective)
            if not segment.lead and not segment.connective:
                self.chain = Chain()
            for symbol in [*local, *(context.symbols[n] for n, _ in reading.ranges)]:
                self.chain.symbols[symbol.name] = symbol
            whole = span if len(segments) == 1 else segment.span
            if segment.connective and position == 1 and not segments[0].connective:
                whole = Span(span.start, max(segment.span.end, span.start))
            if position == len(segments) - 1:
                whole = Span(whole.start, span.end)
            if not self.segment(segment, context, whole, reading if position == 0 else None, follows):
                return
