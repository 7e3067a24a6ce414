"""Laws: which names are densities, which letters are random, and over what a statement averages.

:class:`Laws` looks at a whole statement once and then writes its probability in the core language: an expectation is
a sum over the values of its random quantities, each value times a :class:`~derive.verify.core.Density`; ``p(x | y)``
is ``p(x, y)/p(y)``; a divergence and an entropy are sums by their definitions. Called by
:class:`~derive.verify.meaning.Meaning`. The conventions:

* a name is a density when it is declared one, stands behind ``~``, in a divergence, at an expectation, or is applied
  with a bar (``p(x | y)``, ``p(x; theta)``) and is one of the letters that usually are;
* one density letter with several or conditional arguments is one joint law, whose parts are told by the names of the
  arguments (``p(x)`` and ``p(y)`` are two marginals of ``p(x, y)``); else it is a function of its place;
* what stands only behind the bar, and behind ``;``, is a parameter;
* without a law below the operator, capital letters are random (where there are none: the letters that stand alone in
  an operator, or all); the others are constants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.declarations import declaration
from derive.distributions import FAMILIES, X
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.steps import Definition
from derive.tree import (
    INFINITY,
    ONE,
    PI,
    TWO,
    ZERO,
    Call,
    Cases,
    E,
    Expectation,
    Given,
    Indexed,
    Integral,
    Negative,
    Node,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Statements,
    Sum,
    SumOver,
    Symbol,
    Vector,
    children,
    map_children,
    substitute,
    times,
    walk,
)
from derive.verify.core import UNNAMED, UNSTATED, Density, Provided, binomial, set_of
from derive.verify.moments import mean as mean_under
from derive.verify.signals import Undecidable

if TYPE_CHECKING:
    from derive.verify.meaning import Meaning

_PRIME = "_sup_prime"
_LAW = "P"  # the name of the law of quantities of which no law is stated
_OUTCOME = Symbol("omega", font="rm")
_PROBABILITY = frozenset({"P", "Pr"})
DIVERGENCES = frozenset({"KL", "D_KL"})
_INFORMATION = frozenset({"H", "I"})
OF_LAWS = DIVERGENCES | _INFORMATION
"""Functions of densities and of random quantities."""
_LETTERS = frozenset({"p", "q", "P", "Q", "pi"})  # of densities with a bar; f(x; w) may as well be a network
_NORMAL = frozenset({"N", "Normal", "Gaussian"})
_COIN = frozenset({"Bernoulli", "Ber", "Bern"})
_UNIFORM = frozenset({"U", "Unif", "Uniform"})
KNOWN = _NORMAL | _COIN | _UNIFORM | {
    "Bin", "Binomial", "Poisson", "Poi", "Pois", "Exp", "Exponential", "Gamma", "Ga", "Beta", "Be", "Cat",
    "Categorical", "Mult", "Multinomial", "Dir", "Dirichlet", "Geom", "Geometric", "Laplace", "Student", "t", "chi",
}  # fmt: skip
"""Laws that have a meaning of their own: never an arbitrary density."""


@dataclass(frozen=True, slots=True)
class Law:
    """How a density is applied: as one joint law told by names, or as a function of places; which are parameters."""

    joint: bool
    parameters: frozenset[str]
    places: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A density at arguments: those before the bar, those behind it, and parameters."""

    name: str
    items: tuple[Node, ...]
    given: tuple[Node, ...] = ()
    fixed: tuple[Node, ...] = ()


class Laws:
    """The laws of one statement."""

    def __init__(self, nodes: Sequence[Node], definitions: Iterable[Definition], domains: Mapping[Symbol, str]) -> None:
        definitions = tuple(definitions)
        self.definitions = {d.name.plain for d in definitions}
        self.stated = {d.name: d.body for d in definitions if isinstance(d.body, Call) and d.body.name in KNOWN}
        parts = [p for n in (*nodes, *(d.body for d in definitions)) for p in walk(n)]
        self.calls = [p for p in parts if isinstance(p, Call)]
        operators: list[Expectation | Call] = [p for p in parts if isinstance(p, Expectation)]
        self.declared = {s.plain for s, text in domains.items() if _kind(text) == "density"}
        self.positive = frozenset(s for s, text in domains.items() if text == "positive")
        drawings = [o for p in operators for o in getattr(p, "over", ())]
        self.names = frozenset(self._densities(parts, drawings)) - self.definitions - KNOWN
        operators += [c for c in self.calls if self.is_probability(c)]
        self.laws = {name: self._law(name, parts) for name in self.names}
        unstated = [p for p in operators if all(isinstance(o, Symbol) for o in getattr(p, "over", ()))]
        information = [c for c in self.calls if c.name in _INFORMATION and c.name not in self.definitions]
        self.counting = frozenset(_of_indices(parts))
        taken = self.names | self.definitions
        outside = frozenset(s for n in nodes for s in _outside(n, set(operators)))
        self.random = _random_letters([*unstated, *information], taken, parts, outside)
        self.outcomes = any(
            isinstance(p, Indexed) and p.base in self.random for n in unstated for p in walk(n)
        )
        self.concerned = bool(self.names or operators or (information and self.random))
        self.tables = self._tabled(parts, drawings) if self.concerned else frozenset()
        self.constants: set[str] = set()

    # --- which names are densities ------------------------------------------------------------------------

    def is_probability(self, call: Call) -> bool:
        """Whether ``P(A | B)`` and ``P(X = 1)`` are probabilities: P is no name of a density."""
        if call.name not in _PROBABILITY or call.name in self.names | self.definitions:
            return False
        items, given = _sides(call.args)
        return bool(given) or any(isinstance(i, Relation) for i in items) or any(
            c.name == call.name and isinstance(c.args[0], (Given, Relation)) for c in self.calls if c.args
        )

    def _densities(self, parts: list[Node], drawings: list[Node]) -> Iterator[str]:
        yield from self.declared
        applied = {c.name for c in self.calls}
        for p in parts:
            match p:
                case Relation(sides, signs) if "~" in signs:
                    yield from _named(sides[-1])
                case Call(name, (Given(items, given, "||"),)) if name in DIVERGENCES:
                    for item in (*items, *given):
                        yield from _named(item)
                        symbols = (s.plain for s in walk(item) if isinstance(s, Symbol))
                        yield from (name for name in symbols if _letter(name) in _LETTERS)
                case Call(name, (Given(sign="|" | ";"),)) if _letter(name) in _LETTERS and name not in _PROBABILITY:
                    yield name
                case Call("H", (Symbol() as law,)) if law.plain in applied:
                    yield law.plain
        for item in drawings:
            if isinstance(item, Call) or (isinstance(item, Symbol) and item.plain in applied):
                yield from _named(item)

    def _law(self, name: str, parts: list[Node]) -> Law:
        applied = [_split(c) for c in self.calls if c.name == name]
        bound = {p.index for p in parts if isinstance(p, SumOver)}
        bound |= {p.variable for p in parts if isinstance(p, Integral)}
        items = {_quantity(i) for a in applied for i in a.items}
        items |= {_quantity(g) for a in applied for g in a.given if g in bound}
        parameters = {_quantity(g) for a in applied for g in a.given} - items
        parameters |= {_quantity(g) for a in applied for g in a.fixed}
        given = any(_quantity(g) not in parameters for a in applied for g in a.given)
        arities = {len(a.items) for a in applied}
        return Law(given or len(arities) > 1, frozenset(parameters), max(arities, default=1))

    def _tabled(self, parts: list[Node], drawings: list[Node]) -> frozenset[str]:
        """Unknown functions that are only ever applied to letters that values are put in for: tables of values."""
        letters = set(self.random) | {s for item in drawings for s in _drawn(item)}
        letters |= {p.index for p in parts if isinstance(p, SumOver)}
        letters |= {p.variable for p in parts if isinstance(p, Integral)}
        letters |= {i for c in self.calls if c.name in self.names for i in _split(c).items if isinstance(i, Symbol)}
        unknown = [c for c in self.calls if c.name not in FUNCTIONS and c.name not in self.names | self.definitions]
        plain = {c.name for c in unknown}
        spoiled = {c.name for c in unknown if c.order or not c.args or not all(a in letters for a in c.args)}
        return frozenset(plain - spoiled - _INFORMATION)

    # --- in the core language -----------------------------------------------------------------------------

    def call(self, meaning: Meaning, node: Call) -> Node | None:
        """A density, a divergence, an entropy or a tabled function; None for another call."""
        if node.name in self.definitions:
            return None
        if node.name in self.names:
            return self._density(meaning, _split(node))
        if self.is_probability(node):
            items, given = _sides(node.args)
            return self._probability(meaning, items, given, ())
        if node.name in DIVERGENCES:
            return self._divergence(meaning, node)
        if node.name in self.tables:
            return Indexed(Symbol(node.name), tuple(meaning.unfold(a) for a in node.args))
        if node.name in _INFORMATION:
            return self._information(meaning, node)
        match node.args:
            case (Given(items, given, "|" | ";"),):  # f(x; w) of a function
                return meaning.unfold(Call(node.name, (*items, *given), node.order))
        return None

    def _density(self, meaning: Meaning, applied: Applied) -> Node:
        law = self.laws[applied.name]
        if len({_quantity(i) for i in applied.items}) != len(applied.items) and law.joint:
            raise Undecidable("one quantity twice in a law")
        fixed = [(_quantity(g), _value(g)) for g in (*applied.fixed, *applied.given) if _quantity(g) in law.parameters]
        given = [(_quantity(g), _value(g)) for g in applied.given if _quantity(g) not in law.parameters]
        params = tuple(meaning.unfold(v) for _, v in sorted(fixed, key=lambda pair: pair[0]))
        items = [(_quantity(i) if law.joint else str(k), _value(i)) for k, i in enumerate(applied.items)]
        pairs = [(name, meaning.unfold(v)) for name, v in (*items, *given)]
        joint = self._at(applied.name, pairs, params)
        if not given:
            return joint
        return Quotient(joint, self._at(applied.name, pairs[len(items) :], params))

    def _at(self, name: str, pairs: list[tuple[str, Node]], params: tuple[Node, ...]) -> Density:
        pairs = sorted(pairs, key=lambda pair: pair[0])
        slots = tuple((slot, self.set_of_slot(name, slot)) for slot, _ in pairs)
        return Density(name, slots, tuple(v for _, v in pairs), params)

    def set_of_slot(self, name: str, slot: str) -> Symbol:
        """The set of values of a quantity of a law."""
        if name == _LAW and _LAW not in self.names:
            return set_of(f"{UNSTATED}{slot}")
        law = self.laws.get(name)
        return set_of(f"{UNNAMED}{slot}" if law is None or law.joint else f"{UNNAMED}{name}({slot})")

    # --- expectations -------------------------------------------------------------------------------------

    def expectation(self, meaning: Meaning, node: Expectation) -> Node:
        """An expectation, variance, covariance or probability."""
        if not self.concerned:
            raise Undecidable("an expectation in a definition")
        items, given = _sides(node.args)
        match node.operator:
            case "Var" if len(items) == 1:
                return meaning.unfold(self._covariance(items[0], items[0], given, node.over))
            case "Cov" if len(items) == 2:
                return meaning.unfold(self._covariance(items[0], items[1], given, node.over))
            case "E" if len(items) == 1:
                return self._mean(meaning, items[0], given, node.over)
            case "P":
                return self._probability(meaning, items, given, node.over)
        raise Undecidable(f"{node.operator} of {len(items)} quantities")

    @staticmethod
    def _covariance(u: Node, v: Node, given: tuple[Node, ...], over: tuple[Node, ...]) -> Node:
        def mean(w: Node) -> Node:
            return Expectation("E", (Given((w,), given, "|"),) if given else (w,), over)

        def distance(w: Node) -> Node:
            return Sum((w, Negative(mean(w))))

        body: Node = Power(distance(u), TWO) if u == v else Product((distance(u), distance(v)))
        return mean(body)

    def _mean(self, meaning: Meaning, body: Node, given: tuple[Node, ...], over: tuple[Node, ...]) -> Node:
        if not over:
            return self._unstated(meaning, body, given)
        result: Node = body
        steps = [step for item in over for step in self._drawings(item, body)]
        with meaning.blocking(*(s for letters, _ in steps for s in letters)):
            for k, (letters, law) in enumerate(reversed(steps)):
                result = self._drawn_from(meaning, letters, law, result, given, written=k == 0)
        return result

    def _drawings(self, item: Node, body: Node) -> list[tuple[tuple[Symbol, ...], Node | None]]:
        """The letters that are drawn together, and from what law; None: from one that is not stated."""
        match item:
            case Relation((head, law), ("~",)):
                letters = head.items if isinstance(head, Vector) else (head,)
                return [(tuple(s for s in letters if isinstance(s, Symbol)), law)]
            case Call(name) if name in self.names:
                return [(tuple(i for i in _split(item).items if isinstance(i, Symbol)), item)]
            case Symbol() if item.plain in self.names:
                return [((self._anonymous(item, body),), item)]
            case Symbol():
                laws = {c for c in self.calls if c.name in self.names and _split(c).items == (item,)}
                return [((item,), laws.pop() if len(laws) == 1 else None)]
        raise Undecidable("what the expectation is taken over")

    def _anonymous(self, law: Symbol, body: Node) -> Symbol:
        """The letter over which ``E_p`` averages: what the density is applied to, or the only letter there is."""
        inside = set(walk(body))
        applied = [_split(c).items for c in inside if isinstance(c, Call) and c.name in self.names]
        letters = {i for items in applied for i in items if isinstance(i, Symbol)}
        if not letters:
            densities = {p for p in inside if isinstance(p, Symbol) and p.plain in self.names}
            letters = {p for p in inside if isinstance(p, Symbol)} - densities
        if not letters:
            return Symbol("x")
        if len(letters) != 1:
            raise Undecidable(f"over which letter the expectation under {law.plain} is taken")
        return letters.pop()

    def _drawn_from(
        self, meaning: Meaning, letters: tuple[Symbol, ...], law: Node | None, body: Node, given: tuple[Node, ...],
        written: bool,
    ) -> Node:  # fmt: skip
        if law is None:
            return meaning.over_values(letters, body, Applied(_LAW, letters, given), written)
        if isinstance(law, Symbol):
            law = self.stated.get(law, law)
        if isinstance(law, Call) and law.name in KNOWN:
            return _known(meaning, letters, law, body, written)
        if given:
            raise Undecidable("a conditional expectation under a stated law")
        weight = self._weight(letters, law)
        return meaning.over_values(letters, body, weight, written)

    def _weight(self, letters: tuple[Symbol, ...], law: Node) -> Applied:
        """The density of a law at the letters drawn from it."""
        match law:
            case Symbol() if law.plain in self.names:
                return Applied(law.plain, letters)
            case Call(name) if name in self.names:
                applied = _split(law)
                if set(applied.items) == set(letters):
                    return applied
                if not set(letters) & {p for i in (*applied.items, *applied.given) for p in walk(i)}:
                    return Applied(name, letters, applied.given, (*applied.items, *applied.fixed))
        raise Undecidable("a law that is not understood")

    def weight(self, meaning: Meaning, applied: Applied) -> Node:
        """The value of a law in the core language."""
        unstated = applied.name == _LAW and _LAW not in self.names
        return self.unstated(meaning, applied) if unstated else self._density(meaning, applied)

    # --- laws that are not stated -------------------------------------------------------------------------

    def _unstated(self, meaning: Meaning, body: Node, given: tuple[Node, ...]) -> Node:
        if self.outcomes:
            return self._over_outcomes(meaning, body, given)
        self._note_constants(body)
        known = tuple(g for g in given if self._is_value(g))
        events = [_indicator(g) for g in given if not self._is_value(g)]
        body = substitute(body, {g.sides[0]: g.sides[1] for g in known if isinstance(g, Relation)})
        fixed = {_slot(g) for g in known}
        free = tuple(s for s in self._letters(Vector((body, *events))) if s.plain not in fixed)

        def mean(inner: Node) -> Node:
            return meaning.over_values(free, inner, Applied(_LAW, free, known), True)

        return mean(body) if not events else Quotient(mean(times([*events, body])), mean(times(events)))

    def unstated(self, meaning: Meaning, applied: Applied) -> Node:
        """The value of the law that is not stated."""
        pairs = [(_slot(i), meaning.unfold(_value(i))) for i in (*applied.items, *applied.given)]
        joint = self._at(_LAW, pairs, ())
        if not applied.given:
            return joint
        return Quotient(joint, self._at(_LAW, pairs[len(applied.items) :], ()))

    def _over_outcomes(self, meaning: Meaning, body: Node, given: tuple[Node, ...]) -> Node:
        """With families of random quantities, every one is a function of the outcome."""
        if given:
            raise Undecidable("a conditional expectation of a family of random quantities")
        self._note_constants(body)
        put_in = _at_outcome(body, self.random)
        return meaning.over_values((_OUTCOME,), put_in, Applied(_LAW, (_OUTCOME,)), True)

    def _note_constants(self, body: Node) -> None:
        """The letters in an operator that are taken to be no random quantities."""
        barred = {p.plain for p in walk(body) if isinstance(p, Symbol) and p.accent == "bar"} - self.definitions
        if barred:
            raise Undecidable(f"what {barred.pop()} is the mean of is not said")
        found = {p for p in walk(body) if isinstance(p, Symbol)} - self.random - self.counting
        applied = {p.name for p in walk(body) if isinstance(p, Call)}
        self.constants |= {s.plain for s in found} - self.names - self.definitions - applied

    def _letters(self, node: Node) -> list[Symbol]:
        """The random letters that are free: those within another operator are its own."""
        found = dict.fromkeys(s for s in _free_letters(node) if s in self.random)
        return sorted(found, key=lambda s: s.plain)

    def _probability(
        self, meaning: Meaning, items: tuple[Node, ...], given: tuple[Node, ...], over: tuple[Node, ...]
    ) -> Node:
        events, behind = _events(items), _events(given)
        if over:
            return self._mean(meaning, times([_indicator(e) for e in events]), given, over)
        if self.outcomes:
            return self._unstated(meaning, times([_indicator(e) for e in events]), given)
        above = self._mass(meaning, (*events, *behind))
        return Quotient(above, self._mass(meaning, behind)) if behind else above

    def _mass(self, meaning: Meaning, events: Sequence[Node]) -> Node:
        """The probability of some values and some events together."""
        fixed = tuple(e for e in events if self._is_value(e))
        others = [_indicator(e) for e in events if not self._is_value(e)]
        taken = {_slot(f) for f in fixed}
        free = tuple(s for s in self._letters(Vector((ZERO, *others))) if s.plain not in taken)
        return meaning.over_values(free, times(others), Applied(_LAW, (*fixed, *free)), True)

    def _is_value(self, item: Node) -> bool:
        """Whether the value of one quantity is given, by its letter or by an equation; else it is an event."""
        match item:
            case Symbol():
                return True
            case Relation((Symbol() as head, value), ("=",)):
                return head in self.random and not any(p in self.random for p in walk(value))
        return False

    # --- divergences and entropies ------------------------------------------------------------------------

    def _divergence(self, meaning: Meaning, node: Call) -> Node:
        match node.args:
            case (Given((p,), (q,), "||"),) | (p, q):
                return self._expected_log(meaning, p, p, q)
        raise Undecidable("a divergence of something that is no two densities")

    def _information(self, meaning: Meaning, node: Call) -> Node | None:
        """``H(p)``, ``H(p, q)`` of densities; ``H(X)``, ``H(X | Y)``, ``I(X; Y)`` of random quantities."""
        items, given = _sides(node.args)
        densities = [any(self._is_name(p) for p in walk(i)) for i in items]
        if all(densities) and not given and node.name == "H":
            first, last = items[0], items[-1]
            return Negative(self._expected_log(meaning, first, last, None))
        letters = [s for s in (*items, *given) if isinstance(s, Symbol) and s in self.random]
        if len(letters) != len(items) + len(given) or not letters or len(items) > 3:
            return None
        if node.name == "H":
            return Negative(self._log_mass(meaning, letters, Applied(_LAW, tuple(items), tuple(given))))
        if len(items) == len(given) == 1:
            joint = Applied(_LAW, tuple(letters))
            apart = [Applied(_LAW, (s,)) for s in letters]
            return self._log_mass(meaning, letters, joint, apart)
        return None

    def _is_name(self, node: Node) -> bool:
        """Whether the name of a density stands here, alone or applied."""
        name = node.plain if isinstance(node, Symbol) else node.name if isinstance(node, Call) else ""
        return name in self.names

    def _log_mass(
        self, meaning: Meaning, letters: Sequence[Symbol], top: Applied, under: Sequence[Applied] = ()
    ) -> Node:
        """The mean of the logarithm of a law's values over products of others."""
        bound = {s: meaning.fresh() for s in letters}
        put_in: dict[Node, Node] = dict(bound.items())

        def value(applied: Applied) -> Node:
            return substitute(self.unstated(meaning, applied), put_in)

        ratio = value(top) if not under else Quotient(value(top), times([value(u) for u in under]))
        weight = value(Applied(_LAW, tuple(letters)))
        return meaning.summed(list(bound.items()), Product((weight, Call("log", (ratio,)))))

    def _expected_log(self, meaning: Meaning, law: Node, top: Node, bottom: Node | None) -> Node:
        """The mean under one density of the logarithm of a quotient of others."""
        letters = self._letters_of(law)
        bound = {s: meaning.fresh() for s in letters}
        put_in: dict[Node, Node] = dict(bound.items())

        def value(node: Node) -> Node:
            with meaning.blocking(*letters):
                inner = meaning.unfold(self._at_letters(node, letters))
            return substitute(inner, put_in)

        ratio = value(top) if bottom is None else Quotient(value(top), value(bottom))
        return meaning.summed(list(bound.items()), Product((value(law), Call("log", (ratio,)))))

    def _at_letters(self, node: Node, letters: tuple[Symbol, ...]) -> Node:
        """An expression in densities, written without arguments, at the letters."""
        if isinstance(node, Symbol) and node.plain in self.names:
            return Call(node.plain, letters)
        return node if isinstance(node, Call) else map_children(node, lambda c: self._at_letters(c, letters))

    def _letters_of(self, law: Node) -> tuple[Symbol, ...]:
        match law:
            case Sum() | Product() | Quotient():
                inside = {self._letters_of(p) for p in walk(law) if isinstance(p, Symbol) and p.plain in self.names}
                if len(inside) == 1:
                    return inside.pop()
            case Symbol() if law.plain in self.names and not self.laws[law.plain].joint:
                count = self.laws[law.plain].places
                return tuple(Symbol(letter) for letter in ("x", "y", "z")[:count])
            case Symbol() if law.plain in self.names:
                slots = sorted({_slot(i) for c in self.calls if c.name == law.plain for i in _split(c).items})
                raise Undecidable(f"whether {law.plain} stands for the law of {' and '.join(slots)}")
            case Call(name) if name in self.names:
                letters = [i for i in _split(law).items if isinstance(i, Symbol)]
                if letters and len(letters) == len(_split(law).items):
                    return tuple(letters)
        raise Undecidable("a divergence of something that is no density")


# --- parts of written probability --------------------------------------------------------------------------


def _kind(text: str) -> str:
    try:
        return declaration(text).kind
    except DeriveError:
        return ""


def _letter(name: str) -> str:
    """The letter that a density's name begins with, without accents."""
    known = [part for part in name.split("_") if part not in ("hat", "bar", "tilde")]
    return known[0] if known else ""


def _named(node: Node) -> Iterator[str]:
    match node:
        case Symbol():
            yield node.plain
        case Call(name):
            yield name


def _drawn(item: Node) -> Iterator[Symbol]:
    match item:
        case Relation((head, _), ("~",)):
            yield from (s for s in (head.items if isinstance(head, Vector) else (head,)) if isinstance(s, Symbol))
        case Symbol():
            yield item
        case Call():
            yield from (i for i in _split(item).items if isinstance(i, Symbol))


def _split(call: Call) -> Applied:
    """The arguments of a density."""
    match call.args:
        case (Given(items, given, "|"),):
            behind = [g for part in given for g in (part.items if isinstance(part, Given) else (part,))]
            return Applied(call.name, items, tuple(behind))
        case (Given(items, given, ";"),):
            return Applied(call.name, items, (), given)
    return Applied(call.name, call.args)


def _sides(args: tuple[Node, ...]) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """What stands before a bar and behind it."""
    match args:
        case (Given(items, given, _),):
            return items, given
    return args, ()


def _slot(item: Node) -> str:
    """The name of the quantity that an argument is a value of."""
    match item:
        case Relation((Symbol() as head, _), ("=",)):
            return _slot(head)
        case Symbol():
            return item.plain
        case Indexed(base):
            return base.plain
    raise Undecidable("a density at a value that is no letter")


def _quantity(item: Node) -> str:
    """The same for a law that is stated: ``p(x')`` is the law of x at another value."""
    return _slot(item).removesuffix(_PRIME)


def _value(item: Node) -> Node:
    match item:
        case Relation((_, value), ("=",)):
            return value
    return item


def _events(items: tuple[Node, ...]) -> list[Node]:
    return [e for i in items for e in (i.items if isinstance(i, Statements) else (i,))]


def _indicator(event: Node) -> Node:
    if not isinstance(event, Relation):
        raise Undecidable("the probability of something that is no event")
    return Cases(((ONE, event), (ZERO, None)))


def _free_letters(node: Node) -> Iterator[Symbol]:
    match node:
        case Symbol():
            yield node
        case Expectation(args=args, over=()):
            _, given = _sides(args)
            for g in given:
                yield from (() if isinstance(g, Relation) else _free_letters(g))
            return
        case Indexed(_, indices):
            for i in indices:
                yield from _free_letters(i)
            return
    for child in children(node):
        if not isinstance(node, Symbol):
            yield from _free_letters(child)


def _random_letters(
    operators: Sequence[Expectation | Call], taken: frozenset[str], parts: list[Node], outside: frozenset[Symbol]
) -> frozenset[Symbol]:
    """The letters that are random where no law is stated; ``taken`` are the names that mean something else."""
    inside = {p for o in operators for a in o.args for p in walk(a) if isinstance(p, Symbol)}
    letters = {s for s in inside - _of_indices(parts) if s.plain not in taken}
    capital = {s for s in letters if len(s.name) == 1 and s.name.isascii() and s.name.isupper()}
    alone = {_base(i) for o in operators for side in _sides(o.args) for i in _events(side)}
    if capital:
        known = {_base(g) for o in operators for g in _events(_sides(o.args)[1])}
        return frozenset(capital - (outside - alone - known))
    letters -= outside
    return frozenset(letters & alone) or frozenset(letters)


def _base(node: Node) -> Node:
    """The letter that an argument is, or is a member or a value of."""
    head = node.sides[0] if isinstance(node, Relation) else node
    return head.base if isinstance(head, Indexed) else head


def _of_indices(parts: list[Node]) -> set[Symbol]:
    """The letters that count: indices of sums, their bounds, and the indices of families."""
    found = {p.index for p in parts if isinstance(p, (SumOver, ProductOver))}
    ends = [e for p in parts if isinstance(p, (SumOver, ProductOver)) for e in (p.lower, p.upper) if e is not None]
    ends += [i for p in parts if isinstance(p, Indexed) for i in p.indices]
    return found | {s for e in ends for s in walk(e) if isinstance(s, Symbol)}


def _outside(node: Node, operators: set[Node]) -> Iterator[Symbol]:
    """The letters of a statement that stand in no operator."""
    if isinstance(node, Symbol):
        yield node
    elif node not in operators:
        for child in children(node):
            yield from _outside(child, operators)


def _at_outcome(node: Node, random: frozenset[Symbol]) -> Node:
    """Every random quantity as a function of the outcome."""
    match node:
        case Symbol() if node in random:
            return Indexed(node, (_OUTCOME,))
        case Indexed(base, indices) if base in random:
            return Indexed(base, (*indices, _OUTCOME))
        case Expectation():
            return node
    return map_children(node, lambda c: _at_outcome(c, random))


def _known(meaning: Meaning, letters: tuple[Symbol, ...], law: Call, body: Node, written: bool) -> Node:
    """The mean under a law with a name: normal by mean and variance, a coin by its probability, uniform by its ends."""
    if len(letters) != 1:
        raise Undecidable(f"several letters drawn from {law.name}")
    (letter,) = letters
    bound = meaning.fresh()
    with meaning.blocking(letter):
        inner = substitute(meaning.unfold(body) if written else body, {letter: bound})
    args = [meaning.unfold(a) for a in _split(law).items]
    if (found := mean_under(law.name, args, inner, bound)) is not None:
        return found
    if law.name in _NORMAL and len(args) == 2:
        mean, variance = args
        square = Quotient(Power(Sum((bound, Negative(mean))), TWO), Product((TWO, variance)))
        weight = Quotient(Power(E, Negative(square)), Root(Product((TWO, PI, variance))))
        return Integral(Product((weight, inner)), bound, Negative(INFINITY), INFINITY)
    if law.name in _COIN and len(args) == 1:
        one, none = (substitute(inner, {bound: n}) for n in (ONE, ZERO))
        return Sum((Product((args[0], one)), Product((Sum((ONE, Negative(args[0]))), none))))
    if law.name in _UNIFORM and len(args) == 2:
        return Quotient(Integral(inner, bound, args[0], args[1]), Sum((args[1], Negative(args[0]))))
    if (spelled_out := _written(law.name, args, inner, bound, meaning.laws.positive)) is not None:
        return spelled_out
    raise Undecidable(f"the law {law.name}")


def _by_factorials(node: Node) -> Node:
    """A row's formula without the names that have a meaning of their own."""
    node = map_children(node, _by_factorials)
    match node:
        case Call("binom", (n, k), 0):
            return binomial(n, k)
    return node


_FAMILIES = {
    "Bin": "binomial", "Binomial": "binomial", "Geom": "geometric", "Geometric": "geometric", "Poisson": "Poisson",
    "Pois": "Poisson", "Poi": "Poisson", "Exp": "exponential", "Exponential": "exponential", "Laplace": "Laplace",
    "Gamma": "gamma", "Ga": "gamma", "Beta": "beta", "Be": "beta",
}  # fmt: skip
"""The rows of :mod:`derive.distributions` that the names of laws mean."""


def _written(
    name: str, args: Sequence[Node], inner: Node, bound: Symbol, positive: frozenset[Symbol]
) -> Node | None:
    """The mean as a sum or an integral over the density."""
    family = FAMILIES.get(_FAMILIES.get(name, ""))
    if family is None or len(args) != len(family.parameters):
        return None
    put_in: dict[Node, Node] = {p.symbol: value for p, value in zip(family.parameters, args, strict=True)}
    weight = substitute(_by_factorials(family.formula), {**put_in, X: bound})
    low, high = (substitute(end, put_in) for end in family.bounds)
    body = Product((weight, inner))
    mean: Node = SumOver(body, bound, low, high) if family.discrete else Integral(body, bound, low, high)
    for parameter, value in zip(family.parameters, args, strict=True):
        if parameter.domain == "positive" and isinstance(value, Symbol) and value not in positive:
            mean = Provided(mean, Relation((value, ZERO), (">",)))
    return mean

