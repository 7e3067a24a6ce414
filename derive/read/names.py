r"""What a text may use: declared functions, symbols, indexed families and labels.

The reader never guesses whether a name is a function: it is one when :mod:`derive.functions` knows it or when it
is declared here. Made by the reader of problem files and by callers of :func:`derive.read.latex.read`. A new Greek
letter, accent or font is an entry of a table below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from derive.functions import FUNCTIONS, SPELLINGS

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ",
    "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ",
    "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "ell": "ℓ",
}  # fmt: skip
"""The names of letters that are no Latin ones, and the character of each."""

ACCENTS = {
    r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde",
    r"\widetilde": "tilde", r"\vec": "vec", r"\dot": "dot",
}  # fmt: skip
"""Commands over a letter, and the accent of :class:`derive.tree.Symbol` that they are."""

FONTS = {
    r"\mathbf": "bold", r"\boldsymbol": "bold", r"\bm": "bold", r"\textbf": "bold", r"\mathcal": "cal",
    r"\mathbb": "bb", r"\mathit": "", r"\textit": "", r"\mathrm": "rm", r"\mathsf": "rm", r"\text": "rm",
    r"\textrm": "rm", r"\operatorname": "rm",
}  # fmt: skip
"""Commands around a letter or a word, and the font of :class:`derive.tree.Symbol` that they are."""

KNOWN = {**{name: name for name in FUNCTIONS}, **SPELLINGS}
"""What people write for the functions that need no declaration, and the name of each."""


@dataclass(frozen=True, slots=True)
class Names:
    r"""Declarations. Names are plain ones (:attr:`derive.tree.Symbol.plain`): ``C``, ``theta_1``, ``f_1``.

    ``symbols`` is what may occur, or None for every letter; ``functions`` are those besides the known ones;
    ``indexed`` are families whose subscript is an expression; ``labels`` lets ``x^{(0)}`` be a labelled name.
    ``matrices`` are names that stand for whole vectors or matrices; ``densities`` are densities and distributions:
    they may be applied, and written without arguments behind ``x \sim`` and in a divergence.
    """

    symbols: frozenset[str] | None = None
    functions: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()
    labels: bool = False
    matrices: frozenset[str] = frozenset()
    densities: frozenset[str] = frozenset()

    def declares(self, name: str) -> bool:
        """Whether a symbol is declared by this name; undeclared letters are allowed when ``symbols`` is None."""
        return self.symbols is not None and name in self.symbols


@lru_cache(maxsize=256)
def words(names: Names) -> frozenset[str]:
    """The names of more than one letter that a run of letters may be, besides the letters themselves."""
    symbols = names.symbols or frozenset()
    declared = {part for name in (*names.functions, *symbols, *names.indexed) for part in name.split("_")}
    greek = [word for word in GREEK if not set(word) <= symbols]  # with x and i declared, xi is their product
    return frozenset(_spelled_out((*KNOWN, *greek, *(declared - _MARKS))))


_MARKS = frozenset({"sup", *ACCENTS.values()})


def _spelled_out(candidates: Iterable[str]) -> Iterable[str]:
    return (word for word in candidates if len(word) > 1 and word.isalpha())
