"""How long a step takes that the normal form decides alone, warm: `python -m benchmarks.step_time`.

The steps are the true statements of `tests/identities`. The first figure leaves out reading and the numeric spot
checks; the second is a whole verdict with the spot checks.
"""

from __future__ import annotations

import argparse
import statistics
import time

from derive.checking.step import check_step
from derive.language.budget import Budget
from derive.language.decision import Proof
from derive.procedures.identity import PROCEDURE
from tests.identities.table import cases, step


def main() -> None:
    """Print medians, and the slowest steps."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.step_time", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    alone: list[tuple[float, str]] = []
    whole: list[float] = []
    for case in cases("true"):
        one = step(case)
        if one.statement is None or one.statement.head != "eq":
            continue
        if not isinstance(PROCEDURE.decide(one, Budget(5)), Proof):
            continue
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            PROCEDURE.decide(one, Budget(5))
            times.append(time.perf_counter() - start)
        alone.append((statistics.median(times), case.text))
        start = time.perf_counter()
        check_step(one)
        whole.append(time.perf_counter() - start)
    alone.sort()
    print(f"{len(alone)} steps decided by the normal form")
    print(f"  normal form alone: median {statistics.median(t for t, _ in alone) * 1000:.2f} ms, ", end="")
    print(f"nine in ten within {alone[len(alone) * 9 // 10][0] * 1000:.1f} ms")
    print(f"  whole verdict:     median {statistics.median(whole) * 1000:.1f} ms")
    print("  slowest:")
    for seconds, text in alone[-5:]:
        print(f"    {seconds * 1000:7.1f} ms  {text}")


if __name__ == "__main__":
    main()
