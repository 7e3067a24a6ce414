"""Products over an index with symbolic bounds, as generators: a product is split factor by factor.

Every product is shifted to start at 1. What does not depend on the index is a power, ``e^u`` gives the exponential
of a sum, ``i + c`` a factorial; a factor ``x_{i+1}`` is that of ``x_i`` with the factors at the ends.
"""

from __future__ import annotations

from derive.tree import Node, Sum, Symbol, number, substitute
from derive.verify.bound import Bound, provisional
from derive.verify.core import fresh, is_fresh
from derive.verify.counting import factorial
from derive.verify.field import Element, Kernel, Poly, key_of
from derive.verify.series import offset
from derive.verify.signals import Undecidable, Undefined
from derive.verify.sums import Binder, Sums
from derive.verify.trees import tree

_EDGES = 12
_WRITTEN_OUT = 40


class Products(Bound):
    """Products over one field; ``sums`` are those of the same field."""

    sums: Sums

    def bounded(self, body: Node, index: Symbol, lower: Element, upper: Element) -> Element:
        """A product of a tree from ``lower`` to ``upper``."""
        field = self.field
        if any(is_fresh(s) for s in field.symbols(lower)):
            raise Undecidable("a lower bound that depends on another index")
        name = provisional(body, "pi")
        value = field.rational(lower)
        first = tree(field, field.minus(lower, field.one)) if value is None else number(value - 1)
        moved: Node = name if value == 1 else Sum((name, first))
        inner = self.convert(substitute(body, {index: moved}))
        return self.factored(Binder(name, field.plus(field.minus(upper, lower), field.one)), inner)

    def over_set(self, body: Node, index: Symbol, space: Node) -> Element:
        """A product of a tree over a set."""
        name = provisional(body, "pi")
        return self.factored(Binder(name, None, space), self.convert(substitute(body, {index: name})))

    def factored(self, binder: Binder, body: Element) -> Element:
        """A product split factor by factor."""
        field = self.field
        if binder.upper is not None and self.sums.is_infinite(binder):
            return self._generator(binder, body)
        count = self.sums.count(binder)
        result = field.one
        for p, side in ((body.top, 1), (body.bottom, -1)):
            if p.is_zero():
                return field.zero
            content, parts = field.factors(p)
            constant = self.kernels.symbolic_power(field.number(content), count, whole=True)
            result = field.times(result, field.power(constant, side))
            for part, times in parts:
                factor = self._factor(part, binder, count)
                result = field.times(result, field.power(factor, side * times))
        return result

    def _factor(self, part: Poly, binder: Binder, count: Element) -> Element:
        element = self.field.polynomial(part)
        if not self.depends(part, (binder.name,)):
            return self.kernels.symbolic_power(element, count, whole=True)
        kernel = self.kernels.single(element)
        if kernel is not None and kernel.kind == "exp":
            exponent = self.field.scaled(kernel.inner[0], kernel.unit)
            return self.kernels.exp(self.sums.linear((binder,), exponent))
        if binder.upper is None:
            return self._generator(binder, element)
        number_ = self.field.rational(binder.upper)
        if number_ is not None and number_.denominator == 1 and 0 <= number_ <= _WRITTEN_OUT:
            return self._written_out(element, binder.name, self.field.zero, int(number_))
        try:
            found = self._of_numbers(part, binder) or self._moved_to_zero(element, binder) or self._cut(element, binder)
        except Undefined:
            found = None
        return found or self._generator(binder, element)

    def _of_numbers(self, part: Poly, binder: Binder) -> Element | None:
        """The product of ``a i + b`` where b/a is a whole number: a power and factorials."""
        field = self.field
        place = field.used(self.sums.element(binder.name).top)[0]
        assert binder.upper is not None
        if field.used(part) != [place] or part.total_degree() != 1:
            return None
        slope, rest = int(part.leading_coefficient()), int(part[(0,) * field.needs.room])
        if rest % slope or rest < 0 or rest // slope > _EDGES:
            return None
        shift = field.number(rest // slope)
        top = factorial(self.kernels, field.plus(binder.upper, shift))
        power = self.kernels.symbolic_power(field.number(slope), binder.upper, whole=True)
        return field.times(power, field.over(top, factorial(self.kernels, shift)))

    def _written_out(self, element: Element, name: Symbol, start: Element, count: int) -> Element:
        result = self.field.one
        for k in range(1, count + 1):
            at = self.field.plus(start, self.field.number(k))
            result = self.field.times(result, self.put_in(element, name, at))
        return result

    def _ends(self, element: Element, name: Symbol, start: Element, count: int) -> Element:
        if count >= 0:
            return self._written_out(element, name, start, count)
        below = self.field.plus(start, self.field.number(count))
        return self.field.over(self.field.one, self._written_out(element, name, below, -count))

    def _moved_to_zero(self, element: Element, binder: Binder) -> Element | None:
        field = self.field
        shift = offset(self.sums, element, binder.name)
        if not shift or abs(shift) > _EDGES or binder.upper is None:
            return None
        moved = self.put_in(element, binder.name, field.minus(self.sums.element(binder.name), field.number(shift)))
        upper = field.plus(binder.upper, field.number(shift))
        front = self._ends(moved, binder.name, field.zero, shift)
        return field.over(self.factored(Binder(binder.name, upper), moved), front)

    def _cut(self, element: Element, binder: Binder) -> Element | None:
        field, upper = self.field, binder.upper
        if upper is None or not upper.bottom.is_one():
            return None
        more = int(upper.top[(0,) * field.needs.room])
        if not more or abs(more) > _EDGES:
            return None
        rest = field.minus(upper, field.number(more))
        ends = self._ends(element, binder.name, rest, more)
        return field.times(self.factored(Binder(binder.name, rest), element), ends)

    def _generator(self, binder: Binder, body: Element) -> Element:
        field = self.field
        name = fresh(self.height(body), "i")
        if name != binder.name:
            body = self.renamed(body, {binder.name: name})
        body = field.canonical(body)
        upper = field.one if binder.upper is None else binder.upper
        sets = frozenset({binder.space}) if isinstance(binder.space, Symbol) else frozenset()
        symbols = field.symbols(upper) | (field.symbols(body) - {name}) | sets
        inner = (field.one, upper, body)
        data = (name, binder.space)
        return field.generator(Kernel("product", inner, data=data, symbols=symbols), ("product", data, key_of(*inner)))

    def log(self, kernel: Kernel) -> Element:
        """The logarithm of a product is the sum of the logarithms."""
        body = kernel.inner[2]
        over = self.field.minus(self.kernels.log_factor(body.top), self._log_bottom(body))
        return self.sums.linear((_binder(kernel),), over)

    def _log_bottom(self, body: Element) -> Element:
        return self.field.zero if body.bottom.is_one() else self.kernels.log_factor(body.bottom)

    def derivative(self, kernel: Kernel, x: Symbol) -> Element:
        """The product times the sum of the logarithmic derivatives."""
        field, binder, body = self.field, _binder(kernel), kernel.inner[2]
        if binder.upper is not None and x in field.symbols(binder.upper):
            raise Undecidable("the number of factors depends on the variable")
        itself = self._generator(binder, body)
        return field.times(itself, self.sums.linear((binder,), field.over(self.differentiate(body, x), body)))


def _binder(kernel: Kernel) -> Binder:
    name, space = kernel.data
    return Binder(name, kernel.inner[1] if space is None else None, space)
