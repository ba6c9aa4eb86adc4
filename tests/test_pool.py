"""A job that goes over a limit, dies or raises costs itself only, and what became of it is told apart."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from derive.pool import Done, Failed, Limits, run_jobs

LIMITS = Limits(wall=20, processor=20, memory=2**30)


def behave(job: str) -> str:
    if job == "sleep":
        time.sleep(60)
    if job == "spin":
        while True:
            pass
    if job == "eat":
        return "x" * 2**31
    if job == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if job == "raise":
        raise ValueError("no")
    return job.upper()


def limits(job: str) -> Limits:
    if job == "sleep":
        return Limits(wall=0.3)
    if job == "spin":
        return Limits(wall=20, processor=0.2)
    return LIMITS


@pytest.mark.skipif(sys.platform != "linux", reason="the limits on memory and processor time are the system's")
def test_each_failure_is_told_apart_and_costs_its_own_job_only() -> None:
    jobs = ["a", "sleep", "b", "spin", "c", "eat", "d", "die", "e", "raise", "f"]
    found = dict(run_jobs(behave, jobs, 2, limits))
    assert sorted(found) == list(range(len(jobs)))
    causes = {job: found[n].cause for n, job in enumerate(jobs) if isinstance(found[n], Failed)}
    assert causes == {"sleep": "wall", "spin": "processor", "eat": "memory", "die": "died", "raise": "raised"}
    assert all(found[n] == Done(job.upper()) for n, job in enumerate(jobs) if len(job) == 1)


def test_who_stops_listening_ends_the_workers() -> None:
    outcomes = run_jobs(behave, ["a", "sleep", "sleep"], 1, lambda job: Limits())
    assert next(outcomes) == (0, Done("A"))
    start = time.monotonic()
    outcomes.close()
    assert time.monotonic() - start < 30, "the sleeping worker was waited for"
