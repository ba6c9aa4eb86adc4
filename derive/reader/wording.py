"""Problems of the reader in words: what was read, what is wrong, what to try.

One row per problem code: a sentence in which the problem's details stand in braces. Codes of the shape checker and of
proof scripts are worded here too; places are added by the reports. It decides nothing.
"""

from __future__ import annotations

import re

from derive.language.statement import Problem
from derive.reader.script_wording import script_wording

WORDS: dict[str, str] = {
    # signs and brackets
    "unknown-sign": "the sign {sign} has no meaning in a formula",
    "unknown-command": "{found} is not a command that is understood here",
    "notation-unsupported": "{found} is understood, but what it means here is not supported yet",
    "environment-unknown": "the environment {name} is not supported in a formula",
    "environment-unclosed": "the environment {name} is not closed by its \\end",
    "no-such-letter": "{letter} has no such style",
    "macro-too-deep": "macros are nested too deeply, or expand to themselves",
    "formula-too-long": "the formula is too long to be read",
    "document-too-long": "the file is too long to be read",
    "nested-too-deep": "brackets are nested too deeply to be read",
    "notebook-unreadable": "the file is not a notebook that can be read",
    "math-unclosed": "display math opens here and is not closed",
    "brace-open": "the brace { opens here and is not closed",
    "braces-expected": "put braces around what belongs to {found}",
    "argument-expected": "something in braces is expected here",
    "fence-expected": "\\left and \\right must be followed by a bracket",
    "fence-unopened": "{sign} closes something that was not opened",
    "fence-unclosed": "\\left{sign} has no \\right",
    "bracket-unclosed": "this bracket is not closed: {wanted} is expected",
    "power-of-entry": "the superscript may belong to {name} or to its entry: put the brackets that are meant",
    "double-factorial": "!! may be a double factorial or a factorial twice: put the brackets that are meant",
    "binomial-or-power": "{name} with both scripts may be a binomial coefficient: write \\binom, or use brackets",
    "order-of-magnitude": "this order of magnitude is not understood: "
    "write A = B + O(x^k), and declare the limit in which it is meant",
    "expectation-or-product": "E before {name} may be its expectation or a factor: write E[{name}], or E \\cdot {name}",
    "cross-product": "a cross product of vectors is not understood; write \\cdot, \\odot or \\otimes for the others",
    "digits-grouped": "a comma between digits may group them or separate numbers: leave it out, or add a space",
    "list-without-relation": "what stands before this comma claims nothing: write every relation out, numbers as 0.5",
    "bracket-unopened": "the bracket {found} closes nothing that was opened",
    "bracket-unmatched": "{found} closes a bracket of another kind: {wanted} is expected",
    "sign-expected": "{wanted} is expected here",
    "not-expected-here": "{found} has no meaning in this place",
    "expression-expected": "an expression is expected here",
    "part-of-family": "this is said of a part of the family {name} only: declare that part as a family of its own",
    "name-expected": "a name is expected here: a letter or a word, with labels",
    "statement-expected": "a statement is expected here (such as a = b), not a value",
    "value-expected": "a value is expected here, not a statement",
    "condition-expected": "a condition is expected here, such as x > 0",
    "running-text": 'the text "{text}" stands inside a formula, where its meaning is not known',
    "text-with-meaning": 'the text "{text}" changes what is claimed: write it with \\Rightarrow, \\iff, or as a given',
    "mark-unclear": "what {mark} above a sign means is not known: leave it out, or say it in words",
    # letters, scripts, calls
    "word-or-product": (
        "{word} may be one name or a product of letters: write \\mathrm{{{word}}}, or separate the letters"
    ),
    "call-or-product": (
        "{name}(…) may be a function applied or a product: declare {name} in the givens, or write {name} \\cdot (…)"
    ),
    "double-script": "a second script of the same kind: put braces around the first one and what it belongs to",
    "script-empty": "the script is empty",
    "superscript-unclear": (
        "the superscript {label} may be a label or a power: declare {name}^{{{label}}}, or use brackets"
    ),
    "function-power-unclear": "the power may belong to {name} or to its argument: put the brackets that are meant",
    "function-argument-unclear": "where the argument of the function before ends is not clear: put it in brackets",
    "function-argument-missing": "{name} has no argument",
    "function-without-argument": "the function {name} stands without an argument",
    "function-family": "a family of functions ({name} with an index) is not supported",
    "digit-after-factor": "a number after a factor: write \\cdot between them, or the number first",
    "division-unclear": "what belongs to the denominator is not clear: write \\frac{…}{…}, or use brackets",
    "operators-mixed": "{first} stands beside another product without brackets: put the brackets that are meant",
    "dots-unclear": "the dots do not continue one series: write the sum with \\sum, or more of its terms",
    "accent-on-expression": "an accent is understood only on one letter or word",
    "dot-without-variable": "{name} with a dot needs {name} to be defined as a function of a declared variable",
    "prime-unclear": "a prime is understood only behind the name of a function or symbol",
    "prime-of-several": "a prime on {name}, which has several arguments: write \\frac{\\partial}{\\partial x}",
    "set-not-value": "braces make a set, which is no value here",
    "case-condition-missing": "a case needs its condition behind &",
    "cases-uneven": "a case needs a value and a condition",
    "matrix-rows-uneven": "the rows of the matrix differ in length",
    "infinity-as-value": "∞ is understood only as an end of a range, in a limit, or in “< ∞”",
    "partial-outside-fraction": "∂ is understood only in a fraction \\frac{\\partial …}{\\partial …}",
    "norm-unclear": "the norm of a matrix: write \\|…\\|_F for the Frobenius norm",
    "norm-unknown": "the norm ‖…‖_{norm} is not known: 1, 2, F and \\infty are",
    # names and roles
    "unknown-symbol": "{name} is not declared{nearest}",
    "undeclared-index": "{name} has an index but is not declared: declare it, with the range of its index",
    "undeclared-family": "{name} is indexed by {index}, whose range is not known: declare {name} with its range",
    "undeclared-tensor": "{name} is transposed but not declared: declare it as a vector or a matrix",
    "role-unclear": "what {name} is can be read in two ways ({roles}): declare it in the givens",
    "index-on-scalar": "{name} has an index but is a single value",
    "index-count": "{wanted} indices fit here, not {found}",
    "index-not-affine": "an index must be a sum of indices, sizes and whole numbers",
    "index-not-integer": "`{name}` stands as an index, but it is no whole number",
    "expectation-partial": "the expectation says what it is over, and {names} is random too: declare what is meant",
    "expectation-domain": "is {name} a density or a mass function? declare it as a function on a set",
    "element-as-number": "{name} is an element of a finite set of {set} elements, which are no numbers",
    "element-of-another-set": "this function is declared on another set ({wanted}, not {found})",
    "range-missing": "the range of the index {name} is not known: write it, or declare what it indexes",
    "limit-reach": "{name} is also written outside the limit: write \\lim in front of each expression it belongs to",
    "optimum-reach": "{name} is also written behind what is optimised: put what is meant into brackets",
    "range-unclear": "the index {name} would run over different ranges ({ranges}): write the range, or check the index",
    "range-start-missing": "the lower end of the range is missing",
    "range-end-missing": "the upper end of the range is missing",
    "range-expected": "a range such as \\{{1, \\dots, n\\}} is expected here",
    "range-not-integers": "the ends of a range must be whole numbers and sizes",
    "range-not-consecutive": "the numbers of the range do not follow one another",
    "size-expected": "a size is expected here, such as n or n + 1",
    "size-unknown": "the size of {what} does not follow from its surroundings: write it as an index",
    "left-missing": "the line begins with a relation, but nothing stands before it",
    "left-unreadable": "the line goes on from a line that could not be read",
    "premise-missing": "the line begins with an implication, but no statement stands before it",
    "premise-unreadable": "the line follows from a line that could not be read",
    "definition-circular": "the definition of {name} uses {name} itself",
    "dependence-unknown": (
        "{name} is not declared, and is differentiated by more than one variable: declare or define it"
    ),
    # calculus and probability
    "derivative-order": "the order of the derivative does not match its variables",
    "derivative-variable": "a variable is expected here: what is differentiated by",
    "derivative-out-of-reach": "this derivative of {name} is not supported",
    "derivative-shapes": "the derivative of a {left} by a {right} is not supported",
    "gradient-variable": "what the gradient is taken with respect to is not clear: write \\nabla_w",
    "differential-expected": "the integral has no dx",
    "integral-without-limits": "an integral without limits: write its limits, or differentiate the result instead",
    "evaluation-variable": "which variable the bounds belong to is not clear{names}: write [F(x)]_{{x=a}}^{{b}}",
    "variable-expected": "a variable is expected here",
    "optimiser-variable": "what is varied is missing: write \\arg\\max_x",
    "expectation-over": "the expectation is over {name}, which is not declared as random",
    "event-expected": "an event is expected here, such as X > 0, or a declared event",
    "distribution-unknown": "the distribution {name} is not known",
    "distribution-convention": "the last parameter of {name} has two meanings in use: {first} or {second}",
    "distribution-parameters": "the distribution {name} has {wanted} parameters",
    "density-expected": "a density such as p(x; \\theta) is expected here",
    "argument-count": "{name} takes {wanted} arguments, not {found}",
    "argument-shape": "{name} takes a {wanted} here, not a {found}",
    # shapes
    "shapes-differ": "the two sides differ in shape: {left} and {right}",
    "product-does-not-conform": "the product does not conform: {left} times {right}",
    "block-does-not-fit": "the block in row {row}, column {column} does not fit beside the others: it is a {found}",
    "scalar-expected": "a scalar is expected here, not a {found}",
    "vector-expected": "a vector is expected here, not a {found}",
    "tensor-expected": "a vector or matrix is expected here, not a {found}",
    "square-matrix-expected": "a square matrix is expected here, not a {found}",
    "division-by-tensor": "a {found} cannot be divided by: multiply by its inverse",
    "power-of-tensor": "a {found} has no such power",
    "matrix-power-not-integer": "a matrix has only whole powers here",
    "condition-behind-comma": "this may be the condition of what stands before it or a claim of its own: "
    "put a condition among the givens, a claim on a line of its own",
    "bars-of-vector": "| | of a {found} may be its norm or taken entry by entry: write \\| \\| for the norm",
    "entrywise-of-matrix": "{head} of a {found} may be meant entry by entry or of the matrix: write which",
    "moment-of-matrix": "the variance of a {found} is not supported",
    "norm-of-matrix": "the norm of a {found}: write \\|…\\|_F for the Frobenius norm",
    "order-of-tensors": "a {found} cannot be compared by < or ≤: compare entries or quadratic forms",
    "family-without-index": "the family {name} stands without its index",
    "head-without-shape": "{head} is not supported",
    # givens
    "declaration-expected": "a declaration or a formula is expected here",
    "declaration-not-statement": "a declaration of this kind belongs in the givens",
    "declared-twice": "{name} is declared twice: as {first} and as {second}",
    "domains-contradict": "what is declared of {name} contradicts itself: no value is left",
    "relation-expected": "a relation is missing: what is declared of these names?",
    "set-expected": "a set is expected here, such as \\mathbb{{R}}^n or (0, 1)",
    "set-unknown": "the set {name} is not known",
    "set-unsupported": "the set {set} is not supported: ℝ, ℕ, ℤ, intervals and finite sets are",
    "too-many-axes": "vectors and matrices have at most two axes",
    "phrase-unknown": 'the phrase "{phrase}" is not known: see the list of phrases for givens',
    "property-of-matrix": "{name} is a {kind}, which cannot be {property}: that is said of a matrix",
    "property-of-square": "{name} is a {kind}, which cannot be {property}: that is said of a square matrix",
    "property-of-function": "{name} is a {kind}, which cannot be {property}: that is said of a function",
    "independent-of-what": "{name} is independent of what? Name what it is independent of",
    "random-shape": "the size of the random vector {name} is not known: declare {name} \\in \\mathbb{{R}}^n first",
}

_SHORT = {
    "\\|": "‖",
    "\\\\": "the line break \\\\",
    "&": "the alignment mark &",
    ",": "a comma",
    ".": "a full stop",
    "": "the end of the formula",
}


class _Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def wording(problem: Problem) -> str:
    """One sentence for a problem, without its place."""
    spoken = script_wording(problem)
    if spoken is not None:
        return spoken
    row = WORDS.get(problem.code)
    details = _Details({key: " ".join(value.split()) for key, value in problem.details})
    if row is None:
        listed = ", ".join(f"{key}: {value}" for key, value in details.items() if value)
        return problem.code.replace("-", " ") + (f" ({listed})" if listed else "")
    if problem.code == "unknown-symbol":
        near = details.get("nearest", "")
        details["nearest"] = f" (near: {near})" if near else ""
    if problem.code == "evaluation-variable":
        names = details.get("names", "")
        details["names"] = f" ({names})" if names else ""
    if problem.code == "index-count":
        details["found"] = details.get("found_count") or details.get("found", "…")
    elif "found" in details:
        details["found"] = _SHORT.get(details["found"], details["found"])
    text = _filled(row, details)
    if problem.code in _AT_TOKEN and problem.detail("found", "?") != "?":
        text += f" (found {details['found']})"
    if "repair" in details:
        text += f"; perhaps it should read {details['repair']}"
    return text


_AT_TOKEN = frozenset(["sign-expected", "expression-expected", "argument-expected", "name-expected", "set-expected"])


def _filled(row: str, details: _Details) -> str:
    """The row with its details; braces of LaTeX stay."""
    text = re.sub(r"\}\}(?!\})", "\1", row.replace("{{", "\0"))  # of three, the inner brace is the detail's
    for key in details:
        text = text.replace(f"{{{key}}}", details[key])
    return text.replace("\0", "{").replace("\1", "}")
