"""What a student may take as known: the key's givens, and nothing that only the submission says.

`Assumptions` stands beside the reader. Declarations of names that the key does not have are let in; for the key's own
names the key's declaration stays; facts and properties are put aside as `named`: they prove nothing, but they name
hypotheses. So no submission can declare its way to marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType

from derive.language.context import Context, Definition, Symbol
from derive.language.term import Term, make, sym


@dataclass(slots=True)
class Assumptions:
    """What a submission declared while it was read under the context of a question."""

    question: Context
    named: list[Term] = field(default_factory=list)
    declared: dict[str, Symbol] = field(default_factory=dict)
    redefined: dict[str, Definition] = field(default_factory=dict)

    def settle(self, before: Context, after: Context) -> Context:
        """What is in force after a declaration."""
        mine = self.question
        symbols = dict(after.symbols)
        definitions = dict(after.definitions)
        for name, symbol in after.symbols.items():
            if before.symbols.get(name) == symbol:
                continue
            if not symbol.inferred:
                self.declared[name] = symbol
            old = mine.symbols.get(name) or before.symbols.get(name)
            known = old.properties if old is not None else frozenset()
            self.named += [make("has", sym(name), value=p) for p in sorted(symbol.properties - known)]
            if name in mine.symbols:
                symbols[name] = mine.symbols[name]
        for name, definition in after.definitions.items():
            if name in mine.definitions and definition != mine.definitions[name]:
                if before.definitions.get(name) != definition:
                    self.redefined[name] = definition
                definitions[name] = mine.definitions[name]
            elif name in mine.symbols and name not in mine.definitions:
                # a value for something that the key leaves open is a hypothesis
                self.named.append(make("eq", sym(name), definition.body))
                del definitions[name]
        for name, definition in mine.definitions.items():
            definitions.setdefault(name, definition)
        self.named += [f for f in after.facts if f not in before.facts]
        return replace(
            after,
            symbols=MappingProxyType(symbols),
            definitions=MappingProxyType(definitions),
            facts=before.facts,
        )
