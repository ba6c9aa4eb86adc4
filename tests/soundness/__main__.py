"""`python -m tests.soundness --cases N --seed S`: random statements, decided and opposed; prints what went wrong."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter

from .run import decide_case, make_case


def main() -> int:
    """Run the cases and print a summary; 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soundness", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--depth", type=int, default=None)
    parser.add_argument("--undecided", action="store_true", help="print equal pairs that were not proved")
    parser.add_argument("--slow", type=float, default=3.0, help="print cases that took longer (seconds)")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong = 0
    start = time.perf_counter()
    for number in range(given.cases):
        rng = random.Random(given.seed * 1_000_003 + number)
        made = None
        try:
            made = make_case(rng, number % 2 == 0, given.depth)
            if made is None:
                counts["not made"] += 1
                continue
            found = decide_case(made, number)
        except Exception:
            wrong += 1
            print(f"#{number} EXCEPTION", made and made.world.name, made and made.claim, flush=True)
            traceback.print_exc(file=sys.stdout)
            continue
        kind = "same" if made.same else "changed"
        counts[f"{kind}: {found.outcome.verdict}"] += 1
        if found.wrong:
            wrong += 1
            print(f"#{number} WRONG {found}", flush=True)
        elif found.seconds > given.slow:
            print(f"#{number} SLOW {found}", flush=True)
        elif made.same and found.outcome.verdict not in ("equal", "conditional"):
            missed.update(set(made.how))
            if given.undecided:
                print(f"#{number} OPEN {found} {found.outcome.reason}", flush=True)
    print(f"{given.cases} cases in {time.perf_counter() - start:.0f} s; wrong: {wrong}")
    for name, count in sorted(counts.items()):
        print(f"  {name}: {count}")
    if missed:
        print("  rules in equal pairs that were not proved:", ", ".join(f"{n} {c}" for n, c in missed.most_common(12)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
