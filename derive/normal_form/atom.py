"""Atoms, monomials and polynomials: the data of the index normal form.

An `Atom` is what algebra does not take apart: a scalar, an entry `T[i, j]`, δ(i = j), e^m, log p, a kernel (a
polynomial of several terms kept under a negative or fractional exponent), an entry of an inverse, a closed sum. Atoms
are interned in a `Ring`, so identity is equality; their keys are structural strings, the same in every run. A
monomial is a sorted tuple of (atom, exponent), a polynomial a map from monomials to exact rationals; everything
commutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from flint import fmpq

from derive.language.affine import Affine

Exponent = int | Fraction
Names = Mapping[str, str]

_NO_NAMES: Names = {}


class Atom:
    """`kind` and `data` as `serialise` lists them; `free` are the index and symbol names it depends on."""

    __slots__ = ("data", "free", "height", "key", "kind", "special")

    def __init__(self, kind: str, data: tuple[Any, ...], key: str, free: frozenset[str], height: int) -> None:
        self.kind = kind
        self.data = data
        self.key = key
        self.free = free
        self.height = height
        self.special = kind in _SPECIAL

    def __repr__(self) -> str:
        return describe(self)


Monomial = tuple[tuple[Atom, Exponent], ...]

_SPECIAL = frozenset(["delta", "step", "abs", "sign", "kernel", "number", "pow", "sin", "zero", "event", "holds"])
"""Kinds whose powers or products reduce: see polynomial.reduce."""


class Poly:
    """A polynomial; `terms` holds no zero coefficient. Immutable by convention."""

    __slots__ = ("_free", "_height", "_key", "terms")

    def __init__(self, terms: dict[Monomial, fmpq]) -> None:
        self.terms = terms
        self._key: str | None = None
        self._free: frozenset[str] | None = None
        self._height = -1

    def __add__(self, other: Poly) -> Poly:
        if not self.terms:
            return other
        if not other.terms:
            return self
        if len(other.terms) > len(self.terms):
            self, other = other, self
        terms = dict(self.terms)
        for mono, c in other.terms.items():
            total = terms.get(mono)
            if total is None:
                terms[mono] = c
            else:
                total = total + c
                if total:
                    terms[mono] = total
                else:
                    del terms[mono]
        return Poly(terms)

    def __neg__(self) -> Poly:
        return Poly({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Poly) -> Poly:
        return self + (-other)

    def scale(self, factor: fmpq | int) -> Poly:
        """`factor` times this."""
        if not factor:
            return ZERO
        return Poly({m: c * factor for m, c in self.terms.items()})

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> str:
        """A string that two polynomials of one ring share exactly where they are equal."""
        if self._key is None:
            self._key = serialise_poly(self, _NO_NAMES)
        return self._key

    @property
    def free(self) -> frozenset[str]:
        """Names that occur free."""
        if self._free is None:
            self._free = frozenset().union(*(atom.free for mono in self.terms for atom, _ in mono))
        return self._free

    @property
    def height(self) -> int:
        """The largest height of an atom in it."""
        if self._height < 0:
            self._height = max((a.height for m in self.terms for a, _ in m), default=0)
        return self._height

    @property
    def constant(self) -> fmpq | None:
        """The number that this is, or None."""
        if not self.terms:
            return fmpq(0)
        if len(self.terms) == 1 and () in self.terms:
            return self.terms[()]
        return None

    def single(self) -> tuple[Monomial, fmpq] | None:
        """The one term of a one-term polynomial."""
        if len(self.terms) != 1:
            return None
        return next(iter(self.terms.items()))

    def sorted_terms(self) -> list[tuple[Monomial, fmpq]]:
        """The terms in an order that does not depend on how they were made."""
        return sorted(self.terms.items(), key=lambda item: monomial_key(item[0]))

    def __repr__(self) -> str:
        return describe_poly(self)


ZERO = Poly({})
ONE = Poly({(): fmpq(1)})


def constant_poly(value: fmpq | int | Fraction) -> Poly:
    """A number as a polynomial."""
    number = fmpq(value.numerator, value.denominator) if isinstance(value, Fraction) else fmpq(value)
    return Poly({(): number}) if number else ZERO


def monomial_key(mono: Monomial) -> str:
    """A stable string for ordering monomials."""
    return "*".join(f"{a.key}^{e}" for a, e in mono)


# --- keys: structural strings, with names replaced by `names` ---------------------------------------------------------


def serialise_affine(term: Affine, names: Names) -> str:
    """An affine term with its names replaced."""
    if not names:
        return str(term)
    parts: dict[str, int] = {}
    for name, c in term.parts:
        new = names.get(name, name)
        parts[new] = parts.get(new, 0) + c
    return "+".join(f"{c}{n}" for n, c in sorted(parts.items())) + f"+{term.constant}"


def serialise_monomial(mono: Iterable[tuple[Atom, Exponent]], names: Names) -> str:
    """A monomial with names replaced, factors in the order of their strings."""
    return "*".join(sorted(f"{serialise(a, names)}^{e}" for a, e in mono))


def serialise_poly(poly: Poly, names: Names) -> str:
    """A polynomial with names replaced, terms in the order of their strings."""
    return "(" + "+".join(sorted(f"{c}.{serialise_monomial(m, names)}" for m, c in poly.terms.items())) + ")"


def serialise(atom: Atom, names: Names) -> str:
    """The key of an atom after renaming of free names."""
    if not names or atom.free.isdisjoint(names):
        return atom.key
    return short(atom.kind, _body(atom.kind, atom.data, names))


def short(kind: str, body: str) -> str:
    """A key: the text itself where it is short, its digest else."""
    if len(body) <= 48:
        return f"{kind}[{body}]"
    return f"{kind}#{blake2b(body.encode(), digest_size=12).hexdigest()}"


def _body(kind: str, data: tuple[Any, ...], names: Names) -> str:
    return ";".join(_part(d, names) for d in data)


def _part(data: Any, names: Names) -> str:
    if isinstance(data, Poly):
        return serialise_poly(data, names)
    if isinstance(data, Affine):
        return serialise_affine(data, names)
    if isinstance(data, Atom):
        return serialise(data, names)
    if isinstance(data, Name):
        return names.get(data.text, data.text)
    if isinstance(data, Pair):
        return "{" + ",".join(sorted(serialise_affine(d, names) for d in data)) + "}"
    if isinstance(data, tuple):
        if data and isinstance(data[0], tuple) and len(data[0]) == 2 and isinstance(data[0][0], Atom):
            return serialise_monomial(data, names)
        return "<" + ",".join(_part(d, names) for d in data) + ">"
    return str(data)


class Pair(tuple[Affine, Affine]):
    """The two indices of an entry of a symmetric matrix, in no order."""

    __slots__ = ()


def pair(i: Affine, j: Affine) -> Pair:
    """An unordered pair of indices."""
    return Pair((i, j) if str(i) <= str(j) else (j, i))


class Name:
    """A name of a scalar symbol or index inside an atom's data, subject to renaming (a plain `str` is not)."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text


def tensor_mark(name: str) -> str:
    """How the dependence on a tensor or function is written in `Atom.free`."""
    return f"[{name}]"


def free_of(data: Any) -> frozenset[str]:
    """Names that occur in an atom's data."""
    if isinstance(data, Poly | Atom):
        return data.free
    if isinstance(data, Affine):
        return data.names
    if isinstance(data, Name):
        return frozenset([data.text])
    if isinstance(data, tuple):
        names: frozenset[str] = frozenset()
        for d in data:
            names |= free_of(d)
        return names
    return frozenset()


def height_of(data: Any) -> int:
    """How deeply closed sums, inverses and the like are nested in an atom's data."""
    if isinstance(data, Atom):
        return data.height
    if isinstance(data, Poly):
        return data.height
    if isinstance(data, tuple):
        return max((height_of(d) for d in data), default=0)
    return 0


# --- for people -------------------------------------------------------------------------------------------------------


def describe(atom: Atom) -> str:
    """A short text for traces."""
    d = atom.data
    if atom.kind == "sym":
        return str(d[0].text)
    if atom.kind == "entry":
        return f"{d[0]}[{','.join(map(str, d[1]))}]"
    if atom.kind == "sum":
        return f"Σ{{{','.join(f'{n}={a}..{b}' for n, a, b in d[0])}}}({describe_monomial(d[1])})"
    return f"{atom.kind}({', '.join(describe_monomial(x) if _is_monomial(x) else repr(x) for x in d)})"


def _is_monomial(data: Any) -> bool:
    return isinstance(data, tuple) and bool(data) and isinstance(data[0], tuple) and isinstance(data[0][0], Atom)


def describe_monomial(mono: Monomial) -> str:
    """A short text for traces."""
    return "·".join(f"{a!r}" + (f"^{e}" if e != 1 else "") for a, e in mono) or "1"


def describe_poly(poly: Poly) -> str:
    """A short text for traces."""
    return " + ".join(f"{c}·{describe_monomial(m)}" for m, c in poly.sorted_terms()) or "0"
