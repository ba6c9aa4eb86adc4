"""`python -m tests.soundness --cases N --seed S`: random statements, decided and opposed; prints what went wrong.

`--kind equal` makes terms that are equal by construction and changed ones, `partial` terms that may have no value, and
`order` inequalities, which go through every procedure. `--mutate all` (or `library`, …) changes the true steps of the
project instead, `--each` times each.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter

from .mutate import attempt
from .mutations import mutants
from .orders import inspect_order, make_order
from .partial import inspect, make_claim
from .run import decide_case, make_case
from .true_steps import SOURCES, true_steps


def equal_case(rng: random.Random, number: int, depth: int | None) -> tuple[str, str]:
    """What became of a random equation, and what is wrong."""
    made = make_case(rng, number % 2 == 0, depth)
    if made is None:
        return "not made", ""
    found = decide_case(made, number)
    kind = "same" if made.same else "changed"
    return f"{kind}: {found.outcome.verdict}", str(found) if found.wrong else ""


def partial_case(rng: random.Random, number: int) -> tuple[str, str]:
    """The same for a term that may have no value."""
    claim = make_claim(rng)
    if claim is None:
        return "not made", ""
    tried = inspect(claim, number)
    return tried.outcome.verdict, str(tried) if tried.wrong else ""


def order_case(rng: random.Random) -> tuple[str, str]:
    """The same for an inequality."""
    claim = make_order(rng)
    return ("not made", "") if claim is None else inspect_order(claim)


def mutate(sources: list[str], each: int, seed: int) -> int:
    """Mutate the true steps of some sources, say what was proved though false, and count; 1 where there was such."""
    wrong = 0
    for source in sources:
        counts: Counter[str] = Counter()
        start = time.perf_counter()
        for step in true_steps(source):
            for mutant in mutants(step, seed, each):
                tried = attempt(mutant)
                counts[tried.outcome] += 1
                if tried.wrong:
                    wrong += 1
                    print(tried, flush=True)
        told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        seconds = time.perf_counter() - start
        size = f"{len(true_steps(source))} steps, {counts.total()} mutants"
        print(f"{source}: {size}: {told} ({seconds:.0f} s)", flush=True)
    print(f"proved though false: {wrong}")
    return 1 if wrong else 0


def main() -> int:
    """Run the cases and print a summary; 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soundness", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=("equal", "partial", "order"), default="equal")
    parser.add_argument("--depth", type=int, default=None, help="of the terms of `equal`")
    parser.add_argument("--slow", type=float, default=4.0, help="print cases that took longer (seconds)")
    parser.add_argument("--mutate", nargs="+", choices=("all", *SOURCES), help="mutate true steps of these sources")
    parser.add_argument("--each", type=int, default=20, help="mutants of every step")
    given = parser.parse_args()
    if given.mutate:
        return mutate(list(SOURCES) if "all" in given.mutate else given.mutate, given.each, given.seed)
    counts: Counter[str] = Counter()
    wrong = 0
    start = time.perf_counter()
    for number in range(given.cases):
        rng = random.Random(given.seed * 1_000_003 + number)
        begun = time.perf_counter()
        try:
            if given.kind == "equal":
                kind, fault = equal_case(rng, number, given.depth)
            elif given.kind == "partial":
                kind, fault = partial_case(rng, number)
            else:
                kind, fault = order_case(rng)
        except Exception:
            kind, fault = "exception", traceback.format_exc()
        counts[kind] += 1
        if fault:
            wrong += 1
            print(f"#{number} {fault}", flush=True)
        elif time.perf_counter() - begun > given.slow:
            print(f"#{number} took {time.perf_counter() - begun:.1f} s", flush=True)
    print(f"{given.cases} cases in {time.perf_counter() - start:.0f} s; wrong: {wrong}")
    for name, count in sorted(counts.items()):
        print(f"  {name}: {count}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
