"""What an expression is worth, by mpmath at 120 digits: a second opinion that shares nothing with rules or verifier.

``value(node, world)`` evaluates a written expression as it stands: derivatives are differences of the function itself,
sums over an index are added up, expectations are taken over a finite joint distribution, matrices are computed with
entry by entry. A :class:`World` says what the names stand for; :func:`worlds` draws some for a statement and its
declared domains; :func:`compare` says whether two expressions agree there.

``NoValueError`` means that there is no real value here, ``UnknownError`` that the oracle does not understand.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
from mpmath import mp

from derive.declarations import declaration
from derive.steps import Context, Definition
from derive.tree import (
    At,
    Call,
    Cases,
    Component,
    Constant,
    Derivative,
    Entrywise,
    Expectation,
    Given,
    Gradient,
    GradientOf,
    Indexed,
    Inner,
    Integral,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Set,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    free_symbols,
    walk,
)

DIGITS = 120
_STEP = 6  # differences are taken 10^-20 apart with 120 digits: the first is right to about 10^-40, the fourth as well
_QUADRATURE_DIGITS = 45
_CLOSE = 32  # digits to which values must agree where differences or quadrature are in them
_CLOSER = 80  # the same for all others
_NEEDED = 86  # digits of a sum that must be right
_MORE = 8  # so many times the digits where terms cancel
_NOTHING = mp.mpf(10) ** -30  # a denominator below this is taken for zero
_LARGEST = 10**6  # arguments beyond this make numbers that nobody can compute
_TERMS = 500  # terms of a sum over an index

Value = Any
"""A number of mpmath, or a two-dimensional array of them (a vector is a column)."""


class NoValueError(Exception):
    """There is no real value here."""


class LostDigitsError(NoValueError):
    """Terms that cancel have used up the digits: this must be computed with more of them."""


class UnknownError(Exception):
    """The oracle does not know this notation."""


@dataclass(frozen=True)
class World:
    """What names stand for. ``bound`` are bound variables and parameters, which hide everything else.

    ``members`` gives the members of indexed families, ``length`` is how many there are where no bound is written;
    ``joint`` is a finite distribution, a probability with the values of the random quantities, which is that of the
    first of the ``laws`` that are named; ``grid`` are the values over which an optimum is looked for.
    """

    values: Mapping[Symbol, Value] = field(default_factory=dict)
    definitions: Mapping[Symbol, Node] = field(default_factory=dict)
    functions: Mapping[str, Definition] = field(default_factory=dict)
    bound: Mapping[Symbol, Value] = field(default_factory=dict)
    changed: Mapping[tuple[Symbol, tuple[int, ...]], Value] = field(default_factory=dict)
    seed: int = 0
    length: int = 3
    joint: tuple[tuple[Value, Mapping[Symbol, Value]], ...] = ()
    grid: tuple[Value, ...] = ()
    laws: tuple[str, ...] = ()

    def law(self, name: str) -> tuple[tuple[Value, Mapping[Symbol, Value]], ...]:
        """The distribution of a name: the values of ``joint``, with probabilities of its own."""
        if name in ("", *self.laws[:1]):
            return self.joint
        weights = [abs(_generic(Random(f"{self.seed} {name} {k}"))) for k in range(len(self.joint))]
        return tuple((w / mp.fsum(weights), values) for w, (_, values) in zip(weights, self.joint, strict=True))

    def binding(self, names: Mapping[Symbol, Value]) -> World:
        """The same world with some names bound."""
        return replace(self, bound={**self.bound, **names})

    def member(self, base: Symbol, indices: tuple[int, ...]) -> Value:
        """A member of an indexed family: an entry of an array that has the name, else a number of its own."""
        if (base, indices) in self.changed:
            return self.changed[base, indices]
        array = self.bound.get(base, self.values.get(base))
        if isinstance(array, np.ndarray):
            try:
                return array[tuple(i - 1 for i in indices)] if len(indices) == 2 else array[indices[0] - 1, 0]
            except IndexError:
                raise NoValueError from None
        return _generic(Random(f"{self.seed} {base.plain} {indices}"))


def value(node: Node, world: World) -> Value:
    """The value of an expression; raises NoValueError where it has none."""
    method = _METHODS.get(type(node))
    if method is None:
        raise UnknownError(type(node).__name__)
    return method(node, world)


# --- leaves and arithmetic ------------------------------------------------------------------------------


def _number(node: Number, world: World) -> Value:
    return mp.mpf(node.value.numerator) / node.value.denominator


def _constant(node: Constant, world: World) -> Value:
    return {"e": mp.e, "pi": mp.pi, "infinity": mp.inf}[node.name] + mp.mpf(0)


def _symbol(node: Symbol, world: World) -> Value:
    if node in world.bound:
        return world.bound[node]
    if node in world.definitions:
        return value(world.definitions[node], world)
    if node.plain in world.functions:
        return value(world.functions[node.plain].body, world)
    if node in world.values:
        return world.values[node]
    raise UnknownError(f"{node.plain} has no value")


def _indexed(node: Indexed, world: World) -> Value:
    indices = tuple(_whole(value(i, world)) for i in node.indices)
    label = Symbol(node.base.name, ",".join(map(str, indices)), node.base.sup, node.base.accent, node.base.font)
    if (node.base, indices) in world.changed:
        return world.changed[node.base, indices]
    if not node.base.sub and (label in world.bound or label in world.definitions or label in world.values):
        return _symbol(label, world)
    return world.member(node.base, indices)


def _whole(number: Value) -> int:
    if isinstance(number, np.ndarray) or number != mp.nint(number):
        raise NoValueError
    return int(number)


def _sum(node: Sum, world: World) -> Value:
    parts = [value(t, world) for t in node.terms]
    if len({_shape(p) for p in parts}) != 1:
        raise UnknownError("a sum of different shapes")
    result = sum(parts[1:], parts[0])
    if mp.dps >= DIGITS and not isinstance(result, np.ndarray):
        error = max(map(abs, parts)) * mp.mpf(10) ** -mp.dps
        if error > max(1, abs(result)) * mp.mpf(10) ** -_NEEDED:
            raise LostDigitsError
    return result


def _shape(part: Value) -> tuple[int, ...] | None:
    return part.shape if isinstance(part, np.ndarray) else None


def _product(node: Product, world: World) -> Value:
    result = value(node.factors[0], world)
    for factor in node.factors[1:]:
        result = multiplied(result, value(factor, world))
    return result


def multiplied(a: Value, b: Value) -> Value:
    """The product of numbers and matrices; a matrix with one entry is a number."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape != (1, 1) and b.shape != (1, 1):
        if a.shape[1] != b.shape[0]:
            raise UnknownError("a product whose shapes do not fit")
        return a @ b
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a * b[0, 0] if b.shape == (1, 1) else b * a[0, 0]
    return a * b


def _negative(node: Negative, world: World) -> Value:
    return -value(node.operand, world)


def _quotient(node: Quotient, world: World) -> Value:
    bottom = _scalar(node.denominator, world)
    if abs(bottom) < _NOTHING:
        raise NoValueError
    return value(node.numerator, world) / bottom


def _scalar(node: Node, world: World) -> Value:
    found = value(node, world)
    if isinstance(found, np.ndarray):
        if found.shape != (1, 1):
            raise UnknownError("a matrix where a number is expected")
        return found[0, 0]
    return found


def _power(node: Power, world: World) -> Value:
    base, exponent = value(node.base, world), _scalar(node.exponent, world)
    if isinstance(base, np.ndarray):
        return _matrix_power(base, _whole(exponent))
    if abs(exponent) > _LARGEST or abs(base) > mp.mpf(10) ** _LARGEST:
        raise NoValueError
    whole = exponent == mp.nint(exponent)
    if base < 0 and (not whole or not _is_whole(node.exponent)):
        raise NoValueError
    if base == 0 and (exponent < 0 or (exponent == 0 and not _is_whole(node.exponent))):
        raise NoValueError
    return base ** int(exponent) if whole else base**exponent


def _is_whole(exponent: Node) -> bool:
    """Whether a whole exponent is meant as such: no variable in it, or only counts."""
    return all(s.name in "ijklmn" for s in free_symbols(exponent))


def _matrix_power(base: Value, exponent: int) -> Value:
    if base.shape[0] != base.shape[1]:
        raise UnknownError("a power of a matrix that is not square")
    if exponent < 0:
        base, exponent = _inverse(base), -exponent
    result = np.array([[mp.mpf(i == j) for j in range(len(base))] for i in range(len(base))], dtype=object)
    for _ in range(exponent):
        result = result @ base
    return result


def _inverse(a: Value) -> Value:
    if abs(_determinant(a)) < mp.mpf(10) ** -20:
        raise NoValueError
    return np.array((mp.matrix(a.tolist()) ** -1).tolist(), dtype=object)


def _determinant(a: Value) -> Value:
    if a.shape[0] != a.shape[1]:
        raise UnknownError("the determinant of a matrix that is not square")
    if len(a) == 1:
        return a[0, 0]
    minors = (np.delete(a[1:], j, axis=1) for j in range(len(a)))
    return mp.fsum((-1) ** j * a[0, j] * _determinant(m) for j, m in enumerate(minors))


def _root(node: Root, world: World) -> Value:
    inside, degree = _scalar(node.radicand, world), _whole(_scalar(node.degree, world))
    if inside < 0 and degree % 2:
        return -mp.root(-inside, degree)
    if inside < 0 or degree < 1:
        raise NoValueError
    return mp.root(inside, degree)


# --- functions ------------------------------------------------------------------------------------------


def _call(node: Call, world: World) -> Value:
    if node.name in ("KL", "D_KL"):
        return _divergence(node, world)
    if node.name == "indicator":
        return mp.mpf(truth(node.args[0], world))
    if node.order:
        (argument,) = node.args
        return difference(lambda t: _applied(node.name, [t], world), _scalar(argument, world), node.order)
    return _applied(node.name, [value(a, world) for a in node.args], world)


def _applied(name: str, args: list[Value], world: World) -> Value:
    if name in world.laws:
        raise UnknownError("a density beside a mean over it")
    if name in world.functions:
        parameters = world.functions[name].parameters
        if len(args) == 1 and len(parameters) > 1 and isinstance(args[0], np.ndarray):
            args = list(args[0][:, 0])
        if len(args) != len(parameters):
            raise UnknownError(f"{name} takes {len(parameters)} arguments")
        return value(world.functions[name].body, world.binding(dict(zip(parameters, args, strict=True))))
    if name in FUNCTIONS:
        if any(isinstance(a, np.ndarray) and name not in _OF_ARRAYS for a in args):
            raise UnknownError(f"{name} of a matrix")
        if any(not isinstance(a, np.ndarray) and abs(a) > _LARGEST for a in args):
            raise NoValueError
        try:
            return FUNCTIONS[name](*args)
        except TypeError:
            raise UnknownError(f"{name} of {len(args)} arguments") from None
        except (ValueError, ZeroDivisionError):
            raise NoValueError from None
    return _some_function(name, args)


def _some_function(name: str, args: list[Value]) -> Value:
    """A function of which nothing is known: some smooth one, always the same for the same name."""
    if any(isinstance(a, np.ndarray) for a in args):
        raise UnknownError(f"{name} of a matrix")
    random = Random(zlib.crc32(name.encode()))
    waves = [[mp.mpf(random.randint(-99, 99)) / 64 for _ in (*args, 0, 0)] for _ in range(3)]
    return mp.fsum(a * mp.sin(mp.fdot(bs, args) + c) for a, c, *bs in waves) + mp.mpf(1) / 7


Function = Callable[..., Value]


def _inside(low: int, high: int, function: Function, *, closed: bool = True) -> Function:
    """A function with values between two bounds only."""

    def apply(u: Value) -> Value:
        if u < low or u > high or (not closed and u in (low, high)):
            raise NoValueError
        return function(u)

    return apply


def _log(u: Value, base: Value | None = None) -> Value:
    if u <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise NoValueError
    return mp.log(u) if base is None else mp.log(u) / mp.log(base)


def _over(top: Value, bottom: Value) -> Value:
    if abs(bottom) < _NOTHING:
        raise NoValueError
    return top / bottom


def _sign(u: Value) -> Value:
    if u == 0:
        raise NoValueError
    return mp.sign(u)


def _size(u: Value) -> Value:
    if isinstance(u, np.ndarray):
        return mp.sqrt(mp.fsum(e * e for e in u.flat)) if 1 in u.shape else _determinant(u)
    return abs(u)


def _rank(a: Value) -> Value:
    rows, rank = [list(r) for r in a], 0
    for column in range(a.shape[1]):
        pivot = max(range(rank, len(rows)), key=lambda i: abs(rows[i][column]), default=None)
        if pivot is None or abs(rows[pivot][column]) < mp.mpf(10) ** -30:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for i in range(rank + 1, len(rows)):
            by = rows[i][column] / rows[rank][column]
            rows[i] = [x - by * y for x, y in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return mp.mpf(rank)


def _softmax(z: Value) -> Value:
    powers = np.array([[mp.exp(e) for e in row] for row in z], dtype=object)
    return powers / mp.fsum(powers.flat)


FUNCTIONS: dict[str, Function] = {
    "exp": mp.exp, "log": _log, "ln": _log, "sin": mp.sin, "cos": mp.cos, "erf": mp.erf,
    "gammafunction": lambda u: _over(1, mp.rgamma(u)), "digamma": lambda u: mp.psi(0, u),
    "trigamma": lambda u: mp.psi(1, u),
    "arcsin": _inside(-1, 1, mp.asin), "arccos": _inside(-1, 1, mp.acos), "arctan": mp.atan,
    "tan": lambda u: _over(mp.sin(u), mp.cos(u)), "cot": lambda u: _over(mp.cos(u), mp.sin(u)),
    "sec": lambda u: _over(1, mp.cos(u)), "csc": lambda u: _over(1, mp.sin(u)),
    "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "coth": lambda u: _over(mp.cosh(u), mp.sinh(u)),
    "arsinh": mp.asinh, "arcosh": _inside(1, 10**9, mp.acosh),
    "artanh": _inside(-1, 1, mp.atanh, closed=False),
    "max": max, "min": min, "abs": _size, "sign": _sign,
    "sigma": lambda u: 1 / (1 + mp.exp(-u)), "softplus": lambda u: mp.log(1 + mp.exp(u)),
    "swish": lambda u: u / (1 + mp.exp(-u)), "relu": lambda u: u if u > 0 else mp.mpf(0),
    "lrelu": lambda u: u if u > 0 else u / 100, "elu": lambda u: u if u > 0 else mp.exp(u) - 1,
    "Phi": lambda u: (1 + mp.erf(u / mp.sqrt(2))) / 2, "gelu": lambda u: u * (1 + mp.erf(u / mp.sqrt(2))) / 2,
    "gelutanh": lambda u: u / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (u + mp.mpf(44715) / 10**6 * u**3))),
    "logit": _inside(0, 1, lambda p: mp.log(p / (1 - p)), closed=False),
    "floor": mp.floor, "ceil": mp.ceil, "factorial": lambda n: mp.factorial(_whole(n)),
    "binom": lambda n, k: mp.binomial(_whole(n), _whole(k)),
    "det": _determinant, "rank": _rank, "tr": lambda a: mp.fsum(a[i, i] for i in range(len(a))),
    "softmax": _softmax, "logsumexp": lambda z: mp.log(mp.fsum(mp.exp(e) for e in z.flat)),
}  # fmt: skip
_OF_ARRAYS = frozenset({"det", "rank", "tr", "abs", "softmax", "logsumexp"})


# --- derivatives ----------------------------------------------------------------------------------------


def difference(function: Callable[[Value], Value], at: Value, order: int = 1) -> Value:
    """The derivative of a function as a central difference, of the first one for higher orders."""
    if order > 3:
        raise UnknownError("a derivative of high order")
    if order > 1:
        return difference(lambda t: difference(function, t), at, order - 1)
    h = mp.mpf(10) ** -(mp.dps // _STEP)
    return (function(at + h) - function(at - h)) / (2 * h)


def _derivative(node: Derivative, world: World) -> Value:
    variable = node.variable
    if isinstance(variable, Indexed):
        key = variable.base, tuple(_whole(value(i, world)) for i in variable.indices)
        return difference(lambda t: value(node.body, _with_member(world, key, t)), value(variable, world), node.order)
    at = value(variable, world)
    if isinstance(at, np.ndarray):
        raise UnknownError("a derivative by a matrix")
    return difference(lambda t: value(node.body, world.binding({variable: t})), at, node.order)


def _with_member(world: World, key: tuple[Symbol, tuple[int, ...]], entry: Value) -> World:
    """The world with one member of a family, or one entry of an array, changed."""
    base, indices = key
    array = world.bound.get(base, world.values.get(base))
    if not isinstance(array, np.ndarray):
        return replace(world, changed={**world.changed, key: entry})
    place = (indices[0] - 1, indices[1] - 1 if len(indices) > 1 else 0)
    return world.binding({base: _changed(array, place, entry)})


def _gradient(node: Gradient, world: World) -> Value:
    function = world.functions.get(node.name)
    if function is None:
        raise UnknownError(node.name)
    given = [value(a, world) for a in node.args] or [value(p, world) for p in function.parameters]
    if len(given) == 1 and isinstance(given[0], np.ndarray):
        given = list(given[0][:, 0])

    def partial(k: int) -> Value:
        return difference(lambda t: _applied(node.name, [*given[:k], t, *given[k + 1 :]], world), given[k])

    return np.array([[partial(k)] for k in range(len(given))], dtype=object)


def _gradient_of(node: GradientOf, world: World) -> Value:
    if len(node.variables) != 1 or node.order != 1:
        raise UnknownError("a gradient by several names")
    (variable,) = node.variables
    at = value(variable, world)
    if not isinstance(at, np.ndarray):
        return difference(lambda t: _scalar(node.body, world.binding({variable: t})), at)

    def partial(place: tuple[int, ...]) -> Value:
        return difference(
            lambda t: _scalar(node.body, world.binding({variable: _changed(at, place, t)})), at[place]
        )

    return np.array([[partial((i, j)) for j in range(at.shape[1])] for i in range(at.shape[0])], dtype=object)


def _changed(array: Value, place: tuple[int, ...], entry: Value) -> Value:
    made = array.copy()
    made[place] = entry
    return made


# --- what binds a name ------------------------------------------------------------------------------------


def _at(node: At, world: World) -> Value:
    return value(node.body, world.binding({s: value(v, world) for s, v in node.where}))


def _over_index(node: SumOver | ProductOver, world: World) -> Value:
    parts = [value(node.body, w) for w in _index_worlds(node, world)]
    if isinstance(node, ProductOver):
        return mp.fprod(parts)
    return sum(parts[1:], parts[0]) if parts else mp.mpf(0)


def _index_worlds(node: SumOver | ProductOver, world: World) -> Iterator[World]:
    low = 1 if node.lower is None else _whole(_finite(_scalar(node.lower, world)))
    high = world.length if node.upper is None else _whole(_finite(_scalar(node.upper, world)))
    if high - low > _TERMS:
        raise UnknownError("a sum of too many terms")
    for i in range(low, high + 1):
        inner = world.binding({node.index: mp.mpf(i)})
        if node.where is None or truth(node.where, inner):
            yield inner


def _finite(number: Value) -> Value:
    if mp.isinf(number):
        raise UnknownError("a sum without end")
    return number


def _integral(node: Integral, world: World) -> Value:
    if node.lower is None or node.upper is None:
        raise UnknownError("an antiderivative")
    if any(isinstance(p, Derivative) for p in walk(node.body)):
        raise UnknownError("an integral of differences")
    ends = [_scalar(end, world) for end in (node.lower, node.upper)]
    with mp.workdps(_QUADRATURE_DIGITS):
        found, error = mp.quad(lambda t: _scalar(node.body, world.binding({node.variable: t})), ends, error=True)
    if error > mp.mpf(10) ** -_CLOSE:
        raise UnknownError("an integral that does not settle")
    return found


def _cases(node: Cases, world: World) -> Value:
    for result, condition in node.branches:
        if condition is None or truth(condition, world):
            return value(result, world)
    raise NoValueError


def _optimum(node: Optimum, world: World) -> Value:
    if len(node.variables) != 1 or node.operator not in ("argmin", "argmax", "min", "max"):
        raise UnknownError("an optimum over several names")
    (variable,) = node.variables
    found = []
    for at in world.grid:
        inner = world.binding({variable: at})
        if node.where is None or truth(node.where, inner):
            found.append((_scalar(node.body, inner), at))
    if not found:
        raise NoValueError
    best = (max if "max" in node.operator else min)(found)
    return best[1] if node.operator.startswith("arg") else best[0]


# --- probability ------------------------------------------------------------------------------------------


def _expectation(node: Expectation, world: World) -> Value:
    args, law = node.args, _law(node)
    if law in world.functions or any(law == name.plain for name in world.definitions):
        raise UnknownError("a mean over a density that is given")
    letters = {s for item in node.over if isinstance(item, Relation) for s in free_symbols(item.sides[0])}
    over = {s for item in node.over if not isinstance(item, Relation) for s in free_symbols(item)}
    letters |= {s for s in over if s.name.isupper()} | (over & {s for a in args for s in free_symbols(a)})
    # a capital letter names what is random, wherever it occurs; E_p names a density and no letter
    joint = [(p, world.binding({s: v for s, v in values.items() if not letters or s in letters}))
             for p, values in world.law(law)]
    if len(args) == 1 and isinstance(args[0], Given):
        given = args[0]
        if not all(isinstance(c, Relation) for c in given.given) or len(given.items) != 1:
            raise UnknownError("given the value of a random quantity")
        joint = [(p, w) for p, w in joint if all(truth(c, w) for c in given.given)]
        args = given.items
    weight = mp.fsum(p for p, _ in joint)
    if not weight:
        raise NoValueError

    def mean(of: Callable[[World], Value]) -> Value:
        return mp.fsum(p * of(w) for p, w in joint) / weight

    match node.operator, args:
        case "P", (event,):
            return mean(lambda w: mp.mpf(truth(event, w)))
        case "E", (u,):
            return mean(lambda w: _scalar(u, w))
        case "Var", (u,):
            return mean(lambda w: _scalar(u, w) ** 2) - mean(lambda w: _scalar(u, w)) ** 2
        case "Cov", (u, v):
            product = mean(lambda w: _scalar(u, w) * _scalar(v, w))
            return product - mean(lambda w: _scalar(u, w)) * mean(lambda w: _scalar(v, w))
    raise UnknownError(node.operator)


def _law(node: Expectation) -> str:
    """The name of the density in ``x ~ p`` or ``x ~ p(x)``; empty where none is said."""
    for item in node.over:
        if isinstance(item, Relation):
            law = item.sides[-1]
            return law.name if isinstance(law, Call) else law.plain if isinstance(law, Symbol) else ""
    return ""


def _divergence(node: Call, world: World) -> Value:
    match node.args:
        case (Given((p,), (q,), "||"),) if not world.laws:
            pairs = zip(value(p, world).flat, value(q, world).flat, strict=True)
            return mp.fsum(a * mp.log(a / b) for a, b in pairs)
    raise UnknownError("a divergence of something else")


# --- vectors ------------------------------------------------------------------------------------------------


def _vector(node: Vector, world: World) -> Value:
    return np.array([[_scalar(i, world)] for i in node.items], dtype=object)


def _matrix(node: Matrix, world: World) -> Value:
    return np.array([[_scalar(e, world) for e in row] for row in node.rows], dtype=object)


def _transpose(node: Transpose, world: World) -> Value:
    found = value(node.operand, world)
    return found.T if isinstance(found, np.ndarray) else found


def _norm(node: Norm, world: World) -> Value:
    found = value(node.operand, world)
    parts = list(found.flat) if isinstance(found, np.ndarray) else [found]
    match node.order:
        case None | Number("2") | Symbol("F"):
            return mp.sqrt(mp.fsum(e * e for e in parts))
        case Number("1"):
            return mp.fsum(map(abs, parts))
        case Constant("infinity"):
            return max(map(abs, parts))
    raise UnknownError("a norm of another order")


def _inner(node: Inner, world: World) -> Value:
    return _scalar(Product((Transpose(node.left), node.right)), world)


def _entrywise(node: Entrywise, world: World) -> Value:
    parts = [value(f, world) for f in node.factors]
    if len({_shape(p) for p in parts}) != 1:
        raise UnknownError("different shapes")
    result = parts[0]
    for part in parts[1:]:
        result = result * part
    return result


def _component(node: Component, world: World) -> Value:
    array, indices = value(node.operand, world), [_whole(value(i, world)) - 1 for i in node.indices]
    if not isinstance(array, np.ndarray):
        raise UnknownError("a component of a number")
    try:
        return array[indices[0], 0] if len(indices) == 1 else array[tuple(indices)]
    except IndexError:
        raise NoValueError from None


_METHODS: dict[type[Node], Callable[[Any, World], Value]] = {
    Number: _number, Constant: _constant, Symbol: _symbol, Indexed: _indexed, Sum: _sum, Product: _product,
    Negative: _negative, Quotient: _quotient, Power: _power, Root: _root, Call: _call, Derivative: _derivative,
    Gradient: _gradient, GradientOf: _gradient_of, At: _at, SumOver: _over_index, ProductOver: _over_index,
    Integral: _integral, Cases: _cases, Optimum: _optimum, Expectation: _expectation, Vector: _vector, Matrix: _matrix,
    Transpose: _transpose, Norm: _norm, Inner: _inner, Entrywise: _entrywise, Component: _component,
}  # fmt: skip


# --- statements -----------------------------------------------------------------------------------------


def close(a: Value, b: Value, digits: int = _CLOSE) -> bool:
    """Whether two values are the same to so many digits; values of different shapes are not.

    A matrix with one entry, such as a row times a column, is a number.
    """
    a, b = (v[0, 0] if _shape(v) == (1, 1) else v for v in (a, b))
    if _shape(a) != _shape(b):
        return False
    pairs = zip(a.flat, b.flat, strict=True) if isinstance(a, np.ndarray) else [(a, b)]
    least = mp.mpf(10) ** -digits
    return all(abs(x - y) <= least * max(abs(x), abs(y)) + least * 100 for x, y in pairs)


def _digits(*nodes: Node) -> int:
    """To how many digits values of these expressions are right."""
    parts = [p for n in nodes for p in walk(n)]
    rough = any(isinstance(p, (Derivative, Gradient, GradientOf, Integral)) for p in parts)
    return _CLOSE if rough or any(isinstance(p, Call) and p.order for p in parts) else _CLOSER


_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "=": close, "===": close, "!=": lambda a, b: not close(a, b),
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def truth(node: Node, world: World) -> bool:
    """Whether a relation holds here."""
    match node:
        case Relation((left, Set(items)), ("in",)):
            return any(close(value(left, world), value(i, world)) for i in items)
        case Relation(sides, signs) if all(sign in _COMPARE for sign in signs):
            numbers = [value(s, world) for s in sides]
            return all(_COMPARE[sign](a, b) for (a, b), sign in zip(pairwise(numbers), signs, strict=True))
    raise UnknownError("a statement that is no comparison")


# --- drawing worlds -----------------------------------------------------------------------------------------


def _generic(random: Random, scale: int = 2) -> Value:
    """A number that is special in no way."""
    size = mp.mpf(random.randint(10**8, scale * 10**9)) / (10**9 + 7)
    return random.choice((1, -1)) * size


def _drawn(text: str, random: Random, scale: int, sides: Mapping[str, int], positive: bool) -> Value:
    domain = declaration(text)
    if domain.kind in ("vector", "matrix"):
        shape = [sides[s] for s in domain.shape] or [2] * (1 if domain.kind == "vector" else 2)
        rows, columns = (shape[0], shape[1] if len(shape) > 1 else shape[0] if domain.square else 1)
        array = np.array([[_generic(random) for _ in range(columns)] for _ in range(rows)], dtype=object)
        return _with(domain.properties, array)
    if domain.kind == "density":
        return _density(random)
    if domain.whole:
        low = 0 if domain.low is None else int(domain.low)
        return mp.mpf(random.randint(low - (4 if domain.low is None else 0), low + 5))
    low, high = (None if end is None else mp.mpf(end.numerator) / end.denominator for end in (domain.low, domain.high))
    size = abs(_generic(random, scale)) * (mp.mpf(1) / 10 if scale == 1 else 1)
    if low is not None and high is not None:
        return low + (high - low) * mp.mpf(random.randint(1, 10**9)) / (10**9 + 7)
    if low is not None or high is not None:
        return low + size if low is not None else high - size
    return size if positive else random.choice((1, -1)) * size


def _with(properties: frozenset[str], array: Value) -> Value:
    """A matrix that has the declared properties, made of one that has none."""
    if "positive definite" in properties:
        array = array @ array.T + np.identity(len(array), dtype=object)
    elif "symmetric" in properties:
        array = (array + array.T) / 2
    if "diagonal" in properties:
        array = array * np.identity(len(array), dtype=object)
    if "orthogonal" in properties:
        array = np.array(mp.qr(mp.matrix(array.tolist()))[0].tolist(), dtype=object)
    rows = array.T if array.shape[1] == 1 else array  # a vector is one row of probabilities
    if "one-hot" in properties:
        rows = np.array([[mp.mpf(entry == max(row)) for entry in row] for row in rows], dtype=object)
    elif "probability" in properties:
        rows = np.array([[abs(entry) / mp.fsum(map(abs, row)) for entry in row] for row in rows], dtype=object)
    return rows.T if array.shape[1] == 1 else rows


def _density(random: Random) -> Value:
    weights = [abs(_generic(random)) for _ in range(3)]
    return np.array([[w / mp.fsum(weights)] for w in weights], dtype=object)


def _counts(nodes: tuple[Node, ...]) -> set[Symbol]:
    """Symbols that count something: indices and ends of sums."""
    ends: list[Node] = []
    for part in (p for n in nodes for p in walk(n)):
        match part:
            case Indexed(_, indices) | Component(_, indices):
                ends += indices
            case SumOver() | ProductOver():
                ends += [e for e in (part.lower, part.upper) if e is not None]
    return {s for e in ends for s in free_symbols(e)}


def _joint(random: Random, symbols: set[Symbol]) -> tuple[tuple[Value, Mapping[Symbol, Value]], ...]:
    """A distribution on four points, in which nothing is independent of anything else."""
    weights = [abs(_generic(random)) for _ in range(4)]
    return tuple((w / mp.fsum(weights), {s: _generic(random) for s in sorted(symbols, key=repr)}) for w in weights)


def worlds(nodes: tuple[Node, ...], context: Context, count: int = 12, seed: int = 0) -> Iterator[World]:
    """Worlds in which a statement may be tried: numbers of the declared domains, small and large; in every fourth
    one all are positive.
    """
    definitions = {d.name: d.body for d in context.definitions if not d.parameters}
    functions = {d.name.plain: d for d in context.definitions if d.parameters}
    everything = (*nodes, *(d.body for d in context.definitions))
    symbols = {s for n in everything for s in walk(n) if isinstance(s, Symbol)}
    symbols |= {p for d in context.definitions for p in d.parameters}
    counted = _counts(everything)
    unbounded = any(isinstance(p, SumOver) and p.upper is None for n in everything for p in walk(n))
    named = {s for d in context.domains.values() for s in declaration(d).shape}
    means = (p for n in everything for p in walk(n) if isinstance(p, Expectation))
    laws = tuple(dict.fromkeys(law for mean in means if (law := _law(mean))))
    for k in range(count):
        random = Random(f"{seed} {k}")
        sides = {s: int(s) if s.isdigit() else random.randint(2, 3) for s in sorted(named)}
        values = {
            s: _drawn(context.domains.get(s, "positive integer" if s in counted else "real"), random, (2, 1, 5)[k % 3],
                      sides, k % 4 == 1)
            for s in sorted(symbols - definitions.keys(), key=repr)
        }
        if unbounded:  # an index that is one of those summed over
            values |= {s: mp.mpf(random.randint(1, World.length)) for s in sorted(counted & values.keys(), key=repr)}
        yield World(values, definitions, functions, seed=seed * 1000 + k, joint=_joint(random, symbols),
                    grid=tuple(_generic(random, 4) for _ in range(7)), laws=laws)


@dataclass(frozen=True)
class Opinion:
    """What the points say: ``equal`` is True, False, or None when there are too few points to tell."""

    equal: bool | None
    why: str = ""
    world: World | None = None
    values: tuple[Value, Value] | None = None


def compare(a: Node, b: Node, context: Context, count: int = 12, seed: int = 0, enough: int = 5) -> Opinion:
    """Whether two expressions have the same value wherever both have one: at so many points, at least ``enough``."""
    agreeing, why = 0, "no values"
    digits = _digits(a, b, *(d.body for d in context.definitions))
    with mp.workdps(DIGITS):
        for world in worlds((a, b), context, 3 * count, seed):
            try:
                u, v = _values(a, b, world)
                differ = not close(u, v, digits) and _still_differ(a, b, world, digits)
            except (NoValueError, OverflowError, ZeroDivisionError):
                continue
            except (UnknownError, RecursionError) as error:
                why = str(error)
                continue
            if differ:
                return Opinion(False, "differs", world, (u, v))
            if _is_hidden(a, b, u, v):
                continue
            agreeing += 1
            if not world.values and not _random(a, b):
                return Opinion(True, "agrees")
            if agreeing == count:
                break
    return Opinion(True, f"agrees at {agreeing} points") if agreeing >= enough else Opinion(None, why)


def _is_hidden(a: Node, b: Node, u: Value, v: Value) -> bool:
    """Whether an indicator that is zero nearly everywhere hides what it is a factor of."""
    marked = any(isinstance(p, Call) and p.name == "indicator" for n in (a, b) for p in walk(n))
    return marked and not np.any(u) and not np.any(v)


def _values(a: Node, b: Node, world: World) -> tuple[Value, Value]:
    """Both values, with more digits where terms cancel."""
    try:
        return value(a, world), value(b, world)
    except LostDigitsError:
        with mp.workdps(_MORE * mp.dps):
            return value(a, world), value(b, world)


def _still_differ(a: Node, b: Node, world: World, digits: int) -> bool:
    """Whether two expressions differ with twice the digits as well, and differences taken closer by."""
    with mp.workdps(2 * DIGITS):
        return not close(*_values(a, b, world), digits)


def _random(*nodes: Node) -> bool:
    """Whether there is something that each world draws anew although no symbol stands for it."""
    return any(isinstance(p, (Indexed, Expectation, Optimum)) for n in nodes for p in walk(n))
