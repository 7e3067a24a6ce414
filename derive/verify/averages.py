r"""Averages over samples against means: what the law of large numbers says, and what it does not.

``1/n Σ f(x_i) ≈ E_{x ~ p}[f(x)]`` cannot be proved for any one n: it is the law of large numbers and assumes that the
x_i are independent samples of p. What can be decided is whether it is that law that is applied: with every such average
replaced by the mean that it tends to, both sides must be equal. Under the empirical density of the samples the average
*is* the mean. Called by :func:`derive.verify.verify_step` for ``≈`` and ``=``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from derive.declarations import EMPIRICAL
from derive.steps import Status, Verdict
from derive.tree import (
    ONE,
    Expectation,
    Indexed,
    Node,
    Product,
    Quotient,
    Relation,
    SumOver,
    Symbol,
    free_symbols,
    map_children,
    substitute,
    times,
    walk,
)

METHOD = "law of large numbers"


def large_numbers(before: Node, after: Node, equal: Callable[[Node, Node], Verdict]) -> Verdict | None:
    """The verdict on ``before ≈ after`` where one side has averages over samples and the other a mean; else None.

    ``equal`` judges whether two expressions are equal. Where they are, once the averages are means, the statement is
    the law of large numbers and assumed; where they are not, it is false.
    """
    for few, many in ((before, after), (after, before)):
        laws = _laws(many)
        if laws and _has_average(few) and not _has_average(many):
            verdict = equal(*((_as_means(n, laws) if n is few else n) for n in (before, after)))
            return _judged(verdict, laws)
    return None


def empirical(
    before: Node, after: Node, domains: Mapping[Symbol, str], equal: Callable[[Node, Node], Verdict]
) -> Verdict | None:
    """The verdict on an equality with averages over samples and means under their empirical density; else None.

    By its definition a mean under it is the average over the samples.
    """
    laws = {x: over for x, over in (_laws(before) | _laws(after)).items() if _is_empirical(over, domains)}
    if not laws or not (_has_average(before) or _has_average(after)):
        return None
    left, right = _as_means(before, laws), _as_means(after, laws)
    return None if (left, right) == (before, after) else equal(left, right)


def _is_empirical(over: Node, domains: Mapping[Symbol, str]) -> bool:
    match over:
        case Relation((_, Symbol() as law), ("~",)):
            return domains.get(law) == EMPIRICAL
    return False


def _judged(verdict: Verdict, laws: dict[Symbol, Node]) -> Verdict:
    match verdict.status:
        case Status.PROVED | Status.CHECKED:
            names = ", ".join(f"{x.plain}_i" for x in laws)
            detail = f"the {names} are independent samples, and there are many"
            return Verdict(Status.ASSUMED, METHOD, detail, verdict.condition)
        case Status.REFUTED:
            return replace(verdict, detail="the averages tend to other means")
    return Verdict(Status.UNDECIDED, METHOD, verdict.detail)


def _laws(node: Node) -> dict[Symbol, Node]:
    """The random quantities of the means, each with its relation ``x ~ p``."""
    found: dict[Symbol, Node] = {}
    for part in walk(node):
        if isinstance(part, Expectation):
            for over in part.over:
                match over:
                    case Relation((Symbol() as x, _), ("~",)):
                        found[x] = over
    return found


def _has_average(node: Node) -> bool:
    return any(_average(part) is not None for part in walk(node))


def _average(node: Node) -> tuple[Symbol, Node] | None:
    """The family and the body of ``1/n Σ_{i=1}^n f(x_i)``, in any of its spellings, with x_i or x^(i) written as x."""
    match node:
        case Product((Quotient(top, count), *rest)) if top == ONE and rest:
            return _counted(times(rest), count)
        case Quotient(total_, count):
            return _counted(total_, count)
    return None


def _counted(node: Node, count: Node) -> tuple[Symbol, Node] | None:
    match node:
        case SumOver(body, index, lower, upper, None) if lower == ONE and upper == count:
            members = {n for n in walk(body) if isinstance(n, Indexed) and n.indices == (index,)}
            if len(members) == 1:
                member = members.pop()
                single = Symbol(member.base.name, font=member.base.font)
                inner = substitute(body, {member: single})
                return None if index in free_symbols(inner) else (single, inner)
    return None


def _as_means(node: Node, laws: dict[Symbol, Node]) -> Node:
    found = _average(node)
    if found is not None and found[0] in laws:
        return Expectation("E", (found[1],), (laws[found[0]],))
    return map_children(node, lambda part: _as_means(part, laws))
