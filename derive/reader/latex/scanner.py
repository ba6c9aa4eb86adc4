"""LaTeX formulas as tokens, each with its place.

A token is one letter, one digit, one sign, one command or one piece of running text; layout (spaces, `\\,`, `\\left`,
`\\displaystyle`, `\\label{…}`) leaves no token, styles (`\\mathbf{x}`) fold into the letter they style, and
`\\operatorname` and `\\mathrm` words become one token. Macros without or with simple arguments are expanded here.
What does not nest (`{`, `\\left`) is a `Problem` at its place; nothing else is judged.
"""

from __future__ import annotations

import re
from dataclasses import replace

from derive.language.letters import LETTERS, STYLES, styled
from derive.language.source import Span
from derive.language.statement import Problem
from derive.reader.latex.signs import prefixes
from derive.reader.latex.tokens import Kind, Macros, Token, Untokenizable

_SILENT = frozenset(
    [
        r"\,",
        r"\;",
        r"\:",
        r"\!",
        r"\displaystyle",
        r"\textstyle",
        r"\scriptstyle",
        r"\limits",
        r"\nolimits",
        r"\nonumber",
        r"\notag",
        r"\thinspace",
        r"\medspace",
        r"\thickspace",
        r"\negthinspace",
        r"\allowbreak",
        r"\nobreak",
        r"\relax",
        r"\hfill",
        r"\smallskip",
        r"\medskip",
        r"\bigskip",
        r"\noindent",
        r"\hspace",
        r"\vspace",
        r"\enspace",
        r"\enskip",
        r"\null",
        r"\strut",
        r"\mathstrut",
        r"\big",
        r"\Big",
        r"\bigg",
        r"\Bigg",
        r"\bigl",
        r"\bigr",
        r"\Bigl",
        r"\Bigr",
        r"\biggl",
        r"\biggr",
        r"\Biggl",
        r"\Biggr",
        r"\bigm",
        r"\Bigm",
        r"\normalsize",
        r"\small",
        r"\protect",
        r"\phantom",
        r"\hphantom",
        r"\vphantom",
        r"\color",
        r"\mathopen",
        r"\mathclose",
        r"\mathbin",
        r"\mathrel",
        r"\mathord",
        r"\centering",
    ]
) | {"\\ ", "\\\n", "\\\t"}
_SILENT_WITH_ARGUMENT = frozenset(
    [r"\tag", r"\label", r"\hspace", r"\vspace", r"\phantom", r"\hphantom", r"\vphantom", r"\color"]
)
_TEXT = frozenset([r"\text", r"\textrm", r"\textit", r"\textbf", r"\mbox", r"\hbox", r"\textnormal", r"\intertext"])
_PROSE = frozenset(
    [
        "a", "also", "an", "and", "are", "as", "at", "be", "because", "but", "by", "clearly", "each", "every",
        "finally", "first", "for", "from", "gives", "has", "have", "hence", "here", "if", "in", "is", "let", "likewise",
        "next", "note", "now", "of", "on", "or", "otherwise", "recall", "second", "similarly", "since", "so", "such",
        "that", "the", "then", "therefore", "third", "this", "thus", "to", "using", "we", "when", "where", "which",
        "while", "with", "yields",
    ]
)  # fmt: skip
"""Words that a text in a formula may be without being a name, even where a bracket follows."""
_WORD = frozenset(
    [r"\operatorname", r"\mathrm", r"\mathit", r"\rm", r"\mathnormal", r"\texttt", r"\mathtt", r"\textsf"]
)
_BRACKETS = {"\\lbrack": "[", "\\rbrack": "]", "\\lparen": "(", "\\rparen": ")"}
_WRAPPERS = frozenset(
    [
        r"\underset",
        r"\overset",
        r"\stackrel",
        r"\mathop",
        r"\substack",
        r"\underbrace",
        r"\overbrace",
        r"\boxed",
        r"\textcolor",
    ]
)
_SIGNS = {
    "−": "-",
    "·": "\\cdot",
    "×": "\\times",
    "≤": "\\le",
    "≥": "\\ge",
    "≠": "\\ne",
    "≈": "\\approx",
    "→": "\\to",
    "⇒": "\\Rightarrow",
    "⇔": "\\iff",
    "∈": "\\in",
    "∞": "\\infty",
    "∂": "\\partial",
    "∇": "\\nabla",
    "∑": "\\sum",
    "∏": "\\prod",
    "∝": "\\propto",
    "≔": ":=",
    "′": "'",
    "’": "'",
    "…": "\\dots",
    "∗": "*",
    "⊤": "\\top",
}
_SCANNER = re.compile(
    r"(?P<space>[ \t\r\n~]+)|(?P<comment>%[^\n]*\n?)|(?P<command>\\(?:[A-Za-z]+\*?|.|\n))|(?P<digit>[0-9])"
    r"|(?P<define>:=|::=)|(?P<bars>\|\|)|(?P<sign>.)",
    re.DOTALL,
)
_STARRED = ("\\operatorname*", "\\tag*", "\\hspace*", "\\vspace*")
_GREEK_LETTERS = frozenset(LETTERS.values())


def tokenize(text: str, offset: int = 0, macros: Macros | None = None) -> list[Token]:
    """The tokens of a formula; spans are shifted by `offset`. Raises `Untokenizable` where braces do not nest."""
    tokens = _Scan(text, offset, macros or {}, 0).run()
    _check_nesting(tokens)
    return _without_idle_gaps(tokens)


_GAP_NEIGHBOURS = frozenset(
    [",", ";", "&", "\\\\", "\\quad", "=", "<", ">", ":=", "(", ")", "[", "]", "{", "}", ".", ":"]
)


def _without_idle_gaps(tokens: list[Token]) -> list[Token]:
    """Without a `\\quad` that something else separates too, and without groups that are empty."""
    result: list[Token] = []
    skip = -1
    for position, token in enumerate(tokens):
        if position == skip:
            continue
        if (
            token.text == "{"
            and token.kind == "sign"
            and position + 1 < len(tokens)
            and (tokens[position + 1].text == "}" and (not result or result[-1].text in _BEFORE_EMPTY))
        ):
            skip = position + 1  # `{} + x`: an empty group only spaces the sign behind it
            continue
        if token.text == "\\quad" and token.kind == "sign":
            before = result[-1] if result else None
            after = next((t for t in tokens[position + 1 :] if t.text != "\\quad"), None)
            if before is None or after is None or "text" in (before.kind, after.kind):
                continue
            if before.text in _GAP_NEIGHBOURS or after.text in _GAP_NEIGHBOURS or after.text in _ARROWS:
                continue
        result.append(token)
    return result


_BEFORE_EMPTY = frozenset(["&", "=", "<", ">", "+", "-", "\\\\", "\\quad", "(", "\\le", "\\ge", ","])
_ARROWS = frozenset(
    [
        r"\Rightarrow",
        r"\implies",
        r"\iff",
        r"\Leftrightarrow",
        r"\le",
        r"\ge",
        r"\leq",
        r"\geq",
        r"\leqslant",
        r"\geqslant",
        r"\ne",
        r"\neq",
        r"\approx",
        r"\propto",
        r"\therefore",
        r"\equiv",
        r"\sim",
        r"\to",
        r"\in",
        r"\begin",
        r"\end",
        r"\\",
    ]
)


_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")


def _is_name(content: str, following: str) -> bool:
    """Whether `\\text{…}` is the name of something, as in `\\text{Var}(X)`, `\\text{MSE} = …`, and no prose."""
    if not re.fullmatch(r"[A-Za-z]\w*", content) or content.lower() in _PROSE:
        return False
    if content in prefixes() or re.search(r".[A-Z]", content):
        return True
    return following.startswith(("(", "[", "_", "^", "=", ":=", "\\left", "\\big", "\\Big", "\\lparen", "\\lbrack"))


class _Scan:
    def __init__(self, text: str, offset: int, macros: Macros, depth: int) -> None:
        self.text = text
        self.offset = offset
        self.macros = macros
        self.depth = depth
        self.place = 0
        self.tokens: list[Token] = []
        self.joined = False
        self.side = ""

    def fail(self, code: str, start: int, end: int, **details: str) -> Untokenizable:
        span = Span(start + self.offset, end + self.offset)
        return Untokenizable(Problem(code, span, tuple(details.items())))

    def add(self, kind: Kind, text: str, start: int, end: int) -> None:
        self.tokens.append(Token(kind, text, start + self.offset, end + self.offset, self.joined, self.side))
        self.joined = True
        self.side = ""

    def run(self) -> list[Token]:
        length = len(self.text)
        while self.place < length:
            match = _SCANNER.match(self.text, self.place)
            assert match is not None
            start, self.place = self.place, match.end()
            kind, piece = match.lastgroup, match.group()
            if kind in ("space", "comment"):
                self.joined = False
            elif kind == "digit":
                grouped = _THOUSANDS.match(self.text, start)
                if grouped is not None and not (self.joined and self.tokens and self.tokens[-1].kind == "digit"):
                    raise self.fail("digits-grouped", start, grouped.end())
                self.add("digit", piece, start, self.place)
            elif kind == "define":
                self.add("sign", ":=", start, self.place)
            elif kind == "bars":
                self.add("command", "||", start, self.place)
            elif kind == "command":
                self.command(piece, start)
            elif piece.isalpha() and (piece.isascii() or piece in _GREEK_LETTERS or _is_math_letter(piece)):
                self.add("letter", piece, start, self.place)
            elif piece in _SIGNS:
                sign = _SIGNS[piece]
                self.add("command" if sign.startswith("\\") else "sign", sign, start, self.place)
            elif piece == "&":
                self.add("sign", "&", start, self.place)
            elif piece.isascii() and piece.isprintable() and piece not in '#$"`@':
                self.add("sign", piece, start, self.place)
            else:
                raise self.fail("unknown-sign", start, self.place, sign=piece)
        if self.side:
            raise self.fail("fence-expected", length, length)
        return self.tokens

    def command(self, name: str, start: int) -> None:
        if name.endswith("*") and name not in _STARRED:
            name = name[:-1]
            self.place -= 1
        if name in ("\\left", "\\right", "\\middle"):
            if self.side:
                raise self.fail("fence-expected", start, self.place)
            self.side = name[1:]
            return
        if name in self.macros:
            self.macro(name, start)
            return
        bare = name.rstrip("*")
        if name in ("\\quad", "\\qquad"):
            self.joined = False
            self.tokens.append(Token("sign", "\\quad", start + self.offset, self.place + self.offset))
            return
        if bare in _SILENT_WITH_ARGUMENT:
            self.joined = False
            self.argument(required=True)
            return
        if name in _SILENT:
            self.joined = False
            return
        if name in _TEXT:
            content = self.argument(required=True)
            kind: Kind = "word" if _is_name(content, self.text[self.place :].lstrip()) else "text"
            self.add(kind, content.strip(), start, self.place)
            return
        if bare in _WORD:
            content = re.sub(r"\\[,;:! ]|\s|~|[{}]", "", self.argument(required=True))
            if content.startswith("\\text"):
                content = content[5:]
            if not content:
                raise self.fail("argument-expected", start, self.place, command=name)
            if "\\" in content or not content.replace("-", "").isalnum():
                self.tokens.extend(self.inner(content, start))
            elif len(content) == 1 and content.isdigit():
                self.add("digit", content, start, self.place)
            else:
                self.add("word", content, start, self.place)
            return
        if name in STYLES:
            self.style(name, start)
            return
        if name in _WRAPPERS:
            self.wrapper(name, start)
            return
        if name in LETTERS:
            self.add("letter", LETTERS[name], start, self.place)
            return
        if name in _BRACKETS:
            self.add("sign", _BRACKETS[name], start, self.place)
            return
        if name == "\\colon":
            self.add("sign", ":", start, self.place)
            return
        if name == "\\coloneqq":
            self.add("sign", ":=", start, self.place)
            return
        self.add("command", name, start, self.place)

    def argument(self, required: bool = False) -> str:
        """The text of the braced (or one-token) argument at the place, which moves behind it."""
        while self.place < len(self.text) and self.text[self.place] in " \t\r\n":
            self.place += 1
        start = self.place
        if start >= len(self.text):
            if required:
                raise self.fail("argument-expected", start, start)
            return ""
        if self.text[start] != "{":
            match = re.compile(r"\\[A-Za-z]+|\\?.", re.DOTALL).match(self.text, start)
            assert match is not None
            self.place = match.end()
            return match.group()
        level = 0
        at = start
        while at < len(self.text):
            character = self.text[at]
            if character == "\\":
                at += 2
                continue
            level += (character == "{") - (character == "}")
            at += 1
            if level == 0:
                self.place = at
                return self.text[start + 1 : at - 1]
        raise self.fail("brace-open", start, start + 1)

    def inner(self, text: str, start: int) -> list[Token]:
        """Tokens of a piece that stands in for a command; all of them lie at the command's place."""
        if self.depth > 20:
            raise self.fail("macro-too-deep", start, self.place)
        tokens = _Scan(text, 0, self.macros, self.depth + 1).run()
        low, high = start + self.offset, self.place + self.offset
        if len(self.tokens) + len(tokens) > 20000:
            raise self.fail("formula-too-long", start, self.place)
        return [replace(t, start=low, end=high, joined=t.joined and k > 0) for k, t in enumerate(tokens)]

    def style(self, name: str, start: int) -> None:
        braced = self.argument(required=True)
        for token in self.inner(braced, start):
            if token.kind == "letter":
                letter = styled(token.text, STYLES[name])
                if letter is None:
                    raise self.fail("no-such-letter", start, self.place, letter=token.text)
                self.tokens.append(replace(token, text=letter))
            elif token.kind == "digit" and STYLES[name] in ("mathbf", "mathbb"):
                self.tokens.append(replace(token, kind="command", text=f"\\{STYLES[name]}{token.text}"))
            else:
                self.tokens.append(token)
        self.joined = True

    def wrapper(self, name: str, start: int) -> None:
        """`\\underset{w}{\\arg\\min}` and its like: the operator with what stands under it; notes are left out."""
        if name == "\\substack":
            inner = self.argument(required=True).replace("\\\\", ",")
            self.tokens.extend(self.inner(f"{{{inner}}}", start)[1:-1])
            return
        if name in ("\\mathop", "\\boxed"):
            self.tokens.extend(self.inner(self.argument(required=True), start))
            return
        if name == "\\textcolor":
            self.argument(required=True)
            self.tokens.extend(self.inner(f"{{{self.argument(required=True)}}}", start))
            return
        if name in ("\\underbrace", "\\overbrace"):
            self.tokens.extend(self.inner(f"{{{self.argument(required=True)}}}", start))
            note = re.compile(r"\s*[_^](?=\s*\{)").match(self.text, self.place)
            if note:
                self.place = note.end()
                self.argument(required=True)
            return
        mark, body = self.argument(required=True).strip(), self.argument(required=True)
        if name == "\\underset":
            self.tokens.extend(self.inner(f"{body}_{{{mark}}}", start))
        elif re.fullmatch(
            r"\(\w+\)|[!?*]|\\text\{\s*(?:\(\w+\)|def\.?|by def\.?)\s*\}|\\mathrm\{def\}|\\triangle", mark
        ):
            self.tokens.extend(self.inner(":=" if "def" in mark or "triangle" in mark else body, start))
        else:
            raise self.fail("mark-unclear", start, self.place, mark=mark)

    def macro(self, name: str, start: int) -> None:
        macro = self.macros[name]
        body = macro.body
        arguments = [self.argument(required=True) for _ in range(macro.arguments)]
        for position, text in enumerate(arguments):
            body = body.replace(f"#{position + 1}", f"{{{text}}}" if len(text) > 1 else text)
        self.tokens.extend(self.inner(body, start))
        self.joined = True


def _is_math_letter(character: str) -> bool:
    return "\U0001d400" <= character <= "\U0001d7cb" or "\u2100" <= character <= "\u214f"


def _check_nesting(tokens: list[Token]) -> None:
    """Braces and `\\left…\\right` pairs must nest."""
    stack: list[Token] = []
    for token in tokens:
        if token.side == "left" or (token.kind == "sign" and token.text == "{"):
            stack.append(token)
        elif token.side == "right" or (token.kind == "sign" and token.text == "}"):
            if not stack or (stack[-1].side == "left") != (token.side == "right"):
                raise Untokenizable(Problem("fence-unopened", token.span, (("sign", token.text),)))
            stack.pop()
    if stack:
        code = "fence-unclosed" if stack[-1].side else "brace-open"
        raise Untokenizable(Problem(code, stack[-1].span, (("sign", stack[-1].text),)))
