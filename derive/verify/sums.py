"""Sums, products and definite integrals with symbolic bounds, as generators with linearity.

The bound index of each gets a canonical name by how deeply sums are nested in its body, so that renamed sums
are the same generator. A sum is split term by term, what does not depend on the index goes in front, a sum of
ones is counted; a product is split factor by factor; the same linearity holds for convergent integrals.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.tree import Integral, Node, ProductOver, SumOver, Symbol, children, substitute
from derive.verify.core import fresh
from derive.verify.field import Element, Kernel, Poly, key_of
from derive.verify.kernels import Kernels
from derive.verify.signals import Undecidable
from derive.verify.trees import tree

_BOUND = {"sum": "i", "product": "i", "integral": "t"}


class Sums:
    """Sums over one field. ``convert`` takes a tree to an element, ``differentiate`` an element to its derivative."""

    def __init__(
        self, kernels: Kernels, convert: Callable[[Node], Element], differentiate: Callable[[Element, Symbol], Element]
    ) -> None:
        self.kernels, self.field = kernels, kernels.field
        self.convert, self.differentiate = convert, differentiate

    def over(self, kind: str, body: Node, index: Symbol, lower: Element, upper: Element, finite: bool) -> Element:
        """A sum, product or integral of a tree; ``finite`` tells that both bounds are numbers, not infinity."""
        provisional = fresh(99 - _depth(body), "p" + _BOUND[kind])
        inner = self.convert(substitute(body, {index: provisional}))
        if kind == "product":
            return self._product(inner, provisional, lower, upper)
        return self._linear(kind, inner, provisional, lower, upper, finite)

    # --- linear ---------------------------------------------------------------------------------------

    def _linear(
        self, kind: str, body: Element, index: Symbol, lower: Element, upper: Element, finite: bool
    ) -> Element:
        field, result = self.field, self.field.zero
        outside, inside = self._divided(body.bottom, index)
        for powers, coefficient in zip(body.top.monoms(), body.top.coeffs(), strict=True):
            front, rest = self._separated(powers, index)
            member = field.fraction(rest, inside)
            count = self._sum(kind, member, index, lower, upper, finite)
            term = field.times(field.fraction(front * coefficient, outside), count)
            result = field.plus(result, term)
        return result

    def _sum(self, kind: str, member: Element, index: Symbol, lower: Element, upper: Element, finite: bool) -> Element:
        if member == self.field.one and finite:
            length = self.field.minus(upper, lower)
            return length if kind == "integral" else self.field.plus(length, self.field.one)
        return self._generator(kind, member, index, lower, upper)

    def _generator(self, kind: str, body: Element, index: Symbol, lower: Element, upper: Element) -> Element:
        name = fresh(self._height(body), _BOUND[kind])
        if name != index:
            body = self.convert(substitute(tree(self.field, body), {index: name}))
        field = self.field
        symbols = field.symbols(lower, upper) | (field.symbols(body) - {name})
        body = field.canonical(body)
        kernel = Kernel(kind, (lower, upper, body), data=name, symbols=symbols)
        return field.generator(kernel, (kind, key_of(lower, upper, body)))

    def _separated(self, powers: tuple[int, ...], index: Symbol) -> tuple[Poly, Poly]:
        kernels = self.field.kernels
        depends = [n > 0 and index in kernels[i].symbols for i, n in enumerate(powers)]
        front = tuple(0 if d else n for n, d in zip(powers, depends, strict=True))
        rest = tuple(n if d else 0 for n, d in zip(powers, depends, strict=True))
        return self.field.ring.from_dict({front: 1}), self.field.ring.from_dict({rest: 1})

    def _divided(self, p: Poly, index: Symbol) -> tuple[Poly, Poly]:
        """A polynomial as a factor without the index times one with it."""
        if not self._depends(p, index):
            return p, self.field.unit
        content, parts = self.field.factors(p)
        outside, inside = self.field.ring.constant(content), self.field.unit
        for part, times in parts:
            if self._depends(part, index):
                inside = inside * part**times
            else:
                outside = outside * part**times
        return outside, inside

    def _depends(self, p: Poly, index: Symbol) -> bool:
        return index in self.field.symbols(self.field.polynomial(p))

    def _height(self, element: Element) -> int:
        """How deeply sums are nested in an element."""
        field = self.field
        places = field.used(element.top, element.bottom)
        return max((self._kernel_height(field.kernels[i]) for i in places), default=0)

    def _kernel_height(self, kernel: Kernel) -> int:
        inner = max((self._height(e) for e in kernel.inner), default=0)
        return inner + 1 if kernel.kind in _BOUND else inner

    # --- products ---------------------------------------------------------------------------------------

    def _product(self, body: Element, index: Symbol, lower: Element, upper: Element) -> Element:
        field = self.field
        count = field.plus(field.minus(upper, lower), field.one)
        result = field.one
        for p, side in ((body.top, 1), (body.bottom, -1)):
            content, parts = field.factors(p)
            constant = self.kernels.symbolic_power(field.number(content), count, whole=True)
            result = field.times(result, field.power(constant, side))
            for part, times in parts:
                factor = self._factor(part, index, lower, upper, count)
                result = field.times(result, field.power(factor, side * times))
        return result

    def _factor(self, part: Poly, index: Symbol, lower: Element, upper: Element, count: Element) -> Element:
        element = self.field.polynomial(part)
        if not self._depends(part, index):
            return self.kernels.symbolic_power(element, count, whole=True)
        kernel = self.kernels.single(element)
        if kernel is not None and kernel.kind == "exp":
            exponent = self.field.scaled(kernel.inner[0], kernel.unit)
            return self.kernels.exp(self._linear("sum", exponent, index, lower, upper, True))
        return self._generator("product", element, index, lower, upper)

    def log_of_product(self, kernel: Kernel) -> Element:
        """The logarithm of a product is the sum of the logarithms."""
        lower, upper, body = kernel.inner
        logarithm = self.kernels.log_factor(body.top)
        return self._linear("sum", logarithm, kernel.data, lower, upper, True)

    # --- derivatives ------------------------------------------------------------------------------------

    def derivative(self, kernel: Kernel, x: Symbol) -> Element:
        """Term by term; the bounds of an integral by Leibniz' rule, those of a sum may not depend on x."""
        field = self.field
        lower, upper, body = kernel.inner
        slope = self.differentiate(body, x)
        if kernel.kind == "integral":
            inside = self._linear("integral", slope, kernel.data, lower, upper, False)
            return field.plus(inside, field.minus(self._end(kernel, upper, x), self._end(kernel, lower, x)))
        if x in field.symbols(lower, upper):
            raise Undecidable("the number of terms depends on the variable")
        if kernel.kind == "sum":
            return self._linear("sum", slope, kernel.data, lower, upper, True)
        itself = self._generator("product", body, kernel.data, lower, upper)
        return field.times(itself, self._linear("sum", field.over(slope, body), kernel.data, lower, upper, True))

    def _end(self, kernel: Kernel, end: Element, x: Symbol) -> Element:
        speed = self.differentiate(end, x)
        if speed.top.is_zero():
            return speed
        put_in = {kernel.data: tree(self.field, end)}
        return self.field.times(speed, self.convert(substitute(tree(self.field, kernel.inner[2]), put_in)))


def _depth(node: Node) -> int:
    below = max((_depth(c) for c in children(node)), default=0)
    return below + 1 if isinstance(node, (SumOver, ProductOver, Integral)) else below
