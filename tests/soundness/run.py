"""One random case: a term, an equal or a changed one, what the normal form says, and what exact evaluation says.

A case is `wrong` where the normal form proves what fails at a point, or where a rewrite that keeps the value is refuted
by evaluation (then a rule here or the numeric route is at fault). Everything is made from a `random.Random`.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from derive.checking.needs import assume
from derive.language.printing import plain
from derive.language.term import Term

from .oppose import Outcome, ask, evaluate, statement
from .rewrites import change_once, rewrite_once
from .terms import Writer
from .worlds import WORLDS, World


@dataclass(frozen=True)
class Made:
    """A statement that was made, how, and whether it holds by construction."""

    world: World
    claim: Term
    same: bool
    how: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A case after it was decided and opposed."""

    made: Made
    outcome: Outcome
    wrong: str = ""
    agreed: int = 0
    seconds: float = 0.0
    fails: bool = False
    """Whether a point was found at which the two sides differ."""

    def __str__(self) -> str:
        conditions = "; ".join(plain(c) for c in self.outcome.conditions)
        text = f"[{self.made.world.name}] {plain(self.made.claim)}\n    made by {', '.join(self.made.how)}"
        return f"{text}\n    {self.outcome.verdict} {conditions} {self.wrong} ({self.seconds:.2f} s)"


def make_case(rng: random.Random, same: bool, depth: int | None = None) -> Made | None:
    """A random statement: two terms that are equal by rewriting, or one and a changed one."""
    world = WORLDS[rng.randrange(len(WORLDS))]
    writer = Writer(rng, world)
    depth = depth if depth is not None else rng.choice((1, 2, 2, 3, 3, 4))
    kind = rng.randrange(6)
    if kind == 0:
        left = writer.vector(rng.choice(world.sizes), depth)
    elif kind == 1:
        left = writer.matrix(rng.choice(world.sizes), rng.choice(world.sizes), depth)
    else:
        left = writer.scalar(depth)
    if not same and rng.randrange(2):
        # in half of the changed cases the sides differ in form, too
        steps: list[str] = ["change"]
        changed = change_once(left, world, rng)
        if changed is None:
            return None
        right = changed[0]
        steps = [changed[1]]
    else:
        right, steps = left, []
    for _ in range(rng.randrange(1, 6) if same or steps else rng.randrange(0, 3)):
        found = rewrite_once(right, world, rng)
        if found is None or _count(found[0]) > 120:
            break
        right = found[0]
        steps.append(found[1])
    if not same and (not steps or steps[0] not in _change_names()):
        changed = change_once(right, world, rng)
        if changed is None:
            return None
        right = changed[0]
        steps.append(changed[1])
    if not steps or statement(left, left, world.context) is None:
        return None
    claim = statement(left, right, world.context)
    if claim is None:
        return None
    return Made(world, claim, same, tuple(steps))


def _change_names() -> frozenset[str]:
    from .rewrites import CHANGES

    return frozenset(CHANGES)


def _count(term: Term) -> int:
    return 1 + sum(_count(a) for a in term.args)


def decide_case(made: Made, seed: int = 0, thorough: bool = False) -> Found:
    """Ask the normal form, and oppose what it says."""
    start = time.perf_counter()
    outcome = ask(made.claim, made.world.context)
    wrong, agreed, differs = "", 0, None
    if outcome.verdict in ("equal", "conditional"):
        context = assume(made.world.context, outcome.conditions) if outcome.conditions else None
        agreed, differs, where = evaluate(made.claim, made.world, seed=seed, context=context)
        if differs is not None:
            wrong = f"PROVED BUT FALSE at {where}: {differs.left} against {differs.right}"
    elif made.same or thorough:
        sizes = ((1, 1), (2, 3), (3, 2)) if not thorough else ((1, 1), (2, 3), (3, 2), (4, 4), (5, 4))
        agreed, differs, where = evaluate(made.claim, made.world, sizes, seed, 2)
        if differs is not None and made.same:
            wrong = f"EQUAL BY RULES BUT DIFFERENT at {where}: {differs.left} against {differs.right}"
    return Found(made, outcome, wrong, agreed, time.perf_counter() - start, differs is not None)
