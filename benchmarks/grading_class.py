"""A generated class: submissions that are right in many ways, and submissions with one mistake whose place is known.

From the table `grading_class.toml` come a key and, with a seed, any number of submissions: the same lines in other
notations, with dummies renamed, steps merged and split, questions in another order, as Markdown or LaTeX, with prose
between. A submission with a mistake has one wrong line and knows which. Grading the class must give every right
submission full marks, find nearly every mistake at its line, and call no right line wrong.

    python -m benchmarks.grading_class [--submissions 300] [--seed 0] [--workers 2] [--out DIR]
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.grading.paper import Paper

TABLE = Path(__file__).with_suffix(".toml")

_DUMMIES = {"i": ("i", "k", "m", "q"), "j": ("j", "l", "m", "r")}
_PROSE = (
    "We write this out.",
    "Expand, and collect terms.",
    "By the chain rule we get the following.",
    "Now simplify.",
    "پس داریم:",
    "",
    "",
    "",
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """The wrong line of a submission: its question, its 1-based line, what kind of mistake it is."""

    question: str
    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A submission: the name of its file, its text, how many steps it has, and its mistake where it has one."""

    name: str
    text: str
    steps: int
    mistake: Mistake | None


@dataclass(frozen=True, slots=True)
class _Written:
    """A relation of a chain as a student writes it; `question` and `kind` where it is the wrong one."""

    text: str
    continues: bool
    kind: str = ""


def table() -> dict[str, Any]:
    """The table that the class is made of."""
    return tomllib.loads(TABLE.read_text(encoding="utf8"))


def key_text(data: dict[str, Any] | None = None) -> str:
    """The key: every question with its givens, its rubric, and its derivation in the first way to write it."""
    data = data or table()
    parts = [f"# {data['title']}"]
    for question in data["question"]:
        parts.append(f"## {question['headings'][0]}")
        parts.append("```given\n" + "\n".join(question["given"]) + "\n```")
        parts.append(f'```rubric\nquestion: "{question["id"]}"\n{question["rubric"].strip()}\n```')
        for chain in question["chain"]:
            text = " = ".join([chain["left"][0], *(link["same"][0] for link in chain["link"])])
            parts.append(f"$$ {text} $$")
    return "\n\n".join(parts) + "\n"


def samples(count: int, seed: int = 0, share_wrong: float = 0.5) -> Iterator[Sample]:
    """Submissions, one after the other; about `share_wrong` of them hold one mistake each."""
    data = table()
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        wrong = rng.random() < share_wrong
        yield _sample(data, f"student-{number:03}", rng, wrong)


def _sample(data: dict[str, Any], name: str, rng: random.Random, wrong: bool) -> Sample:
    questions = list(data["question"])
    place = _choose_mistake(questions, rng) if wrong else None
    order = list(questions)
    if rng.random() < 0.3:
        rng.shuffle(order)
    latex = rng.random() < 0.25
    writer = _Latex(rng) if latex else _Markdown(rng)
    style = rng.randrange(len(questions[0]["headings"]))
    writer.line(f"% {name}" if latex else f"# Homework of {name}")
    mistake: Mistake | None = None
    steps = 0
    for question in order:
        headings = question["headings"]
        writer.heading(headings[style if rng.random() < 0.8 else rng.randrange(len(headings))])
        for chain_number, chain in enumerate(question["chain"]):
            target = place[2:] if place and place[:2] == (question["id"], chain_number) else None
            if target is None and "other" in chain and rng.random() < 0.25:
                chain = rng.choice(chain["other"])
            written = _chain(chain, target, rng)
            steps += len(written)
            for line, relation in writer.chain(written):
                if relation.kind:
                    mistake = Mistake(question["id"], line, relation.kind)
    assert (mistake is None) == (place is None)
    return Sample(name + writer.suffix, writer.text(), steps, mistake)


def _choose_mistake(questions: list[dict[str, Any]], rng: random.Random) -> tuple[str, int, int, int]:
    """A question, a chain of it, a link of that, and one of the ways to get it wrong."""
    places = [
        (question["id"], c, n, w)
        for question in questions
        for c, chain in enumerate(question["chain"])
        for n, link in enumerate(chain["link"])
        for w in range(len(link.get("wrong", ())))
    ]
    return rng.choice(places)


def _chain(chain: dict[str, Any], wrong: tuple[int, ...] | None, rng: random.Random) -> list[_Written]:
    """The relations of a chain: links left out or kept, on their own or going on from the line before."""
    left = rng.choice(chain["left"])
    written: list[_Written] = []
    for number, link in enumerate(chain["link"]):
        kind = ""
        if wrong is not None and wrong[0] == number:
            entry = link["wrong"][wrong[1]]
            text, kind = entry["text"], entry["kind"]
        elif link.get("optional") and rng.random() < 0.4:
            continue
        else:
            text = rng.choice(link["same"])
        text = _renamed(text, link.get("bound", ()), rng)
        # a chain that goes on from a wrong line would claim that what follows equals it
        after_wrong = bool(written) and bool(written[-1].kind)
        if written and not after_wrong and rng.random() < 0.6:
            written.append(_Written(f"= {text}", True, kind))
        else:
            swap = not kind and not written and len(chain["link"]) == 1 and left != "w" and rng.random() < 0.2
            written.append(_Written(f"{text} = {left}" if swap and text != "0" else f"{left} = {text}", False, kind))
    return written


def _renamed(text: str, bound: list[str] | tuple[str, ...], rng: random.Random) -> str:
    """The text with its dummies called otherwise, all at once, and never two the same."""
    names = {name: rng.choice(_DUMMIES[name]) for name in bound}
    if len(set(names.values())) < len(names):
        return text

    def instead(match: re.Match[str]) -> str:
        return names.get(match.group(), match.group())

    return (
        re.sub(r"(?<![A-Za-z\\])(?:[ij])(?![A-Za-z])|(?<=_\{)[ij]|(?<=[ij])[ij](?=\})", instead, text)
        if names
        else text
    )


def _aligned(relation: _Written) -> str:
    return f"&{relation.text}" if relation.continues else relation.text.replace(" = ", " &= ", 1)


class _Writer:
    """A document being written, line by line, with the places of its lines."""

    suffix = ""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []

    def line(self, text: str) -> int:
        """Write a line; gives its number, 1 the first."""
        self.lines.append(text)
        return len(self.lines)

    def heading(self, title: str) -> None:
        """Begin a question."""
        raise NotImplementedError

    def chain(self, written: list[_Written]) -> Iterator[tuple[int, _Written]]:
        """Write relations, in one display or several; gives each with its line."""
        raise NotImplementedError

    def text(self) -> str:
        """The whole document."""
        return "\n".join(self.lines) + "\n"

    def prose(self) -> None:
        """Perhaps a sentence."""
        sentence = self.rng.choice(_PROSE)
        if sentence:
            self.line(sentence)
        self.line("")


class _Markdown(_Writer):
    suffix = ".md"

    def heading(self, title: str) -> None:
        self.line("")
        self.line(f"## {title}")
        self.line("")

    def chain(self, written: list[_Written]) -> Iterator[tuple[int, _Written]]:
        self.prose()
        if len(written) > 1 and self.rng.random() < 0.4:
            self.line("$$ \\begin{aligned}")
            for number, relation in enumerate(written):
                end = " \\\\" if number < len(written) - 1 else ""
                yield self.line(_aligned(relation) + end), relation
            self.line("\\end{aligned} $$")
            return
        for relation in written:
            if self.rng.random() < 0.2:
                self.line("$$")
                yield self.line(relation.text), relation
                self.line("$$")
            else:
                yield self.line(f"$$ {relation.text} $$"), relation
            self.line("")


class _Latex(_Writer):
    suffix = ".tex"

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.line("\\documentclass{article}")
        self.line("\\begin{document}")

    def heading(self, title: str) -> None:
        self.line(f"\\section*{{{title}}}")

    def chain(self, written: list[_Written]) -> Iterator[tuple[int, _Written]]:
        self.prose()
        if len(written) > 1 and self.rng.random() < 0.5:
            self.line("\\begin{align*}")
            for number, relation in enumerate(written):
                end = " \\\\" if number < len(written) - 1 else ""
                yield self.line(_aligned(relation) + end), relation
            self.line("\\end{align*}")
            return
        for relation in written:
            yield self.line(f"\\[ {relation.text} \\]"), relation

    def text(self) -> str:
        return "\n".join([*self.lines, "\\end{document}"]) + "\n"


def write_class(folder: Path, count: int, seed: int = 0) -> tuple[Path, Path, list[Sample]]:
    """Write the key and the submissions into a folder; gives the key's path, the submissions' folder, the samples."""
    key = folder / "key.md"
    key.write_text(key_text(), encoding="utf8")
    handed_in = folder / "submissions"
    handed_in.mkdir(parents=True, exist_ok=True)
    made = list(samples(count, seed))
    for sample in made:
        (handed_in / sample.name).write_text(sample.text, encoding="utf8")
    return key, handed_in, made


@dataclass(frozen=True, slots=True)
class Figures:
    """What grading a generated class showed; the lists name submissions, with the line where there is one.

    A mistake is found where its line is called wrong and costs points.
    """

    right: int
    wrong: int
    steps: int
    short_of_full: tuple[str, ...]
    not_found: tuple[str, ...]
    blamed: tuple[str, ...]
    for_person: tuple[str, ...]

    @property
    def found(self) -> float:
        """The share of mistakes that were found at their line."""
        return 1 - len(self.not_found) / self.wrong if self.wrong else 1.0


def figures(made: list[Sample], papers: tuple[Paper, ...]) -> Figures:
    """Compare the papers of a class with what is known of its submissions."""
    by_name = {paper.student: paper for paper in papers}
    short, missed, blamed, persons = [], [], [], []
    for sample in made:
        name = Path(sample.name).stem
        paper = by_name[name]
        lines = faulted(paper)
        at = sample.mistake.line if sample.mistake else 0
        if sample.mistake is None and not paper.low == paper.high == paper.points:
            short.append(name)
        if sample.mistake is not None and (at not in lines or paper.low == paper.points):
            missed.append(f"{name}:{at} ({sample.mistake.kind})")
        blamed += [f"{name}:{line}" for line in sorted(lines - {at})]
        if paper.for_person:
            persons.append(f"{name}: {'; '.join(paper.reasons)}")
    right = sum(s.mistake is None for s in made)
    return Figures(
        right, len(made) - right, sum(s.steps for s in made), tuple(short), tuple(missed), tuple(blamed), tuple(persons)
    )


def faulted(paper: Paper) -> set[int]:
    """The lines that the marks call wrong: refuted and not excused, or given as the place where points were lost."""
    lines = set()
    for answer in paper.answers:
        question = answer.question
        lines |= {step.line for step in question.steps if step.verdict == "refuted" and not step.carried}
        for item in question.items:
            lines |= {r.place.line for r in item.remarks if r.place is not None and r.lost > 0}
    return lines


def main() -> None:
    """Grade a generated class and print the figures."""
    from derive.classroom.grade import grade

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--submissions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--out", type=Path, default=None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        folder = arguments.out or Path(aside)
        folder.mkdir(parents=True, exist_ok=True)
        key, handed_in, made = write_class(folder, arguments.submissions, arguments.seed)
        start = time.perf_counter()
        result = grade(key, handed_in, folder / "graded", workers=arguments.workers)
        wall = time.perf_counter() - start
        processor = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    shown = figures(made, result.papers)
    print(f"{len(made)} submissions, {shown.steps} steps: {wall:.1f} s, {processor:.1f} s of processor time")
    print(f"right submissions with full marks: {shown.right - len(shown.short_of_full)} of {shown.right}")
    print(f"mistakes found at their line: {shown.wrong - len(shown.not_found)} of {shown.wrong} ({shown.found:.1%})")
    print(f"right lines called wrong: {len(shown.blamed)}; submissions for a person: {len(shown.for_person)}")
    kinds = Counter(s.mistake.kind for s in made if s.mistake)
    print("mistakes:", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    for title, names in (
        ("short of full marks", shown.short_of_full),
        ("not found", shown.not_found),
        ("called wrong", shown.blamed),
        ("for a person", shown.for_person),
    ):
        for name in names:
            print(f"  {title}: {name}")


if __name__ == "__main__":
    main()
