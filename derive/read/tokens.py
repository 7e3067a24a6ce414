r"""Text to tokens: numbers, letters, words that are declared, commands, signs. Decides what a name is.

A run of letters is one name only when it is a known or declared one (``relu``, ``theta``, ``KL``); else each letter
is a name, as in TeX. Spacing and sizing commands, tags and equation numbers are left out, different spellings of one
sign become one (``\leq`` and ``≤`` are ``\le``), and every token keeps its offset. Characters that are no mathematics
(control characters, look-alike letters, invisible ones) are refused here. Called by :mod:`derive.read.latex`. A new
spelling is a row of a table below; which commands are read is decided by the parser's own tables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from derive import limits
from derive.errors import FormulaError, LimitError
from derive.read.names import GREEK, Names, words


class Token(NamedTuple):
    r"""One sign of a formula.

    ``key`` is what the parser looks at: the sign itself (``(``, ``\frac``), or one of ``number``, ``letter``,
    ``word``, ``differential`` (an upright d), ``text`` (words between formulas), ``gap`` (a wide space), ``begin`` and
    ``close`` (of an environment, named by ``text``), ``end``. ``text`` is what is written; ``run`` the whole run of
    letters that a first letter was cut from.
    """

    key: str
    text: str
    at: int
    run: str = ""


_SAME = {
    r"\leq": r"\le", r"\leqslant": r"\le", r"\geq": r"\ge", r"\geqslant": r"\ge", r"\neq": r"\ne", r"\lt": "<",
    r"\gt": ">", r"\simeq": r"\approx", r"\implies": r"\Rightarrow", r"\Longrightarrow": r"\Rightarrow",
    r"\iff": r"\Leftrightarrow", r"\Longleftrightarrow": r"\Leftrightarrow", r"\rightarrow": r"\to",
    r"\longrightarrow": r"\to", r"\coloneqq": ":=", r"\cdot": "*", r"\times": "*", r"\ast": "*", r"\star": "*",
    r"\div": "/", r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\cfrac": r"\frac", r"\vert": "|",
    r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[", r"\rbrack": "]", r"\lparen": "(", r"\rparen": ")",
    r"\(": "(", r"\)": ")", r"\[": "[", r"\]": "]", r"\Vert": r"\|",
    r"\intercal": r"\top", r"\prime": "'", r"\mbox": r"\text", r"\textnormal": r"\text", r"\ldots": r"\dots",
    r"\cdots": r"\dots", r"\dotsc": r"\dots", r"\dotsb": r"\dots", r"\dotsm": r"\dots", r"\hdots": r"\dots",
    r"\vdots": r"\dots", r"\ddots": r"\dots", r"\emph": r"\text", "...": r"\dots",
    "<=": r"\le", ">=": r"\ge", "=>": r"\Rightarrow", "<=>": r"\Leftrightarrow", "->": r"\to",
    r"\leqq": r"\le", r"\geqq": r"\ge", r"\triangleq": ":=", r"\doteq": ":=", r"\eqdef": ":=",
    r"\coloneq": ":=", r"\leftarrow": ":=", r"\gets": ":=", r"\subseteq": r"\subset", r"\lor": r"\vee",
    r"\land": r"\wedge", r"\dbinom": r"\binom", r"\tbinom": r"\binom", r"\parallel": r"\|", r"\given": r"\mid",
    r"\colon": ":",
}  # fmt: skip
"""Spellings of one sign; the parser's tables know only the second."""

_SILENT = frozenset({
    r"\,", r"\;", r"\:", r"\!", r"\>", r"\enspace", r"\thinspace", r"\medspace",
    r"\thickspace", r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\scriptscriptstyle", r"\limits",
    r"\nolimits", r"\middle", r"\big", r"\Big", r"\bigg", r"\Bigg", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr",
    r"\biggl", r"\biggr", r"\Biggl", r"\Biggr", r"\bigm", r"\Bigm", r"\biggm", r"\Biggm",
    r"\nonumber", r"\notag", r"\/", "\\ ", "\\\n", "\\\t",
})  # fmt: skip
"""Spacing, sizing and style: they do not change what a formula means."""

_UNICODE = {
    "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow", "→": r"\to", "∈": r"\in", "∝": r"\propto",
    "≡": r"\equiv", "∞": r"\infty", "∂": r"\partial", "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod", "∫": r"\int",
    "√": r"\sqrt", "′": "'", "’": "'", "⊤": r"\top", "∣": "|", "‖": r"\|", "⟨": r"\langle", "⟩": r"\rangle",
    "…": r"\dots", "⋯": r"\dots", "µ": r"\mu", "∆": r"\Delta", "⊙": r"\odot", "∘": r"\circ", "⌊": r"\lfloor",
    "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "∼": r"\sim", "≪": r"\ll", "≫": r"\gg", "⊂": r"\subset",
    "⊆": r"\subset", "≔": ":=", "≜": ":=", "←": ":=", "∥": r"\|", "∧": r"\wedge", "∨": r"\vee", "ℓ": r"\ell",
    **{letter: f"\\{name}" for name, letter in GREEK.items()},
}  # fmt: skip
"""Characters of mathematics, and how they are written in LaTeX."""

_BLACKBOARD = {"ℝ": "R", "ℕ": "N", "ℤ": "Z", "ℚ": "Q", "ℂ": "C", "𝔼": "E", "ℙ": "P", "𝕍": "V", "𝟙": "1"}
_COMBINING = {"\u0302": r"\hat", "\u0304": r"\bar", "\u0303": r"\tilde", "\u0307": r"\dot", "\u20d7": r"\vec"}

_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", "₀₁₂₃₄₅₆₇₈₉₊₋ₙᵢⱼₖₜ"
_SMALL = re.compile(f"[{_RAISED}]+|[{_LOWERED}]+")
_DIGITS = str.maketrans(_RAISED + _LOWERED, "0123456789+-ni0123456789+-nijkt")

_PIECES = re.compile(
    r"(?P<space>[ \n~]+|\t|\r\n)"
    r"|(?P<number>[0-9]{1,3}(?:(?:\{,\}|\\,)[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<letters>[A-Za-z]+)"
    r"|(?P<sign><=>|:=|<=|>=|=>|->|\.\.\.|[-+*/^_=<>!'()\[\]{}|,;.&:$])"
    r"|(?P<environment>\\(?:begin|end)\s*\{\s*[A-Za-z]+\*?\s*\}(?:(?<=array\})\s*\{[lcr|\s]*\})?)"
    r"|(?P<command>\\not\s*=|\\(?:[A-Za-z]+|.))",
    re.DOTALL,
)


def tokens(text: str, names: Names) -> list[Token]:
    """The tokens of a formula, with an end mark. FormulaError at the first character that is none."""
    if len(text) > limits.FORMULA_CHARACTERS:
        raise LimitError(f"the formula has {len(text)} characters; at most {limits.FORMULA_CHARACTERS} are read")
    lexer = _Lexer(text, words(names))
    at = 0
    while at < len(text):
        at = lexer.next(at)
    found = _without_delimiters(lexer.found)
    found.append(Token("end", "", len(text)))
    return found


def _without_delimiters(found: list[Token]) -> list[Token]:
    """Without the dollars around the whole formula."""
    while len(found) > 1 and found[0].key == found[-1].key == "$":
        found = found[1:-1]
    return found


class _Lexer:
    """The text, the words that are names in it, and the tokens found so far."""

    __slots__ = ("found", "text", "words")

    def __init__(self, text: str, known: frozenset[str]) -> None:
        self.text, self.words = text, known
        self.found: list[Token] = []

    def next(self, at: int) -> int:
        """Append the tokens of the next piece; the place after it."""
        piece = _PIECES.match(self.text, at)
        if piece is None or piece.lastgroup is None:
            return self.character(at)
        return _TAKERS[piece.lastgroup](self, at, piece[0])

    def add(self, key: str, text: str, at: int, run: str = "") -> None:
        self.found.append(Token(key, text, at, run))

    def fail(self, at: int, problem: str, hint: str = "") -> FormulaError:
        return FormulaError(self.text, at, problem, hint)

    def space(self, at: int, piece: str) -> int:
        end = at + len(piece)
        if piece != " " and _EATEN_BY_TOML.match(self.text, end - 1):
            raise self._eaten(end - 1, piece[-1])
        return end

    def _eaten(self, at: int, character: str) -> FormulaError:
        return self.fail(
            at, f"a control character where \\{_EATEN[character]}… was meant", "use single quotes around formulas"
        )

    def number(self, at: int, piece: str) -> int:
        end = at + len(piece)
        if self.text[end : end + 1] in ("e", "E") and _SCIENTIFIC.match(self.text, end):
            hint = r"write 3 \cdot 10^{5}, or e apart from the number"
            raise self.fail(at, f"{piece}e… can be read in two ways", hint)
        plain = piece.replace("{,}", "").replace("\\,", "") if len(piece) > 4 else piece
        if len(plain) > 1 and plain[0] == "0" and plain[1] != ".":
            raise self.fail(at, "a number does not begin with 0", r"write thousands as 1{,}000, decimals as 0.05")
        self.add("number", plain, at)
        return end

    def letters(self, at: int, piece: str) -> int:
        if len(piece) > 1 and piece in self.words:
            self.add("word", piece, at)
        else:
            self.add("letter", piece[0], at, piece)
            for i in range(1, len(piece)):
                self.add("letter", piece[i], at + i)
        return at + len(piece)

    def sign(self, at: int, piece: str) -> int:
        primes = _PRIMES.match(self.text, at) if piece == "^" else None
        if primes:
            for _ in range(primes[0].count("prime")):
                self.add("'", "'", at)
            return primes.end()
        self.add(_SAME.get(piece, piece), piece, at)
        return at + len(piece)

    def environment(self, at: int, piece: str) -> int:
        key = "begin" if piece.startswith(r"\begin") else "close"
        self.add(key, piece.split("{")[1].split("}")[0].strip(), at)
        return at + len(piece)

    def command(self, at: int, piece: str) -> int:
        after = at + len(piece)
        skipped = _SKIPPED[piece].match(self.text, after) if piece in _SKIPPED else None
        if skipped or piece in _SILENT:
            return skipped.end() if skipped else after
        if piece in _GAPS:
            self.add("gap", piece, at)
            return after
        upright = _UPRIGHT_D.match(self.text, after) if piece in _UPRIGHT else None
        if upright:
            self.add("differential", "d", at)
            return upright.end()
        if piece in _TEXT or (piece in _UPRIGHT and _UPRIGHT_WORD.match(self.text, after)):
            return self._text(at, after, _SAME.get(piece, piece))
        if not piece.isascii() or not (piece.isprintable() or piece.startswith(r"\not")):
            raise self.fail(at, f"a backslash before {piece[1]!r}")
        if piece[-1] == "=":
            piece = r"\ne"
        self.add(_SAME.get(piece, piece), piece, at)
        trailing = _TRAILING[piece].match(self.text, after) if piece in _TRAILING else None
        return trailing.end() if trailing else after

    def _text(self, at: int, after: int, key: str) -> int:
        r"""``\text{…}``: a name in upright letters, or words between formulas."""
        group = _GROUP.match(self.text, after)
        if group is None:
            raise self.fail(at, f"{key} is not followed by words in braces")
        content = group[1]
        operator = _ARG.fullmatch(content)
        if operator:
            self.add("word", f"arg{operator[1]}", at)
            return group.end()
        if content.strip() in self.words and content.strip().lower() not in _CONNECTING:
            self.add("word", content.strip(), at)
            return group.end()
        if content.isalnum() and content.isascii() and content.lower() not in _CONNECTING:
            self.add(key, key, at)
            return after
        self._words(content, at, group.start(1))
        return group.end()

    def _words(self, content: str, at: int, inner: int) -> None:
        """Words, with formulas in dollars between them; the content begins at ``inner``."""
        for i, part in enumerate(content.split("$")):
            end = inner + len(part)
            if i % 2:
                while inner < end:
                    inner = self.next(inner)
            elif part.strip() or not i:
                self.add("text", part.strip(), inner if i else at)
            inner = end + 1

    def character(self, at: int) -> int:
        """A character that is no ASCII mathematics: its LaTeX, a space, or a refusal."""
        character = self.text[at]
        written = _UNICODE.get(character)
        if written is not None:
            if character == "⊤" and self.found and self.found[-1].key not in ("^", "{"):
                self.add("^", "^", at)
            self.add(written, character, at)
            return at + 1
        small = _SMALL.match(self.text, at)
        if small:
            return self._small(at, small[0])
        composed = self._composed(at, character)
        if composed:
            return composed
        if unicodedata.category(character) == "Zs":
            return at + 1
        raise self._strange(at, character)

    def _small(self, at: int, written: str) -> int:
        """Raised or lowered digits: an exponent or an index."""
        self.add("^" if written[0] in _RAISED else "_", written, at)
        self.add("{", "{", at)
        for piece in re.findall("[0-9]+|[+-]|[a-z]", written.translate(_DIGITS)):
            self.add("number" if piece.isdigit() else "letter" if piece.isalpha() else piece, piece, at)
        self.add("}", "}", at)
        return at + len(written)

    def _composed(self, at: int, character: str) -> int:
        r"""``ℝ`` is ``\mathbb{R}``, ``ŷ`` is ``\hat{y}``, ``ᵀ`` is ``^\top``, ``½`` a fraction; 0 for all else."""
        if character == "ᵀ":
            self._several(at, "^", r"\top")
            return at + 1
        if character in _BLACKBOARD:
            self._several(at, r"\mathbb", "{", _BLACKBOARD[character], "}")
            return at + 1
        parts = unicodedata.normalize("NFD", character)
        if len(parts) == 2 and parts[0].isascii() and parts[1] in _COMBINING:
            self._several(at, _COMBINING[parts[1]], "{", parts[0], "}")
            return at + 1
        top, slash, bottom = unicodedata.normalize("NFKC", character).partition("⁄")
        if slash:
            self._several(at, r"\frac", "{", top, "}", "{", bottom, "}")
            return at + 1
        return 0

    def _several(self, at: int, *pieces: str) -> None:
        for piece in pieces:
            self.add("letter" if piece.isalpha() else "number" if piece.isdigit() else piece, piece, at)

    def _strange(self, at: int, character: str) -> FormulaError:
        if character in _EATEN:
            return self._eaten(at, character)
        if character.isascii() and character.isprintable():
            return self.fail(at, f"unexpected character {character!r}")
        name = unicodedata.name(character, "")
        problem = f"the character {name or 'without a name'} (U+{ord(character):04X}) is not mathematics"
        return self.fail(at, problem, _advice(character, name))


def _advice(character: str, name: str) -> str:
    if character in _LIKE:
        return f"write {_LIKE[character]}"
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and plain.isascii() and plain.strip():
        return f"write {plain}"
    if "CYRILLIC" in name or "GREEK" in name:
        return "it looks like a Latin letter; type it again on a Latin keyboard"
    return "delete it" if unicodedata.category(character)[0] == "C" else ""


_TAKERS: dict[str, Callable[[_Lexer, int, str], int]] = {
    "space": _Lexer.space,
    "number": _Lexer.number,
    "letters": _Lexer.letters,
    "sign": _Lexer.sign,
    "environment": _Lexer.environment,
    "command": _Lexer.command,
}

_LIKE = {"—": "-", "‐": "-", "‑": "-", "‒": "-", "∕": "/", "⁄": "/"}
_EATEN = {"\f": "f", "\t": "t", "\b": "b", "\x07": "a", "\x0b": "v", "\r": "r", "\n": "n"}
_EATEN_BY_TOML = re.compile(
    r"\t(?:heta|imes|ext|au(?![a-z])|frac|ilde|anh|an(?![a-z])|op(?![a-z]))|\n(?:abla|eq(?![a-z])|otag|onumber)"
)
"""What a double-quoted string leaves of ``\\theta`` or ``\\nabla``: a tab or a new line, and the rest of the name."""

_SCIENTIFIC = re.compile(r"[eE][-+]?[0-9]")
_PRIMES = re.compile(r"\^\s*(?:\\prime(?![A-Za-z])|\{\s*(?:\\prime\s*)+\})")
_GAP = re.compile(r"\*?\s*\{[^{}]*\}")
_EQUATION_NUMBER = re.compile(r"\s*\(\s*[0-9]+[a-z]?\s*\)\s*(?=\Z|\\\\|\\end(?![A-Za-z]))")
_GAPS = frozenset({r"\quad", r"\qquad"})
_ARG = re.compile(r"\s*arg\s*(min|max)\s*")
_SKIPPED = {
    **dict.fromkeys((r"\hspace", r"\vspace", r"\phantom", r"\hphantom", r"\vphantom", r"\label", r"\color",
                     r"\textcolor"), _GAP),
    r"\tag": re.compile(r"\*?\s*(?:\{[^{}]*\}|[0-9])"),
    **dict.fromkeys(_GAPS, _EQUATION_NUMBER),
}
"""Commands that are left out together with what follows them."""

_TRAILING = {r"\operatorname": re.compile(r"\*"), "\\\\": re.compile(r"\s*\[\s*[0-9.]+\s*(?:pt|em|ex|mm|cm)\s*\]")}
"""What is left out after a command: the star, and the extra space between rows."""

_UPRIGHT = frozenset({r"\mathrm", r"\textrm", r"\text", r"\operatorname", r"\mathsf", r"\rm"})
_UPRIGHT_D = re.compile(r"[\s~]*\{[\s~]*d[\s~]*\}|[\s~]+d(?![A-Za-z])")
_TEXT = frozenset({r"\text", r"\textrm", r"\textit", r"\textbf", r"\textnormal", r"\mbox", r"\emph"})
_GROUP = re.compile(r"\s*\{([^{}]*)\}")
_CONNECTING = frozenset({
    "if", "for", "when", "where", "otherwise", "else", "and", "or", "with", "sonst", "falls", "wenn", "oder", "und",
    "mit", "wobei", "ansonsten", "elsewhere", "then", "so", "thus", "hence", "let", "also", "dann",
})  # fmt: skip
_UPRIGHT_WORD = re.compile(rf"\s*\{{\s*(?:{'|'.join(sorted(_CONNECTING, key=len, reverse=True))})\s*\}}")
