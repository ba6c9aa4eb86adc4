"""Words in givens: properties, randomness, independence, and what they say about the names before them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.language.term import Term, make, num
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token

PROPERTIES: dict[str, tuple[str, ...]] = {
    "invertible": ("invertible",),
    "nonsingular": ("invertible",),
    "non-singular": ("invertible",),
    "symmetric": ("symmetric",),
    "orthogonal": ("orthogonal",),
    "diagonal": ("diagonal",),
    "positive definite": ("positive definite", "symmetric", "invertible"),
    "symmetric positive definite": ("positive definite", "symmetric", "invertible"),
    "symmetric and positive definite": ("positive definite", "symmetric", "invertible"),
    "positive semidefinite": ("positive semidefinite", "symmetric"),
    "positive semi-definite": ("positive semidefinite", "symmetric"),
    "symmetric positive semidefinite": ("positive semidefinite", "symmetric"),
    "symmetric and invertible": ("symmetric", "invertible"),
    "full column rank": ("full column rank",),
    "of full column rank": ("full column rank",),
    "full row rank": ("full row rank",),
    "of full row rank": ("full row rank",),
    "differentiable": ("differentiable",),
    "twice differentiable": ("twice differentiable", "differentiable"),
    "continuously differentiable": ("differentiable",),
    "smooth": ("twice differentiable", "differentiable"),
    "convex": ("convex",),
    "strictly convex": ("convex", "strictly convex"),
    "concave": ("concave",),
    "increasing": ("increasing",),
    "strictly increasing": ("increasing", "strictly increasing"),
    "monotonically increasing": ("increasing",),
    "decreasing": ("decreasing",),
    "even": ("even",),
    "odd": ("odd",),
    "constant": ("constant",),
    "fixed": ("constant",),
    "idempotent": ("idempotent",),
    "skew-symmetric": ("skew-symmetric",),
}
"""Property phrase → the property words it gives a symbol."""

MATRIX_PROPERTIES = frozenset(["invertible", "symmetric", "orthogonal", "diagonal", "idempotent", "skew-symmetric"]) | {
    "positive definite",
    "positive semidefinite",
    "full column rank",
    "full row rank",
}
FUNCTION_PROPERTIES = frozenset(["differentiable", "convex", "concave", "increasing", "decreasing", "even", "odd"]) | {
    "twice differentiable",
    "strictly convex",
    "strictly increasing",
}


_APART, _INDEPENDENT = frozenset(["disjoint"]), frozenset(["independent"])
EVENTS: dict[str, frozenset[str]] = {
    "": frozenset(),
    "independent": _INDEPENDENT,
    "mutually independent": _INDEPENDENT,
    "disjoint": _APART,
    "pairwise disjoint": _APART,
    "mutually exclusive": _APART,
    "mutually exclusive and exhaustive": _APART | {"exhaustive"},
}
"""Words before `events` → what they say."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """What a phrase says: a kind, property words, and the formulas that the phrase holds."""

    kind: str
    words: tuple[str, ...] = ()
    parts: tuple[tuple[str, str, int], ...] = ()
    """(name of the part, its LaTeX, offset within the phrase)."""
    flags: frozenset[str] = frozenset()


_PARTS = (
    r"probability density function|probability density|probability mass function|density|mass function|pdf|pmf|mean|"
    r"expectation|variance|covariance matrix|covariance|values in|distribution"
)
_WITH = re.compile(
    r"\s*(?:,|and)?\s*(?:with|having|that takes|taking|that take)?\s*(?:a |the )?"
    rf"(?P<what>{_PARTS})\s+(?P<value>.+?)"
    rf"(?=\s+and\s+(?:with\s+)?(?:a |the )?(?:{_PARTS})\s|\s*,\s*(?:with\s+)?(?:{_PARTS})\s|$)"
)


_DIFFERENTIATE = r"(?:we (?:may|can) )?(?:differentiat(?:ion|ing|e)|(?:the )?derivatives?|taking derivatives)"
_MAY = r"(?:(?:is|are|may be|can be) (?:allowed|permitted|valid|justified|legitimate|taken|possible))?"
_SWAP = r"(?:may|can) be (?:interchanged|exchanged|swapped|switched)"
_ALLOWS_INTERCHANGE = re.compile(
    rf"{_DIFFERENTIATE} {_MAY} ?under (?:the|every|all) integrals?(?: signs?)? ?{_MAY}"
    rf"|(?:the order of )?(?:differentiation and integration|derivatives? and integrals?) {_SWAP}"
    r"|(?:the )?interchang(?:e|ing)(?: of)? (?:differentiation and integration|derivatives? and integrals?) "
    rf"{_MAY}",
    re.IGNORECASE,
)


def allows_interchange(text: str) -> bool:
    """Whether a line says that derivatives may be taken under the integral sign."""
    words = re.sub(r"\s+", " ", text).strip().rstrip(".")
    return "integra" in words and _ALLOWS_INTERCHANGE.fullmatch(words) is not None


def read_phrase(text: str) -> Predicate | None:
    """The predicate behind `is`, `are` or `has`; None where it is not known."""
    stripped = text.strip().rstrip(".").strip()
    words = re.sub(r"\s+", " ", stripped)
    lower = words.lower()
    if lower.startswith(("a ", "an ", "the ")):
        lower = lower.split(" ", 1)[1]
    bare = re.sub(r" (?:matrix|matrices|function|functions|real)$", "", lower)
    if lower in PROPERTIES or bare in PROPERTIES:
        return Predicate("property", PROPERTIES.get(lower) or PROPERTIES[bare])
    several = [part.strip() for part in re.split(r",| and ", bare) if part.strip()]
    if len(several) > 1 and all(part in PROPERTIES for part in several):
        return Predicate("property", tuple(dict.fromkeys(w for part in several for w in PROPERTIES[part])))
    whole = re.fullmatch(r"(natural|positive|non-?negative|)\s*(numbers?|integers?|whole numbers?)", lower)
    if whole and (whole.group(1) == "natural" or "integer" in whole.group(2) or "whole" in whole.group(2)):
        first = whole.group(1)
        return Predicate("whole", ("natural" if first.startswith(("nat", "non")) else first or "integer",))
    member = re.fullmatch(
        r"(?:a |an |the )?(?:real |fixed |given |square )*"
        r"(?:scalars?|vectors?|matri(?:x|ces)|points?|numbers?|elements?) (?:in|of) (.+)",
        words,
        re.IGNORECASE,
    )
    if member and "\\" in member.group(1):
        return Predicate("member", parts=(("set", member.group(1), text.index(member.group(1))),))
    differentiable = re.fullmatch(r"((?:twice |continuously )?differentiable)(?: in (.+))?", lower)
    if differentiable:
        return Predicate("property", PROPERTIES[differentiable.group(1)])
    if lower in ("nonzero", "non-zero", "not zero", "nonzero vectors", "nonzero vector"):
        return Predicate("nonzero")
    if lower in (
        "positive",
        "strictly positive",
        "positive real",
        "positive reals",
        "positive numbers",
        "positive number",
    ):
        return Predicate("sign", (">",))
    if lower in ("nonnegative", "non-negative"):
        return Predicate("sign", (">=",))
    if lower in ("negative",):
        return Predicate("sign", ("<",))
    event = re.fullmatch(r"(?:an? |the )?((?:[a-z]+[ -])*?)events?(?: (?:with|such that) (.+))?", words, re.IGNORECASE)
    if event and (event.group(1).strip().lower() in EVENTS):
        parts = (("fact", event.group(2), text.index(event.group(2))),) if event.group(2) else ()
        return Predicate("event", parts=parts, flags=EVENTS[event.group(1).strip().lower()])
    bare = re.sub(r"^pairwise ", "", re.sub(r"^(?:a|the) ", "", lower))
    if bare in ("disjoint", "mutually exclusive"):
        return Predicate("disjoint")
    if re.fullmatch(r"partition(?: of (?:the sample space|.omega|Ω))?|mutually exclusive and exhaustive", bare):
        return Predicate("disjoint", flags=frozenset(["exhaustive"]))
    if lower in ("finite set", "finite sets", "finite nonempty set", "nonempty finite set"):
        return Predicate("set")
    if lower in (
        "real",
        "real number",
        "real numbers",
        "scalar",
        "scalars",
        "constants",
        "real scalar",
        "real scalars",
    ):
        return Predicate("real")
    if lower in ("independent", "mutually independent", "jointly independent", "statistically independent"):
        return Predicate("independent", ("independent",))
    if lower in ("pairwise independent",):
        return Predicate("independent", ("pairwise",))
    if lower in ("uncorrelated", "pairwise uncorrelated"):
        return Predicate("independent", ("uncorrelated",))
    apart = re.fullmatch(r"(?:mutually )?independent of (?:the |all |each |every )?\(?(.+?)\)?", words, re.IGNORECASE)
    if apart:
        return Predicate("independent", ("independent",), parts=(("of", apart.group(1), text.index(apart.group(1))),))
    conditional = re.fullmatch(r"(?:conditionally )?independent (?:given|conditional on) (.+)", words, re.IGNORECASE)
    if conditional:
        given = re.split(r",? and (?:also )?given ", conditional.group(1))
        places = [text.index(conditional.group(1))]
        for piece in given[1:]:
            places.append(text.index(piece, places[-1] + 1))
        return Predicate("conditional", parts=tuple(("given", g, at) for g, at in zip(given, places, strict=True)))
    if lower in ("i.i.d", "i.i.d.", "iid", "independent and identically distributed"):
        return Predicate("random", flags=frozenset(["iid"]))
    if lower in ("identically distributed",):
        return Predicate("random", flags=frozenset(["identical"]))
    return _has_law(text, words) or _random(text, words)


_HAS_LAW = re.compile(
    r"(?:a |the )?(?:probability density function|probability density|probability mass function|density|mass function|"
    r"pdf|pmf) \S",
    re.IGNORECASE,
)


def _has_law(text: str, words: str) -> Predicate | None:
    """`X has density p(x)`."""
    parts = _parts(text, words) if _HAS_LAW.match(words) else None
    return None if parts is None else Predicate("random", parts=parts)


_RANDOM = re.compile(
    r"(?:a |an |the )?(?P<before>(?:(?:positive|nonnegative|non-negative|real|real-valued|scalar|i\.i\.d\.|iid|"
    r"i\.i\.d|integer-valued|natural-valued|count-valued|"
    r"independent|mutually independent|identically distributed|independent and identically distributed|"
    r"uncorrelated|pairwise uncorrelated|and|,|continuous|discrete|integrable|square-integrable)\s+)*)"
    r"random (?P<noun>variables?|vectors?|matri(?:x|ces))(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)


def _random(text: str, words: str) -> Predicate | None:
    bare = re.match(r"(?:i\.i\.d\.?|iid|independent and identically distributed)(?= with )", words, re.IGNORECASE)
    if bare:
        words = f"{bare.group()} random variables{words[bare.end() :]}"
    match = _RANDOM.fullmatch(words)
    if match is None:
        return None
    before = match.group("before").lower()
    flags = set()
    if "i.i.d" in before or "iid" in before.split() or "independent and identically" in before:
        flags.add("iid")
    elif "independent" in before:
        flags.add("independent")
    if "identically" in before and "iid" not in flags:
        flags.add("identical")
    if "uncorrelated" in before:
        flags.add("uncorrelated")
    if re.search(r"integer-valued|natural-valued|count-valued", before):
        flags.add("integer")
    if re.search(r"natural-valued|count-valued", before):
        flags.add("nonnegative")
    if "positive" in before.split():
        flags.add("positive")
    if "nonnegative" in before or "non-negative" in before:
        flags.add("nonnegative")
    if "vector" in match.group("noun"):
        flags.add("vector")
    parts = _parts(text, match.group("rest"))
    return None if parts is None else Predicate("random", parts=parts, flags=frozenset(flags))


def _parts(text: str, rest: str) -> tuple[tuple[str, str, int], ...] | None:
    """`with mean μ and variance σ^2` as its parts."""
    parts: list[tuple[str, str, int]] = []
    rest = rest.strip()
    while rest:
        found = _WITH.match(rest)
        if found is None:
            return None
        value = found.group("value").strip()
        place = text.find(value)
        parts.append((found.group("what").lower(), value, max(place, 0)))
        rest = rest[found.end() :].strip()
    return tuple(parts)


def formula_phrase(parser: Parser, left: Term, token: Token) -> Term:
    """`X^T X \\text{ is invertible}` inside a formula."""
    words = re.sub(r"^(is|are|has)\s+", "", token.text.strip())
    predicate = read_phrase(words)
    if predicate is None or predicate.kind not in ("property", "nonzero", "independent"):
        raise parser.fail("phrase-unknown", token, phrase=token.text)
    if predicate.kind == "nonzero":
        return make("ne", left, num(0))
    if predicate.kind == "independent":
        raise parser.fail("phrase-unknown", token, phrase=token.text)
    return make("has", left, value=predicate.words[0])
