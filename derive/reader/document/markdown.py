"""Markdown: headings, `given` fences and formulas, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.reader.document.macros import blank, collect_macros
from derive.reader.document.mathematics import find_formulas
from derive.reader.document.pieces import Formula, GivenBlock, Heading, Piece
from derive.reader.latex.tokens import Macro


def markdown_pieces(text: str, macros: dict[str, Macro]) -> Iterator[Piece]:
    """Headings, given blocks and formulas of a Markdown text, in order."""
    from markdown_it import MarkdownIt

    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    masked = text
    found: list[Piece] = []
    try:
        tokens = MarkdownIt("commonmark", {"html": False}).parse(text)
    except Exception:  # a text that the Markdown parser cannot take is scanned as it is
        tokens = []
    for position, token in enumerate(tokens):
        if token.map is None:
            continue
        begin, end = starts[token.map[0]], min(starts[min(token.map[1], len(starts) - 1)], len(text))
        if token.type == "heading_open":
            title = tokens[position + 1].content if position + 1 < len(tokens) else ""
            found.append(Heading(int(token.tag[1]), title, begin))
        elif token.type == "fence":
            info = token.info.strip().split()[0].lower() if token.info.strip() else ""
            inside = starts[token.map[0] + 1] if token.map[0] + 1 < len(starts) else end
            if info in ("given", "givens"):
                found.append(GivenBlock(tuple(_fence_lines(text, inside, token.content, token.map, starts)), inside))
            elif info in ("math", "latex", "tex"):
                last = starts[max(token.map[1] - 1, token.map[0] + 1)]
                found.append(Formula(text[inside : max(inside, last)], inside))
            masked = masked[:begin] + blank(masked[begin:end]) + masked[end:]
    masked = re.sub(r"(?<![\\`])(`+)(?!`)([^\n]*?[^`\n])\1(?!`)", lambda m: " " * len(m.group()), masked)
    masked = re.sub(r"<!--.*?-->", lambda m: blank(m.group()), masked, flags=re.DOTALL)
    masked = collect_macros(masked, macros)
    formulas = list(find_formulas(masked))
    inside_math = [(f.start, f.start + len(f.text)) for f in formulas if not f.inline]
    headings = [p for p in found if not isinstance(p, Heading) or not any(a <= p.start < b for a, b in inside_math)]
    yield from sorted([*headings, *formulas], key=lambda p: p.start)


def _fence_lines(
    text: str, inside: int, content: str, lines: list[int], starts: list[int]
) -> Iterator[tuple[str, int]]:
    for number in range(lines[0] + 1, lines[1]):
        begin, end = starts[number], min(starts[number + 1] - 1, len(text)) if number + 1 < len(starts) else len(text)
        line = text[begin:end]
        if line.strip().startswith(("```", "~~~")):
            continue
        if line.lstrip(" >").startswith("#"):
            continue
        stripped = line.lstrip(" >") if line.lstrip().startswith(">") else line
        if stripped.strip():
            yield stripped, begin + len(line) - len(stripped)


def given_lines(text: str) -> list[str]:
    """The given lines of a text: its `given` fences, or all of it where it has none."""
    blocks = [p for p in markdown_pieces(text, {}) if isinstance(p, GivenBlock)]
    if blocks:
        return [line for block in blocks for line, _ in block.lines]
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
