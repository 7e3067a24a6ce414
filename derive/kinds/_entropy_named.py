r"""Entropy and cross-entropy of named families: minus the mean of the log density, by the same steps as a divergence.

Called by the kind ``entropy``. The entropy of a density may be negative and depends on the unit of the outcome; both
are said.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.distributions import X
from derive.errors import DeriveError, about
from derive.goals import simple
from derive.kinds._divergence_families import Named
from derive.kinds._divergence_figure import figure
from derive.kinds._divergence_named import (
    averaged,
    check,
    context_of,
    covered,
    densities,
    expectation,
    opened,
    stated,
)
from derive.kinds._divergence_table import divergence_of
from derive.kinds._entropy_exact import Quantity, rounding_of
from derive.kinds._entropy_given import family_of
from derive.kinds._entropy_units import units
from derive.kinds._shared import listed
from derive.problem import Problem
from derive.steps import Chain, Context, Derivation, Formula, Heading, Level, Paragraph, Part, Prose, Step
from derive.tree import INFINITY, Call, Expectation, Negative, Node, Relation, Sum, Symbol, walk
from derive.write.text import text


def solve_named(problem: Problem) -> Derivation:
    """The entropy of one family, or the entropies and the divergence of two.

    DeriveError for a mass beside a density.
    """
    given, names = problem.given, tuple(problem.given["names"])
    keys = ("p", "q") if given["q"] is not None else ("p",)
    named = [Named(*family_of(given[key], key)) for key in keys]
    for one, key in zip(named, keys, strict=True):
        check(one, key)
    with about("q"):
        if len({one.family.discrete for one in named}) > 1:
            raise DeriveError("one side has masses and the other a density: their cross-entropy is not defined",
                              "take two families of the same sort")
    names = names[: len(named)]
    context = context_of(problem.domains, named, names)
    parts: list[Part] = densities(named, names)
    found = [_told(named[0], named[0], (names[0],), parts, context)]
    if len(named) == 2:
        found.append(_told(named[0], named[1], names, parts, context))
        found += _gap(found[0], found[1], names, parts)
    parts += _remark(named[0], names[0])
    parts += units(found)
    parts += figure(named, names, found[-1])
    results = [r for one in found for r in one.results(given["base"])]
    said = tuple(stated(one, name) for one, name in zip(named, names, strict=False))
    asked: tuple[Prose, ...] = tuple((one.label,) for one in found)
    return Derivation(problem.title, problem.kind, said, asked, tuple(parts), tuple(results), context)


def _told(p: Named, q: Named, names: Sequence[Symbol], parts: list[Part], context: Context) -> Quantity:
    """``-E_p[log q(x)]``, derived at the end of the parts."""
    label, name = Call("H", tuple(names)), f"H({', '.join(map(text, names))})"
    kind = "entropy" if len(names) == 1 else "cross-entropy"
    own = Call("log", (Call(names[-1].plain, (X,)),))
    parts.append(Heading((label,)))
    inside, needs = covered(p, q, context)
    if not inside:
        parts.append(Paragraph((
            names[0], " gives a positive probability to outcomes that are impossible under ", names[1],
            ": the cross-entropy is infinite.",
        )))
        return Quantity(label, name, INFINITY)
    if needs:
        parts.append(Paragraph(("This holds where ", *listed(needs), "; otherwise it is infinite.")))
    sums = opened(q)
    log = Call("log", (q.density,))
    parts.append(Formula(Relation((label, Negative(expectation(own, names[0]))), ("=",)),
                         f"definition of the {kind}; natural logarithm, so in nats"))
    if sums.node != log:
        step = Step(log, sums.node, "laws of logarithms", "Of a product, a quotient and a power.", level=Level.ALGEBRA)
        parts.append(Chain((step,), own))
    found = averaged(Negative(expectation(sums.node, names[0])), sums, p, names[0], -1)
    parts += found.parts(label)
    return Quantity(label, name, found.value, number=found.number)


def _gap(own: Quantity, cross: Quantity, names: Sequence[Symbol], parts: list[Part]) -> list[Quantity]:
    """The divergence as what the cross-entropy has more."""
    if cross.value == INFINITY:
        return []
    label = divergence_of(*names)
    start: Node = Sum((cross.value, Negative(own.value)))
    value = simple(start)
    words: Prose = ("The cross-entropy exceeds the entropy by the divergence: ",
                    Relation((label, Sum((cross.label, Negative(own.label)))), ("=",)), ".")
    steps = [Step(start, value, "simplify", "", level=Level.ALGEBRA)] if value != start else []
    left = any(isinstance(n, Expectation) for n in walk(value)) and cross.is_number and own.is_number
    found = cross.in_nats - own.in_nats if left else None
    steps += rounding_of(value, found)
    parts.append(Paragraph(words))
    parts += [Chain(tuple(steps), label)] if steps else []
    return [Quantity(label, f"KL({text(names[0])} || {text(names[1])})", value, number=found)]


def _remark(p: Named, name: Symbol) -> list[Part]:
    if p.family.discrete:
        return []
    words = ("This is the entropy of a density (differential entropy): it may be negative, and it changes with the "
             "unit in which the outcome is measured, by the logarithm of the factor.")
    return [Paragraph((words,), remark=True)]
