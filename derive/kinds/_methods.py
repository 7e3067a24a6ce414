r"""The update rules of the gradient methods as formulas: one row each in :data:`RECIPES`.

The same row prints the general formulas, with labels ``(t)`` and ``(t+1)``, and makes each step's chains, with
labels ``(0)`` and ``(1)``: :mod:`derive.kinds._iterations` puts the numbers in. The rules and their names are those of
:mod:`derive.numeric.optimisers`, which runs them with floats; a new method is a row here and one there.

Formulas of a method that works entry by entry are written for the entry ``i``, with the letters' subscript.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from derive.kinds._descent_given import Setup
from derive.tree import (
    ONE,
    TWO,
    Call,
    Gradient,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    Vector,
)

# --- letters ----------------------------------------------------------------------------------------

_LETTERS: dict[str, tuple[str, ...]] = {
    "point": ("theta", "w", "z", "xi"),
    "rate": ("alpha", "eta", "gamma"),
    "gradient": ("g", "d", "s"),
    "velocity": ("v", "u", "p"),
    "squares": ("r", "s", "q"),
    "first": ("m", "p", "a"),
    "second": ("v", "s", "b"),
    "hessian": ("H", "A", "Q"),
    "image": ("q", "h", "k"),
    "direction": ("p", "d", "k"),
    "beta": ("beta", "mu", "kappa"),
    "rho": ("rho", "gamma", "nu"),
    "delta": ("delta", "zeta", "iota"),
    "epsilon": ("epsilon", "zeta", "iota"),
    "eigenvalue": ("lambda", "mu", "kappa"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """The letters of a problem: none of them is one of the function's own."""

    cost: Symbol
    variables: tuple[Symbol, ...]
    letters: Mapping[str, Symbol]

    def __getitem__(self, key: str) -> Symbol:
        return self.letters[key]

    @property
    def several(self) -> bool:
        """Whether there is more than one variable."""
        return len(self.variables) > 1


def names_of(setup: Setup) -> Names:
    """Letters for a problem: the customary ones where they are free."""
    taken = {setup.function.name.name, *(v.name for v in setup.variables)}
    letters = {key: _free(candidates, taken) for key, candidates in _LETTERS.items()}
    shared = {v.name for v in setup.variables}
    if not setup.several and not setup.variables[0].sup:
        letters["point"] = setup.variables[0]
    elif len(shared) == 1 and all(v.sub and not v.sup and not v.accent for v in setup.variables):
        letters["point"] = Symbol(setup.variables[0].name)
    letters["ahead"] = replace(letters["point"], accent="tilde")
    letters |= {f"{key} hat": replace(letters[key], accent="hat") for key in ("first", "second")}
    letters |= {"beta1": replace(letters["beta"], sub="1"), "beta2": replace(letters["beta"], sub="2")}
    return Names(setup.function.name, setup.variables, letters)


def _free(candidates: Iterable[str], taken: set[str]) -> Symbol:
    return Symbol(next((c for c in candidates if c not in taken), "Xi"))


def at(symbol: Symbol, label: str | int) -> Symbol:
    r"""``\theta^{(1)}``."""
    return replace(symbol, sup=f"({label})")


# --- one step's letters -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Labels:
    """The letters of one step: ``old`` and ``new`` label what it starts from and what it makes.

    ``count`` is the number of the step in formulas, ``rate`` its step size, ``hessian`` the Hessian at the old point;
    ``entry`` the subscript of a method that works entry by entry, empty with one variable.
    """

    names: Names
    old: str
    new: str
    count: Node
    rate: Node
    hessian: Node
    entry: str = ""

    def before(self, key: str) -> Symbol:
        """The letter with the old label."""
        return self._with(key, self.old)

    def after(self, key: str) -> Symbol:
        """The letter with the new label."""
        return self._with(key, self.new)

    def _with(self, key: str, label: str) -> Symbol:
        symbol = at(self.names[key], label)
        return replace(symbol, sub=self.entry) if self.entry else symbol

    def letter(self, key: str) -> Symbol:
        """A parameter."""
        return self.names[key]

    def slope(self, point: Symbol) -> Node:
        r"""``\nabla C(\theta^{(0)})``, or ``C'(x^{(0)})`` with one variable."""
        if self.names.several:
            return Gradient(self.names.cost.plain, (point,))
        return Call(self.names.cost.plain, (point,), 1)

    @property
    def gradient(self) -> Node:
        """The gradient at the old point."""
        return self.slope(self.before("point"))


def point_value(names: Names, point: tuple[Node, ...]) -> Node:
    """A point as a value: coordinates, or one number."""
    return Vector(point) if names.several else point[0]


# --- the rules --------------------------------------------------------------------------------------

Update = tuple[str, Node]
"""What a step makes, by its key in :class:`Names`, and its formula."""


def _less(first: Node, second: Node) -> Node:
    return Sum((first, Negative(second)))


def _rest(parameter: Node) -> Node:
    return _less(ONE, parameter)


def _plain(f: Labels) -> list[Update]:
    return [("point", _less(f.before("point"), Product((f.rate, f.gradient))))]


def _momentum(f: Labels) -> list[Update]:
    return [
        ("velocity", Sum((Product((f.letter("beta"), f.before("velocity"))), f.gradient))),
        ("point", _less(f.before("point"), Product((f.rate, f.after("velocity"))))),
    ]


def _nesterov(f: Labels) -> list[Update]:
    beta, velocity = f.letter("beta"), f.before("velocity")
    return [
        ("ahead", _less(f.before("point"), Product((f.rate, beta, velocity)))),
        ("velocity", Sum((Product((beta, velocity)), f.slope(f.after("ahead"))))),
        ("point", _less(f.before("point"), Product((f.rate, f.after("velocity"))))),
    ]


def _adagrad(f: Labels) -> list[Update]:
    g, r = f.after("gradient"), f.after("squares")
    return [
        ("gradient", f.gradient),
        ("squares", Sum((f.before("squares"), Power(g, TWO)))),
        ("point", _moved(f, g, Sum((f.letter("delta"), Root(r))))),
    ]


def _rmsprop(f: Labels) -> list[Update]:
    g, rho = f.after("gradient"), f.letter("rho")
    return [
        ("gradient", f.gradient),
        ("squares", _mixed(rho, f.before("squares"), Power(g, TWO))),
        ("point", _moved(f, g, Root(Sum((f.letter("delta"), f.after("squares")))))),
    ]


def _adam(f: Labels) -> list[Update]:
    g, first, second = f.after("gradient"), f.letter("beta1"), f.letter("beta2")
    corrected = Sum((Root(f.after("second hat")), f.letter("epsilon")))
    return [
        ("gradient", f.gradient),
        ("first", _mixed(first, f.before("first"), g)),
        ("second", _mixed(second, f.before("second"), Power(g, TWO))),
        ("first hat", Quotient(f.after("first"), _rest(Power(first, f.count)))),
        ("second hat", Quotient(f.after("second"), _rest(Power(second, f.count)))),
        ("point", _moved(f, f.after("first hat"), corrected)),
    ]


def _mixed(weight: Node, old: Node, new: Node) -> Node:
    return Sum((Product((weight, old)), Product((_rest(weight), new))))


def _moved(f: Labels, step: Node, size: Node) -> Node:
    return _less(f.before("point"), Product((f.rate, Quotient(step, size))))


def _newton(f: Labels) -> list[Update]:
    point, scale = f.before("point"), () if f.rate == ONE else (f.rate,)
    if not f.names.several:
        step: Node = Quotient(f.gradient, Call(f.names.cost.plain, (point,), 2))
        return [("point", _less(point, Product((*scale, step)) if scale else step))]
    return [("point", _less(point, Product((*scale, Power(f.hessian, Negative(ONE)), f.gradient))))]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A method: its name, its rules, and what is told about it.

    ``state`` are the keys of what a step remembers, zero at first; ``entrywise`` methods take squares and roots of
    each entry; ``counted`` ones have the number of the step in their formulas. ``remark`` is a consequence of the
    rules worth knowing.
    """

    title: str
    idea: str
    updates: Callable[[Labels], list[Update]]
    state: tuple[str, ...] = ()
    entrywise: bool = False
    counted: bool = False
    remark: str = ""


RECIPES: dict[str, Recipe] = {
    "plain": Recipe(
        "gradient descent", "Each step goes against the gradient, by the step size times its length.", _plain),
    "momentum": Recipe(
        "gradient descent with momentum",
        "The velocity adds up the gradients, older ones with ever smaller weights; each step goes against it.",
        _momentum, ("velocity",)),
    "nesterov": Recipe(
        "Nesterov's accelerated gradient",
        "The gradient is taken where the velocity alone would lead; each step goes against the new velocity.",
        _nesterov, ("velocity",)),
    "adagrad": Recipe(
        "AdaGrad", "Each entry of the gradient is divided by the root of the sum of its squares so far.",
        _adagrad, ("squares",), True, True,
        "In the first step this root is the size of the entry itself: each coordinate whose entry is not zero moves by "
        "nearly the whole step size, whatever the size of the gradient. Later steps are shorter."),
    "rmsprop": Recipe(
        "RMSProp", "Each entry of the gradient is divided by the root of a running mean of its squares.",
        _rmsprop, ("squares",), True, True,
        "The mean begins at 0 and is too small at first, which makes the first steps longer; Adam corrects this."),
    "adam": Recipe(
        "Adam", "Running means of the gradient and of its squares, both corrected for their start at 0.",
        _adam, ("first", "second"), True, True,
        "In the first step the corrected means are the gradient and its square: each coordinate whose entry is not "
        "zero moves by nearly the whole step size, whatever the size of the gradient."),
    "newton": Recipe(
        "Newton's method", "Each step goes to the stationary point of the quadratic function that agrees with the "
        "cost up to second derivatives.", _newton),
    "line-search": Recipe(
        "steepest descent with exact line search",
        "Each step goes against the gradient, just as far as the cost falls in this direction.",
        _plain, (), False, True),
}
"""Every method by its name in a problem file."""
