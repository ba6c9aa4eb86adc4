"""Derivatives, gradients and Hessians.

A derivative written as an operator takes the product that follows, as Σ does; `∇` takes one factor.
`\\frac{∂J}{∂θ}(a)` is the derivative at a.
"""

from __future__ import annotations

from derive.language.context import Shape, Symbol
from derive.language.source import Span
from derive.language.term import Term, free_names, fresh_name, make, num, substitute, sym
from derive.reader.latex.parser import Parser
from derive.reader.latex.tokens import Token
from derive.reader.notation.table import Row

_F = ("f : \\mathbb{R} \\to \\mathbb{R}", "x, y, a \\in \\mathbb{R}")
_L = ("w \\in \\mathbb{R}^d", "L : \\mathbb{R}^d \\to \\mathbb{R}")


def _is_d(token: Token) -> bool:
    return token.text == "\\partial" or (token.text == "d" and token.kind in ("letter", "word"))


def is_derivative(top: list[Token], bottom: list[Token]) -> bool:
    """Whether a fraction is a derivative: ∂ or d on both sides, and a variable below."""
    if not _is_d(top[0]) or not _is_d(bottom[0]) or top[0].text != bottom[0].text or len(bottom) < 2:
        return False
    after = bottom[1]
    return after.kind in ("letter", "word") or after.text in ("(", "{", "\\hat", "\\bar", "\\tilde", "\\vec", "\\check")


def _order(parser: Parser, tokens: list[Token]) -> tuple[int, list[Token]]:
    """The order behind a leading ∂ and the rest of the numerator."""
    rest = tokens[1:]
    if rest and rest[0].text == "^":
        with parser.within(rest[1:]):
            script = parser.group_tokens()
            used = parser.at
            parser.at = len(parser.tokens) - 1
        text = "".join(t.text for t in script)
        if not text.isdigit():
            raise parser.fail("derivative-order", rest[0])
        return int(text), rest[1 + used :]
    return 1, rest


def _variables(parser: Parser, bottom: list[Token]) -> list[Term]:
    """The variables below: `∂x ∂y^2` is x, y, y."""
    result: list[Term] = []
    sign = bottom[0].text
    with parser.within(bottom):
        while parser.peek().kind != "end":
            token = parser.take()
            if token.text != sign:
                raise parser.fail("derivative-variable", token)
            times = 1
            piece_start = parser.at
            depth = 0
            while parser.peek().kind != "end" and not (
                depth == 0 and parser.peek().text == sign and _is_d(parser.peek())
            ):
                if parser.peek().text in ("{", "("):
                    depth += 1
                elif parser.peek().text in ("}", ")"):
                    depth -= 1
                parser.take()
            piece = parser.tokens[piece_start : parser.at]
            if not piece:
                raise parser.fail("derivative-variable", token)
            for size in (2, 4):
                if len(piece) > size and piece[-size].text == "^" and (size == 2 or piece[-size + 1].text == "{"):
                    digit = piece[-1] if size == 2 else piece[-2]
                    if digit.kind == "digit":
                        times, piece = int(digit.text), piece[:-size]
                        break
            variable = parser.read_slice(piece)
            result += [variable] * times
    return result


def derivative(parser: Parser, top: list[Token], bottom: list[Token], token: Token, start: int) -> Term:
    """`\\frac{∂f}{∂x}`, `\\frac{∂^2 f}{∂x ∂y}`, `\\frac{d}{dx} …`, and evaluations `\\frac{∂f}{∂x}(a)`."""
    order, rest = _order(parser, top)
    variables = _variables(parser, bottom)
    if order != len(variables):
        raise parser.fail("derivative-order", top[0], wanted=order, found_count=len(variables))
    for variable in variables:
        if variable.head not in ("sym", "entry", "pow", "call"):
            raise parser.fail("derivative-variable", span=variable.span)
    if not rest:
        from derive.reader.notation.sums import body

        inner = body(parser)
        return differentiate(parser, inner, variables, parser.since(start))
    inner = _operand(parser, rest, variables)
    result = differentiate(parser, inner, variables, parser.since(start))
    if parser.peek().text == "(" and parser.peek().kind == "sign" and len(set(variables)) == 1:
        applied = _evaluated(parser, result, rest, variables[0], start)
        if applied is not None:
            return applied
    return result


def _operand(parser: Parser, rest: list[Token], variables: list[Term]) -> Term:
    """What is differentiated; a bare function stands for its value at its own (or the derivative's) variable."""
    inner = parser.read_slice(rest)
    return applied(parser, inner, variables)


def applied(parser: Parser, inner: Term, variables: list[Term]) -> Term:
    """A bare function name applied to the variable it is differentiated by."""
    if inner.head != "sym":
        return inner
    symbol = parser.symbol(inner.name)
    variable = variables[0]
    base = variable.args[0] if variable.head == "entry" else variable
    if symbol is None or inner.name in parser.functions:
        return _undeclared_operand(parser, inner, base)
    if symbol.role != "function":
        return inner
    if len(symbol.arguments) == 1 and parser.shape(base) == symbol.arguments[0]:
        return make("call", base, value=inner.name, span=inner.span)
    raise parser.fail("function-without-argument", span=inner.span, name=inner.name)


def _undeclared_operand(parser: Parser, inner: Term, base: Term) -> Term:
    """`∂L/∂w` with L undeclared: L is a scalar function of w."""
    shape = parser.shape(base)
    if base.head == "sym" and base.name in parser.unknown:
        parser.unknown[base.name].roles.add("differentiated")
    parser.unknown.pop(inner.name, None)
    if inner.name not in parser.functions:
        parser.functions[inner.name] = Symbol(
            inner.name, role="function", arguments=(shape or Shape(),), span=inner.span, inferred=True
        )
        parser.implicit[inner.name] = (base,)
    elif parser.implicit.get(inner.name) != (base,):
        raise parser.fail("dependence-unknown", span=inner.span, name=inner.name)
    return make("call", base, value=inner.name, span=inner.span)


def _evaluated(parser: Parser, result: Term, rest: list[Token], variable: Term, start: int) -> Term | None:
    """`\\frac{∂J}{∂θ}(a)`: only where J is a function, else the bracket is a factor."""
    from derive.language.affine import affine_of

    call = result
    while call.head == "deriv":
        call = call.args[0]
    if call.head != "call" or len(call.args) != 1 or any(t.text == "(" for t in rest):
        return None
    point = parser.enclosed(parser.expression)
    base = variable.args[0] if variable.head == "entry" else variable
    del affine_of
    if point == base:
        return result
    return evaluate(parser, base, point, result, parser.since(start))


def evaluate(parser: Parser, variable: Term, point: Term, body: Term, span: Span) -> Term:
    """The body where the variable is the point, without touching the variable inside the point."""
    return make("at", variable, point, body, span=span)


def differentiate(parser: Parser, inner: Term, variables: list[Term], span: Span) -> Term:
    """Nested derivatives, the last variable innermost; by `\\sigma^2` means by a variable in its place."""
    result = inner
    for variable in reversed(variables):
        if variable.head in ("pow", "call"):
            result = _by_expression(parser, result, variable, span)
        else:
            result = make("deriv", result, variable, span=span)
    return result


def _by_expression(parser: Parser, inner: Term, variable: Term, span: Span) -> Term:
    """`\\frac{∂f}{∂(σ^2)}`: the derivative by a variable s that stands for σ^2, taken at σ^2."""
    if variable.head != "pow" or variable.args[0].head != "sym":
        raise parser.fail("derivative-variable", span=variable.span)
    if inner.head == "call" and inner.name in parser.context.definitions:
        definition = parser.context.definitions[inner.name]
        if any(arg == variable for arg in inner.args):
            place = next(k for k, arg in enumerate(inner.args) if arg == variable)
            taken = free_names(inner) | free_names(definition.body) | set(parser.context.symbols)
            name = fresh_name("s", taken)
            args = tuple(sym(name) if k == place else a for k, a in enumerate(inner.args))
            body = make("deriv", inner.with_args(args), sym(name), span=span)
            return make("at", sym(name), variable, body, span=span)
    name = fresh_name("s", free_names(inner) | set(parser.context.symbols) | set(parser.scope))
    base = variable.args[0].name

    def replaced(term: Term) -> Term:
        if term == variable:
            return sym(name, term.span)
        return term.with_args(tuple(map(replaced, term.args))) if term.args else term

    body = replaced(inner)
    if base in free_names(body) or body == inner:
        raise parser.fail("derivative-variable", span=variable.span)
    return make("at", sym(name), variable, make("deriv", body, sym(name), span=span), span=span)


def nabla(parser: Parser, token: Token) -> Term:
    """`\\nabla f`, `\\nabla_w f`, `\\nabla^2_w f`: gradient and second derivatives, of one factor."""
    start = parser.at - 1
    variable: Term | None = None
    order = 1
    while parser.peek().kind == "sign" and parser.peek().text in ("_", "^"):
        sign = parser.take()
        tokens = parser.group_tokens()
        if sign.text == "_":
            if variable is not None:
                raise parser.fail("double-script", sign)
            variable = parser.read_slice(tokens)
            if variable.head not in ("sym", "entry"):
                raise parser.fail("derivative-variable", span=variable.span)
        else:
            if [t.text for t in tokens] != ["2"] or order == 2:
                raise parser.fail("derivative-order", sign)
            order = 2
    if parser.peek().text in ("\\cdot", "\\times"):
        raise parser.fail("notation-unsupported", parser.peek())
    at = parser.at
    inner = parser.factor() if parser.starts_factor(parser.peek()) else None
    if inner is None:
        raise parser.fail("expression-expected")
    if (
        variable is not None
        and parser.starts_factor(parser.peek())
        and (not _may_depend(parser, inner, variable) or variable in (inner, *inner.args[: inner.head == "transpose"]))
    ):
        # \nabla_w \frac12 \|Xw - y\|^2, \nabla_w w^T A w: a constant or w itself in front is no gradient of its own
        parser.at = at
        inner = parser.product()
    span = parser.since(start)
    raised = ""
    if inner.head in ("transpose", "inverse", "pow") and inner.args[0].head in ("call", "sym", "entry"):
        # ∇f(x)^T is the transpose of the gradient; a power might belong to either
        raised = "inverse" if inner.head == "pow" and inner.args[1] == make("neg", num(1)) else inner.head
        if raised == "pow" or (raised == "inverse" and order == 1):
            raise parser.fail("function-power-unclear", token, name="\\nabla")
        inner = inner.args[0]
    evaluated: Term | None = None
    if inner.head == "sym" and (symbol := parser.symbol(inner.name)) is not None and symbol.role == "function":
        if variable is None:
            raise parser.fail("gradient-variable", token, name=inner.name)
        inner = applied(parser, inner, [variable])
    elif inner.head == "sym" and variable is not None and parser.symbol(inner.name) is None:
        inner = applied(parser, inner, [variable])
    if inner.head == "call" and len(inner.args) >= 1:
        if variable is None:
            if len(inner.args) != 1:
                raise parser.fail("gradient-variable", token, name=inner.name)
            argument = inner.args[0]
            symbol = parser.symbol(argument.name) if argument.head == "sym" else None
            definition = parser.context.definitions.get(inner.name)
            own = definition.params[0] if definition and definition.params else None
            if (
                argument.head == "sym"
                and (symbol is None or symbol.role == "variable")
                and (own is None or own == argument.name or parser.symbol(own) is None)
                and symbol is not None
                and argument.name not in parser.context.definitions
            ):
                variable = argument
            else:
                variable = _own_variable(parser, inner, own)
                evaluated = argument
                inner = inner.with_args((variable,))
        elif variable not in inner.args and variable.head == "sym" and variable.name not in free_names(inner):
            definition = parser.context.definitions.get(inner.name)
            params = definition.params if definition is not None else ()
            named = variable.name in params and len(params) == len(inner.args)
            if not named and (len(inner.args) != 1 or params):
                raise parser.fail("gradient-variable", token, name=inner.name)
            # \nabla_x f(a, b) of an f(x, y): the gradient by its first argument, at that point
            place = params.index(variable.name) if named else 0
            evaluated = inner.args[place]
            inner = inner.with_args((*inner.args[:place], variable, *inner.args[place + 1 :]))
        elif variable.head == "sym" and len(inner.args) == 1 and inner.args[0] != variable:
            # \nabla_\theta J(\theta_t) where θ_t mentions θ: the gradient of J, at that point
            definition = parser.context.definitions.get(inner.name)
            if inner.args[0].head == "entry" and inner.args[0].args[0] == variable:
                evaluated = inner.args[0]
                fresh = sym(fresh_name(variable.name, free_names(inner) | set(parser.context.symbols)))
                inner, variable = inner.with_args((fresh,)), fresh
    if variable is None:
        variable = _only_variable(parser, inner, token, at)
    result = _gradient(parser, inner, variable, order, span)
    if evaluated is not None:
        result = make("at", variable, evaluated, result, span=span)
    return make(raised, result, span=span) if raised else result


def _may_depend(parser: Parser, term: Term, variable: Term) -> bool:
    """Whether a formula may depend on a variable: it holds it, a function, a defined name or an undeclared one."""
    base = variable.args[0].name if variable.head == "entry" else variable.name
    for name in free_names(term):
        symbol = parser.symbol(name)
        if name == base or symbol is None or symbol.role == "function" or name in parser.context.definitions:
            return True
    return False


def _own_variable(parser: Parser, inner: Term, own: str | None) -> Term:
    """The variable to differentiate a function by when it is applied to something else."""
    if own is not None:
        symbol = parser.symbol(own)
        if symbol is None or symbol.role == "variable":
            return sym(own)
    taken = free_names(inner) | set(parser.context.symbols) | set(parser.scope)
    return sym(fresh_name(own or "u", taken))


def _only_variable(parser: Parser, inner: Term, token: Token, at: int) -> Term:
    raise parser.fail("gradient-variable", token, name="")


def _gradient(parser: Parser, inner: Term, variable: Term, order: int, span: Span) -> Term:
    if order == 1:
        return make("deriv", inner, variable, span=span)
    return make("hessian", inner, variable, span=span)


def replace_variable(term: Term, name: str, value: Term) -> Term:
    """The term with one variable replaced."""
    return substitute(term, {name: value})


ROWS: tuple[Row, ...] = (
    Row(
        ("\\frac{\\partial}",),
        "deriv",
        "\\frac{d}{dx} f(x)",
        r"\frac{\partial}{\partial x} \left(f\left(x\right)\right)",
        _F,
    ),
    Row(
        ("\\frac{\\partial}",),
        "deriv",
        "\\frac{\\partial^2 f(x, y)}{\\partial x \\partial y}",
        r"\frac{\partial}{\partial x} \left(\frac{\partial}{\partial y} \left(f\left(x, y\right)\right)\right)",
        ("x, y \\in \\mathbb{R}", "f(x, y) = x y"),
    ),
    Row(("\\nabla",), "deriv", "\\nabla L(w)", r"\frac{\partial}{\partial w} \left(L\left(w\right)\right)", _L, nabla),
    Row(("\\nabla",), "hessian", "\\nabla_w^2 L(w)", r"\nabla_{w}^{2} \left(L\left(w\right)\right)", _L),
)
