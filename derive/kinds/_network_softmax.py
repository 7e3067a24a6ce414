r"""Softmax by hand: directly where the exponentials are small, else after subtracting the largest logit from all.

e^{54}/(e^{54} + e^{18}) is 1/(1 + e^{-36}): nothing overflows, and what is left is the difference of the logits. Called
by the forward pass.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.goals import end_of
from derive.kinds._by_hand import number_of, rounded, rounding, worked
from derive.kinds._graph_values import Numbers
from derive.networks import Layer
from derive.rules.algebra import SUBSTITUTION
from derive.steps import Chain, Level, Paragraph, Part, Step
from derive.tree import ONE, E, Negative, Node, Power, Quotient, Sum, negated, numeric, substitute, total

LARGE = 20.0  # a logit of this size has an exponential of nine digits


def softmax(layer: Layer, numbers: Numbers) -> tuple[list[Part], list[Node]]:
    """The chains for all outputs, and the values: exact after a shift, else rounded."""
    logits = [numbers.values[s] for s in layer.sums]
    values = [float(number_of(v)) for v in logits]
    if max(map(abs, values)) < LARGE:
        return _direct(layer, numbers)
    largest = values.index(max(values))
    parts: list[Part] = [Paragraph((_SHIFT, layer.sums[largest], ", is subtracted from all."))]
    found: list[Node] = []
    for unit, symbol in enumerate(layer.outputs):
        steps, value = _shifted(layer, unit, logits, largest, numbers)
        parts.append(Chain(tuple(steps), symbol, numbers.where(*layer.sums)))
        numbers.keep(symbol, value, layer.activated(unit), ())
        found.append(value)
    return parts, found


_SHIFT = ("The exponentials would be very large or very small. Subtracting the same number from every logit divides "
          "numerator and denominator by the same factor, so the largest one, ")


def _direct(layer: Layer, numbers: Numbers) -> tuple[list[Part], list[Node]]:
    parts = [numbers.derive(layer.outputs[k], layer.activated(k)) for k in range(len(layer.outputs))]
    return parts, [numbers.values[s] for s in layer.outputs]


def _shifted(
    layer: Layer, unit: int, logits: Sequence[Node], largest: int, numbers: Numbers
) -> tuple[list[Step], Node]:
    """From the definition to the difference of the logits, then to decimals where these tell anything."""
    start = layer.activated(unit)
    put = substitute(start, dict(zip(layer.sums, logits, strict=True)))
    shift = logits[largest]
    moved = Quotient(_power(logits[unit], shift), total([_power(v, shift) for v in logits]))
    steps = [Step(start, put, SUBSTITUTION[0].name, "The numbers are put in.", level=Level.ARITHMETIC),
             Step(put, moved, "subtract the largest logit", "It divides numerator and denominator by its exponential.")]
    powers = [Power(E, end_of(p, worked(p))) for p in (Sum((v, Negative(shift))) for v in logits)]
    terms: list[Node] = [ONE if k == largest else p for k, p in enumerate(powers)]
    simple = Quotient(terms[unit], total(terms))
    steps.append(Step(moved, simple, "work out the exponents", "The exponential of 0 is 1.", level=Level.ARITHMETIC))
    if unit != largest and len(logits) == 2:
        other = Quotient(ONE, Sum((ONE, Power(E, negated(powers[unit].exponent)))))
        steps.append(Step(simple, other, "reduce the fraction", "Divided by the exponential above and below."))
    value = steps[-1].after
    decimals = rounded(value)
    if numeric(decimals) != 1:
        steps.append(rounding(value))
    return steps, value


def _power(logit: Node, shift: Node) -> Node:
    return Power(E, Sum((logit, Negative(shift))))
