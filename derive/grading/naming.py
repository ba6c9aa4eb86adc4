"""Names that students chose, made fit to be shown and to be names of folders.

A student's name becomes a folder's name only after everything that a path could make of it is taken out; where that
changes it, part of its hash keeps two names apart.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_JOINERS = "\u200c\u200d"  # which belong to the spelling of Persian and Indian names
_UNSEEN = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?|gradebook.*|summary.*", re.IGNORECASE)


def folder_name(student: str) -> str:
    """A name for a student's folder: letters and digits of any script, `-`, `_` and inner dots, never a path.

    Where that changes the name, part of its hash keeps it apart from others.
    """
    kept = "".join(c if _plain(c) else "_" for c in unicodedata.normalize("NFC", student)).strip("._ ")
    while len(kept.encode("utf8")) > 120:
        kept = kept[:-1]
    if kept == student and kept and not _RESERVED.fullmatch(kept):
        return kept
    digest = hashlib.sha256(student.encode("utf8", "surrogateescape")).hexdigest()[:8]
    return f"{kept or 'submission'}-{digest}"


def shown(name: str) -> str:
    """A name from the file system as text that can be written: without control characters and broken bytes."""
    text = name.encode("utf8", "surrogateescape").decode("utf8", "replace")
    text = "".join(c if c in _JOINERS or unicodedata.category(c) not in _UNSEEN else "\ufffd" for c in text)
    return text.strip() or "\ufffd"


def _plain(character: str) -> bool:
    return character.isalnum() or character in "-_." or unicodedata.category(character) in ("Mn", "Mc")
