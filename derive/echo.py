r"""How a formula was read, told back: the echo that a person confirms.

``derive read`` shows an :class:`Echo`: the formula as text, as LaTeX and for SymPy, what each name in it was taken
for, and the tree as an outline. Nothing here reads or judges. What a name is, is a row of :func:`_meaning`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from derive.declarations import declaration
from derive.functions import FUNCTIONS
from derive.read.names import Names
from derive.tree import (
    Call,
    Component,
    Constant,
    Derivative,
    Expectation,
    Given,
    Gradient,
    Indexed,
    Inner,
    Integral,
    Limit,
    Node,
    Norm,
    Number,
    Optimum,
    ProductOver,
    Relation,
    SumOver,
    Symbol,
    Transpose,
    bound_symbols,
    children,
    free_symbols,
    walk,
)
from derive.write.latex import latex
from derive.write.sympy import to_text
from derive.write.text import text

UNWRITTEN = "(this notation has no such form)"


@dataclass(frozen=True, slots=True)
class Echo:
    """A formula as it was understood. ``sympy`` is empty where SymPy has no words for it.

    ``names`` are pairs of a name as written and what it was taken for; ``outline`` the lines of the tree.
    """

    node: Node
    text: str
    latex: str
    sympy: str
    names: tuple[tuple[str, str], ...]
    outline: tuple[str, ...]


def echo(node: Node, names: Names | None = None, domains: Mapping[Symbol, str] | None = None) -> Echo:
    """A formula told back, as it was read with these names and domains."""
    told = tuple(_names(node, names or Names(), domains or {}))
    return Echo(node, shown(text, node), shown(latex, node), shown(to_text, node, ""), told, tuple(outline(node)))


def shown(printer: Callable[[Node], str], node: Node, missing: str = UNWRITTEN) -> str:
    """What a printer makes of a formula, or ``missing`` where it has no words for it."""
    try:
        return printer(node)
    except (ValueError, TypeError):
        return missing


# --- names ----------------------------------------------------------------------------------------------


def _names(node: Node, names: Names, domains: Mapping[Symbol, str]) -> Iterator[tuple[str, str]]:
    """Each name once, in the order in which they are written."""
    seen: set[str] = set()
    roles = {
        **dict.fromkeys(_wholes(node), "a vector or a matrix"), **dict.fromkeys(_densities(node), "a density"),
        **dict.fromkeys(_counts(node), "a positive integer"), **_bound(node),
    }  # fmt: skip
    bases = {id(part.base) for part in walk(node) if isinstance(part, Indexed)}
    for part in walk(node):
        if id(part) in bases:
            continue
        found = _meaning(part, names, domains, roles)
        if found is not None and found[0] not in seen:
            seen.add(found[0])
            yield found


def _counts(node: Node) -> Iterator[Symbol]:
    """The letters up to which a sum or a product counts: the verifier takes them for positive integers."""
    for part in walk(node):
        if isinstance(part, SumOver | ProductOver) and part.upper is not None:
            yield from free_symbols(part.upper)


def _wholes(node: Node) -> Iterator[Symbol]:
    """Letters that stand where only a vector or a matrix can."""
    for part in walk(node):
        match part:
            case Norm(Symbol() as s) | Transpose(Symbol() as s) | Component(Symbol() as s):
                yield s
            case Inner(left, right):
                yield from (s for s in (left, right) if isinstance(s, Symbol))
            case Symbol(font="bold") | Symbol(accent="vec"):
                yield part


def _densities(node: Node) -> Iterator[Symbol]:
    r"""Letters behind ``\sim``, and the sides of a divergence."""
    for part in walk(node):
        match part:
            case Relation((_, Symbol() as s), ("~",)):
                yield s
            case Given(items, given, "||"):
                yield from (s for s in (*items, *given) if isinstance(s, Symbol))


_BINDERS: dict[type[Node], str] = {
    SumOver: "the index of a sum", ProductOver: "the index of a product", Integral: "the variable of an integral",
    Limit: "the variable of a limit", Optimum: "what is varied", Expectation: "a random quantity",
}  # fmt: skip


def _bound(node: Node) -> dict[Symbol, str]:
    """The letters that are bound somewhere, and by what."""
    return {s: _BINDERS[type(p)] for p in walk(node) if type(p) in _BINDERS for s in bound_symbols(p)}


def _meaning(
    part: Node, names: Names, domains: Mapping[Symbol, str], roles: Mapping[Symbol, str],
) -> tuple[str, str] | None:
    """What one part names, in words; None where it names nothing."""
    match part:
        case Symbol():
            role = "" if part in domains else roles.get(part, "")
            return text(part), role or _declared(part, names, domains)
        case Indexed(base):
            members = declaration(domains.get(base, "real"))
            what = "entries of a" if members.kind != "number" else "an indexed family,"
            return f"{text(base)}ᵢ" if len(part.indices) == 1 else f"{text(base)}ᵢⱼ", f"{what} {members.text}"
        case Constant(name):
            return text(part), _CONSTANTS.get(name, "a constant")
        case Call(name):
            return _called(name, names)
        case Gradient(name):
            return f"∇{name}", "the gradient of a function"
        case Expectation(operator):
            return operator, _OPERATORS[operator]
    return None


_CONSTANTS = {"e": "the constant 2.71828…", "pi": "the constant 3.14159…", "infinity": "infinity"}
_OPERATORS = {"E": "the expectation", "Var": "the variance", "Cov": "the covariance", "P": "the probability"}


def _called(name: str, names: Names) -> tuple[str, str]:
    if name in FUNCTIONS and name not in names.functions:
        return FUNCTIONS[name].text if name != "abs" else "|·|", FUNCTIONS[name].title
    return name, "a density" if name in names.densities else "a function"


_KINDS = {
    "number": "{}", "vector": "a {}", "matrix": "a {}", "density": "a density", "function": "a function",
    "set": "a set",
}


def _declared(symbol: Symbol, names: Names, domains: Mapping[Symbol, str]) -> str:
    """``real``, ``positive``, ``a matrix 3 x 2``, ``a density``."""
    if symbol in domains:
        says = declaration(domains[symbol])
        word = says.text if says.text[0].isalpha() else f"in {says.text}"
        return _KINDS[says.kind].format(word)
    if symbol.plain in names.densities:
        return "a density"
    if symbol.plain in names.functions:
        return "a function"
    return "a vector or matrix" if symbol.plain in names.matrices else "a real number"


# --- the tree -------------------------------------------------------------------------------------------


def outline(node: Node, indent: int = 0) -> Iterator[str]:
    """The tree, a line for each part, what is inside indented below it; a name or a number on one line."""
    yield "  " * indent + _line(node)
    if _is_leaf(node):
        return
    for child in children(node):
        yield from outline(child, indent + 1)


def _is_leaf(node: Node) -> bool:
    return isinstance(node, Symbol | Number | Constant) or (isinstance(node, Indexed) and not _deep(node))


def _deep(node: Indexed) -> bool:
    return any(children(index) for index in node.indices)


def _line(node: Node) -> str:
    """The kind of a part, and what it holds besides other parts."""
    kind = type(node).__name__
    if _is_leaf(node):
        return f"{kind} {shown(text, node)}"
    return " ".join([kind, *_details(node)])


def _details(node: Node) -> Iterator[str]:
    for one in fields(node):  # type: ignore[arg-type]
        value: Any = getattr(node, one.name)
        if isinstance(value, str) and value:
            yield value
        elif one.name == "signs":
            yield " ".join(value)
        elif isinstance(value, int) and not isinstance(value, bool) and value != one.default:
            yield f"{one.name} {value}"
        elif value is True:
            yield one.name.replace("_", " ")
    if isinstance(node, Derivative):
        yield f"by {shown(text, node.variable)}"
