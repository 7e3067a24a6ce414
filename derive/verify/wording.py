"""What the verifier says of formulas: conditions in words and formulas, and short expressions as text.

Its own nodes and the fresh names of bound variables are written as a person would write them. The proofs make their
conditions here: :func:`said` for any, :func:`positive` and :func:`nonzero` for the usual ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from derive.steps import Condition
from derive.tree import ZERO, Call, Given, Node, Relation, SumOver, Symbol, from_plain, map_children, substitute
from derive.verify.core import Bracket, Density, Provided, free_symbols, is_fresh, set_over, walk

_LETTERS = "ijklmn"


def said(*prose: str | Node) -> Condition:
    """A condition from its words and formulas: ``said(A, " is invertible")``."""
    from derive.write.text import text

    shown = tuple(part if isinstance(part, str) else printable(part) for part in prose)
    return Condition("".join(part if isinstance(part, str) else text(part) for part in shown), shown)


def positive(node: Node) -> Condition:
    """``x > 0``."""
    return signed(node, ">")


def nonzero(node: Node) -> Condition:
    """``x ≠ 0`` for the boundary x."""
    return signed(node, "!=")


def signed(node: Node, sign: str) -> Condition:
    """``x >= 0``, with any other sign as well."""
    return said(Relation((node, ZERO), (sign,)))


def rewritten(condition: str, put_in: Mapping[Node, Node]) -> str:
    """A condition with other expressions in the place of letters; plain text stays as it is."""
    if not isinstance(condition, Condition) or not put_in:
        return condition
    return said(*(part if isinstance(part, str) else substitute(part, put_in) for part in condition.prose))


def letter_of(plain: str) -> Symbol:
    """The letter of a plain name."""
    try:
        return from_plain(plain)
    except ValueError:
        return Symbol(plain)


def listed(plain: Iterable[str]) -> Iterator[Symbol | str]:
    """Some letters with commas between them."""
    for i, name in enumerate(plain):
        if i:
            yield ", "
        yield letter_of(name)


def node_text(node: Node) -> str:
    """A short expression as text; bound variables get letters."""
    from derive.write.text import text

    return text(printable(node))


def printable(node: Node) -> Node:
    """An expression as a person would write it: letters for bound variables, none of the verifier's own nodes."""
    taken = {s.name for s in free_symbols(node)}
    letters = [c for c in _LETTERS if c not in taken]
    bound = sorted({s for s in _symbols(node) if is_fresh(s)}, key=repr)
    return _writable(_renamed(node, dict(zip(bound, map(Symbol, letters), strict=False))))


def _writable(node: Node) -> Node:
    """An expression without the verifier's own nodes."""
    match node:
        case Density(name, slots, values, params):
            named = all(slot.isdigit() for slot, _ in slots)
            items = values if named else tuple(_with_slot(s, v) for (s, _), v in zip(slots, values, strict=True))
            return Call(name, (Given(items, params, "|"),) if params else items)
        case Bracket(operand, sign):
            return Call("indicator", (Relation((_writable(operand), ZERO), (sign,)),))
        case Provided(body):
            return _writable(body)
        case SumOver(body, index, lower, upper, where):
            return SumOver(_writable(body), index, lower, upper, None if set_over(where) else where)
    return map_children(node, _writable)


def _with_slot(slot: str, value: Node) -> Node:
    """A value of a random quantity, with its name where the value has another."""
    return value if isinstance(value, Symbol) and value.plain == slot else Relation((Symbol(slot), value), ("=",))


def _symbols(node: Node) -> set[Symbol]:
    return {p for p in walk(node) if isinstance(p, Symbol)}


def _renamed(node: Node, names: Mapping[Symbol, Symbol]) -> Node:
    """Symbols renamed everywhere, bound ones too."""
    if isinstance(node, Symbol):
        return names.get(node, node)
    return map_children(node, lambda c: _renamed(c, names))
