"""The bytes of files that students handed in, and their text.

What students hand in is not trusted: symbolic links are never followed, and only ordinary files below a size are
opened. What cannot be read is a value that says why.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

LARGEST = 20_000_000
"""Bytes of a file that are read at most."""

LINK = "is a symbolic link, which is not followed"


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file was not read, in words that go on from its name."""

    reason: str


def read_bytes(path: str) -> bytes | Unread:
    """The bytes of an ordinary file; no link is followed, no pipe or device is waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if os.path.islink(path):
        return Unread(LINK)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        return Unread(f"cannot be opened ({error.strerror or error})")
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return Unread("is no ordinary file")
        if status.st_size > LARGEST:
            return Unread(f"is larger than {LARGEST // 1_000_000} MB")
        try:
            content = file.read(LARGEST + 1)
        except OSError as error:
            return Unread(f"cannot be read ({error.strerror or error})")
    return content if len(content) <= LARGEST else Unread(f"is larger than {LARGEST // 1_000_000} MB")


def decode(content: bytes) -> str | Unread:
    """Bytes as text: UTF-8, or UTF-16 where a byte order mark says so."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            return Unread("begins like UTF-16 text and is none")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Unread(f"is not UTF-8 text (line {line} holds a byte that cannot be)")
