"""Submissions: which files belong to which student.

A file is one student's. A folder that is named alone is a class, in which each file and each sub-folder is one
student's; where several files and folders are named, each of them is one student's. All documents of a student's folder
count, in the order of their names. Names that Canvas and Moodle give to downloaded files are taken apart, so that one
student's files come together.

Symbolic links are never followed: a link is noted for a person, and what it leads to is not looked at.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from derive.grading.handed_in import LINK
from derive.grading.naming import folder_name, shown
from derive.targets import SUFFIXES, NotFound

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

_CANVAS = re.compile(r"(?P<name>[^\W_][^_]*?)(?:_LATE)?_(?P<id>\d{4,})_\d{4,}_(?P<rest>.+)", re.DOTALL)
_MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<id>\d{3,})_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL)


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
        mine.notes.append(f"{name} {LINK}")
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
