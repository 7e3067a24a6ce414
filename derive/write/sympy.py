"""The written expression in SymPy's language, and back.

:func:`to_text` writes what ``sympy.sympify`` reads, without importing SymPy (JSON results); :func:`to_sympy` builds
the objects themselves, never through text; :func:`from_sympy` turns what SymPy proposes into a tree. Both
directions out go through :class:`Term`, a node said in SymPy's names, so that each node's meaning stands here once.
A new kind of node is a case of :func:`_term` or of the two functions that go on from it. A function that SymPy has
is a row of :data:`SYMPY_NAMES`; one that it lacks is written out by its definition in :mod:`derive.functions`.

Symbols are scalars here: a product of matrix *names* would commute, so only matrices written out are multiplied.
"""

from __future__ import annotations

import functools
import keyword
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from derive import tree as t
from derive.functions import FUNCTIONS
from derive.tree import Node, Symbol, from_plain
from derive.write._piece import Level, Piece

SYMPY_NAMES: dict[str, str] = {
    **{n: n for n in ("exp", "log", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "erf")},
    "sign": "sign",
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
    "max": "Max",
    "min": "Min",
    "abs": "Abs",
    "factorial": "factorial",
    "gammafunction": "gamma",
    "digamma": "digamma",
    "trigamma": "trigamma",
    "binom": "binomial",
    "floor": "floor",
    "ceil": "ceiling",
}
"""Functions that SymPy has, by their name in :class:`derive.tree.Call`."""

_MATRIX_NAMES = {"det": "det", "tr": "trace", "rank": "Matrix.rank"}
_TREE_NAMES = {theirs: ours for ours, theirs in SYMPY_NAMES.items() if ours != "ln"}
_CONSTANTS = {"pi": "pi", "infinity": "oo"}
_RELATIONS = {"=": "Eq", ":=": "Eq", "===": "Eq", "!=": "Ne", "<": "Lt", "<=": "Le", ">": "Gt", ">=": "Ge"}
_OTHER_RELATIONS = {
    "~=": "approximately", "=>": "implies", "<=>": "equivalent", "in": "element", "propto": "proportional",
    "->": "tends_to", "~": "distributed", "<<": "much_less", ">>": "much_greater", "subset": "subset",
}  # fmt: skip
_BARS = {"|": "given", ";": "parametrized", "||": "divergence"}
_EXPECTATIONS = {"E": "Expectation", "Var": "Variance", "Cov": "Covariance", "P": "Probability"}
_OPTIMA = {
    "argmin": "ArgMin", "argmax": "ArgMax", "min": "Minimum", "max": "Maximum", "inf": "Infimum", "sup": "Supremum",
}  # fmt: skip
_GRADIENTS = {1: "Gradient", 2: "Hessian"}
_LABEL_MARKS = {"+": "_plus_", "-": "_minus_", "*": "_star_", "'": "_prime_"}


def identifier(symbol: Symbol) -> str:
    """The symbol's plain name as a Python name, as people write it in code: ``y_hat_1``, ``lamda`` for the keyword.

    Marks of labels are spelled out.
    """
    accented = f"{symbol.name}_{symbol.accent}" if symbol.accent else symbol.name
    plain = t.Symbol(accented, symbol.sub, symbol.sup).plain
    marked = "".join(_LABEL_MARKS.get(c, c) for c in plain)
    name = re.sub(r"_+", "_", re.sub(r"\W", "_", marked)).strip("_")
    if name == "lambda" or name.startswith("lambda_"):
        return "lamda" + name[len("lambda") :]
    return f"{name}_" if keyword.iskeyword(name) else name


# --- a node in SymPy's names -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """``head(*args)`` in SymPy's names.

    ``Integer``, ``Symbol`` and ``Constant`` carry their value as text. ``Applied`` is an unknown function, its
    name first. ``Neg``, ``Div``, ``List`` and ``Tuple`` are not SymPy's names but Python's operators and brackets.
    """

    head: str
    args: tuple[Term, ...] = ()
    text: str = ""


def _integer(value: int) -> Term:
    return Term("Integer", text=str(value))


def _rational(value: Fraction) -> Term:
    top = _integer(value.numerator)
    return top if value.denominator == 1 else Term("Div", (top, _integer(value.denominator)))


def _of(head: str, *args: Term) -> Term:
    return Term(head, args)


def _terms(nodes: tuple[Node, ...]) -> tuple[Term, ...]:
    return tuple(_term(n) for n in nodes)


def _term(node: Node) -> Term:
    """A node as SymPy says it. ValueError for a node that SymPy has no word for."""
    match node:
        case t.Number():
            return _rational(node.value)
        case t.Constant(name):
            return _of("exp", _integer(1)) if name == "e" else Term("Constant", text=_CONSTANTS[name])
        case Symbol():
            return Term("Symbol", text=identifier(node))
        case t.Indexed(base, indices):
            return _of("Indexed", Term("String", text=identifier(base)), *_terms(indices))
        case t.Sum(terms):
            return Term("Add", _terms(terms))
        case t.Product(factors):
            return Term("Mul", _terms(factors))
        case t.Quotient(top, bottom):
            return _of("Div", _term(top), _term(bottom))
        case t.Negative(operand):
            return _of("Neg", _term(operand))
        case t.Power(t.Constant("e"), exponent):
            return _of("exp", _term(exponent))
        case t.Power(base, t.Vector(sides)):
            return _applied("matrices", _term(base), *_terms(sides))
        case t.Power(t.Set() | t.Interval() as base, exponent):
            return _applied("vectors", _term(base), _term(exponent))
        case t.Power(base, exponent):
            return _of("Pow", _term(base), _term(exponent))
        case t.Root(radicand, degree):
            return _of("sqrt", _term(radicand)) if degree == t.TWO else _of("root", _term(radicand), _term(degree))
        case t.Call():
            return _call(node)
    return _collection(node)


def _collection(node: Node) -> Term:
    match node:
        case t.Matrix(rows):
            return _of("Matrix", Term("List", tuple(Term("List", _terms(row)) for row in rows)))
        case t.Vector(items):
            return _of("Matrix", Term("List", tuple(_of("List", _term(n)) for n in items)))
        case t.Set(items):
            return Term("FiniteSet", _terms(items))
        case t.Transpose(operand):
            return _on_matrix("transpose", "transposed", operand)
        case t.Relation(sides, signs):
            return _relation(sides, signs)
        case t.Cases(branches):
            return Term("Piecewise", tuple(_of("Tuple", _term(v), _condition(c)) for v, c in branches))
        case t.Interval(lower, upper, left_open, right_open):
            return _of("Interval", _term(lower), _term(upper), _truth(left_open), _truth(right_open))
        case t.Statements(items, sign):
            return _joined("Or" if sign == "or" else "And", _terms(items))
    return _linear(node)


def _linear(node: Node) -> Term:
    """Vectors and matrices written out are computed with, entry by entry; names stand in unknown functions."""
    match node:
        case t.Norm(operand, order):
            written = _norm(operand, order)
            name = f"norm_{order.text}" if isinstance(order, t.Number) else "norm"
            rest = () if order is None or isinstance(order, t.Number) else (_term(order),)
            return _term(written) if written is not None else _applied(name, _term(operand), *rest)
        case t.Inner(left, right):
            products = _paired((left, right))
            return _term(t.total(products)) if products else _applied("inner", _term(left), _term(right))
        case t.Entrywise(factors):
            products = _paired(factors)
            return _term(t.Vector(products)) if products else _applied("hadamard", *_terms(factors))
        case t.Component(operand, indices):
            return _applied("component", _term(operand), *_terms(indices))
    return _probability(node)


def _norm(operand: Node, order: Node | None) -> Node | None:
    """The norm of a vector written out."""
    parts = t.entries(operand)
    if parts is None:
        return None
    sizes: tuple[Node, ...] = tuple(t.Call("abs", (part,)) for part in parts)
    if order is None or order == t.TWO:
        return t.Root(t.total(tuple(t.Power(part, t.TWO) for part in parts)))
    if order == t.ONE:
        return t.total(sizes)
    return t.Call("max", sizes) if order == t.INFINITY else None


def _paired(vectors: tuple[Node, ...]) -> tuple[Node, ...]:
    """The products of the entries of vectors of one length; nothing when one is not written out."""
    parts = [found for found in map(t.entries, vectors) if found is not None]
    same = len(parts) == len(vectors) and len(set(map(len, parts))) == 1
    return tuple(map(t.times, zip(*parts, strict=True))) if same else ()


def _probability(node: Node) -> Term:
    match node:
        case t.Given(items, given, sign):
            return _applied(_BARS[sign], Term("Tuple", _terms(items)), Term("Tuple", _terms(given)))
        case t.Expectation(operator, args, over):
            return _applied(_EXPECTATIONS[operator], *_terms(args), *_terms(over))
        case t.Optimum(operator, body, variables, where):
            rest = () if where is None else (_term(where),)
            return _applied(_OPTIMA[operator], _term(body), Term("Tuple", _terms(variables)), *rest)
        case t.GradientOf(body, variables, order):
            return _applied(_GRADIENTS[order], _term(body), Term("Tuple", _terms(variables)))
    return _calculus(node)


def _calculus(node: Node) -> Term:
    match node:
        case t.Derivative(body, variable, order):
            return _derivative(body, variable, order)
        case t.Gradient(name, args):
            gradient = f"grad_{identifier(from_plain(name))}"
            return _applied(gradient, *_terms(args)) if args else Term("Symbol", text=gradient)
        case t.At(body, where):
            names, values = (Term("Tuple", _terms(side)) for side in zip(*where, strict=True))
            return _of("Subs", _term(body), names, values)
        case t.Integral(body, variable, lower, upper):
            return _over("Integral", body, variable, lower, upper)
        case t.SumOver(body, index, lower, upper, where):
            return _over("Sum", body, index, lower, upper, where)
        case t.ProductOver(body, index, lower, upper, where):
            return _over("Product", body, index, lower, upper, where)
        case t.Limit(body, variable, point, side):
            direction = Term("String", text=side or "+-")
            return _of("Limit", _term(body), _term(variable), _term(point), direction)
    raise ValueError(f"SymPy has no word for {type(node).__name__}")


def _on_matrix(head: str, unknown: str, operand: Node) -> Term:
    """SymPy's function of a matrix written out; of a mere name, a function nobody knows."""
    explicit = any(isinstance(n, (t.Matrix, t.Vector)) for n in t.walk(operand))
    return _of(head, _term(operand)) if explicit else _applied(unknown, _term(operand))


def _applied(name: str, *args: Term) -> Term:
    return Term("Applied", args, name)


def _truth(value: bool) -> Term:
    return Term("Constant", text=str(value))


def _condition(condition: Node | None) -> Term:
    return _truth(True) if condition is None else _term(condition)


def _relation(sides: tuple[Node, ...], signs: tuple[str, ...]) -> Term:
    pairs = tuple(
        _of(_RELATIONS[s], _term(a), _term(b)) if s in _RELATIONS else _applied(_OTHER_RELATIONS[s], _term(a), _term(b))
        for a, s, b in zip(sides, signs, sides[1:], strict=False)
    )
    return pairs[0] if len(pairs) == 1 else _joined("And", pairs)


_JOINED = {"And": "all_of", "Or": "any_of"}
_BOOLEAN = frozenset({*_RELATIONS.values(), *_JOINED})


def _joined(head: str, parts: tuple[Term, ...]) -> Term:
    """Statements that all or one hold; SymPy joins only what is Boolean to it."""
    return Term(head, parts) if _BOOLEAN.issuperset(p.head for p in parts) else _applied(_JOINED[head], *parts)


def _over(
    head: str, body: Node, index: Symbol, lower: Node | None, upper: Node | None, where: Node | None = None,
) -> Term:
    """A sum, a product, an integral. Without limits SymPy has only the integral; else the index names a function."""
    if lower is not None and upper is not None and where is None:
        return _of(head, _term(body), _of("Tuple", _term(index), _term(lower), _term(upper)))
    if head == "Integral" and lower is None and upper is None:
        return _of(head, _term(body), _term(index))
    bounds = [_term(n) for n in (lower, upper, where) if n is not None]
    return _applied(f"{head.lower()}_over_{identifier(index)}", _term(body), *bounds)


def _derivative(body: Node, variable: Symbol | t.Indexed, order: int) -> Term:
    """A symbol or a member of a family depends on the variable: SymPy would make its derivative zero."""
    inner = _term(body) if body == variable else _dependent(body, _term(variable))
    return _of("Derivative", inner, _of("Tuple", _term(variable), _integer(order)))


def _dependent(body: Node, variable: Term) -> Term:
    match body:
        case Symbol():
            return _applied(identifier(body), variable)
        case t.Indexed(base, indices):
            return _applied(identifier(base), *_terms(indices), variable)
    return _term(body)


def _call(node: t.Call) -> Term:
    if node.order:
        return _primed(node)
    if node.name in _MATRIX_NAMES and len(node.args) == 1:
        return _on_matrix(_MATRIX_NAMES[node.name], node.name, node.args[0])
    args = _terms(node.args)
    if node.name == "indicator" and len(args) == 1:
        return _indicator(node.args[0], args[0])
    if node.name in SYMPY_NAMES:
        return Term(SYMPY_NAMES[node.name], args)
    if node.name in FUNCTIONS and FUNCTIONS[node.name].definition:
        return _term(written_out(node))
    return _applied(identifier(from_plain(node.name)), *args)


def _indicator(condition: Node, written: Term) -> Term:
    """One where a relation holds, else zero; of what SymPy cannot compare, an unknown function."""
    if not isinstance(condition, t.Relation) or not _RELATIONS.keys() >= set(condition.signs):
        return _applied("indicator", written)
    return Term("Piecewise", (_of("Tuple", _integer(1), written), _of("Tuple", _integer(0), _truth(True))))


def _primed(node: t.Call) -> Term:
    """``f''(u)`` as the second derivative at a fresh point, put in for by ``u``."""
    point = node.args[0]
    if isinstance(point, Symbol):
        return _derivative(t.Call(node.name, node.args), point, node.order)
    fresh = _fresh(node)
    inner = _derivative(t.Call(node.name, (fresh, *node.args[1:])), fresh, node.order)
    return _of("Subs", inner, _term(fresh), _term(point))


def _fresh(node: Node) -> Symbol:
    used = {s.plain for s in t.free_symbols(node)}
    return next(s for i in range(len(used) + 1) if (s := Symbol("u", sub=str(i))).plain not in used)


@functools.cache
def _definition(name: str) -> Node:
    from derive.read.latex import read

    return read(FUNCTIONS[name].definition)


def written_out(node: t.Call) -> Node:
    """A known function by its definition: the logistic function of ``x`` as ``1/(1 + e^(-x))``."""
    parameters = (Symbol("u"), Symbol("v"))
    return t.substitute(_definition(node.name), dict(zip(parameters, node.args, strict=False)))


# --- a term as text --------------------------------------------------------------------------------

_INFIX = {"Lt": "<", "Le": "<=", "Gt": ">", "Ge": ">="}


def to_text(node: Node) -> str:
    """The node as text for ``sympy.sympify``, whose ``locals`` should hold the symbols by their plain names.

    Decimals are exact rationals. Names are those of :func:`identifier`; a function nobody defined is
    ``Function('C')(x, y)``. Does not import SymPy. ValueError for what cannot be said.
    """
    return _text(_term(node)).text


def _text(term: Term) -> Piece:
    match term:
        case Term("Integer" | "Symbol" | "Constant"):
            return Piece(term.text)
        case Term("String"):
            return Piece(f"'{term.text}'")
        case Term("Applied", args):
            return Piece(f"Function('{term.text}'){_listed(args)}")
        case Term("Add", args):
            return Piece(_sum_text(args), Level.SUM)
        case Term("Neg", (operand,)):
            return Piece(f"-{_fit(operand, Level.PRODUCT)}", Level.SUM)
        case Term("Mul", args):
            return Piece("*".join(_fit(a, Level.FACTOR) for a in args), Level.PRODUCT)
        case Term("Div", (top, bottom)):
            return Piece(f"{_fit(top, Level.FACTOR)}/{_fit(bottom, Level.FACTOR)}", Level.PRODUCT)
        case Term("Pow", (base, exponent)):
            return Piece(f"{_fit(base, Level.ATOM)}**{_fit(exponent, Level.ATOM)}", Level.FACTOR)
        case Term("List", args):
            return Piece(f"[{', '.join(_text(a).text for a in args)}]")
        case Term("Tuple", (only,)):
            return Piece(f"({_text(only).text},)")
        case Term("Tuple", args):
            return Piece(_listed(args))
        case Term(head, (left, right)) if head in _INFIX:
            return Piece(f"{_fit(left, Level.SUM)} {_INFIX[head]} {_fit(right, Level.SUM)}", Level.RELATION)
    return Piece(f"{term.head}{_listed(term.args)}")


def _fit(term: Term, level: Level) -> str:
    piece = _text(term)
    return piece.text if piece.level >= level else f"({piece.text})"


def _listed(args: tuple[Term, ...]) -> str:
    return f"({', '.join(_text(a).text for a in args)})"


def _sum_text(terms: tuple[Term, ...]) -> str:
    text = ""
    for term in terms:
        minus = term.head == "Neg"
        sign = (" - " if minus else " + ") if text else ("-" if minus else "")
        text += sign + _fit(term.args[0] if minus else term, Level.PRODUCT)
    return text


# --- a term as SymPy's objects ---------------------------------------------------------------------


def to_sympy(node: Node, positive: frozenset[Symbol] = frozenset()) -> Any:
    """The node as SymPy's own object, built call by call; SymPy simplifies as it builds.

    Symbols are real, those in ``positive`` positive, by the names of :func:`identifier`. ValueError for what cannot
    be said.
    """
    import sympy

    above_zero = {identifier(s) for s in positive}

    def symbol(name: str) -> Any:
        return sympy.Symbol(name, positive=True) if name in above_zero else sympy.Symbol(name, real=True)

    return _object(_term(node), sympy, symbol)


_TRUTHS = {"True": True, "False": False}

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Mul": operator.mul,
    "Div": operator.truediv,
    "Pow": operator.pow,
}


def _object(term: Term, sympy: Any, symbol: Callable[[str], Any]) -> Any:
    args = [_object(a, sympy, symbol) for a in term.args]
    match term.head:
        case "Integer":
            return sympy.Integer(int(term.text))
        case "Symbol":
            return symbol(term.text)
        case "String":
            return term.text
        case "Constant":
            return _TRUTHS[term.text] if term.text in _TRUTHS else getattr(sympy, term.text)
        case "Applied":
            return sympy.Function(term.text)(*args)
        case "Neg":
            return -args[0]
        case "List":
            return args
        case "Tuple":
            return tuple(args)
        case "Add" | "Mul" | "Div" | "Pow":
            return functools.reduce(_OPERATORS[term.head], args)
    return operator.attrgetter(term.head)(sympy)(*args)


# --- SymPy's objects as a tree ---------------------------------------------------------------------


def from_sympy(expr: Any, symbols: Mapping[str, Symbol] | None = None) -> Node:
    """A SymPy expression as it would be written: ``-x/2`` is the negative of a fraction.

    ``symbols`` maps names back to symbols; others are read from their name (``theta_1``). Terms and factors stand
    in SymPy's printing order. ValueError for what the tree has no node for.
    """
    return _Back(symbols or {}).node(expr)


class _Back:
    """The way back, knowing the symbols by name. One method for each of SymPy's classes, in ``_BACK``."""

    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = symbols

    def node(self, expr: Any) -> Node:
        for kind in type(expr).__mro__:
            if kind.__name__ in _BACK:
                return _BACK[kind.__name__](self, expr)
        raise ValueError(f"no node for SymPy's {type(expr).__name__}")

    def nodes(self, exprs: Any) -> tuple[Node, ...]:
        return tuple(self.node(e) for e in exprs)

    def name(self, name: str) -> Symbol:
        plain = re.sub(r"^lamda(?=_|$)", "lambda", name)
        return self.symbols.get(name) or self.symbols.get(plain) or from_plain(plain)

    def symbol(self, expr: Any) -> Symbol:
        return self.name(str(expr.name))

    def rational(self, expr: Any) -> Node:
        return t.number(Fraction(int(expr.p), int(expr.q)))

    def decimal(self, expr: Any) -> Node:
        text = format(abs(Decimal(str(expr))).normalize(), "f")
        return t.Negative(t.Number(text)) if expr < 0 else t.Number(text)

    def infinity(self, expr: Any) -> Node:
        return t.INFINITY if expr > 0 else t.Negative(t.INFINITY)

    def sum(self, expr: Any) -> Node:
        return t.total(self.nodes(expr.as_ordered_terms()))

    def product(self, expr: Any) -> Node:
        coefficient, rest = expr.as_coeff_Mul(rational=True)
        size, minus = abs(coefficient), coefficient < 0
        above, below = [], []
        for factor in rest.as_ordered_factors():
            base, exponent = factor.as_base_exp()
            if _is_below(base, exponent):
                below.append(self.node(base**-exponent))
            else:
                above.append(self.node(factor))
        above = [n for n in (t.number(int(size.p)),) if n != t.ONE or not above] + above
        below = [n for n in (t.number(int(size.q)),) if n != t.ONE] + below
        node = t.Quotient(t.times(above), t.times(below)) if below else t.times(above)
        return t.Negative(node) if minus else node

    def power(self, expr: Any) -> Node:
        base, exponent = expr.args
        if _is_below(base, exponent):
            return t.Quotient(t.ONE, self.node(base**-exponent))
        if exponent.is_Rational and exponent.p == 1:
            return t.Root(self.node(base), t.number(int(exponent.q)))
        return t.Power(self.node(base), self.node(exponent))

    def exponential(self, expr: Any) -> Node:
        return t.Power(t.E, self.node(expr.args[0]))

    def known(self, expr: Any) -> Node:
        return t.Call(_TREE_NAMES[expr.func.__name__], self.nodes(expr.args))

    def unknown(self, expr: Any) -> Node:
        return t.Call(expr.func.__name__, self.nodes(expr.args))

    def extremum(self, expr: Any) -> Node:
        ordered = sorted(expr.args, key=lambda a: (not a.is_number, str(a)))
        return t.Call(_TREE_NAMES[expr.func.__name__], self.nodes(ordered))

    def piecewise(self, expr: Any) -> Node:
        return t.Cases(tuple((self.node(v), None if c == True else self.node(c)) for v, c in expr.args))  # noqa: E712

    def relation(self, expr: Any) -> Node:
        sign = {"==": "="}.get(expr.rel_op, expr.rel_op)
        return t.Relation((self.node(expr.lhs), self.node(expr.rhs)), (sign,))

    def delta(self, expr: Any) -> Node:
        """Kronecker's delta as an indicator."""
        return t.Call("indicator", (t.Relation(self.nodes(expr.args), ("=",)),))

    def interval(self, expr: Any) -> Node:
        return t.Interval(self.node(expr.start), self.node(expr.end), bool(expr.left_open), bool(expr.right_open))

    def matrix(self, expr: Any) -> Node:
        return t.Matrix(tuple(self.nodes(row) for row in expr.tolist()))

    def set(self, expr: Any) -> Node:
        return t.Set(self.nodes(sorted(expr.args, key=lambda a: (not a.is_real, a if a.is_number else 0, str(a)))))

    def derivative(self, expr: Any) -> Node:
        node, partial = self.node(expr.expr), len(expr.expr.free_symbols) > 1
        for variable, order in expr.variable_count:
            node = t.Derivative(node, self.symbol(variable), int(order), partial)
        return node

    def at(self, expr: Any) -> Node:
        pairs = zip(expr.variables, expr.point, strict=True)
        return t.At(self.node(expr.expr), tuple((self.symbol(v), self.node(p)) for v, p in pairs))

    def over(self, expr: Any) -> Node:
        kind = {"Integral": t.Integral, "Sum": t.SumOver, "Product": t.ProductOver}[expr.func.__name__]
        node = self.node(expr.function)
        for variable, *bounds in expr.limits:
            lower, upper = self.nodes(bounds) if len(bounds) == 2 else (None, None)
            node = kind(node, self.symbol(variable), lower, upper)
        return node


def _is_below(base: Any, exponent: Any) -> bool:
    """Whether a power is written below the line: ``x^{-2}``, but ``e^{-x}`` stays."""
    return base.func.__name__ != "Exp1" and bool(exponent.could_extract_minus_sign()) and bool(exponent.is_number)


_BACK: dict[str, Callable[[_Back, Any], Node]] = {
    "Symbol": _Back.symbol,
    "Rational": _Back.rational,
    "Float": _Back.decimal,
    "Infinity": _Back.infinity,
    "NegativeInfinity": _Back.infinity,
    "Exp1": lambda _, __: t.E,
    "Pi": lambda _, __: t.PI,
    "Add": _Back.sum,
    "Mul": _Back.product,
    "Pow": _Back.power,
    "exp": _Back.exponential,
    **{name: _Back.known for name in _TREE_NAMES if name not in ("exp", "Max", "Min")},
    "Max": _Back.extremum,
    "Min": _Back.extremum,
    "AppliedUndef": _Back.unknown,
    "Piecewise": _Back.piecewise,
    "Relational": _Back.relation,
    "MatrixBase": _Back.matrix,
    "FiniteSet": _Back.set,
    "Interval": _Back.interval,
    "KroneckerDelta": _Back.delta,
    "Derivative": _Back.derivative,
    "Subs": _Back.at,
    "Integral": _Back.over,
    "Sum": _Back.over,
    "Product": _Back.over,
}
