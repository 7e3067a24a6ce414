"""Formulas of vectors and matrices in NumPy, written out once more for the tests: a vector is a column (m, 1)."""

from collections.abc import Mapping

import numpy as np

from derive.tree import (
    Call,
    Constant,
    Entrywise,
    Indexed,
    Inner,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
)

ONES = Symbol("1", font="bold")
Array = np.ndarray
Values = Mapping[Symbol, Array]


def value(node: Node, values: Values) -> Array:
    """The value, always with two axes."""
    match node:
        case Number():
            return np.array([[float(node.value)]])
        case Constant("e"):
            return np.array([[np.e]])
        case Symbol("I", font="bold"):
            return np.eye(3)  # all that the tests need
        case Symbol():
            return np.atleast_2d(values[node])
        case Indexed(base, indices):
            at = [int(value(i, values)[0, 0]) - 1 for i in indices]
            return np.array([[values[base][at[0], at[1] if len(at) > 1 else 0]]])
        case Negative(operand):
            return -value(operand, values)
        case Sum(terms):
            return _alike(np.add, [value(t, values) for t in terms if t != ONES], ONES in terms)
        case Entrywise(factors):
            return _alike(np.multiply, [value(f, values) for f in factors])
        case Quotient(top, bottom):
            return value(top, values) / value(bottom, values)
        case Product(factors):
            return _product(list(factors), values)
        case Transpose(operand):
            return value(operand, values).T
        case Power(base, exponent):
            found, n = value(base, values), value(exponent, values)[0, 0]
            square = found.shape[0] == found.shape[1] > 1
            return np.linalg.matrix_power(found, int(n)) if square else found**n
        case Root(radicand, _):
            return np.sqrt(value(radicand, values))
        case Inner(a, b):
            return np.sum(value(a, values) * value(b, values)).reshape(1, 1)
        case Norm(a, order):
            p = 1 if order == Number("1") else 2
            return np.sum(np.abs(value(a, values)) ** p).reshape(1, 1) ** (1 / p)
        case SumOver(body, index, lower, upper):
            low, high = (int(value(bound, values)[0, 0]) for bound in (lower, upper))
            return sum(value(body, {**values, index: np.array([[float(k)]])}) for k in range(low, high + 1))
        case Call(name, args, order):
            return _call(name, order, [value(a, values) for a in args])
    raise AssertionError(node)


def _alike(operation: np.ufunc, parts: list[Array], ones: bool = False) -> Array:
    result = parts[0]
    for part in parts[1:]:
        result = operation(result, part)
    return result + 1 if ones else result


def _product(factors: list[Node], values: Values) -> Array:
    """Ones get their length from their neighbour; a column of ones in front is one row, which broadcasts."""
    result: Array | None = None
    for k, factor in enumerate(factors):
        if factor == ONES:
            part = np.ones((1 if result is None or result.size == 1 else result.shape[1], 1))
        elif factor == Transpose(ONES):
            after = value(factors[k + 1], values) if k + 1 < len(factors) else None
            part = np.ones((1, 1 if after is None else after.shape[0]))
        else:
            part = value(factor, values)
        result = part if result is None else _times(result, part)
    assert result is not None
    return result


def _times(a: Array, b: Array) -> Array:
    return a * b if 1 in (a.size, b.size) else a @ b


def _sigma(u: Array) -> Array:
    return 1 / (1 + np.exp(-u))


def _softmax(u: Array) -> Array:
    powers = np.exp(u)
    return powers / np.sum(powers, axis=0 if u.shape[1] == 1 else 1, keepdims=True)


_EACH = {
    ("sigma", 0): _sigma, ("sigma", 1): lambda u: _sigma(u) * (1 - _sigma(u)),
    ("tanh", 0): np.tanh, ("tanh", 1): lambda u: 1 - np.tanh(u) ** 2,
    ("relu", 0): lambda u: np.maximum(u, 0), ("relu", 1): lambda u: (u > 0).astype(float),
    ("softplus", 0): lambda u: np.log1p(np.exp(u)), ("softplus", 1): _sigma,
    ("ln", 0): np.log, ("log", 0): np.log, ("exp", 0): np.exp, ("abs", 0): np.abs, ("sign", 0): np.sign,
    ("logsumexp", 0): lambda u: np.log(np.sum(np.exp(u))).reshape(1, 1),
    ("det", 0): lambda u: np.linalg.det(u).reshape(1, 1),
    ("tr", 0): lambda u: np.trace(u).reshape(1, 1),
    ("diag", 0): lambda u: np.diag(u[:, 0]) if u.shape[1] == 1 else np.diag(u).reshape(-1, 1),
    ("softmax", 0): _softmax,
}  # fmt: skip


def _call(name: str, order: int, args: list[Array]) -> Array:
    if name == "max":
        return np.maximum(args[0], args[1])
    return _EACH[name, order](args[0])


def differences(node: Node, values: Values, by: Symbol, h: float = 1e-6) -> Array:
    """The gradient of a number by an array, by central differences."""
    found = np.zeros_like(values[by])
    for i in np.ndindex(*found.shape):
        ends = []
        for step in (h, -h):
            moved = values[by].copy()
            moved[i] += step
            ends.append(value(node, {**values, by: moved})[0, 0])
        found[i] = (ends[0] - ends[1]) / (2 * h)
    return found
