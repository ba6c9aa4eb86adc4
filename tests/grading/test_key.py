"""Keys: what they say when they are right, and what is said, with its line, where they are not."""

from __future__ import annotations

import pickle
from fractions import Fraction
from pathlib import Path

import pytest

from derive.grading.check_key import check_key
from derive.grading.key import Key, read_key, read_key_text
from derive.grading.renaming import Renaming
from derive.language.printing import plain
from tests.grading.marking import QUICK

GIVEN = "```given\nX \\in \\mathbb{R}^{n \\times d}\ny \\in \\mathbb{R}^n\nw \\in \\mathbb{R}^d\n```\n\n"
DERIVATION = (
    "$$L(w) = \\frac{1}{2n} \\|Xw - y\\|^2$$\n\n$$r = Xw - y$$\n\n$$\\nabla L(w) = \\frac{1}{n} X^T r$$\n\n"
    "$$\\nabla L(w) = 0$$\n\n$$w = (X^T X)^{-1} X^T y$$\n\n"
)
ITEMS = """\
items:
  - id: gradient
    points: 1.5
    reach: '\\nabla L(w) = \\frac{1}{n} X^T (Xw - y)'
  - id: reasoning
    points: 1
    steps: valid
  - id: answer
    points: 2.5
    final: 'w = (X^T X)^{-1} X^T y'
    conditions: required
"""


def key_of(rubric: str, derivation: str = DERIVATION, heading: str = "## 1.2 Normal equation\n\n") -> str:
    return f"# Sheet\n\n{heading}{GIVEN}{derivation}```rubric\n{rubric}```\n"


def read(text: str) -> Key:
    found = read_key_text("key.md", text)
    assert isinstance(found, Key), found
    return found


def problems(text: str) -> list[tuple[str, str]]:
    """The lines that problems name, and what they say."""
    found = read_key_text("key.md", text)
    assert not isinstance(found, Key)
    rows = text.split("\n")
    return [(rows[p.line - 1].strip(), p.message) for p in found]


def test_a_key_says_what_it_holds() -> None:
    key = read(key_of("question: '1.2'\nmatch: [Normal equation]\npoints: 5\nfollow_through: 0.25\n" + ITEMS))
    (question,) = key.questions
    assert (question.id, question.title, question.match) == ("1.2", "1.2 Normal equation", ("Normal equation",))
    assert (question.points, key.points, question.follow_through) == (5, 5, Fraction(1, 4))
    assert [(i.id, i.kind, i.points, i.conditions) for i in question.items] == [
        ("gradient", "reach", Fraction(3, 2), False),
        ("reasoning", "steps", 1, False),
        ("answer", "final", Fraction(5, 2), True),
    ]


def test_a_question_is_named_by_its_heading_where_it_does_not_say() -> None:
    assert read(key_of(ITEMS)).questions[0].id == "1.2"
    assert read(key_of(ITEMS, heading="## Normal equation\n\n")).questions[0].id == "Normal equation"


def test_only_what_the_rubric_speaks_of_is_in_force_for_submissions() -> None:
    (question,) = read(key_of(ITEMS)).questions
    assert "L" in question.context.definitions
    assert "r" not in question.context.symbols
    assert [symbol.name for symbol, _ in question.own] == ["r"]


def test_weights_share_the_points() -> None:
    rubric = """\
points: 10
items:
  - {id: a, points: 4, steps: valid}
  - {id: b, weight: 1, reach: '\\nabla L(w) = 0'}
  - {id: c, weight: 2, final: 'w = (X^T X)^{-1} X^T y'}
"""
    assert [i.points for i in read(key_of(rubric)).questions[0].items] == [4, 2, 4]


def test_a_key_is_read_again_where_it_arrives() -> None:
    key = read(key_of(ITEMS))
    again = pickle.loads(pickle.dumps(key))
    assert again.text == key.text
    assert [i.statement for i in again.questions[0].items] == [i.statement for i in key.questions[0].items]


WRONG = {
    "unknown field": ("pionts: 5\n" + ITEMS, "pionts: 5", "did you mean points?"),
    "unknown field of an item": (ITEMS + "    uptp: factor\n", "uptp: factor", "did you mean up_to?"),
    "points that do not add up": ("points: 6\n" + ITEMS, "points: 6", "add up to 5, not to 6"),
    "a number in quotes": (ITEMS.replace("1.5", "'1.5'"), "points: '1.5'", "a number"),
    "negative points": (ITEMS.replace("1.5", "-1"), "points: -1", "not negative"),
    "a share above 1": ("follow_through: 50\n" + ITEMS, "follow_through: 50", "from 0 to 1"),
    "a word that is none of the choices": (ITEMS.replace("valid", "right"), "steps: right", "should be valid"),
    "two kinds at once": (
        ITEMS.replace("steps: valid", "steps: valid\n    reach: 'w = w'"),
        "- id: reasoning",
        "exactly one of",
    ),
    "no kind": (ITEMS.replace("    steps: valid\n", ""), "- id: reasoning", "exactly one of"),
    "no points": (ITEMS.replace("    points: 1\n", ""), "- id: reasoning", "either points or a weight"),
    "no id": (ITEMS.replace("- id: reasoning\n    points", "- points"), "- points: 1", "no id"),
    "two of one id": (ITEMS.replace("id: answer", "id: gradient"), "- id: gradient", "two items are called"),
    "a field twice": (ITEMS.replace("points: 1\n", "points: 1\n    points: 2\n"), "points: 2", "twice"),
    "no items": ("points: 5\n", "points: 5", "no items"),
    "a list of fields": ("- points\n", "- points", "list of fields"),
    "no YAML": ("points: [5\n", "```", "cannot be read"),
    "nothing": ("\n", "", "empty"),
    "conditions of steps": (ITEMS.replace("valid", "valid\n    conditions: required"), "- id: reasoning", "belongs to"),
    "a formula that cannot be read": (
        ITEMS.replace("\\frac{1}{n} X^T (", "\\frac{1}{n} X^T (("),
        "reach: '\\nabla L(w) = \\frac{1}{n} X^T ((Xw - y)'",
        "gradient cannot be read",
    ),
    "a chain": (
        ITEMS.replace("w = (X^T X)^{-1} X^T y", "w = (X^T X)^{-1} X^T y = w"),
        "final: 'w = (X^T X)^{-1} X^T y = w'",
        "one statement",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_line(name: str) -> None:
    rubric, row, message = WRONG[name]
    found = problems(key_of(rubric))
    assert any(line == row and message in said for line, said in found), found


def test_every_problem_is_told_at_once() -> None:
    rubric = "pionts: 5\n" + ITEMS.replace("1.5", "many").replace("valid", "right")
    assert len(problems(key_of(rubric))) >= 3


def test_a_rubric_needs_a_heading_and_a_derivation() -> None:
    assert problems(f"```rubric\n{ITEMS}```\n\n# 1\n\n$$1 = 1$$\n")[0][1] == "this rubric stands under no heading"
    assert "no derivation" in problems(f"# 1\n\n```rubric\n{ITEMS}```\n")[0][1]
    assert "no rubric" in problems("# 1\n\n$$1 = 1$$\n")[0][1]


def test_questions_have_one_rubric_and_names_of_their_own() -> None:
    twice = key_of(ITEMS) + f"\n```rubric\n{ITEMS}```\n"
    assert "one rubric" in problems(twice)[0][1]
    same = key_of(ITEMS) + key_of(ITEMS).removeprefix("# Sheet\n\n")
    assert "two questions are called 1.2" in problems(same)[0][1]


def test_parts_of_a_question_and_givens_above_it_belong_to_it() -> None:
    text = f"# Sheet\n\n{GIVEN}## 1.2\n\n### Gradient\n\n{DERIVATION}### Marks\n\n## 1.3\n\n$$1 = 1$$\n"
    text = text.replace("## 1.2\n", f"## 1.2\n\n```rubric\n{ITEMS}```\n")
    (question,) = read(text).questions
    assert len(question.steps) == 5
    assert "X" in question.context.symbols


def test_files_that_are_no_key(tmp_path: Path) -> None:
    def said(path: Path) -> str:
        found = read_key(path)
        assert not isinstance(found, Key)
        return found[0].message

    assert "cannot be opened" in said(tmp_path / "none.md")
    (tmp_path / "key.tex").write_text("\\section{1}")
    assert "Markdown" in said(tmp_path / "key.tex")
    (tmp_path / "key.md").write_bytes(b"\xff\xfe")
    assert "UTF-8" in said(tmp_path / "key.md")


def checked(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    path = tmp_path / "key.md"
    path.write_text(text, encoding="utf8")
    rows = text.split("\n")
    return [(rows[p.line - 1].strip(), p.message) for p in check_key(path, QUICK)]


def test_a_key_that_can_grade_has_no_problems(tmp_path: Path) -> None:
    assert checked(tmp_path, key_of(ITEMS)) == []


def test_steps_of_the_key_that_fail_are_named(tmp_path: Path) -> None:
    wrong = DERIVATION.replace("\\frac{1}{n} X^T r", "\\frac{2}{n} X^T r")
    ((line, said),) = checked(tmp_path, key_of(ITEMS, wrong))
    assert line == "$$\\nabla L(w) = \\frac{2}{n} X^T r$$"
    assert "is refuted" in said


def test_formulas_that_the_key_never_reaches_are_named(tmp_path: Path) -> None:
    rubric = ITEMS.replace("\\frac{1}{n} X^T (", "\\frac{2}{n} X^T (").replace("w = (X", "w = 2 (X")
    found = checked(tmp_path, key_of(rubric))
    assert [said.split(":")[0] for _, said in found] == [
        "the key's own derivation never reaches the formula of item gradient",
        "the key's own derivation never ends with the formula of item answer",
    ]


def test_a_hypothesis_that_nothing_needs_cannot_be_required(tmp_path: Path) -> None:
    rubric = ITEMS.replace("(Xw - y)'", "(Xw - y)'\n    conditions: required")
    found = checked(tmp_path, key_of(rubric))
    assert [said for _, said in found] == ["item gradient requires a hypothesis, but the key's own step needs none"]


def test_names_are_exchanged_everywhere() -> None:
    (question,) = read(key_of(ITEMS)).questions
    renaming = Renaming((("d", "p"), ("w", "θ")))
    assert renaming.table == {"d": "p", "p": "d", "w": "θ", "θ": "w"}
    context = renaming.context(question.context)
    assert set(context.symbols) == {renaming.table.get(n, n) for n in question.context.symbols}
    assert str(context.symbols["X"].shape) == "matrix[n, p]"
    statement = question.items[0].statement
    assert statement is not None
    assert plain(renaming.term(statement)) == "∂/∂θ L(θ) = 1/n Xᵀ (X θ − y)"
    assert renaming.term(renaming.term(statement)) == statement
