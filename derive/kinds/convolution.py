r"""Convolutions: output size, every output, the gradients in index notation and written out, as a matrix, checked.

What is given is read by :mod:`derive.kinds._convolution_given`; :mod:`derive.kinds._convolution_formula` derives the
gradients for any sizes, :mod:`derive.kinds._convolution_entries` writes them out for the sizes at hand;
:mod:`derive.kinds._convolution_matrix` has the same as a matrix product, :mod:`derive.kinds._convolution_check` the
central differences. As deep learning does, the kernel is not flipped unless that is asked for (Goodfellow, Bengio and
Courville, Deep Learning, 2016, section 9.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.kinds._convolution_check import gradient_check
from derive.kinds._convolution_entries import Written
from derive.kinds._convolution_formula import Notation, gradients
from derive.kinds._convolution_given import (
    DELTA,
    LOSS,
    B,
    Convolution,
    Place,
    W,
    X,
    Y,
    setup,
    spoken_shape,
)
from derive.kinds._convolution_matrix import as_matrix
from derive.kinds._convolution_words import backward_words, flipped_words, meaning_words, size_parts
from derive.kinds._graph_values import Numbers
from derive.problem import Field, Problem
from derive.rules.indices import member
from derive.steps import (
    Chain,
    Context,
    Definition,
    Derivation,
    Figure,
    Formula,
    Heading,
    Paragraph,
    Part,
    Prose,
    Result,
    Value,
)
from derive.tree import ZERO, Derivative, Matrix, Node, Relation, Symbol, Vector, free_symbols

SUMMARY = "1-D and 2-D convolution: outputs by hand, gradients derived and written out, as a matrix product"

FIELDS = (
    Field("input", "any", "numbers or letters in a list, in rows, with channels in a list of these",
          example="[1, 2, 0, -1, 3]"),
    Field("input_size", "any", "instead of the input, its size; the entries are letters", example="[5]"),
    Field("kernel", "any", "the weights; with channels (outputs, channels, ...)", example="[2, -1, 1]"),
    Field("kernel_size", "any", "instead of the kernel, its size; the weights are letters", example="[3]"),
    Field("bias", "any", "a number or a letter, with channels one for each output channel; none when not given",
          example="1"),
    Field("stride", "any", "how far the kernel moves, for all axes or for each", default=1, example="2"),
    Field("padding", "any", 'zeros on either side, for all axes or for each; or "same", "valid"', default=0,
          example="1"),
    Field("dilation", "any", "how far apart the weights stand, for all axes or for each", default=1, example="1"),
    Field("flip", "boolean", "whether the kernel is flipped: the convolution of mathematics", default=False,
          example="false"),
    Field("upstream", "any", "the derivative of the loss by each output, shaped as the output; letters when not given",
          example="[1, -2]"),
    Field("loss", "formula", "instead of that, the loss as a formula in the outputs y_0, y_1 and so on",
          example=r"'\frac{1}{2} y_0^2 + \frac{1}{2} y_1^2'"),
    Field("backward", "boolean", "whether to derive the gradients", default=True, example="true"),
    Field("matrix", "boolean", "whether to show the same as a matrix product (one axis, no channels)", default=True,
          example="true"),
    Field("figure", "boolean", "whether to draw the kernel on the input", default=True, example="true"),
)
STARTER = ("input", "kernel", "bias", "stride", "padding")


def solve(problem: Problem) -> Derivation:
    """Size, outputs, gradients, matrix form, check.

    DeriveError for arrays and numbers that do not fit together (:func:`derive.kinds._convolution_given.setup`).
    """
    given = setup(problem.given)
    numbers = Numbers({**dict.fromkeys(given.padding, ZERO), **given.values})
    written = Written(given, numbers)
    parts = [*size_parts(given), *_forward(given, written)]
    results = [_result("output", Y, given.output_places, written)]
    if problem.given["figure"]:
        parts.append(_figure(given, written))
    if problem.given["backward"]:
        parts += _in_letters(given)
        parts += _by_hand(given, written)
        results += _gradient_results(given, written)
    if problem.given["matrix"] and len(given.axes) == 1 and given.channels is None:
        parts += as_matrix(given, written, problem.given["backward"])
    if problem.given["backward"]:
        parts += gradient_check(given, written)
    known = (*(Definition(s, (), ZERO) for s in given.padding), *(() if numbers.rounded else written.meaning))
    context = Context({DELTA: "real", **problem.domains}, known)
    told = tuple(_without(part, known) for part in parts)
    return Derivation(problem.title, problem.kind, _given(given), _asked(given, problem.given["backward"]),
                      told, tuple(results), context)


def _without(part: Part, known: tuple[Definition, ...]) -> Part:
    """A chain without the definitions that hold everywhere."""
    return replace(part, where=tuple(d for d in part.where if d not in known)) if isinstance(part, Chain) else part


# --- what is given and asked ------------------------------------------------------------------------


def _given(given: Convolution) -> tuple[Prose, ...]:
    rows: list[Prose] = [("the input ", _shown(given, X, given.input_places)),
                         ("the kernel ", _shown(given, W, given.kernel_places))]
    if given.has_bias:
        rows.append(("the bias " if given.outputs is None else "the biases ",
                     *_listed([_equation(name, given.values.get(name)) for name in given.biases])))
    axes = given.axes
    for word, values in (("stride", [a.stride for a in axes]), ("dilation", [a.dilation for a in axes]),
                         ("padding", [a.before for a in axes])):
        if set(values) != {0 if word == "padding" else 1}:
            rows.append((f"{word} {values[0] if len(set(values)) == 1 else spoken_shape(values)}",))
    if given.flip:
        rows.append(("the kernel is flipped",))
    if given.upstream:
        rows.append(("the upstream gradient ", _shown(given, DELTA, given.output_places)))
    if given.loss is not None:
        rows.append(("the loss ", Relation((LOSS, given.loss), ("=",))))
    return tuple(rows)


def _equation(name: Symbol, value: Node | None) -> Node:
    return name if value is None else Relation((name, value), ("=",))


def _listed(nodes: Sequence[Node]) -> Prose:
    words: list[str | Node] = []
    for i, node in enumerate(nodes):
        words += [", "] if i else []
        words.append(node)
    return tuple(words)


def _shown(given: Convolution, base: Symbol, places: Sequence[Place]) -> Node:
    """A family as the array of its values, with its letter."""
    values = {p: given.values.get(member(base, p), member(base, p)) for p in places}
    return Relation((base, arranged(values)), ("=",))


def arranged(values: dict[Place, Node]) -> Node:
    """Entries by their indices as coordinates, as a matrix, or as a list of these where there are channels."""
    axes = len(next(iter(values)))
    if axes == 1:
        return Vector(tuple(values.values()))
    if axes == 2:
        rows: dict[int, list[Node]] = {}
        for place, value in values.items():
            rows.setdefault(place[0], []).append(value)
        return Matrix(tuple(tuple(row) for row in rows.values()))
    blocks: dict[int, dict[Place, Node]] = {}
    for place, value in values.items():
        blocks.setdefault(place[0], {})[place[1:]] = value
    return Vector(tuple(arranged(block) for block in blocks.values()))


def _asked(given: Convolution, backward: bool) -> tuple[Prose, ...]:
    asked: list[Prose] = [("the output ", Y)]
    if backward:
        names = [Derivative(LOSS, s, 1, True) for s in (W, *([B] if given.has_bias else []), X)]
        asked.append(("the gradients ", *_listed(names)))
    return tuple(asked)


# --- forward ----------------------------------------------------------------------------------------


def _forward(given: Convolution, written: Written) -> list[Part]:
    letters = Notation(given)
    output = letters.output_channel
    parts: list[Part] = [Heading(("Forward",)), Paragraph(flipped_words(given)),
                         Formula(Relation((letters.y(output, letters.places), letters.output(output, letters.places)),
                                          ("=",)))]
    parts += [part for place in given.output_places for part in written.output(place)]
    return [*parts, *written.numbers.note()]


# --- backward ---------------------------------------------------------------------------------------


def _in_letters(given: Convolution) -> list[Part]:
    """The gradients for any sizes."""
    parts: list[Part] = [Heading(("Backward, for any size",)), *backward_words(given)]
    for derived in gradients(given):
        parts += [derived.local, derived.whole]
    return [*parts, *meaning_words(given)]


def _by_hand(given: Convolution, written: Written) -> list[Part]:
    """The gradients entry by entry."""
    parts: list[Part] = []
    if given.loss is not None:
        parts.append(Heading(("Upstream gradient",)))
        parts += [part for place in given.output_places for part in written.upstream(place)]
    parts.append(Heading(("Gradient by the kernel",)))
    if given.loss is None:
        parts += [Paragraph(("Here the sum of the outputs, each times its upstream gradient, is",)),
                  Formula(Relation((LOSS, written.loss), ("=",)))]
    parts += [part for place in given.kernel_places for part in written.weight(place)]
    if given.has_bias:
        parts.append(Heading(("Gradient by the bias",)))
        parts += [part for k, name in enumerate(given.biases) for part in written.bias(name, k)]
    parts.append(Heading(("Gradient by the input",)))
    return parts + [part for place in given.input_places for part in written.input(place)]


# --- results ----------------------------------------------------------------------------------------


def _gradient_results(given: Convolution, written: Written) -> list[Result]:
    families: list[tuple[str, Symbol, Sequence[Place]]] = [("gradient by the kernel", W, given.kernel_places)]
    if given.has_bias:
        families.append(("gradient by the bias", B, [()] if given.outputs is None else
                         [(o,) for o in range(given.outputs)]))
    families.append(("gradient by the input", X, given.input_places))
    return [_result(name, base, places, written, Derivative(LOSS, base, 1, True)) for name, base, places in families]


def _result(name: str, base: Symbol, places: Sequence[Place], written: Written, label: Node | None = None) -> Result:
    """A family's values as a nested tuple."""
    values = {p: written.found[member(base, p) if p else base] for p in places}
    return Result(name, _nested(values), label or base)


def _nested(values: dict[Place, Node]) -> Value:
    if () in values:
        return values[()]
    blocks: dict[int, dict[Place, Node]] = {}
    for place, value in values.items():
        blocks.setdefault(place[0], {})[place[1:]] = value
    return tuple(_nested(block) for block in blocks.values())


# --- figure -----------------------------------------------------------------------------------------


def _figure(given: Convolution, written: Written) -> Figure:
    from derive.figures.convolution_grid import describe

    def values(base: Symbol, places: Sequence[Place]) -> dict[Place, Node]:
        """What stands in the cells: numbers, short letters, else names."""
        names = {p: member(base, p) for p in places}
        known = {p: written.found.get(s, given.values.get(s, s)) for p, s in names.items()}
        return {p: v if base != Y or not free_symbols(v) else names[p] for p, v in known.items()}

    place = tuple(min(1, a.out - 1) for a in given.axes)
    data = {
        "input": values(X, given.input_places), "kernel": values(W, given.kernel_places),
        "output": values(Y, given.output_places), "place": place, "channels": given.channels is not None,
        "windows": [[a.position(i, k) for k in range(a.kernel)] for a, i in zip(given.axes, place, strict=True)],
        "padding": [(a.before, a.after) for a in given.axes],
    }
    words = "The kernel on the input: each covered number is multiplied by the weight in its corner"
    added = ", the products and the bias are added." if given.has_bias else ", the products are added."
    return Figure("convolution_grid", data, (words + added,), describe(data), "convolution")
