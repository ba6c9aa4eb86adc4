"""Documents: chains across blocks, sections, definitions, places, and formats."""

import json

import pytest

from derive.language.printing import plain
from derive.reader.document import given_lines, read_document
from derive.reader.wording import wording


def steps(text, path="x.md", givens=()):
    return [s for d in read_document(path, text, givens).derivations for s in d.steps]


def told(text, path="x.md", givens=()):
    return [
        (s.kind, plain(s.statement) if s.statement is not None else s.problem.code) for s in steps(text, path, givens)
    ]


GIVEN = "```given\nX \\in \\mathbb{R}^{n \\times d}\ny \\in \\mathbb{R}^n\nw \\in \\mathbb{R}^d\n```\n"


def test_chain_across_blocks_and_definition():
    text = GIVEN + "$$L(w) = \\|Xw - y\\|^2$$\nwords\n$$= w^T X^T X w - 2 y^T X w + y^T y$$\n\\[ \\ge 0 \\]\n"
    assert told(text) == [
        ("definition", "L(w) = ‖X w − y‖²"),
        ("claim", "‖X w − y‖² = wᵀ Xᵀ X w − 2 yᵀ X w + yᵀ y"),
        ("claim", "wᵀ Xᵀ X w − 2 yᵀ X w + yᵀ y ≥ 0"),
    ]
    assert plain(steps(text)[2].origin) == "L(w)"


def test_condition_is_open_and_implication_takes_the_statement_before():
    text = GIVEN + "$$X^T X w = X^T y$$\n$$\\Rightarrow w = (X^T X)^{-1} X^T y$$"
    assert told(text) == [
        ("open", "Xᵀ X w = Xᵀ y"),
        ("claim", "Xᵀ X w = Xᵀ y ⇒ w = (Xᵀ X)⁻¹ Xᵀ y"),
    ]


def test_zero_at_the_end_of_a_gradient_chain_is_open():
    text = GIVEN + "$$L(w) = \\|Xw - y\\|^2$$\n$$\\nabla L(w) = 2 X^T (Xw - y) = 0$$"
    assert [kind for kind, _ in told(text)] == ["definition", "claim", "open"]
    assert [kind for kind, _ in told("$$x^2 = x \\cdot x = 0$$")] == ["claim", "claim"]


def test_implication_on_one_line_claims_only_the_implication():
    assert told("$$x^2 = 1 \\Rightarrow x = 1$$") == [("claim", "x² = 1 ⇒ x = 1")]
    assert told("$$0 < x \\iff 0 < 2x < 4x$$") == [("claim", "0 < x ⇔ 0 < 2 x and 2 x < 4 x")]


def test_second_update_claims_the_same_update():
    text = "```given\nw, g, a \\in \\mathbb{R}\n```\n$$w := w - a g$$\n$$w := w - g a$$"
    assert told(text) == [("update", "w = w − a g"), ("claim", "w − a g = w − g a")]


def test_a_second_equation_for_a_defined_name_is_no_definition():
    assert [kind for kind, _ in told("$$S = a + b$$\n$$S = b + a$$")] == ["definition", "open"]


def test_unreadable_line_breaks_what_depends_on_it():
    text = "$$x = (y + $$\n\n$$= z$$\n\n$$\\Rightarrow z = 1$$\n\n$$a + a = 2a$$"
    assert [code for _, code in told(text)] == [
        "expression-expected",
        "left-unreadable",
        "premise-unreadable",
        "a + a = 2 a",
    ]


def test_line_without_left_side():
    assert told("$$= x$$") == [("claim", "left-missing")]


@pytest.mark.parametrize("name", ["align", "align*", "gather", "eqnarray", "aligned", "split"])
def test_environments(name):
    rows = "(a + b)^2 &= a^2 + 2ab + b^2 \\\\\n &\\ge 2ab \\nonumber \\\\\n & \\quad {} + a^2 \\tag{1}"
    inside = f"\\begin{{{name}}}\n{rows}\n\\end{{{name}}}"
    expected = [("claim", "(a + b)² = a² + 2 a b + b²"), ("claim", "a² + 2 a b + b² ≥ 2 a b + a²")]
    assert told(f"$$\n{inside}\n$$") == expected
    if name not in ("aligned", "split"):
        assert told(inside) == expected


def test_cases_inside_align_keep_their_rows():
    text = "\\begin{align}\nf(x) &= \\begin{cases} x & x \\ge 0 \\\\ -x & x < 0 \\end{cases} \\\\ &= |x|\n\\end{align}"
    assert told(text) == [
        ("definition", "f(x) = { x if x ≥ 0; −x if x < 0 }"),
        ("claim", "{ x if x ≥ 0; −x if x < 0 } = |x|"),
    ]


def test_multline_is_one_formula():
    assert told("\\begin{multline} a + b \\\\ = b + a \\end{multline}") == [("open", "a + b = b + a")]


def test_sections_end_declarations():
    text = "# 1.1 First\n$$f(x) = x^2$$\n## 1.1.1 Inside\n$$f(2) = 4$$\n# 1.2 Second\n$$f(x) = x^3$$\n"
    found = read_document("x.md", text).derivations
    assert [(d.name, [s.kind for s in d.steps]) for d in found] == [
        ("1.1", ["definition"]), ("1.1.1", ["open"]), ("1.2", ["definition"]),
    ]  # fmt: skip
    assert [s.id for d in found for s in d.steps] == ["1.1/1", "1.1.1/1", "1.2/1"]


def test_persian_digits_name_a_section():
    assert read_document("x.md", "## ۲.۱ پرسش\n$$a = a$$").derivations[0].name == "2.1"


def test_places_are_exact():
    text = "# T\n\nwords $x>0$\n\n$$\na + b\n= b + a + $$\n"
    step = steps(text)[0]
    assert step.problem is not None and step.problem.span is not None
    document = read_document("x.md", text)
    assert document.source.place(step.span.start) == (6, 1)
    assert text[step.span.start : step.span.end] == "a + b\n= b + a +"
    assert wording(step.problem).startswith("an expression is expected here")


def test_inline_math_only_declares():
    text = "Let $X \\in \\mathbb{R}^{n \\times d}$ and $a > 0$; then $a^2 = 5$ and $q(($ are prose.\n$$X^T X = X^T X$$"
    context = steps(text)[0].context
    assert str(context.symbols["X"].shape) == "matrix[n, d]" and context.symbols["a"].domain.kind == "interval"
    assert told(text) == [("open", "Xᵀ X = Xᵀ X")]


def test_code_and_fences_are_no_math():
    text = "`$$x = $$` and\n```python\ny = '$$ = $$'\n```\n```math\na + b = b + a\n```\n"
    assert told(text) == [("open", "a + b = b + a")]


def test_unclosed_math_is_said():
    assert told("$$x = y\n\nmore words") == [("claim", "math-unclosed")]


def test_bad_given_is_a_step_with_its_place():
    text = "```given\nx \\in \\mathbb{R}\nx is lucky\n```\n$$x = x$$"
    found = steps(text)
    assert [s.problem.code if s.problem else s.kind for s in found] == ["phrase-unknown", "open"]
    assert text[found[0].span.start : found[0].span.end] == "lucky"


def test_latex_file():
    text = (
        "\\documentclass{article}\n\\newcommand{\\R}{\\mathbb{R}}\n\\newcommand{\\norm}[1]{\\left\\|#1\\right\\|}\n"
        "\\DeclareMathOperator{\\relu}{relu}\n"
        "\\begin{document}\n\\section{2.1 Norms}\n% given: x \\in \\R^n\n% a remark: $$broken((\n"
        "\\begin{equation}\n\\norm{x}^2 = x^T x \\label{eq:a}\n\\end{equation}\n\\end{document}\n"
    )
    assert told(text, "x.tex") == [("open", "‖x‖² = xᵀ x")]
    assert read_document("x.tex", text).derivations[0].name == "2.1"


def test_notebook():
    book = {
        "cells": [
            {"cell_type": "markdown", "source": ["# A\n", "$$a + b = b + a$$"]},
            {"cell_type": "code", "source": "x = '$$ = $$'"},
        ]
    }
    assert told(json.dumps(book), "x.ipynb") == [("open", "a + b = b + a")]
    assert read_document("x.ipynb", "{").problem.code == "notebook-unreadable"


def test_givens_from_elsewhere():
    assert given_lines(GIVEN)[1] == "y \\in \\mathbb{R}^n"
    assert told("$$X^T y = X^T y$$", givens=[GIVEN]) == [("open", "Xᵀ y = Xᵀ y")]


def test_layout_of_a_jacobian_follows_its_first_use():
    given = "```given\nx \\in \\mathbb{R}^m\nW \\in \\mathbb{R}^{m \\times p}\nh = W^T x\n```\n"
    assert told(given + "$$\\frac{\\partial h}{\\partial x} = W$$") == [("open", "∂h/∂x = W")]
    assert told(given + "$$\\frac{\\partial h}{\\partial x} = W^T$$") == [("open", "∂h/∂x = Wᵀ")]
    both = "$$\\frac{\\partial h}{\\partial x} = W$$\n\n$$\\frac{\\partial h}{\\partial x} = W^T$$"
    assert [code for _, code in told(given + both)] == ["∂h/∂x = W", "shapes-differ"]


def test_inferred_roles_are_listed():
    text = "```given\nx_i \\in \\mathbb{R}, i = 1, \\dots, n\n```\n$$c x_k = x_k c$$"
    assert read_document("x.md", text).derivations[0].inferred == ("c: real scalar", "k: index from 1 to n")


@pytest.mark.parametrize(
    "text", ["", "#", "$$", "$$$$", "```given", "\\begin{align}", "$$\\begin{cases}$$", "\0", "```given\n,\n```"]
)
def test_odd_documents_are_read_without_raising(text):
    for path in ("x.md", "x.tex", "x.ipynb", "-"):
        read_document(path, text)


def test_several_formulas_on_one_line_define_and_claim_in_turn():
    assert told(r"$$f(x) := x^2, \quad g(x) := x^3, \quad g(2) = 8$$") == [
        ("definition", "f(x) = x²"),
        ("definition", "g(x) = x³"),
        ("open", "g(2) = 8"),
    ]


def test_letters_with_a_meaning_may_be_defined():
    given = "```given\nA \\in \\mathbb{R}^{n \\times n}\n```\n"
    assert told(given + "$$I = \\int_0^1 t dt$$\n\n$$I_n A = A$$") == [
        ("definition", "I = ∫_{0}^{1} t dt"),
        ("open", "I_n A = A"),
    ]
    assert told(given + "$$I = A A^{-1}$$") == [("open", "I_n = A A⁻¹")]


def test_display_declarations_are_in_force():
    text = "$$x \\in \\mathbb{R}^n$$\n\n$$X \\sim \\mathcal{N}(0, 1)$$\n\n$$x^T x = \\|x\\|^2$$"
    assert told(text) == [("condition", "true"), ("condition", "X ~ normal(0, 1)"), ("open", "xᵀ x = ‖x‖²")]


def test_what_latex_leaves_out_is_not_read():
    text = r"""\begin{document}
\[ x^2 = x^2 \]
\iffalse
\[ 1 = 2 \]
\fi
\[ 2 x = x + x \]
\end{document}
\[ 5 = 6 \]
"""
    assert told(text, "x.tex") == [("open", "x² = x²"), ("open", "2 x = x + x")]


def test_running_text_declares_anew_what_a_heading_above_declares():
    text = """# One

$$ y = 3 $$

## Two

Let $y \\in \\mathbb{R}^n$.

$$ y^T y \\ge 0 $$

Where $y \\in \\mathbb{R}$, this is prose.

$$ y^T y = \\|y\\|^2 $$
"""
    assert all(s.problem is None for s in steps(text))
    assert steps(text)[2].context.symbols["y"].shape.rank == 1
