"""Documents: Markdown, LaTeX files and notebooks as derivations and steps.

A document is cut into headings, given lines and display formulas, each with its place; formulas are cut into lines;
lines are read in order, so that a chain goes on across blocks and each step carries the context in force where it
stands. A line that cannot be read becomes a step with its problem, and what depends on it says so instead of
guessing. Places in a notebook are places in the text of its Markdown cells.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from derive.language.context import Context, Shape, Symbol
from derive.language.printing import latex
from derive.language.shape import Checked, elaborate, shape_of
from derive.language.source import Source, Span
from derive.language.statement import Derivation, Document, Problem, Step, StepKind
from derive.language.term import Term, is_num, make, walk
from derive.reader.formula import Reading, Segment, read_formula
from derive.reader.formula.inference import describe
from derive.reader.formula.ranges import cut_ranges, split_top
from derive.reader.givens import read_givens
from derive.reader.latex.scanner import tokenize
from derive.reader.latex.signs import DOTS, RELATIONS
from derive.reader.latex.tokens import Macro, Macros, Untokenizable

DISPLAY = (
    "equation", "align", "aligned", "gather", "gathered", "split", "eqnarray", "multline", "alignat", "alignedat",
    "flalign", "displaymath", "math", "dmath", "multlined",
)  # fmt: skip
LARGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a level, 1 the highest."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class GivenBlock:
    """Given lines with their places."""

    lines: tuple[tuple[str, int], ...]
    start: int


@dataclass(frozen=True, slots=True)
class Formula:
    """Display math: its text and place. `inline` math is read only for declarations."""

    text: str
    start: int
    inline: bool = False
    closed: bool = True


Piece = Heading | GivenBlock | Formula


def read_document(path_name: str, text: str, givens: Iterable[str] = ()) -> Document:
    """Read a document, its format chosen by the suffix; `givens` are texts of given lines that hold throughout.

    Never raises: whatever cannot be read is a `Problem` in its place.
    """
    suffix = PurePath(path_name).suffix.lower()
    macros: dict[str, Macro] = {}
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LARGEST:
        return Document(Source(path_name, ""), PurePath(path_name).stem, (), Problem("document-too-long"))
    if suffix == ".ipynb":
        cells = _notebook(text)
        if isinstance(cells, Problem):
            return Document(Source(path_name, text), PurePath(path_name).stem, (), cells)
        text = cells
    if suffix in (".tex", ".ltx", ".latex"):
        pieces = list(_latex_pieces(text, macros))
    else:
        pieces = list(_markdown_pieces(text, macros))
    source = Source(path_name, text)
    context = Context()
    problem: Problem | None = None
    inferred: list[Symbol] = []
    for given in givens:
        found = read_givens(((line, 0) for line in given_lines(given)), context, macros)
        context = found.context
        inferred += found.inferred
        if found.problems and problem is None:
            problem = replace(found.problems[0], span=None)
    return _Reader(source, macros, context, inferred).document(pieces, problem)


def given_lines(text: str) -> list[str]:
    """The given lines of a text: its `given` fences, or all of it where it has none."""
    blocks = [p for p in _markdown_pieces(text, {}) if isinstance(p, GivenBlock)]
    if blocks:
        return [line for block in blocks for line, _ in block.lines]
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


# formats


def _notebook(text: str) -> str | Problem:
    """The Markdown cells of a notebook as one text."""
    try:
        import nbformat

        book = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        cells = [str(c.source) for c in book.cells if c.cell_type == "markdown"]
    except Exception:  # a notebook that nbformat refuses may still hold cells
        try:
            cells = []
            for cell in json.loads(text)["cells"]:
                if cell.get("cell_type") == "markdown":
                    source = cell.get("source", "")
                    cells.append("".join(source) if isinstance(source, list) else str(source))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Problem("notebook-unreadable")
    return "\n\n".join(cells) + "\n"


_MACRO = re.compile(
    r"\\(?:re)?newcommand\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?:\[(\d)\])?\s*\{|\\def\s*(\\[A-Za-z]+)((?:#\d)*)\s*\{"
    r"|\\DeclareMathOperator\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*\{"
)


def _collect_macros(text: str, macros: dict[str, Macro]) -> str:
    """Take macro definitions out of a text (spaces keep the places)."""
    result: list[str] = []
    place = 0
    for match in _MACRO.finditer(text):
        if match.start() < place:
            continue
        end = _closing(text, match.end() - 1)
        if end is None:
            continue
        body = text[match.end() : end]
        name = match.group(1) or match.group(3) or match.group(5)
        if match.group(5):
            body = f"\\operatorname{{{body}}}"
        count = int(match.group(2) or 0) if match.group(1) else len(match.group(4) or "") // 2
        macros[name] = Macro(count, body)
        result.append(text[place : match.start()])
        result.append(re.sub(r"[^\n]", " ", text[match.start() : end + 1]))
        place = end + 1
    result.append(text[place:])
    return "".join(result)


def _closing(text: str, opening: int) -> int | None:
    """The place of the brace that closes the one at `opening`."""
    level = 0
    place = opening
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        if text[place] == "{":
            level += 1
        elif text[place] == "}":
            level -= 1
            if level == 0:
                return place
        place += 1
    return None


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _markdown_pieces(text: str, macros: dict[str, Macro]) -> Iterator[Piece]:
    """Headings, given blocks and formulas of a Markdown text, in order."""
    from markdown_it import MarkdownIt

    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    masked = text
    found: list[Piece] = []
    try:
        tokens = MarkdownIt("commonmark", {"html": False}).parse(text)
    except Exception:  # a text that the Markdown parser cannot take is scanned as it is
        tokens = []
    for position, token in enumerate(tokens):
        if token.map is None:
            continue
        begin, end = starts[token.map[0]], min(starts[min(token.map[1], len(starts) - 1)], len(text))
        if token.type == "heading_open":
            title = tokens[position + 1].content if position + 1 < len(tokens) else ""
            found.append(Heading(int(token.tag[1]), title, begin))
        elif token.type == "fence":
            info = token.info.strip().split()[0].lower() if token.info.strip() else ""
            inside = starts[token.map[0] + 1] if token.map[0] + 1 < len(starts) else end
            if info in ("given", "givens"):
                found.append(GivenBlock(tuple(_fence_lines(text, inside, token.content, token.map, starts)), inside))
            elif info in ("math", "latex", "tex"):
                last = starts[max(token.map[1] - 1, token.map[0] + 1)]
                found.append(Formula(text[inside : max(inside, last)], inside))
            masked = masked[:begin] + _blank(masked[begin:end]) + masked[end:]
    masked = re.sub(r"(?<![\\`])(`+)(?!`)([^\n]*?[^`\n])\1(?!`)", lambda m: " " * len(m.group()), masked)
    masked = re.sub(r"<!--.*?-->", lambda m: _blank(m.group()), masked, flags=re.DOTALL)
    masked = _collect_macros(masked, macros)
    formulas = list(_scan(masked))
    inside_math = [(f.start, f.start + len(f.text)) for f in formulas if not f.inline]
    headings = [p for p in found if not isinstance(p, Heading) or not any(a <= p.start < b for a, b in inside_math)]
    yield from sorted([*headings, *formulas], key=lambda p: p.start)


def _fence_lines(
    text: str, inside: int, content: str, lines: list[int], starts: list[int]
) -> Iterator[tuple[str, int]]:
    for number in range(lines[0] + 1, lines[1]):
        begin, end = starts[number], min(starts[number + 1] - 1, len(text)) if number + 1 < len(starts) else len(text)
        line = text[begin:end]
        if line.strip().startswith(("```", "~~~")):
            continue
        if line.lstrip(" >").startswith("#"):
            continue
        stripped = line.lstrip(" >") if line.lstrip().startswith(">") else line
        if stripped.strip():
            yield stripped, begin + len(line) - len(stripped)


_OPENERS = re.compile(r"\\\$|\$\$|\$|\\\[|\\\(|\\begin\{([A-Za-z]+)\*?\}|\\\\")


def _scan(text: str) -> Iterator[Formula]:
    """Display and inline math of a text whose code is blanked out."""
    place = 0
    while True:
        match = _OPENERS.search(text, place)
        if match is None:
            return
        sign, begin = match.group(), match.end()
        place = begin
        if sign in ("\\$", "\\\\"):
            continue
        if sign == "$$":
            end = text.find("$$", begin)
            if end < 0:
                stop = _paragraph_end(text, begin)
                yield Formula(text[begin:stop], begin, closed=False)
                place = stop
                continue
            yield Formula(text[begin:end], begin)
            place = end + 2
        elif sign == "\\[":
            end = text.find("\\]", begin)
            if end < 0:
                stop = _paragraph_end(text, begin)
                yield Formula(text[begin:stop], begin, closed=False)
                place = stop
                continue
            yield Formula(text[begin:end], begin)
            place = end + 2
        elif sign in ("$", "\\("):
            closing = "$" if sign == "$" else "\\)"
            end = text.find(closing, begin)
            while sign == "$" and end > 0 and text[end - 1] == "\\":
                end = text.find(closing, end + 1)
            if end < 0 or end > _paragraph_end(text, begin):
                continue
            yield Formula(text[begin:end], begin, inline=True)
            place = end + len(closing)
        elif match.group(1) in DISPLAY:
            name = re.escape(match.group()[7:-1])
            close = re.compile(r"\\end\{" + name + r"\}").search(text, begin)
            if close is None:
                stop = _paragraph_end(text, begin)
                yield Formula(text[match.start() : stop], match.start(), closed=False)
                place = stop
                continue
            yield Formula(text[match.start() : close.end()], match.start())
            place = close.end()


def _paragraph_end(text: str, begin: int) -> int:
    match = re.compile(r"\n[ \t]*\n").search(text, begin)
    return match.start() if match else len(text)


_SECTION = re.compile(r"\\(part|chapter|section|subsection|subsubsection|paragraph)\*?\s*(?:\[[^\]]*\])?\{")
_LEVELS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
_GIVEN_COMMENT = re.compile(r"^[ \t]*%+[ \t]*givens?[ \t]*:?[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)


def _latex_pieces(text: str, macros: dict[str, Macro]) -> Iterator[Piece]:
    """Headings, given comments and formulas of a LaTeX file, in order."""
    found: list[Piece] = []
    for match in _GIVEN_COMMENT.finditer(text):
        if match.group(1).strip():
            found.append(GivenBlock(((match.group(1), match.start(1)),), match.start(1)))
    masked = re.sub(r"(?<!\\)%[^\n]*", lambda m: " " * len(m.group()), text)
    masked = re.sub(
        r"\\begin\{(verbatim|lstlisting|comment|minted)\*?\}.*?\\end\{\1\*?\}",
        lambda m: _blank(m.group()),
        masked,
        flags=re.DOTALL,
    )
    masked = _collect_macros(masked, macros)
    for match in _SECTION.finditer(masked):
        end = _closing(masked, match.end() - 1)
        if end is not None:
            found.append(Heading(_LEVELS[match.group(1)], masked[match.end() : end].strip(), match.start()))
    begin = masked.find("\\begin{document}")
    for formula in _scan(masked):
        if begin < 0 or formula.start > begin:
            found.append(formula)
    merged = sorted(found, key=lambda p: p.start)
    block: list[tuple[str, int]] = []
    for piece in merged:
        if isinstance(piece, GivenBlock):
            block += piece.lines
            continue
        if block:
            yield GivenBlock(tuple(block), block[0][1])
            block = []
        yield piece
    if block:
        yield GivenBlock(tuple(block), block[0][1])


# formulas into lines


_ENVIRONMENT = re.compile(r"\\(begin|end)\{([A-Za-z]+)(\*?)\}")


def formula_lines(text: str, start: int) -> list[tuple[str, int]]:
    """The lines of a display formula, with their places: cut at `\\\\` outside of inner environments and braces."""
    joined = "multline" in text
    masked = text
    for match in list(_ENVIRONMENT.finditer(text)):
        if match.group(2) in DISPLAY:
            end = match.end()
            if match.group(2) in ("alignat", "alignedat") and match.group(1) == "begin" and text[end : end + 1] == "{":
                end = (_closing(text, end) or end) + 1
            elif match.group(1) == "begin" and re.match(r"\[[tbc]\]", text[end:]):
                end += 3
            fill = " " * (end - match.start())
            masked = masked[: match.start()] + fill + masked[end:]
    lines: list[tuple[int, int]] = []
    level = 0
    begin = 0
    place = 0
    while place < len(masked):
        character = masked[place]
        if character == "\\":
            inner = _ENVIRONMENT.match(masked, place)
            if inner:
                level += 1 if inner.group(1) == "begin" else -1
                place = inner.end()
                continue
            if masked.startswith("\\\\", place) and level <= 0:
                end = place + 2
                space = re.compile(r"\*?[ \t]*(?:\[[ \t]*-?[\d.]+[ \t]*[a-z]{2}[ \t]*\])?").match(masked, end)
                end = space.end() if space and "[" in space.group() else end
                if joined:
                    masked = masked[:place] + " " * (end - place) + masked[end:]
                else:
                    lines.append((begin, place))
                    begin = end
                place = end
                continue
            place += 2
            continue
        if character == "%":
            newline = masked.find("\n", place)
            place = len(masked) if newline < 0 else newline
            continue
        level += (character == "{") - (character == "}")
        place += 1
    lines.append((begin, len(masked)))
    merged: list[tuple[int, int]] = []
    for a, b in lines:
        piece = re.sub(r"\\(?:quad|qquad|hspace\{[^}]*\}|[,;:! ])|[&\s{}]", "", masked[a:b])
        continues = piece.startswith(("+", "\\cdot", "\\times", ")", "\\right")) or (
            piece.startswith("-") and not re.search(r"=|<|>|\\le|\\ge|\\approx|\\neq?", piece)
        )
        before = masked[merged[-1][0] : merged[-1][1]].rstrip(" &\n\t") if merged else ""
        open_end = before.endswith(("=", "+", "-", "\\le", "\\ge", "\\leq", "\\geq", "\\cdot", "\\times", "<", ">"))
        if merged and (continues or open_end):
            gap = merged[-1][1]
            masked = masked[:gap] + re.sub(r"[^\n]", " ", masked[gap:a]) + masked[a:]
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    result = []
    for a, b in merged:
        piece = masked[a:b]
        if re.sub(r"\\(?:tag\*?|label)\{[^}]*\}|\\(?:nonumber|notag)|[&\s]|%[^\n]*", "", piece):
            lead = len(piece) - len(piece.lstrip(" \t\n&"))
            result.append((piece[lead:].rstrip(" \t\n&"), start + a + lead))
    return result


# reading in order


@dataclass(slots=True)
class _Chain:
    """Where a chain stands: its last right side, its first expression, its links, the names its lines inferred."""

    right: Term | None = None
    origin: Term | None = None
    links: list[Term] = field(default_factory=list)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    broken: bool = False
    first_step: int | None = None


@dataclass(slots=True)
class _Section:
    """A heading with what is in force under it."""

    level: int
    name: str
    title: str
    context: Context
    updates: dict[str, Term]
    steps: list[Step] = field(default_factory=list)
    inferred: list[Symbol] = field(default_factory=list)
    layout_fixed: bool = False


class _Reader:
    def __init__(self, source: Source, macros: Macros, context: Context, inferred: list[Symbol]) -> None:
        self.source = source
        self.macros = macros
        stem = PurePath(source.path).stem or "document"
        self.names: dict[str, int] = {}
        self.root = _Section(0, self.unique(_slug(stem)), stem, context, {}, inferred=list(inferred))
        self.stack = [self.root]
        self.all = [self.root]
        self.chain = _Chain()

    @property
    def section(self) -> _Section:
        return self.stack[-1]

    def unique(self, name: str) -> str:
        count = self.names.get(name, 0) + 1
        self.names[name] = count
        return name if count == 1 else f"{name}-{count}"

    def document(self, pieces: list[Piece], problem: Problem | None) -> Document:
        title = ""
        for piece in pieces:
            if isinstance(piece, Heading):
                title = title or piece.title
                self.heading(piece)
            elif isinstance(piece, GivenBlock):
                self.givens(piece)
            elif piece.inline:
                self.inline(piece)
            else:
                self.formula(piece)
        derivations = []
        for section in self.all:
            if section.steps:
                listed = dict.fromkeys(describe(s) for s in section.inferred)
                derivations.append(
                    Derivation(section.name, section.title, tuple(section.steps), inferred=tuple(listed))
                )
        return Document(self.source, title or self.root.title, tuple(derivations), problem)

    def heading(self, heading: Heading) -> None:
        while len(self.stack) > 1 and self.stack[-1].level >= heading.level:
            self.stack.pop()
        parent = self.stack[-1]
        name = self.unique(_section_name(heading.title))
        section = _Section(
            heading.level, name, heading.title, parent.context, dict(parent.updates), inferred=list(parent.inferred)
        )
        self.stack.append(section)
        self.all.append(section)
        self.chain = _Chain()

    def givens(self, block: GivenBlock) -> None:
        section = self.section
        found = read_givens(block.lines, section.context, self.macros)
        section.context = found.context
        section.inferred += found.inferred
        for problem in found.problems:
            self.add(None, section.context, "condition", problem.span, problem=problem)

    def inline(self, formula: Formula) -> None:
        """A declaration in running text, where it is one; anything else is prose."""
        text = formula.text
        if not re.search(r"\\in\b|:.*\\to\b", text) and not re.fullmatch(
            r"\s*[\\A-Za-z{}_^\s,0-9]+(?:>|<|\\geq?(?:slant)?|\\leq?(?:slant)?)\s*-?[0-9.]+\s*", text
        ):
            return
        found = read_givens([(text, formula.start)], self.section.context, self.macros)
        if found.problems:
            return
        old = self.section.context
        if found.context.definitions != old.definitions or any(
            found.context.symbols.get(n) is not None
            and (s.shape, s.role, s.family)
            != (found.context.symbols[n].shape, found.context.symbols[n].role, found.context.symbols[n].family)
            for n, s in old.symbols.items()
            if not s.inferred
        ):
            return
        self.section.context = found.context
        self.section.inferred += found.inferred

    def formula(self, formula: Formula) -> None:
        if not formula.closed:
            end = formula.start + len(formula.text.rstrip())
            self.unreadable(
                Problem("math-unclosed", Span(max(formula.start - 2, 0), formula.start)), Span(formula.start, end)
            )
            return
        for text, start in formula_lines(formula.text, formula.start):
            self.line(text, start)

    def add(
        self,
        statement: Term | None,
        context: Context,
        kind: StepKind,
        span: Span | None,
        origin: Term | None = None,
        problem: Problem | None = None,
    ) -> None:
        section = self.section
        number = len(section.steps) + 1
        text = self.source.slice(span) if span is not None else ""
        section.steps.append(
            Step(
                f"{section.name}/{number}", statement, context, kind, span, origin, source=text.strip(), problem=problem
            )
        )

    def unreadable(self, problem: Problem, span: Span) -> None:
        self.add(None, self.section.context, "claim", span, problem=problem)
        self.chain = _Chain(broken=True)

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
            self.unreadable(reading, span)
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
        self.section.context = found.context
        self.section.inferred += found.inferred
        new = found.context.facts[len(context.facts) :]
        self.add(new[-1] if new else make("true"), found.context, "condition", span)
        self.chain = _Chain()
        return True

    def read(self, reading: Reading, span: Span) -> None:
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
                self.chain = _Chain()
            for symbol in [*local, *(context.symbols[n] for n, _ in reading.ranges)]:
                self.chain.symbols[symbol.name] = symbol
            whole = span if len(segments) == 1 else segment.span
            if segment.connective and position == 1 and not segments[0].connective:
                whole = Span(span.start, max(segment.span.end, span.start))
            if position == len(segments) - 1:
                whole = Span(whole.start, span.end)
            if not self.segment(segment, context, whole, reading if position == 0 else None, follows):
                return

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
                if head == "eq" and position == len(heads) - 1:
                    first = chain.origin if chain.origin is not None else statement.args[0]
                    lone = len(heads) == 1 and not continued
                    stationary = is_num(right, 0) and any(n.head in ("deriv", "dcall", "hessian") for n in walk(first))
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
        self.add(make(connective, premise, conclusion, span=span), context, "claim", span)
        self.chain = _Chain(symbols=self.chain.symbols)
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
        return term.head == "entry" and event(term.args[0])

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


def _slug(title: str) -> str:
    text = re.sub(r"[^\w.]+", "-", title.strip().lower()).strip("-.")
    return text or "section"


def _section_name(title: str) -> str:
    """The leading number of a heading, or its words as a name."""
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in title.strip())
    number = re.match(r"(?:question|problem|exercise|part)?\s*(\d+(?:\.\d+)*)", digits, re.IGNORECASE)
    if number:
        return number.group(1)
    return _slug(re.sub(r"\$|\\[A-Za-z]+|[{}]", "", title))
