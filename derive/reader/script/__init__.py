"""Proof scripts: SymPy heads, expressions as terms, the script object, and the loading of files."""

from derive.reader.script.declarations import FunctionSymbol
from derive.reader.script.loading import load_script
from derive.reader.script.script import Script, derivation
from derive.reader.script.statements import ScriptError

__all__ = ["FunctionSymbol", "Script", "ScriptError", "derivation", "load_script"]
