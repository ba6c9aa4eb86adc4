"""Which sizes to try: small ones first, then sizes that differ from one another.

A claim that fails at all usually fails at 1×1; transposes and swapped products need sizes that differ; some
identities hold at sizes 1 and 2 and fail at 3. Facts about sizes alone (n ≥ 2, n > d) are met here, by listing.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from derive.language.context import Context
from derive.language.term import Term
from derive.numeric.evaluate import root_frame
from derive.numeric.number import NoValue
from derive.numeric.point import Point

_FAR = 8
_KEPT = 24


def assignments(context: Context, names: Sequence[str], facts: Sequence[Term], seed: int) -> tuple[dict[str, int], ...]:
    """Concrete sizes in the order in which to try them; `facts` mention no other names."""
    if not names:
        return ({},) if _holds(context, {}, facts) else ()
    least = [max(1, context.symbols[n].minimum) if n in context.symbols else 1 for n in names]
    kept = _kept(context, names, facts, _candidates(least, random.Random(seed)))
    if len(kept) < 2 and len(names) <= 3:
        kept = _kept(context, names, facts, product(*(range(m, m + _FAR) for m in least)))
    return tuple(kept)


def _kept(
    context: Context, names: Sequence[str], facts: Sequence[Term], candidates: Iterable[tuple[int, ...]]
) -> list[dict[str, int]]:
    seen: set[tuple[int, ...]] = set()
    kept: list[dict[str, int]] = []
    for candidate in candidates:
        if candidate in seen:
            continue
        seen.add(candidate)
        sizes = dict(zip(names, candidate, strict=True))
        if _holds(context, sizes, facts):
            kept.append(sizes)
            if len(kept) >= _KEPT:
                break
    return kept


def _candidates(least: list[int], rng: random.Random) -> Iterator[tuple[int, ...]]:
    count = len(least)
    yield tuple(least)
    yield tuple(max(m, 2 + i) for i, m in enumerate(least)) if count <= 3 else _mixed(least, rng)
    yield tuple(max(m, 2) for m in least)
    yield tuple(max(m, 1 + count - i) for i, m in enumerate(least)) if count <= 3 else _mixed(least, rng)
    for i in range(min(count, 4)):
        yield tuple(m if i != k else max(m, 2) for k, m in enumerate(least))
    yield tuple(max(m, 3) for m in least)
    small = list(product(*(range(m, m + 3) for m in least))) if count <= 4 else []
    rng.shuffle(small)
    small.sort(key=sum)
    yield from small
    if count > 4:
        for _ in range(30):
            yield _mixed(least, rng)


def _mixed(least: list[int], rng: random.Random) -> tuple[int, ...]:
    return tuple(m if m > 2 else rng.choice((max(m, 1), 2, 3)) for m in least)


def _holds(context: Context, sizes: dict[str, int], facts: Sequence[Term]) -> bool:
    frame = root_frame(context, Point(sizes=sizes))
    try:
        return all(frame.truth(f, {}) for f in facts)
    except NoValue:
        return False
