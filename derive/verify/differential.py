"""The derivation of the field: d/dx of an element by the chain rule over its generators.

This is the verifier's own differentiation, one row for each kind of generator, written from the definitions
of the functions and independent of the rules that derivations are made with.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive.tree import Symbol
from derive.verify.field import Element, Kernel, Poly
from derive.verify.kernels import Kernels
from derive.verify.signals import Undecidable

Slope = Callable[[Kernel, Symbol], Element]


class Derivation:
    """d/dx on the elements of a field, for one symbol x; sums and integrals are differentiated elsewhere."""

    def __init__(self, kernels: Kernels, x: Symbol, over_index: Slope, antiderivative: Slope) -> None:
        self.kernels, self.field, self.x = kernels, kernels.field, x
        self.special = dict.fromkeys(("sum", "product", "integral", "density"), over_index)
        self.special["antiderivative"] = antiderivative
        self.known: dict[int, Element] = {}

    def of(self, a: Element) -> Element:
        """The derivative of an element: quotient rule over polynomials."""
        f = self.field
        top = self._poly(a.top)
        if a.bottom.is_one():
            return top
        bottom = self._poly(a.bottom)
        numerator = f.minus(f.times(top, f.polynomial(a.bottom)), f.times(f.polynomial(a.top), bottom))
        return f.over(numerator, f.polynomial(f.product(a.bottom, a.bottom)))

    def _poly(self, p: Poly) -> Element:
        result = self.field.zero
        for place in self.field.used(p):
            if self.x in self.field.kernels[place].symbols:
                slope = self.field.polynomial(self.field.reduced(p.derivative(place)))
                result = self.field.plus(result, self.field.times(slope, self.generator(place)))
        return result

    def generator(self, place: int) -> Element:
        """The derivative of one generator."""
        if place not in self.known:
            self.field.clock.check()
            kernel = self.field.kernels[place]
            self.known[place] = self._kernel(kernel, self.field.polynomial(self.field.generators[place]))
        return self.known[place]

    def _kernel(self, kernel: Kernel, itself: Element) -> Element:
        if kernel.kind == "symbol":
            return self.field.one
        if kernel.kind == "call":
            return self._unknown(kernel)
        if kernel.kind in self.special:
            return self.special[kernel.kind](kernel, self.x)
        row = ROWS.get(kernel.kind)
        if row is None:
            raise Undecidable(f"the derivative of {kernel.kind} is not known")
        u = kernel.inner[0]
        return self.field.times(row(self.kernels, kernel, u, itself), self.of(u))

    def _unknown(self, kernel: Kernel) -> Element:
        """Chain rule for an unknown function: one partial derivative for each argument."""
        name, orders = kernel.data
        result = self.field.zero
        for k, u in enumerate(kernel.inner):
            inner = self.of(u)
            if not inner.top.is_zero():
                raised = (*orders[:k], orders[k] + 1, *orders[k + 1 :])
                partial = self.kernels.unknown(name, raised, list(kernel.inner))
                result = self.field.plus(result, self.field.times(partial, inner))
        return result


def _exp(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    return k.field.scaled(itself, kernel.unit)  # (e^{q u})' = q e^{q u} u'


def _log(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    return k.field.over(k.field.one, u)  # (log|u|)' = u'/u


def _root(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    return k.field.over(k.field.scaled(itself, kernel.unit), u)  # (u^q)' = q u^q/u u'


def _sin(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    return k.field.scaled(k.make("cos", u, unit=kernel.unit), kernel.unit)


def _cos(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    return k.field.scaled(k.make("sin", u, unit=kernel.unit), -kernel.unit)


def _arcsin(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    f = k.field
    return f.over(f.one, k.power(f.minus(f.one, f.times(u, u)), Fraction(1, 2)))  # 1/sqrt(1 - u^2)


def _arctan(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    f = k.field
    return f.over(f.one, f.plus(f.one, f.times(u, u)))  # 1/(1 + u^2)


def _erf(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    f = k.field
    bell = k.exp(f.scaled(f.times(u, u), -1))
    return f.scaled(f.over(bell, k.power(k.pi(), Fraction(1, 2))), 2)  # 2/sqrt(pi) e^{-u^2}


def _gamma(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    return k.field.times(itself, k.make("digamma", u))


def _digamma(k: Kernels, kernel: Kernel, u: Element, itself: Element) -> Element:
    return k.make("trigamma", u)


Row = Callable[[Kernels, Kernel, Element, Element], Element]
ROWS: dict[str, Row] = {
    "exp": _exp,
    "log": _log,
    "root": _root,
    "sin": _sin,
    "cos": _cos,
    "arcsin": _arcsin,
    "arctan": _arctan,
    "erf": _erf,
    "gammafunction": _gamma,
    "digamma": _digamma,
}
"""Kind of generator: the factor beside the derivative of its argument."""

