"""Both sides of a refuted step along one variable, as an inline SVG drawn by matplotlib.

Colours are the page's own (the style sheet names them), so a plot follows light and dark; the sides also differ by
dash, for print and for eyes that do not tell the colours. Without matplotlib, the extra `plots`, there is no plot.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from markupsafe import Markup

from derive.numeric.curve import Curves

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WIDTH, _HEIGHT = 4.6, 2.3  # inches
_HUGE = 1e12
_MOST_NAMED = 6
_LEFT, _RIGHT, _INK = "#010203", "#040506", "#070809"
_CLASSES = {_LEFT: "left-side", _RIGHT: "right-side", _INK: "ink"}
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}"


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether plots can be drawn."""
    return find_spec("matplotlib") is not None


def plot(curves: Curves, anchor: str) -> Markup | None:
    """The drawing, with a description for those who do not see it; ids inside it start with `anchor`."""
    if not available():
        return None
    return _inline(_draw(curves), anchor, _description(curves))


def _description(curves: Curves) -> str:
    fixed = "".join(f", {name} = {value}" for name, value in curves.others[:_MOST_NAMED])
    fixed += ", …" if len(curves.others) > _MOST_NAMED else ""
    return f"Both sides against {curves.variable}{fixed}: they differ at {curves.variable} = {curves.at:g}."


def _draw(curves: Curves) -> str:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "derive", "font.size": 9, "text.parse_math": False}):
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        axes = figure.add_subplot()
        gap = float("nan")
        for values, colour, dash, label in (
            (curves.left, _LEFT, "-", "left side"),
            (curves.right, _RIGHT, "--", "right side"),
        ):
            ys = [gap if y is None or abs(y) > _HUGE else y for y in values]
            axes.plot(curves.xs, ys, dash, color=colour, label=label)
        axes.axvline(curves.at, color=_INK, linewidth=0.8, linestyle=":")
        limits = _limits(curves)
        if limits is not None:
            axes.set_ylim(*limits)
        axes.set_xlabel(curves.variable, color=_INK)
        axes.tick_params(color=_INK, labelcolor=_INK)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(_INK)
        figure.legend(loc="outside upper right", ncols=2, frameon=False, labelcolor=_INK)
        stream = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(stream, format="svg", transparent=True, metadata=nothing)
    return stream.getvalue()


def _limits(curves: Curves) -> tuple[float, float] | None:
    """A window that shows the middle of the values, so that one pole does not flatten everything."""
    ys = sorted(y for y in (*curves.left, *curves.right) if y is not None and abs(y) < _HUGE)
    if not ys:
        return None
    low, high = ys[len(ys) // 20], ys[-1 - len(ys) // 20]
    near = [
        y
        for x, *sides in zip(curves.xs, curves.left, curves.right, strict=True)
        if abs(x - curves.at) < 1e-9
        for y in sides
        if y is not None and abs(y) < _HUGE
    ]
    low, high = min([low, *near]), max([high, *near])
    margin = (high - low) * 0.08 or 1.0
    return low - margin, high + margin


def _inline(svg: str, anchor: str, description: str) -> Markup:
    """The SVG as an element of a page: no namespaces, ids that are its own, colours by class."""
    from xml.etree import ElementTree

    root = ElementTree.fromstring(svg)
    used = {value for node in root.iter() for value in _references(node)}
    for node in root.iter():
        node.tag = node.tag.removeprefix(_SVG)
        for name, value in list(node.attrib.items()):
            if name == "id":
                del node.attrib["id"]
                if value in used:
                    node.attrib["id"] = f"{anchor}-{value}"
            elif name == _XLINK + "href":
                del node.attrib[name]
                node.attrib["href"] = f"#{anchor}-{value[1:]}"
            elif "url(#" in value:
                node.attrib[name] = value.replace("url(#", f"url(#{anchor}-")
        _colour(node)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in ("metadata", "title", "style"):  # a style would reach the whole page
                parent.remove(child)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-label": description, "class": "plot"}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _references(node: Element) -> list[str]:
    found = [value for value in node.attrib.values() if "url(#" in value]
    names = [name for value in found for name in re.findall(r"url\(#([^)]+)\)", value)]
    href = node.attrib.get(_XLINK + "href", "")
    return [*names, href[1:]] if href else names


def _colour(node: Element) -> None:
    """Classes for the three colours of the drawing, in place of the colours."""
    style = node.attrib.get("style", "")
    for colour, name in _CLASSES.items():
        if colour in style:
            kind = "stroke" if f"stroke: {colour}" in style else "fill"
            style = re.sub(rf"(?:stroke|fill): {colour};?\s*", "", style).strip()
            node.attrib["class"] = f"{kind} {name}"
    style = re.sub(r"font-family:[^;]*;?\s*", "", style)
    if style:
        node.attrib["style"] = style
    else:
        node.attrib.pop("style", None)
