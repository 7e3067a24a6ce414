"""The written expression: what stands on the page, neither evaluated nor reordered.

Every other part of derive speaks in these nodes: the reader makes them, rules map one to another,
the verifier is handed two of them, the printers write them. The module knows no SymPy and no LaTeX,
and nothing in it computes: ``4*1 + 3*9`` stays four numbers, a product sign and a sum sign.

A new kind of node is a frozen, slotted dataclass deriving from :class:`Node`, whose fields are nodes,
tuples of nodes, or plain text and numbers. It then needs a row in each printer, in the reader where
people can write it, and in the verifier's two evaluators; the walks below find its parts by themselves.

Conventions that make a written form unique (the reader and the rules keep to them):

* a :class:`Number` is never negative: ``-2`` is ``Negative(Number("2"))``; ``-a b`` is ``Negative(Product)``;
* subtraction is a :class:`Sum` with a :class:`Negative` term; division a :class:`Quotient`;
* ``e`` and ``pi`` are :class:`Constant`, and ``e^x`` is ``Power(E, x)``;
* a one-column matrix is a column vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache, wraps
from itertools import chain
from operator import attrgetter, is_
from typing import Any, TypeVar

T = TypeVar("T")


class Node:
    """A part of a written expression. Immutable, hashable, compared by what is written.

    A node keeps what is asked of it again and again and takes a walk through the whole of it: see :func:`_kept`.
    """

    __slots__ = ("_free", "_hash", "_kinds")

    def __init_subclass__(cls) -> None:
        complete = "__hash__" in vars(cls)  # the first time a dataclass is not
        if complete and set(cls.__annotations__.values()) != {"str"}:
            cls.__hash__ = _kept("_hash")(cls.__hash__)  # type: ignore[method-assign,assignment]


def _kept(slot: str) -> Callable[[Callable[[Any], T]], Callable[[Any], T]]:
    """A function of a node alone whose value the node keeps in a slot."""
    keep = vars(Node)[slot].__set__

    def keeping(function: Callable[[Any], T]) -> Callable[[Any], T]:
        @wraps(function)
        def kept(node: Any) -> T:
            value: T | None = getattr(node, slot, None)
            if value is None:
                keep(node, value := function(node))
            return value

        return kept

    return keeping


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A non-negative number with the spelling that was written: ``3``, ``.25``, ``0.10``."""

    text: str

    @property
    def value(self) -> Fraction:
        """The exact value: ``0.1`` is one tenth."""
        return _value_of(self.text)


@lru_cache(maxsize=4096)
def _value_of(text: str) -> Fraction:
    """Reading a number takes longer than most of what is done with it."""
    return Fraction(text)


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A mathematical constant by name: ``e``, ``pi`` or ``infinity``."""

    name: str


@dataclass(frozen=True, slots=True)
class Symbol(Node):
    """A named quantity, with the marks that belong to its name.

    ``name`` is letters only: a Latin letter, the name of a Greek one (``theta``), or a word (``MLE``).
    ``sub`` and ``sup`` are labels such as ``1``, ``i,j``, ``(0)``, ``[2]`` or ``*``; a superscript that is
    a power is a :class:`Power`, not a label. ``accent`` is one of ``hat bar tilde vec dot``; ``font`` one of
    ``bold cal bb rm``.
    """

    name: str
    sub: str = ""
    sup: str = ""
    accent: str = ""
    font: str = ""

    @property
    def plain(self) -> str:
        """The name as one identifier, for SymPy, JSON and messages: ``theta_1``, ``hat_y``, ``x_sup_0``."""
        return _plain(self.accent, self.name, self.sub, self.sup)


@lru_cache(maxsize=4096)
def _plain(accent: str, name: str, sub: str, sup: str) -> str:
    label = "".join(c for c in sup if c.isalnum()) or _MARKS.get(sup, "star")
    parts = [accent, name, sub.replace(",", "_"), f"sup_{label}" if label else "sup" if sup else ""]
    return "_".join(p for p in parts if p)


_MARKS = {"": "", "()": "", "[]": "", "'": "prime", "''": "primeprime", "+": "plus", "-": "minus"}
"""Superscripts without letters and digits, in a plain name; every other one is a star."""


def from_plain(plain: str) -> Symbol:
    """The symbol whose :attr:`Symbol.plain` name this is: ``theta_1``, ``hat_y``, ``W_1_2``.

    Brackets and fonts are not part of a plain name, so they do not come back. ValueError when it is no name.
    """
    head, _, sup = plain.partition("_sup_")
    if head.endswith("_sup"):
        head, sup = head.removesuffix("_sup"), "()"
    accent, _, rest = head.partition("_")
    if accent not in _ACCENTS or not rest[:1].isalpha():
        accent, rest = "", head
    name, _, sub = rest.partition("_")
    if not (name.isascii() and name.isalpha()):
        raise ValueError(f"not a name: {plain!r}")
    return Symbol(name, sub.replace("_", ","), _SPELLED_MARKS.get(sup, sup), accent)


_ACCENTS = frozenset({"hat", "bar", "tilde", "vec", "dot"})
_SPELLED_MARKS = {"star": "*", "prime": "'", "primeprime": "''"}


@dataclass(frozen=True, slots=True)
class Indexed(Node):
    """A member of an indexed family whose index is an expression: ``x_i``, ``theta_{t-1}``.

    A family written with its index above, ``x^{(i)}`` or ``w^{[l]}``, has a base with the superscript ``()`` or ``[]``;
    its first index stands there, any others below.
    """

    base: Symbol
    indices: tuple[Node, ...]

    @property
    def plain(self) -> str:
        """The name of the family, for messages and file names."""
        return self.base.plain


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """``a + b + c``; a :class:`Negative` term is subtracted. At least two terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Product(Node):
    """``a b c``. At least two factors."""

    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Quotient(Node):
    """A fraction."""

    numerator: Node
    denominator: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """``-u``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Power(Node):
    """``u^n``."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Root(Node):
    """The principal root: ``sqrt(u)`` with degree 2, else the n-th root."""

    radicand: Node
    degree: Node = Number("2")


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function applied: ``sin(x)``, ``C(theta_1, theta_2)``; with ``order`` primes, ``f''(x)``.

    ``name`` is a key of :data:`derive.functions.FUNCTIONS` or a declared function's plain name.
    The logarithm to another base is ``Call("log", (u, base))``; ``|u|`` is ``Call("abs", (u,))``.
    """

    name: str
    args: tuple[Node, ...]
    order: int = 0


@dataclass(frozen=True, slots=True)
class Gradient(Node):
    """``nabla C`` applied to coordinates or to one vector; with no arguments, the gradient as a name."""

    name: str
    args: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class GradientOf(Node):
    """``nabla_w u``: the gradient of an expression by the named variables; of order 2 the Hessian.

    A variable may stand for a whole vector or matrix. With no variables, by all that ``body`` depends on.
    """

    body: Node
    variables: tuple[Symbol, ...] = ()
    order: int = 1


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    """``d^n/dx^n [u]``, written with round d when ``partial``. A mixed partial is a nested derivative.

    The variable may be a member of an indexed family, ``x_k``, and a symbol that stands for a vector or a matrix.
    """

    body: Node
    variable: Symbol | Indexed
    order: int = 1
    partial: bool = False


@dataclass(frozen=True, slots=True)
class At(Node):
    """``u`` evaluated at a point: the bar with ``x = 0`` below it."""

    body: Node
    where: tuple[tuple[Symbol, Node], ...]


@dataclass(frozen=True, slots=True)
class Integral(Node):
    """An integral over one variable; without limits an antiderivative, with a lower one only over that region."""

    body: Node
    variable: Symbol
    lower: Node | None = None
    upper: Node | None = None


@dataclass(frozen=True, slots=True)
class SumOver(Node):
    """A sum over an index from ``lower`` to ``upper``; over all its values when neither is given.

    ``where`` restricts the index by a relation: ``x in X``, ``j != i``, ``i < j``.
    """

    body: Node
    index: Symbol
    lower: Node | None = None
    upper: Node | None = None
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class ProductOver(Node):
    """A product over an index from ``lower`` to ``upper``; over all its values when neither is given.

    ``where`` restricts the index by a relation: ``x in X``, ``j != i``, ``i < j``.
    """

    body: Node
    index: Symbol
    lower: Node | None = None
    upper: Node | None = None
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Limit(Node):
    """The limit of ``body`` as ``variable`` tends to ``point``; ``side`` is ``+``, ``-`` or empty."""

    body: Node
    variable: Symbol
    point: Node
    side: str = ""


@dataclass(frozen=True, slots=True)
class Optimum(Node):
    """``argmin`` of ``body`` over the variables, or the least value itself.

    ``operator`` is one of ``argmin argmax min max inf sup``; ``where`` restricts the variables by a relation
    (``theta in Theta``, ``1 <= i <= n``). The maximum of a list, ``max(0, x)``, is a :class:`Call`.
    """

    operator: str
    body: Node
    variables: tuple[Symbol, ...] = ()
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Given(Node):
    """What stands in a function's brackets on both sides of a bar: its only argument, ``p(x | theta)``.

    ``sign`` is ``|`` (given), ``;`` (parameters behind it) or ``||`` (the two sides of a divergence):
    ``KL(p || q)`` is ``Call("KL", (Given((p,), (q,), "||"),))``.
    """

    items: tuple[Node, ...]
    given: tuple[Node, ...]
    sign: str = "|"


@dataclass(frozen=True, slots=True)
class Expectation(Node):
    """An operator on random quantities: ``E_{x ~ p}[u]``, ``Var(X)``, ``Cov(X, Y)``, ``P(Y = 1 | X)``.

    ``operator`` is one of ``E Var Cov P``. ``over`` says over what: relations ``x ~ p``, names (``E_x``), densities
    (``E_p``, ``E_{p(x)}``). One argument may be a :class:`Given`.
    """

    operator: str
    args: tuple[Node, ...]
    over: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Norm(Node):
    """``||x||``, with the order that is written below it: ``2``, ``1``, infinity, ``F``."""

    operand: Node
    order: Node | None = None


@dataclass(frozen=True, slots=True)
class Inner(Node):
    """The inner product ``<x, y>``."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Entrywise(Node):
    """The product entry by entry (Hadamard's), ``a ⊙ b ⊙ c``. At least two factors."""

    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Component(Node):
    """An entry of a vector or matrix that is no mere name: ``softmax(z)_i``, ``(A x)_i``, ``[A B]_{ij}``."""

    operand: Node
    indices: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """``[a, b)``: a range of real numbers. An end that is open is outside."""

    lower: Node
    upper: Node
    left_open: bool = False
    right_open: bool = False


@dataclass(frozen=True, slots=True)
class Dots(Node):
    """``...`` between the members of a list, a sum or a product. It has no meaning that could be computed."""


@dataclass(frozen=True, slots=True)
class Hole(Node):
    """A gap that a person fills in, so many em wide; ``label`` names it. It has no meaning that could be computed."""

    width: int = 4
    label: str = ""


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    """A matrix of expressions, row by row. One column: a column vector."""

    rows: tuple[tuple[Node, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return len(self.rows), len(self.rows[0])


@dataclass(frozen=True, slots=True)
class Vector(Node):
    """Coordinates written in a row with commas: ``(1, 9)``. As a value, a column vector."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Set(Node):
    """A finite set, for instance of solutions: ``x in {-1, 1}``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Transpose(Node):
    """``A^T``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """Values with their conditions, tried in order; a condition of None means otherwise."""

    branches: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True, slots=True)
class Relation(Node):
    """A chain of expressions: ``a = b <= c`` has three sides and two signs.

    The signs are ``= != < <= > >= ~= => <=> := === in propto -> ~ << >> subset``; ``~`` is "distributed as".
    """

    sides: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statements(Node):
    """Several statements side by side or line by line: ``x = 1, y = 2``. ``sign`` is ``,``, ``and`` or ``or``.

    At least two; only ever the outermost node.
    """

    items: tuple[Node, ...]
    sign: str = ","


E = Constant("e")
PI = Constant("pi")
INFINITY = Constant("infinity")
ZERO = Number("0")
ONE = Number("1")
TWO = Number("2")


# --- walks ---------------------------------------------------------------------------------------

_LEAVES = frozenset({Number, Constant, Symbol})
_FIELDS: dict[type[Node], tuple[str, ...]] = {}


def _field_names(kind: type[Node]) -> tuple[str, ...]:
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(f.name for f in fields(kind))  # type: ignore[arg-type]
    return _FIELDS[kind]


def _nodes_in(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes_in(part)


_PARTS: dict[type[Node], Callable[[Any], tuple[Node, ...]]] = {
    Number: lambda node: (),
    Constant: lambda node: (),
    Symbol: lambda node: (),
    Sum: attrgetter("terms"),
    Product: attrgetter("factors"),
    Vector: attrgetter("items"),
    Set: attrgetter("items"),
    Call: attrgetter("args"),
    Negative: lambda node: (node.operand,),
    Quotient: attrgetter("numerator", "denominator"),
    Power: attrgetter("base", "exponent"),
    Root: attrgetter("radicand", "degree"),
    Derivative: attrgetter("body", "variable"),
    Indexed: lambda node: (node.base, *node.indices),
    Matrix: lambda node: tuple(chain.from_iterable(node.rows)),
    Relation: attrgetter("sides"),
}
"""The parts of the common nodes, got directly: these walks are what the program does most."""


def children(node: Node) -> tuple[Node, ...]:
    """The parts directly below a node, in written order."""
    direct = _PARTS.get(type(node))
    if direct is not None:
        return direct(node)
    return tuple(n for name in _field_names(type(node)) for n in _nodes_in(getattr(node, name)))


_OF_A_TUPLE = frozenset({Sum, Product, Vector, Set})
_OF_PARTS = frozenset({Negative, Quotient, Power, Root})
"""Nodes that are made of nothing but one tuple of parts, or of nothing but their parts."""


def with_children(node: Node, parts: Sequence[Node]) -> Node:
    """A node of the same kind with other parts directly below it, as many, in written order."""
    make: Callable[..., Node] = type(node)
    if type(node) in _OF_A_TUPLE:
        return make(tuple(parts))
    if type(node) in _OF_PARTS:
        return make(*parts)
    following = iter(parts)
    return make(*[_filled(getattr(node, name), following) for name in _field_names(type(node))])


def _filled(value: object, parts: Iterator[Node]) -> object:
    """The value of a field with the next parts in the places of its nodes."""
    if isinstance(value, Node):
        return next(parts)
    return tuple([_filled(inner, parts) for inner in value]) if isinstance(value, tuple) else value


def map_children(node: Node, function: Callable[[Node], Node]) -> Node:
    """The same node with ``function`` applied to each part directly below it."""
    if type(node) in _LEAVES:
        return node
    old = children(node)
    new = [function(part) for part in old]
    return node if all(map(is_, new, old)) else with_children(node, new)


def walk(node: Node) -> Iterator[Node]:
    """The node and every part below it, outermost first, left to right."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if type(current) not in _LEAVES:
            stack.extend(reversed(children(current)))


@_kept("_kinds")
def kinds(node: Node) -> frozenset[type[Node]]:
    """The types of the node and of every part below it."""
    found: set[type[Node]] = {type(node)}
    try:
        for part in children(node):
            kind = type(part)
            if kind in _LEAVES:
                found.add(kind)
            else:
                found |= kinds(part)
    except RecursionError:  # this far down it is a walk, which is safe on any input
        found.update(map(type, walk(node)))
    every = frozenset(found)
    return _SEEN.setdefault(every, every)


_SEEN: dict[frozenset[type[Node]], frozenset[type[Node]]] = {}
"""The sets of types, each once; there are few."""


def size(node: Node) -> int:
    """How many parts a tree has."""
    return sum(1 for _ in walk(node))


def depth(node: Node) -> int:
    """How deeply a tree is nested; a leaf has depth 1. Not recursive, so safe on any input."""
    deepest, stack = 0, [(node, 1)]
    while stack:
        current, level = stack.pop()
        deepest = max(deepest, level)
        stack.extend((child, level + 1) for child in children(current))
    return deepest


def bound_symbols(node: Node) -> frozenset[Symbol]:
    """The symbols that a node itself binds in its body (not those bound deeper)."""
    if type(node) not in _BINDING:
        return _NONE
    match node:
        case SumOver(index=s) | ProductOver(index=s) | Limit(variable=s):
            return frozenset({s})
        case Optimum(variables=symbols):
            return frozenset(symbols)
        case Expectation(over=over):
            return frozenset(drawn(over))
        case Integral(variable=s, lower=lower) if lower is not None:
            return frozenset({s})
        case At(where=where):
            return frozenset(s for s, _ in where)
    return _NONE


_BINDING = frozenset({SumOver, ProductOver, Limit, Optimum, Expectation, Integral, At})
_NONE: frozenset[Symbol] = frozenset()
_CLOSED = frozenset({Number, Constant})


def drawn(over: tuple[Node, ...]) -> Iterator[Symbol]:
    """The random quantities that an expectation is taken over: the left sides of ``x ~ p``, and lone names."""
    heads = (item.sides[0] if isinstance(item, Relation) else item for item in over)
    return (head for head in heads if isinstance(head, Symbol))


def _scopes(node: Node) -> tuple[tuple[Node | None, ...], tuple[Node | None, ...]]:
    """The parts of a binding node in which its symbols are bound, and the parts in which they are not."""
    match node:
        case SumOver(body, _, lower, upper, where) | ProductOver(body, _, lower, upper, where):
            return (body, where), (lower, upper)
        case Integral(body, _, lower, upper):
            return (body,), (lower, upper)
        case Limit(body, _, point):
            return (body,), (point,)
        case Optimum(body=body, where=where):
            return (body, where), ()
        case Expectation(args=args, over=over):
            return (*args, *over), ()
        case At(body, where):
            return (body,), tuple(value for _, value in where)
    return (), children(node)


@_kept("_free")
def free_symbols(node: Node) -> frozenset[Symbol]:
    """The symbols that a tree depends on: those not bound by a sum, an integral, a limit or a bar."""
    if isinstance(node, Symbol):
        return frozenset({node})
    if isinstance(node, (Number, Constant)):
        return _NONE
    bound = bound_symbols(node)
    if not bound:
        return _free(children(node))
    inside, outside = _scopes(node)
    return (_free(inside) - bound) | _free(outside)


def _free(nodes: tuple[Node | None, ...]) -> frozenset[Symbol]:
    return _NONE.union(*[free_symbols(n) for n in nodes if n is not None and type(n) not in _CLOSED])


def depends_on(node: Node, variable: Symbol | Indexed) -> bool:
    """Whether a tree may depend on a variable: for a member of a family, on any of its members."""
    return (variable.base if isinstance(variable, Indexed) else variable) in free_symbols(node)


def contains(node: Node, part: Node) -> bool:
    """Whether ``part`` is written anywhere in the tree."""
    return type(part) in kinds(node) and part in walk(node)


def substitute(node: Node, values: Mapping[Node, Node]) -> Node:
    """Replace parts, outermost first, all at once; a bound symbol is left alone inside its body.

    Substituting for the variable of a :class:`Derivative` would change its meaning: the derivative
    becomes one evaluated at a point (:class:`At`).
    """
    if node in values:
        return values[node]
    bound = bound_symbols(node)
    if bound:
        values = {k: v for k, v in values.items() if k not in bound}
        if isinstance(node, At):
            where = tuple((s, substitute(v, values)) for s, v in node.where)
            return At(substitute(node.body, values), where)
    if isinstance(node, Derivative) and node.variable in values:
        point = values[node.variable]
        if isinstance(point, Symbol | Indexed):
            return map_children(node, lambda c: substitute(c, values))
        rest = {k: v for k, v in values.items() if k != node.variable}
        inner = Derivative(substitute(node.body, rest), node.variable, node.order, node.partial)
        return At(inner, ((node.variable, point),)) if isinstance(node.variable, Symbol) else inner
    return map_children(node, lambda c: substitute(c, values)) if values else node


Path = tuple[int, ...]


def part_at(node: Node, path: Path) -> Node:
    """The part reached by taking the numbered child at each level."""
    for i in path:
        node = children(node)[i]
    return node


def replace_at(node: Node, path: Path, new: Node) -> Node:
    """The tree with the part at ``path`` replaced."""
    if not path:
        return new
    parts = list(children(node))
    parts[path[0]] = replace_at(parts[path[0]], path[1:], new)
    return with_children(node, parts)


# --- makers that keep the conventions --------------------------------------------------------------


def number(value: int | Fraction) -> Node:
    """A whole number or a fraction as it is written: ``-3/2`` is a negative quotient."""
    top = Number(str(abs(value.numerator)))
    node: Node = top if value.denominator == 1 else Quotient(top, Number(str(value.denominator)))
    return Negative(node) if value.numerator < 0 else node


def decimal(value: Fraction) -> Node | None:
    """The terminating decimal of a fraction, or None when its decimals do not end."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return None
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    text = digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"
    return Negative(Number(text)) if value.numerator < 0 else Number(text)


def numeric(node: Node) -> Fraction | None:
    """The value of a written number (``3``, ``-1.5``, ``-3/4``), or None for anything else."""
    match node:
        case Number():
            return node.value
        case Negative(operand):
            inner = numeric(operand)
            return None if inner is None else -inner
        case Quotient(Number() as top, Number() as bottom) if bottom.value:
            return top.value / bottom.value
    return None


def whole(node: Node) -> int | None:
    """The value of a written whole number, or None."""
    value = numeric(node)
    return int(value) if value is not None and value.denominator == 1 else None


def negated(node: Node) -> Node:
    """``-u``, and ``u`` for ``-u``."""
    return node.operand if isinstance(node, Negative) else Negative(node)


def unsigned(node: Node) -> Node:
    """What stands behind a minus sign, where there is one."""
    return node.operand if isinstance(node, Negative) else node


def total(terms: list[Node] | tuple[Node, ...]) -> Node:
    """A sum of any number of terms: none is 0, one is itself."""
    if len(terms) < 2:
        return terms[0] if terms else ZERO
    return Sum(tuple(terms))


def times(factors: list[Node] | tuple[Node, ...]) -> Node:
    """A product of any number of factors: none is 1, one is itself."""
    if len(factors) < 2:
        return factors[0] if factors else ONE
    return Product(tuple(factors))


def entries(node: Node) -> tuple[Node, ...] | None:
    """The components of a vector however it is written: coordinates or a one-column matrix."""
    match node:
        case Vector(items):
            return items
        case Matrix(rows) if len(rows[0]) == 1:
            return tuple(row[0] for row in rows)
    return None
