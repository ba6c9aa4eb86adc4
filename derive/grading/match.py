"""Which question a heading of a submission belongs to.

A heading is read for its number (digits of any script, `Q2`, `Problem 2b`, `1.2 (a)`, `۲.۱` written for 1.2 from right
to left, a part under its parent's number) and for the words that a key says mark a question. What fits one question
only is that question; where the number says one and the words another, or two questions fit alike, it is none. Roman
and spelled-out numbers are not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

Number = tuple[str, ...]
"""`1.2b` as `("1", "2", "b")`."""

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u061c\u0640\ufeff\u00ad]")
_ALIKE = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه"})


def fold(text: str) -> str:
    """Text without what makes no difference to a reader: case, width, accents and vowel signs, joiners."""
    apart = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text).translate(_ALIKE))
    return "".join(c for c in apart if unicodedata.category(c) not in ("Mn", "Mc")).casefold()


_LABELS = frozenset(
    fold(word)
    for line in (
        "question questions q problem problems prob exercise exercises ex task part section sec answer ans",
        "solution sol assignment aufgabe übung frage teil exercice partie ejercicio pregunta problema esercizio",
        "domanda exercicio questao questão opgave vraag oppgave uppgift soru zadanie zadacha вопрос задача",
        "задание упражнение",
        "سوال سؤال پرسش تمرین مسئله مساله بخش پاسخ جواب حل قسمت السؤال الجزء",
        "प्रश्न अभ्यास भाग প্রশ্ন 問題 問 题 第 문제",
    )
    for word in line.split()
)
"""Words before a number that only say that it is a question's, folded as headings are."""

_NUMBER = re.compile(r"(\d+)((?:\s?[.\-‐‑–/:،·_]\s?\d+)*)\s?[.\-]?\s?(?:\(([a-zA-Z])\)|([a-zA-Z])(?![^\W_]))?")
_PART = re.compile(r"\(?([a-zA-Z])\s?[).:]")


@dataclass(frozen=True, slots=True)
class Title:
    """A heading as it can be compared: its number, the script of its digits, and its words."""

    number: Number
    foreign: bool
    rightward: bool
    words: tuple[str, ...]

    @property
    def reversed(self) -> Number:
        """The number read from the other end, where it is written from right to left: `۲.۱` for 1.2."""
        digits = [part for part in self.number if part.isdigit()]
        letters = [part for part in self.number if not part.isdigit()]
        return (*reversed(digits), *letters) if self.rightward and len(digits) > 1 else ()


@dataclass(frozen=True, slots=True)
class Target:
    """A question that headings are matched with: its id, its own heading, and what else marks it."""

    id: str
    title: str
    match: tuple[str, ...] = ()


def title_of(text: str) -> Title:
    """A heading as it can be compared."""
    plain = re.sub(r"\\[A-Za-z]+\*?|[$*`{}\\~]|^#+", " ", _INVISIBLE.sub("", text))
    foreign = any(c.isdigit() and not c.isascii() and unicodedata.bidirectional(c) in ("AN", "EN") for c in plain)
    folded = fold(plain)
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in folded).strip()
    rightward = foreign or any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in plain)
    number, rest = _leading_number(digits)
    words = tuple(w for w in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", rest) if w not in _LABELS)
    return Title(number, foreign, rightward, words)


def _leading_number(text: str) -> tuple[Number, str]:
    """The number at the front of a heading, behind a label at most, and what follows it."""
    start = text.lstrip(" #([:.،,-–—")
    label = re.match(r"([^\W\d_]+)\.?\s*[#(:.\-–]?\s*", start)
    behind = start[label.end() :] if label is not None and label.group(1) in _LABELS else start
    part = _PART.match(behind)
    if part is not None and not behind[0].isdigit():
        return (part.group(1),), behind[part.end() :]
    match = _NUMBER.match(behind)
    if match is None:
        return (), behind
    numbers = [str(int(n)) for n in re.findall(r"\d+", match.group(1) + match.group(2))]
    letter = match.group(3) or match.group(4)
    return (*numbers, *((letter,) if letter else ())), behind[match.end() :]


def match_heading(
    text: str, parent: Number, targets: Iterable[Target], flip: bool = False
) -> tuple[str | None, Number]:
    """The question of a heading under a heading of number `parent`, and the number that its own parts stand under.

    `flip`: a number in a right-to-left heading is read from the right first.
    """
    title = title_of(text)
    found = list(targets)
    by_pattern = _by_pattern(text, title, found)
    by_number, number = _by_number(title, parent, found, flip)
    by_words = [t.id for t in found if _speaks_of(title, t)]
    if len(by_pattern) == 1:
        return by_pattern[0], number
    if len(by_number) == 1:
        others = [w for w in by_words if w not in by_number]
        return (by_number[0] if not others else None), number
    if not by_number and len(by_words) == 1:
        return by_words[0], number
    return None, number


def reads_from_right(titles: Iterable[str], targets: Iterable[Target]) -> bool:
    """Whether the numbers of right-to-left headings are to be read from the right.

    So it is where that finds more questions, or as many in rising order where the other way they are not.
    """
    numbers = {n for t in targets for n in _numbers_of(t)}
    known = [t for t in map(title_of, titles) if t.reversed]
    straight = [t.number for t in known if t.number in numbers]
    turned = [t.reversed for t in known if t.reversed in numbers]
    if len(straight) != len(turned):
        return len(turned) > len(straight)
    return turned == sorted(turned) and straight != sorted(straight)


def _by_pattern(text: str, title: Title, targets: list[Target]) -> list[str]:
    """Questions one of whose patterns this heading is, in its own script: `۲.۱` marks no heading 2.1."""
    found = []
    for target in targets:
        for pattern in target.match:
            other = title_of(pattern)
            if other.number and not other.words:
                same = title.number == other.number and title.foreign == other.foreign
                if same and (title.foreign or title.rightward == other.rightward):
                    found.append(target.id)
                    break
            elif _bare(text) == _bare(pattern):
                found.append(target.id)
                break
    return found


def _by_number(title: Title, parent: Number, targets: list[Target], flip: bool) -> tuple[list[str], Number]:
    """Questions whose number this is, from the left, under its parent, or from the right; and the number as read."""
    own = title.number
    if not own:
        return [], parent
    readings = [own]
    if parent and parent != own:
        readings.append((*parent, *own))
    if title.reversed:
        readings.insert(0 if flip else len(readings), title.reversed)
    numbers = {t.id: _numbers_of(t) for t in targets}
    for reading in readings:
        exact = [name for name, known in numbers.items() if reading in known]
        if exact:
            return exact, reading
    for reading in readings:
        inside = [(len(k), name) for name, known in numbers.items() for k in known if reading[: len(k)] == k]
        if inside:
            longest = max(inside)[0]
            return list(dict.fromkeys(name for length, name in inside if length == longest)), reading
    return [], (own if own[0].isdigit() else (*parent, *own))


def _numbers_of(target: Target) -> set[Number]:
    found = {title_of(text).number for text in (target.id, target.title)}
    for pattern in target.match:
        other = title_of(pattern)
        if not other.foreign and not other.words:
            found.add(other.number)
    return {n for n in found if n}


def _speaks_of(title: Title, target: Target) -> bool:
    """Whether the words of a question's heading, or of one of its patterns, stand in this heading in a row."""
    for text in (target.title, *target.match):
        wanted = title_of(text).words
        if wanted and any(title.words[k : k + len(wanted)] == wanted for k in range(len(title.words))):
            return True
    return False


def _bare(text: str) -> str:
    return " ".join(fold(text).split())
