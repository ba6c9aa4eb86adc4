"""The HTML report in a real browser: nothing overflows on a phone's width or a desktop's, and every formula is drawn.

Skipped where there is no Chromium (Debian: `apt install chromium`).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from derive.reports.html import render
from derive.reports.report import Report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
MEASURE = """
<script>
for (const d of document.querySelectorAll("details")) d.open = true;
const box = e => e.getBoundingClientRect();
const wide = [...document.querySelectorAll("body *")].filter(e => {
  if (e.closest(".formula, .scroll, svg, .skip")) return false;
  return box(e).right > box(document.documentElement).right + 1;
});
const formulas = [...document.querySelectorAll("math")];
document.body.setAttribute("data-measured", JSON.stringify({
  width: box(document.documentElement).width,
  narrow: matchMedia("(max-width: 36rem)").matches,
  wide: wide.map(e => e.outerHTML.slice(0, 80)),
  formulas: formulas.length,
  drawn: formulas.filter(e => box(e).width > 4 && box(e).height > 8).length,
  ground: getComputedStyle(document.body).backgroundColor,
}));
</script>
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


def measured(page: str, folder: Path, width: int, dark: bool = False) -> dict[str, object]:
    """What a browser says of the page with every step folded out.

    The page itself allows no script, so one is put in here; its width is set, since windows have a least width.
    """
    page = re.sub(r"<meta http-equiv[^>]*>", f"<style>html {{ width: {width}px; }}</style>", page)
    path = folder / "page.html"
    path.write_text(page.replace("</body>", MEASURE + "</body>"), encoding="utf8")
    scheme = [f"--blink-settings=preferredColorScheme={0 if dark else 1}"]
    size = [f"--window-size={width},900", f"--user-data-dir={folder / 'profile'}", "--dump-dom", path.as_uri()]
    assert CHROMIUM is not None
    run = subprocess.run([CHROMIUM, *FLAGS, *scheme, *size], capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'data-measured="([^"]*)"', run.stdout)
    assert found, run.stderr[-2000:]
    result: dict[str, object] = json.loads(found[1].replace("&quot;", '"').replace("&lt;", "<").replace("&amp;", "&"))
    return result


@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_nothing_overflows_and_formulas_are_drawn(report: Report, tmp_path: Path, width: int, dark: bool) -> None:
    seen = measured(render(report), tmp_path, width, dark)
    assert seen["width"] == width
    assert seen["narrow"] == (width < 576)
    assert seen["wide"] == []
    assert seen["formulas"] == seen["drawn"] != 0
    assert seen["ground"] == ("rgb(21, 24, 28)" if dark else "rgb(255, 255, 255)")
