"""The values of laws' densities as generators: ``("density", (name, slots, orders))`` over values and parameters.

``orders`` tells how often a density is differentiated by each of its values and parameters. What is summed out over
a slot is the density of the rest; over the last one it is 1, and its derivatives by parameters are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derive.tree import Symbol
from derive.verify.field import Element, Kernel
from derive.verify.kernels import Kernels

Data = tuple[str, tuple[tuple[str, Symbol], ...], tuple[int, ...]]


def density(kernels: Kernels, data: Data, inner: Sequence[Element]) -> Element:
    """The generator of a density at canonical values."""
    _, slots, orders = data
    if not slots:
        return kernels.field.zero if any(orders) else kernels.field.one
    return kernels.make("density", *map(kernels.field.canonical, inner), data=data)


def slope(kernels: Kernels, kernel: Kernel, x: Symbol, differentiate: Callable[[Element, Symbol], Element]) -> Element:
    """The chain rule: one partial derivative for each value and parameter."""
    field = kernels.field
    name, slots, orders = kernel.data
    result = field.zero
    for k, u in enumerate(kernel.inner):
        inner = differentiate(u, x)
        if not inner.top.is_zero():
            raised = (*orders[:k], orders[k] + 1, *orders[k + 1 :])
            partial = density(kernels, (name, slots, raised), kernel.inner)
            result = field.plus(result, field.times(partial, inner))
    return result
