"""Reading a step from its notation, judging it, and asking for its likely mistake."""

from __future__ import annotations

from derive.checking.derivation import check_derivation
from derive.checking.verdict import StepResult
from derive.mistakes import MISTAKES
from derive.mistakes.diagnose import diagnose
from derive.mistakes.mistake import Diagnosis, Mistake
from derive.reader.document import read_document


def judged(given: tuple[str, ...], *lines: str) -> StepResult:
    """The result of the last of some lines."""
    blocks = [part for line in lines for part in ("$$", line, "$$", "")]
    text = "\n".join(["# x", "", "```given", *given, "```", "", *blocks])
    return check_derivation(read_document("x.md", text).derivations[-1]).steps[-1]


def told(
    given: tuple[str, ...], *lines: str, mistakes: tuple[Mistake, ...] = MISTAKES
) -> tuple[StepResult, Diagnosis | None]:
    """The result of the last line and its diagnosis."""
    result = judged(given, *lines)
    return result, diagnose(result, mistakes=mistakes)
