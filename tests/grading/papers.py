"""Papers made by hand: settled, open, hostile names and lines, several documents. No checker is asked here."""

from __future__ import annotations

from fractions import Fraction as F

from derive.grading.marks import FoundHeading, ItemMarks, Marks, Place, QuestionMarks, Remark, Renamed
from derive.grading.paper import Paper
from derive.reports.mending import Replacement
from derive.reports.report import Counterexample, Diagnosis, DocumentReport, StepReport

SCRIPT = "<script>alert(1)</script>"

RIGHT = StepReport("1.2/1", 12, 4, 12, 40, r"L(w) = \frac{1}{2n} \|X w - y\|^2", "stated", reading="L", seconds=0.25)
WRONG = StepReport(
    "1.2/2",
    14,
    4,
    14,
    48,
    r"\nabla L(w) = \frac{1}{n} X^T (y - X w)",
    "refuted",
    method="counterexample",
    reason="false: the two sides differ at the counterexample",
    counterexample=Counterexample((("n", "1"), ("w", ("1", "-2"))), "(4)", "(-4)"),
    diagnosis=Diagnosis(
        "sign",
        "the sign: the right side is the negative of what it should be",
        r"\nabla L(w) = -\frac{1}{n} X^T (y - X w)",
        "∇L(w) = −1/n Xᵀ (y − X w)",
        (Replacement(14, 18, 14, 43, r"-\frac{1}{n} X^T (y - X w)"),),
    ),
    seconds=0.5,
)
UNREADABLE = StepReport("1.2/3", 16, 4, 16, 30, r"w = \oops{1", "unreadable", reason="a brace is not closed")
HOSTILE = StepReport("1.2/4", 18, 4, 18, 30, f"x = {SCRIPT} `` | \\(", "refuted", method="shapes", reason="no")


def item(id: str, points: F, low: F, high: F | None = None, line: int = 0, follow: bool = False) -> ItemMarks:
    high = low if high is None else high
    lost = () if low == points else (Remark(Place(line or 1, 4), "half of it is lost here", points - low),)
    return ItemMarks(
        id, "reach", points, low, high, "because of this", Place(line) if line else None, low != high, follow, lost
    )


def question(*items: ItemMarks, steps: tuple[StepReport, ...] = (), id: str = "1.2") -> QuestionMarks:
    found = (FoundHeading("Q 1.2", 3),) if steps else ()
    return QuestionMarks(id, "Normal equation", items, found, (Renamed("w", r"\theta"),) if steps else (), steps)


def paper(student: str, *questions: QuestionMarks, path: str = "hw.md", folder: str = "") -> Paper:
    marks = Marks(student, path, questions, DocumentReport(path, "", ()))
    return Paper(student, folder or student, (marks,), fingerprint="0" * 64)


THIRD = F(8, 3)
SETTLED = paper(
    "ann",
    question(item("gradient", F(3), F(0), line=14), item("answer", F(4), THIRD, follow=True), steps=(RIGHT, WRONG)),
)
OPEN = paper("بهار", question(item("gradient", F(3), F(3)), item("answer", F(4), F(1), F(4), 16), steps=(UNREADABLE,)))
EVIL = paper(
    f"=cmd|'/C calc'!A0{SCRIPT}",
    question(item("gradient", F(3), F(0)), item("answer", F(4), F(4)), steps=(HOSTILE,)),
    folder="cmd",
)
PERFECT = paper("zoë", question(item("gradient", F(3), F(3)), item("answer", F(4), F(4)), steps=(RIGHT,)))
CLASS = (SETTLED, OPEN, EVIL, PERFECT)
