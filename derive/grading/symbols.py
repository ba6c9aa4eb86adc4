"""A student's names for the key's symbols.

A name of the student that the key does not have stands for one of the key's that the student does not use where this
is evident: it is the same letter in another dress (bold, hat, star, calligraphic), or it is declared or defined by the
student with the same role and shape; and there is one candidate each way. Sizes follow from declarations: `X ∈ ℝ^{m×p}`
for the key's n × d renames both. What is not evident stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from derive.grading.renaming import Renaming
from derive.language.affine import Affine
from derive.language.context import Context, Symbol
from derive.language.letters import plain_letter
from derive.language.statement import Document
from derive.language.term import free_names, walk

_BINDING = frozenset(["argmax", "argmin", "integral", "limit"])
"""Binders whose variable the author wrote, and which may be the key's."""


@dataclass(slots=True)
class Names:
    """What a student's section calls things: names used, their symbols, those declared in it and those defined."""

    used: Counter[str] = field(default_factory=Counter)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    declared: dict[str, Symbol] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)


def names_in(document: Document, declared: Mapping[str, Symbol]) -> Names:
    """The names in the steps of a document."""
    names = Names(declared=dict(declared))
    for derivation in document.derivations:
        for step in derivation.steps:
            for term in (step.statement, step.origin):
                if term is not None:
                    names.used.update(free_names(term))
                    names.used.update(n.args[0].name for n in walk(term) if n.head in _BINDING)
            for name, symbol in step.context.symbols.items():
                names.symbols.setdefault(name, symbol)
            if step.kind == "definition" and step.statement is not None:
                left = step.statement.left
                names.defined.add(left.args[0].name if left.head == "entry" else left.name)
    for name, symbol in declared.items():
        names.symbols[name] = symbol
    return names


def base_letter(name: str) -> str:
    """A name without its dress: `ŵ`, `𝐰`, `w*`, `w_opt` and `w′` are all w."""
    plain = "".join(plain_letter(c) for c in name)
    apart = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    apart = re.sub(r"[*⋆⁺†°′]+", "", apart)
    return re.sub(r"_[^\W\d_]{2,}$|_\*$|\^\([^()]*\)$", "", apart)


def renaming(names: Names, question: Context) -> Renaming:
    """The student's names for the key's symbols."""
    sizes = _sizes(names, question)
    pairs = dict(sizes)
    own = [n for n in sorted({*names.used, *names.declared}) if n not in question.symbols and n not in sizes.values()]
    own = [n for n in own if n in names.symbols and names.symbols[n].role not in ("index", "size")]
    idle = [n for n, s in question.symbols.items() if n not in names.used and n not in sizes and s.role != "index"]
    idle = [n for n in idle if n not in names.declared]
    pairs |= _unique([(k, s) for k in idle for s in own if _dressed(k, s)])
    own = [n for n in own if n not in pairs.values() and (n in names.declared or n in names.defined)]
    idle = [n for n in idle if n not in pairs]
    pairs |= _unique([(k, s) for k in idle for s in own if _alike(k, names, s, question, pairs)])
    return Renaming(tuple(sorted(pairs.items())))


def _dressed(key: str, own: str) -> bool:
    return base_letter(key) == base_letter(own) != ""


def _unique(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The pairs that are the only one for both of their names."""
    ones, others = Counter(k for k, _ in pairs), Counter(s for _, s in pairs)
    return {k: s for k, s in pairs if ones[k] == 1 and others[s] == 1}


def _alike(key: str, names: Names, own: str, question: Context, sizes: Mapping[str, str]) -> bool:
    """Whether two names have the same role and shape, sizes read as the student's."""
    one, other = question.symbols[key], names.symbols[own]
    if (key in question.definitions) != (own in names.defined) or one.role != other.role or one.random != other.random:
        return False
    if len(one.family) != len(other.family) or len(one.arguments) != len(other.arguments):
        return False
    shapes = list(zip((one.shape, *one.arguments), (other.shape, *other.arguments), strict=True))
    if any(a.rank != b.rank or a.statement != b.statement for a, b in shapes):
        return False
    axes = [pair for a, b in shapes for pair in zip(a.axes, b.axes, strict=True)]
    if one.shape.rank == 0 and not one.family and not one.arguments and key not in question.definitions:
        return False  # a plain number may stand for anything
    return all(_size_alike(a, b, question, names, sizes) for x, y in axes for a, b in zip(x, y, strict=False))


def _size_alike(key: Affine, own: Affine, question: Context, names: Names, sizes: Mapping[str, str]) -> bool:
    a, b = _single(key), _single(own)
    if a is None or b is None:
        return key == own
    return sizes.get(a, a) == b or (b not in question.symbols and a not in names.used and a not in sizes)


def _single(size: Affine) -> str | None:
    """The name that a size is, if it is one."""
    return size.parts[0][0] if size.constant == 0 and len(size.parts) == 1 and size.parts[0][1] == 1 else None


def _sizes(names: Names, question: Context) -> dict[str, str]:
    """The student's sizes for the key's, from what both declare under one name."""
    pairs: list[tuple[str, str]] = []
    for name, own in names.declared.items():
        mine = question.symbols.get(name)
        if mine is None:
            dressed = [k for k in question.symbols if k not in names.used and _dressed(k, name)]
            mine = question.symbols[dressed[0]] if len(dressed) == 1 else None
        if mine is None or mine.shape.rank != own.shape.rank or len(mine.family) != len(own.family):
            continue
        axes = zip(mine.shape.axes, own.shape.axes, strict=True)
        both = [pair for x, y in axes for pair in zip(x, y, strict=False)]
        both += [(r.high, s.high) for r, s in zip(mine.family, own.family, strict=True)]
        for a, b in both:
            one, other = _single(a), _single(b)
            if one is not None and other is not None and one != other:
                pairs.append((one, other))
    return _unique(list(dict.fromkeys(pairs)))


def conflicts(names: Names, question: Context) -> list[str]:
    """Names that the student declares with another shape than the key, which is in force under the student's names."""
    found = []
    for name, own in names.declared.items():
        mine = question.symbols.get(name)
        if mine is None or mine.role in ("size", "index") or own.role in ("size", "index"):
            continue
        bare = (mine.bare_shape, own.bare_shape)
        if (mine.shape, mine.family, mine.role) != (own.shape, own.family, own.role) and bare[0] != bare[1]:
            found.append(name)
    return found


def dressed_too(names: Names, question: Context) -> list[tuple[str, str]]:
    """The student's names that are a symbol of the question in another dress, beside that symbol: `ŵ` and w."""
    found = []
    for name in sorted(set(names.used) - names.defined):
        plain = plain_of(name, names.symbols.get(name), question)
        if plain is not None:
            found.append((plain, name))
    return found


def plain_of(name: str, symbol: Symbol | None, question: Context) -> str | None:
    """The one symbol of the question that a name which is not the question's is another dress of, of the same shape."""
    if symbol is None or name in question.symbols or symbol.role != "variable":
        return None
    mine = [
        s.name
        for s in question.symbols.values()
        if s.role == "variable" and s.name not in question.definitions and _dressed(s.name, name)
    ]
    same = [n for n in mine if (question.symbols[n].shape, question.symbols[n].family) == (symbol.shape, symbol.family)]
    return same[0] if len(same) == 1 and len(mine) == 1 else None
