"""A product seen as a number times powers of bases, and back: what the algebra rules compute with.

``split`` takes any written term apart into a :class:`Monomial`; ``build`` writes one in the customary order
(number, constants, letters, exponentials, functions, brackets). ``split`` and ``build`` never change the value, and
nothing here searches or expands. Called by :mod:`derive.rules.algebra`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from derive import limits
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Constant,
    Derivative,
    E,
    Indexed,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    Vector,
    decimal,
    negated,
    number,
    numeric,
    times,
    walk,
)

REMEMBERED = 8_192  # terms; a few megabytes

Exponent = Fraction | Node
_ONE, _MINUS = Fraction(1), Fraction(-1)


@dataclass(slots=True)
class Monomial:
    """``coefficient`` times the product of ``base ** exponent``; ``decimals`` when numbers were written so."""

    coefficient: Fraction = _ONE
    powers: dict[Node, Exponent] = field(default_factory=dict)
    decimals: bool = False

    def multiply(self, base: Node, exponent: Exponent) -> None:
        """Multiply by one more power, adding exponents of the same base."""
        if base in self.powers:
            exponent = add_exponents(self.powers[base], exponent)
        if exponent:
            self.powers[base] = exponent
        else:
            self.powers.pop(base, None)

    def times(self, other: Monomial, sign: int = 1) -> Monomial:
        """The product with ``other`` (its reciprocal when ``sign`` is -1)."""
        made = Monomial(self.coefficient, dict(self.powers), self.decimals)
        made.include(other, sign)
        return made

    def include(self, other: Monomial, sign: int = 1) -> None:
        """Multiply by ``other`` (its reciprocal when ``sign`` is -1)."""
        if other.coefficient is not _ONE:
            self.coefficient *= other.coefficient if sign == 1 else 1 / other.coefficient
        self.decimals = self.decimals or other.decimals
        for base, exponent in other.powers.items():
            self.multiply(base, exponent if sign == 1 else scale_exponent(exponent, _MINUS))

    def raised(self, power: Fraction) -> Monomial:
        """The monomial to an integer power."""
        value = self.coefficient ** int(power)
        return Monomial(value, {b: scale_exponent(e, power) for b, e in self.powers.items()}, self.decimals)

    def key(self) -> frozenset[tuple[Node, Exponent]]:
        """What like terms share: everything but the coefficient."""
        return frozenset(self.powers.items())


def add_exponents(a: Exponent, b: Exponent) -> Exponent:
    """The sum of two exponents; symbolic ones are collected into a tidy sum."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    return _tidy_sum([_exponent_node(a), _exponent_node(b)])


def scale_exponent(exponent: Exponent, by: Fraction) -> Exponent:
    """An exponent times a number."""
    if isinstance(exponent, Fraction):
        return exponent * by
    return exponent if by == 1 else _tidy_sum([exponent], by)


def _exponent_node(exponent: Exponent) -> Node:
    return number(exponent) if isinstance(exponent, Fraction) else exponent


def _tidy_sum(nodes: list[Node], by: Fraction = Fraction(1)) -> Exponent:
    """A sum of exponents with like terms collected; a Fraction when no letters remain."""
    gathered: dict[frozenset[tuple[Node, Exponent]], Monomial] = {}
    for node in nodes:
        for term in terms_of(node):
            monomial = split(term)
            monomial.coefficient *= by
            key = monomial.key()
            if key in gathered:
                monomial.coefficient += gathered[key].coefficient
            gathered[key] = monomial
    kept = [m for m in gathered.values() if m.coefficient]
    if all(not m.powers for m in kept):
        return sum((m.coefficient for m in kept), Fraction(0))
    return join([build(m) for m in kept])


def terms_of(node: Node) -> list[Node]:
    """The terms of a sum, nested sums opened and minus signs taken inside; any other expression is one term."""
    match node:
        case Sum(terms):
            return [t for term in terms for t in terms_of(term)]
        case Negative(Sum(terms)):
            return [negated(t) for term in terms for t in terms_of(term)]
    return [node]


def join(terms: list[Node]) -> Node:
    """A sum written with a positive term first where there is one."""
    if len(terms) < 2:
        return terms[0] if terms else ZERO
    if isinstance(terms[0], Negative):
        positive = next((i for i, t in enumerate(terms) if not isinstance(t, Negative)), 0)
        terms = [terms[positive], *terms[:positive], *terms[positive + 1 :]]
    return Sum(tuple(terms))


def is_exponential(base: Node) -> bool:
    """Whether a base is ``e`` or a power of it: positive, and customarily written above the fraction bar."""
    return base == E or (isinstance(base, Power) and base.base == E)


def factors_of(node: Node) -> tuple[Node, ...]:
    """The factors of a product; any other expression is one factor."""
    return node.factors if isinstance(node, Product) else (node,)


# --- taking apart ----------------------------------------------------------------------------------


def split(node: Node) -> Monomial:
    """A term as a monomial. A part that cannot be taken apart is a base with exponent one."""
    if isinstance(node, Number):
        return Monomial(node.value, {}, "." in node.text)
    if isinstance(node, (Symbol, Sum, Constant)):
        return Monomial(_ONE, {node: _ONE})
    found = _split(node)
    return Monomial(found.coefficient, dict(found.powers), found.decimals)


@lru_cache(maxsize=REMEMBERED)
def like(node: Node) -> frozenset[tuple[Node, Exponent]]:
    """What a term shares with like terms: its :meth:`Monomial.key`."""
    return split(node).key()


@lru_cache(maxsize=REMEMBERED)
def _split(node: Node) -> Monomial:
    """The monomial of a term, which nobody may change."""
    match node:
        case Negative(operand):
            inner = split(operand)
            inner.coefficient = -inner.coefficient
            return inner
        case Product(factors) if not any(map(_has_shape, factors)):
            made = Monomial()
            for factor in factors:
                made.include(split(factor))
            return made
        case Quotient(top, bottom):
            below = split(bottom)
            if not below.coefficient:
                return Monomial(powers={node: _ONE})
            made = split(top)
            made.include(below, -1)
            return made
        case Power(base, exponent):
            return _split_power(base, exponent)
        case Root(radicand, degree):
            return _split_root(node, radicand, degree)
        case Call("exp", (argument,), 0):
            return _split_power(E, argument)
    return Monomial(powers={node: _ONE})


def _has_shape(node: Node) -> bool:
    """Products of matrices and vectors do not commute and are left as written."""
    return isinstance(node, (Matrix, Vector))


def _split_power(base: Node, exponent: Node) -> Monomial:
    if base == E:
        return _split_exponential(exponent)
    value = numeric(exponent)
    if value is None:
        return Monomial(powers={base: exponent})
    if value == 0 and numeric(base) != 0:
        return Monomial()
    if isinstance(base, (Sum, Symbol, Call)):
        return Monomial(powers={base: value})
    inner = split(base)
    if value.denominator == 1 and _is_small(inner.coefficient, value) and (inner.coefficient or value > 0):
        return inner.raised(value)
    return Monomial(powers={base: value})


def _is_small(coefficient: Fraction, exponent: Fraction) -> bool:
    bits = max(coefficient.numerator.bit_length(), coefficient.denominator.bit_length())
    return abs(exponent) * bits <= limits.NUMBER_EXPONENT or abs(coefficient) in (0, 1)


def _split_exponential(exponent: Node) -> Monomial:
    """``e^{2x - y}`` is ``(e^x)^2 (e^y)^{-1}``, so that exponentials combine and cancel like letters."""
    made = Monomial()
    for term in terms_of(exponent):
        part = split(term)
        power, part.coefficient = part.coefficient, Fraction(1)
        made.decimals, part.decimals = made.decimals or part.decimals, False
        made.multiply(E if not part.powers else Power(E, build(part)), power)
    return made


def _split_root(node: Root, radicand: Node, degree: Node) -> Monomial:
    n = numeric(degree)
    value = numeric(radicand)
    if n is None or n.denominator != 1 or n <= 0:
        return Monomial(powers={node: _ONE})
    if value is not None and value >= 0 and "." not in _text(radicand):
        return _split_numeric_root(value, int(n))
    return Monomial(powers={radicand: 1 / n})


def _text(node: Node) -> str:
    return "".join(n.text for n in walk(node) if isinstance(n, Number))


def _split_numeric_root(value: Fraction, degree: int) -> Monomial:
    """``sqrt(12)`` is 2 times ``3`` to the power one half; ``sqrt(1/2)`` has ``2`` to the power minus one half."""
    made = Monomial(Fraction(1))
    if value == 0:
        return Monomial(Fraction(0))
    for whole, sign in ((value.numerator, 1), (value.denominator, -1)):
        outside, inside = _perfect_part(whole, degree)
        made.coefficient *= Fraction(outside) ** sign
        if inside != 1:
            made.multiply(Number(str(inside)), Fraction(sign, degree))
    return made


def _perfect_part(whole: int, degree: int) -> tuple[int, int]:
    """``whole = outside**degree * inside`` with small perfect powers taken out."""
    outside = 1
    exact = round(whole ** (1 / degree)) if whole < 2**50 else 0
    if exact and exact**degree == whole:
        return exact, 1
    for prime in range(2, 1000):
        if prime**degree > whole:
            break
        while whole % prime**degree == 0:
            whole //= prime**degree
            outside *= prime
    return outside, whole


# --- writing again ---------------------------------------------------------------------------------

_ORDER: tuple[tuple[type[Node], ...], ...] = (
    (Number,),
    (Constant,),
    (Symbol, Indexed),
)


def _rank(base: Node) -> int:
    """Letters before exponentials, those before functions, brackets last, what is still to differentiate at the end."""
    for rank, kinds in enumerate(_ORDER):
        if isinstance(base, kinds):
            return rank
    match base:
        case Power(b) if b == E:
            return 4
        case Power(b):
            return _rank(b)
        case Call():
            return 5
        case Sum():
            return 6
        case Derivative():
            return 8
    return 7


def _ranked(powers: dict[Node, Exponent]) -> list[tuple[Node, Exponent]]:
    if len(powers) < 2:
        return list(powers.items())
    fractional = {b for b, e in powers.items() if isinstance(e, Fraction) and e.denominator != 1}
    return sorted(powers.items(), key=lambda item: 3 if item[0] in fractional else _rank(item[0]))


_FAMILIES = ("abcd", "ijk", "lmn", "pqr", "st", "uvw", "xyz")
"""Letters that are listed together, in the order of the alphabet; those of the last family stand behind all others."""


def arranged(monomial: Monomial) -> Node:
    """The term with its letters as a person orders them who makes it: ``6 x y``, not ``6 y x``.

    Letters that are listed together (``a b c``, ``x y z``, and one letter with different indices) come in their order,
    the unknowns ``x, y, z`` behind all others; these stay in the order in which they were met, for none is customary
    between ``n`` and ``lambda`` or between ``y_1`` and ``p_2``. Where a factor may be a matrix nothing changes places.
    """
    letters = [base for base in monomial.powers if isinstance(base, Symbol | Indexed)]
    if len(letters) < 2 or any(map(_may_be_matrix, monomial.powers)):
        return build(monomial)
    order = iter(_arranged(letters))
    bases = [next(order) if isinstance(base, Symbol | Indexed) else base for base in monomial.powers]
    return build(Monomial(monomial.coefficient, {b: monomial.powers[b] for b in bases}, monomial.decimals))


def _arranged(letters: list[Symbol | Indexed]) -> list[Symbol | Indexed]:
    """Each family in the places that it has, sorted; the last one at the end, with what has its names and an index."""
    moved = any(_family(letter) == _FAMILIES[-1] for letter in letters)
    listed = sorted(letters, key=lambda letter: moved and _plain(letter).name in _FAMILIES[-1])
    found = {family: iter(sorted((b for b in listed if _family(b) == family), key=_alphabetical))
             for family in set(map(_family, listed))}
    return [next(found[_family(letter)]) for letter in listed]


def _family(letter: Symbol | Indexed) -> str:
    """The letters that one is listed with; for one with an index or another mark, those that differ in the index."""
    name = _plain(letter)
    alone = name == letter and len(name.name) == 1
    return next((family for family in _FAMILIES if alone and name.name in family), f"{name.plain} with an index")


def _plain(letter: Symbol | Indexed) -> Symbol:
    return letter.base if isinstance(letter, Indexed) else replace(letter, sub="")


def _alphabetical(letter: Symbol | Indexed) -> tuple[str, Fraction]:
    """By name, then by the number that is the index, if it is one."""
    if isinstance(letter, Indexed):
        value = numeric(letter.indices[0]) if len(letter.indices) == 1 else None
        return letter.base.name, value or Fraction(0)
    return letter.name, Fraction(letter.sub) if letter.sub.isdecimal() else Fraction(0)


def _may_be_matrix(base: Node) -> bool:
    """Whether a factor may not change places: a capital or bold letter, a transpose, whatever is no number for sure."""
    match base:
        case Symbol(name, font=font):
            return font in ("bold", "cal") or name[:1].isupper()
        case Indexed():
            return False
    return not isinstance(base, (Number, Constant, Power, Call, Sum, Root, Quotient))


def build(monomial: Monomial) -> Node:
    """The term as it is customarily written; negative exponents go below the fraction bar.

    Letters stay in the order in which they were met: as a person wrote them.
    """
    if not monomial.coefficient:
        return ZERO
    above: list[Node] = []
    below: list[Node] = []
    exponential: list[Node] = []
    place: int | None = None
    for base, exponent in _ranked(monomial.powers):
        if is_exponential(base):
            exponential.append(_exponential_part(base, exponent, monomial.decimals))
            place = len(above) if place is None else place
        elif isinstance(exponent, Fraction) and exponent.numerator < 0:
            below.append(_power(base, -exponent))
        else:
            above.append(_power(base, exponent))
    if exponential:
        exponent = _sum_of(exponential)
        above.insert(place or 0, E if exponent == ONE else Power(E, exponent))
    return _with_coefficient(monomial, above, below)


def _exponential_part(base: Node, exponent: Exponent, decimals: bool) -> Node:
    inner = ONE if base == E else base.exponent  # type: ignore[attr-defined]
    if exponent == 1:
        return inner
    if isinstance(exponent, Fraction):
        made = split(inner)
        made.coefficient *= exponent
        made.decimals = made.decimals or decimals
        return build(made)
    return Product((exponent, inner))


def _sum_of(parts: list[Node]) -> Node:
    return join([t for part in parts for t in terms_of(part)])


def _power(base: Node, exponent: Exponent) -> Node:
    if exponent == 1:
        return base
    if isinstance(exponent, Fraction):
        whole, rest = divmod(exponent, 1)
        if rest and exponent.denominator <= 6 and rest.numerator == 1:
            root = Root(base, Number(str(rest.denominator)))
            return root if whole == 0 else times([_power(base, Fraction(whole)), root])
        return Power(base, number(exponent))
    return Power(base, exponent)


def _with_coefficient(monomial: Monomial, above: list[Node], below: list[Node]) -> Node:
    negative = monomial.coefficient.numerator < 0
    size = -monomial.coefficient if negative else monomial.coefficient
    shown = decimal(size) if monomial.decimals else None
    if shown is not None:
        flat = _flat(above)
        top = times(flat if shown == ONE or (size == 1 and flat) else [shown, *flat])
        node = Quotient(top, times(_flat(below))) if below else top
    else:
        node = _as_fraction(size, above, below)
    return Negative(node) if negative else node


def _as_fraction(size: Fraction, above: list[Node], below: list[Node]) -> Node:
    top = Number(str(size.numerator))
    if size.denominator == 1 and not below:
        return times(_flat(above) if size.numerator == 1 and above else [top, *_flat(above)])
    bottom = Number(str(size.denominator))
    if size.denominator != 1 and not below and above and _is_long(above):
        return times([Quotient(top, bottom), *_flat(above)])
    numerator = times(_flat(above) if size.numerator == 1 and above else [top, *_flat(above)])
    denominators = [*([] if size.denominator == 1 else [bottom]), *_flat(below)]
    return Quotient(numerator, times(denominators)) if denominators else numerator


def _is_long(above: list[Node]) -> bool:
    """A bracket is not put over a number: ``1/2 (x + 1)``, but ``x/2``."""
    return any(isinstance(f, Sum) for f in above)


def _flat(nodes: list[Node]) -> list[Node]:
    return [f for node in nodes for f in factors_of(node)]
