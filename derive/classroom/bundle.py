"""The autograder that Gradescope takes: a zip with the key, the package, and the two scripts that it runs.

The package goes in as it is installed here, so that what was tried is what grades; what it needs is installed when the
image is built, into an environment of its own. Whatever happens, the script that grades leaves a `results.json` that
says so. The same key and package give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import derive
from derive.grading.key import Key

_STAMP = (1980, 1, 1, 0, 0, 0)
_ROOT = Path(derive.__file__).parent

_SETUP = """#!/usr/bin/env bash
# Runs once, when the image is built: installs what the checker needs.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
export DEBIAN_FRONTEND=noninteractive
find_python() {
  for name in python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  return 1
}
if ! python="$(find_python)"; then
  apt-get update
  apt-get install -y python3.12-venv || apt-get install -y python3.11-venv || apt-get install -y python3-venv
  python="$(find_python)" || { echo "Python 3.11 or later is needed" >&2; exit 1; }
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install --quiet --requirement "$root/source/requirements.txt"
"""

_RUN = """#!/usr/bin/env bash
# Runs for each submission: grades it and leaves results/results.json, whatever happens.
set -u
root="${AUTOGRADER_ROOT:-/autograder}"
python="${AUTOGRADER_PYTHON:-$root/venv/bin/python}"
results="$root/results/results.json"
mkdir -p "$root/results"
out="$(mktemp -d)"
PYTHONPATH="$root/source/package" "$python" -m derive grade "$root/source/@KEY@" "$root/submission" \\
  --students --quiet --hints @HINTS@ --seed @SEED@ --budget @BUDGET@ --time @TIME@ --memory @MEMORY@ --out "$out"
graded="$(find "$out" -mindepth 2 -maxdepth 2 -name results.json | head -n 1)"
if [ -n "$graded" ]; then
  cp "$graded" "$results"
else
  printf '%s\\n' '{"score": 0, "visibility": "after_published", "output_format": "text",' \\
    '"output": "The submission could not be graded. A person has to look at it."}' > "$results"
fi
rm -rf "$out"
"""

_README = """An autograder for Gradescope, made by derive {version}.

Upload this zip file as the autograder of a programming assignment. Students hand in Markdown, LaTeX or notebooks.
What a person has to look at is published with the grades, not before.
"""


def bundle(key: Key, *, hints: str, seed: int, budget: float, seconds: float, megabytes: int) -> bytes:
    """The bytes of the zip file for a key."""
    name = "key" + Path(key.path).suffix.lower()
    options = {
        "KEY": name,
        "HINTS": hints,
        "SEED": str(seed),
        "BUDGET": f"{budget:g}",
        "TIME": f"{seconds:g}",
        "MEMORY": str(megabytes),
    }
    run = re.sub("@([A-Z]+)@", lambda match: options[match.group(1)], _RUN)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", _SETUP.encode(), executable=True)
        _add(archive, "run_autograder", run.encode(), executable=True)
        _add(archive, "README.txt", _README.format(version=derive.__version__).encode())
        _add(archive, "requirements.txt", "".join(f"{r}\n" for r in requirements()).encode())
        _add(archive, name, key.text.encode("utf8"))
        for path in sorted(_ROOT.rglob("*")):
            inside = path.relative_to(_ROOT)
            if path.is_file() and "__pycache__" not in inside.parts and inside.parts[0] != "library":
                _add(archive, f"package/derive/{inside.as_posix()}", path.read_bytes())
    return stream.getvalue()


def requirements() -> list[str]:
    """What the package needs, as it says of itself: from its installation, or from the project's file beside it."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        return sorted(r for r in requires("derivation-checker") or [] if "extra ==" not in r)
    except PackageNotFoundError:
        import tomllib

        project = tomllib.loads((_ROOT.parent / "pyproject.toml").read_text(encoding="utf8"))
        return sorted(project["project"]["dependencies"])


def _add(archive: zipfile.ZipFile, name: str, content: bytes, executable: bool = False) -> None:
    info = zipfile.ZipInfo(name, _STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o755 if executable else 0o644) << 16
    archive.writestr(info, content)
