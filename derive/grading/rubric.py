"""Rubrics: the YAML of a `rubric` block as plain rows, or everything that is wrong with it, each with its line.

PyYAML composes the block into nodes with their places (nothing is constructed but texts, numbers and lists), and a
table of fields says what each may hold. Points are exact: `2.5` is 5/2. Whether a formula can be read, and whether the
key's own derivation reaches it, is `key.py`'s and `check_key.py`'s business.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from derive.grading.marks import ItemKind

UpTo = Literal["", "factor", "argmax"]

FOLLOW_THROUGH = Fraction(1, 2)
"""The share kept for what is right from an earlier error, where a rubric does not say."""


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """What is wrong with a key, in one sentence, with its 1-based line.

    With a `doubt` the key may be right all the same: the checker could not tell.
    """

    line: int
    message: str
    question: str = ""
    doubt: bool = False

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        return {"line": self.line, "question": self.question, "message": self.message}


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a rubric as it is written. `formula` is empty for `steps: valid`; `line` is where it begins."""

    id: str
    kind: ItemKind
    points: Fraction
    line: int
    formula: str = ""
    formula_line: int = 1
    up_to: UpTo = ""
    conditions: bool = False


@dataclass(frozen=True, slots=True)
class Rubric:
    """The rubric of a question. `question` and `match` are empty where the heading is to say."""

    line: int
    rows: tuple[Row, ...]
    points: Fraction
    question: str = ""
    match: tuple[str, ...] = ()
    follow_through: Fraction = FOLLOW_THROUGH


class _Wrong(Exception):
    """One thing that is wrong, with its line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


@dataclass(slots=True)
class _Mapping:
    """The fields of a YAML mapping that have been taken so far."""

    line: int
    nodes: dict[str, Any]
    lines: dict[str, int]
    first: int
    problems: list[KeyProblem] = field(default_factory=list)

    def take(self, name: str, read: Callable[[Any, int], Any], default: Any = None) -> Any:
        """A field read by `read`; the default, and a problem, where it does not hold what it should."""
        node = self.nodes.pop(name, None)
        if node is None:
            return default
        line = self.first + node.start_mark.line
        try:
            return read(node, line)
        except _Wrong as wrong:
            self.problems.append(KeyProblem(wrong.line, f"{name}: {wrong.message}"))
            return default

    def rest(self, known: tuple[str, ...]) -> None:
        """A problem for every field that nobody has taken."""
        for name in self.nodes:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"
            self.problems.append(KeyProblem(self.lines[name], f"there is no field {name}{hint}"))


def read_rubric(text: str, first: int) -> Rubric | tuple[KeyProblem, ...]:
    """Read the YAML of a block whose first line is line `first` of its document."""
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = getattr(error, "problem", None) or "it is no YAML"
        return (KeyProblem(first + (mark.line if mark else 0), f"this rubric cannot be read: {detail}"),)
    except RecursionError:
        return (KeyProblem(first, "this rubric is nested too deep"),)
    if node is None:
        return (KeyProblem(first, "this rubric is empty"),)
    try:
        fields = _mapping(node, first)
    except _Wrong as wrong:
        return (KeyProblem(wrong.line, f"a rubric {wrong.message}"),)
    rubric = _rubric(fields)
    return rubric if not fields.problems else tuple(sorted(fields.problems, key=lambda p: p.line))


_FIELDS = ("question", "match", "points", "items", "follow_through")
_ITEM_FIELDS = ("id", "points", "weight", "reach", "final", "steps", "up_to", "conditions")
_KINDS: tuple[ItemKind, ...] = ("reach", "final", "steps")


def _rubric(fields: _Mapping) -> Rubric:
    question = fields.take("question", _text, "")
    match = fields.take("match", _texts, ())
    points = fields.take("points", _points)
    follow = fields.take("follow_through", _share, FOLLOW_THROUGH)
    items = fields.take("items", _list)
    fields.rest(_FIELDS)
    if items is None:
        if not any(p.message.startswith("items") for p in fields.problems):
            fields.problems.append(KeyProblem(fields.line, "this rubric has no items"))
        return Rubric(fields.line, (), Fraction(0), question)
    rows: list[tuple[Row, Fraction | None]] = []
    for item in items:
        rows += _item(item, fields)
    ids: dict[str, int] = {}
    for row, _ in rows:
        if row.id in ids:
            message = f"two items are called {row.id} (the other: line {ids[row.id]})"
            fields.problems.append(KeyProblem(row.line, message))
        ids.setdefault(row.id, row.line)
    settled = _weighed(rows, points, fields)
    total = sum((r.points for r in settled), Fraction(0))
    if points is not None and total != points and not fields.problems:
        message = f"the points of the items add up to {_shown(total)}, not to {_shown(points)}"
        fields.problems.append(KeyProblem(fields.line, message))
    return Rubric(fields.line, settled, total, question, match, follow)


def _item(node: Any, fields: _Mapping) -> Iterator[tuple[Row, Fraction | None]]:
    try:
        own = _mapping(node, fields.first)
    except _Wrong as wrong:
        fields.problems.append(KeyProblem(wrong.line, f"an item {wrong.message}"))
        return
    name = own.take("id", _text, "")
    if not name:
        own.problems.append(KeyProblem(own.line, "this item has no id"))
    points, weight = own.take("points", _points), own.take("weight", _points)
    if (points is None) == (weight is None) and not own.problems:
        own.problems.append(KeyProblem(own.line, f"item {name} needs either points or a weight"))
    kinds = [kind for kind in _KINDS if kind in own.nodes]
    if len(kinds) != 1:
        own.problems.append(KeyProblem(own.line, f"item {name} needs exactly one of {', '.join(_KINDS)}"))
    formula, formula_line = "", own.line
    for kind in kinds:
        formula_line = own.first + own.nodes[kind].start_mark.line
        text = own.take(kind, _valid if kind == "steps" else _text, "")
        formula = "" if kind == "steps" else text.strip().strip("$").strip()
    up_to = own.take("up_to", _one_of("factor", "argmax"), "")
    conditions = own.take("conditions", _one_of("required"), "")
    if kinds == ["steps"] and (up_to or conditions):
        extra = "up_to" if up_to else "conditions"
        own.problems.append(KeyProblem(own.line, f"item {name}: {extra} belongs to a formula, not to steps"))
    own.rest(_ITEM_FIELDS)
    fields.problems += own.problems
    if len(kinds) == 1:
        row = Row(
            name, kinds[0], points or Fraction(0), own.line, formula, formula_line, up_to, bool(conditions)
        )
        yield row, weight


def _weighed(rows: list[tuple[Row, Fraction | None]], points: Fraction | None, fields: _Mapping) -> tuple[Row, ...]:
    """Items with weights share what the points of the others leave."""
    from dataclasses import replace

    weights = [w for _, w in rows if w is not None]
    if not weights:
        return tuple(row for row, _ in rows)
    left = (points or Fraction(0)) - sum((row.points for row, w in rows if w is None), Fraction(0))
    whole = sum(weights, Fraction(0))
    if points is None or left < 0 or whole == 0:
        fields.problems.append(KeyProblem(fields.line, "weights share the points of the question, which it must name"))
        return tuple(row for row, _ in rows)
    return tuple(replace(row, points=left * w / whole) if w is not None else row for row, w in rows)


# what a field may hold


def _mapping(node: Any, first: int) -> _Mapping:
    import yaml

    line = first + node.start_mark.line
    if not isinstance(node, yaml.MappingNode):
        raise _Wrong(line, "is a list of fields (`name: value`)")
    nodes: dict[str, Any] = {}
    lines: dict[str, int] = {}
    problems = []
    for key, value in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
        here = first + key.start_mark.line
        if name in nodes:
            problems.append(KeyProblem(here, f"the field {name} stands here twice"))
        nodes[name], lines[name] = value, here
    return _Mapping(line, nodes, lines, first, problems)


def _text(node: Any, line: int) -> str:
    import yaml

    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        raise _Wrong(line, "this should be a text")
    return str(node.value).strip()


def _texts(node: Any, line: int) -> tuple[str, ...]:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return (_text(node, line),)
    return tuple(_text(part, line) for part in _list(node, line))


def _list(node: Any, line: int) -> list[Any]:
    import yaml

    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise _Wrong(line, "this should be a list (`- …`)")
    return list(node.value)


def _points(node: Any, line: int) -> Fraction:
    text = _text(node, line)
    try:
        if node.style in ("'", '"') or not text[0].isdigit():
            raise ValueError
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise _Wrong(line, f"this should be a number that is not negative, not {text}") from None
    return value


def _share(node: Any, line: int) -> Fraction:
    value = _points(node, line)
    if value > 1:
        raise _Wrong(line, f"this is a share, from 0 to 1, not {_shown(value)}")
    return value


def _valid(node: Any, line: int) -> str:
    return _one_of("valid")(node, line)


def _one_of(*words: str) -> Callable[[Any, int], str]:
    def read(node: Any, line: int) -> str:
        text = _text(node, line)
        if text not in words:
            raise _Wrong(line, f"this should be {' or '.join(words)}, not {text}")
        return text

    return read


def _shown(points: Fraction) -> str:
    return str(float(points)).removesuffix(".0")
