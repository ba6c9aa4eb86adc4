"""Terms as text: LaTeX that reads back as the same term, and one-line plain text for terminals.

Each notation has one row per head: a function from a term to its text and its binding strength, under which the
argument of another row is bracketed. `latex` brackets every compound argument of a product or power, so that it shows
how a formula was read; `plain` brackets only where a reader needs it. Neither simplifies or reorders anything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from derive.language.affine import Affine, term_of
from derive.language.letters import latex_name
from derive.language.term import Term, names_order

Printed = tuple[str, int]
Row = Callable[[Term], Printed]

ATOM, POSTFIX, APPLICATION, PRODUCT, PREFIX, SUM = 100, 90, 80, 60, 55, 40
RELATION, AND, OR, ARROW, LOOSE = 20, 15, 12, 8, 0

RELATION_SIGNS = {
    "eq": ("=", "="),
    "ne": (r"\ne", "≠"),
    "lt": ("<", "<"),
    "le": (r"\le", "≤"),
    "gt": (">", ">"),
    "ge": (r"\ge", "≥"),
    "approx": (r"\approx", "≈"),
    "propto": (r"\propto", "∝"),
}
_FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh")
_OPERATORS = {"sign": "sign", "trace": "tr", "diag": "diag", "vec": "vec", "softmax": "softmax"}
DISTRIBUTIONS = {
    "normal": r"\mathcal{N}",
    "uniform": r"\mathcal{U}",
    "exponential": r"\operatorname{Exp}",
    "bernoulli": r"\operatorname{Bernoulli}",
    "poisson": r"\operatorname{Poisson}",
    "binomial": r"\operatorname{Binomial}",
    "categorical": r"\operatorname{Categorical}",
    "beta": r"\operatorname{Beta}",
    "gamma": r"\operatorname{Gamma}",
    "laplace": r"\operatorname{Laplace}",
}


def latex(term: Term) -> str:
    """The LaTeX of a term, fully bracketed: reading it in the term's context gives the term back."""
    return _LATEX[term.head](term)[0]


def plain(term: Term) -> str:
    """A term in one line of Unicode text, for a terminal: `(Xᵀ X)⁻¹ Xᵀ y`."""
    return _PLAIN[term.head](term)[0]


def _decimal(value: Fraction) -> str | None:
    """The finite decimal expansion of a fraction, or None."""
    rest, digits = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        digits = max(digits, count)
    if rest != 1:
        return None
    if not digits:
        return str(value.numerator)
    text = str(abs(value.numerator) * 10**digits // value.denominator).rjust(digits + 1, "0")
    return f"{'-' if value < 0 else ''}{text[:-digits]}.{text[-digits:]}"


# LaTeX


def _l(term: Term, least: int) -> str:
    text, strength = _LATEX[term.head](term)
    return text if strength >= least else rf"\left({text}\right)"


def _fixed(text: str, strength: int = ATOM) -> Row:
    return lambda term: (text, strength)


def _l_number(term: Term) -> Printed:
    value: Fraction = term.value
    text = _decimal(abs(value)) or rf"\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return (text, ATOM) if value >= 0 else (f"-{text}", PREFIX)


def _l_symbol(term: Term) -> Printed:
    text = latex_name(term.name)
    return text, POSTFIX if "^" in text or text.endswith("'") else ATOM


def _size_latex(value: Any) -> str:
    if not isinstance(value, Affine):
        return ""
    return f"_{{{latex(term_of(value))}}}"


def _l_identity(term: Term) -> Printed:
    return "I" + _size_latex(term.value), ATOM


def _l_ones(term: Term) -> Printed:
    return r"\mathbf{1}" + _size_latex(term.value), ATOM


def _l_sum(term: Term) -> Printed:
    text = _l(term.args[0], PREFIX if term.args[0].head == "neg" else SUM + 1)
    for arg in term.args[1:]:
        negative = arg.head == "neg"
        text += f" - {_l(arg.args[0], SUM + 1)}" if negative else f" + {_l(arg, SUM + 1)}"
    return (text, SUM) if len(term.args) > 1 else (rf"\left({text}\right)", ATOM)


_DOTTED = (r"\left(", r"\frac{\partial")  # after a space these would read as an application, or not as meant


def _l_product(term: Term) -> Printed:
    last = len(term.args) - 1
    parts = []
    for position, arg in enumerate(term.args):
        # a big operator takes what follows it, so it may stand bare only at the end
        loose = position == last and position > 0 and arg.head in ("sum", "prod", "limit", "integral", "deriv")
        parts.append(_l(arg, PREFIX + 1 if loose else PRODUCT + 1))
    text = parts[0]
    for part in parts[1:]:
        text += (r" \cdot " if part[0].isdigit() or part.startswith(_DOTTED) else " ") + part
    return (text, PRODUCT) if last else (rf"\left({text}\right)", ATOM)


def _l_power(term: Term) -> Printed:
    base, exponent = term.args
    return f"{_l(base, ATOM)}^{{{latex(exponent)}}}", POSTFIX


def _applied(name: str) -> Row:
    return lambda term: (rf"{name}\left({', '.join(map(latex, term.args))}\right)", APPLICATION)


def _template(text: str, strength: int) -> Row:
    def row(term: Term) -> Printed:
        result = text
        for position, arg in enumerate(term.args):
            result = result.replace(f"#{position + 1}", latex(arg))
        return result, strength

    return row


def _infix(sign: str, strength: int, inner: int) -> Row:
    return lambda term: (f" {sign} ".join(_l(a, inner) for a in term.args), strength if len(term.args) > 1 else inner)


def _holes(name: str, args: list[str], mid: str, semi: str, double: str, latex_spelling: bool) -> tuple[str, str]:
    """The head of a call and its argument list; names such as `p(·|·)` say how their arguments are separated."""
    if "(" not in name:
        return (latex_name(name) if latex_spelling else name), ", ".join(args)
    head, pattern = name[: name.index("(")], name[name.index("(") + 1 : -1]
    rest = iter(args)
    head = head.partition("⟨")[0]
    parts = pattern.split("_·")
    if len(parts) > 1:  # p(y_·|·): a letter whose index is the argument
        pieces = []
        for position, part in enumerate(parts):
            pieces.append(part)
            if position < len(parts) - 1:
                before = sum(p.count("·") for p in parts[: position + 1]) + position
                pieces.append(f"_{{{args[before]}}}" if latex_spelling else f"_{args[before]}")
        used = {sum(p.count("·") for p in parts[: k + 1]) + k for k in range(len(parts) - 1)}
        rest = iter(a for k, a in enumerate(args) if k not in used)
        pattern = "".join(
            piece if k % 2 else "".join(latex_name(c) if latex_spelling and c.isalpha() else c for c in piece)
            for k, piece in enumerate(pieces)
        )
        return (latex_name(head) if latex_spelling else head), _filled(pattern, rest, mid, semi, double)
    return (latex_name(head) if latex_spelling else head), _filled(pattern, rest, mid, semi, double)


def _filled(pattern: str, rest: Iterator[str], mid: str, semi: str, double: str) -> str:
    inner = ""
    for character in pattern:
        inner += {"·": "", "|": mid, ";": semi, "‖": double, ",": ", "}.get(character, character)
        if character == "·":
            inner += next(rest, "")
    return inner


def _l_call(term: Term) -> Printed:
    head, inner = _holes(term.name, [latex(a) for a in term.args], r" \mid ", "; ", r" \| ", True)
    return rf"{head}\left({inner}\right)", APPLICATION


def _l_dcall(term: Term) -> Printed:
    orders: tuple[int, ...] = term.value[1]
    head, inner = _holes(term.name, [latex(a) for a in term.args], r" \mid ", "; ", r" \| ", True)
    marks = "'" * orders[0] if len(orders) == 1 and orders[0] <= 3 else f"^{{({','.join(map(str, orders))})}}"
    return rf"{head}{marks}\left({inner}\right)", APPLICATION


def _l_cases(term: Term) -> Printed:
    rows = r" \\ ".join(f"{latex(v)} & {latex(c)}" for v, c in zip(term.args[::2], term.args[1::2], strict=False))
    return rf"\begin{{cases}} {rows} \end{{cases}}", ATOM


def _l_entry(term: Term) -> Printed:
    base, *indices = term.args
    plain_name = base.head == "sym" and not set(latex_name(base.name)) & set("_^'")
    text = latex_name(base.name) if plain_name else rf"\left({latex(base)}\right)"
    return f"{text}_{{{','.join(map(latex, indices))}}}", ATOM if plain_name else POSTFIX


def _rows(parts: list[str], columns: int) -> str:
    body = r" \\ ".join(" & ".join(parts[k : k + columns]) for k in range(0, len(parts), columns))
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def _l_vector(term: Term) -> Printed:
    return _rows(list(map(latex, term.args)), 1), ATOM


def _l_matrix(term: Term) -> Printed:
    return _rows(list(map(latex, term.args)), term.value[1]), ATOM


def _l_norm(term: Term) -> Printed:
    mark = {"F": "F", "1": "1", "inf": r"\infty"}.get(term.value, "2")
    return rf"\left\|{latex(term.args[0])}\right\|_{{{mark}}}", ATOM


def _big(sign: str) -> Row:
    def row(term: Term) -> Printed:
        var, low, high, body, *condition = term.args
        extra = "".join(f", {latex(c)}" for c in condition)
        return f"{sign}_{{{latex(var)} = {latex(low)}{extra}}}^{{{latex(high)}}} {_l(body, PREFIX + 1)}", PREFIX + 1

    return row


def _over(sign: str) -> Row:
    def row(term: Term) -> Printed:
        var, low, high, body = term.args
        return rf"{sign}_{{{_l(low, SUM)} \le {latex(var)} \le {_l(high, SUM)}}} \left({latex(body)}\right)", PREFIX + 1

    return row


def _l_tabulate(term: Term) -> Printed:
    var, low, high, body = term.args
    return rf"\left({latex(body)}\right)_{{{latex(var)} = {latex(low)}}}^{{{latex(high)}}}", POSTFIX


def _l_derivative(term: Term) -> Printed:
    body, var = term.args
    return rf"\frac{{\partial}}{{\partial {_l(var, ATOM)}}} \left({latex(body)}\right)", PREFIX + 1


def _l_hessian(term: Term) -> Printed:
    body, var = term.args
    return rf"\nabla_{{{latex(var)}}}^{{2}} \left({latex(body)}\right)", PREFIX + 1


def _l_at(term: Term) -> Printed:
    var, value, body = term.args
    return rf"\left.{latex(body)}\right|_{{{latex(var)} = {latex(value)}}}", POSTFIX


def _l_integral(term: Term) -> Printed:
    var, low, high, body = term.args
    return rf"\int_{{{latex(low)}}}^{{{latex(high)}}} \left({latex(body)}\right) \,d {latex(var)}", PREFIX + 1


def _l_limit(term: Term) -> Printed:
    var, point, body = term.args
    side = f"^{{{term.value}}}" if term.value else ""
    at = _l(point, ATOM) if side else latex(point)
    return rf"\lim_{{{latex(var)} \to {at}{side}}} \left({latex(body)}\right)", PREFIX + 1


def _moment(sign: str, left: str, right: str, arity: int = 1) -> Row:
    def row(term: Term) -> Printed:
        text = ", ".join(map(latex, term.args[:arity]))
        given = r" \mid " + ", ".join(map(latex, term.args[arity:])) if len(term.args) > arity else ""
        return rf"{sign}\left{left}{text}{given}\right{right}", APPLICATION

    return row


def _optimiser(sign: str) -> Row:
    def row(term: Term) -> Printed:
        var, body, *constraint = term.args
        # a colon of its own would be read as the one before the constraint
        among = "".join(rf" : \left({latex(c)}\right)" if c.head == "forall" else f" : {latex(c)}" for c in constraint)
        return rf"{sign}_{{{latex(var)}{among}}} \left[{latex(body)}\right]", PREFIX + 1

    return row


def _relation(sign: str) -> Row:
    return lambda term: (f"{_l(term.args[0], RELATION + 1)} {sign} {_l(term.args[1], RELATION + 1)}", RELATION)


def _l_forall(term: Term) -> Printed:
    var, low, high, body = term.args
    return rf"\forall {latex(var)} \in \{{{latex(low)}, \dots, {latex(high)}\}} : \left({latex(body)}\right)", LOOSE


def _l_has(term: Term) -> Printed:
    return rf"{_l(term.args[0], RELATION + 1)} \text{{ is {term.value}}}", RELATION


def _l_tends(term: Term) -> Printed:
    side = f"^{{{term.value}}}" if term.value else ""
    return rf"{latex(term.args[0])} \to {_l(term.args[1], ATOM) if side else latex(term.args[1])}{side}", RELATION


def _l_distributed(term: Term) -> Printed:
    head = DISTRIBUTIONS.get(term.value, rf"\operatorname{{{term.value}}}")
    return rf"{latex(term.args[0])} \sim {head}\left({', '.join(map(latex, term.args[1:]))}\right)", RELATION


def _l_independent(term: Term) -> Printed:
    if term.value == "conditional":
        some = ", ".join(_l(a, RELATION + 1) for a in term.args[:-1])
        return rf"{some} \text{{ are conditionally independent given }} {latex(term.args[-1])}", RELATION
    names = ", ".join(_l(a, RELATION + 1) for a in term.args)
    return rf"{names} \text{{ are {term.value or 'independent'}}}", RELATION


_LATEX: dict[str, Row] = {
    "num": _l_number,
    "sym": _l_symbol,
    "pi": _fixed(r"\pi"),
    "infinity": _fixed(r"\infty"),
    "undefined": _fixed(r"\text{undefined}"),
    "identity": _l_identity,
    "ones": _l_ones,
    "zeros": _fixed("0"),
    "add": _l_sum,
    "neg": lambda t: (f"-{_l(t.args[0], PREFIX + 1)}", PREFIX),
    "mul": _l_product,
    "div": _template(r"\frac{#1}{#2}", ATOM - 1),
    "pow": _l_power,
    "sqrt": _template(r"\sqrt{#1}", ATOM - 1),
    "abs": _template(r"\left|#1\right|", ATOM - 1),
    "factorial": lambda t: (f"{_l(t.args[0], ATOM)}!", POSTFIX),
    "binomial": _template(r"\binom{#1}{#2}", ATOM - 1),
    "max": _applied(r"\max"),
    "min": _applied(r"\min"),
    "call": _l_call,
    "dcall": _l_dcall,
    "cases": _l_cases,
    "indicator": _template(r"\mathbb{1}\left[#1\right]", APPLICATION),
    "order": _template(r"O\left(#1\right)", APPLICATION),
    "delta": _template(r"\delta_{#1,#2}", ATOM - 1),
    "entry": _l_entry,
    "vector": _l_vector,
    "matrix": _l_matrix,
    "blocks": _l_matrix,
    "transpose": lambda t: (f"{_l(t.args[0], ATOM)}^{{\\top}}", POSTFIX),
    "inverse": lambda t: (f"{_l(t.args[0], ATOM)}^{{-1}}", POSTFIX),
    "det": _applied(r"\det"),
    "hadamard": _infix(r"\odot", PRODUCT, PRODUCT + 1),
    "entrydiv": _infix(r"\oslash", PRODUCT, PRODUCT + 1),
    "kron": _infix(r"\otimes", PRODUCT, PRODUCT + 1),
    "inner": _template(r"\left\langle #1, #2 \right\rangle", ATOM - 1),
    "norm": _l_norm,
    "sum": _big(r"\sum"),
    "prod": _big(r"\prod"),
    "maxover": _over(r"\max"),
    "minover": _over(r"\min"),
    "tabulate": _l_tabulate,
    "deriv": _l_derivative,
    "hessian": _l_hessian,
    "at": _l_at,
    "integral": _l_integral,
    "limit": _l_limit,
    "expect": _moment(r"\mathbb{E}", "[", "]"),
    "variance": _moment(r"\operatorname{Var}", "(", ")"),
    "covariance": _moment(r"\operatorname{Cov}", "(", ")", 2),
    "prob": _moment(r"\mathbb{P}", "(", ")"),
    "argmax": _optimiser(r"\arg\max"),
    "argmin": _optimiser(r"\arg\min"),
    "maxvalue": lambda t: _optimiser(rf"\{t.value}")(t),
    "minvalue": lambda t: _optimiser(rf"\{t.value}")(t),
    "true": _fixed(r"\text{otherwise}"),
    "interchange": _fixed(r"\text{differentiation under the integral sign is allowed}"),
    "and": _infix(r"\land", AND, AND + 1),
    "or": _infix(r"\lor", OR, AND + 1),
    "not": lambda t: (rf"\lnot \left({latex(t.args[0])}\right)", ATOM),
    "implies": _infix(r"\Rightarrow", ARROW, ARROW + 1),
    "iff": _infix(r"\iff", ARROW, ARROW + 1),
    "forall": _l_forall,
    "has": _l_has,
    "tends": _l_tends,
    "distributed": _l_distributed,
    "independent": _l_independent,
    **{name: _applied(rf"\{name}") for name in _FUNCTIONS},
    **{head: _applied(rf"\operatorname{{{name}}}") for head, name in _OPERATORS.items()},
    **{head: _relation(signs[0]) for head, signs in RELATION_SIGNS.items()},
    "approx": lambda t: _relation("=" if names_order(t) else r"\approx")(t),
}


# plain text

_RAISED = dict(zip("0123456789+-=()nijktx", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱʲᵏᵗˣ", strict=True))


def _p(term: Term, least: int) -> str:
    text, strength = _PLAIN[term.head](term)
    return text if strength >= least else f"({text})"


def _raised(text: str) -> str:
    if all(c in _RAISED for c in text):
        return "".join(_RAISED[c] for c in text)
    return f"^{text}" if len(text) == 1 else f"^({text})"


def _lowered(texts: list[str]) -> str:
    inner = ",".join(texts) if any(len(t) > 1 for t in texts) else "".join(texts)
    return f"_{inner}" if len(inner) == 1 or inner.isalnum() else f"_{{{inner}}}"


def _p_number(term: Term) -> Printed:
    value: Fraction = term.value
    text = _decimal(value)
    return (text, ATOM if value >= 0 else PREFIX) if text is not None else (str(value), PRODUCT)


def _p_symbol(term: Term) -> Printed:
    return unicodedata.normalize("NFC", term.name), ATOM


def _p_sum(term: Term) -> Printed:
    text = _p(term.args[0], PREFIX if term.args[0].head == "neg" else SUM)
    for arg in term.args[1:]:
        text += f" − {_p(arg.args[0], SUM + 1)}" if arg.head == "neg" else f" + {_p(arg, SUM + 1)}"
    return text, SUM


def _flat(term: Term) -> list[Term]:
    if term.head == "mul":
        return [*_flat(term.args[0]), *term.args[1:]]
    return [term]


def _p_product(term: Term) -> Printed:
    factors = _flat(term)
    parts = []
    for position, arg in enumerate(factors):
        last = position == len(factors) - 1
        simple = arg.head == "div" and all(a.head in ("num", "sym") for a in arg.args) and not position
        parts.append(_p(arg, PREFIX + 1 if last and position and arg.head != "div" else PRODUCT + (not simple)))
    text = parts[0]
    for part in parts[1:]:
        text += ("·" if part[0].isdigit() else " ") + part
    return text, PRODUCT


def _p_quotient(term: Term) -> Printed:
    return f"{_p(term.args[0], PRODUCT)}/{_p(term.args[1], PRODUCT + 1)}", PRODUCT


def _p_applied(name: str) -> Row:
    return lambda term: (f"{name}({', '.join(map(plain, term.args))})", APPLICATION)


def _p_call(term: Term) -> Printed:
    head, inner = _holes(term.name, [plain(a) for a in term.args], " | ", "; ", " ‖ ", False)
    return f"{head}({inner})", APPLICATION


def _p_dcall(term: Term) -> Printed:
    orders: tuple[int, ...] = term.value[1]
    head, inner = _holes(term.name, [plain(a) for a in term.args], " | ", "; ", " ‖ ", False)
    marks = "′" * orders[0] if len(orders) == 1 and orders[0] <= 3 else f"^({','.join(map(str, orders))})"
    return f"{head}{marks}({inner})", APPLICATION


def _p_cases(term: Term) -> Printed:
    pairs = zip(term.args[::2], term.args[1::2], strict=False)
    rows = (f"{plain(v)} otherwise" if c.head == "true" else f"{plain(v)} if {plain(c)}" for v, c in pairs)
    return "{ " + "; ".join(rows) + " }", ATOM


def _p_entry(term: Term) -> Printed:
    base, *indices = term.args
    return _p(base, ATOM) + _lowered([plain(i) for i in indices]), ATOM


def _p_rows(term: Term) -> Printed:
    columns = 1 if term.head == "vector" else term.value[1]
    rows = [term.args[k : k + columns] for k in range(0, len(term.args), columns)]
    return f"[{'; '.join(', '.join(map(plain, r)) for r in rows)}]", ATOM


def _p_big(sign: str) -> Row:
    def row(term: Term) -> Printed:
        var, low, high, body, *condition = term.args
        extra = "".join(f", {plain(c)}" for c in condition)
        return f"{sign}_{{{plain(var)}={plain(low)}{extra}}}^{{{plain(high)}}} {_p(body, PREFIX + 1)}", PREFIX + 1

    return row


def _p_derivative(term: Term) -> Printed:
    body, var = term.args
    if body.head in ("sym", "entry"):
        return f"∂{_p(body, ATOM)}/∂{_p(var, ATOM)}", PRODUCT
    return f"∂/∂{_p(var, ATOM)} {_p(body, APPLICATION)}", PREFIX + 1


def _p_moment(sign: str, arity: int = 1) -> Row:
    def row(term: Term) -> Printed:
        given = " | " + ", ".join(map(plain, term.args[arity:])) if len(term.args) > arity else ""
        left, right = ("[", "]") if sign == "E" else ("(", ")")
        return f"{sign}{left}{', '.join(map(plain, term.args[:arity]))}{given}{right}", APPLICATION

    return row


def _p_optimiser(sign: str) -> Row:
    def row(term: Term) -> Printed:
        var, body, *constraint = term.args
        among = "".join(f" : {plain(c)}" for c in constraint)
        return f"{sign}_{{{plain(var)}{among}}} {_p(body, APPLICATION)}", PREFIX + 1

    return row


def _p_infix(sign: str, strength: int, inner: int) -> Row:
    return lambda term: (f" {sign} ".join(_p(a, inner) for a in term.args), strength if len(term.args) > 1 else inner)


def _p_over(sign: str) -> Row:
    def row(term: Term) -> Printed:
        var, low, high, body = term.args
        return f"{sign}_{{{plain(low)} ≤ {plain(var)} ≤ {plain(high)}}} {_p(body, APPLICATION)}", PREFIX + 1

    return row


def _p_zeros(term: Term) -> Printed:
    return "0", ATOM


def _p_sized(sign: str) -> Row:
    return lambda term: (sign if not isinstance(term.value, Affine) else sign + _lowered([str(term.value)]), ATOM)


def _p_limit(term: Term) -> Printed:
    var, point, body = term.args
    return f"lim_{{{plain(var)}→{plain(point)}{term.value or ''}}} {_p(body, PRODUCT)}", PREFIX + 1


def _p_integral(term: Term) -> Printed:
    var, low, high, body = term.args
    return f"∫_{{{plain(low)}}}^{{{plain(high)}}} {_p(body, PRODUCT)} d{plain(var)}", PREFIX + 1


def _p_tabulate(term: Term) -> Printed:
    var, low, high, body = term.args
    return f"({plain(body)})_{{{plain(var)}={plain(low)}}}^{{{plain(high)}}}", POSTFIX


def _p_forall(term: Term) -> Printed:
    var, low, high, body = term.args
    return f"{plain(body)} for {plain(var)} = {plain(low)}, …, {plain(high)}", LOOSE


def _p_norm(term: Term) -> Printed:
    return f"‖{plain(term.args[0])}‖" + {"F": "_F", "1": "₁", "inf": "_∞"}.get(term.value, ""), ATOM


def _p_distributed(term: Term) -> Printed:
    return f"{plain(term.args[0])} ~ {term.value}({', '.join(map(plain, term.args[1:]))})", RELATION


def _p_independent(term: Term) -> Printed:
    names = [_p(a, RELATION + 1) for a in term.args]
    if term.value == "conditional":
        return f"{', '.join(names[:-1])} are conditionally independent given {names[-1]}", RELATION
    joined = ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
    return f"{joined} are {term.value or 'independent'}", RELATION


_PLAIN: dict[str, Row] = {
    "num": _p_number,
    "sym": _p_symbol,
    "pi": _fixed("π"),
    "infinity": _fixed("∞"),
    "undefined": _fixed("undefined"),
    "identity": _p_sized("I"),
    "ones": _p_sized("𝟏"),
    "zeros": _p_zeros,
    "add": _p_sum,
    "neg": lambda t: (f"−{_p(t.args[0], PREFIX + 1)}", PREFIX),
    "mul": _p_product,
    "div": _p_quotient,
    "pow": lambda t: (_p(t.args[0], ATOM) + _raised(plain(t.args[1])), POSTFIX),
    "exp": lambda t: ("e" if plain(t.args[0]) == "1" else "e" + _raised(plain(t.args[0])), POSTFIX),
    "sqrt": lambda t: (f"√{_p(t.args[0], ATOM)}", APPLICATION),
    "abs": lambda t: (f"|{plain(t.args[0])}|", ATOM),
    "factorial": lambda t: (f"{_p(t.args[0], ATOM)}!", POSTFIX),
    "binomial": _p_applied("binom"),
    "max": _p_applied("max"),
    "min": _p_applied("min"),
    "call": _p_call,
    "dcall": _p_dcall,
    "cases": _p_cases,
    "indicator": lambda t: (f"𝟙[{plain(t.args[0])}]", ATOM),
    "order": lambda t: (f"O({plain(t.args[0])})", ATOM),
    "delta": lambda t: ("δ" + _lowered([plain(a) for a in t.args]), ATOM),
    "entry": _p_entry,
    "vector": _p_rows,
    "matrix": _p_rows,
    "blocks": _p_rows,
    "transpose": lambda t: (f"{_p(t.args[0], ATOM)}ᵀ", ATOM),
    "inverse": lambda t: (f"{_p(t.args[0], ATOM)}⁻¹", ATOM),
    "det": _p_applied("det"),
    "hadamard": _p_infix("⊙", PRODUCT, PRODUCT + 1),
    "entrydiv": _p_infix("⊘", PRODUCT, PRODUCT + 1),
    "kron": _p_infix("⊗", PRODUCT, PRODUCT + 1),
    "inner": lambda t: (f"⟨{plain(t.args[0])}, {plain(t.args[1])}⟩", ATOM),
    "norm": _p_norm,
    "sum": _p_big("Σ"),
    "prod": _p_big("Π"),
    "maxover": _p_over("max"),
    "minover": _p_over("min"),
    "tabulate": _p_tabulate,
    "deriv": _p_derivative,
    "hessian": lambda t: (f"∇²_{plain(t.args[1])} {_p(t.args[0], APPLICATION)}", PREFIX + 1),
    "at": lambda t: (f"{_p(t.args[2], ATOM)}|_{{{plain(t.args[0])} = {plain(t.args[1])}}}", POSTFIX),
    "integral": _p_integral,
    "limit": _p_limit,
    "expect": _p_moment("E"),
    "variance": _p_moment("Var"),
    "covariance": _p_moment("Cov", 2),
    "prob": _p_moment("P"),
    "argmax": _p_optimiser("argmax"),
    "argmin": _p_optimiser("argmin"),
    "maxvalue": lambda t: _p_optimiser(t.value)(t),
    "minvalue": lambda t: _p_optimiser(t.value)(t),
    "true": _fixed("true"),
    "interchange": _fixed("differentiation under the integral sign is allowed"),
    "and": _p_infix("and", AND, AND + 1),
    "or": _p_infix("or", OR, AND + 1),
    "not": lambda t: (f"not ({plain(t.args[0])})", ATOM),
    "implies": _p_infix("⇒", ARROW, ARROW + 1),
    "iff": _p_infix("⇔", ARROW, ARROW + 1),
    "forall": _p_forall,
    "has": lambda t: (f"{_p(t.args[0], RELATION + 1)} is {t.value}", RELATION),
    "tends": lambda t: (f"{plain(t.args[0])} → {plain(t.args[1])}{t.value or ''}", RELATION),
    "distributed": _p_distributed,
    "independent": _p_independent,
    **{name: _p_applied(name) for name in _FUNCTIONS if name != "exp"},
    **{head: _p_applied(name) for head, name in _OPERATORS.items()},
    **{head: _p_infix(signs[1], RELATION, RELATION + 1) for head, signs in RELATION_SIGNS.items()},
    "approx": lambda t: _p_infix("=" if names_order(t) else "≈", RELATION, RELATION + 1)(t),
}
