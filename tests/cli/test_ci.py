"""The pre-commit hooks and the example workflow do what they say: their commands are run on sample files."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from derive.cli import run

ROOT = Path(__file__).parents[2]
GOOD = "# Squares\n\n$$ (a+b)^2 = a^2 + 2ab + b^2 $$\n"
BAD = "# Squares\n\n$$ (a+b)^2 = a^2 + b^2 + 1 $$\n"


def hooks() -> dict[str, dict[str, Any]]:
    found = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf8"))
    return {hook["id"]: hook for hook in found}


@pytest.mark.parametrize(("text", "status"), [(GOOD, 0), (BAD, 1)])
def test_a_hook_checks_the_files_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, status: int
) -> None:
    hook = hooks()["derive"]
    monkeypatch.chdir(tmp_path)
    Path("notes").mkdir()
    names = ["notes/one.md", "notes/two words.tex", "setup.py", "data.csv"]
    Path(names[0]).write_text(text, encoding="utf8")
    Path(names[1]).write_text("\\section{Empty}\n", encoding="utf8")
    program, *arguments = shlex.split(hook["entry"])
    assert program == "derive"
    given = [name for name in names if re.search(hook["files"], name)]
    assert given == names[:2]
    assert run([*arguments, *given]) == status


def test_scripts_run_only_where_derivations_are_kept() -> None:
    pattern = hooks()["derive-scripts"]["files"]
    assert re.search(pattern, "derivations/optics/lens.py")
    assert not re.search(pattern, "setup.py")
    assert not re.search(pattern, "notes/lens.py")


def test_the_example_configuration_names_a_hook_that_there_is() -> None:
    text = (ROOT / "examples" / "ci" / "pre-commit-config.yaml").read_text(encoding="utf8")
    used = [hook["id"] for repository in yaml.safe_load(text)["repos"] for hook in repository["hooks"]]
    assert used and set(used) <= set(hooks())


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_the_example_workflow_checks_what_changed(tmp_path: Path) -> None:
    workflow = yaml.safe_load((ROOT / "examples" / "ci" / "derive.yml").read_text(encoding="utf8"))
    (step,) = [s for s in workflow["jobs"]["changed"]["steps"] if s.get("name") == "Check the changed documents"]
    shim = tmp_path / "bin" / "derive"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m derive "$@"\n', encoding="utf8")
    shim.chmod(0o755)
    repository = tmp_path / "notes"
    repository.mkdir()
    (repository / "old.md").write_text(BAD, encoding="utf8")
    (repository / "gone.md").write_text(BAD, encoding="utf8")
    git(repository, "init")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "one")
    git(repository, "branch", "base")
    (repository / "new notes.md").write_text(BAD, encoding="utf8")
    git(repository, "rm", "-q", "gone.md")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "two")
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "BASE": "base", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]], cwd=repository, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert done.stdout.startswith("::error file=new notes.md,line=3,")
    assert "old.md" not in done.stdout
    assert done.stdout.splitlines()[-1] == "derive: 1 step: 1 refuted"
