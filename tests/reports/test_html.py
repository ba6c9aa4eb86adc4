"""The HTML report: one file that is well formed, whole, safe, accessible, and readable in light and dark."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from derive.api import check
from derive.reports import plot
from derive.reports.html import fragment, render
from derive.reports.page import TEMPLATES
from derive.reports.report import Report

VOID = frozenset(["meta", "br", "link", "img", "hr", "input"])
ROOT = Path(__file__).parents[2]


class Page(HTMLParser):
    """What stands in a page; fails where elements do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.stack, f"not closed: {self.stack}"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {names}"
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack and self.stack.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] != "style":
            self.text += data

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    """The page."""
    return render(report)


def test_it_is_well_formed_and_its_links_lead_somewhere(html: str) -> None:
    page = Page(html)
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"] for a in page.named("a")]
    assert links
    assert all(link.startswith("#") and link[1:] in ids for link in links)
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)


def test_it_needs_no_network_and_no_script(html: str) -> None:
    assert not re.search(r"https?:|//[a-z]", html)
    page = Page(html)
    assert not page.named("script") + page.named("link") + page.named("iframe") + page.named("img")
    assert not [a for _, a in page.elements if any(name.startswith("on") or name == "src" for name in a)]
    assert "url(" not in html.replace("url(#", "")


def test_every_step_has_its_verdict_in_words(html: str, report: Report) -> None:
    page = Page(html)
    steps = [a["class"] for a in page.named("li") if a.get("class", "").startswith("step ")]
    assert steps == [f"step {s.verdict}" for s in report.steps]
    assert len(page.named("details")) == len(report.steps) + 1  # and the contents
    for name, count in report.counts.items():
        assert f"{count} {name}" in page.text
    for step in report.steps:
        if step.counterexample:
            assert step.counterexample.left in page.text
        if step.diagnosis:
            assert step.diagnosis.message in page.text


def test_text_of_documents_stays_text(html: str, report: Report) -> None:
    page = Page(html)
    assert '<script>alert("title")</script> & more' in page.text
    hostile = '"><script>x</script>'
    everywhere = ("id", "source", "reason", "because", "spoken", "method")
    (found,) = report.documents
    evil = replace(
        found,
        path=hostile,
        title=hostile,
        derivations=tuple(
            replace(
                d,
                title=hostile,
                name=hostile,
                reference=hostile,
                inferred=(hostile,),
                steps=tuple(replace(s, **dict.fromkeys(everywhere, hostile)) for s in d.steps),
            )
            for d in found.derivations
        ),
    )
    page = Page(render(replace(report, documents=(evil,))))
    assert not page.named("script")
    assert hostile in page.text


def test_prose_keeps_its_direction(html: str) -> None:
    page = Page(html)
    assert "یک تابع: سینوس" in page.text
    assert all(a.get("dir") == "auto" for tag, a in page.elements if tag in ("h2", "h3") and a["id"].startswith("d"))
    assert all(a.get("dir") == "ltr" for a in page.named("code"))


def test_landmarks_headings_and_language(html: str) -> None:
    page = Page(html)
    assert page.named("html") == [{"lang": "en"}]
    for landmark in ("header", "main", "footer", "nav", "h1"):
        assert len(page.named(landmark)) == 1, landmark
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert all("aria-label" in a and a["role"] == "img" for a in page.named("svg"))


def colours() -> dict[str, dict[str, str]]:
    """The colours of the style sheet by their use, in light and in dark."""
    css = (TEMPLATES / "style.css").read_text(encoding="utf8")
    light, dark = re.findall(r"\.page, \.derive \{(.*?)\}", css, re.DOTALL)
    schemes = {"light": light, "dark": dark}
    return {name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for name, block in schemes.items()}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_of_text_is_enough(scheme: str) -> None:
    palette = colours()[scheme]
    text = set(palette) - {"ground", "raised", "line"}
    assert {"refuted", "proved", "ink", "link", "left", "right"} <= text
    for ground in ("ground", "raised"):
        for name in text:
            low, high = sorted((luminance(palette[name]), luminance(palette[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (scheme, name, ground)


def test_a_plot_shows_both_sides(html: str) -> None:
    pytest.importorskip("matplotlib")
    page = Page(html)
    drawings = page.named("svg")
    assert len(drawings) == 2
    assert "Both sides against a, b = 1: they differ at a = 1." in [a["aria-label"] for a in drawings]
    classes = " ".join(a.get("class", "") for _, a in page.elements)
    assert "left-side" in classes and "right-side" in classes


def test_without_matplotlib_there_is_no_plot(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    assert any(step.curves for step in report.steps)
    monkeypatch.setattr(plot, "available", lambda: False)
    page = Page(render(report))
    assert not page.named("svg")


def test_a_notebook_shows_the_report(report: Report) -> None:
    shown = report._repr_html_()
    assert shown == fragment(report)
    page = Page(shown)
    assert not page.named("html") and len(page.named("style")) == 1
    (style,) = re.findall("<style>(.*?)</style>", shown, re.DOTALL)
    rules = re.sub(r"/\*.*?\*/|@media[^{]*\{", "", style, flags=re.DOTALL)
    selectors = [one for rule in re.findall(r"([^{}]+)\{", rules) for one in rule.split(",")]
    assert all(s.strip().startswith((".derive", ".page", ".skip")) for s in selectors), "a rule reaches the notebook"
    assert len([a for a in page.named("li") if a.get("class", "").startswith("step ")]) == len(report.steps)


def test_the_same_report_gives_the_same_page(report: Report) -> None:
    assert render(report) == render(report)


def test_homework_fits_and_shows_its_mistakes_first() -> None:
    """The softmax of the example homework: three wrong steps with plots. All of it, with 130 steps, is under 1 MB."""
    text = (ROOT / "examples" / "homework" / "submission" / "question-4.md").read_text(encoding="utf8")
    section = re.search(r"^## 4\.2d .*?(?=^## )", text, re.DOTALL | re.MULTILINE)
    assert section
    report = check(section[0], pictures=True)
    page = render(report)
    assert len(page.encode()) < 150_000
    seen = Page(page).text
    glance = seen[seen.index("To look at") : seen.index("trace")]
    wrong = [s for s in report.steps if s.verdict == "refuted"]
    assert len(wrong) == 3
    for step in wrong:
        assert f"line {step.line}" in glance
        if step.diagnosis:
            assert step.diagnosis.message in glance
