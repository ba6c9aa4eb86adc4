"""Formulas as MathML, which browsers draw without script or network.

latex2mathml converts; what it gives is parsed, and kept only if every element and attribute is one of MathML's own and
no macro was left as text. Anything else is shown as its source: a formula that would be drawn wrongly is not drawn, and
nothing that a document holds can become markup. Bold and double-struck letters are mapped to their Unicode characters,
because browsers ignore the attribute that asks for them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from xml.etree import ElementTree

from markupsafe import Markup, escape

_ELEMENTS = frozenset(
    [
        "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "mfrac", "msqrt", "mroot", "mstyle",
        "mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts",
        "mprescripts", "none", "mtable", "mtr", "mtd",
    ]
)  # fmt: skip
_ATTRIBUTES = frozenset(
    [
        "display", "accent", "accentunder", "form", "fence", "separator", "stretchy", "symmetric", "maxsize",
        "minsize", "largeop", "movablelimits", "lspace", "rspace", "linethickness", "scriptlevel",
        "displaystyle", "width", "height", "depth", "voffset", "columnalign", "rowspacing", "columnspacing",
        "mathvariant",
    ]
)  # fmt: skip
_LETTERS = {"bold": "BOLD", "double-struck": "DOUBLE-STRUCK", "italic": "ITALIC", "bold-italic": "BOLD ITALIC"}
_LONGEST = 4000
_COMMENTARY = re.compile(r"\\(?:tag\*?|label)\s*\{[^{}]*\}|\\(?:nonumber|notag|displaystyle)(?![A-Za-z])")
_INLINE = re.compile(r"(?<![\\$])\$([^$]+)\$(?!\$)")
_OPTIMISER = re.compile(r"\\arg\s*(?:\\[,;:! ]\s*)?\\(max|min)(?![A-Za-z])")
_OPERATOR = re.compile(r"\\operatorname\s*\*?\s*\{([^{}]*)\}")
_DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")
_SIGNS = frozenset(["Sm", "So", "Sk", "Po"])
_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


@lru_cache(maxsize=4096)
def mathml(latex: str) -> Markup | None:
    """A formula as a `<math>` element in display style, None where it cannot be drawn as it was meant."""
    text = _prepared(latex)
    if not text or len(text) > _LONGEST or not _balanced(text):
        return None
    try:
        from latex2mathml.converter import convert

        root = ElementTree.fromstring(convert(text, display="block"))
        _clean(root)
    except Exception:  # the converter raises its own and others' errors; each means that it cannot say
        return None
    root.attrib |= {"display": "inline", "displaystyle": "true"}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def formula(latex: str) -> Markup:
    """A formula as MathML, or its source as `<code>` where it cannot be drawn."""
    return mathml(latex) or code(latex)


def code(source: str) -> Markup:
    """Source text as `<code>`, from left to right in every language."""
    return Markup('<code dir="ltr">{}</code>').format(source)


class _NotDrawn(Exception):
    """The converter gave something that is not plain MathML."""


def _prepared(latex: str) -> str:
    """The formula without what is not part of it: alignment marks, tags, labels."""
    text = _OPERATOR.sub(_operator, _OPTIMISER.sub(r"\\operatorname{arg\1}", _COMMENTARY.sub(" ", latex)))
    if r"\begin" not in text:
        text = re.sub(r"(?<!\\)&", " ", text)
        text = re.sub(r"\\\\(\s*\[[^\]]*\])?\s*$", "", text)
    return " ".join(text.split())


def _operator(match: re.Match[str]) -> str:
    """An operator's name without its spacing, which the converter does not know inside a name."""
    name = re.sub(r"\\[,;:! ]|[~ ]", "", match[1])
    return rf"\operatorname{{{name}}}"


def _balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"\\.|[{}]", text):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0 and text.count(r"\left") == text.count(r"\right")


def _clean(root: ElementTree.Element) -> None:
    for node in root.iter():
        node.tag = node.tag.removeprefix(_NAMESPACE)
        if node.tag not in _ELEMENTS or (node.text or "").startswith("\\"):
            raise _NotDrawn
        for name in list(node.attrib):
            if name not in _ATTRIBUTES:
                if name in ("href", "src", "style", "class", "id") or name.startswith("on"):
                    raise _NotDrawn
                del node.attrib[name]
        if node.tag == "mi" and node.text and len(node.text) == 1 and unicodedata.category(node.text) in _SIGNS:
            node.tag = "mo"
        if node.tag == "mo" and len(node.text or "") > 1 and (node.text or "").isalpha():
            node.tag = "mi"  # a name: as an operator it would keep its distance from its own brackets
        if node.text in ("|", "‖") and "form" not in node.attrib:
            node.attrib |= {"lspace": "0", "rspace": "0"}
        variant = node.attrib.get("mathvariant")
        if variant in _LETTERS and node.text:
            node.text = "".join(_styled(c, _LETTERS[variant]) for c in node.text)
            del node.attrib["mathvariant"]
    _join_words(root)
    _join_assignments(root)
    _space_names(root)
    _draw_roots(root)


def _styled(character: str, style: str) -> str:
    """A letter or digit in a style; the character itself where Unicode has none."""
    if character.isdecimal() and character.isascii():
        name = f"MATHEMATICAL {style} DIGIT {_DIGITS[int(character)]}"
    else:
        name = unicodedata.name(character, "").replace("LATIN ", "").replace("GREEK ", "").replace(" LETTER", "")
        name = f"MATHEMATICAL {style} {name}"
    try:
        return unicodedata.lookup(name)
    except KeyError:
        return character


def _join_words(root: ElementTree.Element) -> None:
    """Upright letters in a row become one word: `\\mathrm{Var}` is one name."""
    for parent in root.iter():
        before: ElementTree.Element | None = None
        for node in list(parent):
            upright = node.tag == "mi" and node.attrib == {"mathvariant": "normal"} and not len(node)
            if upright and before is not None:
                before.text = (before.text or "") + (node.text or "")
                parent.remove(node)
                if len(before.text) > 1:  # a name of several letters is upright of itself
                    before.attrib.clear()
            else:
                before = node if upright else None


def _join_assignments(root: ElementTree.Element) -> None:
    """`:=` is one sign."""
    for parent in root.iter():
        for colon, equals in pairwise(list(parent)):
            if colon.text == ":" and equals.tag == "mo" and equals.text == "=":
                parent.remove(colon)
                equals.text = ":="


def _space_names(root: ElementTree.Element) -> None:
    """A thin space between the name of a function and what stands beside it, unless that is an operator or bracket."""
    for parent in list(root.iter("mrow")):
        children = list(parent)
        for before, node in reversed(list(pairwise(children))):
            if (_is_name(before) and not _opens(node)) or (_is_name(node) and before.tag != "mo"):
                parent.insert(children.index(node), ElementTree.Element("mspace", {"width": "0.167em"}))


def _opens(node: ElementTree.Element) -> bool:
    return node.tag == "mo" or (node.tag == "mrow" and len(node) > 0 and _opens(node[0]))


def _is_name(node: ElementTree.Element) -> bool:
    if node.tag in ("msub", "msup", "msubsup", "munder") and len(node):
        return _is_name(node[0])
    return node.tag == "mi" and len(node.text or "") > 1


def _draw_roots(root: ElementTree.Element) -> None:
    """Roots as a sign and a line that the style sheet draws.

    Browsers draw `<msqrt>` from tables of a mathematical font; without one, as on most phones, they leave the sign out
    without a word, and √x reads x.
    """
    for node in list(root.iter()):
        if node.tag not in ("msqrt", "mroot"):
            continue
        parts = list(node)
        under, index = (parts, None) if node.tag == "msqrt" else (parts[:1], parts[1])
        for part in parts:
            node.remove(part)
        node.tag = "mrow"
        if index is not None:
            before = ElementTree.SubElement(node, "msup")
            ElementTree.SubElement(before, "mrow")
            before.append(index)
        sign = ElementTree.SubElement(node, "mo", {"form": "prefix", "stretchy": "true", "lspace": "0", "rspace": "0"})
        sign.text = "√"
        ElementTree.SubElement(node, "mrow", {"class": "radicand"}).extend(under)


def prose(text: str) -> Markup:
    """A line of prose, escaped, with what stands between dollars drawn where that can be done."""
    parts: list[Markup] = []
    end = 0
    for found in _INLINE.finditer(text):
        drawn = mathml(found[1])
        if drawn is not None:
            parts += [escape(text[end : found.start()]), drawn]
            end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
