"""Formulas as MathML: what is drawn means what was written, and nothing else becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from derive.reports.formula import code, formula, mathml, prose


def seen(latex: str) -> str:
    """The characters that a reader sees, without spaces."""
    drawn = mathml(latex)
    assert drawn is not None, latex
    return re.sub(r"<[^>]*>|\s", "", str(drawn)).replace("&lt;", "<").replace("&gt;", ">")


@pytest.mark.parametrize(
    ("latex", "characters"),
    [
        (r"(a+b)^2 &= a^2 + 2ab \tag{3} \label{eq:x} \\", "(a+b)2=a2+2ab"),
        (r"\frac{1}{2n} \|X w - y\|^2", "12n‖Xw−y‖2"),
        (r"\operatorname*{arg\,min}_w f(w) \leqslant 3", "argminwf(w)⩽3"),
        (r"\mathbf{1}_n + \mathbf{x} + \boldsymbol\theta", "𝟏n+𝐱+𝜽"),
        (r"\mathbb{E}[X] = \mathbb 1[x > 0]", "𝔼[X]=𝟙[x>0]"),
        (r"\mathrm{Var}(X) \ne \mathrm{ReLU}(x)", "Var(X)≠ReLU(x)"),
        (r"\sqrt{a+b} + \sqrt[3]{x}", "√a+b+3√x"),
        (r"\begin{cases} x & x \ge 0 \\ 0 & x < 0 \end{cases}", "{xx≥00x<0"),
        (r"x^{(i)}_j \odot \hat{y}^\top", "xj(i)⊙y^⊤"),
        (r"\arg\max_\theta P(y \mid \theta) = \arg\,\min_w f", "argmaxθP(y∣θ)=argminwf"),
        (r"w := w - \alpha g", "w:=w−αg"),
        (r"a \Rightarrow b \iff c", "a⇒b⟺c"),
    ],
)
def test_every_character_is_drawn(latex: str, characters: str) -> None:
    assert sorted(seen(latex)) == sorted(characters)


def test_roots_need_no_font() -> None:
    drawn = str(mathml(r"\sqrt{a+b}"))
    assert "msqrt" not in drawn
    assert '<mrow class="radicand"><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow></mrow>' in drawn


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{1}{1", r"\foo x", r"e^{-t", "", r"\left( a", r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}",
        "x" * 5000, r"\class{evil}{x}", "}{", r"\frac", "a_1_2^3^4",
    ],
)
def test_what_cannot_be_drawn_is_shown_as_source(latex: str) -> None:
    assert mathml(latex) is None
    assert formula(latex) == code(latex)


@pytest.mark.parametrize(
    "latex",
    [
        "<script>alert(1)</script>",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\mathrm{</math><script>}",
        r"\operatorname{<b>x</b>}",
        r"\color{red\" onclick=\"x}{a}",
        "</code><script>alert(1)</script>{",
        "&lt;script&gt; &amp; &#60;b&#62;",
        r"\unicode{x3c}b\unicode{x3e}",
    ],
)
def test_nothing_becomes_markup(latex: str) -> None:
    found: set[str] = set()

    class Elements(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            found.add(tag)
            assert not any(name.startswith("on") or name in ("href", "src", "style") for name, _ in attributes)

    Elements().feed(str(formula(latex)))
    assert found
    assert not found & {"script", "img", "b"}


def test_prose_has_its_formulas_drawn_and_its_text_escaped() -> None:
    drawn = str(prose(r"The <b>bias</b> & $x_0 = 1$, costs \$5 and $\foo$ or $3"))
    assert drawn.startswith("The &lt;b&gt;bias&lt;/b&gt; &amp; <math")
    assert drawn.endswith(r"</math>, costs \$5 and $\foo$ or $3")
    assert drawn.count("<math") == 1
