r"""Algebra and arithmetic, as tables: products, sums, functions, vectors, factoring, expanding.

Each table is a phase that the engine applies from the inside out until nothing changes; a line of a
derivation is one phase. The laws about any number of terms or factors work on
:class:`~derive.rules.monomials.Monomial`. A new law is a row in the table of its phase. Called by
:mod:`derive.goals` through the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, gcd

from derive import limits
from derive.rules import Rule, law, on
from derive.rules.monomials import (
    REMEMBERED,
    Monomial,
    arranged,
    build,
    factors_of,
    is_exponential,
    join,
    like,
    split,
    terms_of,
)
from derive.steps import Level
from derive.tree import (
    ZERO,
    At,
    Call,
    Cases,
    Constant,
    E,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    Transpose,
    Vector,
    number,
    numeric,
    size,
    substitute,
    times,
    total,
    unsigned,
)

_TERMS = (Product, Quotient, Power, Negative, Root)


# --- products ---------------------------------------------------------------------------------------


@lru_cache(maxsize=REMEMBERED)
def _tidied(node: Node) -> tuple[Monomial, Node] | None:
    """The term's monomial and how it is customarily written, when that differs from how it is written."""
    if not isinstance(node, _TERMS) or (isinstance(node, Negative) and isinstance(node.operand, Sum)):
        return None
    if any(map(_shaped, factors_of(node))):
        return None
    monomial = split(node)
    made = build(monomial)
    return (monomial, arranged(monomial)) if made != node else None


def _product_rule(applies: Callable[[Node, Monomial], bool]) -> Callable[[Node], Node | None]:
    @on(*_TERMS)
    def apply(node: Node) -> Node | None:
        tidied = _tidied(node)
        return tidied[1] if tidied and applies(node, tidied[0]) else None

    return apply


def _bases(node: Node, sign: int = 1) -> list[tuple[Node, int]]:
    """Every base of a term as it is written, with the side of the fraction bar it stands on."""
    match node:
        case Product(factors):
            return [b for f in factors for b in _bases(f, sign)]
        case Negative(operand):
            return _bases(operand, sign)
        case Quotient(top, bottom):
            return _bases(top, sign) + _bases(bottom, -sign)
        case Number():
            return []
    return [(base, sign) for base in split(node).powers]


def _cancels(node: Node, _: Monomial) -> bool:
    """Whether a base stands both above and below the fraction bar."""
    sides = _bases(node)
    above = {b for b, sign in sides if sign > 0}
    return any(b in above for b, sign in sides if sign < 0)


def _combines(node: Node, _: Monomial) -> bool:
    """Whether a base stands more than once."""
    written = [base for base, _ in _bases(node)]
    return len(set(written)) < len(written)


@on(Quotient, Product, Negative, within=(Root, Power))
def _rationalised(node: Node) -> Node | None:
    """A root of a number below the bar goes above it: ``8/sqrt(2)`` is ``4 sqrt(2)``."""
    if not isinstance(node, (Quotient, Product, Negative)) or any(_shaped(f) for f in factors_of(node)):
        return None
    monomial = split(node)
    below = [b for b, e in monomial.powers.items() if isinstance(b, Number) and isinstance(e, Fraction) and e < 0]
    for base in below:
        monomial.multiply(base, Fraction(1))
        monomial.coefficient /= base.value
    return build(monomial) if below else None


PRODUCTS: tuple[Rule, ...] = (
    Rule("zero factor", r"0 \cdot u = 0", "A product with a factor zero is zero.",
         _product_rule(lambda _, m: m.coefficient == 0), Level.ARITHMETIC),
    Rule("cancel common factors", r"\frac{u w}{v w} = \frac{u}{v}", "A factor above and below the bar cancels.",
         _product_rule(_cancels), Level.ALGEBRA, "w is not zero"),
    Rule("combine powers", r"u^n u^m = u^{n+m}", "Powers of the same base are multiplied by adding exponents.",
         _product_rule(_combines), Level.ALGEBRA),
    Rule("multiply out numbers and signs", r"2 \cdot 3 = 6", "Numbers are multiplied and signs brought to the front.",
         _product_rule(lambda *_: True), Level.ARITHMETIC),
    Rule("rationalise the denominator", r"\frac{1}{\sqrt{2}} = \frac{\sqrt{2}}{2}",
         "Above and below are multiplied by the root.", _rationalised, Level.ARITHMETIC),
)


# --- sums -------------------------------------------------------------------------------------------


@lru_cache(maxsize=REMEMBERED)
def _collected(node: Node) -> Node | None:
    """A sum with nested sums opened and terms of equal letters added, in the order written."""
    if not isinstance(node, (Sum, Negative)) or (isinstance(node, Negative) and not isinstance(node.operand, Sum)):
        return None
    terms = terms_of(node)
    if any(_shaped(unsigned(t)) for t in terms):
        return None
    if any(_shaped(f) for t in terms for f in factors_of(t)):
        return None
    gathered: dict[frozenset[tuple[Node, Fraction | Node]], Monomial] = {}
    together: set[frozenset[tuple[Node, Fraction | Node]]] = set()
    for term in terms:
        monomial, key = split(term), like(term)
        seen = gathered.get(key)
        if seen is None:
            gathered[key] = monomial
        else:
            together.add(key)
            seen.coefficient += monomial.coefficient
            seen.decimals = seen.decimals or monomial.decimals
    kept = [arranged(m) if key in together else build(m) for key, m in gathered.items() if m.coefficient]
    made = join(kept)
    return made if made != node else None


def _sum_rule(applies: Callable[[list[Node]], bool]) -> Callable[[Node], Node | None]:
    @on(Sum, Negative)
    def apply(node: Node) -> Node | None:
        made = _collected(node)
        return made if made is not None and applies(terms_of(node)) else None

    return apply


def _only_numbers(terms: list[Node]) -> bool:
    """Whether all that comes together are numbers."""
    keys = [k for k in map(like, terms) if k]
    return len(set(keys)) == len(keys)


def _has_zero(terms: list[Node]) -> bool:
    others = [like(t) for t in terms if numeric(t) != 0]
    return len(set(others)) == len(others) < len(terms)


def _pythagoras(first: str, second: str, sign: int) -> Callable[[Node], Node | None]:
    r"""``\cos^2 + \sin^2 = 1`` and ``\cosh^2 - \sinh^2 = 1`` among the terms of a sum."""

    @on(Sum, within=(Call,))
    def apply(node: Node) -> Node | None:
        if not isinstance(node, Sum):
            return None
        terms = terms_of(node)
        monomials = [split(t) for t in terms]
        for i, one in enumerate(monomials):
            for rest, other in _partners(one, first, second, sign):
                for j, candidate in enumerate(monomials):
                    if candidate.key() == other.key() and candidate.coefficient == other.coefficient and i != j:
                        return join([build(rest) if k == i else t for k, t in enumerate(terms) if k != j])
        return None

    return apply


def _partners(monomial: Monomial, first: str, second: str, sign: int) -> Iterator[tuple[Monomial, Monomial]]:
    """For each square of ``first`` in a term: the term without it, and the term with the square of ``second``."""
    for base, exponent in monomial.powers.items():
        if isinstance(base, Call) and base.name == first and exponent == 2:
            rest = Monomial(monomial.coefficient, {b: e for b, e in monomial.powers.items() if b != base})
            rest.decimals = monomial.decimals
            other = Monomial(rest.coefficient * sign, dict(rest.powers))
            other.multiply(Call(second, base.args), Fraction(2))
            yield rest, other


SUMS: tuple[Rule, ...] = (
    Rule("zero term", "u + 0 = u", "Adding zero changes nothing.", _sum_rule(_has_zero), Level.ARITHMETIC),
    Rule("add the numbers", "2 + 3 = 5", "Numbers are added.", _sum_rule(_only_numbers), Level.ARITHMETIC),
    Rule("collect like terms", "2 u + 3 u = 5 u", "Terms in the same letters are added.",
         _sum_rule(lambda _: True), Level.ALGEBRA),
    Rule("Pythagorean identity", r"\sin(u)^2 + \cos(u)^2 = 1", "Sine and cosine squared add to one.",
         _pythagoras("cos", "sin", 1), Level.ALGEBRA),
    Rule("hyperbolic identity", r"\cosh(u)^2 - \sinh(u)^2 = 1", "The squares of cosh and sinh differ by one.",
         _pythagoras("cosh", "sinh", -1), Level.ALGEBRA),
)


# --- functions --------------------------------------------------------------------------------------


def _is_negative(node: Node) -> Node | None:
    """``-u`` with its sign taken off, also where the sign stands in a product's front."""
    return node.operand if isinstance(node, Negative) else None


def _parity(names: frozenset[str], odd: bool) -> Callable[[Node], Node | None]:
    @on(*((Call, name) for name in names))
    def apply(node: Node) -> Node | None:
        match node:
            case Call(name, (argument,), 0) if name in names:
                inner = _is_negative(argument)
                if inner is not None:
                    return Negative(Call(name, (inner,))) if odd else Call(name, (inner,))
        return None

    return apply


def _of_number(name: str, compute: Callable[..., Fraction]) -> Callable[[Node], Node | None]:
    @on((Call, name))
    def apply(node: Node) -> Node | None:
        match node:
            case Call(called, args, 0) if called == name:
                values = [numeric(a) for a in args]
                if values and all(v is not None for v in values):
                    return _like(compute(*values), args)
        return None

    return apply


def _like(value: Fraction, args: tuple[Node, ...]) -> Node:
    """The value with the spelling of the argument that has it, up to its sign."""
    return next((b for a in args for b in (a, unsigned(a)) if numeric(b) == value), number(value))


@on((Call, "sign"))
def _sign_of_number(node: Node) -> Node | None:
    """The sign of zero is left as it is: the function has no value there."""
    match node:
        case Call("sign", (argument,), 0):
            value = numeric(argument)
            return number(1 if value > 0 else -1) if value else None
    return None


@on((Call, "indicator"), Cases)
def _decided(node: Node) -> Node | None:
    """The branch of a case distinction whose condition is a true statement about numbers; the value of an indicator."""
    if isinstance(node, Call) and node.name == "indicator" and len(node.args) == 1:
        holds = _truth(node.args[0])
        return None if holds is None else number(int(holds))
    if not isinstance(node, Cases):
        return None
    for value, condition in node.branches:
        truth = True if condition is None else _truth(condition)
        if truth is None:
            return None
        if truth:
            return value
    return None


_COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b,
}


def _truth(condition: Node) -> bool | None:
    match condition:
        case Relation((left, right), (sign,)) if sign in _COMPARE:
            a, b = numeric(left), numeric(right)
            return None if a is None or b is None else _COMPARE[sign](a, b)
    return None


_VALUES: tuple[tuple[str, str], ...] = (
    (r"\log(1)", "0"), (r"\ln(1)", "0"), (r"\log(e)", "1"), (r"\ln(e)", "1"),
    (r"\log(\frac{1}{n})", r"-\log(n)"), (r"\ln(\frac{1}{n})", r"-\ln(n)"),
    (r"\sin(0)", "0"), (r"\cos(0)", "1"), (r"\tan(0)", "0"), (r"\sin(\pi)", "0"), (r"\cos(\pi)", "-1"),
    (r"\sin(\frac{\pi}{2})", "1"), (r"\cos(\frac{\pi}{2})", "0"),
    (r"\sin(\frac{\pi}{6})", r"\frac{1}{2}"), (r"\cos(\frac{\pi}{3})", r"\frac{1}{2}"),
    (r"\sin(\frac{\pi}{4})", r"\frac{\sqrt{2}}{2}"), (r"\cos(\frac{\pi}{4})", r"\frac{\sqrt{2}}{2}"),
    (r"\tan(\frac{\pi}{4})", "1"),
    (r"\arcsin(0)", "0"), (r"\arctan(0)", "0"), (r"\arctan(1)", r"\frac{\pi}{4}"), (r"\arccos(0)", r"\frac{\pi}{2}"),
    (r"\arccos(1)", "0"), (r"\arcsin(1)", r"\frac{\pi}{2}"),
    (r"\sinh(0)", "0"), (r"\cosh(0)", "1"), (r"\tanh(0)", "0"),
    (r"\operatorname{arsinh}(0)", "0"), (r"\operatorname{artanh}(0)", "0"), (r"\operatorname{arcosh}(1)", "0"),
    (r"\sigma(0)", r"\frac{1}{2}"), (r"\operatorname{erf}(0)", "0"), (r"\Phi(0)", r"\frac{1}{2}"),
    (r"\operatorname{softplus}(0)", r"\log(2)"), (r"\operatorname{swish}(0)", "0"),
    (r"\operatorname{GELU}(0)", "0"), (r"\operatorname{logit}(\frac{1}{2})", "0"),
)

_ODD = frozenset(
    {"sin", "tan", "cot", "csc", "arcsin", "arctan", "sinh", "tanh", "coth", "arsinh", "artanh", "erf", "sign"}
)
_EVEN = frozenset({"cos", "sec", "cosh", "abs"})

_INVERSES = ((r"\log(e^{u})", "u"), (r"\ln(e^{u})", "u"), (r"e^{\log(u)}", "u"), (r"e^{\ln(u)}", "u"))

FUNCTIONS: tuple[Rule, ...] = (
    *(law("value of the function", left, right, "A value everybody knows.", Level.ARITHMETIC)
      for left, right in _VALUES),
    *(law("logarithm and exponential cancel", left, right, "Each undoes the other.", Level.ALGEBRA)
      for left, right in _INVERSES),
    Rule("absolute value of a number", r"\left|-3\right| = 3", "The size without the sign.",
         _of_number("abs", abs), Level.ARITHMETIC),
    Rule("maximum of numbers", r"\max(2, 3) = 3", "The largest one.", _of_number("max", max), Level.ARITHMETIC),
    Rule("minimum of numbers", r"\min(2, 3) = 2", "The smallest one.", _of_number("min", min), Level.ARITHMETIC),
    Rule("round down", r"\lfloor\frac{5}{2}\rfloor = 2", "The largest whole number not above.",
         _of_number("floor", lambda x: Fraction(floor(x))), Level.ARITHMETIC),
    Rule("round up", r"\lceil\frac{5}{2}\rceil = 3", "The least whole number not below.",
         _of_number("ceil", lambda x: Fraction(ceil(x))), Level.ARITHMETIC),
    Rule("rectifier of a number", r"\operatorname{ReLU}(-3) = 0", "Negative numbers become zero.",
         _of_number("relu", lambda x: max(x, Fraction(0))), Level.ARITHMETIC),
    Rule("odd function", r"\sin(-u) = -\sin(u)", "An odd function passes the sign on.", _parity(_ODD, True)),
    Rule("even function", r"\cos(-u) = \cos(u)", "An even function drops the sign.", _parity(_EVEN, False)),
    Rule("sign of a number", r"\operatorname{sign}(-3) = -1", "Minus one for negative numbers, one for positive ones.",
         _sign_of_number, Level.ARITHMETIC),
    Rule("choose the case", "the case whose condition holds", "The condition is a true statement about numbers.",
         _decided, Level.ARITHMETIC),
)


# --- vectors and matrices ---------------------------------------------------------------------------


def _shaped(node: Node) -> bool:
    return isinstance(node, (Vector, Matrix))


def _like_shape(model: Node, parts: list[Node]) -> Node:
    """A vector written as ``model`` is: in a row, or as a column or matrix of the same shape."""
    if isinstance(model, Vector):
        return Vector(tuple(parts))
    assert isinstance(model, Matrix)
    _, columns = model.shape
    return Matrix(tuple(tuple(parts[i : i + columns]) for i in range(0, len(parts), columns)))


def _parts(node: Node) -> list[Node]:
    if isinstance(node, Vector):
        return list(node.items)
    return [e for row in node.rows for e in row] if isinstance(node, Matrix) else []


@on(Sum, within=(Vector, Matrix))
def _add_vectors(node: Node) -> Node | None:
    """Adjacent vectors or matrices of one shape are added entry by entry, signs kept."""
    if not isinstance(node, Sum):
        return None
    shaped = [unsigned(t) for t in node.terms]
    if not all(_shaped(s) for s in shaped) or len({len(_parts(s)) for s in shaped}) != 1:
        return None
    columns = [_parts(s) for s in shaped]
    signs = [isinstance(t, Negative) for t in node.terms]
    signed = [[Negative(p) if minus else p for p in c] for minus, c in zip(signs, columns, strict=True)]
    return _like_shape(shaped[0], [Sum(tuple(parts)) for parts in zip(*signed, strict=True)])


@on(Product, Quotient, Negative, within=(Vector, Matrix))
def _scale_vector(node: Node) -> Node | None:
    match node:
        case Product(factors) if sum(map(_shaped, factors)) == 1:
            shaped = next(f for f in factors if _shaped(f))
            others = [f for f in factors if not _shaped(f)]
            return _like_shape(shaped, [times([*others, *factors_of(p)]) for p in _parts(shaped)])
        case Quotient(top, bottom) if _shaped(top):
            return _like_shape(top, [Quotient(p, bottom) for p in _parts(top)])
        case Negative(operand) if _shaped(operand):
            return _like_shape(operand, [Negative(p) for p in _parts(operand)])
    return None


@on(Product, within=(Matrix,))
def _multiply_matrices(node: Node) -> Node | None:
    if not isinstance(node, Product):
        return None
    for i, (left, right) in enumerate(zip(node.factors, node.factors[1:], strict=False)):
        column = _as_column(right)
        if isinstance(left, Matrix) and column is not None and left.shape[1] == column.shape[0]:
            rows = tuple(
                tuple(_dot(row, [r[k] for r in column.rows]) for k in range(column.shape[1])) for row in left.rows
            )
            made = _like_shape(right, [e for row in rows for e in row]) if isinstance(right, Vector) else Matrix(rows)
            return times([*node.factors[:i], made, *node.factors[i + 2 :]])
    return None


def _as_column(node: Node) -> Matrix | None:
    if isinstance(node, Vector):
        return Matrix(tuple((item,) for item in node.items))
    return node if isinstance(node, Matrix) else None


def _dot(row: tuple[Node, ...], column: list[Node]) -> Node:
    products = [Product((a, b)) for a, b in zip(row, column, strict=True)]
    return Sum(tuple(products)) if len(products) > 1 else products[0]


@on(Transpose, within=(Matrix,))
def _transposed(node: Node) -> Node | None:
    match node:
        case Transpose(Matrix(rows)):
            return Matrix(tuple(zip(*rows, strict=True)))
    return None


@on((Call, "det"), within=(Matrix,))
def _determinant(node: Node) -> Node | None:
    """``ad - bc``; a larger determinant is expanded along a row."""
    match node:
        case Call("det", (Matrix(rows),), 0) if len(rows) == len(rows[0]):
            if len(rows) == 1:
                return rows[0][0]
            if len(rows) == 2:
                (a, b), (c, d) = rows
                return Sum((_diagonal(a, d), Negative(_diagonal(b, c))))
            return _expanded_row(rows)
    return None


def _diagonal(first: Node, second: Node) -> Node:
    """The product of two entries, as they stand where both are single letters."""
    product = times([*factors_of(first), *factors_of(second)])
    return _rearranged(product) if len(factors_of(product)) > 2 else Product((first, second))


def _expanded_row(rows: tuple[tuple[Node, ...], ...]) -> Node:
    """Along the row with the most zeros, whose terms are left out; the signs alternate like a chessboard."""
    i = max(range(len(rows)), key=lambda k: rows[k].count(ZERO))
    others = [*rows[:i], *rows[i + 1 :]]
    terms: list[Node] = []
    for j, entry in enumerate(rows[i]):
        if entry != ZERO:
            minor = Matrix(tuple((*row[:j], *row[j + 1 :]) for row in others))
            term = Product((entry, Call("det", (minor,))))
            terms.append(Negative(term) if (i + j) % 2 else term)
    return total(terms)


VECTORS: tuple[Rule, ...] = (
    Rule("multiply by a number", "c (u, v) = (c u, c v)", "Each entry is multiplied.", _scale_vector, Level.ALGEBRA),
    Rule("add entry by entry", "(u, v) + (w, z) = (u + w, v + z)", "Vectors are added entry by entry.",
         _add_vectors, Level.ALGEBRA),
    Rule("matrix product", "row times column", "Each entry is a row times a column.",
         _multiply_matrices, Level.ALGEBRA),
    Rule("transpose", "rows become columns", "Rows and columns change places.", _transposed, Level.ALGEBRA),
)

DETERMINANTS: tuple[Rule, ...] = (
    Rule("determinant", r"\det\begin{bmatrix} a & b \\ c & d \end{bmatrix} = a d - b c",
         "Main diagonal minus the other one; a larger one is expanded along the row with the most zeros.",
         _determinant, Level.ALGEBRA),
)


# --- substituting -----------------------------------------------------------------------------------


@on(At)
def _substituted(node: Node) -> Node | None:
    match node:
        case At(body, where):
            return substitute(body, dict(where))
    return None


SUBSTITUTION: tuple[Rule, ...] = (
    Rule("substitute", "the value is put in", "Each symbol is replaced by its value.", _substituted, Level.ARITHMETIC),
)


# --- factoring out and expanding --------------------------------------------------------------------


def _common(monomials: list[Monomial]) -> Monomial:
    """The largest monomial that divides every one of them, with the greatest common whole number."""
    shared = Monomial()
    for base, exponent in monomials[0].powers.items():
        exponents = [m.powers.get(base, Fraction(0)) for m in monomials]
        numbers = [e for e in exponents if isinstance(e, Fraction)]
        if len(numbers) == len(exponents) and (min(numbers) > 0 or (max(numbers) < 0 and is_exponential(base))):
            shared.powers[base] = min(numbers, key=abs)
        elif all(e == exponent for e in exponents):
            shared.powers[base] = exponent
    if all(m.coefficient.denominator == 1 for m in monomials):
        shared.coefficient = Fraction(gcd(*(int(m.coefficient) for m in monomials)))
    if all(m.coefficient < 0 for m in monomials):
        shared.coefficient = -shared.coefficient
    return shared


def _is_polynomial(base: Node) -> bool:
    return isinstance(base, (Symbol, Constant, Number)) and base != E


def factored(node: Node) -> Node | None:
    """A sum as common factor times the rest, when its terms share more than a number."""
    if not isinstance(node, Sum):
        return None
    monomials = [split(t) for t in terms_of(node)]
    shared = _common(monomials)
    if not shared.powers:
        return None
    rest = [build(m.times(shared, -1)) for m in monomials]
    inner = join(rest)
    return times([*factors_of(build(shared)), _collected(inner) or inner])


@on(Sum)
def _factor_out(node: Node) -> Node | None:
    """Where a factor of the terms is more than letters; polynomials stay as they are."""
    if not isinstance(node, Sum):
        return None
    shared = _common([split(t) for t in terms_of(node)])
    return factored(node) if any(not _is_polynomial(b) for b in shared.powers) else None


@on(Quotient)
def _factor_numerator(node: Node) -> Node | None:
    """In a numerator also letters, where they cancel against the denominator."""
    match node:
        case Quotient(Sum() as top, bottom):
            below = split(bottom).powers
            shared = _common([split(t) for t in terms_of(top)]).powers
            made = factored(top) if any(b in below for b in shared) else None
            return None if made is None else Quotient(made, bottom)
    return None


FACTORING: tuple[Rule, ...] = tuple(
    Rule("factor out", "u w + v w = (u + v) w", "A factor of every term is taken out.", apply, Level.ALGEBRA)
    for apply in (_factor_numerator, _factor_out)
)


def expanded(node: Node) -> Node:
    """Products of sums and small powers of sums multiplied out, like terms collected."""
    sums: list[Monomial] = []
    for term in terms_of(node):
        sums.extend(_expanded_term(term))
        if len(sums) > limits.EXPANSION_TERMS:
            return node
    made = join([build(m) for m in sums])
    made = _collected(made) or made
    if made == node:
        return node
    written = terms_of(node)
    return join([term if term in written else _rearranged(term) for term in terms_of(made)])


def _rearranged(term: Node) -> Node:
    """A term that was made, with its letters in their customary order."""
    monomial = split(term)
    return arranged(monomial) if build(monomial) == term else term


_SMALL_POWERS = [Fraction(n) for n in range(1, 13)]


def _expanded_term(term: Node) -> list[Monomial]:
    monomial = split(term)
    done = [Monomial(monomial.coefficient, {}, monomial.decimals)]
    for base, exponent in monomial.powers.items():
        if isinstance(base, Sum) and isinstance(exponent, Fraction) and exponent in _SMALL_POWERS:
            inner = [m for t in terms_of(base) for m in _expanded_term(t)]
            for _ in range(_SMALL_POWERS.index(exponent) + 1):
                done = _gathered([a.times(b) for a in done for b in inner])
                if len(done) > limits.EXPANSION_TERMS:
                    return [monomial]
        else:
            for m in done:
                m.multiply(base, exponent)
    return done


def _gathered(monomials: list[Monomial]) -> list[Monomial]:
    """Equal terms added up, so that powers of sums do not blow up."""
    seen: dict[frozenset[tuple[Node, Fraction | Node]], Monomial] = {}
    for m in monomials:
        key = m.key()
        if key in seen:
            seen[key].coefficient += m.coefficient
        else:
            seen[key] = m
    return [m for m in seen.values() if m.coefficient]


@on(Sum)
def _expand_if_shorter(node: Node) -> Node | None:
    """Brackets inside a sum are multiplied out where terms then come together."""
    if not isinstance(node, Sum) or not any(_has_bracket(t) for t in node.terms):
        return None
    made = expanded(node)
    return made if size(made) < size(node) else None


def _has_bracket(term: Node) -> bool:
    return any(isinstance(b, Sum) for b in split(term).powers)


@on(Sum, Product, Power, Negative)
def _expand(node: Node) -> Node | None:
    if not isinstance(node, (Sum, Product, Power, Negative)):
        return None
    made = expanded(node)
    return made if made != node else None


EXPAND_SHORTER: tuple[Rule, ...] = (
    Rule("multiply out and collect", "u (v + w) = u v + u w", "Brackets are multiplied out; like terms come together.",
         _expand_if_shorter, Level.ALGEBRA),
)
EXPAND: tuple[Rule, ...] = (
    Rule("multiply out", "u (v + w) = u v + u w", "Each term is multiplied by each.", _expand, Level.ALGEBRA),
)

ARITHMETIC: tuple[Rule, ...] = (*FUNCTIONS, *PRODUCTS)
ALGEBRA: tuple[Rule, ...] = (
    *SUBSTITUTION, *ARITHMETIC, *SUMS, *VECTORS, *DETERMINANTS, *FACTORING, *EXPAND_SHORTER, *EXPAND,
)


def clear_caches() -> None:
    """Forget the tidied terms and sums that are remembered between calls, for honest timing."""
    _tidied.cache_clear()
    _collected.cache_clear()
