"""Steps of a recurrence written out: `w_{t+1} - w_t = -η g_t` from `w_{t+1} = w_t - η g_t`.

A member at the largest index in the statement is replaced by what its recurrence says, as long as a smaller index of
the same sequence occurs beside it and the recurrence holds there; the normal form decides the equation that is left.
Statements with integrals, limits, moments or optimisers are left alone, and so are members under a sum's own index. A
derivative of a member is that of what the recurrence says it is.
"""

from __future__ import annotations

from derive.language.affine import Affine, affine_of, term_of
from derive.language.budget import Budget
from derive.language.decision import Declined, Outcome, Proof
from derive.language.heads import HEADS, Kind
from derive.language.sequence import Recurrence, plain_indices, recurrences
from derive.language.shape import Checked, elaborate
from derive.language.statement import Step
from derive.language.term import Term, free_names, rewrite, substitute, sym, walk
from derive.normal_form.assembly import assemble
from derive.normal_form.index import Ranges
from derive.normal_form.zero import Equal, decide
from derive.procedures.procedure import Example, Procedure

_MOST = 8
_ALONE = frozenset([Kind.CALCULUS, Kind.PROBABILITY, Kind.OPTIMISER])


def _decide(step: Step, budget: Budget) -> Outcome:
    statement = step.statement
    assert statement is not None
    known = {r.name: r for r in recurrences(step.context) if step.context.symbols[r.name].family}
    if not known.keys() & free_names(statement):
        return Declined("no recurrence is in force for what the statement is about")
    if any(HEADS[node.head].kind in _ALONE and node.head != "deriv" for node in walk(statement)):
        return Declined("no plain statement about members of a sequence")
    ranges = assemble(step.context, budget).ranges
    for count in range(_MOST):
        following = _unfold_one(statement, known, ranges)
        if following is None:
            if not count:
                return Declined("no two neighbouring members occur")
            break
        statement = following
    checked = elaborate(statement, step.context)
    if not isinstance(checked, Checked):
        return Declined("the shapes do not conform")
    left, right = checked.term.args
    shape = elaborate(left, step.context)
    if not isinstance(shape, Checked):
        return Declined("the shapes do not conform")
    found = decide(left, right, shape.shape, step.context, budget)
    if not isinstance(found, Equal):
        return Declined("the recurrence written out does not give the statement")
    return Proof("recurrence written out", found.conditions, evidence=(f"members replaced {count} times",))


def _unfold_one(statement: Term, known: dict[str, Recurrence], ranges: Ranges) -> Term | None:
    """The statement with the members at one index replaced, None where there is none to replace."""
    free = free_names(statement)
    offsets: dict[tuple[str, Affine], list[int]] = {}
    for node in walk(statement):
        if node.head != "entry" or node.args[0].head != "sym" or node.args[0].name not in known or len(node.args) != 2:
            continue
        index = affine_of(node.args[1])
        if index is not None and index.names and index.names <= free:
            offsets.setdefault((node.args[0].name, index + (-index.constant)), []).append(index.constant)
    for (name, base), constants in offsets.items():
        recurrence, top = known[name], base + max(constants)
        first, last = affine_of(recurrence.first), affine_of(recurrence.last)
        if max(constants) == min(constants) or first is None or not ranges.at_least_zero(top - first):
            continue
        if recurrence.last.head != "infinity" and (last is None or not ranges.at_least_zero(last - top)):
            continue
        body = rewrite(substitute(recurrence.body, {recurrence.index: term_of(top)}), plain_indices)

        def member(node: Term, name: str = name, top: Affine = top, body: Term = body) -> Term | None:
            same = node.head == "entry" and node.args[0] == sym(name) and len(node.args) == 2
            return body if same and affine_of(node.args[1]) == top else None

        return rewrite(statement, member)
    return None


_MOMENTUM = (
    r"\beta, \eta \in \mathbb{R}",
    r"g_t \in \mathbb{R}, t = 0, \dots, T",
    r"m_{t+1} = \beta m_t + g_t, t = 0, \dots, T",
    r"w_{t+1} = w_t - \eta m_{t+1}, t = 0, \dots, T",
    r"t \in \{1, \dots, T\}",
)

PROCEDURE = Procedure(
    "unfolding",
    frozenset(["eq"]),
    _decide,
    "equations between neighbouring members of a sequence, by writing out its recurrence",
    proves=(Example(_MOMENTUM, r"w_{t+1} = w_t - \eta g_t + \beta (w_t - w_{t-1})"),),
    declines=(Example(_MOMENTUM, r"w_{t+1} = w_t - \eta g_t - \beta (w_t - w_{t-1})"),),
)
