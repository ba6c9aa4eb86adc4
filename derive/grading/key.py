"""Keys: documents with `rubric` blocks, as questions with items.

A key is read as any document. A section that holds a `rubric` block is a question: the givens in it and above it are in
force for submissions too, and so is every definition of its derivation that the rubric's formulas speak of; the rest of
the derivation is the key's own. What is wrong with how a key is written comes back as problems with their lines;
whether its steps hold and reach the rubric's formulas is `check_key.py`'s question. Keys are Markdown or notebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from derive.grading.marks import ItemKind
from derive.grading.match import Target, title_of
from derive.grading.rubric import KeyProblem, Row, Rubric, UpTo, read_rubric
from derive.grading.sections import Section, above, sections_of
from derive.language.context import Context, Definition, Symbol
from derive.language.source import Source
from derive.language.statement import Document, Step
from derive.language.term import Term, free_names
from derive.reader.document import Cut, Formula, Heading, Piece, cut_document, read_cut
from derive.reader.wording import wording

__all__ = ["Item", "Key", "KeyProblem", "Question", "read_key", "read_key_text"]

SUFFIXES = (".md", ".markdown", ".ipynb")
_LOWEST = 9
"""A level below every heading's: the question's derivation is one section, whatever headings it has."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a rubric. `statement` is None for `steps: valid`; `source` is its formula as it is written.

    `update`: the formula is an update rule, `w := …`.
    """

    id: str
    kind: ItemKind
    points: Fraction
    line: int
    statement: Term | None = None
    source: str = ""
    up_to: UpTo = ""
    conditions: bool = False
    update: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """A question of a key.

    `context` is what is in force for submissions, `own` the definitions of the key's derivation that are not, with
    their symbols; `steps` are the derivation, which nobody has checked yet. `line` is the rubric's.
    """

    id: str
    title: str
    line: int
    items: tuple[Item, ...]
    follow_through: Fraction
    context: Context
    own: tuple[tuple[Symbol, Definition], ...]
    steps: tuple[Step, ...]
    match: tuple[str, ...] = ()

    @property
    def points(self) -> Fraction:
        """Points that can be had."""
        return sum((i.points for i in self.items), Fraction(0))

    @property
    def target(self) -> Target:
        """What headings of submissions are matched with."""
        return Target(self.id, self.title, self.match)


@dataclass(frozen=True, eq=False, slots=True)
class Key:
    """A key as it was read. It pickles as its path and text, and is read again where it arrives."""

    path: str
    text: str
    title: str
    questions: tuple[Question, ...]

    @property
    def points(self) -> Fraction:
        """Points that can be had."""
        return sum((q.points for q in self.questions), Fraction(0))

    @property
    def source(self) -> Source:
        """The text with its places."""
        return Source(self.path, self.text)

    def __reduce__(self) -> tuple[Callable[[str, str], Key], tuple[str, str]]:
        return _read_again, (self.path, self.text)


def read_key(path: str | Path) -> Key | tuple[KeyProblem, ...]:
    """Read a key: its questions and items, or everything that is wrong with how it is written."""
    if not str(path).endswith(SUFFIXES):
        return (KeyProblem(1, f"a key is a Markdown document or a notebook, and {path} is neither"),)
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        return (KeyProblem(1, f"the key cannot be opened: {error.strerror}"),)
    except UnicodeDecodeError:
        return (KeyProblem(1, "the key is no UTF-8 text"),)
    return read_key_text(str(path), text)


def read_key_text(path: str, text: str) -> Key | tuple[KeyProblem, ...]:
    """Read a key from its text; `path` gives its name and format."""
    cut = cut_document(path, text)
    if isinstance(cut, Document):
        assert cut.problem is not None
        return (KeyProblem(1, wording(cut.problem)),)
    reader = _Reader(cut)
    questions = tuple(reader.questions())
    problems = reader.problems
    if not questions and not problems:
        problems = [KeyProblem(1, "this key has no rubric: a question needs a ```rubric block under its heading")]
    if problems:
        return tuple(sorted(problems, key=lambda p: p.line))
    title = next((p.title for p in cut.pieces if isinstance(p, Heading)), Path(path).stem)
    return Key(path, text, title, questions)


def _read_again(path: str, text: str) -> Key:
    key = read_key_text(path, text)
    assert isinstance(key, Key), "a key that was read once is read again"
    return key


@dataclass(frozen=True, slots=True)
class _Block:
    """A rubric block: its text, the line it begins at, and its offset."""

    text: str
    line: int
    start: int


class _Reader:
    """A key being read."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.problems: list[KeyProblem] = []
        self.ids: dict[str, int] = {}

    def questions(self) -> Iterator[Question]:
        """The questions, in order; what is wrong goes to `problems`."""
        sections = sections_of(self.cut.pieces)
        holders: dict[int, _Block] = {}
        for block in _rubric_blocks(self.cut.source):
            position = max(k for k, s in enumerate(sections) if s.start <= block.start)
            if sections[position].heading is None:
                self.problems.append(KeyProblem(block.line, "this rubric stands under no heading"))
            elif position in holders:
                message = f"a question has one rubric; the other one stands in line {holders[position].line}"
                self.problems.append(KeyProblem(block.line, message))
            else:
                holders[position] = block
        for position, block in holders.items():
            rubric = read_rubric(block.text, block.line)
            if not isinstance(rubric, Rubric):
                self.problems += rubric
                continue
            question = self._question(rubric, sections, position, frozenset(holders))
            if question is not None:
                yield question

    def _question(
        self, rubric: Rubric, sections: tuple[Section, ...], position: int, holders: frozenset[int]
    ) -> Question | None:
        heading = sections[position].heading
        assert heading is not None
        name = rubric.question or ".".join(title_of(heading.title).number) or heading.title
        if name in self.ids:
            message = f"two questions are called {name} (the other: line {self.ids[name]})"
            self.problems.append(KeyProblem(rubric.line, message, name))
            return None
        self.ids[name] = rubric.line
        outer: list[Piece] = []
        for k in above(sections, position):
            outer += sections[k].pieces
        inside = [p for k in _own_sections(sections, position, holders) for p in sections[k].pieces]
        title = Heading(_LOWEST, heading.title, heading.start)
        givens = [p for p in inside if not isinstance(p, Formula) or p.inline]
        _, before = read_cut(replace(self.cut, pieces=(*outer, title, *givens)))
        document, after = read_cut(replace(self.cut, pieces=(*outer, title, *inside)))
        derivation = next((d for d in document.derivations if d.title == heading.title), None)
        if derivation is None:
            self.problems.append(KeyProblem(rubric.line, "this question has no derivation to mark by", name))
            return None
        self._unreadable(derivation.steps, name)
        items = tuple(self._item(row, after, name) for row in rubric.rows)
        context, own = _in_force(before, after, items)
        return Question(
            name,
            heading.title,
            rubric.line,
            items,
            rubric.follow_through,
            context,
            own,
            derivation.steps,
            rubric.match,
        )

    def _unreadable(self, steps: tuple[Step, ...], name: str) -> None:
        for step in steps:
            if step.problem is not None:
                span = step.problem.span or step.span
                line = self.cut.source.place(span.start)[0] if span is not None else 1
                self.problems.append(KeyProblem(line, f"the key cannot be read here: {wording(step.problem)}", name))

    def _item(self, row: Row, context: Context, question: str) -> Item:
        item = Item(row.id, row.kind, row.points, row.line, None, row.formula, row.up_to, row.conditions)
        if row.kind == "steps":
            return item
        if not row.formula:
            return item
        source = Source(self.cut.source.path, row.formula)
        document, _ = read_cut(Cut(source, (Formula(row.formula, 0),), self.cut.macros), context)
        steps = [s for d in document.derivations for s in d.steps]
        problem = next((s.problem for s in steps if s.problem is not None), None)
        message = ""
        if problem is not None:
            place = f" (column {problem.span.start + 1} of the formula)" if problem.span is not None else ""
            message = f"the formula of item {row.id} cannot be read{place}: {wording(problem)}"
        elif len(steps) != 1 or steps[0].statement is None:
            message = f"the formula of item {row.id} should be one statement, such as `a = b`"
        else:
            return replace(item, statement=steps[0].statement, update=steps[0].kind == "update")
        self.problems.append(KeyProblem(row.formula_line, message, question))
        return item


def _own_sections(sections: tuple[Section, ...], position: int, holders: frozenset[int]) -> Iterator[int]:
    """A section and those below it that are no questions of their own."""
    yield position
    for k in range(position + 1, len(sections)):
        parents = list(above(sections, k))
        if position in parents and not any(p in holders for p in [*parents[parents.index(position) + 1 :], k]):
            yield k


def _rubric_blocks(source: Source) -> Iterator[_Block]:
    from markdown_it import MarkdownIt

    for token in MarkdownIt("commonmark", {"html": False}).parse(source.text):
        info = token.info.strip().split()[:1] if token.type == "fence" else []
        if info == ["rubric"] and token.map is not None:
            yield _Block(token.content, token.map[0] + 2, source.line_span(token.map[0] + 1).start)


def _in_force(
    before: Context, after: Context, items: tuple[Item, ...]
) -> tuple[Context, tuple[tuple[Symbol, Definition], ...]]:
    """What holds for submissions too: the givens, and what the rubric's formulas speak of; and the key's own rest."""
    derived = [n for n, d in after.definitions.items() if before.definitions.get(n) != d]
    asked = after.spoken_of(n for i in items if i.statement is not None for n in free_names(i.statement))
    own = tuple((after.symbols[n], after.definitions[n]) for n in derived if n not in asked)
    hidden = {symbol.name for symbol, _ in own}
    symbols = {n: s for n, s in after.symbols.items() if n not in hidden}
    definitions = {n: d for n, d in after.definitions.items() if n not in hidden}
    context = replace(after, symbols=MappingProxyType(symbols), definitions=MappingProxyType(definitions))
    return context, own
