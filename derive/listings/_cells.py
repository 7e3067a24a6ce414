"""Programs that calculate the numbers of a derivation anew: iterations and gradients as NumPy code that prints.

Called by the kinds that end in numbers; what they return becomes a :class:`derive.steps.Program`. Formulas are those
of the derivation. Each function returns None where a formula has no NumPy code. A new method of descent is a row
of :data:`_UPDATES`, a function that NumPy lacks one of :data:`_HELPERS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import fill

from derive.backward import Backward
from derive.listings._parts import LINE
from derive.listings._scipy import SIGMOID
from derive.listings._slopes import HELPERS, in_numpy
from derive.tree import Node, Symbol, free_symbols
from derive.write.sympy import identifier

_HELPERS = {
    "sigmoid": SIGMOID.rstrip(),
    "relu": "def relu(u):\n    return np.maximum(u, 0)",
    **HELPERS,
}
"""Functions that NumPy lacks, by the name that a formula calls them by."""

_UPDATES: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "plain": ((), ("point = point - alpha * g",)),
    "momentum": (("v = 0 * point",), ("v = beta * v + g", "point = point - alpha * v")),
    "nesterov": (
        ("v = 0 * point",),
        ("v = beta * v + gradient(point - alpha * beta * v)", "point = point - alpha * v"),
    ),
    "adagrad": (("r = 0 * point",), ("r = r + g**2", "point = point - alpha * g / (delta + np.sqrt(r))")),
    "rmsprop": (
        ("r = 0 * point",), ("r = rho * r + (1 - rho) * g**2", "point = point - alpha * g / np.sqrt(delta + r)"),
    ),
    "adam": (
        ("m, v = 0 * point, 0 * point",),
        (
            "m = beta1 * m + (1 - beta1) * g", "v = beta2 * v + (1 - beta2) * g**2",
            "m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)",
            "point = point - alpha * m_hat / (np.sqrt(v_hat) + epsilon)",
        ),
    ),
    "newton": ((), ("point = point - alpha * np.linalg.solve(hessian(point), g)",)),
    "line-search": (
        (),
        (
            "alpha = minimize_scalar(lambda a: cost(point - a * g), bracket=(0, 1), tol=1e-12).x",
            "point = point - alpha * g",
        ),
    ),
}
"""What each method begins with and how it goes on, as in :mod:`derive.numeric.optimisers`."""

LONGEST = 2_000  # numbers of data that are written into a program
_TAKEN = frozenset({"np", "minimize_scalar", "cost", "gradient", "hessian", "point", *_HELPERS})


def descent(
    method: str, functions: Mapping[str, tuple[Sequence[Symbol], Node | Sequence[Node] | Sequence[Sequence[Node]]]],
    start: Sequence[Node], constants: Mapping[str, Node],
    step: tuple[Symbol, Sequence[Node]] | None, rows: Sequence[int],
) -> str | None:
    """An iteration as a program that prints its table: step, point, gradient, length of the gradient, cost.

    ``functions`` are the cost, its gradient and, for Newton's method, its Hessian, as functions of the variables;
    ``constants`` the method's parameters; ``step`` the step size: a formula in the number of the step, or a number for
    each step; ``rows`` the steps shown.
    """
    if method not in _UPDATES:
        return None
    begin, update = _UPDATES[method]
    try:
        made = [_function(name, *what) for name, what in functions.items()]
        known = [f"{name} = {in_numpy(value, {})}" for name, value in constants.items()]
        first = ", ".join(in_numpy(x, {}) for x in start)
        alpha = _alpha(*step) if step is not None else []
    except (KeyError, TypeError, _NameTakenError):
        return None
    return _program([
        *[f"{function}\n\n" for function in made], *known,
        f"shown = {list(rows)}", f"point = np.array([{first}], dtype=float)", *begin,
        f"for t in range(1, {rows[-1] + 2}):",
        "    g = gradient(point)",
        "    if t - 1 in shown:",
        "        row = [*point, *g, np.linalg.norm(g), cost(point)]",
        '        print(f"{t - 1:4d}", *(f"{x:14.8g}" for x in row))',
        f"    if t > {rows[-1]}:",
        "        break",
        *alpha,
        *(f"    {line}" for line in update),
    ])


def _alpha(counter: Symbol, sizes: Sequence[Node]) -> list[str]:
    """The step size of step ``t``."""
    if len(sizes) > 1:
        return [f"    alpha = [{', '.join(in_numpy(size, {}) for size in sizes)}][t - 1]"]
    return [f"    alpha = {in_numpy(sizes[0], {counter: 't'})}"]


class _NameTakenError(Exception):
    """Two symbols with one name in code."""


def _names(symbols: Sequence[Symbol], taken: frozenset[str] = _TAKEN) -> dict[Symbol, str]:
    names = {s: identifier(s) for s in symbols}
    if len(set(names.values())) < len(names) or taken & set(names.values()):
        raise _NameTakenError
    return names


def _function(name: str, variables: Sequence[Symbol], value: object) -> str:
    """A function of one array of the variables."""
    names = _names(variables)
    alone = "," if len(names) == 1 else ""
    return "\n".join([
        f"def {name}(point):", f"    {', '.join(names.values())}{alone} = point", f"    return {_value(value, names)}",
    ])


def _value(value: object, names: Mapping[Symbol, str]) -> str:
    """A formula, an array of formulas or a matrix of them."""
    return in_numpy(value, names) if isinstance(value, Node) else f"np.array({_nested(value, names)})"


def _nested(value: object, names: Mapping[Symbol, str]) -> str:
    if isinstance(value, Node):
        return in_numpy(value, names)
    assert isinstance(value, Sequence)
    return f"[{', '.join(_nested(part, names) for part in value)}]"


def sweep(made: Backward, values: Mapping[Symbol, Node]) -> str | None:
    """Forward values and derivatives as a program, a line each, which prints the output and the derivatives."""
    used = {s for node in (*(d.body for d in made.program), *made.gradients.values()) for s in free_symbols(node)}
    given = {s: v for s, v in values.items() if s in used}
    quantities = [d.name for d in made.program]
    if not used <= {*given, *quantities}:
        return None
    try:
        names = _names([*given, *quantities])
        lines = [f"{names[s]} = {in_numpy(v, {})}" for s, v in given.items()]
        lines += ["", *(f"{names[d.name]} = {in_numpy(d.body, names)}" for d in made.program), "", "derivatives = {"]
        lines += [f'    "{names[s]}": {in_numpy(g, names)},' for s, g in made.gradients.items()]
    except (KeyError, TypeError, _NameTakenError):
        return None
    output = names[made.output]
    return _program([
        *lines, "}", f'print("{output}", f"{{{output}:.8g}}")', "for name, value in derivatives.items():",
        '    print(name, f"{value:.8g}")',
    ])


def columns(data: Mapping[Symbol, Sequence[float]]) -> str | None:
    """The data of a fit as arrays; None where they are more than anybody scrolls past."""
    if sum(map(len, data.values())) > LONGEST:
        return None
    try:
        names = _names(list(data))
    except _NameTakenError:
        return None
    return _program([_array(names[s], [float(v) for v in values]) for s, values in data.items()])


def _array(name: str, values: Sequence[float]) -> str:
    """An array of numbers over as many lines as they need."""
    numbers = fill(", ".join(map(repr, values)), LINE, initial_indent="    ", subsequent_indent="    ")
    return f"{name} = np.array([\n{numbers}\n])"


def _program(lines: Sequence[str]) -> str:
    """Lines with NumPy and the helpers that they call before them."""
    body = "\n".join(lines)
    called = [code for name, code in _HELPERS.items() if re.search(rf"\b{name}\(", body)]
    search = ["from scipy.optimize import minimize_scalar"] * ("minimize_scalar(" in body)
    return "\n".join(["import numpy as np", *search, "", *(f"\n{code}\n\n" for code in called), body]) + "\n"
