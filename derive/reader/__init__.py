"""Text into the language: LaTeX formulas, given lines, the documents they stand in, and proof scripts.

| room | holds |
|---|---|
| `latex` | a formula's text as a term: tokens, the parser, names, sub- and superscripts, calls, brackets, dots |
| `notation` | what signs and words mean: tables of sums, derivatives, probability, sets, phrases and the rest |
| `formula` | one formula: its chain of relations, what it defines, its ranges, the roles of undeclared names |
| `givens` | given lines: declarations, facts, recurrences and phrases as a context |
| `document` | Markdown, LaTeX files and notebooks: sections, lines, chains as steps |
| `script` | proof scripts: SymPy expressions as terms, the script object, loading; only here SymPy is imported |

Each builds on those above it, but for `latex`, whose parser asks the notation tables while it reads; `script` stands
alone. `wording.py` and `script_wording.py` put problems into words; `second.py` compares with another parser.
"""
