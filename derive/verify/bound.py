"""What sums, products and integrals over a field share: bound names, and what does not depend on them.

:class:`Bound` holds the converter's functions; :mod:`sums`, :mod:`products` and :mod:`integrals` derive from it.
The bound name of each kernel is canonical by how deeply such kernels are nested in its body, so that renamed ones
are the same generator.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from derive.tree import Indexed, Integral, Node, ProductOver, SumOver, Symbol, children, substitute
from derive.verify.brackets import Brackets
from derive.verify.core import fresh, is_fresh
from derive.verify.densities import density
from derive.verify.field import Element, Kernel, Poly
from derive.verify.kernels import Kernels
from derive.verify.signals import Assume
from derive.verify.trees import tree

KINDS = frozenset({"sum", "product", "integral"})
"""The kinds of kernels that bind a name."""


class Bound:
    """``convert`` takes a tree to an element, ``differentiate`` an element to its derivative."""

    def __init__(
        self,
        kernels: Kernels,
        convert: Callable[[Node], Element],
        differentiate: Callable[[Element, Symbol], Element],
        brackets: Brackets,
    ) -> None:
        self.kernels, self.field, self.brackets = kernels, kernels.field, brackets
        self.convert, self.differentiate = convert, differentiate
        self.assuming = False
        """Whether what must be positive for convergence may be assumed, where nothing says so."""

    def certain_sign(self, e: Element) -> int:
        """1 or -1 where an element is certainly positive or negative, else 0."""
        signs = self.kernels.signs
        (above, strict), (below, _) = signs.sign(e.top), signs.sign(e.bottom)
        return above * below if strict else 0

    def is_positive(self, e: Element) -> bool:
        """Whether an element is certainly positive; raises Assume where that may be assumed."""
        sign = self.certain_sign(e)
        letters = self.field.symbols(e)
        if not sign and self.assuming and letters and not any(map(is_fresh, letters)):
            raise Assume(tree(self.field, e))
        return sign > 0

    def renamed(self, element: Element, put_in: Mapping[Node, Node]) -> Element:
        """An element with other names for some of its symbols, all at once."""
        values = {s: self.convert(v) for s, v in put_in.items() if isinstance(s, Symbol)}
        return self.replaced(element, values)

    def put_in(self, element: Element, name: Symbol, value: Element) -> Element:
        """An element with the value of a symbol put in. Undefined where its denominator vanishes there."""
        return self.replaced(element, {name: value})

    def replaced(self, element: Element, values: Mapping[Symbol, Element]) -> Element:
        """An element with values for symbols: generator by generator where that is simple, else as a tree."""
        if self.field.symbols(element).isdisjoint(values):
            return element
        places = [i for i in self.field.used(*element) if not self.field.kernels[i].symbols.isdisjoint(values)]
        news: dict[int, Element] = {}
        for i in places:
            new = self._replaced_kernel(self.field.kernels[i], values)
            if new is None or not new.bottom.is_one():
                trees: dict[Node, Node] = {s: tree(self.field, v) for s, v in values.items()}
                return self.convert(substitute(tree(self.field, element), trees))
            news[i] = new
        top, bottom = (self._composed(p, news) for p in element)
        return self.field.fraction(top, bottom)

    def _replaced_kernel(self, kernel: Kernel, values: Mapping[Symbol, Element]) -> Element | None:
        match kernel.kind:
            case "symbol":
                return values[kernel.data]
            case "indexed":
                return self.convert(Indexed(kernel.data, tuple(self._tree_of(e, values) for e in kernel.inner)))
            case "density":
                return density(self.kernels, kernel.data, [self.replaced(e, values) for e in kernel.inner])
            case "exp":
                return self.kernels.exp(self.field.scaled(self.replaced(kernel.inner[0], values), kernel.unit))
        return None

    def _tree_of(self, element: Element, values: Mapping[Symbol, Element]) -> Node:
        return tree(self.field, self.replaced(element, values))

    def _composed(self, p: Poly, news: Mapping[int, Element]) -> Poly:
        """A polynomial with polynomials for some of its generators."""
        field, result = self.field, self.field.nought
        for powers, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            rest = tuple(0 if i in news else n for i, n in enumerate(powers))
            term = field.ring.from_dict({rest: coefficient})
            for i, new in news.items():
                if powers[i]:
                    term = field.product(term, field.raised(new.top, int(powers[i])))
            result = result + term
        return result

    def depends(self, p: Poly, names: Collection[Symbol]) -> bool:
        """Whether a polynomial depends on one of the names."""
        return not self.field.symbols(self.field.polynomial(p)).isdisjoint(names)

    def separated(self, powers: tuple[int, ...], names: Collection[Symbol]) -> tuple[Poly, Poly]:
        """A monomial as what does not depend on the names, times what does."""
        kernels = self.field.kernels
        depends = [n > 0 and not kernels[i].symbols.isdisjoint(names) for i, n in enumerate(powers)]
        front = tuple(0 if d else n for n, d in zip(powers, depends, strict=True))
        rest = tuple(n if d else 0 for n, d in zip(powers, depends, strict=True))
        return self.field.ring.from_dict({front: 1}), self.field.ring.from_dict({rest: 1})

    def divided(self, p: Poly, names: Collection[Symbol]) -> tuple[Poly, Poly]:
        """A polynomial as a factor without the names times one with them."""
        if not self.depends(p, names):
            return p, self.field.unit
        content, parts = self.field.factors(p)
        outside, inside = self.field.ring.constant(content), self.field.unit
        for part, times in parts:
            if self.depends(part, names):
                inside = inside * part**times
            else:
                outside = outside * part**times
        return outside, inside

    def powers(self, member: Element, names: Collection[Symbol]) -> dict[int, int] | None:
        """The powers, also negative ones, of the generators with the names in one term; None for another quotient."""
        if len(member.top) != 1 or len(member.bottom) != 1:
            return None
        pairs = zip(member.top.degrees(), member.bottom.degrees(), strict=True)
        found = {i: int(above) - int(below) for i, (above, below) in enumerate(pairs) if above or below}
        return {i: n for i, n in found.items() if not self.field.kernels[i].symbols.isdisjoint(names)}

    def height(self, element: Element) -> int:
        """How deeply bound names are nested in an element."""
        places = self.field.used(element.top, element.bottom)
        return max((self._kernel_height(self.field.kernels[i]) for i in places), default=0)

    def _kernel_height(self, kernel: Kernel) -> int:
        inner = max((self.height(e) for e in kernel.inner), default=0)
        if kernel.kind == "sum":
            return inner + len(kernel.data)
        return inner + 1 if kernel.kind in KINDS else inner


def provisional(body: Node, mark: str) -> Symbol:
    """The name of an index while its body is converted: one for each depth, so that generators are shared."""
    return fresh(99 - _depth(body), mark)


def _depth(node: Node) -> int:
    below = max((_depth(c) for c in children(node)), default=0)
    return below + 1 if isinstance(node, (SumOver, ProductOver, Integral)) else below
