"""Where documents are: the library of derivations, and the files that a command's words name.

The library is the folder `derivations` where the command runs, the folder of `--library`, or else the copy that is
installed with the package. A word names a file, a folder (searched recursively) or a derivation of the library. Nothing
is executed here, and a Python file in a folder counts only if it declares a derivation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset([".md", ".markdown", ".tex", ".ipynb", ".py"])
_SCRIPT = re.compile(r"^\s*@(?:[\w.]+\.)?derivation\b", re.MULTILINE)
_SKIPPED = frozenset(["__pycache__", "node_modules", "venv", "site-packages", "dist", "build"])


class NotFound(Exception):
    """A word that names nothing, with what was probably meant."""


@dataclass(frozen=True, slots=True)
class Target:
    """One file to check, `text` where it has been read already, `only` where one derivation of it is meant."""

    path: str
    text: str | None = None
    only: str | None = None


def library_folder(named: Path | None = None) -> Path:
    """The folder of the library."""
    if named is not None:
        if not named.is_dir():
            raise NotFound(f"no such folder: {named}")
        return named
    here = Path("derivations")
    if here.is_dir():
        return here
    for packaged in (Path(__file__).parent / "library", Path(__file__).parent.parent / "derivations"):
        if packaged.is_dir():
            return packaged
    raise NotFound("there is no folder 'derivations' here; name one with --library")


def documents_in(folder: Path) -> Iterator[Path]:
    """Every document of a folder, recursively, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if any(part.startswith(".") or part in _SKIPPED for part in inside):
            continue
        if path.suffix in SUFFIXES and path.is_file() and (path.suffix != ".py" or is_script(path)):
            yield path


def is_script(path: Path) -> bool:
    """Whether a Python file declares a derivation."""
    try:
        return bool(_SCRIPT.search(path.read_text(encoding="utf8")))
    except (OSError, UnicodeDecodeError):
        return False


def find_targets(words: list[str], library: Path | None = None) -> list[Target]:
    """The files that the words of a command name; `NotFound` where a word names nothing."""
    found: list[Target] = []
    for word in words:
        found.extend(_named_by(word, library))
    return list(dict.fromkeys(found))


def _named_by(word: str, library: Path | None) -> list[Target]:
    if word == "all":
        return [Target(str(p)) for p in documents_in(library_folder(library))]
    path = Path(word)
    if path.is_dir():
        inside = [Target(str(p)) for p in documents_in(path)]
        if not inside:
            raise NotFound(f"no documents in the folder {word}")
        return inside
    if path.is_file():
        if path.suffix not in SUFFIXES:
            kinds = ", ".join(sorted(SUFFIXES))
            raise NotFound(f"{word} is no document: it should end in one of {kinds}")
        return [Target(word)]
    if path.suffix in SUFFIXES or "/" in word:
        raise NotFound(f"no such file: {word}")
    return [find_derivation(word, library_folder(library))]


def find_derivation(name: str, folder: Path) -> Target:
    """The file of the library that holds a derivation: by the file's name, or by a function's or heading's name."""
    paths = list(documents_in(folder))
    stems = {p.stem: p for p in reversed(paths)}
    if name in stems:
        return Target(str(stems[name]))
    from derive.loading import load

    names: dict[str, Target] = {}
    for path in paths:
        for derivation in load(Target(str(path))).derivations:
            names.setdefault(derivation.name, Target(str(path), only=derivation.name))
    if name in names:
        return names[name]
    import difflib  # only for a name that is not there

    near = difflib.get_close_matches(name, [*stems, *names], n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "; `derive list` shows the library"
    raise NotFound(f"no file and no derivation is called {name}{hint}")
