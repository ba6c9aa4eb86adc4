"""One evident repair of a damaged formula, to be offered beside the refusal and never taken.

Two damages are known: a bracket that does not pair (a closing one too many is left out, an open one is closed before
the next relation or at the end), and a command whose backslash and first letter were eaten as an escape (`ext{Var}`,
`ight)`). A repair is evident where the mended text reads, and every mended text that reads has one reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from derive.language.printing import latex
from derive.language.statement import Problem
from derive.reader.formula import Reading

_UNOPENED = frozenset(["bracket-unopened", "fence-unopened"])
_UNCLOSED = frozenset(["bracket-unclosed"])
_LONGEST = 600
_MOST = 60  # brackets that are tried
_CLOSING = {"(": ")", "[": "]"}

_EATEN = (
    "text", "right", "theta", "times", "tau", "tanh", "tilde", "top", "to", "frac", "nabla", "neq", "nu", "bar",
    "boldsymbol", "begin", "binom", "alpha", "approx", "arg", "rho", "rangle", "varepsilon", "vec",
)  # fmt: skip
"""Commands whose first letter makes an escape with the backslash (`\\t`, `\\r`, `\\f`, `\\n`, `\\b`, `\\a`, `\\v`)."""
_REMAINS = {name[1:]: f"\\{name}" for name in _EATEN if len(name) > 3}
_REMAIN = re.compile(rf"[\t\r\f\b\a\v]?(?<![\\A-Za-z])({'|'.join(sorted(_REMAINS, key=len, reverse=True))})(?![a-z])")


def with_repair(problem: Problem, text: str, start: int, read: Callable[[str], Reading | Problem]) -> Problem:
    """The problem of a formula that starts at `start`, with the mended text as its detail `repair` where one is
    evident."""
    if len(text) > _LONGEST:
        return problem
    found: dict[tuple[str, ...], str] = {}
    for mended in _mended(problem, text, start):
        reading = read(mended)
        if isinstance(reading, Reading):
            found.setdefault(tuple(latex(t) for s in reading.segments for t in s.terms), mended)
        elif reading.about is not None:  # it reads; that its shapes do not fit is another matter
            found.setdefault((latex(reading.about),), mended)
    if len(found) != 1:
        return problem
    return replace(problem, details=(*problem.details, ("repair", next(iter(found.values())))))


def _mended(problem: Problem, text: str, start: int) -> Iterator[str]:
    restored = _REMAIN.sub(lambda match: _REMAINS[match.group(1)], text)
    if restored != text:
        yield restored
    elif problem.code in _UNOPENED:
        for match in list(re.finditer(r"(?:\\right\s*)?[)\]]", text))[:_MOST]:
            yield text[: match.start()] + text[match.end() :]
    elif problem.code in _UNCLOSED and problem.span is not None:
        at = problem.span.start - start
        closing = _CLOSING.get(text[at : at + 1])
        if closing is not None:
            ends = [m.start() for m in re.finditer(r"=|<|>|\\(?:le|ge|ne|approx)", text) if m.start() > at]
            end = min(ends, default=len(text))
            kept = text[:end].rstrip()
            yield kept + closing + text[len(kept) :]
