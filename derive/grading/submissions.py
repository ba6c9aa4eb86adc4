"""Submissions: which files belong to which student, and their bytes.

A file is one student's. A folder that is named alone is a class, in which each file and each sub-folder is one
student's; where several files and folders are named, each of them is one student's. All documents of a student's folder
count, in the order of their names. Names that Canvas and Moodle give to downloaded files are taken apart, so that one
student's files come together.

What students hand in is not trusted: symbolic links are never followed, only ordinary files below a size are opened,
and a student's name becomes a folder's name only after everything that a path could make of it is taken out.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from derive.targets import SUFFIXES, NotFound

LARGEST = 20_000_000
"""Bytes of a file that are read at most."""

MOST_DOCUMENTS = 40
"""Documents of one student that are read at most."""

_DEEPEST = 6  # folders in a student's folder
_OTHER_WORK = frozenset(
    f".{suffix}"
    for suffix in (
        "pdf", "doc", "docx", "odt", "pages", "rtf", "txt", "html", "htm", "rmd", "qmd", "ltx", "latex", "r", "jl",
        "zip", "rar", "7z", "gz", "tgz", "jpg", "jpeg", "png", "heic", "tif", "tiff",
    )
)  # fmt: skip
"""Files that may well be a student's work, though they cannot be read here: a person has to look at them."""

_LINK = "is a symbolic link, which is not followed"
_CANVAS = re.compile(r"(?P<name>[^\W_][^_]*?)(?:_LATE)?_(?P<id>\d{4,})_\d{4,}_(?P<rest>.+)", re.DOTALL)
_MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<id>\d{3,})_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL)
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?|gradebook.*|summary.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in.

    `folder` is the name of the student's folder in the output, `ids` are numbers by which a platform knows the student.
    `files` are paths of documents with the names they are shown by, in order; `notes` say what was not read and why.
    """

    student: str
    folder: str
    ids: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file was not read, in words that go on from its name."""

    reason: str


@dataclass(slots=True)
class _Found:
    """A student's files while they are being looked for."""

    student: str
    given: str
    ids: tuple[str, ...] = ()
    files: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_submissions(
    words: Iterable[str | Path], *, classes: bool | None = None, aside: Iterable[Path] = ()
) -> tuple[Submission, ...]:
    """The submissions that words name, in the order of the students' names, whatever order the words come in.

    `classes` says whether folders are classes or one student's each; None: a folder that is named alone is a class.
    What is `aside` (the key, the output) is no submission. `NotFound` where a word names nothing.
    """
    named = sorted({str(w) for w in words})
    if classes is None:
        classes = len(named) == 1
    left_out = {_absolute(path) for path in aside}
    above = {str(parent) for path in left_out for parent in Path(path).parents}
    found: dict[tuple[str, ...], _Found] = {}
    for word in named:
        path = Path(word)
        if not os.path.lexists(path):
            raise NotFound(f"no such file: {word}")
        if _is_folder(path) and classes:
            if _absolute(path) in left_out:
                raise NotFound(f"{word} is the folder of the output: name another one with --out")
            inside = [p for p in _entries(path) if _absolute(p) not in left_out]
            _class_folder(inside, found)
        elif _absolute(path) not in left_out:
            _one(path, word, found)
    for mine in found.values():
        if _absolute(Path(mine.given)) in above:
            raise NotFound(f"the folder of the output or the key lies in {mine.given}, which is a student's")
    return _named(found)


def read_bytes(path: str) -> bytes | Unread:
    """The bytes of an ordinary file; no link is followed, no pipe or device is waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if os.path.islink(path):
        return Unread(_LINK)
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
    text = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else "\ufffd" for c in text)
    return text.strip() or "\ufffd"


def _plain(character: str) -> bool:
    return character.isalnum() or character in "-_." or unicodedata.category(character) in ("Mn", "Mc")


# who handed in what


def _class_folder(entries: list[Path], found: dict[tuple[str, ...], _Found]) -> None:
    """Each file and each folder of a class is one student's."""
    documents = {p.stem.casefold() for p in entries if p.suffix.lower() in SUFFIXES}
    for path in entries:
        suffix = path.suffix.lower()
        mine = path.is_symlink() or _is_folder(path) or suffix in SUFFIXES
        if mine or (suffix in _OTHER_WORK and path.stem.casefold() not in documents):
            _one(path, str(path), found)


def _one(path: Path, given: str, found: dict[tuple[str, ...], _Found]) -> None:
    """What a path holds, as one student's."""
    folder = _is_folder(path)
    label = path.name or path.resolve().name
    match = _MOODLE.fullmatch(label) or _CANVAS.fullmatch(label)
    if match is not None:
        name = match["rest"] or label
        mine = found.setdefault((match["name"], match["id"]), _Found(shown(match["name"]), given, (match["id"],)))
    else:
        name = label
        mine = found.setdefault((_absolute(path),), _Found(shown(label if folder else _stem(label)), given))
    if folder:
        _collect(path, path, mine, 0)
    else:
        _take(path, shown(name), mine)


def _stem(name: str) -> str:
    return PurePath(name).stem if not name.startswith(".") else name


def _collect(folder: Path, top: Path, mine: _Found, depth: int) -> None:
    """All documents of a student's folder, in the order of their names."""
    for path in _entries(folder):
        name = shown(str(path.relative_to(top)))
        if _is_folder(path):
            if depth < _DEEPEST:
                _collect(path, top, mine, depth + 1)
            else:
                mine.notes.append(f"{name} lies too deep in folders and was not read")
        else:
            _take(path, name, mine)


def _take(path: Path, name: str, mine: _Found) -> None:
    if path.is_symlink():
        mine.notes.append(f"{name} {_LINK}")
    elif path.suffix.lower() not in SUFFIXES:
        mine.notes.append(f"{name} is no document that can be read here")
    elif len(mine.files) >= MOST_DOCUMENTS:
        mine.notes.append(f"{name} was not read: there are more than {MOST_DOCUMENTS} documents")
    else:
        mine.files.append((str(path), name))


def _entries(folder: Path) -> Iterator[Path]:
    """What a folder holds, in the order of names, without what systems and editors leave there."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        if not name.startswith(".") and name not in ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"):
            yield folder / name


def _is_folder(path: Path) -> bool:
    return not path.is_symlink() and path.is_dir()


def _absolute(path: Path) -> str:
    return os.path.abspath(path)


# names


def _named(found: dict[tuple[str, ...], _Found]) -> tuple[Submission, ...]:
    """Submissions with names of their own for students and folders, in order."""
    everyone = sorted(found.values(), key=lambda f: (f.student, f.ids, f.given))
    students = _apart([f.student for f in everyone], [", ".join(f.ids) or shown(f.given) for f in everyone])
    result = [
        Submission(student, folder_name(student), f.ids, _in_order(f.files), tuple(dict.fromkeys(f.notes)))
        for student, f in zip(students, everyone, strict=True)
    ]
    folders: dict[str, int] = {}
    for submission in result:
        key = submission.folder.casefold()
        folders[key] = folders.get(key, 0) + 1
    return tuple(
        replace(s, folder=_with_hash(s)) if folders[s.folder.casefold()] > 1 else s
        for s in sorted(result, key=lambda s: s.student)
    )


def _apart(names: list[str], details: list[str]) -> list[str]:
    """Names, with a detail where several are the same, and a number where that is not enough."""
    told = [f"{n} ({d})" if names.count(n) > 1 else n for n, d in zip(names, details, strict=True)]
    seen: dict[str, int] = {}
    result = []
    for name in told:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def _in_order(files: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(set(files), key=lambda f: (f[1], f[0])))


def _with_hash(submission: Submission) -> str:
    return f"{submission.folder}-{hashlib.sha256(submission.student.encode('utf8')).hexdigest()[:8]}"
