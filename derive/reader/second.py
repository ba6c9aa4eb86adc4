"""The second reader: does another reader of LaTeX understand a formula as this one does?

Only a small fragment is asked about: single letters, whole numbers, plain subscripts, powers, brackets, products,
fractions, `+`, `-` and one `=`. There `latex2sympy2_extended` reads the formula too; both readings are evaluated
exactly at several rational points, by walking the two trees. It never feeds a verdict: it says that both agree, that
they differ, or that the formula lies outside of the fragment (words, calls, primes, sums, tensors, …). It cannot tell
which reader is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from derive.language.context import Context, Found
from derive.language.letters import COMMANDS, LETTERS, plain_letter
from derive.language.printing import latex
from derive.language.shape import Checked, elaborate
from derive.language.term import Term, is_num, walk
from derive.reader.latex.scanner import tokenize
from derive.reader.latex.tokens import Token, Untokenizable

if TYPE_CHECKING:
    import sympy

PACKAGE = "latex2sympy2_extended"
_POINTS = 5
_LONGEST = 400  # tokens
_LARGEST = 64  # power
_SIGNS = frozenset("+-={}()^_")
_COMMANDS = frozenset([r"\frac", r"\cdot", r"\times"])
_GREEK = frozenset("αβγδϵεζηθκλμνξρστυϕφχψωΓΔΘΛΞΣΥΦΨΩ")
_NOT_LETTERS = frozenset("deiI")  # a differential, Euler's number, the imaginary unit


@dataclass(frozen=True, slots=True)
class Agreement:
    """Both readings had the same value at `points` points."""

    points: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The two readings have different values: what each reader understood."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class OutsideFragment:
    """The formula is not asked about, and why."""

    reason: str


class _Outside(Exception):
    """Raised inside this module; carries the reason."""


def available() -> bool:
    """Whether the package of the second reader is installed."""
    return find_spec(PACKAGE) is not None


def compare(text: str, term: Term, context: Context) -> Agreement | Difference | OutsideFragment:
    """Compare what the second reader makes of a text with `term`, this reader's statement or expression.

    A text that begins with `=` continues the line before: then only the right side is compared.
    """
    try:
        halves = _halves(text)
        sides = term.args if term.head == "eq" else (term,)
        if len(halves) > len(sides):
            raise _Outside("a relation that is not a statement")
        sides = sides[len(sides) - len(halves) :]
        agreed = [_compare(half, side, context) for half, side in zip(halves, sides, strict=True) if half]
    except _Outside as outside:
        return OutsideFragment(str(outside))
    different = [a for a in agreed if isinstance(a, Difference)]
    if different:
        return different[0]
    points = [a.points for a in agreed if isinstance(a, Agreement)]
    return Agreement(min(points)) if points else OutsideFragment("nothing to compare")


def _halves(text: str) -> list[list[Token]]:
    """The tokens before and after `=`, where all of them belong to the fragment."""
    try:
        tokens = [t for t in tokenize(text) if t.kind != "end" and t.text != "&"]
    except Untokenizable as error:
        raise _Outside("it cannot be cut into tokens") from error
    if len(tokens) > _LONGEST:
        raise _Outside("it is too long")
    below = _below(tokens)
    for k, token in enumerate(tokens):
        if k in below:
            _admit_below(token)
        else:
            _admit(token, tokens[k - 1] if k else None, k - 1 in below)
    places = [k for k, token in enumerate(tokens) if token.text == "="]
    if len(places) > 1:
        raise _Outside("more than one relation")
    if not places:
        return [tokens]
    return [tokens[: places[0]], tokens[places[0] + 1 :]]


def _below(tokens: list[Token]) -> set[int]:
    """Positions of the tokens of subscripts, braces included."""
    found: set[int] = set()
    for k, token in enumerate(tokens):
        if token.text != "_" or k in found:
            continue
        end = k + 1
        if end < len(tokens) and tokens[end].text == "{":
            while end < len(tokens) and tokens[end].text != "}":
                end += 1
        found.update(range(k + 1, end + 1))
    return found


def _admit_below(token: Token) -> None:
    letter = token.kind == "letter" and len(token.text) == 1 and token.text.isascii()
    if not (letter or token.text in ("{", "}") or (token.kind == "digit" and token.text.isdecimal())):
        raise _Outside("a subscript that is not plain")


def _admit(token: Token, before: Token | None, after_subscript: bool) -> None:
    if token.kind == "letter":
        letter = token.text
        if not (letter in _GREEK or (len(letter) == 1 and letter.isascii() and letter.isalpha())):
            raise _Outside(f"{letter} is no plain letter")
        if letter in _NOT_LETTERS:
            raise _Outside(f"{letter} may be more than a letter")
    elif token.kind == "digit":
        if not token.text.isdecimal():
            raise _Outside("a number that is not whole")
        if before is not None and before.kind == "digit" and not token.joined:
            raise _Outside("two numbers side by side")
    elif token.kind == "sign":
        if token.text not in _SIGNS:
            raise _Outside(f"{token.text} is not in the fragment")
        if token.text == "(" and (after_subscript or (before is not None and before.kind == "letter")):
            raise _Outside("it may be a call")
    elif token.kind != "command" or token.text not in _COMMANDS:
        raise _Outside(f"{token.text} is not in the fragment")


def _spelled(tokens: list[Token]) -> str:
    """LaTeX again, from the tokens that were admitted and nothing else."""
    parts = []
    for k, token in enumerate(tokens):
        glued = token.kind == "digit" and k > 0 and tokens[k - 1].kind == "digit"
        text = COMMANDS.get(token.text, token.text) if token.kind == "letter" else token.text
        parts.append(text if glued else " " + text)
    return "".join(parts).strip()


# the two values


def _compare(tokens: list[Token], term: Term, context: Context) -> Agreement | Difference:
    second = _second_reading(_spelled(tokens))
    _require_scalars(term, context)
    names = {_key(node) for node in _atoms(term)} | _symbols(second)
    powers = [node.args[1] for node in walk(term) if node.head == "pow"]
    whole = {_key(node) for power in powers for node in _atoms(power)} | _exponents(second)
    order = sorted(names)
    points = 0
    for round_ in range(_POINTS):
        values = {name: _value(order.index(name), round_, name in whole) for name in order}
        try:
            left, right = _evaluate(term, values), _evaluate_sympy(second, values)
        except ZeroDivisionError:
            continue
        if left != right:
            return Difference(latex(term), str(second))
        points += 1
    if not points:
        raise _Outside("no point at which it has a value")
    return Agreement(points)


def _atoms(term: Term) -> list[Term]:
    """The symbols and entries of a term; an index of an entry is not one of them."""
    if term.head in ("sym", "entry"):
        return [term]
    return [atom for argument in term.args for atom in _atoms(argument)]


def _value(position: int, round_: int, whole: bool) -> Fraction:
    """An exact value for a name: different names get different ones, a name in an exponent a small whole number."""
    if whole:
        return Fraction(2 + (position + round_) % 4)
    return Fraction(2 * position + 3 * round_ + 5, 3 + 2 * round_) * (-1 if (position + round_) % 3 == 2 else 1)


def _require_scalars(term: Term, context: Context) -> None:
    """Products of tensors do not commute, which the second reader does not know."""
    checked = elaborate(term, context)
    if not isinstance(checked, Checked) or checked.shape.rank or checked.shape.statement:
        raise _Outside("its shape is not scalar")
    stack = [term]
    while stack:
        node = stack.pop()
        if node.head == "entry":
            if node.args[0].head != "sym":
                raise _Outside("an entry of an expression")
            continue
        if node.head == "sym":
            found = context.lookup(node.name)
            if isinstance(found, Found) and (found.symbol.shape.rank or found.symbol.family):
                raise _Outside(f"{node.name} is no scalar")
        elif node.head not in _RULES:
            raise _Outside(f"it is read as {node.head}")
        stack.extend(node.args)


def _key(node: Term) -> str:
    """A name that both readers' symbols can be given: letter, underscore, what stands below."""
    if node.head == "sym":
        return _plain_name(node.name)
    below = []
    for index in node.args[1:]:
        if index.head == "sym":
            below.append(index.name)
        elif is_num(index) and index.value.denominator == 1:
            below.append(str(index.value))
        else:
            raise _Outside("an index that is computed")
    return f"{_plain_name(node.args[0].name)}_{''.join(below)}"


def _plain_name(name: str) -> str:
    head, low, label = name.partition("_")
    return head + low + label if low else plain_letter(head)


def _whole(value: Fraction) -> int:
    if value.denominator != 1 or abs(value) > _LARGEST:
        raise _Outside("a power that is not a small whole number")
    return int(value)


def _product(values: list[Fraction]) -> Fraction:
    result = Fraction(1)
    for value in values:
        result *= value
    return result


_RULES: dict[str, Callable[[list[Fraction]], Fraction]] = {
    "add": lambda v: sum(v, Fraction(0)),
    "neg": lambda v: -v[0],
    "mul": _product,
    "div": lambda v: v[0] / v[1],
    "pow": lambda v: v[0] ** _whole(v[1]),
    "num": lambda v: Fraction(0),
}


def _evaluate(term: Term, values: dict[str, Fraction]) -> Fraction:
    if term.head == "num":
        return Fraction(term.value)
    if term.head in ("sym", "entry"):
        return values[_key(term)]
    return _RULES[term.head]([_evaluate(a, values) for a in term.args])


# the package


@cache
def _package() -> Callable[[str], Any]:
    from latex2sympy2_extended import latex2sympy
    from latex2sympy2_extended.latex2sympy2 import ConversionConfig

    config = ConversionConfig(interpret_as_mixed_fractions=False, lowercase_symbols=False)
    return lambda text: latex2sympy(text, normalization_config=None, conversion_config=config)


def _second_reading(text: str) -> sympy.Basic:
    import sympy

    try:
        read = _package()(text)
    except Exception as error:  # the package raises bare exceptions for what it does not read
        raise _Outside("the second reader does not read it") from error
    if not isinstance(read, sympy.Expr):
        raise _Outside("the second reader makes no expression of it")
    return read


def _name_of(symbol: sympy.Symbol) -> str:
    letter, low, below = str(symbol.name).replace("{", "").replace("}", "").replace(" ", "").partition("_")
    return LETTERS.get("\\" + letter.removeprefix("\\"), letter) + low + below.replace("_", "")


def _symbols(expression: sympy.Basic) -> set[str]:
    return {_name_of(symbol) for symbol in expression.free_symbols}


def _exponents(expression: sympy.Basic) -> set[str]:
    import sympy

    powers = (node for node in sympy.preorder_traversal(expression) if isinstance(node, sympy.Pow))
    return {name for power in powers for name in _symbols(power.exp)}


def _evaluate_sympy(expression: sympy.Basic, values: dict[str, Fraction]) -> Fraction:
    import sympy

    if isinstance(expression, sympy.Rational):
        return Fraction(int(expression.p), int(expression.q))
    if isinstance(expression, sympy.Symbol):
        return values[_name_of(expression)]
    parts = [_evaluate_sympy(a, values) for a in expression.args]
    if isinstance(expression, sympy.Add):
        return sum(parts, Fraction(0))
    if isinstance(expression, sympy.Mul):
        return _product(parts)
    if isinstance(expression, sympy.Pow):
        return parts[0] ** _whole(parts[1])
    raise _Outside(f"the second reader makes {type(expression).__name__} of it")


def spoken(found: Agreement | Difference | OutsideFragment) -> str:
    """A note for a report; empty outside of the fragment."""
    if isinstance(found, Agreement):
        return f"the second reader agrees ({found.points} points)"
    if isinstance(found, Difference):
        return f"the second reader differs: it reads {found.second}"
    return ""
