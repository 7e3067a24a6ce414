"""Proofs that are remembered from one derivation to the next: the sheets of a class state many things again and again.

Called by :func:`derive.verify.verify` for what arithmetic does not decide at once. A statement is judged with the
declarations and definitions of the letters that occur in it, and remembered with these when that proves it: a proof
from less is a proof. Whatever is not proved so is judged with all that is known, and not remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from derive.steps import Context, Definition, Status, Verdict
from derive.tree import Call, Gradient, Node, Symbol, walk

MOST = 4_096  # statements; about 20 MB

_Key = tuple[Node, Node, str, tuple[tuple[Symbol, str], ...], tuple[Definition, ...]]
_PROOFS: dict[_Key, Verdict] = {}


def remembered(
    before: Node, after: Node, relation: str, context: Context, judge: Callable[[Context], Verdict]
) -> Verdict:
    """The verdict on a statement: an old proof, or what ``judge`` says when it is handed what is known."""
    concerned = concerning(before, after, context)
    key = (before, after, relation, tuple(concerned.domains.items()), concerned.definitions)
    found = _PROOFS.get(key)
    if found is not None:
        return found
    verdict = judge(concerned)
    if verdict.status is Status.PROVED:
        _PROOFS[key] = verdict
        if len(_PROOFS) > MOST:
            del _PROOFS[next(iter(_PROOFS))]
        return verdict
    return verdict if concerned == context else judge(context)


def forget() -> None:
    """Remember nothing any more; for measurements."""
    _PROOFS.clear()


def concerning(before: Node, after: Node, context: Context) -> Context:
    """What a context says of the letters in a statement, and of those that their definitions lead to.

    Subscripts and accents make no difference, ``W_{ij}`` is told by the declaration of ``W``; labels above do:
    ``theta^{(0)}`` is not told by ``theta``, but by the family ``theta^{(t)}``, and that by every one of its members.
    """
    names, definitions = _names((before, after)), list(context.definitions)
    used: set[int] = set()
    while found := [k for k, d in enumerate(definitions) if k not in used and not names.isdisjoint(_called(d.name))]:
        for k in found:
            used.add(k)
            names |= _names((*definitions[k].parameters, definitions[k].body))
    domains = {s: says for s, says in context.domains.items() if not names.isdisjoint(_called(s))}
    return Context(domains, tuple(d for k, d in enumerate(definitions) if k in used))


_Name = tuple[str, str]
_APPLIED, _MEMBER = "applied", "member"


@lru_cache(maxsize=MOST)
def _called(symbol: Symbol) -> frozenset[_Name]:
    """The names under which something said of a symbol is looked for."""
    found = {(symbol.name, symbol.sup), (symbol.name, _APPLIED), (symbol.plain, _APPLIED)}
    return frozenset(found | {(symbol.name, _MEMBER)} if symbol.sup[:1] in _BRACKETS else found)


_BRACKETS = frozenset("([")


def _names(nodes: Iterable[Node]) -> set[_Name]:
    return set().union(*map(_names_in, nodes))


@lru_cache(maxsize=MOST)
def _names_in(node: Node) -> frozenset[_Name]:
    found: set[_Name] = set()
    for part in walk(node):
        match part:
            case Symbol(name, _, sup):
                found.add((name, sup))
                if sup[:1] in _BRACKETS:
                    found |= {(name, "()"), (name, "[]")}
                    if len(sup) == 2:
                        found.add((name, _MEMBER))
            case Call(name) | Gradient(name):
                found |= {(name, _APPLIED), (name.split("_")[0], _APPLIED)}
    return frozenset(found)
