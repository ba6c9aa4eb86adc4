"""Names of symbols, and how they are spelled in LaTeX.

A name is one readable Unicode string: a letter or word, an accent as a combining mark (`x̄`, `ŵ`), then marks (`′`,
`*`, `⁺`) and labels (`n_in`, `w^(t)`, `a^[l]`). This module turns LaTeX letters into such names and names back into
LaTeX. It knows nothing of what a name stands for.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_GREEK = (
    "alpha α,beta β,gamma γ,delta δ,epsilon ϵ,varepsilon ε,zeta ζ,eta η,theta θ,vartheta ϑ,iota ι,kappa κ,lambda λ,"
    "mu μ,nu ν,xi ξ,omicron ο,pi π,varpi ϖ,rho ρ,varrho ϱ,sigma σ,varsigma ς,tau τ,upsilon υ,phi ϕ,varphi φ,chi χ,"
    "psi ψ,omega ω,Gamma Γ,Delta Δ,Theta Θ,Lambda Λ,Xi Ξ,Pi Π,Sigma Σ,Upsilon Υ,Phi Φ,Psi Ψ,Omega Ω,ell ℓ,hbar ħ,"
    "imath ı,jmath ȷ,aleph ℵ"
)
LETTERS: dict[str, str] = {"\\" + row.split()[0]: row.split()[1] for row in _GREEK.split(",")}
"""LaTeX command of a letter → the letter."""
COMMANDS: dict[str, str] = {letter: command for command, letter in LETTERS.items()}

ACCENTS: dict[str, str] = {
    "\\hat": "\u0302",
    "\\widehat": "\u0302",
    "\\bar": "\u0304",
    "\\overline": "\u0304",
    "\\tilde": "\u0303",
    "\\widetilde": "\u0303",
    "\\vec": "\u20d7",
    "\\check": "\u030c",
    "\\breve": "\u0306",
    "\\underline": "\u0332",
}
_ACCENT_COMMANDS = {mark: command for command, mark in reversed(ACCENTS.items())}
MARKS: dict[str, str] = {"*": "*", "\\ast": "*", "\\star": "⋆", "+": "⁺", "-": "⁻", "\\dagger": "†", "\\circ": "°"}
"""A superscript that is a mark on the name → how it is written in the name."""
_MARK_COMMANDS = {"*": "*", "⋆": r"\star", "⁺": "+", "⁻": "-", "†": r"\dagger", "°": r"\circ"}

_HOLES = {
    "mathcal": {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"},
    "mathbb": {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"},
    "mathfrak": {"C": "ℭ", "H": "ℌ", "I": "ℑ", "R": "ℜ", "Z": "ℨ"},
    "mathbf": {},
    "mathsf": {},
}
_STARTS = {
    "mathcal": (0x1D49C, None),
    "mathbb": (0x1D538, 0x1D552),
    "mathfrak": (0x1D504, 0x1D51E),
    "mathbf": (0x1D400, 0x1D41A),
    "mathsf": (0x1D5A0, 0x1D5BA),
}
STYLES = {
    "\\mathcal": "mathcal",
    "\\mathscr": "mathcal",
    "\\mathbb": "mathbb",
    "\\mathfrak": "mathfrak",
    "\\mathbf": "mathbf",
    "\\boldsymbol": "mathbf",
    "\\bm": "mathbf",
    "\\pmb": "mathbf",
    "\\mathsf": "mathsf",
}
_BOLD_GREEK = {chr(0x3B1 + k): chr(0x1D6C2 + k) for k in range(25)}
_BOLD_GREEK |= {chr(0x391 + k): chr(0x1D6A8 + k) for k in range(25)}
_BOLD_GREEK |= {"ϵ": "𝛜", "ϑ": "𝛝", "ϕ": "𝛟", "ϱ": "𝛠", "ϖ": "𝛡"}


def styled(letter: str, style: str) -> str | None:
    """A letter in a style (`mathbf`, `mathcal`, …), or None where Unicode has none."""
    if letter in _HOLES[style]:
        return _HOLES[style][letter]
    upper, lower = _STARTS[style]
    if "A" <= letter <= "Z":
        return chr(upper + ord(letter) - ord("A"))
    if "a" <= letter <= "z" and lower:
        return chr(lower + ord(letter) - ord("a"))
    if style == "mathbf" and letter in _BOLD_GREEK:
        return _BOLD_GREEK[letter]
    return None


_UNSTYLED = {
    text: (style, letter)
    for style in _STARTS
    for letter in [*map(chr, range(65, 91)), *map(chr, range(97, 123)), *_BOLD_GREEK]
    if (text := styled(letter, style)) is not None
}


def plain_letter(letter: str) -> str:
    """A styled letter without its style."""
    return _UNSTYLED[letter][1] if letter in _UNSTYLED else letter


def accented(name: str, mark: str) -> str:
    """A base name with an accent, in Unicode's composed form."""
    return unicodedata.normalize("NFC", name + mark)


_PARTS = re.compile(r"_\{([^}]*)\}|_([^_^′*⋆⁺⁻†°]+)|\^(\([^)]*\)|\[[^\]]*\]|[^_^′*⋆⁺⁻†°]+)|([′*⋆⁺⁻†°])")


@lru_cache(maxsize=4096)
def is_labelled_by(name: str, letter: str) -> bool:
    """Whether a name carries a letter in its label, as `p_θ` does: what it names may depend on that letter."""
    base, _, label = name.strip("[]").partition("(")[0].partition("_")
    return bool(base) and letter in re.split(r"[{},;\s]+", label)


def latex_name(name: str) -> str:
    """The LaTeX of a name; reading it in a context that declares the name gives the name back."""
    if name.startswith("|") and name.endswith("|") and len(name) > 2:
        return rf"\left|{latex_name(name[1:-1])}\right|"
    match = _PARTS.search(name)
    base, rest = (name[: match.start()], name[match.start() :]) if match and match.start() else (name, "")
    decomposed = unicodedata.normalize("NFD", base)
    letters = [c for c in decomposed if not unicodedata.combining(c)]
    marks = [c for c in decomposed if unicodedata.combining(c)]
    text = "".join(letters)
    spelled = _letter(text) if len(letters) == 1 else f"\\mathrm{{{text}}}"
    for mark in marks:
        spelled = f"{_ACCENT_COMMANDS.get(mark, chr(92) + 'hat')}{{{spelled}}}"
    below: list[str] = []
    above: list[str] = []
    primes = ""
    for part in _PARTS.finditer(rest):
        braced, sub, sup, mark = part.groups()
        if mark == "′":
            primes += "'"
        elif mark:
            above.append(_MARK_COMMANDS[mark])
        elif sup is not None:
            above.append(_label(sup, text=False))
        else:
            below.append(_label(braced or sub or "", text=True))
    result = spelled + primes
    if below:
        result += f"_{{{','.join(below)}}}"
    if above:
        result += f"^{{{''.join(above)}}}"
    return result


def _letter(letter: str) -> str:
    if letter in COMMANDS:
        return COMMANDS[letter]
    if letter in _UNSTYLED:
        style, plain = _UNSTYLED[letter]
        command = "boldsymbol" if style == "mathbf" and plain in COMMANDS else style
        return f"\\{command}{{{_letter(plain)}}}"
    return letter


def _label(label: str, *, text: bool) -> str:
    if text and len(label) > 1 and label.isalpha() and label.isascii():
        return f"\\text{{{label}}}"
    return "".join(f"{_letter(c)} " if c in COMMANDS else _letter(c) for c in label).strip()
