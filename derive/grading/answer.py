"""Does a statement of a student say what an item of the key asks for?

An item `Q = A` asks for the value A of a quantity Q. A statement answers it if one side is Q and the other is A, in
whatever form, as the prover finds; that both statements are true is not enough, since all true statements are
equivalent. So the answer may not speak of Q again, nor leave an operation (a derivative, an expectation, a limit) that
A has carried out. Where Q is no value but an equation to be met (`XᵀXw = Xᵀy`), an equivalent equation answers it too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

from derive.grading.judge import Answer, Judge
from derive.grading.multiple import are_multiples, positive_multiple
from derive.grading.renaming import Renaming
from derive.grading.rubric import UpTo
from derive.grading.symbols import plain_of
from derive.language.affine import affine_of
from derive.language.context import Context, Shape
from derive.language.edits import flat
from derive.language.heads import MIRROR, ORDER_RELATIONS, RELATIONS
from derive.language.shape import shape_of
from derive.language.term import Term, free_names, is_num, make, num, substitute, sym, walk

Fit = Literal["answers", "equal", "otherwise", "unknown", "apart"]
"""`answers`: it says what is asked. `equal`: it does, but leaves a sum to be carried out. `otherwise`: it speaks of
what is asked and says something else. `unknown`: it speaks of it, and whether rightly is undecided. `apart`: it does
not.
"""

Form = Literal["value", "solved", "equation", "update"]
"""What an item asks for: the value of an expression, of a plain unknown (`w = …`), an equation to be met, or a rule by
which a quantity is updated (`w := …`).
"""

OPERATIONS = frozenset(
    ["deriv", "hessian", "dcall", "at", "integral", "limit", "expect", "variance", "covariance", "prob"]
)
OPTIMISERS = frozenset(["argmax", "argmin"])
_SUMS = frozenset(["sum", "prod"])
_STRICTER = frozenset([("lt", "le"), ("gt", "ge")])


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: the quantity, the relation and the value, oriented so that the quantity stands left."""

    quantity: Term
    relation: str
    value: Term
    form: Form
    up_to: UpTo = ""

    def renamed(self, renaming: Renaming) -> Asked:
        """The same under other names."""
        quantity, value = renaming.term(self.quantity), renaming.term(self.value)
        return Asked(quantity, self.relation, value, self.form, self.up_to)

    @property
    def statement(self) -> Term:
        """What is asked as a statement."""
        return make(self.relation, self.quantity, self.value)


def asked(
    statement: Term, context: Context, judge: Judge, up_to: UpTo = "", update: bool = False
) -> Asked | None:
    """What a statement (an update rule) of the key asks for; None where it is no relation of two expressions."""
    if statement.head in ("implies", "iff"):
        return asked(statement.right, context, judge, up_to)
    if statement.head not in RELATIONS:
        return None
    if update:
        return Asked(statement.left, "eq", statement.right, "update", up_to)
    left, right, head = statement.left, statement.right, statement.head
    turned = (operates(right) and not operates(left)) or is_num(left) or left.head == "zeros"
    if turned and head in MIRROR:
        left, right, head = right, left, MIRROR[head]
    return Asked(left, head, right, _form(left, head, right, context, judge), up_to)


def _form(left: Term, head: str, right: Term, context: Context, judge: Judge) -> Form:
    plain = left.head == "sym" or (left.head == "entry" and left.args[0].head == "sym")
    name = left.name if left.head == "sym" else left.args[0].name if plain else ""
    if head == "eq" and plain and name not in context.definitions and name not in free_names(right):
        return "solved"
    if head != "eq" or (operates(left) and not _is_zero(right)):
        return "value"
    if judge.holds(make(head, left, right), context) == "yes":
        return "value"
    verdict = judge.verdict(make(head, left, right), context)
    return "value" if getattr(verdict, "name", "") == "conditional" else "equation"


def operates(term: Term) -> bool:
    """Whether an operation or an optimiser is left to be carried out."""
    return any(n.head in OPERATIONS or n.head in OPTIMISERS for n in walk(term))


def fit(item: Asked, statement: Term, context: Context, question: Context, judge: Judge) -> Fit:
    """How a statement, read in `context`, stands to what is asked in the context of the `question`.

    Of an equation that is to be met it is not looked into whether one that is not proved equivalent is `otherwise`:
    `settled` does that.
    """
    best: Fit = "apart"
    for wanted, said in paired(item, statement, context, question):
        found = _fit(wanted, said, context, question, judge)
        if found == "answers":
            return found
        if _RANK[found] > _RANK[best]:
            best = found
    return best


_RANK: dict[Fit, int] = {"apart": 0, "otherwise": 1, "unknown": 2, "equal": 3, "answers": 4}


def settled(item: Asked, statement: Term, context: Context, question: Context, judge: Judge) -> Fit:
    """Of a statement that is `unknown`, whether it is `otherwise`."""
    if item.form != "equation":
        return "unknown"
    pairs = paired(item, statement, context, question)
    found = {judge.holds(make("iff", wanted.statement, said), context) for wanted, said in pairs}
    return "otherwise" if found == {"no"} else "unknown"


def is_equivalent(item: Asked, statement: Term, context: Context, question: Context, judge: Judge) -> bool:
    """Whether a statement is proved to hold just where the equation that is asked for does."""
    return any(_equivalent(w.statement, s, context, judge) for w, s in paired(item, statement, context, question))


def _equivalent(wanted: Term, said: Term, context: Context, judge: Judge) -> bool:
    """Whether two equations are proved to hold at the same points: as multiples, or one from the other."""
    if said.head != "eq" or wanted.head != "eq":
        return judge.proves(make("iff", wanted, said), context)
    multiples = are_multiples(wanted, said, context, judge)
    if multiples == "no" and (_rank(wanted.left, context) or 0) > 0:
        return False  # of vectors and matrices nothing else has been met, and looking for a proof takes long
    return multiples == "yes" or judge.proves(make("iff", wanted, said), context)


def value_in(item: Asked, statement: Term, context: Context, question: Context, judge: Judge) -> Term:
    """What a statement says of the quantity asked for: the other side, or the whole where it is no value."""
    for wanted, said in paired(item, statement, context, question):
        if said.head in RELATIONS:
            for quantity, value in ((said.left, said.right), (said.right, said.left)):
                if _is_quantity(wanted, quantity, context, question, judge):
                    return value
    return statement


def paired(item: Asked, statement: Term, context: Context, question: Context) -> Iterator[tuple[Asked, Term]]:
    """The item and the statement with the same names, their free indices alike, entry by entry where one of them is."""
    statement = _undressed(statement, context, question)
    wanted = _indices(item.statement, context)
    own = _indices(statement, context)
    if sorted(wanted) == sorted(own):
        yield item, statement
    elif len(wanted) == len(own):
        for order in permutations(wanted):
            pairs = tuple((a, b) for a, b in zip(own, order, strict=True) if a != b)
            if all(_same_range(a, b, context) for a, b in pairs):
                yield item, Renaming(pairs).term(statement)
    elif not own:
        said = by_entries(statement, wanted, context)
        yield item, said if said is not None else statement
    elif not wanted:
        told = by_entries(item.statement, own, context)
        yield (_of(told, item) if told is not None else item), statement
    else:
        yield item, statement


def _of(statement: Term, item: Asked) -> Asked:
    return Asked(statement.left, item.relation, statement.right, item.form, item.up_to)


def by_entries(statement: Term, indices: list[str], context: Context) -> Term | None:
    """An equation of vectors or matrices at one entry, where the indices run over just its axes."""
    shapes = [shape_of(side, context) for side in statement.args]
    known = [s for s in shapes if isinstance(s, Shape) and s.rank == len(indices)]
    if statement.head != "eq" or not known:
        return None
    for name, axis in zip(indices, known[0].axes, strict=True):
        domain = context.symbols[name].domain
        if len(axis) != 1 or domain.low != num(1) or domain.high is None or affine_of(domain.high) != axis[0]:
            return None
    entries = [sym(name) for name in indices]
    sides = []
    for side, shape in zip(statement.args, shapes, strict=True):
        tensor = isinstance(shape, Shape) and shape.rank == len(indices)
        sides.append(num(0) if _is_zero(side) else _entry(side, entries) if tensor else side)
    return make("eq", *sides)


def _entry(term: Term, indices: list[Term]) -> Term:
    """An entry, of a gradient as the derivative by the entry."""
    if term.head == "deriv" and len(indices) == 1 and term.args[1].head == "sym":
        return make("deriv", term.args[0], make("entry", term.args[1], *indices))
    return make("entry", term, *indices)


def _undressed(statement: Term, context: Context, question: Context) -> Term:
    """The statement with `ŵ` read as the question's w, where it does not speak of w itself."""
    names = free_names(statement)
    plain = {n: plain_of(n, context.symbols.get(n), question) for n in names if n not in context.definitions}
    pairs = tuple((n, p) for n, p in sorted(plain.items()) if p is not None and p not in names)
    return Renaming(pairs).term(statement) if len({p for _, p in pairs}) == len(pairs) else statement


def _rank(term: Term, context: Context) -> int | None:
    shape = shape_of(term, context)
    return shape.rank if isinstance(shape, Shape) else None


def _indices(statement: Term, context: Context) -> list[str]:
    symbols = (context.symbols.get(name) for name in sorted(free_names(statement)))
    return [s.name for s in symbols if s is not None and s.role == "index"]


def _same_range(one: str, other: str, context: Context) -> bool:
    a, b = context.symbols[one].domain, context.symbols[other].domain
    return (a.low, a.high) == (b.low, b.high)


def _fit(item: Asked, statement: Term, context: Context, question: Context, judge: Judge) -> Fit:
    if statement.head not in RELATIONS:
        return "apart"
    best: Fit = "apart"
    turned = [(statement.head, statement.left, statement.right)]
    if statement.head in MIRROR:
        turned.append((MIRROR[statement.head], statement.right, statement.left))
    for head, quantity, value in turned:
        related = head == item.relation or {head, item.relation} <= ORDER_RELATIONS
        if not related or flat(quantity) == flat(value):
            continue
        if not _is_quantity(item, quantity, context, question, judge):
            continue
        found = _value(item, value, context, question, judge)
        if head != item.relation and found != "apart":
            stricter = (head, item.relation) in _STRICTER and judge.holds(statement, context) == "yes"
            found = found if stricter else "otherwise"
        if _RANK[found] > _RANK[best]:
            best = found
    if best != "answers" and item.form == "equation" and statement.head == item.relation:
        found = _equation(item, statement, context, question, judge)
        best = found if _RANK[found] > _RANK[best] else best
    return best


def _is_quantity(item: Asked, quantity: Term, context: Context, question: Context, judge: Judge) -> bool:
    """Whether an expression is the quantity asked for, and says so."""
    if flat(quantity) == flat(item.quantity):
        return True
    if item.form in ("solved", "update"):
        return False
    wanted = expanded(item.quantity, context, frozenset())
    heads = {n.head for n in walk(item.quantity)} & (OPERATIONS | OPTIMISERS)
    if heads and item.relation == "eq" and not operates(expanded(quantity, context, frozenset(question.symbols))):
        return False
    if item.form == "equation" and is_num(quantity):
        return False
    if not free_names(quantity) & (free_names(item.quantity) | free_names(wanted)):
        return False
    return same_value(item.quantity, quantity, context, judge) == "yes"


def _value(item: Asked, value: Term, context: Context, question: Context, judge: Judge) -> Fit:
    """How an expression stands to the value asked for."""
    plain = expanded(value, context, frozenset(question.symbols))
    if _speaks_of(item.quantity, plain) and not _speaks_of(item.quantity, item.value):
        return "apart"
    if operates(plain) and not operates(item.value):
        return "apart"
    same = _same_up_to(item, value, context, judge)
    if same == "no":
        return "otherwise"
    if same == "unknown":
        return "unknown"
    if not _carried_out(item.value, plain, context) or _tied(item, plain, context):
        return "equal"
    return "answers"


def _speaks_of(quantity: Term, term: Term) -> bool:
    wanted = flat(quantity)
    return any(flat(n) == wanted for n in walk(term))


def _same_up_to(item: Asked, value: Term, context: Context, judge: Judge) -> Answer:
    if item.up_to == "argmax" and item.value.head not in OPTIMISERS:
        return same_optimisers(item, value, context, judge)
    if item.up_to == "argmax":
        return judge.same(item.value, value, context)
    same = same_value(item.value, value, context, judge)
    if same == "no" and item.up_to == "factor":
        both = _objectives(item.value, value)
        found = positive_multiple(*(both or (item.value, value)), context, judge)
        if found == "unknown" and both is not None and judge.same(item.value, value, context) == "no":
            return "no"  # a positive multiple would have the same optimisers
        return found
    return same


def same_value(left: Term, right: Term, context: Context, judge: Judge) -> Answer:
    """Whether two expressions are the same; sets of optimisers are where their objectives are."""
    if (left.head in OPTIMISERS) != (right.head in OPTIMISERS):
        return "no"
    return judge.same(*(_objectives(left, right) or (left, right)), context)


def _objectives(left: Term, right: Term) -> tuple[Term, Term] | None:
    """The objectives of two sets of optimisers, as functions of one variable and to be made large or small alike."""
    if left.head not in OPTIMISERS or right.head not in OPTIMISERS or left.args[2:] != right.args[2:]:
        return None
    if left.args[0].head != "sym" or right.args[0].head != "sym":
        return None
    objective = substitute(right.args[1], {right.args[0].name: left.args[0]})
    return left.args[1], objective if left.head == right.head else make("neg", objective)


def same_optimisers(item: Asked, value: Term, context: Context, judge: Judge) -> Answer:
    """Whether an objective has the maximisers that the item's has, in the variables that it is a function of."""
    variables = [a for a in item.quantity.args if a.head == "sym"] if item.quantity.head == "call" else []
    if len(variables) != 1:
        return judge.same(item.value, value, context)
    sets = (make("argmax", variables[0], objective) for objective in (item.value, value))
    return judge.holds(make("eq", *sets), context)


def _carried_out(wanted: Term, value: Term, context: Context) -> bool:
    """Whether no sum is left that the key has carried out, and no operation on more than the key's are on."""
    tensors = any((_rank(n, context) or 0) > 0 for n in walk(wanted))
    if any(n.head in _SUMS for n in walk(value)) and not tensors and not any(n.head in _SUMS for n in walk(wanted)):
        return False
    mine = [free_names(n) for n in walk(wanted) if n.head in OPERATIONS]
    return all(any(free_names(n) <= m for m in mine) for n in walk(value) if n.head in OPERATIONS)


def _tied(item: Asked, value: Term, context: Context) -> bool:
    """Whether the value of an unknown is said in quantities that the givens tie to those of the key's answer."""
    if item.form != "solved":
        return False
    extra = free_names(value) - free_names(item.value) - free_names(expanded(item.value, context, frozenset()))
    plain = [
        n
        for n in extra
        if n in context.symbols and context.symbols[n].role == "variable" and not context.symbols[n].family
    ]
    tied = {n for f in context.facts if f.head == "eq" for n in free_names(f)}
    return any(n in tied and n not in context.definitions for n in plain)


def _equation(item: Asked, statement: Term, context: Context, question: Context, judge: Judge) -> Fit:
    """How an equation stands to the one to be met."""
    wanted = item.statement
    plain = expanded(statement, context, frozenset(question.symbols))
    if operates(plain) and (not operates(wanted) or not any(_is_zero(side) for side in statement.args)):
        return "apart"  # it says what a derivative is, and not that it is 0
    unknown = {n for n in free_names(wanted) if _is_data(n, context)}
    if not unknown & free_names(plain):
        return "apart"
    if _equivalent(wanted, statement, context, judge) or judge.proves(make("iff", wanted, statement), context):
        return "answers"
    if unknown != {n for n in free_names(plain) if _is_data(n, context)} or judge.holds(statement, context) == "yes":
        return "apart"
    return "unknown"


def _is_zero(term: Term) -> bool:
    return is_num(term, 0) or term.head == "zeros"


def _is_data(name: str, context: Context) -> bool:
    symbol = context.symbols.get(name)
    return symbol is not None and symbol.role == "variable" and name not in context.definitions


def expanded(term: Term, context: Context, kept: frozenset[str]) -> Term:
    """A term with every definition put in, but for those of the names that are kept."""
    for _ in range(_DEEPEST):
        names = [n for n in sorted(free_names(term)) if n in context.definitions and n not in kept]
        if not names:
            return term
        term = _put_in(term, names, context)
    return term


_DEEPEST = 8


def _put_in(term: Term, names: list[str], context: Context) -> Term:
    if term.head in ("sym", "call", "entry"):
        head = term.args[0] if term.head == "entry" and term.args[0].head == "sym" else term
        name = head.name if head.head in ("sym", "call") else ""
        definition = context.definitions.get(name) if name in names else None
        if definition is not None:
            args = term.args[1:] if term.head == "entry" else term.args
            if len(args) == len(definition.params):
                inner = tuple(_put_in(a, names, context) for a in args)
                return substitute(definition.body, dict(zip(definition.params, inner, strict=True)))
            if term.head == "sym":
                return term  # a family or function without its arguments stays as it is
    if not term.args:
        return term
    return term.with_args(tuple(_put_in(a, names, context) for a in term.args))
