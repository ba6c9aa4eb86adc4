"""Formulas in running text: where math begins and ends, and the lines of a display."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.reader.document.macros import closing_brace
from derive.reader.document.pieces import Formula

DISPLAY = (
    "equation", "align", "aligned", "gather", "gathered", "split", "eqnarray", "multline", "alignat", "alignedat",
    "flalign", "displaymath", "math", "dmath", "multlined",
)  # fmt: skip
_OPENERS = re.compile(r"\\\$|\$\$|\$|\\\[|\\\(|\\begin\{([A-Za-z]+)\*?\}|\\\\")


def find_formulas(text: str) -> Iterator[Formula]:
    """Display and inline math of a text whose code is blanked out."""
    place = 0
    while True:
        match = _OPENERS.search(text, place)
        if match is None:
            return
        sign, begin = match.group(), match.end()
        place = begin
        if sign in ("\\$", "\\\\"):
            continue
        if sign in ("$$", "\\["):
            end = text.find("$$" if sign == "$$" else "\\]", begin)
            if end < 0:
                stop = _paragraph_end(text, begin)
                yield Formula(text[begin:stop], begin, closed=False)
                place = stop
                continue
            yield Formula(text[begin:end], begin)
            place = end + 2
        elif sign in ("$", "\\("):
            closing = "$" if sign == "$" else "\\)"
            end = text.find(closing, begin)
            while sign == "$" and end > 0 and text[end - 1] == "\\":
                end = text.find(closing, end + 1)
            if end < 0 or end > _paragraph_end(text, begin):
                continue
            yield Formula(text[begin:end], begin, inline=True)
            place = end + len(closing)
        elif match.group(1) in DISPLAY:
            name = re.escape(match.group()[7:-1])
            close = re.compile(r"\\end\{" + name + r"\}").search(text, begin)
            if close is None:
                stop = _paragraph_end(text, begin)
                yield Formula(text[match.start() : stop], match.start(), closed=False)
                place = stop
                continue
            yield Formula(text[match.start() : close.end()], match.start())
            place = close.end()


def _paragraph_end(text: str, begin: int) -> int:
    match = re.compile(r"\n[ \t]*\n").search(text, begin)
    return match.start() if match else len(text)


_ENVIRONMENT = re.compile(r"\\(begin|end)\{([A-Za-z]+)(\*?)\}")


def formula_lines(text: str, start: int) -> list[tuple[str, int]]:
    """The lines of a display formula, with their places: cut at `\\\\` outside of inner environments and braces."""
    joined = "multline" in text
    masked = text
    for match in list(_ENVIRONMENT.finditer(text)):
        if match.group(2) in DISPLAY:
            end = match.end()
            if match.group(2) in ("alignat", "alignedat") and match.group(1) == "begin" and text[end : end + 1] == "{":
                end = (closing_brace(text, end) or end) + 1
            elif match.group(1) == "begin" and re.match(r"\[[tbc]\]", text[end:]):
                end += 3
            fill = " " * (end - match.start())
            masked = masked[: match.start()] + fill + masked[end:]
    lines: list[tuple[int, int]] = []
    level = 0
    begin = 0
    place = 0
    while place < len(masked):
        character = masked[place]
        if character == "\\":
            inner = _ENVIRONMENT.match(masked, place)
            if inner:
                level += 1 if inner.group(1) == "begin" else -1
                place = inner.end()
                continue
            if masked.startswith("\\\\", place) and level <= 0:
                end = place + 2
                space = re.compile(r"\*?[ \t]*(?:\[[ \t]*-?[\d.]+[ \t]*[a-z]{2}[ \t]*\])?").match(masked, end)
                end = space.end() if space and "[" in space.group() else end
                if joined:
                    masked = masked[:place] + " " * (end - place) + masked[end:]
                else:
                    lines.append((begin, place))
                    begin = end
                place = end
                continue
            place += 2
            continue
        if character == "%":
            newline = masked.find("\n", place)
            place = len(masked) if newline < 0 else newline
            continue
        level += (character == "{") - (character == "}")
        place += 1
    lines.append((begin, len(masked)))
    merged: list[tuple[int, int]] = []
    for a, b in lines:
        piece = re.sub(r"\\(?:quad|qquad|hspace\{[^}]*\}|[,;:! ])|[&\s{}]", "", masked[a:b])
        continues = piece.startswith(("+", "\\cdot", "\\times", ")", "\\right")) or (
            piece.startswith("-") and not re.search(r"=|<|>|\\le|\\ge|\\approx|\\neq?", piece)
        )
        before = masked[merged[-1][0] : merged[-1][1]].rstrip(" &\n\t") if merged else ""
        open_end = before.endswith(("=", "+", "-", "\\le", "\\ge", "\\leq", "\\geq", "\\cdot", "\\times", "<", ">"))
        if merged and (continues or open_end):
            gap = merged[-1][1]
            masked = masked[:gap] + re.sub(r"[^\n]", " ", masked[gap:a]) + masked[a:]
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    result = []
    for a, b in merged:
        piece = masked[a:b]
        if re.sub(r"\\(?:tag\*?|label)\{[^}]*\}|\\(?:nonumber|notag)|[&\s]|%[^\n]*", "", piece):
            lead = len(piece) - len(piece.lstrip(" \t\n&"))
            result.append((piece[lead:].rstrip(" \t\n&"), start + a + lead))
    return result
