"""Typst's mathematics as the signs that are seen: its calls, names and brackets, as Typst itself takes them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.write.reading import OPTIMA, MisreadError, Token, Tokens

_LEXEME = re.compile(
    r"""\"[^"]*"|\\.|#\w+|\d+(?:\.\d+)?|[A-Za-z]+(?:\.[a-z]+)*|'+|<=>|:=|!=|<=|>=|<<|>>|=>|->|[^\s]"""
)
_SIGNS = {
    "=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "approx": "≈", "=>": "⇒", "<=>": "⇔", ":=": "≔",
    "equiv": "≡", "in": "∈", "prop": "∝", "->": "→", "tilde.op": "∼", "<<": "≪", ">>": "≫", "subset.eq": "⊆",
    "+": "+", "-": "-", "*": "*", ",": ",", "!": "!", "dot": "⋅", "dot.o": "⊙", "times": "×", "top": "⊤",
    "prime": "′", "parallel": "∥", "\\;": ";", "\\,": ",",
}  # fmt: skip
_GREEK = frozenset({"theta", "eta", "sigma", "lambda", "mu", "pi", "Phi", "Theta", "Omega"})
_LETTERS = {"phi.alt": "phi", "epsilon.alt": "epsilon"}
_WORDS = frozenset({"sin", "cos", "tan", "exp", "log", "tanh", "arctan", "sinh", "tr", "det"})
_BIG = {"sum": "∑", "product": "∏", "integral": "∫", "lim": "lim", **{name: name for name in ("inf", "sup")}}
_NAMES = {"infinity": "infinity", "nabla": "∇", "partial": "∂"}
_OPEN, _CLOSE = "([{⟨", ")]}⟩"
_ACCENTS = {"hat": "hat", "macron": "bar", "tilde": "tilde", "arrow": "vec", "dot": "dot"}
_FONTS = {"bold": "bold", "cal": "cal", "bb": "bb", "upright": "rm"}
_FENCES = {"abs": "|", "norm": "‖", "floor": "⌊", "ceil": "⌈"}
_CLOSING = {"|": "|", "‖": "‖", "⌊": "⌋", "⌈": "⌉"}


def tokens(text: str) -> Tokens:
    """The signs of a formula without its dollars. MisreadError for what Typst would not take."""
    lexemes = [(found[0], found.start(), found.end()) for found in _LEXEME.finditer(text)]
    return tuple(_Lexer(lexemes).all())


class _Lexer:
    """A place in the lexemes of one formula or of one argument."""

    def __init__(self, lexemes: list[tuple[str, int, int]]) -> None:
        self.lexemes, self.at = lexemes, 0

    def text(self, ahead: int = 0) -> str:
        return self.lexemes[self.at + ahead][0] if self.at + ahead < len(self.lexemes) else ""

    def touches(self, ahead: int = 0) -> bool:
        """Whether a lexeme stands right behind the one before it."""
        here = self.at + ahead
        return 0 < here < len(self.lexemes) and self.lexemes[here - 1][2] == self.lexemes[here][1]

    def behind_a_subscript(self) -> bool:
        """Whether what was just read stands behind the bracket that ends a subscript."""
        at = self.at - 2
        if at < 0 or self.lexemes[at][0] != ")":
            return False
        depth = 1
        while depth and at:
            at -= 1
            depth += (self.lexemes[at][0] in _CLOSE) - (self.lexemes[at][0] in _OPEN)
        return at > 0 and self.lexemes[at - 1][0] == "_"

    def all(self) -> Iterator[Token]:
        while self.at < len(self.lexemes):
            yield from self.one()

    def one(self) -> Iterator[Token]:
        word = self.text()
        self.at += 1
        if word[0].isalpha():
            yield from self.call(word) if self.text() == "(" and self.touches() else self.word(word)
        elif word[0].isdigit():
            yield Token("number", word)
        elif word[0] == '"':
            yield from self.quoted(word[1:-1])
        elif word in ("_", "^"):
            yield self.script(word)
        elif word[0] == "'":
            if self.behind_a_subscript():
                raise MisreadError("a prime behind a subscript stands in it")
            yield Token("script", "", (None, (Token("sign", "′" * len(word)),)))
        elif word in _OPEN:
            yield Token("open", word)
        elif word in _CLOSE:
            yield Token("close", word)
        elif word[0] == "\\" and word[1] in "([":
            yield Token("open", word[1])
        elif word[0] == "\\" and word[1] in ")]":
            yield Token("close", word[1])
        elif word in _SIGNS:
            yield Token("sign", _SIGNS[word])
        else:
            raise MisreadError(f"the sign {word}")

    def quoted(self, text: str) -> Iterator[Token]:
        yield Token("number", text) if text.lstrip(".").isdigit() else Token("words", text.strip())

    def word(self, word: str) -> Iterator[Token]:
        if word in ("thin", "quad"):
            return
        if word in ("max", "min"):  # a bracket makes it a function of a list
            yield Token("big", word) if self.text() == "_" else Token("name", word)
        elif word in _BIG:
            yield Token("big", _BIG[word])
        elif word in _SIGNS:
            yield Token("sign", _SIGNS[word])
        elif word.startswith("dots."):
            yield Token("dots")
        elif len(word) == 1 or word in _GREEK or word in _WORDS or word in _LETTERS or word in _NAMES:
            yield Token("name", _NAMES.get(word, _LETTERS.get(word, word)))
        else:
            raise MisreadError(f"Typst knows no {word}")

    def script(self, mark: str) -> Token:
        """A script in brackets, which are not seen."""
        if self.text() != "(" or not self.touches():
            raise MisreadError("a script without brackets")
        (inside,) = self.arguments(split="")
        return Token("script", "", (inside, None) if mark == "_" else (None, inside))

    def arguments(self, split: str = ",") -> list[Tokens]:
        """The arguments between a bracket and its partner, each as tokens."""
        return [tuple(_Lexer(part).all()) for part in self.raw(split)]

    def raw(self, split: str) -> list[list[tuple[str, int, int]]]:
        self.at += 1
        parts: list[list[tuple[str, int, int]]] = [[]]
        depth = 1
        while True:
            if self.at >= len(self.lexemes):
                raise MisreadError("a bracket is not closed")
            lexeme = self.lexemes[self.at]
            depth += (lexeme[0] in _OPEN) - (lexeme[0] in _CLOSE)
            self.at += 1
            if depth == 0:
                return parts
            if depth == 1 and lexeme[0] in split and split:
                parts.append([])
            else:
                parts[-1].append(lexeme)

    # --- calls ---------------------------------------------------------------------------------------

    def call(self, name: str) -> Iterator[Token]:
        match name:
            case "frac" | "binom":
                yield Token("fraction" if name == "frac" else "binomial", "", self.exactly(2))
            case "sqrt":
                yield Token("root", "", (*self.exactly(1), None))
            case "root":
                degree, radicand = self.exactly(2)
                yield Token("root", "", (radicand, degree))
            case "abs" | "norm" | "floor" | "ceil":
                (inside,) = self.exactly(1)
                yield from (Token("open", _FENCES[name]), *inside, Token("close", _CLOSING[_FENCES[name]]))
            case "mid":
                self.raw("")
                yield Token("sign", "∣")
            case "op":
                yield from self.operator()
            case "lr":
                yield from self.growing()
            case "mat":
                yield from self.matrix()
            case "cases":
                yield Token("cases", "", tuple(self.case(part) for part in self.raw(",")))
            case _:
                yield self.marked(name)

    def exactly(self, count: int) -> tuple[Tokens, ...]:
        found = self.arguments()
        if len(found) != count:
            raise MisreadError(f"{len(found)} arguments instead of {count}")
        return tuple(found)

    def operator(self) -> Iterator[Token]:
        first, *rest = self.raw(",")
        word = first[0][0][1:-1].replace(" ", "")
        big = bool(rest) and [lexeme[0] for lexeme in rest[0]] == ["limits", ":", "#true"]
        if big and word not in OPTIMA:
            raise MisreadError(f"no optimum: {word}")
        yield Token("big" if big else "name", word)

    def growing(self) -> Iterator[Token]:
        """Brackets that grow; with only a bar at the end, what is evaluated there."""
        (inside,) = self.raw("")
        if inside[-1][0] == "|":
            yield from (Token("open", "at"), *_Lexer(inside[:-1]).all(), Token("close", "at"))
        else:
            yield from _Lexer(inside).all()

    def matrix(self) -> Iterator[Token]:
        (inside,) = self.raw("")
        if [lexeme[0] for lexeme in inside[:4]] != ["delim", ":", '"["', ","]:
            raise MisreadError("a matrix without square brackets")
        rows = _split(inside[4:], ";")
        table = tuple(tuple(tuple(_Lexer(cell).all()) for cell in _split(row, ",")) for row in rows)
        yield from (Token("open", "["), Token("table", "", table), Token("close", "]"))

    def case(self, part: list[tuple[str, int, int]]) -> tuple[Tokens, Tokens]:
        value, condition = _split(part, "&")
        return tuple(_Lexer(value).all()), tuple(_Lexer(condition).all())

    def marked(self, name: str) -> Token:
        """A name in a font or under an accent."""
        if name not in _ACCENTS and name not in _FONTS:
            raise MisreadError(f"{name}( is a call that is not known")
        (inner,) = self.raw("")
        if name == "upright" and inner[0][0][0] == '"':
            return Token("name", inner[0][0][1:-1])
        ((token),) = _Lexer(inner).all()
        if name in _ACCENTS:
            return Token("name", token.text, (), _ACCENTS[name], token.font)
        if name == "upright" and token.font == "bold":
            return token  # upright and bold is bold
        return Token(token.kind, token.text, (), token.accent, _FONTS[name])


def _split(lexemes: list[tuple[str, int, int]], mark: str) -> list[list[tuple[str, int, int]]]:
    parts: list[list[tuple[str, int, int]]] = [[]]
    depth = 0
    for lexeme in lexemes:
        depth += (lexeme[0] in _OPEN) - (lexeme[0] in _CLOSE)
        if depth == 0 and lexeme[0] == mark:
            parts.append([])
        else:
            parts[-1].append(lexeme)
    return parts
