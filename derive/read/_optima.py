r"""Optima: ``\arg\min_\theta u``, ``\operatorname*{argmax}_{x \in X} u``, ``\max_i z_i``, ``\min_{w, b} u``.

Without brackets the place of an optimum is that of the whole sum that follows; its value, where it leads the sum, is
that of the terms that use the variable (a constant may stand inside or outside). The maximum of a list,
``\max(0, x)``, is a function.
"""

from __future__ import annotations

from derive.read import _ranges as ranges
from derive.read import _reach as reach
from derive.read._parser import Parser
from derive.read.tokens import Token
from derive.tree import Node, Optimum, Relation, Set, Symbol, Vector, total

OPERATORS = {
    **{spelling: name for name in ("argmin", "argmax", "sup", "inf") for spelling in (name, f"\\{name}")},
    r"\arg\min": "argmin", r"\arg\max": "argmax", r"arg\min": "argmin", r"arg\max": "argmax",
}  # fmt: skip
"""How the operators are spelled that are no functions besides."""

_PLACES = frozenset({"argmin", "argmax"})


def arg(p: Parser) -> Node:
    r"""``\arg\min`` and ``arg max`` in two words."""
    start = p.take()
    p.accept("gap")
    word = p.token.text.lstrip("\\") if p.token.key in ("word", r"\min", r"\max") else ""
    if word not in ("min", "max"):
        raise p.fail("arg stands before min or max", token=start)
    p.take()
    return optimum(p, f"arg{word}", start)


def optimum(p: Parser, operator: str, start: Token) -> Node:
    """The operator whose name has been read, with its variables and its body."""
    leads = p.tokens[p.begun] is start
    found = _variables(p, operator, start)
    since = len(p.undeclared)
    bound = [name.name for name in found.names if not name.sub and len(name.name) == 1 and not _is_label(p, name)]
    p.bound += bound
    body = _body(p, operator, found, leads)
    del p.bound[len(p.bound) - len(bound) :]
    for name in found.names:
        p.binds(name, since)
    if isinstance(body, (Relation, Vector, Set)):
        raise p.fail(f"expected what {operator} is taken of", token=start)
    return Optimum(operator, body, tuple(found.names), found.where)


def _is_label(p: Parser, name: Symbol) -> bool:
    """Whether a function is declared with a variable as its label: ``f_w`` below ``\\min_w``."""
    return any(declared.endswith(f"_{name.name}") for declared in p.names.functions | p.names.densities)


def _variables(p: Parser, operator: str, start: Token) -> ranges.Range:
    if not p.accept("_"):
        if operator in _PLACES:
            return ranges.Range()
        raise p.fail(f"expected the variable below {operator}", rf"write \{operator}_{{x}} …", start)
    found = ranges.below(p)
    if any(lower is not None for lower in found.lowers):
        raise p.fail(f"a variable below {operator} has no first value", r"write i \in \{1, \dots, n\}", start)
    return found


def _body(p: Parser, operator: str, found: ranges.Range, leads: bool) -> Node:
    """The terms the operator reaches over; whether it leads its sum decides whether it may take further ones."""
    start = p.begun = p.at
    if p.token.key == "end":
        raise p.fail(f"expected what {operator} is taken of")
    terms = [p.term()]
    end = _end(p, operator, (start, p.at), found.names, leads)
    while p.at < end:
        token = p.token
        terms.append(p.value(p.term(), token))
    return total(terms)


def _end(p: Parser, operator: str, first: reach.Place, names: list[Symbol], leads: bool) -> int:
    """The token behind the last of the further terms that belong to the operator."""
    if operator in _PLACES:
        return max((end for _, end in reach.further_terms(p)), default=p.at)
    return max((_last_using(p, first, name, leads) for name in names), default=p.at)


def _last_using(p: Parser, first: reach.Place, name: Symbol, leads: bool) -> int:
    """The token behind the last term that uses a variable; terms behind one that binds it anew are not looked at."""
    last = p.at
    here = set(reach.uses(p, first, name)) if p.token.key in ("+", "-") else set()
    for place in reach.further_terms(p):
        uses = reach.uses(p, place, name)
        if uses[:1] == ["bound"]:
            break
        if uses and (not leads or set(uses) - here):
            hint = "put what it is taken of in brackets, or give the other one another letter"
            problem = f"it is not clear how far the operator over {name.plain} reaches"
            raise p.fail(problem, hint, p.tokens[place[0]])
        last = place[1] if uses else last
    return last
