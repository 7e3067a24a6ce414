r"""Backpropagation with numbers: forward values, derivatives, one update of every parameter, and a gradient check.

Called by the backpropagation kind. Numbers are put in by :class:`derive.kinds._graph_values.Numbers`, exact or with
stated rounding; the check evaluates the forward formulas alone, in double precision, and knows nothing of the
derivatives that it checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from derive.backward import Backward, Found
from derive.errors import MathError
from derive.goals import end_of
from derive.kinds._backprop_given import Setup
from derive.kinds._backprop_locals import known_kinks
from derive.kinds._by_hand import SIGNIFICANT
from derive.kinds._graph_values import Numbers
from derive.kinds._network_softmax import softmax
from derive.kinds._shared import listed
from derive.networks import SOFTMAX
from derive.numeric.evaluate import compile as compiled
from derive.numeric.value import value_of
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Prose, Step, Table
from derive.tree import (
    ZERO,
    Call,
    Derivative,
    Negative,
    Node,
    Number,
    Product,
    Relation,
    Sum,
    Symbol,
    free_symbols,
    map_children,
    numeric,
    walk,
)
from derive.write.numbers import approximate
from derive.write.text import text

RATE = Symbol("eta")  # the learning rate
STEP = 1e-5  # of a central difference; its error is of the order of the square
AGREES = 1e-6  # relative error up to which derivative and difference count as the same
EPSILON = 2.0**-52  # the relative rounding error of a number in double precision
ROUNDINGS = 4  # roundings that the difference of two outputs may suffer
SAME, TO_ROUNDING = "agrees", "rounding"
WRITTEN = 24  # updates that are written out line by line


class Worked:
    """The numbers of a sweep: ``values`` of the derivatives as written, ``precise`` in double precision."""

    def __init__(self, given: Setup, made: Backward) -> None:
        self.given, self.made = given, made
        self.numbers = Numbers(given.values)
        self.values: dict[Symbol, Node] = {}
        self.at_kink: set[Symbol] = set()

    # --- forward ---

    def forward(self) -> list[Part]:
        """The value of every quantity; a softmax over large sums with the shift."""
        words = "Every quantity is computed from those before it and is stored."
        parts: list[Part] = [Heading(("Forward pass",)), Paragraph((words,))]
        net, done = self.given.net, set[Symbol]()
        last = net.layers[-1] if net is not None and net.layers[-1].activation == SOFTMAX else None
        for q in self.given.graph.quantities:
            if q.name in done:
                continue
            if last is not None and q.name == last.outputs[0]:
                more, _ = softmax(last, self.numbers)
                parts += more
                done.update(last.outputs)
            else:
                parts.append(self._value(q))
        return parts + self.numbers.note()

    def _value(self, q: Definition) -> Part:
        """A quantity's number. MathError where it has none, with the way out for a saturated output."""
        try:
            return self.numbers.derive(q.name, q.body)
        except MathError as error:
            loss = self.given.loss
            if loss is None or q.name not in (self.given.output, *self.given.terms) or "cross" not in loss.name:
                raise
            raise MathError(f"{error.message}: the prediction is 0 or 1 to six digits",
                            f'"{loss.name} with logits" has a value there too') from error

    # --- backward ---

    def backward(self) -> list[Part]:
        """The number of every derivative that was found, in the order in which they were found."""
        was = self.numbers.rounded
        parts: list[Part] = [Heading(("The derivatives in numbers",))]
        for found in self.made.found:
            if numeric(found.value) is not None:
                self.values[found.of] = found.value
                continue
            parts += self._one(found)
        return parts + self._said_kinks() + self.numbers.note(was)

    def _one(self, found: Found) -> list[Part]:
        value = self._conventional(found.value)
        if value != found.value:
            self.at_kink.add(found.of)
        left = found.name if found.letter is None else found.letter
        try:
            steps = self.numbers.steps(value)[: 1 if isinstance(value, Symbol) else None]
        except MathError as error:
            raise MathError(f"{text(found.name)} has no value: {error.message}", error.hint) from error
        end = self.values[found.of] = end_of(value, steps)
        where = self.numbers.where(value)
        if found.letter is not None:
            self.numbers.keep(found.letter, end, value, steps)
            self.numbers.meaning[found.letter] = end
        return [Chain(_in_one(steps), left, where) if steps else Formula(Relation((left, value), ("=",)))]

    def _conventional(self, node: Node) -> Node:
        """The formula with 0 for the sign of a number that is 0, as programs take it."""
        match node:
            case Call("sign", (Symbol() as s,), 0) if numeric(self.numbers.values.get(s, node)) == 0:
                return ZERO
        return map_children(node, self._conventional)

    def _said_kinks(self) -> list[Part]:
        """A remark where a number lies exactly on a kink."""
        at = self.on_kink()
        if not at:
            return []
        words: Prose = ("On a kink: ", *listed(at), (". There the function with the kink has no derivative; the values "
                        "above are made with the one that programs put in by convention."))
        return [Paragraph(words, remark=True)]

    def on_kink(self) -> list[Node]:
        """That the argument of a function with a kink is exactly there: z = 0."""
        found = dict[Node, None]()
        for q, _ in known_kinks(self.given.graph):
            for call in (n for n in walk(q.body) if isinstance(n, Call)):
                argument = kink_of(call)
                if argument is not None and not value_of(argument, self._at(argument)):
                    found[Relation((argument, ZERO), ("=",))] = None
        return list(found)

    def _at(self, node: Node) -> dict[Symbol, float]:
        return {s: self.numbers.precise(s) for s in free_symbols(node)}

    def precise(self, symbol: Symbol) -> float:
        """A derivative in double precision, with nothing rounded on the way."""
        value = self._conventional(self.made.by[symbol].value)
        return value_of(value, self._at(value))

    # --- one update ---

    def update(self, rate: Node) -> tuple[list[Part], dict[Symbol, Node], float]:
        """Every parameter after one step of gradient descent, and the output there in double precision."""
        output = self.given.output
        step = RATE
        asked = [s for s in self.made.asked if s in self.given.graph.inputs]
        rule = Relation((stepped(asked[0]), Sum((asked[0], Negative(Product((step, _name(self, asked[0]))))))), ("=",))
        words: Prose = (("All parameters take one step against their derivatives at the same time, with the learning "
                        "rate "), Relation((step, rate), ("=",)), ":")
        parts: list[Part] = [Heading(("One step of gradient descent",)), Paragraph(words), Formula(rule)]
        new: dict[Symbol, Node] = {}
        chains: list[Part] = []
        for s in asked:
            start = Sum((self.given.values[s], Negative(Product((rate, self.values[s])))))
            steps = self.numbers.worked(start)
            new[s] = end_of(start, steps)
            moved = stepped(s)
            chains.append(Chain(_together(steps), moved) if steps else Formula(Relation((moved, new[s]), ("=",))))
        parts += chains if len(asked) <= WRITTEN else [_updates(self, new)]
        exact = {s: value_of(self.given.values[s]) - value_of(rate) * self.precise(s) for s in asked}
        after = Forward(self.given)({**_floats(self.given.values), **exact})
        before = Forward(self.given)(_floats(self.given.values))
        parts.append(Paragraph(("With them ", output, *_change(before, after), ".")))
        return parts, new, after

    # --- the check ---

    def check(self) -> list[Part]:
        """Every derivative beside a central difference of the forward formulas."""
        run, point = Forward(self.given), _floats(self.given.values)
        asked = [s for s in self.made.asked if s in point]
        h = approximate(STEP, 1)
        words: Prose = ("The forward formulas alone are evaluated in double precision with one parameter changed by ",
                        Relation((Symbol("h"), h), ("=",)), " up and down; half the difference over ", Symbol("h"),
                        " is compared with the derivative found above. Up to a relative error of ",
                        approximate(AGREES, 1), " they agree.")
        header: tuple[Prose, ...] = (("by",), ("backpropagation",), ("central difference",), ("relative error",),
                                     ("verdict",))
        rows: list[tuple[Prose, ...]] = []
        agree = 0
        for s in asked:
            exact = self.precise(s)
            high, low = (run({**point, s: point[s] + step}) for step in (STEP, -STEP))
            difference = (high - low) / (2 * STEP)
            largest = max(abs(exact), abs(difference))
            error = abs(exact - difference) / (largest or 1.0)
            noise = ROUNDINGS * EPSILON * max(abs(high), abs(low)) / STEP
            verdict = self._verdict(s, run, point, error, noise / (largest or 1.0))
            agree += verdict in (SAME, TO_ROUNDING)
            rows.append(((s,), (approximate(exact),), (approximate(difference),), (approximate(error, 2),), (verdict,)))
        more = [Paragraph((_NOISE,), remark=True)] if any(row[-1] == (TO_ROUNDING,) for row in rows) else []
        caption = f"Gradient check: {agree} of {len(asked)} agree."
        return [Heading(("Gradient check",)), Paragraph(words), Table(header, tuple(rows), (caption,)), *more]

    def _verdict(
        self, symbol: Symbol, run: Forward, point: Mapping[Symbol, float], error: float, noise: float
    ) -> str:
        """What the check says of one derivative; ``noise`` is the relative rounding error of the difference."""
        if run.crosses(point, symbol, known_kinks(self.given.graph)):
            return "kink between"
        return SAME if error <= AGREES else TO_ROUNDING if error <= noise else "differs"


_NOISE = ("Rounding: the difference of two nearly equal numbers has a rounding error of its own, about that of the "
          "output divided by the step. Where a derivative is so small that this counts, more digits cannot agree.")


def _in_one(steps: list[Step]) -> tuple[Step, ...]:
    """The numbers put in, and what comes out in one line with the lines to it inside."""
    return (*steps[:1], *_together(steps[1:]))


def _together(rest: list[Step]) -> tuple[Step, ...]:
    """Lines of arithmetic as one, with what it consists of inside."""
    if len(rest) < 2:
        return tuple(rest)
    if _is_tie(rest[-1].before):
        return (*_together(rest[:-1]), rest[-1])
    sign = "~=" if any(s.relation == "~=" for s in rest) else "="
    name = "round" if sign == "~=" else "work out"
    made = Step(rest[0].before, rest[-1].after, name, rest[-1].reason, sign, Level.ARITHMETIC, steps=tuple(rest))
    return (made,)


def _is_tie(node: Node) -> bool:
    """Whether a number lies half way between two rounded ones, so that its rounding is a line of its own."""
    spelled = "".join(n.text for n in walk(node) if isinstance(n, Number)).replace(".", "").strip("0")
    return numeric(node) is not None and len(spelled) == SIGNIFICANT + 1 and spelled.endswith("5")


def _change(before: float, after: float) -> Prose:
    """How a number changes: falls from 2 to 1, stays at 1."""
    if after == before:
        return " stays at ", approximate(before)
    return (" falls" if after < before else " rises"), " from ", approximate(before), " to ", approximate(after)


def _name(worked: Worked, symbol: Symbol) -> Derivative:
    name = worked.made.by[symbol].name
    assert isinstance(name, Derivative)
    return name


def stated_rate(rate: Node | None) -> tuple[Prose, ...]:
    """The learning rate, where there is one."""
    return () if rate is None else (("the learning rate ", Relation((RATE, rate), ("=",))),)


def asked_step(rate: Node | None) -> tuple[Prose, ...]:
    """What is asked for besides the derivatives where there is a learning rate."""
    return () if rate is None else (("the parameters after one step of gradient descent",),)


def stepped(symbol: Symbol) -> Symbol:
    """The name of a parameter after the step."""
    return Symbol(symbol.name, symbol.sub, f"{symbol.sup}+", symbol.accent, symbol.font)


def _updates(worked: Worked, new: Mapping[Symbol, Node]) -> Table:
    header: tuple[Prose, ...] = (("parameter",), ("value",), ("derivative",), ("after the step",))
    rows: list[tuple[Prose, ...]] = [((s,), (worked.given.values[s],), (worked.values[s],), (v,))
                                     for s, v in new.items()]
    return Table(header, tuple(rows), ("One step for every parameter.",))


def _floats(values: Mapping[Symbol, Node]) -> dict[Symbol, float]:
    return {s: value_of(v) for s, v in values.items()}


class Forward:
    """The forward formulas as a function of the numbers of all inputs, in double precision."""

    def __init__(self, given: Setup) -> None:
        self.output = given.output
        needed = given.graph.reaching(given.output)
        self.program: list[tuple[Symbol, list[Symbol], Callable[..., Any]]] = []
        for q in given.graph.quantities:
            if q.name in needed:
                used = sorted(free_symbols(q.body), key=lambda s: s.plain)
                self.program.append((q.name, used, compiled(q.body, used)))

    def values(self, point: Mapping[Symbol, float]) -> dict[Symbol, float]:
        """All quantities."""
        known = dict(point)
        for name, used, function in self.program:
            known[name] = float(function(*(known[s] for s in used)))
        return known

    def __call__(self, point: Mapping[Symbol, float]) -> float:
        return self.values(point)[self.output]

    def crosses(
        self, point: Mapping[Symbol, float], symbol: Symbol, kinks: list[tuple[Definition, str]]
    ) -> bool:
        """Whether an argument of a function with a kink changes its side when a parameter is changed by the step."""
        sides = [self.values({**point, symbol: point[symbol] + step}) for step in (STEP, 0.0, -STEP)]
        for q, _ in kinks:
            for call in (n for n in walk(q.body) if isinstance(n, Call)):
                if isinstance(argument := kink_of(call), Node):
                    signs = {_sign(value_of(argument, {s: at[s] for s in free_symbols(argument)})) for at in sides}
                    if len(signs) > 1:
                        return True
        return False


def kink_of(call: Call) -> Node | None:
    """What is zero at the kink of a function; None for a function without one."""
    match call:
        case Call("relu" | "lrelu" | "abs", (argument,)):
            return argument
        case Call("max" | "min", (first, second)):
            return second if first == ZERO else Sum((first, Negative(second)))
    return None


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
