"""Unfolding: every defined name replaced by what it stands for.

``Meaning(context).unfold(node)`` gives the same statement in the verifier's core language (:mod:`core`). A
symbol with a value becomes its value, a function call the function's body, ``f'(x)`` the derivative of that
body at x, ``nabla C`` the column of partial derivatives; a sum between numbers is written out. Within the
derivative with respect to a symbol that is itself defined, the symbol stays a variable and its value is put in
afterwards, so that ``y = sigma(h), h = w x`` gives ``dy/dh = sigma'(h)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from derive.limits import DERIVATIVE_ORDER, EXPANSION_TERMS, PARTS
from derive.steps import Context, Definition
from derive.tree import (
    ZERO,
    At,
    Call,
    Constant,
    Derivative,
    Gradient,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Node,
    Number,
    ProductOver,
    Quotient,
    SumOver,
    Symbol,
    Transpose,
    entries,
    map_children,
    number,
    substitute,
    times,
    total,
)
from derive.verify.core import PRIMITIVES, DerivativeAt, fresh, walk, whole
from derive.verify.definitions import ARGUMENT, definition
from derive.verify.signals import Clock, TooLarge, Undecidable

_WRITTEN_OUT = 200  # terms of a sum between numbers that are written out
_VISITS = 25 * PARTS  # nodes looked at while unfolding one side


class Meaning:
    """The definitions of a context, ready to be put into statements."""

    def __init__(self, context: Context, clock: Clock) -> None:
        self.clock = clock
        self.values = {d.name: d.body for d in context.definitions if not d.parameters}
        self.functions = {d.name.plain: d for d in context.definitions if d.parameters}
        self.applied: set[str] = set()
        self.blocked: frozenset[Symbol] = frozenset()
        self.open: tuple[str, ...] = ()
        self.count = 0
        self.visits = 0

    def note(self, *nodes: Node) -> None:
        """Remember which names are applied as functions: such a name is never a constant."""
        parts = (p for n in nodes for p in walk(n))
        self.applied.update(p.name for p in parts if isinstance(p, (Call, Gradient)))

    def fresh(self) -> Symbol:
        """A new bound variable."""
        self.count += 1
        return fresh(self.count)

    @contextmanager
    def _blocking(self, *symbols: Symbol) -> Iterator[None]:
        before, self.blocked = self.blocked, self.blocked.union(symbols)
        yield
        self.blocked = before

    @contextmanager
    def _opening(self, name: str) -> Iterator[None]:
        if name in self.open:
            raise Undecidable(f"{name} is defined by itself")
        before, self.open = self.open, (*self.open, name)
        yield
        self.open = before

    def unfold(self, node: Node) -> Node:
        """The node in the core language."""
        self.visits += 1
        if self.visits > _VISITS:
            raise TooLarge("too large")
        match node:
            case Symbol():
                return self._symbol(node)
            case Indexed():
                return self._indexed(node)
            case Call():
                return self._call(node)
            case Gradient():
                return self._gradient(node)
            case Derivative(body, Symbol() as variable, order):
                return self._derivative(body, variable, order)
            case At(body, where):
                return self._at(body, where)
            case SumOver() | ProductOver():
                return self._repeated(node)
            case Integral():
                return self._integral(node)
            case Limit(body, variable, point, side):
                inner, bound = self._bound(body, variable)
                return Limit(inner, bound, self.unfold(point), side)
            case DerivativeAt():
                return node
        return map_children(node, self.unfold)

    # --- names --------------------------------------------------------------------------------------

    def _symbol(self, symbol: Symbol) -> Node:
        if symbol in self.blocked:
            return symbol
        if symbol in self.values:
            with self._opening(symbol.plain):
                return self.unfold(self.values[symbol])
        if symbol.plain in self.functions:
            function = self.functions[symbol.plain]
            return self._apply(function, [self._symbol(p) for p in function.parameters])
        return symbol

    def _indexed(self, node: Indexed) -> Node:
        indices = tuple(self.unfold(i) for i in node.indices)
        numbers = [whole(i) for i in indices]
        if node.base.sub or None in numbers:
            return Indexed(node.base, indices)
        base = node.base
        label = ",".join(str(n) for n in numbers)
        return self._symbol(Symbol(base.name, label, base.sup, base.accent, base.font))

    def _apply(self, function: Definition, arguments: list[Node]) -> Node:
        if len(arguments) != len(function.parameters):
            raise Undecidable(f"{function.name.plain} takes {len(function.parameters)} arguments")
        return substitute(self._body(function), dict(zip(function.parameters, arguments, strict=True)))

    def _body(self, function: Definition) -> Node:
        with self._opening(function.name.plain), self._blocking(*function.parameters):
            return self.unfold(function.body)

    def _call(self, node: Call) -> Node:
        if node.name in self.functions:
            return self._defined_call(node, self.functions[node.name])
        arguments = tuple(self.unfold(a) for a in node.args)
        if node.name == "log" and len(arguments) == 2:
            return Quotient(Call("log", arguments[:1]), Call("log", arguments[1:]))
        meaning = definition(node.name) if len(arguments) == 1 else None
        if node.order == 0:
            return Call(node.name, arguments) if meaning is None else self._known(meaning, arguments[0])
        if meaning is None and node.name not in PRIMITIVES:
            return Call(node.name, arguments, node.order)
        if len(arguments) != 1:
            raise Undecidable("a prime on a function of several arguments")
        variable = self.fresh()
        body = Call(node.name, (variable,)) if meaning is None else self._known(meaning, variable)
        return _differentiated(body, variable, node.order, arguments[0])

    def _known(self, meaning: Node, argument: Node) -> Node:
        with self._blocking(ARGUMENT):
            return substitute(self.unfold(meaning), {ARGUMENT: argument})

    def _defined_call(self, node: Call, function: Definition) -> Node:
        given = [self.unfold(a) for a in node.args]
        if len(given) == 1 and len(function.parameters) > 1:
            given = list(entries(given[0]) or given)
        if not node.order:
            return self._apply(function, given)
        if len(function.parameters) != 1:
            raise Undecidable("a prime on a function of several arguments")
        variable = self.fresh()
        return _differentiated(self._apply(function, [variable]), variable, node.order, given[0])

    def _gradient(self, node: Gradient) -> Node:
        function = self.functions.get(node.name)
        if function is None:
            raise Undecidable(f"{node.name} is not defined")
        given = [self.unfold(a) for a in node.args] or [self._symbol(p) for p in function.parameters]
        if len(given) == 1 and len(function.parameters) > 1:
            given = list(entries(given[0]) or given)
        return Matrix(tuple((self._partial(function, given, k),) for k in range(len(function.parameters))))

    def _partial(self, function: Definition, point: list[Node], k: int) -> Node:
        variable = self.fresh()
        _refuse_family(self._body(function), function.parameters[k])
        body = self._apply(function, [*point[:k], variable, *point[k + 1 :]])
        return _differentiated(body, variable, 1, point[k])

    # --- bound variables ----------------------------------------------------------------------------

    def _bound(self, body: Node, variable: Symbol) -> tuple[Node, Symbol]:
        bound = self.fresh()
        with self._blocking(variable):
            inner = self.unfold(body)
        _refuse_family(inner, variable)
        return substitute(inner, {variable: bound}), bound

    def _derivative(self, body: Node, variable: Symbol, order: int) -> Node:
        self._refuse_unknown(body, variable)
        inner, bound = self._bound(body, variable)
        return _differentiated(inner, bound, order, self._symbol(variable))

    def _refuse_unknown(self, body: Node, variable: Symbol) -> None:
        if isinstance(body, Symbol) and body.plain in self.applied and body.plain not in self.functions:
            raise Undecidable(f"what {body.plain} depends on is not known")

    def _at(self, body: Node, where: tuple[tuple[Symbol, Node], ...]) -> Node:
        symbols = [s for s, _ in where]
        with self._blocking(*symbols):
            inner = self.unfold(body)
        return substitute(inner, {s: self.unfold(value) for s, value in where})

    def _repeated(self, node: SumOver | ProductOver) -> Node:
        if node.lower is None or node.upper is None:
            raise Undecidable("a sum without bounds")
        lower, upper = self.unfold(node.lower), self.unfold(node.upper)
        first, last = whole(lower), whole(upper)
        if first is not None and last is not None:
            return self._written_out(node, first, last)
        inner, bound = self._bound(node.body, node.index)
        return type(node)(inner, bound, lower, upper)

    def _written_out(self, node: SumOver | ProductOver, first: int, last: int) -> Node:
        if last - first >= min(_WRITTEN_OUT, EXPANSION_TERMS):
            raise TooLarge("too large")
        terms = [self._term(node, k) for k in range(first, last + 1)]
        return total(terms) if isinstance(node, SumOver) else times(terms)

    def _term(self, node: SumOver | ProductOver, k: int) -> Node:
        self.clock.check()
        return self.unfold(substitute(node.body, {node.index: number(k)}))

    def _integral(self, node: Integral) -> Node:
        if node.lower is None or node.upper is None:
            with self._blocking(node.variable):
                return Integral(self.unfold(node.body), node.variable)
        inner, bound = self._bound(node.body, node.variable)
        return Integral(inner, bound, self.unfold(node.lower), self.unfold(node.upper))


def _refuse_family(body: Node, variable: Symbol) -> None:
    """A variable ``x_1`` may be one of the indexed ``x_i``, so nothing is said of such a body."""
    for part in walk(body):
        if isinstance(part, Indexed) and part.base.name == variable.name:
            raise Undecidable(f"{variable.plain} may be one of the indexed {part.base.plain}")


def _differentiated(body: Node, variable: Symbol, order: int, point: Node) -> Node:
    if order > DERIVATIVE_ORDER:
        raise TooLarge("too large")
    if order == 0:
        return substitute(body, {variable: point})
    if isinstance(body, (Symbol, Number, Constant)) and body != variable:
        return ZERO
    return DerivativeAt(body, variable, order, point)


def has_abstract_matrices(node: Node) -> bool:
    """Whether symbols stand for whole vectors or matrices, whose products do not commute."""
    for part in walk(node):
        match part:
            case Symbol(font="bold") | Symbol(accent="vec"):
                return True
            case Transpose(operand) if not _written_out_matrix(operand):
                return True
    return False


def _written_out_matrix(node: Node) -> bool:
    return any(entries(p) is not None or isinstance(p, Matrix) for p in walk(node))
