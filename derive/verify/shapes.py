"""Shapes: how many rows and columns each part of a statement about whole vectors and matrices has.

:func:`readings` says what each letter may be: declared (``vector n``, ``symmetric matrix n``), shown by its type
(bold or an arrow: a vector when it is a lower-case letter, a matrix when upper-case), or, undeclared, whatever makes
the shapes fit, the usual reading first. :class:`Shapes` then gives every part its shape, with unknown sides as
variables that are joined where the operations ask for it. A vector is a column; a number is 1×1.

A new operation is a row of ``_CALLS`` or a case of :meth:`Shapes._shape`. It raises :class:`Clash` when no sizes
make it fit, and Undecidable when it has no agreed meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count, islice, pairwise, product

from derive.declarations import Declaration, declaration
from derive.functions import FUNCTIONS
from derive.read.names import GREEK
from derive.tree import (
    ONE,
    ZERO,
    At,
    Call,
    Component,
    Constant,
    Derivative,
    E,
    Entrywise,
    Expectation,
    GradientOf,
    Indexed,
    Inner,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    children,
    map_children,
    walk,
    whole,
)
from derive.verify.core import PRIMITIVES
from derive.verify.core import walk as parts_of
from derive.verify.signals import Undecidable
from derive.verify.wording import said

Side = int | str
"""A number of rows or columns: a number, a declared name, or an unknown one (``?3``)."""
Shape = tuple[Side, Side]

NUMBER: Shape = (1, 1)
SHARES = frozenset({"probability", "one-hot"})
"""Properties of a vector, or of the rows of a matrix, whose entries sum to 1."""
ROWS, COLUMNS, DIAGONAL, INDEPENDENT = CONVENTIONS = (
    "vectors as rows", "a product of columns entry by entry", "a number added to the diagonal",
    "independent random quantities",
)  # fmt: skip
"""Ways to write that would make some lines right, although nobody declared them."""
_READINGS = 128  # ways to read undeclared letters that are tried
_FITTING = 4  # of them that are looked at
_MARK = "#"
_BRACKETS = ("()", "[]")
_ONE_OR_MORE = "?0"
_USUALLY_NUMBERS = frozenset("ijknmdtcpqrNKTLJE") | {
    "alpha", "lambda", "eta", "gamma", "epsilon", "varepsilon", "sigma", "tau", "rho", "kappa", "zeta", "omega",
}  # fmt: skip


class Clash(Exception):  # noqa: N818  (an outcome, not an error)
    """Shapes that do not fit; ``certain`` when no sizes and no other reading of a letter would make them fit."""

    def __init__(self, detail: str, certain: bool) -> None:
        super().__init__(detail)
        self.detail, self.certain = detail, certain


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter stands for: ``number``, ``vector``, ``matrix``, ``identity``, ``ones``, ``zero`` or ``family``.

    A ``family`` is indexed by a number and has vectors (``rows`` long) as members.
    """

    kind: str
    shape: Shape = NUMBER
    properties: frozenset[str] = frozenset()



@dataclass(frozen=True, slots=True)
class Reading:
    """What every letter of a statement stands for; ``inferred`` are those that nobody declared.

    ``activations`` are the functions that somewhere carry a prime, and so are functions of one number. ``random`` are
    the letters that occur in expectations only.

    ``convention`` is one of :data:`CONVENTIONS` that is tried where a statement is false without it.
    """

    letters: Mapping[Symbol, Letter]
    inferred: tuple[Symbol, ...] = ()
    activations: frozenset[str] = frozenset()
    random: frozenset[Symbol] = frozenset()
    convention: str = ""

    def conditions(self) -> tuple[str, ...]:
        """What is taken for granted of undeclared letters, in words."""
        kinds = ((s, self.letters[s].kind) for s in self.inferred)
        return tuple(said(unmarked(s), f" is a {kind}") for s, kind in kinds if kind in ("vector", "matrix"))


# --- letters ------------------------------------------------------------------------------------------------


def is_special(symbol: Symbol) -> bool:
    """Whether the symbol is a marked identity, zero or all-ones, or a renamed index."""
    return symbol.name.startswith(_MARK)


def unmarked(symbol: Symbol) -> Symbol:
    """The symbol as it was written."""
    return Symbol(symbol.name[1:]) if is_special(symbol) else symbol


class Preparation:
    """Statements made ready: bound indices renamed, ``x_1`` an entry again, each ``I``, **0**, **1** on its own."""

    def __init__(self, domains: Mapping[Symbol, str]) -> None:
        self.domains = domains
        self.declared = {s.plain: declaration(text) for s, text in domains.items()}
        self.counter = count(1)
        self.sizes: dict[Symbol, str] = {}

    def prepared(self, node: Node, bound: Mapping[str, Symbol] | None = None) -> Node:
        """The statement ready for :class:`Shapes`."""
        bound = bound or {}
        match node:
            case Symbol():
                return self._symbol(node, bound)
            case Indexed(base, indices) if base.sup in _BRACKETS and not _bound_in(indices[0], bound):
                return self.prepared(_labelled(base, indices), bound)
            case Indexed(Symbol("delta", "", "", "", ""), (i, j)) if not self._known("delta") and "delta" not in bound:
                identity = self._special(Symbol("I")) or node.base
                return Component(identity, (self.prepared(i, bound), self.prepared(j, bound)))
            case Indexed(base, indices) if base.plain not in bound:
                return Indexed(base, tuple(self.prepared(i, bound) for i in indices))
            case SumOver(body, index, lower, upper, where):
                new = Symbol(_MARK + index.name, sub=str(next(self.counter)))
                inner = {**bound, index.plain: new}
                limits = [None if n is None else self.prepared(n, bound) for n in (lower, upper)]
                condition = None if where is None else self.prepared(where, inner)
                return SumOver(self.prepared(body, inner), new, limits[0], limits[1], condition)
            case Power(base, Negative(Symbol("T" | "top" | "intercal", sub="", sup=""))) if not self._known("T"):
                return Transpose(Power(self.prepared(base, bound), Negative(ONE)))
            case GradientOf():
                return self._gradient(node, bound)
            case Derivative(body, variable, order, partial):
                by = self.prepared(variable, bound)
                if not isinstance(by, (Symbol, Indexed)):
                    raise Undecidable("a derivative by something that is no variable")
                return Derivative(self.prepared(body, bound), by, order, partial)
            case At(body, where):
                return At(self.prepared(body, bound), tuple((s, self.prepared(v, bound)) for s, v in where))
        return map_children(node, lambda c: self.prepared(c, bound))

    def _gradient(self, node: GradientOf, bound: Mapping[str, Symbol]) -> Node:
        """By an entry it is a partial derivative."""
        body, by = self.prepared(node.body, bound), [self.prepared(v, bound) for v in node.variables]
        whole_ones = tuple(v for v in by if isinstance(v, Symbol))
        if len(whole_ones) == len(by):
            return GradientOf(body, whole_ones, node.order)
        if len(by) == 1 and isinstance(by[0], Indexed):
            return Derivative(body, by[0], node.order, True)
        raise Undecidable("a gradient by several variables")

    def _known(self, name: str) -> bool:
        return name in self.declared

    def _symbol(self, symbol: Symbol, bound: Mapping[str, Symbol]) -> Node:
        if symbol.plain in bound:
            return bound[symbol.plain]
        if symbol in self.domains or is_special(symbol):
            return symbol
        entry = self._entry_of_identity(symbol, bound)
        if entry is not None:
            return entry
        special = self._special(symbol)
        if special is not None:
            return special
        return self._entry(symbol, bound) or symbol

    def _entry_of_identity(self, symbol: Symbol, bound: Mapping[str, Symbol]) -> Node | None:
        """Kronecker's delta and ``I_{ij}`` as an entry of the identity."""
        label = symbol.sub.replace(",", "")
        if symbol.name not in ("I", "delta") or symbol.sup or symbol.accent or len(label) != 2 or not label.isalpha():
            return None
        if self._known(symbol.name) or self._known(symbol.plain):
            return None
        identity = self._special(Symbol("I"))
        return None if identity is None else Component(identity, tuple(self._index(t, bound) for t in label))

    def _special(self, symbol: Symbol) -> Symbol | None:
        name = {"one": "1", "ones": "1", "zero": "0"}.get(symbol.name, symbol.name)
        marked = name == "I" or (name in ("0", "1") and symbol.font in ("bold", "bb"))
        if not marked or symbol.sup or symbol.accent or self._known(symbol.name) or self._known(symbol.plain):
            return None
        made = Symbol(_MARK + name, sub=str(next(self.counter)))
        if symbol.sub:
            self.sizes[made] = symbol.sub
        return made

    def _entry(self, symbol: Symbol, bound: Mapping[str, Symbol]) -> Node | None:
        """A labelled letter that is an entry of a declared vector or matrix, or a member of a family."""
        stem, label = stem_of(symbol), symbol.sub
        found = self.declared.get(stem.plain)
        if found is not None and (texts := entry_labels(symbol, found)) is not None:
            return Indexed(stem, tuple(self._index(t, bound) for t in texts))
        if label in bound:
            return Indexed(stem, (bound[label],))
        inner = symbol.sup.strip("()[]")
        if symbol.sup != inner and inner in bound:
            bare = Symbol(symbol.name, symbol.sub, "()", symbol.accent, symbol.font)
            return Indexed(bare, (bound[inner],))
        return None

    @staticmethod
    def _index(text: str, bound: Mapping[str, Symbol]) -> Node:
        return Number(text) if text.isdigit() else bound.get(text, Symbol(text))


def stem_of(symbol: Symbol) -> Symbol:
    """The letter without the label below it."""
    return Symbol(symbol.name, sup=symbol.sup, accent=symbol.accent, font=symbol.font)


def entry_labels(symbol: Symbol, stem: Declaration) -> list[str] | None:
    """The indices in ``P_{12}`` where P is declared as a vector or matrix; None where it is no entry of that."""
    label = symbol.sub
    if not label or symbol.sup or stem.kind not in ("vector", "matrix"):
        return None
    many = 1 if stem.kind == "vector" else 2
    texts = label.split(",") if "," in label or many == 1 else list(label)
    return texts if len(texts) == many and (symbol.font != "bold" or many == 2) else None


def _bound_in(index: Node, bound: Mapping[str, Symbol]) -> bool:
    return any(isinstance(p, Symbol) and p.plain in bound for p in walk(index))


def _labelled(base: Symbol, indices: tuple[Node, ...]) -> Node:
    """``W^{[l+1]}`` with an l that nothing binds is a letter of its own."""
    from derive.write.text import text

    label = base.sup[0] + text(indices[0]).replace(" ", "") + base.sup[1]
    letter = Symbol(base.name, base.sub, label, base.accent, base.font)
    return Indexed(letter, indices[1:]) if len(indices) > 1 else letter


def readings(nodes: list[Node], preparation: Preparation) -> Iterator[Reading]:
    """What the letters of prepared statements may stand for, the usual reading first."""
    names = iter(f"?{k}" for k in count(1))
    usage = _Usage(nodes)
    fixed: dict[Symbol, Letter] = {}
    open_: dict[Symbol, list[Letter]] = {}
    inferred = []
    for symbol in usage.symbols:
        letters = _given(symbol, preparation, usage, names)
        if not letters:
            letters = [_letter(kind, names) for kind in usage.candidates(symbol)]
            inferred += [symbol] if letters != [Letter("number")] else []
        if len(letters) == 1:
            fixed[symbol] = letters[0]
        else:
            open_[symbol] = letters
    random = usage.random()
    for chosen in islice(product(*open_.values()), _READINGS):
        letters_of = {**fixed, **dict(zip(open_, chosen, strict=True))}
        yield Reading(letters_of, tuple(inferred), usage.activations, random)


def _letter(kind: str, names: Iterator[str]) -> Letter:
    match kind:
        case "vector":
            return Letter(kind, (next(names), 1))
        case "matrix" | "family":
            return Letter(kind, (next(names), next(names)))
    return Letter(kind)


def _given(symbol: Symbol, preparation: Preparation, usage: _Usage, names: Iterator[str]) -> list[Letter]:
    """What the letter is by its declaration or its type: mostly one thing, none when it is open."""
    if is_special(symbol):
        return [_marked(symbol, preparation, names)]
    found = preparation.declared.get(symbol.plain)
    if found is not None:
        return _declared(found, usage.as_family(symbol), names)
    stem = preparation.declared.get(Symbol(symbol.name).plain)
    if stem is not None and stem.kind in ("vector", "matrix") and symbol not in usage.families:
        return [_letter(stem.kind, names)]  # a labelled or accented relative: of the same kind, of any size
    if symbol in usage.families:
        return [_letter("family" if usage.is_of_vectors(symbol) else "vector", names)]
    if symbol in usage.matrices_by_index:
        return [_letter("matrix", names)]
    if symbol in usage.indices:
        return [Letter("number")]
    if symbol.font == "bold" or symbol.accent == "vec":
        return [_letter("matrix" if symbol.name[:1].isupper() else "vector", names)]
    return []


def _marked(symbol: Symbol, preparation: Preparation, names: Iterator[str]) -> Letter:
    size = preparation.sizes.get(symbol)
    side: Side = next(names) if size is None else int(size) if size.isdigit() else size
    match symbol.name[1:]:
        case "I":
            return Letter("identity", (side, side))
        case "1":
            return Letter("ones", (side, 1))
        case "0":
            return Letter("zero", (_ONE_OR_MORE + str(side), _ONE_OR_MORE + next(names)))
    return Letter("number")


def _declared(found: Declaration, families: tuple[bool, ...], names: Iterator[str]) -> list[Letter]:
    sides: list[Side] = [int(s) if s.isdigit() else s for s in found.shape]
    if found.kind == "vector":
        side = sides[0] if sides else next(names)
        shapes: list[Shape] = [(next(names), side) if family else (side, 1) for family in families]
        kinds = ["family" if family else "vector" for family in families]
        return [Letter(kind, shape, found.properties) for kind, shape in zip(kinds, shapes, strict=True)]
    if found.kind == "matrix":
        first = sides[0] if sides else next(names)
        second = sides[1] if sides else first if found.square else next(names)
        return [Letter("matrix", (first, second), found.properties)]
    return [Letter("number")]


class _Usage:
    """How the letters are used: what is transposed, indexed, applied to; decides what an undeclared one may be."""

    def __init__(self, nodes: list[Node]) -> None:
        self.symbols: list[Symbol] = []
        self.alone: Counter[Symbol] = Counter()
        self.indices: set[Symbol] = set()
        self.families: set[Symbol] = set()
        self.matrices_by_index: set[Symbol] = set()
        self.of_vectors: set[Symbol] = set()
        self.whole_things: set[Symbol] = set()
        self.numbers: set[Symbol] = set()
        self.variables: set[Symbol] = set()
        self.activations: frozenset[str] = frozenset()
        self.nodes = nodes
        for node in nodes:
            for part in _read_parts(node):
                self._note(part)
        self.symbols = list(dict.fromkeys(self.symbols))

    def _note(self, part: Node) -> None:
        match part:
            case Symbol():
                self.symbols.append(part)
                self.alone[part] += 1
            case Indexed(base, indices):
                self.alone[base] -= 1
                self.indices.update(i for i in indices if isinstance(i, Symbol))
                target = self.families if len(indices) == 1 else self.matrices_by_index
                target.add(base)
            case Component(_, indices):
                self.indices.update(i for i in indices if isinstance(i, Symbol))
            case Transpose(u) | Norm(u) | Call("tr" | "det" | "rank" | "softmax" | "logsumexp" | "diag", (u,)):
                self._stands_for_more(u)
            case Power(u, Negative(Number("1"))) if isinstance(u, Symbol) and u.name[:1].isupper():
                self._stands_for_more(u)
            case Inner(u, v):
                self._stands_for_more(u)
                self._stands_for_more(v)
            case Entrywise(factors):
                for u in factors:
                    self._stands_for_more(u)
            case Quotient(_, Symbol() as u) | Power(_, Symbol() as u):
                self.numbers.add(u)
            case SumOver(_, index, _, upper):
                self.indices.add(index)
                if isinstance(upper, Symbol):
                    self.numbers.add(upper)
            case GradientOf(_, variables):
                self.symbols.extend(variables)
                self.variables.update(variables)
            case Derivative(_, Symbol() as u):
                self.variables.add(u)
            case Call(name, _, order) if order:
                self.activations |= {name}

    def _stands_for_more(self, node: Node) -> None:
        if isinstance(node, Symbol):
            self.whole_things.add(node)
        elif isinstance(node, Indexed):
            self.of_vectors.add(node.base)

    def is_of_vectors(self, base: Symbol) -> bool:
        """Whether an indexed family has vectors as members, and not numbers."""
        by_type = base.font == "bold" or base.accent == "vec"
        return base in self.of_vectors or (by_type and self.alone[base] == 0)

    def random(self) -> frozenset[Symbol]:
        """The letters that occur in expectations only: a letter outside of one, or an identity, is not random."""
        inside = {s for n in self.nodes for p in walk(n) if isinstance(p, Expectation) for s in _symbols_of(*p.args)}
        outside = {s for n in self.nodes for s in _outside_expectations(n)}
        return frozenset(s for s in inside - outside if not is_special(s))

    def as_family(self, symbol: Symbol) -> tuple[bool, ...]:
        """Whether a declared vector stands for the members of a family; both where it is only ever indexed."""
        if symbol not in self.families:
            return (False,)
        if self.is_of_vectors(symbol):
            return (True,)
        return (False, True) if self.alone[symbol] == 0 else (False,)

    def candidates(self, symbol: Symbol) -> list[str]:
        """The kinds an undeclared letter may be, the likeliest first."""
        if len(symbol.name) > 1 and symbol.name.islower() and symbol.name not in GREEK:
            return ["number"]
        larger = "matrix" if symbol.name[:1].isupper() else "vector"
        if symbol in self.whole_things:
            return [larger]
        if symbol in self.numbers:
            return ["number"]
        usual = symbol.name in _USUALLY_NUMBERS and symbol not in self.variables
        return ["number", larger] if usual else [larger, "number"]


def _symbols_of(*nodes: Node) -> Iterator[Symbol]:
    return (p for n in nodes for p in walk(n) if isinstance(p, Symbol))


def _outside_expectations(node: Node) -> Iterator[Symbol]:
    if isinstance(node, Symbol):
        yield node
    if not isinstance(node, Expectation):
        for part in children(node):
            yield from _outside_expectations(part)


def _read_parts(node: Node) -> Iterator[Node]:
    """The node and every part below it, but for the mark below a norm: the F of Frobenius is no letter."""
    yield node
    for part in (node.operand,) if isinstance(node, Norm) else children(node):
        yield from _read_parts(part)




def fitting(nodes: list[Node], preparation: Preparation) -> tuple[list[tuple[Reading, Shapes]], list[Clash]]:
    """The readings in which every shape fits, with the shapes; and why the others do not.

    Undecidable when none fits and some reading has no agreed meaning.
    """
    found: list[tuple[Reading, Shapes]] = []
    clashes: list[Clash] = []
    unclear: list[Undecidable] = []
    for reading in readings(nodes, preparation):
        shapes = Shapes(reading)
        try:
            for node in nodes:
                shapes.of(node)
        except Clash as clash:
            clashes.append(clash)
            continue
        except Undecidable as outcome:
            unclear.append(outcome)
            continue
        shapes.note_unknown_sizes()
        found.append((reading, shapes))
        if len(found) == _FITTING:
            break
    if unclear and not found:
        raise unclear[0]
    return found, clashes


# --- shapes -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Shapes:
    """The shape of every part of prepared statements under one reading; sides are joined as the parts ask for it."""

    reading: Reading
    parent: dict[Side, Side] = field(default_factory=dict)
    known: dict[int, tuple[Node, Shape]] = field(default_factory=dict)
    sides: dict[Symbol, Side] = field(default_factory=dict)
    lenient: list[str] = field(default_factory=list)
    bounded: set[Symbol] = field(default_factory=set)
    inside: set[int] = field(default_factory=set)
    numbers_added: bool = False
    unknown_sizes: bool = False
    names: Iterator[str] = field(default_factory=lambda: iter(f"?s{k}" for k in count(1)))

    def find(self, side: Side) -> Side:
        """The side's representative: what it is known to equal."""
        while side in self.parent:
            side = self.parent[side]
        return side

    def join(self, a: Side, b: Side, what: str) -> None:
        """Two sides are the same number. Clash when they cannot be."""
        a, b = self.find(a), self.find(b)
        if a == b:
            return
        if _unknown(a) and (b != 1 or _may_be_one(a)):
            self.parent[a] = b
        elif _unknown(b) and (a != 1 or _may_be_one(b)):
            self.parent[b] = a
        else:
            alike = 1 in (a, b) or type(a) is type(b)  # the name n may stand for the number 3
            raise Clash(what, alike and not self.reading.inferred)

    def of(self, node: Node) -> Shape:
        """The shape of a part; NUMBER for a number."""
        found = self.known.get(id(node))
        if found is None:
            found = node, self._shape(node)
            self.known[id(node)] = found
        rows, columns = found[1]
        return self.find(rows), self.find(columns)

    def note_unknown_sizes(self) -> None:
        """An identity whose size nothing tells may have any."""
        letters = self.reading.letters.values()
        told = {self.find(s) for x in letters if x.kind in ("vector", "matrix", "family") for s in x.shape}
        marked = {self.find(s) for x in letters if x.kind in ("identity", "ones") for s in x.shape}
        if any(_unknown(s) and s not in told for s in marked):
            self.unknown_sizes = True

    def text(self, node: Node) -> str:
        """The shape in words: ``m×n``."""
        return shape_text(self.of(node))

    def side(self, index: Symbol) -> Side:
        """How far an index runs."""
        if index not in self.sides:
            self.sides[index] = next(self.names)
        return self.find(self.sides[index])

    def _shape(self, node: Node) -> Shape:
        match node:
            case Number() | Constant():
                return NUMBER
            case Symbol():
                return self._symbol(node)
            case Indexed(base, indices):
                return self._indexed(base, indices)
            case Component(operand, indices):
                return self._component(operand, indices)
            case Sum(terms):
                return self._sum(node, terms)
            case Product(factors):
                return self._product(factors)
            case Negative(u):
                return self.of(u)
            case Quotient(top, bottom):
                return self._quotient(node, top, bottom)
            case Power(base, exponent):
                return self._power(node, base, exponent)
            case Root(u):
                return self._each(node, u, "a root")
            case Transpose(u):
                rows, columns = self.of(u)
                return columns, rows
            case Call(name, args):
                return self._call(node, name, args)
            case Norm(u):
                return self.of(u) and NUMBER
            case Inner(u, v):
                return self._alike(u, v, "an inner product") and NUMBER
            case Entrywise(factors):
                return self._entrywise(factors)
            case Matrix(rows):
                return self._explicit([e for row in rows for e in row], node.shape)
            case Vector(items):
                return self._explicit(list(items), (len(items), 1))
            case SumOver():
                return self._over(node)
            case Expectation(operator, args):
                return self._expectation(operator, args)
            case GradientOf() | Derivative():
                return self._derivative(node)
            case At(body, where):
                for symbol, value in where:
                    self._alike(symbol, value, "a value put in")
                return self.of(body)
            case Relation(sides):
                for one, other in pairwise(sides):
                    self.equation(one, other)
                return NUMBER
        raise Undecidable(f"{_name(node)} of whole vectors or matrices")

    def equation(self, a: Node, b: Node) -> Shape:
        """Both sides of an equation have one shape; a written 0 has any."""
        for one, other in ((a, b), (b, a)):
            if one == ZERO:
                return self.of(other)
        return self._alike(a, b, "the two sides")

    def _alike(self, a: Node, b: Node, what: str) -> Shape:
        first, second = self.of(a), self.of(b)
        detail = f"{what}: {shape_text(first)} against {shape_text(second)}"
        self.join(first[0], second[0], detail)
        self.join(first[1], second[1], detail)
        return self.of(a)

    def _symbol(self, symbol: Symbol) -> Shape:
        letter = self.reading.letters.get(symbol)
        if letter is None:
            return NUMBER
        if letter.kind == "family":
            raise Undecidable(f"{symbol.plain} without its index")
        rows, columns = letter.shape
        turned = self.reading.convention == ROWS and letter.kind == "vector"
        return (columns, rows) if turned else (rows, columns)

    def _indexed(self, base: Symbol, indices: tuple[Node, ...]) -> Shape:
        letter = self.reading.letters.get(base)
        if letter is None or letter.kind == "number" or len(indices) != (2 if letter.kind == "matrix" else 1):
            raise Undecidable(f"what {base.plain} with an index is")
        for index, side in zip(indices, letter.shape, strict=False):
            self._index(index, side)
        return (letter.shape[1], 1) if letter.kind == "family" else NUMBER

    def _index(self, index: Node, side: Side) -> None:
        if isinstance(index, Symbol):
            self._same_range(self.side(index), side, index)
        elif whole(index) is None:
            raise Undecidable("an index that is neither a letter nor a number")

    def _same_range(self, a: Side, b: Side, index: Symbol) -> None:
        try:
            self.join(a, b, f"{_plain(index)} runs over {shape_text((a, b)).replace('×', ' and over ')}")
        except Clash:
            if index in self.bounded:  # a sum over a part of the index
                raise Undecidable(f"{_plain(index)} runs over a part of an index") from None
            raise

    def _component(self, operand: Node, indices: tuple[Node, ...]) -> Shape:
        rows, columns = self.of(operand)
        if (rows, columns) == NUMBER:
            raise Undecidable("an entry of a number")
        sides = [s for s in (rows, columns) if s != 1] if len(indices) == 1 else [rows, columns]
        if len(sides) != len(indices):
            raise Clash(f"an entry of a thing that is {shape_text((rows, columns))}", not self.reading.inferred)
        for index, side in zip(indices, sides, strict=True):
            self._index(index, side)
        return NUMBER

    def _sum(self, node: Node, terms: tuple[Node, ...]) -> Shape:
        """Terms are of one shape; a number is added to every entry of a vector."""
        shapes = [self.of(t) for t in terms]
        larger = [(t, s) for t, s in zip(terms, shapes, strict=True) if s != NUMBER]
        if not larger:
            return NUMBER
        first = larger[0][0]
        for other, _ in larger[1:]:
            self._alike(first, other, "a sum")
        if len(larger) < len([t for t in terms if t != ZERO]):
            self._number_added(node, [t for t, _ in larger], self.of(first))
        return self.of(first)

    def _number_added(self, node: Node, terms: list[Node], shape: Shape) -> None:
        if not self._by_entries(node, shape) and not any(is_entrywise(p) for t in terms for p in walk(t)):
            self.numbers_added = True

    def _product(self, factors: tuple[Node, ...]) -> Shape:
        shape = NUMBER
        for factor in factors:
            shape = self._times(shape, self.of(factor))
        return shape

    def _times(self, left: Shape, right: Shape) -> Shape:
        if NUMBER in (left, right):
            return right if left == NUMBER else left
        detail = f"a product of {shape_text(left)} with {shape_text(right)}"
        if self.reading.convention == COLUMNS and self._columns(left, right):
            self.join(left[0], right[0], detail)
            return left
        self.join(left[1], right[0], detail)
        return self.find(left[0]), self.find(right[1])

    @staticmethod
    def _columns(left: Shape, right: Shape) -> bool:
        return left[1] == 1 and right[1] == 1

    def _quotient(self, node: Node, top: Node, bottom: Node) -> Shape:
        above, below = self.of(top), self.of(bottom)
        if below == NUMBER:
            return above
        if not self._by_entries(node, below) and not any(is_entrywise(p) for p in walk(bottom)):
            raise Undecidable("a division by a matrix")
        return below if above == NUMBER else self._alike(top, bottom, "a division entry by entry")

    def _power(self, node: Node, base: Node, exponent: Node) -> Shape:
        if self.of(exponent) != NUMBER:
            if base == E and self._by_entries(node, self.of(exponent)):
                return self._each(node, exponent, "an exponential")
            raise Undecidable("a matrix as an exponent")
        rows, columns = self.of(base)
        if (rows, columns) == NUMBER:
            return NUMBER
        n = whole(exponent)
        if 1 in (rows, columns) or is_entrywise(base):
            return self._each(node, base, "a power")
        if n is None:
            raise Undecidable("a power of a matrix that is no whole number")
        what = "the inverse" if n < 0 else "a power"
        self.join(rows, columns, f"{what} of a matrix that is {shape_text((rows, columns))}")
        return self.of(base)

    def _by_entries(self, node: Node, shape: Shape) -> bool:
        """Whether what is done to something of a shape can only be meant entry by entry: it is not square, or the
        result is a factor of a product entry by entry."""
        square = 1 not in shape and (shape[0] == shape[1] or any(map(_unknown, shape)))
        return not square or id(node) in self.inside

    def _each(self, node: Node, u: Node, what: str) -> Shape:
        """Something done to every entry although it is not written so."""
        shape = self.of(u)
        if shape != NUMBER:
            if not self._by_entries(node, shape) and not is_entrywise(u):
                raise Undecidable(f"{what} of a matrix")
            if what == "a power" and not is_entrywise(u):
                self.lenient.append("a power of a vector")
        return shape

    def _call(self, node: Call, name: str, args: tuple[Node, ...]) -> Shape:
        shapes = [self.of(a) for a in args]
        if all(s == NUMBER for s in shapes):
            return NUMBER
        rule = _CALLS.get(name)
        if rule is not None and len(args) == 1:
            return rule(self, args[0])
        if name in ("max", "min"):
            return self._largest(args, shapes)
        if len(args) == 1 and name not in _NEVER_ENTRYWISE:
            return self._applied(node, name, shapes[0])
        raise Undecidable(f"{name} of whole vectors or matrices")

    def _applied(self, node: Call, name: str, shape: Shape) -> Shape:
        if name not in FUNCTIONS and name not in PRIMITIVES and name not in self.reading.activations:
            raise Undecidable(f"what {name} of a vector or a matrix is")
        if name in ("exp", "log", "ln", "sin", "cos") and not self._by_entries(node, shape):
            raise Undecidable(f"{name} of a matrix")
        return shape

    def _largest(self, args: tuple[Node, ...], shapes: list[Shape]) -> Shape:
        if len(args) == 1:
            return NUMBER
        larger = [a for a, s in zip(args, shapes, strict=True) if s != NUMBER]
        for other in larger[1:]:
            self._alike(larger[0], other, "a maximum entry by entry")
        return self.of(larger[0])

    def _entrywise(self, factors: tuple[Node, ...]) -> Shape:
        self.inside.update(id(part) for f in factors for part in _terms_of(f))
        for other in factors[1:]:
            self._alike(factors[0], other, "a product entry by entry")
        return self.of(factors[0])

    def _explicit(self, entries: list[Node], shape: tuple[int, int]) -> Shape:
        if any(self.of(e) != NUMBER for e in entries):
            raise Undecidable("a matrix made of blocks")
        return shape

    def _expectation(self, operator: str, args: tuple[Node, ...]) -> Shape:
        """A mean has the shape of its argument; a covariance of two columns is a matrix."""
        if operator not in ("E", "Var", "Cov") or len(args) != (2 if operator == "Cov" else 1):
            raise Undecidable(f"{operator} of whole vectors or matrices")
        shapes = [self.of(a) for a in args]
        if operator == "E":
            return shapes[0]
        if any(s[1] != 1 for s in shapes):
            raise Undecidable("a covariance of matrices")
        return shapes[0][0], shapes[-1][0]

    def _over(self, node: SumOver) -> Shape:
        self._bounds(node)
        if node.where is not None:
            self._restricted(node)
        return self.of(node.body)

    def _bounds(self, node: SumOver) -> None:
        if node.lower is None and node.upper is None:
            return
        end = node.upper
        if node.lower != ONE or not isinstance(end, (Symbol, Number)):
            raise Undecidable("a sum over a part of an index")
        side = end.plain if isinstance(end, Symbol) else whole(end)
        if side is None:
            raise Undecidable("a sum over a part of an index")
        self.sides[node.index] = side
        self.bounded.add(node.index)

    def _restricted(self, node: SumOver) -> None:
        match node.where:
            case Relation((Symbol() as a, Symbol() as b), ("!=",)) if node.index in (a, b) and a != b:
                self._same_range(self.side(a), self.side(b), a)
            case _:
                raise Undecidable("a sum over a part of an index")

    def _derivative(self, node: GradientOf | Derivative) -> Shape:
        variables = node.variables if isinstance(node, GradientOf) else (node.variable,)
        if len(variables) != 1:
            raise Undecidable("a gradient by several variables or none")
        self._dependence(node.body, variables[0])
        of, by = self.of(node.body), self.of(variables[0])
        if isinstance(node, Derivative) and node.order > 1 and by != NUMBER:
            raise Undecidable("a higher derivative by a vector or a matrix")
        if by == NUMBER:
            return of
        if isinstance(node, GradientOf) and node.order > 1:
            return self._hessian(of, by, node.order)
        if of == NUMBER:
            return by
        if of[1] == 1 and by[1] == 1:
            return of[0], by[0]
        raise Undecidable("the derivative of a vector or matrix by a matrix")

    def _dependence(self, body: Node, variable: Symbol | Indexed) -> None:
        """Undecidable where it is not known what the body depends on."""
        base = variable.base if isinstance(variable, Indexed) else variable
        symbols = [p for p in walk(body) if isinstance(p, Symbol)]
        calls = [p for p in walk(body) if isinstance(p, Call) and p.name not in FUNCTIONS]
        if any(base.name in call.name.split("_")[1:] for call in calls):
            raise Undecidable(f"how {calls[0].name} depends on {base.plain}")
        for part in symbols:
            if part.name == base.name and part != base and (part.sub or base.sub) and not (part.sub and base.sub):
                raise Undecidable(f"{base.plain} may be one of {part.plain}")
        if base not in symbols and (isinstance(body, Symbol) or set(symbols) & set(self.reading.inferred)):
            raise Undecidable(f"what the body of the derivative by {base.plain} depends on is not known")

    def _hessian(self, of: Shape, by: Shape, order: int) -> Shape:
        if order > 2 or of != NUMBER or by[1] != 1:
            raise Undecidable("a higher derivative of vectors or matrices")
        return by[0], by[0]

    # --- functions of vectors and matrices ------------------------------------------------------------------

    def square(self, u: Node, what: str) -> Shape:
        """The shape of a matrix that must be square."""
        rows, columns = self.of(u)
        self.join(rows, columns, f"{what} of a matrix that is {shape_text((rows, columns))}")
        return self.of(u)

    def column(self, u: Node, what: str) -> Shape:
        """The shape of what must be a vector."""
        rows, columns = self.of(u)
        if columns != 1:
            raise Undecidable(f"{what} of a matrix")
        return rows, columns

    def diagonal(self, u: Node) -> Shape:
        """A vector is put on a diagonal, a square matrix gives its own."""
        rows, columns = self.of(u)
        return (rows, rows) if columns == 1 else (self.square(u, "the diagonal")[0], 1)

    def size(self, u: Node) -> Shape:
        """``|A|`` is a determinant, ``|x|`` is read as the length of a vector."""
        if 1 in self.of(u):
            self.lenient.append("bars around a vector")
            return NUMBER
        return self.square(u, "the determinant") and NUMBER


_CALLS: dict[str, Callable[[Shapes, Node], Shape]] = {
    "tr": lambda s, u: s.square(u, "the trace") and NUMBER,
    "det": lambda s, u: s.square(u, "the determinant") and NUMBER,
    "abs": lambda s, u: s.size(u),
    "rank": lambda s, u: NUMBER,
    "diag": lambda s, u: s.diagonal(u),
    "softmax": lambda s, u: s.of(u),
    "logsumexp": lambda s, u: s.column(u, "logsumexp") and NUMBER,
}
"""The shape of a function's value by that of its argument; a function that is not listed acts on every entry."""

_NEVER_ENTRYWISE = frozenset({"vec", "KL", "D_KL", "factorial", "binom", "indicator", "floor", "ceil"})


def is_entrywise(node: Node) -> bool:
    """Whether the node is done entry by entry beyond doubt: an activation, a Hadamard product."""
    match node:
        case Entrywise():
            return True
        case Call(name):
            return name not in _CALLS and name not in _NEVER_ENTRYWISE
        case Power(base):
            return is_entrywise(base) or base == E
    return False


def _terms_of(factor: Node) -> Iterator[Node]:
    """A factor of a product entry by entry, and what it is a sum, a multiple or a quotient of."""
    yield factor
    if isinstance(factor, (Sum, Negative, Entrywise, Quotient)):
        for part in children(factor):
            yield from _terms_of(part)


def _unknown(side: Side) -> bool:
    return isinstance(side, str) and side.startswith("?")


def _may_be_one(side: Side) -> bool:
    """Whether an unknown side may be 1: only a zero is a vector or a matrix."""
    return isinstance(side, str) and side.startswith(_ONE_OR_MORE)


def _plain(symbol: Symbol) -> str:
    return unmarked(symbol).plain


def _name(node: Node) -> str:
    return type(node).__name__


def shape_text(shape: Shape) -> str:
    """``m×n`` for a person; unknown sides are dots."""
    return "×".join("·" if _unknown(s) else str(s) for s in shape)


def by_convention(reading: Reading, convention: str) -> Shapes:
    """Fresh shapes for the same letters under one of :data:`CONVENTIONS`."""
    return Shapes(replace(reading, convention=convention))


def with_properties(shapes: Shapes, properties: Mapping[Symbol, frozenset[str]]) -> Shapes:
    """Fresh shapes where some matrices have further properties."""
    letters = dict(shapes.reading.letters)
    for symbol, more in properties.items():
        letters[symbol] = replace(letters[symbol], properties=letters[symbol].properties | more)
    return Shapes(replace(shapes.reading, letters=letters))


_TELLING = frozenset({Transpose, Norm, Inner, Entrywise, Component, GradientOf})


def hints_at_vectors(node: Node) -> bool:
    """Whether a part is an operation on vectors, or a letter in their type; a cheap look before a closer one."""
    for part in parts_of(node):
        kind = type(part)
        if kind is Symbol:
            if part.font == "bold" or part.accent == "vec":  # type: ignore[attr-defined]
                return True
        elif kind in _TELLING or (kind is Call and part.name in _CALLS):  # type: ignore[attr-defined]
            return True
    return False


def is_abstract(nodes: tuple[Node, ...], domains: Mapping[Symbol, str]) -> bool:
    """Whether undefined letters of the statement stand for whole vectors or matrices."""
    declared = {s.plain: declaration(text) for s, text in domains.items()} if domains else {}
    large = {name: d for name, d in declared.items() if d.kind in ("vector", "matrix")}
    return any(_is_abstract(part, large) for node in nodes for part in walk(node))


def _is_abstract(part: Node, large: Mapping[str, Declaration]) -> bool:
    match part:
        case Symbol():
            if part.font == "bold" or part.accent == "vec" or part.plain in large:
                return True
            stem = large.get(stem_of(part).plain) if part.sub and large else None  # the entries may not be free
            return stem is not None and bool(stem.properties) and entry_labels(part, stem) is not None
        case Transpose(u) | Norm(u) | Component(u):
            return not _has_entries(u)
        case Call(name, (u,)) if name in _CALLS and name != "abs":
            return not _has_entries(u)
        case Inner() | Entrywise():
            return not _has_entries(part)
    return False


def _has_entries(node: Node) -> bool:
    return any(isinstance(p, (Matrix, Vector)) for p in walk(node))
