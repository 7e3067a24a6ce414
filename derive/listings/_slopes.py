r"""The factor of an activation in backpropagation: derived by the rules, written with stored values, then as NumPy.

:func:`slope` is called by the NumPy listing and by the layers kind, which prints the derivation. Where the output
determines the derivative it is written with that: h (1 - h) for h = σ(z). A function that a derivative
may contain needs a row in :data:`_FUNCTIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from derive.goals import derivative, end_of, undifferentiated
from derive.networks import IDENTITY, SOFTMAX, activation_named
from derive.steps import Chain, Definition, Level, Step
from derive.tree import (
    TWO,
    Call,
    Cases,
    Constant,
    Derivative,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    free_symbols,
    substitute,
    walk,
)

Z, H = Symbol("z"), Symbol("h")

_FUNCTIONS = {
    "sigma": "sigmoid", "Phi": "normal_cdf", "tanh": "np.tanh", "exp": "np.exp", "log": "np.log", "ln": "np.log",
    "abs": "np.abs", "sign": "np.sign", "sin": "np.sin", "cos": "np.cos", "relu": "relu",
}  # fmt: skip
"""NumPy's functions, or helpers of the listing."""

HELPERS = {
    "normal_cdf": "def normal_cdf(z):\n    from scipy.special import ndtr\n\n    return ndtr(z)",
}
"""Definitions of those that no activation needs itself."""

_CONSTANTS = {"e": "np.e", "pi": "np.pi"}
_SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(5)


@dataclass(frozen=True)
class Slope:
    """The derivative of an activation by its argument z: the steps to it, and its value in z and the output h.

    In a program one that is written with the argument is a function of its own, ``relu_slope``.
    """

    activation: str
    function: Node
    steps: tuple[Step, ...]
    value: Node

    @property
    def chain(self) -> Chain:
        """The derivation, with the letter h for the output."""
        return Chain(self.steps, Derivative(H, Z), (Definition(H, (), self.function),))

    @property
    def needs_argument(self) -> bool:
        """Whether the output alone does not determine it."""
        return Z in free_symbols(self.value)

    @property
    def helpers(self) -> tuple[str, ...]:
        """The names of the functions that it calls, none of them NumPy's."""
        called = (_FUNCTIONS[n.name] for n in walk(self.value) if isinstance(n, Call))
        return tuple(dict.fromkeys(name for name in called if not name.startswith("np.")))

    @property
    def program(self) -> str:
        """The definition of its function, where it has one."""
        if not self.needs_argument:
            return ""
        return f"def {self.activation}_slope(z):\n    return {_fit(self.value, {Z: 'z'}, _SUM)}"

    def numpy(self, z: str, h: str) -> str:
        """The factor as NumPy code for the names of argument and output."""
        return f"{self.activation}_slope({z})" if self.needs_argument else _fit(self.value, {H: h}, _ATOM)


@cache
def slope(activation: str) -> Slope | None:
    """The slope of an activation, by its name in :mod:`derive.architectures.activations`.

    None where the derivative is no factor for each entry (softmax), or is not differentiated by the rules.
    """
    name = activation_named(activation)
    if name in (IDENTITY, SOFTMAX):
        return None
    function = Call(name, (Z,))
    start = Derivative(function, Z)
    steps = derivative(start)
    value = end_of(start, steps)
    if undifferentiated(value) or any(isinstance(n, Call) and n.name not in {*_FUNCTIONS, name} for n in walk(value)):
        return None
    stored = substitute(value, {function: H})
    if stored != value and Z not in free_symbols(stored):
        steps.append(Step(value, stored, "stored value", "Known from the forward pass.", level=Level.ALGEBRA))
        value = stored
    return Slope(activation, function, tuple(steps), value)


# --- NumPy ------------------------------------------------------------------------------------------


def in_numpy(node: Node, names: Mapping[Symbol, str]) -> str:
    """A formula as NumPy code. KeyError for a function without a row, TypeError for a node without code."""
    return _fit(node, names, _SUM)


def _fit(node: Node, names: Mapping[Symbol, str], least: int) -> str:
    """A part as code, bracketed where it binds less tightly than its place wants."""
    written, level = _written(node, names)
    return written if level >= least else f"({written})"


def _written(node: Node, names: Mapping[Symbol, str]) -> tuple[str, int]:
    """Code and how tightly it binds. Cases are tried in order, and the last one holds where no other does."""
    match node:
        case Symbol():
            return names[node], _ATOM
        case Number(text):
            return text, _ATOM
        case Constant(name):
            return _CONSTANTS[name], _ATOM
        case Sum(terms):
            return _sum(terms, names), _SUM
        case Negative(operand):
            return f"-{_fit(operand, names, _SIGNED)}", _SIGNED
        case Product(factors):
            return " * ".join(_fit(f, names, _SIGNED) for f in factors), _PRODUCT
        case Quotient(top, bottom):
            return f"{_fit(top, names, _PRODUCT)} / {_fit(bottom, names, _SIGNED)}", _PRODUCT
        case Power(base, exponent) if base == E:
            return f"np.exp({_fit(exponent, names, _SUM)})", _ATOM
        case Power(base, exponent):
            return f"{_fit(base, names, _ATOM)}**{_fit(exponent, names, _ATOM)}", _POWER
        case Root(radicand, degree) if degree == TWO:
            return f"np.sqrt({_fit(radicand, names, _SUM)})", _ATOM
        case Call(name, (argument,), 0):
            return f"{_FUNCTIONS[name]}({_fit(argument, names, _SUM)})", _ATOM
        case Cases(((value, condition), *rest)):
            if not rest or condition is None:
                return _written(value, names)
            otherwise = _fit(Cases(tuple(rest)), names, _SUM)
            return f"np.where({_fit(condition, names, _SUM)}, {_fit(value, names, _SUM)}, {otherwise})", _ATOM
        case Relation((left, right), (sign,)):
            return f"{_fit(left, names, _SUM)} {sign} {_fit(right, names, _SUM)}", _SUM
    raise TypeError(f"there is no NumPy code for a {type(node).__name__}")


def _sum(terms: tuple[Node, ...], names: Mapping[Symbol, str]) -> str:
    first, *rest = terms
    signed = (
        f" - {_fit(t.operand, names, _PRODUCT)}" if isinstance(t, Negative) else f" + {_fit(t, names, _PRODUCT)}"
        for t in rest
    )
    return _fit(first, names, _PRODUCT) + "".join(signed)
