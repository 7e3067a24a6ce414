"""What a text may use: declared functions, symbols, indexed families and labels.

The reader never guesses whether a name is a function: it is one when :mod:`derive.functions` knows it or when it
is declared here. Made by the reader of problem files and by callers of :func:`derive.read.latex.read`.
"""

from __future__ import annotations

from dataclasses import dataclass

GREEK = ["alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell"]

ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
           "vec": "vec", "dot": "dot"}
FONTS = {"mathbf": "bold", "boldsymbol": "bold", "bm": "bold", "mathcal": "cal", "mathbb": "bb", "mathrm": "rm",
         "mathit": "", "text": "rm", "operatorname": "rm", "textrm": "rm", "mathsf": "rm", "textbf": "bold"}


@dataclass(frozen=True, slots=True)
class Names:
    """Declarations. Names are plain ones (:attr:`derive.tree.Symbol.plain`): ``C``, ``theta_1``, ``f_1``.

    ``symbols`` is what may occur, or None for every letter; ``functions`` are those besides the known ones;
    ``indexed`` are families whose subscript is an expression; ``labels`` lets ``x^{(0)}`` be a labelled name.
    """

    symbols: frozenset[str] | None = None
    functions: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()
    labels: bool = False
