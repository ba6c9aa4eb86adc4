"""What went wrong in a proof script, in words.

One row per problem code of `script/`: a sentence in which the problem's details stand in braces, and what to write
instead. Places are added by the reports. It knows nothing of SymPy and is read by `wording.py`.
"""

from __future__ import annotations

from derive.language.statement import Problem

SCRIPT_WORDS: dict[str, str] = {
    "script-bool": (
        "Python or SymPy has already decided this statement ({text}): write it with Eq, Ne, Lt, Le, Gt or Ge of "
        "derive.script, which keep it as it is"
    ),
    "script-complex": "{text} is complex, infinite or undefined: scripts speak of real numbers",
    "script-declared-twice": "{name} is declared twice in this derivation",
    "script-float": "{text} is a rounded number in Python: write a fraction, Rational(1, 2) instead of 0.5 or 1/2",
    "script-index-outside": "the index {name} is used outside its sum: give it a range, d.index({name!r}, n)",
    "script-no-range": "{text} needs a range: d.index(…, n), or Sum(…, (i, 1, n))",
    "script-no-statement": "{text} is a value, not a statement: compare it with Eq, Le, … or use d.equal",
    "script-no-value": "{text} is a statement where a value is expected",
    "script-one-side": "this step has only one side: give what it equals, or what it is compared with",
    "script-other-symbol": "two symbols are called {name} and differ in SymPy's assumptions: use the declared one",
    "script-parameter": "the parameter {name} of a function must be a plain real number, d.scalar({name!r})",
    "script-raised": "the script raises {error}: {message}",
    "script-recurrence": "{text} is no recurrence: write Eq(m[t], …) with a declared index t",
    "script-size": "{text} is no number of entries: a size is declared by d.size, or is a whole number",
    "script-syntax": "this is no Python: {message}",
    "script-undeclared": "the shape of {name} ({what}) is not declared: declare it, as d.family({name!r}, n)",
    "script-unreadable-file": "the file cannot be read: {message}",
    "script-unsupported": "{what} is not supported in derivations: {text}",
    "script-without-derivation": 'the file holds no derivation: mark a function with @derivation("title")',
    "script-without-step": "the derivation has no step: state one with d.equal, d.chain, d.follows, …",
}


class _Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def script_wording(problem: Problem) -> str | None:
    """One sentence for a problem of a script; None for a code that is not a script's."""
    row = SCRIPT_WORDS.get(problem.code)
    if row is None:
        return None
    details = {key: " ".join(value.split()) for key, value in problem.details}
    if problem.code == "script-raised" and not details.get("message"):
        return f"the script raises {details.get('error', 'an exception')}"
    return row.format_map(_Details(details))
