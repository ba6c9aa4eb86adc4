"""Jobs in processes that can be killed.

Each job runs in a worker process under limits on time, processor time and memory; a job that goes over one of them, or
takes its worker down, costs itself only, and what became of it is a value. Outcomes come back as they are ready. A
worker is a fork of this process where the system has that, so what is loaded here is loaded there.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

JobT = TypeVar("JobT")
ValueT = TypeVar("ValueT")

_AHEAD = 4  # jobs that wait at the pool for each worker: enough that none idles, few enough that stopping is quick


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may take: `wall` and `processor` in seconds, `memory` in bytes beyond what the worker has anyway.

    None is no limit. Processor time and memory are limited where the system can (`resource.setrlimit`).
    """

    wall: float | None = None
    processor: float | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Done(Generic[ValueT]):
    """What a job gave."""

    value: ValueT


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a job gave nothing: over a limit, its worker died, or the function raised (`detail`)."""

    cause: Literal["wall", "processor", "memory", "died", "raised"]
    detail: str = ""


Outcome: TypeAlias = Done[ValueT] | Failed


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_jobs(
    function: Callable[[JobT], ValueT],
    jobs: Sequence[JobT],
    workers: int,
    limits: Callable[[JobT], Limits],
    initializer: Callable[..., None] | None = None,
    initargs: tuple[Any, ...] = (),
) -> Iterator[tuple[int, Outcome[ValueT]]]:
    """The outcome of every job, with the job's number, as they come.

    `function`, jobs and values go between processes and are pickled; `initializer` runs once in each worker. Where the
    caller stops listening, the workers are killed.
    """
    import multiprocessing
    from concurrent.futures import FIRST_COMPLETED, wait

    from pebble import ProcessPool

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    context = multiprocessing.get_context(method)
    pool: Any = ProcessPool(max_workers=workers, initializer=initializer, initargs=initargs, context=context)
    waiting: dict[Future[ValueT], int] = {}
    ended = False
    try:
        upcoming = iter(enumerate(jobs))
        while True:
            while len(waiting) < workers * _AHEAD and (following := next(upcoming, None)) is not None:
                number, job = following
                allowed = limits(job)
                future = pool.schedule(_limited, args=[function, job, allowed], timeout=allowed.wall)
                waiting[future] = number
            if not waiting:
                break
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), _outcome(future)
        ended = True
    finally:
        if ended:
            pool.close()
        else:
            pool.stop()
        pool.join()


def _limited(function: Callable[[JobT], ValueT], job: JobT, limits: Limits) -> ValueT:
    """Run one job, in a worker, under its limits."""
    try:
        import resource
    except ImportError:  # another system: the limit on time alone holds
        return function(job)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.processor is not None:
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        _lower(resource.RLIMIT_CPU, int(used + limits.processor) + 1)
    if limits.memory is not None:
        _lower(resource.RLIMIT_AS, _address_space() + limits.memory)
    return function(job)


def _lower(kind: int, soft: int) -> None:
    import resource

    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (OSError, ValueError):
        return  # some systems know the limit and refuse to set it


def _address_space() -> int:
    """Bytes of address space that this process has now; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _outcome(future: Future[ValueT]) -> Outcome[ValueT]:
    from concurrent.futures import TimeoutError as TooLong

    from pebble import ProcessExpired

    try:
        return Done(future.result())
    except TooLong:
        return Failed("wall")
    except MemoryError:
        return Failed("memory")
    except ProcessExpired as error:
        code = int(error.exitcode or 0)
        if code == -signal.SIGXCPU:
            return Failed("processor")
        return Failed("died", f"exit status {code}" if code >= 0 else f"signal {-code}")
    except Exception as error:
        return Failed("raised", f"{type(error).__name__}: {error}")
