"""Measures worked out: formula, numbers put in, exact fraction, decimal; where there is none, why not.

Called by the kinds that test classifiers. A line that calculates keeps the finer lines inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from derive.errors import MathError
from derive.kinds._by_hand import EXACT_DIGITS, digits, is_rounded, number_of
from derive.kinds._graph_values import Numbers
from derive.numeric.exact import exact
from derive.numeric.metrics import METRICS, Counts
from derive.steps import Chain, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import Node, Quotient, Sum, Symbol, free_symbols, number, numeric, substitute, walk
from derive.write.numbers import approximate

DIGITS = 6  # of the decimals that results end in

LABELS: Mapping[str, Symbol] = {
    "error rate": Symbol("error", font="rm"),
    "false positive rate": Symbol("FPR"),
    "F1": Symbol("F", "1"),
    "balanced accuracy": Symbol("accuracy", "balanced"),
    "Matthews correlation": Symbol("MCC"),
}
"""The names in formulas of the measures whose own name is no single word."""


def label_of(metric: str, of: str = "") -> Symbol:
    """A measure's name in a formula, of one class where ``of`` names one."""
    label = LABELS.get(metric, Symbol(metric))
    if not of:
        return label
    if label.sub and of.isdigit():
        return Symbol(label.name, label.sub, f"({of})")
    return Symbol(label.name, f"{label.sub},{of}" if label.sub else of, font=label.font)


def calculated(node: Node, numbers: Numbers) -> list[Step]:
    """Numbers put in, then the exact value in one line, then its decimal. MathError where there is no value."""
    return condensed(numbers.steps(node), bool(free_symbols(node)))


def condensed(steps: Sequence[Step], put: bool = False) -> list[Step]:
    """Lines of arithmetic told as one, with the finer ones inside; a fraction gets its decimal.

    ``put`` says that the first line puts numbers in, which stays a line of its own.
    """
    lines, rest = list(steps[:put]), list(steps[put:])
    if not rest:
        return [*lines, *decimals(lines[-1].after)] if lines else []
    relation = "~=" if is_rounded(rest) else "="
    if len(rest) > 1:
        inside = [s for s in rest if s.relation != "~="]
        last = rest[-1] if relation == "~=" else None
        rest = [_one(inside)] if inside else []
        rest += [_exactly(last)] if last is not None else []
    return [*lines, *rest, *decimals(rest[-1].after)]


def _exactly(step: Step) -> Step:
    """A line that rounds; where its value is a rational number after all, with that."""
    value = exact(step.before, {})
    if value is None or len(str(value)) > EXACT_DIGITS:
        return step
    return Step(step.before, number(value), "work out", "Roots and logarithms have whole values.",
                level=Level.ARITHMETIC)


def _one(steps: Sequence[Step]) -> Step:
    """Several lines as one."""
    if len(steps) == 1:
        return steps[0]
    return Step(steps[0].before, steps[-1].after, "work out", "Products first, then sums.", level=Level.ARITHMETIC,
                steps=tuple(steps))


def decimals(value: Node) -> list[Step]:
    """The line from a fraction to its decimal; none where it is a whole number or a decimal already."""
    found = numeric(value)
    if found is None or not any(isinstance(n, Quotient) for n in walk(value)):
        return []
    shown = approximate(found, DIGITS)
    relation = "=" if numeric(shown) == found else "~="
    return [Step(value, shown, "as a decimal", "The division." if relation == "=" else f"To {DIGITS} digits.", relation,
                 Level.ARITHMETIC)]


def measure(
    metric: str, counts: Counts, of: str = "", name: str = "", brief: bool = False, shown: bool = True
) -> tuple[list[Part], list[Result]]:
    """A measure of a class against the rest as a chain and a result; a paragraph that says why there is none.

    ``of`` marks the letters of one class among several; ``name`` is the result's; ``brief`` leaves out the formula,
    where it stands above.
    """
    row, name = METRICS[metric], name or metric
    letters = {s: Symbol(s.name, of) for s in counts.values}
    formula = _renamed(row.formula, letters)
    label = label_of(metric, of)
    missing = undefined(metric, counts)
    if missing:
        words: Prose = (f"The {name} does not exist: ", *missing, ". ", _PRINTED)
        return [Paragraph(words, remark=True)], [Result(name, None, label, shown, number="undefined")]
    chain, result = quantity(name, label, formula, {letters[s]: v for s, v in counts.values.items()})
    return [shortened(chain) if brief else chain], [replace(result, shown=shown)]


def shortened(chain: Chain) -> Chain:
    """A chain that begins with the numbers put in, where the formula itself stands above."""
    return Chain(chain.steps[1:], chain.left) if len(chain.steps) > 1 else chain


def quantity(name: str, label: Symbol, formula: Node, values: Mapping[Symbol, Node]) -> tuple[Chain, Result]:
    """The value of a formula as a chain, and the exact one as a result. MathError where there is none."""
    numbers = Numbers(values)
    steps = calculated(formula, numbers)
    put = numbers.put_in(formula)
    value = exact(put, {})
    last = steps[-1]
    end = written(value) if value is not None else last.before if last.relation == "~=" else last.after
    return Chain(tuple(steps), label, numbers.where(formula)), Result(name, end, label, number=float(number_of(put)))


def written(value: Fraction) -> Node:
    """The exact number where it is short, else rounded."""
    node = number(value)
    return node if digits(node) <= EXACT_DIGITS else approximate(value)


_PRINTED = "Some programs print 0 there; that is a convention and no measurement."


def _renamed(node: Node, letters: Mapping[Symbol, Symbol]) -> Node:
    return substitute(node, {a: b for a, b in letters.items() if a != b})


_WHY: Mapping[frozenset[str], str] = {
    frozenset({"TP", "FP"}): "nothing was predicted to be positive",
    frozenset({"TP", "FN"}): "nothing is positive",
    frozenset({"TN", "FP"}): "nothing is negative",
    frozenset({"TN", "FN"}): "nothing was predicted to be negative",
    frozenset({"TP", "FP", "FN"}): "nothing is positive or was predicted to be",
}
"""What it means that a sum of counts, of these letters, is 0."""


def undefined(metric: str, counts: Counts) -> Prose:
    """Why a measure has no value, as words; empty where it has one."""
    values = {s: numeric(v) or 0 for s, v in counts.values.items()}
    try:
        exact(METRICS[metric].formula, values)  # type: ignore[arg-type]
    except MathError:
        pass
    else:
        return ()
    sums = [n for n in walk(METRICS[metric].formula) if isinstance(n, Sum)]
    for part in sums:
        letters = frozenset(s.name for s in free_symbols(part))
        if letters in _WHY and not any(values[s] for s in free_symbols(part)):
            return (part, " = 0, for ", _WHY[letters])
    return ("its denominator is 0",)
