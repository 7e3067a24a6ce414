r"""What a convolution's derivation says in words: the size of the output, the flip, what the gradients mean.

Called by :mod:`derive.kinds.convolution`.
"""

from __future__ import annotations

from derive.goals import simplify
from derive.kinds._convolution_formula import Notation
from derive.kinds._convolution_given import DELTA, LOSS, Axis, Convolution, W, X
from derive.rules.algebra import SUBSTITUTION
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Prose, Step
from derive.tree import (
    ONE,
    Call,
    Derivative,
    Indexed,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    SumOver,
    Symbol,
    number,
    substitute,
    times,
    total,
)

_WINDOW = ("A window covers the kernel's places, gaps included. The first one starts where the padding starts; each "
           "next one starts a stride further on, as long as it ends within the padded input.")


def size_parts(given: Convolution) -> list[Part]:
    """The length of the output along each axis: its formula, the numbers put in, the value."""
    parts: list[Part] = [Heading(("Size of the output",)), Paragraph((_WINDOW,))]
    alike = len(set(given.axes)) == 1
    for k, axis in enumerate(given.axes[: 1 if alike else None], 1):
        parts.append(_size(axis, "" if alike else str(k)))
    if alike and len(given.axes) > 1:
        parts.append(Paragraph(("Both axes are alike.",)))
    return parts


def _size(axis: Axis, label: str) -> Part:
    n, kernel, s, d, p, after = (Symbol(name, label, mark) for name, mark in
                                 (("n", ""), ("K", ""), ("s", ""), ("d", ""), ("p", ""), ("p", "'")))
    even = axis.before == axis.after
    padding = [Product((number(2), p))] if even else [p, after]
    room = total([n, *padding, Negative(Product((d, total([kernel, Negative(ONE)])))), Negative(ONE)])
    formula = total([Call("floor", (Quotient(room, s),)), ONE])
    values: dict[Node, Node] = {n: number(axis.size), kernel: number(axis.kernel), s: number(axis.stride),
                                d: number(axis.dilation), p: number(axis.before), after: number(axis.after)}
    put = substitute(formula, values)
    first = Step(formula, put, SUBSTITUTION[0].name, "The numbers are put in.", level=Level.ARITHMETIC)
    where = tuple(Definition(s, (), v) for s, v in values.items() if isinstance(s, Symbol) and (s != after or not even))
    return Chain((first, *simplify(put)), Symbol("m", label), where)


def flipped_words(given: Convolution) -> Prose:
    """Where the indices start, what the padding is, which way the kernel stands."""
    words: list[str | Node] = ["All indices start at 0. "]
    if any(a.before or a.after for a in given.axes):
        words += ["Outside of the input ", X, " is zero: the padding. "]
    if given.flip:
        words.append("The kernel is flipped, as mathematics defines a convolution: the last weight meets the first "
                     "place of the window.")
    else:
        words.append("The kernel is laid on the input as it stands, as deep learning does it (a cross-correlation).")
    return tuple(words)


def backward_words(given: Convolution) -> list[Part]:
    """What the upstream gradient is, and the loss that stands for every loss with it."""
    letters = Notation(given, bounds=False)
    output = letters.output_channel
    delta, y = letters.delta(output, letters.places), letters.y(output, letters.places)
    fixed = letters.over_channels(letters.over_places(Product((delta, y))), output)
    meaning = Relation((delta, Derivative(LOSS, y, 1, True)), ("=",))
    return [Paragraph(("The upstream gradient ", meaning, _THROUGH, fixed, " with fixed ", DELTA,
                       "; each sum runs over all the values of its index."))]


_THROUGH = (" comes from what follows the convolution. The loss depends on weights, bias and inputs only through the "
            "outputs, so by the chain rule its gradients are those of ")


def meaning_words(given: Convolution) -> list[Part]:
    """The gradients read as convolutions again."""
    letters = Notation(given, bounds=False)
    parts: list[Part] = []
    strided = any(a.stride > 1 for a in given.axes)
    gaps = (" The stride leaves gaps: between two entries of the upstream gradient stand as many zeros as the stride "
            "is larger than one." if strided else "")
    kernel = "as it stands" if given.flip else "flipped"
    by_bias = " The gradient by the bias is the sum of the upstream gradient." if given.has_bias else ""
    back = ", read from the end" if given.flip else ""
    apart = ", of which only the places a dilation apart are taken" if any(a.dilation > 1 for a in given.axes) else ""
    spread = " There the weights stand a dilation apart too." if apart else ""
    words = ("So the gradient by the kernel is the cross-correlation of the input with the upstream gradient"
             f"{apart}{back}.{by_bias} The gradient by the input is the cross-correlation of the upstream gradient, "
             f"with zeros around it, with the kernel {kernel}: an indicator is 1 where its equation holds, else 0, and "
             f"picks the one output in which a weight meets the input.{gaps}{spread}")
    parts.append(Paragraph((words,)))
    if len(given.axes) == 1 and given.channels is None and not given.flip:
        parts += _solved(given, letters)
    return parts


def _solved(given: Convolution, letters: Notation) -> list[Part]:
    """The gradient by an input with the indicator's equation solved for the output."""
    (axis,), j, k = given.axes, letters.fixed_inputs[0], letters.taps[0]
    back = k if axis.dilation == 1 else times([Symbol("d"), k])
    place, i = total([j, *([Symbol("p")] if axis.before else []), Negative(back)]), letters.places[0]
    term = Product((Indexed(W, (k,)), Indexed(DELTA, (place if axis.stride == 1 else i,))))
    formula = Relation((Derivative(LOSS, Indexed(X, (j,)), 1, True), SumOver(term, k)), ("=",))
    parts: list[Part] = [Formula(formula, "only where there is such an output")]
    if axis.stride > 1:
        found = Relation((Product((Symbol("s"), i)), place), ("=",))
        parts.append(Paragraph(("with the ", i, " for which ", found, ".")))
    return parts


