"""Places in a script's file: the running call of its author, the place of an instruction or a node."""

from __future__ import annotations

import ast
import sys
import types

from derive.language.source import Source, Span


def author_frame(path: str) -> types.FrameType | None:
    """The innermost running frame of the script."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != path:
        frame = frame.f_back
    return frame


def _offset(source: Source, line: int, column: int) -> int:
    """The offset of a 1-based line and a column in UTF-8 bytes, as Python counts them."""
    span = source.line_span(line)
    text = source.slice(span)
    return span.start + len(text.encode()[:column].decode(errors="ignore"))


def node_span(source: Source, node: ast.expr) -> Span:
    """The place of a node of the script's syntax tree."""
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return Span(_offset(source, node.lineno, node.col_offset), _offset(source, end_line, end_column))


def call_span(source: Source, frame: types.FrameType) -> Span:
    """The place of the call that a frame is running."""
    return code_span(source, frame.f_code, frame.f_lasti, frame.f_lineno)


def code_span(source: Source, code: types.CodeType, instruction: int, line: int | None) -> Span:
    """The place of an instruction, or of its line."""
    positions = list(code.co_positions())[instruction // 2] if instruction >= 0 else (None,) * 4
    start, end, left, right = positions
    if start is None or end is None or left is None or right is None:
        return source.line_span(line or 1)
    return Span(_offset(source, start, left), _offset(source, end, right))
