"""The sections of a document: what is in force under each heading, and the steps found there.

A heading begins a section that inherits what its parent declares; given lines and declarations in running text add to
it. The chain that is going on ends with a section.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from derive.language.context import Context, Symbol
from derive.language.source import Source, Span
from derive.language.statement import Problem, Step, StepKind
from derive.language.term import Term
from derive.reader.document.pieces import Formula, GivenBlock, Heading
from derive.reader.givens import read_givens
from derive.reader.latex.tokens import Macros

Declared = Callable[[Context, Context], Context]
"""What is in force once an author has declared something, from what was before and what the declaration makes of it."""


@dataclass(slots=True)
class Chain:
    """Where a chain stands: its last right side, its first expression, its links, the names its lines inferred."""

    right: Term | None = None
    origin: Term | None = None
    links: list[Term] = field(default_factory=list)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    broken: bool = False
    first_step: int | None = None


@dataclass(slots=True)
class Section:
    """A heading with what is in force under it."""

    level: int
    name: str
    title: str
    context: Context
    updates: dict[str, Term]
    steps: list[Step] = field(default_factory=list)
    inferred: list[Symbol] = field(default_factory=list)
    layout_fixed: bool = False
    inherited: Context | None = None
    """What was in force where it begins."""

    def owns(self, name: str) -> bool:
        """Whether a name was declared or defined here, and not under a heading above."""
        if self.inherited is None:
            return True
        both = (self.inherited.symbols.get(name), self.inherited.definitions.get(name))
        return both != (self.context.symbols.get(name), self.context.definitions.get(name))


class Outline:
    """The sections of a document and the chain that is going on, as far as it has been read."""

    def __init__(
        self,
        source: Source,
        macros: Macros,
        context: Context,
        inferred: list[Symbol],
        declared: Declared | None = None,
    ) -> None:
        self.source = source
        self.declared = declared
        self.macros = macros
        stem = PurePath(source.path).stem or "document"
        self.names: dict[str, int] = {}
        self.root = Section(0, self.unique(slug(stem)), stem, context, {}, inferred=list(inferred))
        self.stack = [self.root]
        self.all = [self.root]
        self.chain = Chain()

    @property
    def section(self) -> Section:
        """The section that is being read."""
        return self.stack[-1]

    def unique(self, name: str) -> str:
        """A name that no other section has."""
        count = self.names.get(name, 0) + 1
        self.names[name] = count
        return name if count == 1 else f"{name}-{count}"

    def heading(self, heading: Heading) -> None:
        """A new section, with what its parent declares."""
        while len(self.stack) > 1 and self.stack[-1].level >= heading.level:
            self.stack.pop()
        parent = self.stack[-1]
        name = self.unique(section_name(heading.title))
        section = Section(
            heading.level, name, heading.title, parent.context, dict(parent.updates), inferred=list(parent.inferred)
        )
        section.inherited = parent.context
        self.stack.append(section)
        self.all.append(section)
        self.chain = Chain()

    def givens(self, block: GivenBlock) -> None:
        """Given lines: they hold in the section from here on."""
        section = self.section
        found = read_givens(block.lines, section.context, self.macros)
        self.declare(found.context)
        section.inferred += found.inferred
        for problem in found.problems:
            self.add(None, section.context, "condition", problem.span, problem=problem)
        if found.problems:
            section.context = replace(section.context, incomplete=True)

    def inline(self, formula: Formula) -> None:
        """A declaration in running text, where it is one; anything else is prose, as what speaks differently of a name
        that the same section declares."""
        text = formula.text
        if not re.search(r"\\in\b|:.*\\to\b", text) and not re.fullmatch(
            r"\s*[\\A-Za-z{}_^\s,0-9]+(?:>|<|\\geq?(?:slant)?|\\leq?(?:slant)?)\s*-?[0-9.]+\s*", text
        ):
            return
        found = read_givens([(text, formula.start)], self.section.context, self.macros)
        if found.problems:
            return
        old, new = self.section.context, found.context
        changed = {n for n in {*old.definitions, *new.definitions} if old.definitions.get(n) != new.definitions.get(n)}
        changed |= {
            n
            for n, s in old.symbols.items()
            if not s.inferred
            and (now := new.symbols.get(n)) is not None
            and (s.shape, s.role, s.family) != (now.shape, now.role, now.family)
        }
        if any(self.section.owns(n) for n in changed):
            return
        self.declare(found.context)
        self.section.inferred += found.inferred

    def declare(self, context: Context) -> None:
        """What a declaration makes of what is in force."""
        section = self.section
        section.context = self.declared(section.context, context) if self.declared else context

    def add(
        self,
        statement: Term | None,
        context: Context,
        kind: StepKind,
        span: Span | None,
        origin: Term | None = None,
        problem: Problem | None = None,
    ) -> None:
        """Keep a step."""
        section = self.section
        number = len(section.steps) + 1
        text = self.source.slice(span) if span is not None else ""
        section.steps.append(
            Step(
                f"{section.name}/{number}", statement, context, kind, span, origin, source=text.strip(), problem=problem
            )
        )

    def unreadable(self, problem: Problem, span: Span) -> None:
        """Keep a step that cannot be read; the chain breaks there."""
        self.add(None, self.section.context, "claim", span, problem=problem)
        self.chain = Chain(broken=True)


def slug(title: str) -> str:
    """A title as a name of letters, digits and hyphens."""
    text = re.sub(r"[^\w.]+", "-", title.strip().lower()).strip("-.")
    return text or "section"


def section_name(title: str) -> str:
    """The leading number of a heading, or its words as a name."""
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in title.strip())
    number = re.match(r"(?:question|problem|exercise|part)?\s*(\d+(?:\.\d+)*)", digits, re.IGNORECASE)
    if number:
        return number.group(1)
    return slug(re.sub(r"\$|\\[A-Za-z]+|[{}]", "", title))
