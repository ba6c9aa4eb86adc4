"""Proof scripts from files: a file is run, each marked function is a derivation, and what goes wrong is a `Problem`.

Not sandboxed: a script is a program of its user, run as importing it would run it.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

from derive.language.source import Source, Span
from derive.language.statement import Derivation, Document, Problem, Step
from derive.reader.script.places import code_span
from derive.reader.script.script import MARK, Script
from derive.reader.script.statements import ScriptError
from derive.reader.script.sympy_terms import Untranslatable


def load_script(path: str | Path, text: str | None = None) -> Document:
    """Run a proof script and return its derivations; `text` stands for the file's content where it is given."""
    name = str(path)
    if text is None:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            return Document(
                Source(name, ""), name, (), Problem("script-unreadable-file", None, (("message", str(error)),))
            )
    source = Source(name, text)
    module = types.ModuleType(f"proof_script_{Path(name).stem}")
    module.__file__ = name
    try:
        code = compile(text, name, "exec")
    except (SyntaxError, ValueError) as error:
        line = min(getattr(error, "lineno", None) or 1, text.count("\n") + 1)
        span = source.line_span(line)
        span = Span(min(span.start + max(0, (getattr(error, "offset", None) or 1) - 1), span.end), span.end)
        message = getattr(error, "msg", None) or str(error)
        return Document(source, _title(module, name), (), Problem("script-syntax", span, (("message", message),)))
    with _registered(module), contextlib.redirect_stdout(sys.stderr):
        try:
            exec(code, module.__dict__)  # the user's own program, as importing it would run it
        except (Exception, SystemExit) as error:
            return Document(source, _title(module, name), (), _problem(error, source))
        authors = [f for f in vars(module).values() if callable(f) and hasattr(f, MARK)]
        derivations = tuple(_run(author, source) for author in dict.fromkeys(authors))
    if not derivations:
        return Document(source, _title(module, name), (), Problem("script-without-derivation", source.line_span(1)))
    return Document(source, _title(module, name), derivations)


def _run(author: Callable[[Script], None], source: Source) -> Derivation:
    title, reference = getattr(author, MARK)
    script = Script(author.__name__, source)
    try:
        author(script)
        problem = None if script.steps else Problem("script-without-step", _definition_span(author, source))
    except (Exception, SystemExit) as error:
        problem = _problem(error, source)
    steps = tuple(script.steps)
    if problem is not None:
        text = source.slice(problem.span) if problem.span else ""
        last = Step(
            f"{script.name}/{len(steps) + 1}", None, script.context, span=problem.span, source=text, problem=problem
        )
        steps = (*steps, last)
    return Derivation(script.name, title, steps, reference)


def _definition_span(author: Callable[[Script], None], source: Source) -> Span | None:
    code = getattr(author, "__code__", None)
    return source.line_span(code.co_firstlineno) if code is not None and code.co_filename == source.path else None


def _problem(error: BaseException, source: Source) -> Problem:
    """The problem that an exception is, placed at the script's innermost line."""
    span = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == source.path:
            span = code_span(source, trace.tb_frame.f_code, trace.tb_lasti, trace.tb_lineno)
        trace = trace.tb_next
    if isinstance(error, ScriptError):
        return Problem(error.problem.code, span, error.problem.details)
    if isinstance(error, Untranslatable):
        return Problem(error.code, span, error.details)
    return Problem("script-raised", span, (("error", type(error).__name__), ("message", str(error))))


def _title(module: types.ModuleType, path: str) -> str:
    """The first line of the script's docstring, or the file's name."""
    return (module.__doc__ or "").strip().partition("\n")[0].rstrip(".") or Path(path).stem


@contextlib.contextmanager
def _registered(module: types.ModuleType) -> Iterator[None]:
    """The module under its name, and its folder's other modules within reach, while it runs."""
    sys.modules[module.__name__] = module
    folder = str(Path(module.__file__ or "").resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.modules.pop(module.__name__, None)
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)
