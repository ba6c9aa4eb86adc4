"""What a diagnosis must never do, and how it reaches the reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import derive
from derive.checking.verdict import Refuted
from derive.language.printing import plain

from .telling import told

ROOT = Path(__file__).parent.parent.parent
WRONG = r"""# Sheet

```given
A \in \mathbb{R}^{p \times q}
b \in \mathbb{R}^p
x \in \mathbb{R}^q
N is a random variable
c \in \mathbb{R}
```

$$ \nabla_x \|A x - b\|^2 = A^T (A x - b) $$

$$ \operatorname{Var}(c N) = c \operatorname{Var}(N) $$

$$ (c + 1)^2 = c^2 + 1 $$

$$ (c + 1)^2 = c^2 + 2c + 1 $$
"""


def test_the_report_names_the_mistake() -> None:
    steps = derive.check(WRONG).to_json()["documents"][0]["derivations"][0]["steps"]
    diagnoses = [s["diagnosis"] for s in steps]
    assert [d and d["kind"] for d in diagnoses] == [
        "constant factor",
        "constant not squared in a variance",
        "dropped or doubled term",
        None,
    ]
    assert [s["verdict"] for s in steps] == ["refuted", "refuted", "refuted", "proved"]
    assert diagnoses[0]["suggestion"].endswith(r"= 2 A^{\top} \cdot \left(A x - b\right)")


def test_the_suggestion_can_be_put_in_place_of_the_line() -> None:
    steps = derive.check(WRONG).to_json()["documents"][0]["derivations"][0]["steps"]
    head = WRONG[: WRONG.index("$$")]
    mended = head + "".join(f"$$ {s['diagnosis']['suggestion']} $$\n\n" for s in steps if s["diagnosis"])
    again = derive.check(mended).to_json()["documents"][0]["derivations"][0]["steps"]
    assert [s["verdict"] for s in again] == ["proved"] * 3


def test_the_terminal_shows_both() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "derive", "check", "-"], input=WRONG, capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 1
    assert "likely  the constant c leaves the variance squared" in run.stdout
    assert "mended  Var(c N) = c² Var(N)" in run.stdout


def test_same_seed_same_words() -> None:
    reports = []
    for number in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-m", "derive", "check", "-", "--format", "json"],
            input=WRONG,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": number},
        )
        document = json.loads(run.stdout)["documents"][0]
        reports.append([{k: v for k, v in s.items() if k != "seconds"} for s in document["derivations"][0]["steps"]])
    assert reports[0] == reports[1]


def test_a_mending_may_need_what_the_line_itself_needs() -> None:
    given = ("r \\in \\mathbb{R}", "n \\in \\mathbb{N}")
    result, diagnosis = told(given, r"\sum_{k=0}^{n} r^k = \frac{1 - r^n}{1 - r}")
    assert isinstance(result.verdict, Refuted)
    assert diagnosis is not None
    assert plain(diagnosis.suggestion) == "Σ_{k=0}^{n} rᵏ = (1 − r^(n + 1))/(1 − r)"
    assert diagnosis.message.endswith("(where 1 − r ≠ 0, as before)")


def test_what_no_small_change_mends_has_no_diagnosis() -> None:
    result, diagnosis = told(("x \\in \\mathbb{R}",), r"\sin(x) = x^7 + 3 x + 4")
    assert isinstance(result.verdict, Refuted)
    assert diagnosis is None


def test_a_conclusion_is_mended_under_its_premise() -> None:
    given = ("p, q \\in \\mathbb{R}",)
    result, diagnosis = told(given, r"2 p + 6 q = 4", r"\Rightarrow p = 2 + 3 q")
    assert isinstance(result.verdict, Refuted)
    assert diagnosis is not None
    assert (diagnosis.kind, plain(diagnosis.suggestion)) == ("sign", "2 p + 6 q = 4 ⇒ p = 2 − 3 q")
