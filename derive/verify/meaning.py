"""Unfolding: every defined name replaced by what it stands for.

``Meaning(context).unfold(node)`` gives the same statement in the verifier's core language (:mod:`core`). A
symbol with a value becomes its value, a function call the function's body, ``f'(x)`` the derivative of that
body at x, ``nabla C`` the column of partial derivatives; a sum between numbers is written out. Within the
derivative with respect to a symbol that is itself defined, the symbol stays a variable and its value is put in
afterwards, so that ``y = sigma(h), h = w x`` gives ``dy/dh = sigma'(h)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from derive.declarations import declaration
from derive.limits import DERIVATIVE_ORDER, PARTS
from derive.steps import Condition, Context, Definition
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    At,
    Call,
    Cases,
    Constant,
    Derivative,
    Dots,
    E,
    Expectation,
    Given,
    Gradient,
    GradientOf,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Negative,
    Node,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    entries,
    kinds,
    map_children,
    numeric,
    total,
    whole,
)
from derive.verify.core import (
    CONTINUOUS,
    DISCRETE,
    PRIMITIVES,
    Bracket,
    Density,
    DerivativeAt,
    binomial,
    counted,
    free_symbols,
    fresh,
    is_set,
    put_in,
    set_of,
    walk,
)
from derive.verify.definitions import ARGUMENT, definition
from derive.verify.indices import by_member, has_members, optimal, pair_sums, repeated
from derive.verify.laws import OF_LAWS, Applied, Laws
from derive.verify.matrices import mapped, written_out
from derive.verify.sets import Sets, of_letter, used_at
from derive.verify.signals import Clock, TooLarge, Undecidable
from derive.verify.survey import Measure
from derive.verify.wording import letter_of, listed, said

_KRONECKER = Symbol("delta")  # with two indices and no other meaning
_OF_LAWS = (Expectation, Given)
_MAY_BE_OF_LAWS = (*_OF_LAWS, Call)
_NOTED = (*_MAY_BE_OF_LAWS, Gradient)
_VISITS = 25 * PARTS  # nodes looked at while unfolding one side


def _entry(value: Node, numbers: list[int | None]) -> Node:
    """The entry of a defined vector or matrix at indices from 1."""
    rows = value.rows if isinstance(value, Matrix) else tuple((item,) for item in entries(value) or ())
    match numbers:
        case [int(i), int(j)] if 1 <= i <= len(rows) and 1 <= j <= len(rows[0]):
            return rows[i - 1][j - 1]
        case [int(i)] if 1 <= i <= len(rows) and len(rows[0]) == 1:
            return rows[i - 1][0]
    raise Undecidable("an entry that the defined vector or matrix does not have")


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
        self.measure = Measure()
        self.sets = Sets()
        self.laws = Laws((), (), {})
        self.pairs: frozenset[Node] = frozenset()
        self.context = context
        self.components: set[str] = set()

    def note(self, *nodes: Node) -> None:
        """Remember which names are applied as functions: such a name is never a constant."""
        parts = [p for n in nodes if not kinds(n).isdisjoint(_NOTED) for p in walk(n)]
        self.applied.update(p.name for p in parts if isinstance(p, (Call, Gradient)))
        bodies = (d.body for d in self.context.definitions)
        parts += [p for body in bodies if not kinds(body).isdisjoint(_MAY_BE_OF_LAWS) for p in walk(body)]
        densities = any(d.endswith(("density", "distribution")) for d in self.context.domains.values())
        if densities or any(isinstance(p, _OF_LAWS) or (isinstance(p, Call) and p.name in OF_LAWS) for p in parts):
            self.laws = Laws(nodes, self.context.definitions, self.context.domains)
        self.pairs = pair_sums(nodes)

    def fresh(self) -> Symbol:
        """A new bound variable."""
        self.count += 1
        return fresh(self.count)

    @contextmanager
    def blocking(self, *symbols: Symbol) -> Iterator[None]:
        """Letters that are variables for a while, whatever they are defined as."""
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
            case Derivative(body, variable, order):
                return self._derivative(body, variable, order)
            case At(body, where):
                return self._at(body, where)
            case SumOver() | ProductOver():
                return repeated(self, node)
            case Expectation():
                return self.laws.expectation(self, node)
            case GradientOf(body, (variable,), 1) if not self.context.domains.get(variable, "").startswith("vector"):
                self.components.add(variable.plain)
                return self._derivative(body, variable, 1)
            case Optimum():
                return optimal(self, node)
            case Dots():
                raise Undecidable("an ellipsis has no definite value")
            case Integral():
                return self._integral(node)
            case Limit(body, variable, point, side):
                inner, bound = self._bound(body, variable)
                return Limit(inner, bound, self.unfold(point), side or self._only_side(variable, point))
            case DerivativeAt():
                return node
        return map_children(node, self.unfold)

    def _only_side(self, variable: Symbol, point: Node) -> str:
        """The side from which an end of its declared domain is approached; none for another point."""
        declared, value = declaration(self.context.domains.get(variable, "real")), numeric(point)
        return "" if value is None else {declared.high: "-", declared.low: "+"}.get(value, "")

    # --- names --------------------------------------------------------------------------------------

    def _symbol(self, symbol: Symbol) -> Node:
        if symbol in self.blocked:
            return symbol
        if symbol in self.values:
            with self._opening(symbol.plain):
                return self.unfold(self.values[symbol])
        if symbol.name == _KRONECKER.name and len(letters := symbol.sub.replace(",", "")) == 2 and letters.isalpha():
            return self._indexed(Indexed(_KRONECKER, (Symbol(letters[0]), Symbol(letters[1]))))
        if symbol.plain in self.functions:
            function = self.functions[symbol.plain]
            return self._apply(function, [self._symbol(p) for p in function.parameters])
        return symbol

    def _indexed(self, node: Indexed) -> Node:
        indices = tuple(counted(self.unfold(i)) for i in node.indices)
        if node.base == _KRONECKER and len(indices) == 2 and self._is_free(node.base):
            return Bracket(Sum((indices[0], Negative(indices[1]))), "=")
        numbers = [whole(i) for i in indices]
        if node.base in self.values and node.base not in self.blocked and numeric(self.values[node.base]) is None:
            return self.unfold(_entry(self.values[node.base], numbers))
        if node.base.sub or None in numbers:
            return Indexed(node.base, indices)
        base = node.base
        label = ",".join(str(n) for n in numbers)
        return self._symbol(Symbol(base.name, label, base.sup, base.accent, base.font))

    def _is_free(self, symbol: Symbol) -> bool:
        """Whether nothing is said of a name."""
        return symbol not in self.values and symbol.plain not in self.functions and symbol not in self.context.domains

    def _apply(self, function: Definition, arguments: list[Node]) -> Node:
        if len(arguments) != len(function.parameters):
            raise Undecidable(f"{function.name.plain} takes {len(function.parameters)} arguments")
        values = dict(zip(function.parameters, arguments, strict=True))
        return self.measure.check(put_in(self._body(function), values))

    def _body(self, function: Definition) -> Node:
        with self._opening(function.name.plain), self.blocking(*function.parameters):
            return self.unfold(function.body)

    def _call(self, node: Call) -> Node:
        if node.name in self.functions:
            return self._defined_call(node, self.functions[node.name])
        found = self.laws.call(self, node)
        if found is not None:
            return found
        if node.name in _WRITTEN_AS and not node.order:
            return _WRITTEN_AS[node.name](*(self.unfold(a) for a in node.args))
        arguments = tuple(self.unfold(a) for a in node.args)
        if node.name == "log" and len(arguments) == 2:
            return Quotient(Call("log", arguments[:1]), Call("log", arguments[1:]))
        meaning = definition(node.name) if len(arguments) == 1 else None
        if node.order == 0 and meaning is not None:
            return self._known(meaning, arguments[0])
        if node.order == 0:
            return node if arguments == node.args else Call(node.name, arguments)  # what is shared stays shared
        if meaning is None and node.name not in PRIMITIVES:
            return Call(node.name, arguments, node.order)
        if len(arguments) != 1:
            raise Undecidable("a prime on a function of several arguments")
        variable = self.fresh()
        body = Call(node.name, (variable,)) if meaning is None else self._known(meaning, variable)
        point = written_out(arguments[0])
        if isinstance(point, Matrix):
            return mapped(point, lambda e: _differentiated(body, variable, node.order, e))
        return _differentiated(body, variable, node.order, arguments[0])

    def _known(self, meaning: Node, argument: Node) -> Node:
        """A known function's definition at an argument; of a written vector, at every entry."""
        values = written_out(argument)
        if isinstance(values, Matrix):
            return mapped(values, lambda e: self._known(meaning, e))
        with self.blocking(ARGUMENT):
            return self.measure.check(put_in(self.unfold(meaning), {ARGUMENT: argument}))

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
        with self.blocking(variable):
            inner = self.unfold(body)
        _refuse_family(inner, variable)
        return put_in(inner, {variable: bound}), bound

    def _derivative(self, body: Node, variable: Symbol | Indexed, order: int) -> Node:
        if isinstance(variable, Symbol):
            family = _family_of(variable)
            inner = None if family is None else self.unfold(body)
            if inner is None or family is None or not has_members(inner, family.base) or variable in self.values:
                self._refuse_unknown(body, variable)
                inner, bound = self._bound(body, variable)
                self._refuse_inverse(inner, bound, variable)
                return _differentiated(inner, bound, order, self._symbol(variable))
            variable = family
        if order > DERIVATIVE_ORDER:
            raise TooLarge("too large")
        indices = tuple(self.unfold(i) for i in variable.indices)
        return by_member(self, self.unfold(body), variable.base, indices, order)

    def _refuse_unknown(self, body: Node, variable: Symbol) -> None:
        if isinstance(body, Symbol) and body.plain in self.applied and body.plain not in self.functions:
            raise Undecidable(f"what {body.plain} depends on is not known")

    def _refuse_inverse(self, inner: Node, bound: Symbol, variable: Symbol) -> None:
        """``dx/dy`` with ``y = x^2`` defined: whether x is held fixed or follows y is not said."""
        if not isinstance(inner, Symbol) or variable not in self.values or inner == bound:
            return
        if inner in free_symbols(self._symbol(variable)):
            raise Undecidable(f"{variable.plain} is defined by {inner.plain}; which depends on which is not said")

    def _at(self, body: Node, where: tuple[tuple[Symbol, Node], ...]) -> Node:
        symbols = [s for s, _ in where]
        with self.blocking(*symbols):
            inner = self.unfold(body)
        return put_in(inner, {s: self.unfold(value) for s, value in where})

    def indexed_by(self, inner: Node, letter: Symbol, bound: Symbol) -> Node:
        """An unfolded body with a new name for a letter."""
        _refuse_family(inner, letter)
        return put_in(inner, {letter: bound})

    def _integral(self, node: Integral) -> Node:
        infinite = node.lower == Negative(INFINITY) and node.upper == INFINITY
        if self.laws.names and (infinite or node.upper is None):
            found = self._over_law(node)
            if found is not None:
                return found
        if node.upper is None and node.lower is not None:
            return self._over_region(node)
        if node.lower is None or node.upper is None:
            with self.blocking(node.variable):
                return Integral(self.unfold(node.body), node.variable)
        inner, bound = self._bound(node.body, node.variable)
        return Integral(inner, bound, self.unfold(node.lower), self.unfold(node.upper))

    def _over_region(self, node: Integral) -> Node:
        """An integral over a named region is linear, and no more is known of it."""
        if not isinstance(node.lower, Symbol):
            raise Undecidable("an integral over a region that is no name")
        inner, bound = self._bound(node.body, node.variable)
        return SumOver(inner, bound, None, None, Relation((bound, node.lower), ("in",)))

    def _over_law(self, node: Integral) -> Node | None:
        """An integral over all values of a random quantity; None when no law depends on the variable."""
        inner, bound = self._bound(node.body, node.variable)
        used = list(used_at(inner, bound))
        if not any(isinstance(p, Density) and bound in p.values for p in walk(inner)):
            return None
        if node.lower is not None and node.upper is None:
            return self._over_region(node)
        found = self.sets.join([of_letter(node.variable), *used, set_of(CONTINUOUS + node.variable.plain)])
        return SumOver(inner, bound, None, None, Relation((bound, found), ("in",)))

    # --- laws ---------------------------------------------------------------------------------------

    def over_values(
        self, letters: Sequence[Symbol], body: Node, weight: Applied | None = None, written: bool = True
    ) -> Node:
        """The sum of a body, times the value of a law, over all values of letters; ``written`` if not yet unfolded."""
        with self.blocking(*letters):
            inner = self.unfold(body) if written else body
            if weight is not None and weight.items:
                value = self.laws.weight(self, weight)
                inner = value if inner == ONE else Product((value, inner))
            elif not letters:
                return inner
        fresh = {s: self.fresh() for s in letters}
        return self.summed(list(fresh.items()), put_in(inner, dict(fresh)))

    def summed(self, bound: Sequence[tuple[Symbol, Symbol]], inner: Node) -> Node:
        """A sum over all values of letters for which new names have been put in."""
        for letter, name in bound:
            found = self.sets.join([of_letter(letter), *used_at(inner, name)])
            inner = SumOver(inner, name, None, None, Relation((name, found), ("in",)))
        return inner

    def note_summed(self, inner: Node, bound: Symbol, letter: Symbol) -> None:
        """A written sum over the values of a random quantity: it is discrete."""
        if any(isinstance(p, Density) and bound in p.values for p in walk(inner)):
            self.sets.join([of_letter(letter), set_of(DISCRETE + letter.plain)])

    def taken(self) -> list[Condition]:
        """What the reading of the statement takes for granted, in words."""
        constants = [said(*listed(sorted(self.laws.constants)), " constant")] if self.laws.constants else []
        if self.sets.same:
            constants.append(said(*listed(self.sets.same), " over the same set as the other indices"))
        return constants + [said("for each component of ", letter_of(name)) for name in sorted(self.components)]

    def settled(self, sides: list[Node]) -> list[Node]:
        """The unfolded sides of a statement with its sets told apart; done once, after both."""
        return self.sets.settled(sides) if any(is_set(p) for n in sides for p in walk(n)) else sides


def _family_of(variable: Symbol) -> Indexed | None:
    """``x_k`` and ``x_1`` as a member of the family x, if they may be one."""
    labels = variable.sub.split(",") if "," in variable.sub else [variable.sub]
    if not variable.sub or not all(t.isdigit() or (t.isalpha() and len(t) == 1) for t in labels):
        return None
    base = Symbol(variable.name, "", variable.sup, variable.accent, variable.font)
    return Indexed(base, tuple(Number(t) if t.isdigit() else Symbol(t) for t in labels))


_WRITTEN_AS: dict[str, Callable[..., Node]] = {
    "binom": binomial,
    "indicator": lambda condition: Cases(((ONE, condition), (ZERO, None))),
}
"""Functions that are other constructs in the core language."""


def _refuse_family(body: Node, variable: Symbol) -> None:
    """A variable ``x_1`` may be one of the indexed ``x_i``, so nothing is said of such a body."""
    for part in walk(body):
        if isinstance(part, Indexed) and part.base.name == variable.name:
            raise Undecidable(f"{variable.plain} may be one of the indexed {part.base.plain}")


def _differentiated(body: Node, variable: Symbol, order: int, point: Node) -> Node:
    if order > DERIVATIVE_ORDER:
        raise TooLarge("too large")
    if order == 0:
        return put_in(body, {variable: point})
    if is_constant(body, variable):
        return ZERO
    if isinstance(body, Sum):
        moving = [t for t in body.terms if not is_constant(t, variable)]
        if len(moving) < len(body.terms):
            return _differentiated(total(moving), variable, order, point)
    return DerivativeAt(body, variable, order, point)


def is_constant(node: Node, variable: Symbol) -> bool:
    """Whether an expression has a value everywhere that does not depend on a variable."""
    for part in walk(node):
        match part:
            case Number() | Constant() | Sum() | Product() | Negative():
                continue
            case Symbol() if part != variable:
                continue
            case Call("abs" | "exp" | "sin" | "cos"):
                continue
            case Power(base, exponent) if base == E or (whole(exponent) or -1) > 0:
                continue
        return False
    return True


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
