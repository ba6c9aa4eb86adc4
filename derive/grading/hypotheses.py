"""Did the student name the hypothesis that an answer needs?

What is needed are the conditions under which the key's own step holds, or, where the key's givens already hold them,
what the answer needs to have a value. It is named if it follows from what the student declared, stated in a step, or
wrote in a sentence that reads as a given line (`$X^T X$ is invertible`). Prose in other words is for a person, where it
speaks of the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from derive.checking.needs import needs
from derive.checking.verdict import Conditional
from derive.grading.answer import Asked, fit
from derive.grading.chains import sayings
from derive.grading.judge import Judge
from derive.grading.key import Item
from derive.grading.model import Model
from derive.language.context import Context
from derive.language.edits import flat
from derive.language.source import Source
from derive.language.statement import Document
from derive.language.term import Term, free_names, make, sym, walk
from derive.reader.document import Cut, Formula, read_cut
from derive.reader.givens import read_givens

Named = Literal["yes", "no", "perhaps"]

_PHRASE = re.compile(r"\$([^$\n]+)\$\s+(is|are|be|has|have)\s+((?:an?\s+)?[A-Za-z][A-Za-z -]*)", re.IGNORECASE)
_WORDS = re.compile(
    r"invertib|nonsingular|non-singular|full\s+(?:column\s+|row\s+)?rank|independen|positive|nonzero|non-zero|inverse|"
    r"exists|assum|provided|suppose|وارون|معکوس|ناتکین|مستقل|فرض|رتبه",
    re.IGNORECASE,
)


def required(item: Item, wanted: Asked, model: Model, context: Context, judge: Judge) -> tuple[Term, ...]:
    """The hypotheses that a student has to name for an item, in the key's names."""
    found: list[Term] = []
    for position, said in sayings([(r.step, r.statement) for r in model.results]):
        result = model.results[position]
        if not isinstance(result.verdict, Conditional):
            continue
        if fit(wanted, said, result.step.context, context, judge) == "answers":
            found += result.verdict.proof.conditions
    if not found:
        found = [n for side in (wanted.value, wanted.quantity) for n in needs(side, context)]
    return tuple(dict.fromkeys(found))


def bare(context: Context) -> Context:
    """A context without what it says of its symbols beyond their shapes and domains."""
    symbols = {n: replace(s, properties=frozenset()) for n, s in context.symbols.items()}
    return replace(context, symbols=MappingProxyType(symbols), facts=())


def is_named(
    wanted: Asked,
    conditions: tuple[Term, ...],
    facts: tuple[Term, ...],
    prose: str,
    context: Context,
    cut: Cut,
    judge: Judge,
) -> Named:
    """Whether what is asked is proved once the student's own words are in force, and without them is not.

    `facts` are the equations that the question imposes and what the student stated; the `prose` is read for sentences.
    """
    plain = bare(context)
    said = [*facts, *_sentences(prose, plain, cut)]
    if all(judge.entails(said, c, plain) for c in conditions) or judge.holds(wanted.statement, plain, said) == "yes":
        return "yes"
    subjects = {flat(n) for c in conditions for n in _subjects(c)}
    if _WORDS.search(re.sub(r"\$[^$]*\$", " ", prose)):
        return "perhaps"
    return "perhaps" if any(flat(t) in subjects for t in _inline(prose, plain, cut)) else "no"


def _subjects(condition: Term) -> Iterator[Term]:
    """What a condition speaks of: its compound parts, and the one symbol where it has no other."""
    for node in walk(condition):
        if node is not condition and node.args and free_names(node):
            yield node


def _sentences(prose: str, context: Context, cut: Cut) -> Iterator[Term]:
    """The facts that sentences of running text state."""
    for match in _PHRASE.finditer(prose):
        words = re.sub(r"^(?:an?|also|assumed(?: to be)?)\s+", "", match.group(3).strip(), flags=re.IGNORECASE)
        for length in range(len(words.split()), 0, -1):
            verb = match.group(2).lower().replace("be", "is")
            line = f"{match.group(1)} {verb} {' '.join(words.split()[:length])}"
            found = read_givens([(line, 0)], context, cut.macros)
            if not found.problems and found.context != context:
                yield from _new_facts(context, found.context)
                break
    for match in re.finditer(r"\$([^$\n]+)\$", prose):
        if re.search(r"\\ne|\\succ|>|<|\\in\b|\\det", match.group(1)):
            found = read_givens([(match.group(1), 0)], context, cut.macros)
            if not found.problems:
                yield from _new_facts(context, found.context)


def _new_facts(before: Context, after: Context) -> Iterator[Term]:
    yield from (f for f in after.facts if f not in before.facts)
    for name, symbol in after.symbols.items():
        old = before.symbols.get(name)
        if old is not None:
            yield from (make("has", sym(name), value=p) for p in sorted(symbol.properties - old.properties))


def _inline(prose: str, context: Context, cut: Cut) -> Iterator[Term]:
    """The expressions in running text that can be read, and their parts."""
    for match in re.finditer(r"\$([^$\n]+)\$", prose):
        text = f"{match.group(1)} = {match.group(1)}"
        document, _ = read_cut(Cut(Source("", text), (Formula(text, 0),), cut.macros), context)
        for step in _steps(document):
            if step is not None:
                yield from walk(step)


def _steps(document: Document) -> Iterator[Term | None]:
    return (s.statement for d in document.derivations for s in d.steps)
