r"""Tables of probabilities as problems give them: checked, exact, with the names of the outcomes.

Called by the kinds ``kl-divergence`` and ``entropy``. A table is a list of probabilities, which may be formulas in
letters; ``{data = [1, 0, 1, 1]}`` the shares of the values in a sample; the name of a discrete family
(``'Bernoulli(\theta)'``) the table of its mass at the outcomes of another table. Refused are probabilities that are
negative or above one and tables that do not sum to one, with the sum in the message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from derive.declarations import declaration
from derive.distributions import SUPPORTS, Family, X, read_formula
from derive.errors import DeriveError, about
from derive.goals import simple
from derive.kinds._likelihood_given import read_data, written_family
from derive.read.fields import Spelled, type_name, written_number
from derive.steps import Context, Definition, Prose, Status
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    Node,
    Relation,
    Symbol,
    free_symbols,
    number,
    numeric,
    substitute,
    total,
)
from derive.verify import verify_step
from derive.write.text import text

OUTCOMES_MOST = 60
_DIFFERENCE = Fraction(1, 10**12)


@dataclass(frozen=True)
class Distribution:
    """A table: the letter that it is written with, its probabilities, the values or names of its outcomes.

    ``words`` say what it is where it does not speak for itself; ``domains`` are those of its letters.
    """

    name: Symbol
    probabilities: tuple[Node, ...]
    outcomes: tuple[Node | str, ...]
    words: Prose = ()
    domains: Mapping[Symbol, str] = field(default_factory=dict)

    def member(self, k: int) -> Symbol:
        """``p_k``, k from 1."""
        return replace(self.name, sub=str(k))

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """``p_1 = 1/2`` and so on."""
        return tuple(Definition(self.member(k), (), u) for k, u in enumerate(self.probabilities, 1))

    @property
    def letters(self) -> frozenset[Symbol]:
        """The letters in the probabilities."""
        return frozenset().union(*map(free_symbols, self.probabilities))


def is_named(given: Any) -> bool:
    """Whether a family is named."""
    return isinstance(given, str) and not isinstance(given, Spelled)


def table(given: Any, name: Symbol, key: str, outcomes: Sequence[str] = (), file: str = "",
          domains: Mapping[Symbol, str] | None = None) -> Distribution:
    """The checked table. DeriveError, with the key, for what is none."""
    with about(key):
        return _table(given, name, key, outcomes, file, domains or {})


def _table(given: Any, name: Symbol, key: str, outcomes: Sequence[str], file: str,
           domains: Mapping[Symbol, str]) -> Distribution:
    if isinstance(given, Mapping):
        return _of_sample(given, name, key, outcomes, file)
    if not isinstance(given, list | tuple):
        raise DeriveError(f"{key}: expected a list of probabilities, found {type_name(given)}",
                          f"{key} = ['1/4', '3/4']")
    probabilities = tuple(probability(item, f"{key}: item {k}", domains) for k, item in enumerate(given, 1))
    _counted(len(probabilities), key)
    sums_to_one(probabilities, key, domains)
    return Distribution(name, probabilities, _outcomes(outcomes, len(probabilities), key), (), dict(domains))


def _counted(count: int, key: str) -> None:
    if not count:
        raise DeriveError(f"{key}: there are no probabilities in the list")
    if count > OUTCOMES_MOST:
        raise DeriveError(f"{key}: {count} outcomes are too many: at most {OUTCOMES_MOST}")


def _outcomes(names: Sequence[str], count: int, key: str) -> tuple[Node | str, ...]:
    if not names:
        return tuple(number(k) for k in range(1, count + 1))
    with about("outcomes"):
        if len(names) != count:
            raise DeriveError(f"{key} has {count} probabilities, but there are {len(names)} names of outcomes")
    return tuple(names)


def probability(item: Any, where: str, domains: Mapping[Symbol, str]) -> Node:
    """A probability, exact. DeriveError for what is negative or above one."""
    node = _formula(item, where)
    value = numeric(node)
    if value is not None:
        outside = "negative" if value < 0 else "above one" if value > 1 else ""
    else:
        context = Context(domains)
        outside = next((word for bound, sign, word in ((ZERO, ">=", "negative"), (ONE, "<=", "above one"))
                        if verify_step(node, bound, sign, context).status is Status.REFUTED
                        and not free_symbols(node)), "")
    if outside:
        raise DeriveError(f"{where} is {text(node)}, which is {outside}", "a probability is from 0 to 1")
    return node


def _formula(item: Any, where: str) -> Node:
    if isinstance(item, bool) or not isinstance(item, int | float | str | Node):
        raise DeriveError(f"{where}: expected a probability, found {type_name(item)}")
    if isinstance(item, Node):
        return item
    if isinstance(item, float):
        item = Spelled(repr(item))
    if isinstance(item, int | Spelled):
        return written_number(item)
    try:
        node = read_formula(item)
    except DeriveError as error:
        raise DeriveError(f"{where}: {error.message}", error.hint) from error
    value = numeric(simple(node)) if not free_symbols(node) else None
    return node if value is None else node if numeric(node) is not None else number(value)


def sums_to_one(items: Sequence[Node], key: str, domains: Mapping[Symbol, str]) -> None:
    """DeriveError, with the sum, for probabilities that do not sum to one."""
    values = [numeric(item) for item in items]
    if None not in values:
        found = sum((v for v in values if v is not None), Fraction(0))
        if found != 1:
            raise DeriveError(f"{key}: the probabilities sum to {text(_short(found))}, not to 1", _how(found, items))
        return
    whole = simple(total(tuple(items)))
    if verify_step(whole, ONE, "=", Context(domains)).status is not Status.PROVED:
        raise DeriveError(f"{key}: the probabilities sum to {text(whole)}, which is not shown to be 1",
                          "write the last one as one minus the others")


def _short(value: Fraction) -> Node:
    from derive.tree import decimal

    return decimal(value) or number(value)


def _how(found: Fraction, items: Sequence[Node]) -> str:
    if abs(found - 1) < Fraction(1, 100) and any("." in text(item) for item in items):
        return "rounded decimals do not sum to one; give fractions such as '1/3'"
    return "change one of them, or divide all by their sum"


def _of_sample(given: Mapping[str, Any], name: Symbol, key: str, outcomes: Sequence[str], file: str) -> Distribution:
    """The shares of the values of a sample, the values in increasing order."""
    if set(given) != {"data"}:
        raise DeriveError(f"{key}: a table has the key data", f"{key} = {{data = [1, 0, 1, 1]}}")
    data, words = read_data(given["data"], file, f"{key}.data")
    assert data is not None
    values = [numeric(item) for item in data]
    counts = Counter(v for v in values if v is not None)
    _counted(len(counts), key)
    shares = tuple(number(Fraction(counts[v], len(data))) for v in sorted(counts))
    names = _outcomes(outcomes, len(counts), key) if outcomes else tuple(number(v) for v in sorted(counts))
    said: Prose = (f"the shares of the values in {words or 'the sample'}, {len(data)} in number",)
    return Distribution(name, shares, names, said)


# --- families as tables ------------------------------------------------------------------------------


def family_of(given: str, key: str) -> tuple[Family, tuple[Node, ...]]:
    """A family and its parameters. DeriveError, with the key, for an unknown one."""
    with about(key):
        try:
            return written_family(given)
        except DeriveError as error:
            raise DeriveError(f"{key}: {error.message}", error.hint) from error


def domains_of(family: Family, items: Sequence[Node]) -> dict[Symbol, str]:
    """The domains of the parameters that are letters."""
    return {item: p.domain for p, item in zip(family.parameters, items, strict=True) if isinstance(item, Symbol)}


def as_table(given: str, name: Symbol, key: str, values: Sequence[Node | str]) -> Distribution:
    """A discrete family at the outcomes of another table, which it gives all its mass or not.

    DeriveError for a density, and for outcomes that are no numbers.
    """
    with about(key):
        return _as_table(given, name, key, values)


def _as_table(given: str, name: Symbol, key: str, values: Sequence[Node | str]) -> Distribution:
    family, items = family_of(given, key)
    if not family.discrete:
        raise DeriveError(f"{key}: the {family.title} has a density, the other side is a table of probabilities",
                          "their divergence is not defined; give both as tables or both as families with densities")
    put_in: dict[Node, Node] = {p.symbol: item for p, item in zip(family.parameters, items, strict=True)}
    masses = []
    for value in values:
        if isinstance(value, str) or numeric(value) is None:
            raise DeriveError(f"{key}: the {family.title} is about numbers, but an outcome is called {value}",
                              "leave the names of the outcomes out")
        masses.append(_mass(family, put_in, value))
    words: Prose = (f"the {family.title}",)
    return Distribution(name, tuple(masses), tuple(values), words, domains_of(family, items))


def _mass(family: Family, put_in: Mapping[Node, Node], value: Node) -> Node:
    """The mass at a value, zero outside the support."""
    low, high = (substitute(read_formula(end), put_in) for end in SUPPORTS[family.support])
    place, least, most = numeric(value), numeric(low), numeric(high)
    if place is None or place.denominator != 1 or (least is not None and place < least) or (
        most is not None and high != INFINITY and place > most
    ):
        return ZERO
    if family.name == "Bernoulli":
        p = next(iter(put_in.values()))
        return p if place == 1 else simple(substitute(read_formula("1 - p"), {Symbol("p"): p}))
    return simple(substitute(family.formula, {**put_in, X: value}))


def is_complete(q: Distribution, domains: Mapping[Symbol, str]) -> bool:
    """Whether the probabilities of a table sum to one."""
    return verify_step(total(q.probabilities), ONE, "=", Context(domains)).status is Status.PROVED


def same_length(p: Distribution, q: Distribution) -> None:
    """DeriveError for tables of different lengths."""
    with about("q"):
        if len(p.probabilities) != len(q.probabilities):
            raise DeriveError(
                f"p has {len(p.probabilities)} outcomes and q has {len(q.probabilities)}",
                "both tables need the same outcomes; give what cannot happen the probability 0",
            )


def fits(domain: str, value: Node) -> bool:
    """Whether a number lies in a declared domain; letters may."""
    found = numeric(value)
    return found is None or declaration(domain).allows(found)


def stated(p: Distribution) -> Prose:
    """``p = (1/4, 3/4)`` in the list of what is given."""
    from derive.tree import Vector

    said: Prose = (Relation((p.name, Vector(p.probabilities)), ("=",)),)
    return (*said, ", ", *p.words) if p.words else said
