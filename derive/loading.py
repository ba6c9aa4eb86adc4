"""From a file to a `Document`, whatever it holds. Nothing that a file holds makes this raise."""

from __future__ import annotations

from pathlib import Path

from derive.language.source import Source
from derive.language.statement import Document, Problem
from derive.targets import Target


def load(target: Target, givens: tuple[str, ...] = ()) -> Document:
    """Read a document or run a proof script. `givens` are texts of given blocks for documents."""
    text = target.text
    if text is None:
        try:
            raw = Path(target.path).read_bytes()
        except OSError as error:
            return _broken(target.path, "file-unreadable", error.strerror or "it cannot be opened")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            return _broken(target.path, "file-not-utf8", f"line {line} holds a byte that is not UTF-8 text")
    if target.path.endswith(".py"):
        from derive.reader.script import load_script

        return load_script(Path(target.path))
    from derive.reader.document import read_document

    return read_document(target.path, text, list(givens))


def _broken(path: str, code: str, detail: str) -> Document:
    return Document(Source(path, ""), Path(path).stem, (), Problem(code, None, (("detail", detail),)))
