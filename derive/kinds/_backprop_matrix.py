r"""Backpropagation in matrix form: a network layer by layer, a batch, or a graph of vectors and matrices.

:func:`solve_matrix` is called by the backpropagation kind. The gradients are found by
:mod:`derive.kinds._backward_matrix`; here they are told: what is stored with its shapes, the laws that are used, the
sweep from the last layer to the first, the gradients with the shapes of their factors, and what each of them depends
on. Numbers are in :mod:`derive.kinds._backprop_matrix_numbers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from derive.backward import Backward, Found
from derive.errors import DeriveError, LimitError
from derive.graph import graph
from derive.kinds._backprop_forms import asked_forms, other_forms
from derive.kinds._backprop_matrix_numbers import numeric_parts, stated_numbers
from derive.kinds._backprop_network import BATCHES, SAMPLES, Layered, Names, layered
from derive.kinds._backprop_numbers import asked_step
from derive.kinds._backward_matrix import backward, shapes_in, with_upstream
from derive.kinds._graph_given import sides
from derive.kinds._network_given import entry
from derive.kinds._shared import listed
from derive.limits import GRAPH_NODES
from derive.losses import Loss, loss_named
from derive.networks import Network
from derive.pattern import build, pattern
from derive.problem import Problem
from derive.read.declared import Declared, stated
from derive.read.latex import read
from derive.rules.functions import DERIVATIVES
from derive.rules.matrices import LAWS, Law
from derive.rules.shapes import NUMBER, ONES, UNIT, Shape, Shapes, shape_of
from derive.steps import Chain, Context, Definition, Derivation, Formula, Heading, Paragraph, Part, Prose, Result, Table
from derive.tree import (
    ONE,
    Call,
    Derivative,
    Entrywise,
    GradientOf,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Transpose,
    free_symbols,
    unsigned,
    walk,
)

_UPSTREAM = "UGDQVS"
"""Letters for the gradient by a layer's output; small for a vector."""


def solve_matrix(problem: Problem, net: Network | None, loss: Loss | None, form: str) -> Derivation:
    """The derivation in matrix form: of ``net`` with ``loss``, or of the problem's ``nodes`` where there is no net.

    ``form`` is ``matrix`` or ``batch``. DeriveError where shapes do not fit, naming the layer or the node and both, and
    for a network without a loss.
    """
    if net is None:
        return _of_nodes(problem)
    if loss is None:
        raise DeriveError("the matrix form of a network needs a loss: without one there are several outputs",
                          'loss = "categorical cross-entropy"')
    strengths = {key: entry(problem.given[key], key) for key in ("l1", "l2") if problem.given.get(key) is not None}
    made = layered(net, loss, form, strengths.get("l1"), strengths.get("l2"), problem.given.get("letter"))
    by = _asked_of(problem, made)
    back = backward(made.graph, made.domains, made.output, by, made.letters, made.ones)
    told = _Told(back, made)
    numbers, results = numeric_parts(problem, net, made, back)
    parts = [*told.stored(), *told.laws(), *told.sweep(), *told.summary(), *told.dependence(), *numbers]
    general = {} if numbers or "l1" in strengths else made.any_width
    widths = {s: domain for s, domain in general.items() if s in back.domains}
    context = Context({**problem.domains, **back.domains, **widths}, back.definitions)
    given, asked = _given(net, loss, made), told.asked(bool(numbers))
    if numbers:
        given = (*given, *stated_numbers(problem, net, made))
        asked = (*asked, *asked_step(problem.given.get("learning_rate")))
    return Derivation(problem.title, problem.kind, given, asked, tuple(parts), (*told.results(), *results), context)


def _asked_of(problem: Problem, made: Layered) -> Sequence[Symbol]:
    by: Sequence[Symbol] = problem.given.get("by") or ()
    names = (*made.by, made.inputs, *(s for layer in made.layers for s in (layer.sums, layer.outputs)))
    for symbol in by:
        if symbol not in names:
            known = ", ".join(s.plain for s in names)
            raise DeriveError(f"the matrix form has no {symbol.plain}", f"names are {known}")
    return tuple(dict.fromkeys(by)) or made.by


def _of_nodes(problem: Problem) -> Derivation:
    """The same for a graph of vectors and matrices that is given by its nodes."""
    if problem.given.get("loss") is not None:
        raise DeriveError("loss: with nodes of vectors and matrices the loss is the last node",
                          f"write it as a formula, 'L = {_in_letters(problem.given['loss'])}' for vectors p and y, "
                          "and leave out loss")
    whole = graph([Definition(left, (), body) for left, body in map(sides, problem.given["nodes"])])
    if len(whole.names) > GRAPH_NODES:
        raise LimitError(f"a graph with {len(whole.names)} quantities is too large: at most {GRAPH_NODES}")
    domains = {s: text for s, text in problem.domains.items() if s in whole.names}
    output, upstream = whole.output, None
    shapes = shapes_in(whole, domains)
    if shapes.of(output) != NUMBER:
        taken = {s.name for s in whole.names}
        letters = _UPSTREAM.lower() if shapes.of(output)[1] == 1 else _UPSTREAM
        upstream = Symbol(next(c for c in letters if c not in taken))
        letter = problem.given.get("letter") or Symbol(next(c for c in ("L", "E", "J", "C") if c not in taken))
        whole, domains = with_upstream(whole, domains, output, upstream, letter)
        output = letter
    by = tuple(dict.fromkeys(problem.given.get("by") or ())) or tuple(
        s for s in whole.inputs if s != upstream and (s in problem.domains or s == SAMPLES) and s in domains
        and shape_of(domains[s]) not in (None, NUMBER)
    )
    if not by:
        raise DeriveError("the nodes have no vector or matrix to differentiate by",
                          "declare the letters in [symbols], W = \"matrix m x d\", or say by = ['W']")
    back = backward(whole, domains, output, by)
    told = _Told(back, None, upstream)
    more, results = other_forms(problem.given.get("forms") or (), back)
    parts = [*told.stored(), *told.laws(), *told.sweep(), *told.summary(), *more]
    context = Context({**problem.domains, **back.domains}, back.definitions)
    formulas: tuple[Prose, ...] = tuple(
        (Relation((q.name, q.body), ("=",)),) for q in whole.quantities if upstream is None or q.name != output
    )
    asked = (*told.asked(), *asked_forms(problem.given.get("forms") or ()))
    return Derivation(problem.title, problem.kind, formulas, asked, tuple(parts), (*told.results(), *results), context)


def _in_letters(name: str) -> str:
    """The formula of a loss for vectors, as an example; that of the squared error for no known name."""
    with suppress(DeriveError):
        return loss_named(name).vector or loss_named(name).unit
    return loss_named("half squared error").vector


def _given(net: Network, loss: Loss, made: Layered) -> tuple[Prose, ...]:
    sizes = "-".join(map(str, net.sizes))
    rows = listed([Relation((q.name, q.body), ("=",)) for q in made.graph.quantities
                   if q.name not in (made.output, *made.terms)])
    last = [q for q in made.graph.quantities if q.name in (made.output, *made.terms)]
    batch: tuple[Prose, ...] = (("a batch of ", SAMPLES, " samples, a row of ", made.inputs, " each"),)
    what = "a target in whose rows" if made.form == BATCHES else "a target whose"
    targets: tuple[Prose, ...] = tuple((f"{what} entries add up to 1, ", _adds_up(y, made.form)) for y in made.ones)
    return ((f"a {sizes} network, ", *rows), *(batch if made.form == BATCHES else ()),
            (f"the loss ({loss.title}), ", *listed([Relation((q.name, q.body), ("=",)) for q in last])), *targets)


def _adds_up(target: Symbol, form: str) -> Relation:
    """That the entries of a vector, or of each row, add up to 1."""
    sides = (Product((target, ONES)), ONES) if form == BATCHES else (Product((Transpose(ONES), target)), ONE)
    return Relation(sides, ("=",))


# --- telling --------------------------------------------------------------------------------------------


class _Told:
    """A sweep in the forms in which it is printed."""

    def __init__(self, back: Backward, made: Layered | None = None, upstream: Symbol | None = None) -> None:
        self.back, self.made, self.upstream = back, made, upstream
        names = {s: shape for s, text in back.domains.items() if (shape := shape_of(text)) is not None}
        self.shapes = Shapes(names)
        small = () if made is None else (s for s in names if s not in (back.output, *made.terms))
        self.sides = _Sides(self.shapes, frozenset(s for s in small if names[s] == NUMBER))

    def asked(self, in_numbers: bool = False) -> tuple[Prose, ...]:
        what = "the gradient " if len(self.back.asked) == 1 else "the gradients "
        how = f" in stored outputs{' and in numbers' if in_numbers else ''}"
        return ((what, *listed([self.back.by[s].name for s in self.back.asked]), how),)

    def stored(self) -> list[Part]:
        """The quantities and their shapes."""
        words: list[str | Node] = ["Each quantity is stored when it is computed. A vector is a column."]
        if any(ONES in free_symbols(q.body) for q in self.back.graph.quantities):
            words += [" ", ONES, " is a column of ones."]
        parts: list[Part] = [Heading(("Forward",)), Paragraph(tuple(words))]
        if self.made is None:
            parts += [Formula(Relation((q.name, q.body), ("=",))) for q in self.back.graph.quantities
                      if self.upstream is None or q.name != self.back.output]
        if self.upstream is not None:
            parts += self._closed()
        rows: list[tuple[Prose, ...]] = [
            ((s,), ("given",), (sides_of(self.shapes.of(s)),)) for s in self.back.graph.inputs
            if self.shapes.names.get(s, NUMBER) != NUMBER
        ]
        rows += [((q.name,), (self._factors(q.body, q.name),), (sides_of(self.shapes.of(q.name)),))
                 for q in self.back.graph.quantities if q.name != self.back.output]
        header: tuple[Prose, ...] = (("quantity",), ("computed from",), ("shape",))
        return [*parts, Table(header, tuple(rows), ("The shapes: rows × columns.",))]

    def _closed(self) -> list[Part]:
        """A number behind a layer that is differentiated by itself."""
        last = self.back.graph.quantities[-1]
        words: Prose = ("What comes after is not given. Let ", last.name, _ANY, self.upstream or ONES, _HELD)
        return [Paragraph(words), Formula(Relation((last.name, last.body), ("=",)))]

    def laws(self) -> list[Part]:
        """The laws that the sweep uses."""
        told = (f for f in self.back.found if f.value != self.upstream)
        used = {name for f in told for name in f.steps[0].rule.split(", ")}
        parts: list[Part] = [Heading(("Laws",)), Paragraph((_LAWS,))]
        for law in LAWS:
            if law.name in used:
                parts += [Formula(node, law.name) for node in self._statements(law)]
        return parts

    def _statements(self, law: Law) -> list[Node]:
        """Its equations: for numbers, vectors or matrices, whichever the graph has."""
        declared = Declared()
        for line in dict.fromkeys(law.declare):
            name, _, says = line.partition(": ")
            declared.add(stated(name, says))
        matrices = any(1 not in self.shapes.of(q.name) for q in self.back.graph.quantities)
        whole = [s for s in law.statements if "U" in s or r"\nabla_Z" in s]
        kept = whole if matrices and whole else [s for s in law.statements if s not in whole] or law.statements
        if not any(isinstance(f.name, Derivative) and law.name in f.steps[0].rule for f in self.back.found):
            kept = [s for s in kept if not s.startswith(r"\frac{\partial}")] or kept
        return [read(statement, declared.names()) for statement in kept]

    def sweep(self) -> list[Part]:
        """The gradients, the last quantity's first."""
        mean = _MEAN if self.made is not None and self.made.form == BATCHES else ""
        parts: list[Part] = [Heading(("Backward",)), Paragraph((_BACK + mean,))]
        layer = {s: k for k, names in enumerate(self.made.layers, 1) for s in _of_layer(names)} if self.made else {}
        before = 0
        for f in self._ordered(layer):
            if f.value == self.upstream and f.of not in self.back.asked:
                continue
            k = layer.get(f.of, 0)
            if k and k != before and len(self.made.layers if self.made else ()) > 1:
                parts.append(Paragraph((f"Layer {k}.",)))
                before = k
            parts.append(Chain(f.steps, f.letter))
        return parts

    def _ordered(self, layer: Mapping[Symbol, int]) -> list[Found]:
        """Layer by layer: first what passes the gradient on, then the parameters."""
        if self.made is None:
            return list(self.back.found)
        top = len(self.made.layers) + 1
        return sorted(self.back.found, key=lambda f: (-layer.get(f.of, top), f.of in self.made.by if self.made else 0))

    def summary(self) -> list[Part]:
        """The letters and the gradients that were asked for, with the shapes of their factors."""
        shown = [f for f in self.back.found if f.letter is not None or f.of in self.back.asked]
        shown.sort(key=lambda f: f.of in self.back.asked)
        rows: list[tuple[Prose, ...]] = []
        for f in shown:
            name = Relation((f.letter, f.name), ("=",)) if f.letter is not None else f.name
            rows.append(((name,), (self._factors(f.value, f.of),), (sides_of(self.shapes.of(f.of)),)))
        header: tuple[Prose, ...] = (("gradient",), ("shapes in its formula",), ("shape",))
        return [Heading(("The gradients",)), *self._general(), Paragraph((_SHAPES,)),
                Table(header, tuple(rows), ("Every gradient has the shape of that by which it is taken.",)),
                *self._kinks()]

    def _general(self) -> list[Part]:
        """The two formulas for every layer but the last."""
        if self.made is None or len(self.made.layers) < 3 or self.made.terms:
            return []
        batch = self.made.form == BATCHES
        delta, weights, sums, outputs = ("Delta", "W", "Z", "H") if batch else ("delta", "W", "z", "h")

        def at(letter: str, layer: str) -> Symbol:
            return Symbol(letter, sup=f"({layer})")

        above = (at(delta, "l+1"), at(weights, "l+1")) if batch else (Transpose(at(weights, "l+1")), at(delta, "l+1"))
        slope = Call("f", (at(sums, "l"),), 1)
        passed = Relation((at(delta, "l"), Entrywise((Product(above), slope))), ("=",))
        pair = (Transpose(at(delta, "l")), at(outputs, "l-1")) if batch else (at(delta, "l"),
                                                                             Transpose(at(outputs, "l-1")))
        gradient = Relation((GradientOf(self.made.output, (at(weights, "l"),)), Product(pair)), ("=",))
        return [Paragraph(("So for every layer l before the last, with its activation f,",)), Formula(passed),
                Formula(gradient)]

    def _kinks(self) -> list[Part]:
        """What the slopes of functions with cases are."""
        found = [n for f in self.back.found for n in walk(f.value) if isinstance(n, Call)]
        calls = {n.name for n in found if n.order == 1}
        z = Symbol("z")
        parts: list[Part] = []
        for name in sorted(calls & DERIVATIVES.keys()):
            slope = build(pattern(DERIVATIVES[name].derivative), {"u": z})
            parts.append(Formula(Relation((Call(name, (z,), 1), slope), ("=",)), "in every entry"))
        if parts:
            parts.append(Paragraph((_KINK,), remark=True))
        if any(n.name == "sign" for n in found):
            parts.append(Paragraph((_SIGN,), remark=True))
        return parts

    def dependence(self) -> list[Part]:
        """On which weights each gradient depends, read off the formulas."""
        if self.made is None or len(self.made.layers) < 2:
            return []
        behind = self._behind()
        rows: list[tuple[Prose, ...]] = []
        layers = {s: k for k, names in enumerate(self.made.layers, 1) for s in (names.weights, names.biases) if s}
        for k, names in enumerate(self.made.layers, 1):
            if names.weights not in self.back.asked:
                continue
            found = behind[names.weights]
            weights = [s for s in self.made.by if s in found]
            rest = [s for s in self.back.graph.names if s in found and s not in self.made.by]
            if any(layers[s] <= k and s not in self._penalised() for s in weights):
                return []
            rows.append(((self.back.by[names.weights].name,), listed(weights) if weights else ("none",), listed(rest)))
        header: tuple[Prose, ...] = (("gradient",), ("parameters in it",), ("stored quantities in it",))
        words = _LATER + _PENALISED if self.made.terms else _LATER
        return [Heading(("What a gradient depends on",)), Paragraph((words,)),
                Table(header, tuple(rows), ("Read off the formulas, with every letter written out.",))]

    def _penalised(self) -> frozenset[Symbol]:
        return frozenset(names.weights for names in self.made.layers) if self.made and self.made.terms else frozenset()

    def _behind(self) -> dict[Symbol, frozenset[Symbol]]:
        """The names in each gradient, those behind its letters included."""
        letters: dict[Symbol, frozenset[Symbol]] = {}
        found: dict[Symbol, frozenset[Symbol]] = {}
        for f in self.back.found:
            own = free_symbols(f.value)
            found[f.of] = (own - letters.keys()).union(*(letters[s] for s in own if s in letters))
            if f.letter is not None:
                letters[f.letter] = found[f.of]
        return found

    def results(self) -> tuple[Result, ...]:
        """The letters and the gradients."""
        found = [Result(f.letter.plain, f.value, Relation((f.letter, f.name), ("=",)), shown=False)
                 for f in self.back.found if f.letter is not None]
        return (*found, *(Result(f"gradient by {s.plain}", self.back.by[s].value, self.back.by[s].name)
                          for s in self.back.asked))

    def _factors(self, node: Node, of: Symbol) -> str:
        """The shapes of the factors in a formula with the shape of a quantity: ``(8×4)·(4×1) + 8×1``."""
        return self.sides.of(node, self.shapes.of(of)) or "number"


_ANY = " be a number that depends on the output in any way, and "
_HELD = " its gradient by the output; to first order, with this held fixed, it is"
_LAWS = ("Each law says what the gradient u by a result makes of the gradient by what went into it. It is the gradient "
         "of the inner product of u with the formula, u held fixed.")
_BACK = ("From the loss back to the inputs. The gradient by a quantity is the sum of what the quantities that use it "
         "pass on; a letter stands for what is needed again.")
_MEAN = " The factor 1/n of the mean stands in the loss and so in the first gradient; it is not written again."
_SHAPES = ("In each product the inner sides agree, and the outer ones are those of the gradient.")
_KINK = "Where it has no slope programs take 0, or that on the left."
_SIGN = "The absolute value has a kink at 0 and no derivative there; programs put in 0, and so do we."
_LATER = ("A gradient needs the weights of later layers only, those through which its δ has come, and otherwise stored "
          "quantities. So the sweep goes from the last layer to the first, and each δ is computed once.")
_PENALISED = " Only the penalty adds something of the gradient's own weights."


def _of_layer(names: Names) -> Iterable[Symbol]:
    return (s for s in (names.weights, names.biases, names.sums, names.outputs) if s is not None)


def sides_of(shape: Shape) -> str:
    """``8×4``; ``1×1`` for a number."""
    return "×".join(str(side or "?") for side in shape)


@dataclass(frozen=True)
class _Sides:
    """The shapes of the factors in formulas, written below one another's names: ``(8×4)·(4×1) + 8×1``.

    ``wholes`` are vectors and matrices with a single entry; other numbers are left out.
    """

    shapes: Shapes
    wholes: frozenset[Symbol]

    def of(self, node: Node, whole: Shape = (None, None)) -> str:
        """The shapes in a formula; empty for a number. ``whole`` is the shape that columns of ones must make up."""
        match node:
            case Sum(terms):
                whole = self.shapes.of(node)
                return " + ".join(shown for t in terms if (shown := self._term(t, whole)))
            case Negative(operand):
                return self.of(operand, whole)
            case Quotient(top, bottom) if self._is_number(bottom):
                return self.of(top, whole)
            case Entrywise(factors):
                whole = self.shapes.of(node)
                return " ⊙ ".join(self._bracketed(f, whole) for f in factors if not self._is_number(f))
            case Product(factors):
                return self._product([f for f in factors if not self._is_number(f)], whole)
            case Symbol() if node == ONES:
                return sides_of((whole[0], 1))
            case Symbol() if node == UNIT:
                return sides_of(whole)
        return "" if self._is_number(node) else sides_of(self.shapes.of(node))

    def _term(self, node: Node, whole: Shape) -> str:
        """A term of a sum; a product of matrices is written out also where it is a number."""
        inner = unsigned(node)
        return "" if self._is_number(node) and not isinstance(inner, Product) else self.of(node, whole)

    def _product(self, factors: Sequence[Node], whole: Shape) -> str:
        if len(factors) > 1:
            return "·".join(self._factor(factors, i, whole) for i in range(len(factors)))
        return self.of(factors[0], whole) if factors else ""

    def _is_number(self, node: Node) -> bool:
        inner = node.operand if isinstance(node, Transpose) else node
        return inner not in self.wholes and inner != ONES and self.shapes.is_number(node)

    def _factor(self, factors: Sequence[Node], i: int, whole: Shape) -> str:
        """The shape of a factor in brackets; a column of ones is as long as what stands beside it asks."""
        factor = factors[i]
        if factor == ONES:
            return f"({sides_of((self.shapes.of(factors[i - 1])[1] if i else whole[0], 1))})"
        if factor == Transpose(ONES):
            return f"({sides_of((1, self.shapes.of(factors[i + 1])[0] if i + 1 < len(factors) else whole[1]))})"
        return self._bracketed(factor)

    def _bracketed(self, node: Node, whole: Shape = (None, None)) -> str:
        inner = self.of(node, whole)
        return f"({inner})" if inner else inner
