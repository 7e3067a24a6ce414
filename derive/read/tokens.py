r"""Text to tokens: numbers, letters, words that are declared, commands, signs. Decides what a name is.

A run of letters is one name only when it is a known or declared one (``relu``, ``theta``, ``KL``); else each letter is
a name, as in TeX. Every token keeps its offset. Characters that are no mathematics (control characters, look-alike
letters, invisible ones) and commands outside the list are refused here. Called by :mod:`derive.read.latex`.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass

from derive import limits
from derive.errors import FormulaError, LimitError
from derive.functions import SPELLINGS
from derive.read.names import ACCENTS, FONTS, GREEK, Names


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is one of number, letter, word, command, sign, end; ``text`` without the backslash."""

    kind: str
    text: str
    at: int


_UNICODE = {
    "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow", "→": r"\to", "∈": r"\in", "∝": r"\propto",
    "≡": r"\equiv", "∞": r"\infty", "∂": r"\partial", "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod", "∫": r"\int",
    "√": r"\sqrt", "′": "'", "’": "'", "⊤": r"\top", "∣": "|", "⟨": r"\langle", "⟩": r"\rangle", "ℓ": r"\ell",
    "²": "^2", "³": "^3", "¹": "^1",
    **{letter: "\\" + name for letter, name in zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega"], strict=True)},
    "ϕ": r"\phi", "ϵ": r"\epsilon", "ϑ": r"\vartheta",
}

_SPACING = frozenset(
    [",", ";", ":", "!", ">", "quad", "qquad", "displaystyle", "textstyle", "limits", "nolimits", "middle", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "hspace", "enspace", "thinspace"] + [" "]
)
_SIZES = frozenset(["big", "Big", "bigg", "Bigg"])
_STRUCTURE = frozenset(
    ["frac", "dfrac", "tfrac", "cfrac", "sqrt", "left", "right", "begin", "end", "cdot", "times", "div", "partial", "nabla", "int", "sum", "prod", "lim", "infty", "top", "mid", "vert", "lvert", "rvert", "Vert", "lVert", "rVert", "|", "{", "}", "\\", "langle", "rangle", "le", "leq", "leqslant", "ge", "geq", "geqslant", "ne", "neq", "lt", "gt", "approx", "simeq", "Rightarrow", "implies", "Leftrightarrow", "iff", "equiv", "propto", "in", "to", "rightarrow", "mapsto", "coloneqq", "odot", "circ", "prime", "ast", "star", "d", "limits", "operatorname"]
)
_COMMANDS = frozenset(
    {s[1:] for s in SPELLINGS if s.startswith("\\")} | set(GREEK) | set(ACCENTS) | set(FONTS) | _STRUCTURE | _SIZES
)

_PIECES = re.compile(
    r"(?P<space>\s+)|(?P<number>(?:\d+(?:\{,\}\d{3})+|\d+)(?:\.\d+)?|\.\d+)|\\(?P<command>[A-Za-z]+\*?|.)"
    r"|(?P<letters>[A-Za-z]+)|(?P<sign>:=|[-+*/^_=<>!'()\[\]{}|,;.&~:])",
    re.DOTALL,
)


def tokens(text: str, names: Names) -> list[Token]:
    """The tokens of a formula, with an end mark. FormulaError at the first character that is none."""
    if len(text) > limits.FORMULA_CHARACTERS:
        raise LimitError(f"the formula has {len(text)} characters; at most {limits.FORMULA_CHARACTERS} are read")
    found: list[Token] = []
    at = 0
    while at < len(text):
        at = _next(text, at, names, found)
    found.append(Token("end", "", len(text)))
    return found


def _next(text: str, at: int, names: Names, found: list[Token]) -> int:
    _refuse_strange(text, at)
    replaced = _UNICODE.get(text[at])
    if replaced is not None:
        for piece in tokens(replaced, names)[:-1]:
            found.append(Token(piece.kind, piece.text, at))
        return at + 1
    piece_ = _PIECES.match(text, at)
    if piece_ is None:
        raise FormulaError(text, at, f"unexpected character {text[at]!r}")
    kind = piece_.lastgroup or ""
    content = piece_.group(kind)
    if kind == "number":
        found.append(Token("number", content.replace("{,}", ""), at))
    elif kind == "letters":
        _letters(text, content, at, names, found)
    elif kind == "command":
        _command(text, content, at, found)
    elif kind == "sign" and content != "~":
        found.append(Token("sign", content, at))
    return piece_.end()


_EATEN = {"\f": "f", "\t": "t", "\b": "b", "\x07": "a", "\x0b": "v", "\r": "r"}


def _refuse_strange(text: str, at: int) -> None:
    character = text[at]
    if character.isascii() and (character.isprintable() or character in " \n\t\r") and not _eaten_tab(text, at):
        return
    if character in _EATEN:
        raise FormulaError(
            text, at, f"a control character where \\{_EATEN[character]}… was meant", "use single quotes around formulas"
        )
    if character in _UNICODE:
        return
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    problem = f"the character {name} (U+{ord(character):04X}) is not mathematics"
    plain = unicodedata.normalize("NFKC", character)
    hint = f"write {plain}" if plain != character and plain.isascii() and plain.strip() else ""
    if "CYRILLIC" in name or "GREEK" in name:
        hint = "it looks like a Latin letter; type it again on a Latin keyboard"
    raise FormulaError(text, at, problem, hint)


def _eaten_tab(text: str, at: int) -> bool:
    r"""A tab straight before letters that complete a command, as in a tab for the start of ``\theta``."""
    return text[at] == "\t" and bool(re.match(r"\t(heta|imes|ext|au|frac|ilde|anh|an)\b|\t(heta|ext|au)", text[at:]))


def _command(text: str, name: str, at: int, found: list[Token]) -> None:
    name = name.rstrip("*")
    if name in _SPACING:
        return
    if name not in _COMMANDS:
        near = difflib.get_close_matches(name, [c for c in _COMMANDS if len(c) > 1], 1)
        raise FormulaError(text, at, f"the command \\{name} is not read", f"did you mean \\{near[0]}?" if near else "")
    if name in _SIZES:
        return
    found.append(Token("command", name, at))


def _letters(text: str, run: str, at: int, names: Names, found: list[Token]) -> None:
    """A run of letters: one word when it is known, else a name for each letter."""
    if len(run) > 1 and _is_word(run, names):
        found.append(Token("word", run, at))
        return
    _refuse_unknown_word(text, run, at, names)
    found.extend(Token("letter", letter, at + i) for i, letter in enumerate(run))


def _is_word(run: str, names: Names) -> bool:
    return run in SPELLINGS or run in GREEK or run in names.functions or run in (names.symbols or ())


def _refuse_unknown_word(text: str, run: str, at: int, names: Names) -> None:
    """``sofmax(x)`` is a misspelt function, not a product of seven letters."""
    if len(run) < 3:
        return
    known = [w for w in (*SPELLINGS, *names.functions, *(names.symbols or ())) if len(w) > 2 and w.isalpha()]
    near = difflib.get_close_matches(run, known, 1, cutoff=0.75)
    applied = text[at + len(run) :].lstrip()[:1] == "("
    if near or applied:
        hint = f"did you mean {near[0]}?" if near else "declare it as a function, or put \\cdot between the letters"
        raise FormulaError(text, at, f"the name {run} is not declared", hint)
