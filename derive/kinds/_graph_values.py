"""Numbers put into the formulas of named quantities, one after the other, and remembered.

Called by the kinds over :mod:`derive.graph` and :mod:`derive.networks`. A value is exact while its digits are few;
what follows from a rounded one is rounded. Every chain brings along what its letters stand for, so that the verifier
holds each line against the numbers that were put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from derive.engine import once
from derive.errors import MathError
from derive.goals import end_of, simplify
from derive.kinds._by_hand import Style, has_decimals, is_rounded, worked
from derive.numeric.value import value_of
from derive.rules.algebra import ARITHMETIC, SUBSTITUTION
from derive.steps import Chain, Definition, Formula, Level, Paragraph, Part, Step
from derive.tree import Call, Node, Relation, Symbol, free_symbols, substitute
from derive.write.text import text

ROUNDED = ("Decimals that do not end are rounded to six significant digits; the lines after that calculate with the "
           "rounded numbers, so the last digit may differ by a few units from one way of calculating to another.")


class Numbers:
    """What the letters stand for so far.

    ``values`` are the numbers; ``meaning`` what the verifier is told: the formula of a quantity with an exact value,
    the number of an input and of a rounded quantity; ``formulas`` what each quantity was worked out from. ``rounded``
    says whether any number was rounded.
    """

    def __init__(self, values: Mapping[Symbol, Node]) -> None:
        self.values = dict(values)
        self.meaning = dict(values)
        self.decimals = has_decimals(values.values())
        self.rounded = False
        self.formulas: dict[Symbol, Node] = {}
        self._rounded: set[Symbol] = set()
        self._precise: dict[Symbol, float] = {}

    def copy(self) -> Numbers:
        """The same letters, to go on from separately."""
        made = Numbers(self.values)
        made.meaning, made.decimals, made.rounded = dict(self.meaning), self.decimals, self.rounded
        made.formulas, made._rounded = dict(self.formulas), set(self._rounded)
        return made

    def where(self, *nodes: Node) -> tuple[Definition, ...]:
        """What the letters in some expressions stand for, and the letters in that."""
        found: dict[Symbol, Node] = {}
        open_ = list(nodes)
        while open_:
            used = sorted(free_symbols(open_.pop()), key=lambda s: s.plain)
            new = {s: self.meaning[s] for s in used if s in self.meaning and s not in found}
            found |= new
            open_ += new.values()
        return tuple(Definition(s, (), body) for s, body in self.meaning.items() if s in found)

    def put_in(self, node: Node) -> Node:
        """The expression with the numbers in place of the letters."""
        values: Mapping[Any, Node] = self.values
        return substitute(node, values)

    def worked(self, node: Node) -> list[Step]:
        """The lines from an expression without letters to its value. MathError where there is none.

        A function of a number comes first, by its own rule: ReLU(-11) = 0.
        """
        first = once(node, ARITHMETIC) if isinstance(node, Call) else None
        style = Style(self.decimals, rounded=self.rounded)
        found = worked(node, style) if first is None else [first, *worked(first.after, style)]
        self.rounded = self.rounded or is_rounded(found)
        return found

    def steps(self, node: Node) -> list[Step]:
        """Substitute, then evaluate; nothing for a number."""
        put = self.put_in(node)
        first = [Step(node, put, SUBSTITUTION[0].name, "The numbers are put in.", level=Level.ARITHMETIC)]
        rest = simplify(put) if free_symbols(put) else self.worked(put)
        return (first if put != node else []) + rest

    def keep(self, name: Symbol, value: Node, formula: Node, steps: Iterable[Step]) -> None:
        """From now on a letter stands for a number; for its formula too while nothing was rounded on the way.

        What has letters left is not put in later: the name stands for it.
        """
        if free_symbols(value):
            self.meaning[name] = formula
            return
        self.values[name] = value
        self.formulas[name] = formula
        rounded = is_rounded(steps) or not self._rounded.isdisjoint(free_symbols(formula))
        if rounded:
            self._rounded.add(name)
        self.meaning[name] = value if rounded else formula

    def derive(self, name: Symbol, formula: Node, left: Node | None = None) -> Part:
        """The value of a named quantity as a chain, and remembered. MathError, naming it, where it has none."""
        try:
            steps = self.steps(formula)
        except MathError as error:
            hint = error.hint or "choose other values"
            raise MathError(f"{name.plain} = {text(formula)} has no value: {error.message}", hint) from error
        where = self.where(formula)
        self.keep(name, end_of(formula, steps), formula, steps)
        if not steps:
            return Formula(Relation((left or name, formula), ("=",)))
        return Chain(tuple(steps), left or name, where)

    def precise(self, name: Symbol) -> float:
        """The value of a quantity in double precision, with nothing rounded on the way."""
        if name not in self._precise:
            value = self.formulas.get(name, self.values[name])
            self._precise[name] = value_of(value, {s: self.precise(s) for s in free_symbols(value)})
        return self._precise[name]

    @property
    def exact(self) -> tuple[Definition, ...]:
        """What the letters without rounding stand for, inputs among them."""
        return tuple(Definition(s, (), body) for s, body in self.meaning.items() if s not in self._rounded)

    def note(self, was: bool = False) -> list[Part]:
        """The remark on rounding, where something was rounded that was not ``was`` before."""
        return [Paragraph((ROUNDED,), remark=True)] if self.rounded and not was else []
