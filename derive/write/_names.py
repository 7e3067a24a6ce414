r"""Names as they are set: Greek letters, accents, fonts, labels. Shared by every notation.

A printer hands a :class:`derive.tree.Symbol` to a :class:`NameTable`, which is a notation's way of writing
the parts of a name. Nothing else of a name reaches the page: the letters must be letters, a label must be made of
letters, digits and the few marks of :data:`_LABEL`. A new Greek letter is a row of :data:`GREEK`.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from derive.tree import Symbol

# name (LaTeX: with a backslash) -> Typst's name, the character
GREEK: dict[str, tuple[str, str]] = {
    "alpha": ("alpha", "α"),
    "beta": ("beta", "β"),
    "gamma": ("gamma", "γ"),
    "delta": ("delta", "δ"),
    "epsilon": ("epsilon.alt", "ϵ"),
    "varepsilon": ("epsilon", "ε"),
    "zeta": ("zeta", "ζ"),
    "eta": ("eta", "η"),
    "theta": ("theta", "θ"),
    "vartheta": ("theta.alt", "ϑ"),
    "iota": ("iota", "ι"),
    "kappa": ("kappa", "κ"),
    "lambda": ("lambda", "λ"),
    "mu": ("mu", "μ"),
    "nu": ("nu", "ν"),
    "xi": ("xi", "ξ"),
    "pi": ("pi", "π"),
    "rho": ("rho", "ρ"),
    "varrho": ("rho.alt", "ϱ"),
    "sigma": ("sigma", "σ"),
    "varsigma": ("sigma.alt", "ς"),
    "tau": ("tau", "τ"),
    "upsilon": ("upsilon", "υ"),
    "phi": ("phi.alt", "ϕ"),
    "varphi": ("phi", "φ"),
    "chi": ("chi", "χ"),
    "psi": ("psi", "ψ"),
    "omega": ("omega", "ω"),
    "Gamma": ("Gamma", "Γ"),
    "Delta": ("Delta", "Δ"),
    "Theta": ("Theta", "Θ"),
    "Lambda": ("Lambda", "Λ"),
    "Xi": ("Xi", "Ξ"),
    "Pi": ("Pi", "Π"),
    "Sigma": ("Sigma", "Σ"),
    "Upsilon": ("Upsilon", "Υ"),
    "Phi": ("Phi", "Φ"),
    "Psi": ("Psi", "Ψ"),
    "Omega": ("Omega", "Ω"),
    "ell": ("ell", "ℓ"),
}

FONTS = frozenset({"bold", "cal", "bb", "rm"})

EMPTY_BRACKETS = frozenset({"()", "[]"})
"""The superscripts of a family whose index is written above."""

ALPHABETS = {"bold": "BOLD", "cal": "SCRIPT", "bb": "DOUBLE-STRUCK"}
"""The alphabets of Unicode that are fonts of a name."""

_BOLD_DIGITS = frozenset({"0", "1"})
"""The vectors of zeros and of ones are written as bold digits."""

_NAME = re.compile(r"[A-Za-z]+")
_LABEL = re.compile(r"[A-Za-z]+|[0-9]+|[,.()\[\]*+\-']")
_SPACED_LABEL = re.compile(rf"(?:\s|{_LABEL.pattern})*")
_INDEX_LETTERS = frozenset("ijklmnt")
_PARTNER = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class NameTable:
    """How one notation writes the parts of a name.

    ``letter``, ``greek`` and ``word`` write a Latin letter, a Greek letter by name, and any other word;
    ``between_letters`` stands between the indices of ``x_{ij}``; ``accents`` and ``fonts`` wrap what was written;
    ``scripted`` puts a subscript and a superscript, either of them possibly empty, on what was written, ``primed``
    primes; ``mark`` writes the digits and marks of a label, ``comma`` stands between indices.
    """

    letter: Callable[[str], str]
    between_letters: str
    greek: Callable[[str], str]
    word: Callable[[str], str]
    accents: Mapping[str, Callable[[str], str]]
    fonts: Mapping[str, Callable[[str], str]]
    scripted: Callable[[str, str, str], str]
    primed: Callable[[str, str], str] = operator.add
    mark: Callable[[str], str] = str
    comma: str = ","

    def name(self, name: str) -> str:
        """A name without its marks. ValueError when it is not letters only."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a name: {name!r}")
        if len(name) == 1:
            return self.letter(name)
        return self.greek(name) if name in GREEK else self.word(name)

    def label(self, label: str) -> str:
        """The text of a label. ValueError when it holds anything but letters, digits and balanced marks."""
        if not _SPACED_LABEL.fullmatch(label) or not _balanced(label):
            raise ValueError(f"not a label: {label!r}")
        return "".join(self._labelled(p) if p.isalpha() else self.mark(p) for p in _LABEL.findall(label))

    def _labelled(self, word: str) -> str:
        """A word of a label; two index letters are two indices."""
        if len(word) == 2 and _INDEX_LETTERS.issuperset(word):
            return self.between_letters.join(map(self.letter, word))
        return self.name(word)

    def marked(self, symbol: Symbol) -> str:
        """A name with its font and its accent, without its scripts."""
        digit = symbol.name in _BOLD_DIGITS and symbol.font in ("bold", "bb")
        text = self.mark(symbol.name) if digit else self.name(symbol.name)
        if symbol.font:
            text = _chosen(self.fonts, symbol.font)(text)
        return _chosen(self.accents, symbol.accent)(text) if symbol.accent else text

    def symbol(self, symbol: Symbol, indices: Sequence[str] = ()) -> str:
        """A name with all its marks; ``indices`` are the written ones of a member of a family.

        Of a family with an empty bracket above, the first index stands there.
        """
        primes, bracket = (symbol.sup, "") if set(symbol.sup) == {"'"} else ("", symbol.sup)
        if bracket in EMPTY_BRACKETS and indices:
            sup, indices = self.mark(bracket[0]) + indices[0] + self.mark(bracket[1]), indices[1:]
        else:
            sup = self.label(bracket)
        subs = self.comma.join(([self.label(symbol.sub)] if symbol.sub else []) + list(indices))
        text = self.scripted(self.marked(symbol), subs, sup) if subs or sup else self.marked(symbol)
        return self.primed(text, primes) if primes else text


def lettered(font: str, letter: str) -> str:
    """The letter of a mathematical alphabet, or the letter itself where that has none."""
    name = unicodedata.name(letter).replace("LATIN ", "").replace("GREEK ", "").replace(" LETTER", "")
    for candidate in (f"MATHEMATICAL {ALPHABETS[font]} {name}", f"{ALPHABETS[font]} {name}"):
        try:
            return unicodedata.lookup(candidate)
        except KeyError:
            continue
    return letter


def _chosen(table: Mapping[str, Callable[[str], str]], key: str) -> Callable[[str], str]:
    if key not in table:
        raise ValueError(f"not an accent or a font: {key!r}")
    return table[key]


def _balanced(label: str) -> bool:
    stack: list[str] = []
    for c in label:
        if c in "([":
            stack.append(c)
        elif c in ")]" and (not stack or stack.pop() != _PARTNER[c]):
            return False
    return not stack
