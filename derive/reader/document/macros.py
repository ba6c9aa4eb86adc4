"""Macro definitions, taken out of a document's text; spaces keep the places."""

from __future__ import annotations

import re

from derive.reader.latex.tokens import Macro

_MACRO = re.compile(
    r"\\(?:re)?newcommand\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?:\[(\d)\])?\s*\{|\\def\s*(\\[A-Za-z]+)((?:#\d)*)\s*\{"
    r"|\\DeclareMathOperator\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*\{"
)


def collect_macros(text: str, macros: dict[str, Macro]) -> str:
    """Take macro definitions out of a text (spaces keep the places)."""
    result: list[str] = []
    place = 0
    for match in _MACRO.finditer(text):
        if match.start() < place:
            continue
        end = closing_brace(text, match.end() - 1)
        if end is None:
            continue
        body = text[match.end() : end]
        name = match.group(1) or match.group(3) or match.group(5)
        if match.group(5):
            body = f"\\operatorname{{{body}}}"
        count = int(match.group(2) or 0) if match.group(1) else len(match.group(4) or "") // 2
        macros[name] = Macro(count, body)
        result.append(text[place : match.start()])
        result.append(re.sub(r"[^\n]", " ", text[match.start() : end + 1]))
        place = end + 1
    result.append(text[place:])
    return "".join(result)


def closing_brace(text: str, opening: int) -> int | None:
    """The place of the brace that closes the one at `opening`."""
    level = 0
    place = opening
    while place < len(text):
        if text[place] == "\\":
            place += 2
            continue
        if text[place] == "{":
            level += 1
        elif text[place] == "}":
            level -= 1
            if level == 0:
                return place
        place += 1
    return None


def blank(text: str) -> str:
    """Spaces of the same length; line ends stay."""
    return re.sub(r"[^\n]", " ", text)
