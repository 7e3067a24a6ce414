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
from derive.tree import Symbol

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
    r"\textrm": "rm", r"\operatorname": "rm", r"\mathds": "bb", r"\mathbbm": "bb", r"\mathscr": "cal",
}  # fmt: skip
"""Commands around a letter or a word, and the font of :class:`derive.tree.Symbol` that they are."""

KNOWN = {**{name: name for name in FUNCTIONS}, **SPELLINGS}
"""What people write for the functions that need no declaration, and the name of each."""


@dataclass(frozen=True, slots=True)
class Names:
    r"""Declarations. Names are plain ones (:attr:`derive.tree.Symbol.plain`): ``C``, ``theta_1``, ``f_1``.

    ``symbols`` is what may occur, or None for every letter, and with ``others`` every letter besides;
    ``functions`` are those besides the known ones;
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
    others: bool = False

    def declares(self, name: str) -> bool:
        """Whether a symbol is declared by this name; undeclared letters are allowed when ``symbols`` is None."""
        return self.symbols is not None and name in self.symbols

    @property
    def strict(self) -> bool:
        """Whether nothing may occur but what is declared."""
        return self.symbols is not None and not self.others

    def applies(self, symbol: Symbol) -> bool:
        """Whether a name is declared as a function or a density."""
        return _holds(self.functions, symbol) or _holds(self.densities, symbol)

    def counts(self, symbol: Symbol) -> bool:
        """Whether a name is declared as an indexed family, whatever its labels; an accent makes it another name."""
        bare = f"{symbol.accent}_{symbol.name}" if symbol.accent else symbol.name
        return bare in self.indexed or symbol.plain in self.indexed


def _holds(declared: frozenset[str], symbol: Symbol) -> bool:
    """Whether a name is among the declared ones, in whichever order its accent and star are written there."""
    if not declared:
        return False
    plain = symbol.plain
    return plain in declared or ("_" in plain and _ordered(plain) in _all_ordered(declared))


@lru_cache(maxsize=256)
def _all_ordered(declared: frozenset[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(map(_ordered, declared))


@lru_cache(maxsize=1024)
def _ordered(plain: str) -> tuple[str, ...]:
    """The parts of a plain name, accents and star last: ``p_hat_data`` is ``hat_p_data``."""
    parts = plain.replace("sup_star", "star").split("_")
    marks = _MARKS - {"sup"} | {"star"}
    return (*(part for part in parts if part and part not in marks), *sorted(marks.intersection(parts)))


@lru_cache(maxsize=256)
def words(names: Names) -> frozenset[str]:
    """The names of more than one letter that a run of letters may be, besides the letters themselves."""
    symbols = names.symbols or frozenset()
    everything = (*names.functions, *names.densities, *symbols, *names.indexed, *names.matrices)
    declared = {part for name in everything for part in name.split("_")}
    greek = [word for word in GREEK if not set(word) <= symbols]  # with x and i declared, xi is their product
    return frozenset(_spelled_out((*KNOWN, *OPERATORS, *greek, *(declared - _MARKS))))


_MARKS = frozenset({"sup", *ACCENTS.values()})
OPERATORS = frozenset({"arg", "argmin", "argmax", "sup", "inf", "Var", "Cov", "Pr"})
"""Words that are operators of probability and optimisation, whatever is declared."""


def _spelled_out(candidates: Iterable[str]) -> Iterable[str]:
    return (word for word in candidates if len(word) > 1 and word.isalpha())
