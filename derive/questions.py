r"""Is this true? Two formulas, what is known of their letters, and the verifier's answer.

``derive equal`` and :func:`derive.api.equal` make a :class:`Question` of texts and :func:`answer` it. Conditions that
no domain can say (``x + y < 1``) hold as well: a proof for more points than are asked about is a proof, and a
counter-example counts only at a point where these conditions hold, which the verifier itself decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import count
from random import Random
from typing import TypeVar

from derive.declarations import declaration
from derive.errors import DeriveError, FormulaError
from derive.limits import CHECK_SECONDS
from derive.read import fields
from derive.read.conditions import Conditions, conditions, declared
from derive.read.declared import Declared
from derive.read.latex import Names, read, read_definition
from derive.steps import Context, Definition, Status, Verdict, Witness
from derive.tree import (
    Indexed,
    Negative,
    Node,
    Relation,
    Sum,
    Symbol,
    bound_symbols,
    decimal,
    free_symbols,
    number,
    numeric,
    substitute,
    walk,
)
from derive.verify import verify_step
from derive.write.text import text

Texts = str | Sequence[str]

RELATIONS = {
    "=": "=", "==": "=", "<": "<", "<=": "<=", r"\le": "<=", r"\leq": "<=", "≤": "<=", ">": ">", ">=": ">=",
    r"\ge": ">=", r"\geq": ">=", "≥": ">=", "~=": "~=", r"\approx": "~=", "≈": "~=", "=>": "=>", r"\Rightarrow": "=>",
    r"\implies": "=>", "⇒": "=>", "<=>": "<=>", r"\Leftrightarrow": "<=>", r"\iff": "<=>", "⇔": "<=>",
    "===": "===", r"\equiv": "===", "≡": "===",
}  # fmt: skip
"""What may stand between the two formulas, as people type it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement to judge: ``before relation after`` in a context, where ``others`` hold as well."""

    before: Node
    after: Node
    relation: str = "="
    context: Context = field(default_factory=Context)
    others: tuple[Relation, ...] = ()


def question(
    before: str | Node, after: str | Node | None = None, *, where: Texts | Mapping[str, str] = (), define: Texts = (),
    declare: Texts = (), relation: str = "=",
) -> Question:
    r"""The question that texts or nodes pose.

    ``where`` and ``declare`` are conditions as :mod:`derive.read.conditions` reads them, or a mapping from names to
    domains; ``define`` are definitions such as ``f(x) = x^2``. Without ``after``, ``before`` is a whole statement,
    ``'a = b'``. DeriveError for what cannot be read and for what contradicts itself.
    """
    known = _conditions(where, declare)
    definitions = _definitions(_listed(define), known)
    names = fields.declaring(known.declared.names(), definitions)
    sides = [_read(side, names, known) for side in (before, after) if side is not None]
    sign = _relation(relation)
    if after is None:
        sides, sign = _statement(sides[0], relation)
    context = Context(known.declared.domains(), definitions)
    return Question(sides[0], sides[1], sign, context, tuple(known.others))


def formula(
    written: str, *, where: Texts | Mapping[str, str] = (), define: Texts = (), declare: Texts = (),
) -> tuple[Node, Names, Context]:
    """A formula as it is read under declarations, with the names and the context that these make."""
    known = _conditions(where, declare)
    definitions = _definitions(_listed(define), known)
    names = fields.declaring(known.declared.names(), definitions)
    return _read(written, names, known), names, Context(known.declared.domains(), definitions)


def domains(where: Texts | Mapping[str, str]) -> Declared:
    """Conditions that are domains and nothing else. DeriveError for one that is not."""
    known = _conditions(where, ())
    if known.others:
        hint = "only derive equal takes such a condition"
        raise DeriveError(f"{text(known.others[0])} is no domain that can be declared", hint)
    return known.declared


def names(
    *, where: Texts | Mapping[str, str] = (), define: Texts = (), declare: Texts = (),
) -> Names:
    """What declarations and definitions make of names, for reading many formulas."""
    known = _conditions(where, declare)
    return fields.declaring(known.declared.names(), _definitions(_listed(define), known))


def foreign(written: str) -> tuple[Node, str]:
    """A formula as latex2sympy2 reads it, and what this reader says of that; never believed, only shown.

    ToolMissingError where latex2sympy2 is not installed, FormulaError where it refuses.
    """
    from derive import latex2sympy

    node = latex2sympy.read(written).node
    try:
        own = read(written)
    except DeriveError as error:
        return node, f"derive does not read this: {error.message.partition(chr(10))[0]}"
    verdict = verify_step(node, own, "=", Context())
    if verdict.status is Status.PROVED:
        return node, "derive reads the same"
    return node, f"derive reads {text(own)} ({'not the same' if verdict.witness else 'perhaps not the same'})"


def _conditions(where: Texts | Mapping[str, str], declare: Texts) -> Conditions:
    first = conditions(_listed(declare), label="--declare") if declare else Conditions()
    if isinstance(where, Mapping):
        for said in declared(where).declared.every():
            first.declared.add(said)
        return first
    found = conditions(_listed(where), first.declared, "--where") if where else first
    return found if found is first else replace(found, others=[*first.others, *found.others])


def _listed(given: Texts) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _definitions(texts: Sequence[str], known: Conditions) -> tuple[Definition, ...]:
    """The definitions, each of which may use those before it."""
    found: list[Definition] = []
    for written in texts:
        names = fields.declaring(known.declared.names(), found)
        made = _explained(partial(read_definition, written, names), known)
        if not isinstance(made, Definition):
            raise DeriveError(f"{written!r} defines nothing", "write f(x) = x^2, or s = 3")
        known.declared.define(made, f"--define {written!r}")
        found.append(made)
    return tuple(found)


def _read(side: str | Node, names: Names, known: Conditions) -> Node:
    return side if isinstance(side, Node) else _explained(partial(read, side, names), known)


Read = TypeVar("Read")


def _explained(reading: Callable[[], Read], known: Conditions) -> Read:
    """What a reading gives; its refusal says what was declared of the name that it stumbles over."""
    try:
        return reading()
    except FormulaError as error:
        error.hint = known.declared.about(error) or error.hint
        raise


def _relation(written: str) -> str:
    if written.strip() in RELATIONS:
        return RELATIONS[written.strip()]
    known = ", ".join(dict.fromkeys(RELATIONS.values()))
    raise DeriveError(f"the relation {written!r} is not known", f"one of {known}")


def _statement(node: Node, relation: str) -> tuple[list[Node], str]:
    """The two sides of a whole statement."""
    match node:
        case Relation((left, right), (sign,)) if relation == "=" and sign in RELATIONS.values():
            return [left, right], sign
        case Relation(_, (_, _, *_)):
            raise DeriveError("a chain of several relations", "give the two formulas to compare, one after the other")
    raise DeriveError("one formula and nothing to compare it with", "derive equal 'A' 'B', or derive equal 'A = B'")


# --- the answer -----------------------------------------------------------------------------------------


def answer(asked: Question) -> Verdict:
    """The verdict on a question; never an exception."""
    deadline = time.monotonic() + CHECK_SECONDS
    verdict = verify_step(asked.before, asked.after, asked.relation, asked.context)
    if not asked.others:
        return verdict
    quick = time.monotonic() < deadline - CHECK_SECONDS / 2
    if quick and verdict.status is not Status.PROVED and (found := _put_in(asked)):
        return found
    if verdict.status is Status.REFUTED:
        return _inside(asked, verdict, deadline)
    granted = {text(other) for other in asked.others}
    return replace(verdict, condition=tuple(c for c in verdict.condition if c not in granted))


def _put_in(asked: Question) -> Verdict | None:
    """A proof with ``x = y + t``, t positive, for the condition ``x > y``; None where that leads nowhere."""
    sides, domains = (asked.before, asked.after), dict(asked.context.domains)
    for other in asked.others:
        found = _distance(other, domains)
        if found is None or _captured(found[1], sides):
            continue
        symbol, bound, by, says = found
        step = _unused((*sides, *asked.others))
        domains[step] = says
        put_in: dict[Node, Node] = {symbol: Sum((bound, by(step)))}
        sides = substitute(sides[0], put_in), substitute(sides[1], put_in)
    if sides == (asked.before, asked.after):
        return None
    verdict = verify_step(sides[0], sides[1], asked.relation, Context(domains, asked.context.definitions))
    return verdict if verdict.status is Status.PROVED and not verdict.condition else None


Distance = tuple[Symbol, Node, Callable[[Node], Node], str]


def _distance(other: Relation, domains: Mapping[Symbol, str]) -> Distance | None:
    """The letter that a condition bounds, by what, on which side of it the letter lies, and how far."""
    if len(other.signs) != 1 or other.signs[0] not in _DISTANCES:
        return None
    sign, (left, right) = other.signs[0], other.sides
    for symbol, bound, above in ((left, right, ">" in sign), (right, left, "<" in sign)):
        if not isinstance(symbol, Symbol) or symbol in free_symbols(bound):
            continue
        whole = declaration(domains.get(symbol, "real")).whole
        value = numeric(bound)
        if whole and (value is None or value.denominator != 1):
            continue
        return symbol, bound, (lambda t: t) if above else Negative, f"{_DISTANCES[sign]}{' integer' if whole else ''}"
    return None


def _captured(node: Node, sides: Sequence[Node]) -> bool:
    """Whether a letter of an expression is bound somewhere in the sides: it must not be put in there."""
    bound = frozenset().union(*(bound_symbols(part) for side in sides for part in walk(side)))
    return bool(free_symbols(node) & bound)


_DISTANCES = {"<": "positive", ">": "positive", "<=": "nonnegative", ">=": "nonnegative"}


def _unused(nodes: Sequence[Node]) -> Symbol:
    """A letter that does not occur."""
    taken = {part for node in nodes for part in walk(node) if isinstance(part, Symbol)}
    return next(letter for k in count(1) if (letter := Symbol("t", str(k))) not in taken)


_TRIES = 400
_SEED = 20_240_229


def _inside(asked: Question, verdict: Verdict, deadline: float) -> Verdict:
    """The same verdict with a counter-example at which the other conditions hold; undecided without one."""
    for point in _points(asked, verdict.witness):
        if time.monotonic() > deadline:
            break
        if all(_holds(other, point) for other in asked.others) and (found := _refuted_at(asked, point)):
            return found
    others = ", ".join(map(text, asked.others))
    at = "; ".join(f"{name} = {value}" for name, value in verdict.witness.point) if verdict.witness else ""
    where = f" (false at {at})" if at else ""
    detail = f"false without the condition {others}{where}; no counter-example was found where it holds"
    return Verdict(Status.UNDECIDED, detail=detail)


Point = dict[Symbol, Fraction]


def _points(asked: Question, witness: Witness | None) -> Iterator[Point]:
    """The known counter-example, then points of the domain from a fixed sequence."""
    sides = (asked.before, asked.after, *asked.others)
    if any(isinstance(part, Indexed) for side in sides for part in walk(side)):
        return  # no finite point says all members of a family
    symbols = sorted(frozenset().union(*map(free_symbols, sides)), key=lambda s: (s.plain, repr(s)))
    symbols = [s for s in symbols if s not in {d.name for d in asked.context.definitions}]
    known = dict(witness.point) if witness else {}
    random = Random(_SEED)
    for k in range(_TRIES):
        drawn = {s: _drawn(asked.context.domains.get(s, "real"), random) for s in symbols}
        shown = {s: Fraction(known[s.plain]) for s in symbols if k == 0 and s.plain in known}
        point = {**drawn, **shown}
        if all(declaration(asked.context.domains.get(s, "real")).allows(value) for s, value in point.items()):
            yield point


def _drawn(domain: str, random: Random) -> Fraction:
    """A number near a domain, mostly in it."""
    says = declaration(domain)
    if says.whole:
        return Fraction(random.randint(-6, 6) if says.low is None else int(says.low) + random.randint(0, 8))
    size = Fraction(random.randint(1, 64), random.choice((8, 16, 64)))
    if says.low is not None and says.high is not None:
        return says.low + (says.high - says.low) * Fraction(random.randint(0, 64), 64)
    if says.low is None and says.high is None:
        return random.choice((1, -1)) * size
    return says.low + size if says.low is not None else (says.high or Fraction(0)) - size


def _holds(other: Relation, point: Point) -> bool:
    """Whether the verifier proves a condition at a point."""
    put_in: dict[Node, Node] = {symbol: number(value) for symbol, value in point.items()}
    sides = [substitute(side, put_in) for side in other.sides]
    links = zip(sides, other.signs, sides[1:], strict=False)
    return all(_link_holds(left, sign, right) for left, sign, right in links)


def _link_holds(left: Node, sign: str, right: Node) -> bool:
    wanted = Status.REFUTED if sign == "!=" else Status.PROVED
    return verify_step(left, right, "=" if sign == "!=" else sign, Context()).status is wanted


def _refuted_at(asked: Question, point: Point) -> Verdict | None:
    """The statement refuted at one point, exactly this one."""
    put_in: dict[Node, Node] = {symbol: number(value) for symbol, value in point.items()}
    sides = [substitute(side, put_in) for side in (asked.before, asked.after)]
    found = verify_step(sides[0], sides[1], asked.relation, Context({}, asked.context.definitions))
    if found.status is not Status.REFUTED:
        return None
    shown = tuple((symbol.plain, text(decimal(value) or number(value))) for symbol, value in point.items())
    left, right = (found.witness.left, found.witness.right) if found.witness else (text(sides[0]), text(sides[1]))
    return replace(found, witness=Witness(shown, left, right))
