r"""Averages over samples against means: what the law of large numbers says, and what it does not.

``1/n Σ f(x_i) ≈ E_{x ~ p}[f(x)]`` cannot be proved for any one n: it is the law of large numbers and assumes that the
x_i are independent samples of p. What can be decided is whether it is that law that is applied: with every such average
replaced by the mean that it tends to, both sides must be equal. Under the empirical density of the samples the average
*is* the mean; a cross-entropy or divergence from it is such a mean by definition. Called by
:func:`derive.verify.verify_step` for ``≈`` and ``=``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from derive.declarations import EMPIRICAL
from derive.steps import Status, Verdict
from derive.tree import (
    ONE,
    Call,
    Expectation,
    Given,
    Indexed,
    Negative,
    Node,
    Product,
    ProductOver,
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
_ARGUMENT = Symbol("x")


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
    """The verdict on an equality in which an empirical density is declared; None where nothing is to be said of it.

    By its definition a mean under it is the average over the samples.
    """
    before, after = (_entropies_opened(node, domains) for node in (before, after))
    laws = {x: over for x, over in (_laws(before) | _laws(after)).items() if _is_empirical(over, domains)}
    if _has_average(before) or _has_average(after):
        left, right = _as_means(before, laws), _as_means(after, laws)
    else:
        samples = _samples(before) | _samples(after)
        left, right = (_as_averages(node, samples, domains) for node in (before, after))
    beside = bool(_samples(left) | _samples(right)) and any(_uses(node, domains) for node in (left, right))
    if (left, right) == (before, after) and not beside:
        return None
    verdict = equal(left, right)
    if beside and verdict.status is Status.REFUTED:  # the models take the samples and their density for unrelated
        return Verdict(Status.UNDECIDED, detail="samples and their empirical density stand side by side")
    return verdict


def _uses(node: Node, domains: Mapping[Symbol, str]) -> bool:
    """Whether an empirical density occurs."""
    names = {s.plain for s, text in domains.items() if text == EMPIRICAL}
    return any((part.plain if isinstance(part, Symbol) else getattr(part, "name", "")) in names for part in walk(node))


def _samples(node: Node) -> dict[Symbol, tuple[Indexed, Node]]:
    """For each letter x the family x_i or x^(i) that a sum or product runs over, and up to where."""
    found: dict[Symbol, tuple[Indexed, Node]] = {}
    for part in walk(node):
        match part:
            case SumOver(body, index, lower, upper, None) | ProductOver(body, index, lower, upper, None) if (
                lower == ONE and upper is not None
            ):
                for member in walk(body):
                    if isinstance(member, Indexed) and member.indices == (index,):
                        found[Symbol(member.base.name, font=member.base.font)] = member, upper
    return found


def _as_averages(node: Node, samples: Mapping[Symbol, tuple[Indexed, Node]], domains: Mapping[Symbol, str]) -> Node:
    """Means under an empirical density as averages over its samples, where these occur."""
    node = map_children(node, lambda part: _as_averages(part, samples, domains))
    match node:
        case Expectation("E", (body,), (Relation((Symbol() as x, _)) as over,)) if (
            x in samples and _is_empirical(over, domains)
        ):
            member, count = samples[x]
            index = member.indices[0]
            assert isinstance(index, Symbol)
            return Product((Quotient(ONE, count), SumOver(substitute(body, {x: member}), index, ONE, count)))
    return node


def _entropies_opened(node: Node, domains: Mapping[Symbol, str]) -> Node:
    """Entropies, cross-entropies and divergences from an empirical density as means under it."""
    match node:
        case Call("H", (p,), 0) if (over := _drawn_from(p, domains)) is not None:
            return Negative(Expectation("E", (Call("log", (_value(p, over),)),), (over,)))
        case Call("H", (p, q), 0) if (over := _drawn_from(p, domains)) is not None:
            return Negative(Expectation("E", (Call("log", (_value(q, over),)),), (over,)))
        case Call("KL" | "D_KL", (Given((p,), (q,), "||"),), 0) if (over := _drawn_from(p, domains)) is not None:
            ratio = Quotient(_value(p, over), _value(q, over))
            return Expectation("E", (Call("log", (ratio,)),), (over,))
    return map_children(node, lambda part: _entropies_opened(part, domains))


def _drawn_from(density: Node, domains: Mapping[Symbol, str]) -> Relation | None:
    """``x ~ p`` for an empirical density, given by its name or as p(x)."""
    match density:
        case Symbol() if domains.get(density) == EMPIRICAL:
            return Relation((_ARGUMENT, density), ("~",))
        case Call(name, (Symbol() as x,), 0):
            law = next((s for s, text in domains.items() if text == EMPIRICAL and s.plain == name), None)
            return None if law is None else Relation((x, law), ("~",))
    return None


def _value(density: Node, over: Relation) -> Node:
    return Call(density.plain, (over.sides[0],)) if isinstance(density, Symbol) else density


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
