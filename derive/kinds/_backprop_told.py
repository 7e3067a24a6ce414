r"""How backpropagation is told in letters: what is stored, local derivatives, the sweep, what a derivative depends on.

Called by the backpropagation kind with the :class:`~derive.backward.Backward` that
:mod:`derive.kinds._backward_scalar` has found. Nothing here derives: it puts steps into an order and reads off what
the formulas say.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise

from derive.backward import Backward, Found
from derive.engine import spliced
from derive.functions import FUNCTIONS
from derive.goals import end_of
from derive.kinds._backprop_given import Setup
from derive.kinds._backprop_locals import KINKS, known_kinks, softmax_of
from derive.kinds._backward_scalar import simpler
from derive.kinds._graph_edges import Edge, Edges
from derive.kinds._shared import listed
from derive.rules.monomials import factors_of, terms_of
from derive.steps import Chain, Definition, Heading, Level, Paragraph, Part, Prose, Step, Table
from derive.tree import (
    ONE,
    TWO,
    Call,
    Derivative,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    free_symbols,
    number,
    numeric,
    size,
    substitute,
    unsigned,
    walk,
)

UNFOLDED = 36  # parts of a derivative in stored values; where one is longer, all are written with δ
CLOSED = 90  # parts of a derivative in inputs and weights alone
LISTED = 80  # symbols in the table of what derivatives depend on
DEEP = 3  # sigmoid layers one after the other from which on their bound is worth a remark


class Told:
    """What a sweep has found, in the forms in which it is printed."""

    def __init__(self, given: Setup, made: Backward) -> None:
        self.given, self.made = given, made
        self.letters: dict[Symbol, Found] = {f.letter: f for f in made.found if f.letter is not None}
        self._order = {letter: k for k, letter in enumerate(self.letters)}
        self._unfolded: dict[Symbol, list[Step] | None] = {}
        self._lengths: dict[Symbol, int] = {}

    def unfolded(self, found: Found) -> Node | None:
        """A derivative in stored values, with no δ; None where that is long."""
        if found.of not in self._unfolded:
            self._unfolded[found.of] = self._unfolding(found)
        steps = self._unfolded[found.of]
        return None if steps is None else end_of(found.value, steps)

    @cached_property
    def is_short(self) -> bool:
        """Whether all derivatives that were asked for are short in stored values."""
        return all(self.unfolded(self.made.by[s]) is not None for s in self.made.asked)

    def unfolding(self, found: Found) -> list[Step]:
        """The steps from a derivative with δ to the one without; none for one that has no δ."""
        self.unfolded(found)
        return self._unfolded[found.of] or []

    def meaning(self, value: Node) -> tuple[Definition, ...]:
        """What the letters in a formula stand for, and those in that."""
        inside = [s for s in free_symbols(value) if s in self.letters]
        further = [d for s in inside for d in self.meaning(self.letters[s].value)]
        own = [Definition(s, (), self.letters[s].value) for s in sorted(inside, key=self._order.__getitem__)]
        return tuple(dict.fromkeys((*further, *own)))

    def _unfolding(self, found: Found) -> list[Step] | None:
        value, steps = found.value, list[Step]()
        if self._length(value, {name: f.value for name, f in self.letters.items()}) > 2 * UNFOLDED:
            return None
        while inside := [s for s in free_symbols(value) if s in self.letters]:
            last = max(inside, key=self._order.__getitem__)
            put = spliced(substitute(value, {last: self.letters[last].value}))
            if size(put) > UNFOLDED:
                return None
            steps.append(Step(value, put, "put in δ", "What the letter stands for."))
            value = put
        return steps + (simpler(value) if steps else [])

    def closed(self, found: Found) -> Node | None:
        """A derivative in inputs and parameters alone; None where that is long."""
        value, formulas = self.unfolded(found), self.made.graph.formulas
        if value is None or self._length(value, formulas) > 2 * CLOSED:
            return None
        known: dict[Node, Node] = {q.name: q.body for q in self.made.graph.quantities}
        while value is not None and free_symbols(value) & formulas.keys():
            value = spliced(substitute(value, known))
            value = value if size(value) <= CLOSED else None
        return value

    def _length(self, node: Node, meaning: Mapping[Symbol, Node]) -> int:
        """About how many parts a formula has once all names are put in; nothing is put in for that."""
        lengths = self._lengths
        own = 0
        for part in walk(node):
            own += 1
            if isinstance(part, Symbol) and part in meaning:
                if part not in lengths:
                    lengths[part] = self._length(meaning[part], meaning)
                own += lengths[part]
        return own

    @cached_property
    def occurring(self) -> dict[Symbol, frozenset[Symbol]]:
        """The symbols in each derivative that was asked for, those behind its δ included."""
        behind: dict[Symbol, frozenset[Symbol]] = {}
        for f in self.made.found:
            if f.letter is not None:
                behind[f.letter] = self._symbols(f.value, behind)
        return {s: self._symbols(self.made.by[s].value, behind) for s in self.made.asked}

    def _symbols(self, value: Node, behind: Mapping[Symbol, frozenset[Symbol]]) -> frozenset[Symbol]:
        own = free_symbols(value)
        return frozenset().union(own - behind.keys(), *(behind[s] for s in own & behind.keys()))


# --- forward ----------------------------------------------------------------------------------------


def forward(given: Setup) -> list[Part]:
    """The quantities in order, without numbers."""
    words: Prose = (("Every quantity is computed from those before it and is stored; the derivatives below are written "
                    "with the stored values."),)
    rows: list[tuple[Prose, ...]] = []
    for q in given.graph.quantities:
        kind = _role(given, q)
        long = q.name in given.terms and size(q.body) > UNFOLDED
        rows.append(((q.name,), ("as given",) if long else (q.body,), (kind,)))
    header: tuple[Prose, ...] = (("quantity",), ("formula",), ("what it is",))
    return [Heading(("Forward pass",)), Paragraph(words), Table(header, tuple(rows), ("What is stored.",))]


def _role(given: Setup, q: Definition) -> str:
    if q.name in given.terms:
        return "penalty on the weights" if q.name == given.terms[-1] else _loss_title(given)
    if q.name == given.output and given.targets:
        return "loss with penalty" if given.terms else _loss_title(given)
    layer = given.layer.get(q.name)
    body = q.body
    if softmax_of(body):
        what = "softmax"
    elif isinstance(body, Call) and body.name in FUNCTIONS:
        what = FUNCTIONS[body.name].title
    elif isinstance(body, Symbol):
        what = "the same"
    else:
        what = "weighted sum" if _is_weighted_sum(body) else "formula"
    return f"{what}, layer {layer}" if layer else what


def _is_weighted_sum(body: Node) -> bool:
    """Whether every term is a product of names, their powers and numbers."""
    return all(isinstance(f.base if isinstance(f, Power) else f, Symbol) or numeric(f) is not None
               for term in terms_of(body) for f in factors_of(unsigned(term)))


def _loss_title(given: Setup) -> str:
    return given.loss.title if given.loss is not None else "loss"


# --- local derivatives ------------------------------------------------------------------------------


def local_parts(given: Setup, edges: Edges) -> list[Part]:
    """The derivative of each activation, derived once, and those of the loss where the sweep only puts them in."""
    chosen = _one_of_each(given, edges)
    if not chosen:
        return []
    activated = any(isinstance(_sort(given, edge), str | tuple) and edge.end not in given.terms for edge in chosen)
    words = _STORED if activated else "What the sweep will put in:"
    parts: list[Part] = [Heading(("Local derivatives",)), Paragraph((words,))]
    parts += [edge.chain for edge in chosen]
    more = [q.name for q in given.graph.quantities if isinstance(q.body, Call) and len(q.body.args) == 1]
    if len(more) > len({q.body.name for q in given.graph.quantities if isinstance(q.body, Call)}):
        parts.append(Paragraph(("The other units of the same kind have the same derivative in their own outputs.",)))
    return parts + _kinks(given)


_STORED = "The derivative of an activation is written with its stored output, so that it costs no new function value."


def _one_of_each(given: Setup, edges: Edges) -> list[Edge]:
    """An edge for each activation, two for a softmax, those into the terms of the loss."""
    seen: set[object] = set()
    chosen: list[Edge] = []
    for edge in edges.values():
        key = _sort(given, edge)
        if key is not None and key not in seen:
            seen.add(key)
            chosen.append(edge)
    return chosen


def _sort(given: Setup, edge: Edge) -> object:
    """What edges share whose derivation is the same; None for those that need none."""
    formula = given.graph.formulas[edge.end]
    softmax = softmax_of(formula)
    if softmax is not None:
        return "softmax", softmax[0] == edge.start
    if isinstance(formula, Call) and formula.args == (edge.start,):
        return formula.name
    if given.terms and edge.end == given.terms[0]:
        return edge.start
    return "penalty" if given.terms and edge.end == given.terms[-1] and given.layer.get(edge.start) else None


def _kinks(given: Setup) -> list[Part]:
    """A remark for each function with a kink, said once."""
    names = dict.fromkeys(name for _, name in known_kinks(given.graph))
    parts: list[Part] = []
    for name in names:
        shown = {"max": "maximum", "min": "minimum", "abs": "absolute value"}.get(name, FUNCTIONS[name].text)
        where = "where its two arguments are equal" if name == "max" else "at 0"
        words = f"The {shown} has a kink {where} and no derivative there; programs put in {KINKS[name]}, and so do we."
        parts.append(Paragraph((words,), remark=True))
    return parts


# --- backward ---------------------------------------------------------------------------------------


def sweep_parts(told: Told) -> list[Part]:
    """The adjoints and derivatives, the output's neighbours first."""
    chains = (Chain(found.steps, found.letter) for found in told.made.found)
    return [Heading(("Backward pass",)), Paragraph(_intro(told)), *chains]


def stored_parts(told: Told) -> list[Part]:
    """The derivatives with every δ put in, where all of them are short."""
    if not told.is_short:
        return []
    chains: list[Part] = [
        Chain(tuple(steps), found.name, told.meaning(found.value))
        for found in told.made.found if found.of in told.made.asked and (steps := told.unfolding(found))
    ]
    words: Prose = ("Every ", _DELTA, " is put in, until only stored values and weights are left:")
    return [Heading(("In stored values",)), Paragraph(words), *chains] if chains else []


def _intro(told: Told) -> Prose:
    words: list[str | Node] = ["From the output back to the inputs, by the chain rule."]
    letters = list(told.letters)
    if letters:
        first = told.letters[letters[0]]
        words += [" The letter ", letters[0], " stands for ", first.name, "; "]
        words += ["there is one for every weighted sum. Each " if len(letters) > 1 else "it "]
        words += ["is computed once and used for all weights of its unit and for the layer before it."]
    return tuple(words)


# --- what a derivative depends on -------------------------------------------------------------------


def dependence(given: Setup, told: Told) -> list[Part]:
    """For each parameter what occurs in its derivative, and that it is of its own layer and later ones."""
    layer, asked = given.layer, [s for s in told.made.asked if s in given.parameters]
    if max((layer.get(s, 0) for s in asked), default=0) < 2:
        return []
    parts: list[Part] = [Heading(("What a derivative depends on",))]
    if sum(len(told.occurring[s]) for s in asked) <= LISTED:
        parts += [Paragraph(("The letters that occur in each derivative once every ", _DELTA, " is put in:")),
                  _dependence_table(given, told, asked)]
    early = [s for s in asked if _earliest(given, told, s) < layer[s]]
    if early:
        words: Prose = ("The derivatives by ", *listed(early), (" use earlier layers too: these parameters stand in "
                        "more than one layer."))
        return [*parts, Paragraph(words)]
    return [*parts, Paragraph(_STATEMENT)]


_K, _DELTA = Symbol("k"), Symbol("delta")
_STATEMENT: Prose = (
    "So the derivative by a weight of layer ", _K, " depends only on outputs and weights of layers ", _K, (" and "
    "later, when the output that a weight multiplies is counted to its layer (layer 1 begins with the input). This "
    "is so because its "), _DELTA, " is made of the ", _DELTA, (" of the next layer, the weights between the two and "
    "the derivative of the activation; at the end stands what the weight multiplies. Nothing of the layers before is "
    "needed, and that is why the sweep starts at the output."),
)


def _earliest(given: Setup, told: Told, parameter: Symbol) -> int:
    """The earliest layer in a derivative; an output that feeds layer k counts as of layer k."""
    layer, found = given.layer, []
    for s in told.occurring[parameter]:
        if s in given.parameters:
            found.append(layer[s])
        elif s in layer:
            found.append(layer[s] + (s in given.data or _is_output(given, s)))
    return min(found, default=layer[parameter])


def _is_output(given: Setup, symbol: Symbol) -> bool:
    """Whether a stored value is what later layers are fed with."""
    return any(given.layer.get(u, 0) > given.layer[symbol] for u in given.graph.users[symbol])


def _dependence_table(given: Setup, told: Told, asked: list[Symbol]) -> Table:
    header: tuple[Prose, ...] = (("parameter",), ("layer",), ("weights and biases",), ("stored values",))
    place = {s: k for k, s in enumerate(reversed(given.graph.names))}
    rows: list[tuple[Prose, ...]] = []
    for s in sorted(asked, key=lambda s: -given.layer[s]):
        inside = sorted(told.occurring[s], key=lambda t: place[t])
        weights = [t for t in inside if t in given.parameters]
        values = [t for t in inside if t not in given.parameters]
        rows.append(((s,), (str(given.layer[s]),), listed(weights) or ("none",), listed(values) or ("none",)))
    return Table(header, tuple(rows), ("What occurs in the derivative by each parameter.",))


# --- vanishing --------------------------------------------------------------------------------------


def vanishing(given: Setup, told: Told) -> list[Part]:
    """The bound 1/4 for a factor of a chain of sigmoid units, and what it means for the first layer.

    Nothing for other networks: with several ways back, or another factor than a weight on them, it does not hold.
    """
    units = [q for q in given.graph.quantities
             if isinstance(q.body, Call) and q.body.name == "sigma" and given.layer.get(q.name, 0)]
    if len(units) < DEEP or not all(_feeds_only(given, a.name, b) for a, b in pairwise(units)):
        return []
    h = units[0].name
    start = Product((h, Sum((ONE, Negative(h)))))
    quarter = Quotient(ONE, _FOUR)
    square = Sum((quarter, Negative(Power(Sum((h, Negative(Quotient(ONE, TWO)))), TWO))))
    steps = (Step(start, square, "complete the square", "", level=Level.ALGEBRA),
             Step(square, quarter, "a square is not negative", "", "<=", Level.ALGEBRA))
    words: list[str | Node] = [f"Each of the {len(units)} sigmoid layers puts such a factor into the ", _DELTA,
                               " before it, and each layer between them its weight."]
    last = units[-1].name
    first = next((f for f in told.letters.values() if f.of in given.graph.arguments[h]), None)
    if first is not None:
        assert first.letter is not None
        bound = Product((Power(Quotient(ONE, _FOUR), number(len(units))),
                         Call("abs", (Derivative(given.output, last, 1, True),))))
        words += [" So where no weight is larger than 1 in size, ",
                  Relation((Call("abs", (first.letter,)), bound), ("<=",)), "."]
    words.append(" This is the vanishing gradient: the first layers learn slowest.")
    return [Heading(("The vanishing gradient",)), Chain(steps), Paragraph(tuple(words))]


_FOUR = Number("4")


def _feeds_only(given: Setup, output: Symbol, unit: Definition) -> bool:
    """Whether an output goes into a single unit alone, with a weight: f(w h + ...)."""
    sums = given.graph.arguments[unit.name]
    if given.graph.users[output] != sums or len(sums) != 1 or given.graph.users[sums[0]] != (unit.name,):
        return False
    fed = [set(factors_of(t)) for t in terms_of(given.graph.formulas[sums[0]]) if output in free_symbols(t)]
    return len(fed) == 1 and len(fed[0]) == 2 and not (fed[0] - {output}).isdisjoint(given.parameters)
