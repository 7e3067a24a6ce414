r"""Derivatives of a map written with the map's own components: ``p_1 (1 - p_1)`` for the softmax.

Two laws of naming, tried on every entry: a component that stands in it as a whole is replaced by its name; where all
components are fractions over one denominator ``S``, each numerator is its component times ``S``. Called by the
``jacobian`` kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.engine import once
from derive.goals import end_of, free_letter, simplify
from derive.kinds._partials import column
from derive.rules import forms
from derive.rules.monomials import Monomial, build, split, terms_of
from derive.steps import Chain, Definition, Paragraph, Part, Step
from derive.tree import (
    ONE,
    Matrix,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    contains,
    map_children,
    size,
    substitute,
    times,
    total,
)


@dataclass(slots=True)
class Written:
    """The matrix in terms of the components, and the parts that lead there.

    ``definitions`` hold in the parts; ``sum_is_one`` are the components when they add up to one, else nothing.
    """

    matrix: Matrix
    parts: list[Part] = field(default_factory=list)
    definitions: tuple[Definition, ...] = ()
    sum_is_one: tuple[Symbol, ...] = ()


def in_components(functions: Sequence[Definition], matrix: Matrix) -> Written | None:
    """The entries with the components' names in them, or None when no entry becomes shorter."""
    fractions = _over_one_denominator(functions, matrix)
    found = Written(matrix)
    if fractions is not None:
        found.definitions = (fractions.naming,)
        found.sum_is_one = tuple(fractions.numerators.values()) if fractions.complete else ()
        found.parts += fractions.told()
    rows = []
    for row in matrix.rows:
        made = []
        for entry in row:
            steps = fractions.steps(entry) if fractions is not None else _named(functions, entry)
            if steps and size(steps[-1].after) < size(entry):
                found.parts.append(Chain(tuple(steps)))
                entry = steps[-1].after
            made.append(entry)
        rows.append(tuple(made))
    found.matrix = Matrix(tuple(rows))
    return found if found.matrix != matrix else None


def _named(functions: Sequence[Definition], entry: Node) -> list[Step]:
    """A component that stands in the entry as a whole is called by its name."""
    names: dict[Node, Node] = {f.body: f.name for f in functions}
    made = substitute(entry, names)
    return [Step(entry, made, "name of the component", "What the component is, is called by its name.")] \
        if made != entry else []


# --- fractions over one denominator ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fractions:
    """Components ``n_k / S``: ``naming`` is ``S``; ``numerators`` maps each ``n_k`` to its component's name."""

    naming: Definition
    numerators: dict[Node, Symbol]
    complete: bool

    @property
    def letter(self) -> Symbol:
        return self.naming.name

    def told(self) -> list[Part]:
        """That each numerator is its component times the denominator, and what the components add up to."""
        given = column(self.numerators)
        products = column(Product((name, self.letter)) for name in self.numerators.values())
        naming = Relation((self.letter, self.naming.body), ("=",))
        step = Step(given, products, "definition of the components", "Numerator is component times denominator.")
        parts: list[Part] = [
            Paragraph(("Write ", naming, " for the common denominator. Then")), Chain((step,)),
        ]
        if self.complete:
            names = total(list(self.numerators.values()))
            parts += [Paragraph(("and the components add up to one:",)),
                      Chain((Step(names, ONE, "sum of the components", "The numerators add up to the denominator."),))]
        return parts

    def steps(self, entry: Node) -> list[Step]:
        """The entry with components for numerators, the denominator cancelled."""
        put_in = self.put_in(entry)
        if put_in == entry:
            return []
        steps = [Step(entry, put_in, "put in", "Numerators are components times the denominator.")]
        steps += simplify(put_in)
        if contains(end_of(entry, steps), self.letter):
            factored = once(end_of(entry, steps), forms.FACTORS)
            steps += [factored, *simplify(factored.after)] if factored else []
        if contains(end_of(entry, steps), self.letter):
            return []
        return steps + self.by_the_sum(end_of(entry, steps))

    def put_in(self, node: Node) -> Node:
        """Denominators are ``S``, a product of numerators in an exponential is taken apart."""
        if node == self.naming.body:
            return self.letter
        if node in self.numerators:
            return Product((self.numerators[node], self.letter))
        monomial = split(node)
        names = {b: self.numerators[b] for b in monomial.powers if b in self.numerators}
        if names and not isinstance(node, (Quotient, Negative)):
            rest = Monomial(monomial.coefficient, {b: e for b, e in monomial.powers.items() if b not in names})
            powers = [build(Monomial(powers={n: monomial.powers[b]})) for b, n in names.items()]
            letters = [self.letter for _ in names]
            others = [] if rest == Monomial() else [self.put_in(build(rest))]
            return times([*(f for pair in zip(powers, letters, strict=True) for f in pair), *others])
        return map_children(node, self.put_in)

    def by_the_sum(self, node: Node) -> list[Step]:
        """``p_2 + p_3`` is ``1 - p_1`` when all components add up to one."""
        made = self.shorter(node) if self.complete else node
        return [Step(node, made, "the components add up to one", "All but one are one minus that one.")] \
            if made != node else []

    def shorter(self, node: Node) -> Node:
        node = map_children(node, self.shorter)
        names = set(self.numerators.values())
        if isinstance(node, Sum) and set(terms_of(node)) < names and len(node.terms) == len(names) - 1:
            rest = next(iter(names - set(node.terms)))
            return Sum((ONE, Negative(rest)))
        return node


def _over_one_denominator(functions: Sequence[Definition], matrix: Matrix) -> _Fractions | None:
    """What the components share when each is a fraction over the same sum."""
    bodies = [f.body for f in functions]
    if not all(isinstance(b, Quotient) and isinstance(b.denominator, Sum) for b in bodies):
        return None
    denominators = {b.denominator for b in bodies if isinstance(b, Quotient)}
    if len(denominators) != 1:
        return None
    denominator = denominators.pop()
    numerators = {b.numerator: f.name for b, f in zip(bodies, functions, strict=True) if isinstance(b, Quotient)}
    letter = free_letter(Matrix(((matrix, *bodies, *numerators.values()),)), Symbol("S"))
    complete = set(terms_of(denominator)) == set(numerators)
    return _Fractions(Definition(letter, (), denominator), numerators, complete)
