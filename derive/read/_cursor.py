"""A place in the tokens of one formula: looking ahead, taking, refusing. The parser is one, with a grammar."""

from __future__ import annotations

from derive.errors import FormulaError
from derive.read.tokens import Token


class Cursor:
    """The tokens of a formula and the one that is looked at; ``at`` is its number."""

    __slots__ = ("at", "text", "token", "tokens")

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text, self.tokens = text, found
        self.at, self.token = 0, found[0]

    def key(self, ahead: int = 1) -> str:
        """The key of a later token."""
        at = self.at + ahead
        return self.tokens[at].key if at < len(self.tokens) else "end"

    def go(self, at: int) -> None:
        """Stand on the token with this number."""
        self.at = min(at, len(self.tokens) - 1)
        self.token = self.tokens[self.at]

    def take(self) -> Token:
        """The token; the parser stands behind it."""
        token = self.token
        self.go(self.at + 1)
        return token

    def accept(self, key: str) -> bool:
        """Whether the token is this one, which is then taken."""
        if self.token.key != key:
            return False
        self.go(self.at + 1)
        return True

    def argument_end(self, at: int) -> int:
        """The number of the token behind a TeX argument that begins at a token."""
        if self.tokens[at].key != "{":
            return min(at + 1, len(self.tokens) - 1)
        open_ = 0
        for i in range(at, len(self.tokens) - 1):
            key = self.tokens[i].key
            open_ += (key == "{") - (key == "}")
            if not open_:
                return i + 1
        return len(self.tokens) - 1

    def fail(self, problem: str, hint: str = "", token: Token | None = None) -> FormulaError:
        """The refusal to raise, at this token or another."""
        return FormulaError(self.text, (token or self.token).at, problem, hint)

    def found(self) -> str:
        """The token as it is written, for messages."""
        match self.token.key:
            case "end":
                return "the end of the formula"
            case "text":
                return "text"
            case "begin":
                return f"'\\begin{{{self.token.text}}}'"
            case "close":
                return f"'\\end{{{self.token.text}}}'"
        return f"'{self.token.text}'"
