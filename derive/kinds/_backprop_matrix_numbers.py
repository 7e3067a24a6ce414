r"""Numbers in the matrix form: forward, backward and one update, each a line of matrices of numbers.

Called by :mod:`derive.kinds._backprop_matrix`. Numbers are put into the formulas that were derived, the entries written
out, and worked out; values are exact while they are short and rounded, and so marked, after that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from derive.backward import Backward
from derive.declarations import declaration
from derive.errors import DeriveError, MathError
from derive.goals import end_of
from derive.kinds._backprop_network import BATCHES, Layered
from derive.kinds._backprop_numbers import RATE, kink_of, stated_rate
from derive.kinds._by_hand import number_of
from derive.kinds._explicit import explicit, on_kink, slopes, with_all_entries
from derive.kinds._graph_values import Numbers
from derive.kinds._network_given import entry
from derive.kinds._shared import listed
from derive.networks import Network, many
from derive.numeric.programs import Network as Program
from derive.problem import Problem
from derive.rules.algebra import SUBSTITUTION
from derive.steps import Chain, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    Call,
    Indexed,
    Matrix,
    Negative,
    Node,
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


def numeric_parts(problem: Problem, net: Network, made: Layered, back: Backward) -> tuple[list[Part], list[Result]]:
    """The parts with numbers and what came out; nothing where the network has letters.

    DeriveError for numbers that are incomplete, a target of another length, and an update without numbers.
    """
    rate = problem.given.get("learning_rate")
    known = all(s in net.values for s in (*net.inputs, *net.parameters))
    if not known or made.form == BATCHES:
        if rate is not None:
            raise DeriveError("an update needs numbers for one sample: inputs, weights, biases and a target",
                              'give them all with form = "matrix", or leave out the learning rate')
        return [], []
    if problem.given.get("target") is None:
        raise DeriveError("the inputs and the weights are numbers, but there is no target", "target = [0, 1, 0]")
    numbers = Numbers(_values(net, made, problem.given["target"]))
    worked = _Worked(numbers, back)
    parts: list[Part] = [Heading(("With numbers",)), *worked.given()]
    parts += [Paragraph(("Forward:",)), *worked.forward(), Paragraph(("Backward:",)), *worked.backward()]
    results = worked.results()
    if rate is not None:
        more, found = worked.update(rate)
        parts += more
        results += found
    parts += numbers.note()
    if worked.kinks:
        parts.append(Paragraph(_on_kinks(tuple(worked.kinks)), remark=True))
    return parts + (check(back, numbers.values) if problem.given.get("check", True) else []), results


def stated_numbers(problem: Problem, net: Network, made: Layered) -> tuple[Prose, ...]:
    """The numbers of a network that has them, and the learning rate."""
    values = _values(net, made, problem.given["target"])
    numbers: Prose = ("the numbers ", *listed([Relation((s, v), ("=",)) for s, v in values.items()]))
    return (numbers, *stated_rate(problem.given.get("learning_rate")))


def _values(net: Network, made: Layered, target: Any) -> dict[Symbol, Node]:
    """A matrix of numbers for every input of the graph."""
    found: dict[Symbol, Node] = {made.inputs: _column([net.values[s] for s in net.inputs])}
    for layer, names in zip(net.layers, made.layers, strict=True):
        found[names.weights] = Matrix(tuple(tuple(net.values[w] for w in row if w) for row in layer.weights))
        if names.biases is not None:
            found[names.biases] = Matrix(tuple((net.values[b],) for b in layer.biases))
    items = list(target) if isinstance(target, list | tuple) else [target]
    units = made.layers[-1].units
    if len(items) != units:
        raise DeriveError(f"{many(len(items), 'target')} for {many(units, 'output')}", "give a number for each output")
    values = [entry(item, "target") for item in items]
    if any(numeric(v) is None for v in values):
        raise DeriveError("target: expected numbers, as the network has numbers", "target = [0, 1, 0]")
    found[made.target] = _column(values)
    known = (*found, *made.graph.formulas, Symbol("F"))  # the F of a norm is no quantity
    if strange := [s for s in free_symbols(_formulas(made)) if s not in known]:
        raise DeriveError(f"no value is known for {strange[0].plain}", "give a number instead of the letter")
    return found


def _formulas(made: Layered) -> Node:
    """All formulas side by side."""
    return Sum(tuple(q.body for q in made.graph.quantities))


def _column(values: list[Node]) -> Node:
    return values[0] if len(values) == 1 else Matrix(tuple((v,) for v in values))


class _Worked:
    """A network with numbers."""

    def __init__(self, numbers: Numbers, back: Backward) -> None:
        self.numbers, self.back = numbers, back
        self.gradients: dict[Symbol, Node] = {}
        self.kinks: dict[Node, None] = {}

    def given(self) -> list[Part]:
        return [Formula(Relation((s, v), ("=",))) for s, v in self.numbers.values.items()]

    def forward(self) -> list[Part]:
        return [self.derive(q.name, q.body) for q in self.back.graph.quantities]

    def backward(self) -> list[Part]:
        """The letters and the gradients that were asked for."""
        parts: list[Part] = []
        for f in self.back.found:
            formula = self._conventional(f.value)
            if f.letter is not None:
                parts.append(self.derive(f.letter, formula))
                self.gradients[f.of] = self.numbers.values[f.letter]
            if f.of in self.back.asked:
                part, value = self._value(formula, f.name)
                self.gradients[f.of] = value
                parts += [part] if part is not None else []
        return parts

    def _conventional(self, node: Node) -> Node:
        """The formula with numbers for slopes where one does not exist, as programs take them."""
        match node:
            case Call("sign", (argument,), 0) | Call(_, (argument,), 1):
                written = explicit(with_all_entries(self.numbers.put_in(node)))
                if on_kink(written):
                    self.kinks[argument] = None
                    return slopes(written)
        return map_children(node, self._conventional)

    def derive(self, name: Symbol, formula: Node) -> Part:
        """The value of a named quantity, and remembered."""
        steps = self.steps(formula, name.plain)
        where = self.numbers.where(formula)
        self.numbers.keep(name, end_of(formula, steps), formula, steps)
        return Chain(tuple(steps), name, where) if steps else Formula(Relation((name, formula), ("=",)))

    def _value(self, formula: Node, name: Node) -> tuple[Part | None, Node]:
        """The value of a gradient; nothing to tell where it is a letter's."""
        if isinstance(formula, Symbol):
            value = self.numbers.values[formula]
            return Formula(Relation((name, formula, value), ("=", "="))), value
        steps = self.steps(formula, "a gradient")
        return Chain(tuple(steps), name, self.numbers.where(formula)), end_of(formula, steps)

    def steps(self, formula: Node, name: str) -> list[Step]:
        """Put in, written out entry by entry, worked out. MathError, naming the quantity, where there is no value."""
        put = with_all_entries(self.numbers.put_in(formula))
        steps = [Step(formula, put, SUBSTITUTION[0].name, "The numbers are put in.", level=Level.ARITHMETIC)]
        written = explicit(put)
        if written != put:
            steps.append(Step(put, written, "entry by entry", "Rows times columns; functions in every entry.",
                              level=Level.ARITHMETIC))
        if (sloped := slopes(written)) != written:
            steps.append(Step(written, sloped, "slopes", "The slope of the branch in which the number lies.",
                              level=Level.ARITHMETIC))
        try:
            steps += self.numbers.worked(sloped)
        except MathError as error:
            raise MathError(f"{name} has no value: {error.message}", error.hint) from error
        return [s for s in steps if s.before != s.after]

    def update(self, rate: Node) -> tuple[list[Part], list[Result]]:
        """One step of gradient descent for every parameter that was asked for, and the loss after it."""
        words: Prose = ("Each parameter minus the learning rate ", Relation((RATE, rate), ("=",)),
                        " times its gradient:")
        parts: list[Part] = [Heading(("One update",)), Paragraph(words)]
        results: list[Result] = []
        after = dict(self.numbers.values)
        for s in self.back.asked:
            put = Sum((self.numbers.values[s], Negative(Product((rate, self.gradients[s])))))
            written = explicit(put)
            steps = [Step(put, written, "entry by entry", "Each entry for itself.", level=Level.ARITHMETIC)]
            steps += self.numbers.worked(written)
            value = end_of(put, steps)
            after[s] = value
            parts.append(Chain(tuple(steps), _new(s)))
            results.append(Result(f"{s.plain} after the step", _as_value(value), _new(s)))
        more, loss = self._after(after)
        return [*parts, *more], [*results, loss]

    def _after(self, values: Mapping[Symbol, Node]) -> tuple[list[Part], Result]:
        """The loss with the new parameters."""
        inputs = {s: values[s] for s in self.back.graph.inputs if s in values}
        run = _Worked(Numbers(inputs), self.back)
        run.forward()
        output = self.back.output
        was, now = self.numbers.values[output], run.numbers.values[output]
        words = ("With the new parameters the loss is ", now, "; it was ", was, ".")
        return [Paragraph(words)], Result(f"{output.plain} after the step", now, output, shown=False)

    def results(self) -> list[Result]:
        """The outputs, the loss and the gradients in numbers."""
        found = [Result(f"value of {q.name.plain}", _as_value(self.numbers.values[q.name]), q.name, shown=False)
                 for q in self.back.graph.quantities]
        return found + [Result(f"gradient by {s.plain} in numbers", _as_value(self.gradients[s]), self.back.by[s].name)
                        for s in self.back.asked]


def _on_kinks(arguments: Sequence[Node]) -> Prose:
    return ("On a kink: an entry of ", *listed(arguments), (" is 0. There the function with the kink has no "
            "derivative; the values above are made with the one that programs put in by convention."))


# --- gradient check -------------------------------------------------------------------------------------


def check(back: Backward, values: Mapping[Symbol, Node]) -> list[Part]:
    """Every gradient against central differences of the loss, in double precision, entry by entry."""
    arrays = {s: _array(values[s], back.domains.get(s, "")) for s in back.graph.inputs if s in values}
    run = Program(back.program, back.gradients, back.domains, back.output)
    _, gradients = run.loss_and_gradients(arrays)
    rows: list[tuple[Prose, ...]] = []
    for s in back.asked:
        found = np.atleast_1d(gradients[s])
        differences = np.array([_difference(run, arrays, s, k) for k in range(found.size)]).reshape(found.shape)
        largest = float(np.abs(found).max())
        error = float(np.abs(found - differences).max()) / max(largest, _TINY)
        verdict = "agrees" if error < _AGREES else "kink between" if _crosses(run, back, arrays, s) else "differs"
        rows.append(((back.by[s].name,), (str(found.size),), (approximate(largest),), (approximate(error, 2),),
                     (verdict,)))
    header: tuple[Prose, ...] = (("gradient",), ("entries",), ("largest entry",), ("largest relative error",),
                                 ("verdict",))
    words: Prose = (_EVALUATED, approximate(_STEP, 1), _COMPARED)
    return [Heading(("Gradient check",)), Paragraph(words), Table(header, tuple(rows), ("Central differences.",))]


_EVALUATED = ("The forward formulas alone are evaluated in double precision with one entry of one parameter changed "
              "by ")
_COMPARED = (" up and down; half the difference over the change is compared with the gradient found above.")
_STEP, _AGREES, _TINY = 1e-5, 1e-6, 1e-12


def _difference(run: Program, arrays: Mapping[Symbol, np.ndarray[Any, Any]], symbol: Symbol, k: int) -> float:
    """The central difference of the loss by one entry of one parameter."""
    ends = [float(run.values(_moved(arrays, symbol, k, step), run.loss)[0]) for step in (_STEP, -_STEP)]
    return (ends[0] - ends[1]) / (2 * _STEP)


def _crosses(
    run: Program, back: Backward, arrays: Mapping[Symbol, np.ndarray[Any, Any]], symbol: Symbol
) -> bool:
    """Whether an argument of a function with a kink changes its side when an entry is changed by the step."""
    calls = (n for q in back.graph.quantities for n in walk(q.body) if isinstance(n, Call))
    kinks = [k for k in map(kink_of, calls) if k is not None and not any(isinstance(n, Indexed) for n in walk(k))]
    for k in range(arrays[symbol].size):
        ends = [run.values(_moved(arrays, symbol, k, step), *kinks) for step in (-_STEP, 0.0, _STEP)]
        if any(np.any(np.sign(before) != np.sign(after)) for pair in pairwise(ends)
               for before, after in zip(*pair, strict=True)):
            return True
    return False


def _moved(
    arrays: Mapping[Symbol, np.ndarray[Any, Any]], symbol: Symbol, k: int, step: float
) -> dict[Symbol, np.ndarray[Any, Any]]:
    """The numbers with one entry of one parameter changed."""
    moved = np.array(arrays[symbol], dtype=float)
    moved.flat[k] += step
    return {**arrays, symbol: moved}


def _array(node: Node, domain: str) -> np.ndarray[Any, Any]:
    """Numbers as an array of the declared shape: (), (m,) or (r, c)."""
    rows = node.rows if isinstance(node, Matrix) else ((node,),)
    made = np.array([[float(number_of(entry)) for entry in row] for row in rows])
    kind = declaration(domain).kind
    return made if kind == "matrix" else made[:, 0] if kind == "vector" else made[0, 0]


def _new(symbol: Symbol) -> Symbol:
    """The name of a parameter after the step."""
    return Symbol(symbol.name, symbol.sub or "new", symbol.sup, symbol.accent, symbol.font)


def _as_value(node: Node) -> Any:
    """A number, a vector as a tuple, a matrix as a tuple of tuples."""
    if not isinstance(node, Matrix):
        return node
    rows = node.rows
    return tuple(row[0] for row in rows) if len(rows[0]) == 1 else rows


