"""What drawn numbers must satisfy: relations between them, and phrases about the problem's derived answer.

Called by the reader of sheet files, which has :func:`condition` read the words of ``[item.when]``, and by
:mod:`derive.worksheets.drawing`, which asks :func:`holds` of each draw. A condition is a relation between drawn numbers
(``a^2 + b^2 <= 10``; a number of a drawn list is ``start_1``), which is judged exactly and before anything is derived,
or a phrase: a row of :data:`PHRASES` whose gaps ``{k}`` and ``{name}`` are a number and the name of a result; what is
drawn may stand in the name, as in ``det J{at} is not zero``. ``and`` and ``or`` join them, ``and`` first. A new phrase
is a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from typing import Protocol

from derive.braced import in_words
from derive.errors import DeriveError
from derive.numeric.exact import exact
from derive.numeric.value import value_of
from derive.problem import Problem
from derive.read.fields import symbol
from derive.read.latex import Names, read
from derive.read.problems import BRACED
from derive.steps import Context, Definition, Derivation, Result, Status, Value
from derive.tree import (
    Matrix,
    Node,
    Number,
    Power,
    Quotient,
    Relation,
    Symbol,
    Vector,
    free_symbols,
    substitute,
    walk,
)
from derive.verify import verify_step


@dataclass(frozen=True, slots=True)
class Case:
    """A draw to judge: the numbers, and, once they are there, the problem with them and its derivation."""

    values: Mapping[str, Value]
    problem: Problem | None = None
    derivation: Derivation | None = None


Holds = Callable[[Case], bool]


class MissingError(DeriveError):
    """A condition speaks of a result that this answer does not have."""


@dataclass(frozen=True, slots=True)
class Test:
    """A condition that was read. ``early`` ones need the numbers alone; ``names`` are the numbers that it names.

    Those ``at_last`` ask for the verdicts of a verified answer.
    """

    holds: Holds
    early: bool = False
    names: frozenset[str] = frozenset()
    parts: tuple[Test, ...] = field(default=())
    at_last: bool = False


class Judge(Protocol):
    """Whether a case is as a phrase says, with these contents of its gaps."""

    def __call__(self, case: Case, gaps: Mapping[str, str]) -> bool:
        """Judge."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A row: the words with their gaps, and what makes them true. ``test`` is handed the gaps' contents by name.

    ``at_last`` says that it looks at verdicts.
    """

    words: str
    test: Judge
    at_last: bool = False


# --- results of an answer ----------------------------------------------------------------------------


def _results(case: Case) -> tuple[Result, ...]:
    return case.derivation.results if case.derivation is not None else ()


def _named(case: Case, name: str) -> Result:
    """The result of a name, however its letters are spelled. MissingError, with those there are, for no such one."""
    name = BRACED.sub(lambda found: in_words(case.values[found[1]]) if found[1] in case.values else found[0], name)
    wanted = name.casefold().removeprefix("the ").removeprefix("result ")
    for result in _results(case):
        if result.name.casefold() == wanted:
            return result
    known = [result.name for result in _results(case)]
    close = get_close_matches(wanted, known, n=1)
    raise MissingError(f'the answer has no result "{name}"' + (f'; did you mean "{close[0]}"?' if close else ""),
                       f"its results are {', '.join(known)}")


def _leaves(value: Value | None) -> Iterator[Node]:
    """The expressions that a value is made of; None has none."""
    if isinstance(value, tuple):
        for part in value:
            yield from _leaves(part)
    elif value is not None:
        yield from _components(value)


def _components(node: Node) -> Iterator[Node]:
    match node:
        case Vector(items):
            for item in items:
                yield from _components(item)
        case Matrix(rows):
            for row in rows:
                for entry in row:
                    yield from _components(entry)
        case _:
            yield node


def _exact(node: Node) -> Fraction | None:
    """The rational value of an expression without letters, or None."""
    if free_symbols(node):
        return None
    try:
        value = exact(node, {})
    except (DeriveError, ArithmeticError):
        return None
    return value if isinstance(value, Fraction) else None


def _numbers(case: Case, name: str) -> list[Fraction | None]:
    """The numbers of a result, None for each that is no rational one. MissingError for what has no exact value."""
    result = _named(case, name)
    leaves = list(_leaves(result.value))
    if not leaves:
        raise MissingError(f'the result "{name}" has no exact value')
    _without_letters(case, name, leaves)
    return [_exact(leaf) for leaf in leaves]


def _without_letters(case: Case, name: str, leaves: Sequence[Node]) -> None:
    """MissingError, with the results that are numbers, for one that is a formula."""
    letters = sorted({s.plain for leaf in leaves for s in free_symbols(leaf)})
    if letters:
        known = [r.name for r in _results(case) if not any(map(free_symbols, _leaves(r.value)))]
        raise MissingError(f'the result "{name}" is a formula with the letters {", ".join(letters)}, and no number',
                           f"results that are numbers are {', '.join(known)}" if known else "")


def _reals(case: Case, name: str) -> list[float]:
    """The numbers of a result in double precision, MissingError for what is no list of real numbers."""
    result = _named(case, name)
    _without_letters(case, name, list(_leaves(result.value)))
    numbers = result.number if result.value is None and isinstance(result.number, list | tuple) else None
    try:
        if numbers is not None:
            return [float(x) for x in numbers]
        return [value_of(leaf) for leaf in _leaves(result.value)]
    except (DeriveError, TypeError, ValueError, ArithmeticError, KeyError) as error:
        raise MissingError(f'the result "{name}" is not made of real numbers') from error


# --- the phrases -------------------------------------------------------------------------------------


def _integers(case: Case, gaps: Mapping[str, str]) -> bool:
    return _with_decimals(_numbers(case, gaps["name"]), 0)


def _short_decimals(case: Case, gaps: Mapping[str, str]) -> bool:
    return _with_decimals(_numbers(case, gaps["name"]), int(gaps["k"]))


def _with_decimals(numbers: Iterable[Fraction | None], places: int) -> bool:
    return all(n is not None and (n * 10**places).denominator == 1 for n in numbers)


def _digits(node: Node) -> int:
    """The digits of the longest number that is written in an expression; ``0.25`` has two."""
    texts = (part.text for part in walk(node) if isinstance(part, Number))
    return max((len(text.lstrip("0").replace(".", "")) for text in texts), default=0)


def _at_most_digits(case: Case, gaps: Mapping[str, str]) -> bool:
    return all(_digits(leaf) <= int(gaps["k"]) for r in _results(case) if r.shown for leaf in _leaves(r.value))


def _at_most_digits_in(case: Case, gaps: Mapping[str, str]) -> bool:
    return all(_digits(leaf) <= int(gaps["k"]) for leaf in _leaves(_named(case, gaps["name"]).value))


def _rational(case: Case, gaps: Mapping[str, str]) -> bool:
    return all(n is not None for n in _numbers(case, gaps["name"]))


def _sign_is(compare: Callable[[float, float], bool]) -> Judge:
    def judge(case: Case, gaps: Mapping[str, str]) -> bool:
        return all(compare(x, 0) for x in _reals(case, gaps["name"]))

    return judge


def _falls(case: Case, gaps: Mapping[str, str]) -> bool:
    return all(after < before for before, after in pairwise(_reals(case, "costs")))


_APART = 1e-9  # two numbers in double precision that are nearer may be equal


def _distinct(case: Case, gaps: Mapping[str, str]) -> bool:
    values = sorted(_reals(case, gaps["name"]))
    return all(b - a > _APART * max(1, abs(a), abs(b)) for a, b in pairwise(values))


def _distinct_eigenvalues(case: Case, gaps: Mapping[str, str]) -> bool:
    names = [r.name for r in _results(case) if "eigenvalues" in r.name.casefold() and any(_leaves(r.value))]
    if not names:
        known = ", ".join(r.name for r in _results(case))
        raise MissingError("the answer has no eigenvalues", f"its results are {known}")
    return all(_distinct(case, {"name": name}) for name in names)


def _divides_by_nothing(case: Case, gaps: Mapping[str, str]) -> bool:
    """That no denominator in the problem or its answer is zero; a problem that cannot be solved is no draw anyway."""
    given = case.problem.given.values() if case.problem is not None else ()
    nodes = [*_nodes(tuple(given)), *(leaf for r in _results(case) for leaf in _leaves(r.value))]
    return not any(_vanishes(part) for node in nodes for part in walk(node))


def _nodes(value: object) -> Iterator[Node]:
    match value:
        case Node():
            yield value
        case Definition():
            yield value.body
        case tuple() | list():
            for part in value:
                yield from _nodes(part)
        case dict():
            yield from _nodes(tuple(value.values()))


def _vanishes(node: Node) -> bool:
    match node:
        case Quotient(_, below):
            return _exact(below) == 0
        case Power(base, exponent):
            power = _exact(exponent)
            return power is not None and power < 0 and _exact(base) == 0
    return False


def _steps(case: Case) -> int:
    return sum(1 for _ in case.derivation.steps()) if case.derivation is not None else 0


def _at_most_steps(case: Case, gaps: Mapping[str, str]) -> bool:
    return _steps(case) <= int(gaps["k"])


def _at_least_steps(case: Case, gaps: Mapping[str, str]) -> bool:
    return _steps(case) >= int(gaps["k"])


def _proved(case: Case, gaps: Mapping[str, str]) -> bool:
    return case.derivation is not None and case.derivation.status() is Status.PROVED


PHRASES = (
    Phrase("all {name} are integers", _integers),
    Phrase("{name} is an integer", _integers),
    Phrase("all {name} are integers or have at most {k} decimals", _short_decimals),
    Phrase("{name} has at most {k} decimals", _short_decimals),
    Phrase("all {name} have at most {k} decimals", _short_decimals),
    Phrase("{name} has at most {k} digits", _at_most_digits_in),
    Phrase("all {name} have at most {k} digits", _at_most_digits_in),
    Phrase("at most {k} digits", _at_most_digits),
    Phrase("{name} is rational", _rational),
    Phrase("all {name} are rational", _rational),
    Phrase("{name} is positive", _sign_is(gt)),
    Phrase("{name} is negative", _sign_is(lt)),
    Phrase("{name} is not zero", _sign_is(ne)),
    Phrase("all {name} are distinct", _distinct),
    Phrase("distinct eigenvalues", _distinct_eigenvalues),
    Phrase("cost falls", _falls),
    Phrase("no division by zero", _divides_by_nothing),
    Phrase("at most {k} steps", _at_most_steps),
    Phrase("at least {k} steps", _at_least_steps),
    Phrase("every step is proved", _proved, at_last=True),
)
"""What can be said of a derived answer. ``{name}`` is the name of a result: iterates, costs, det J(1, 1), det J{at}."""


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Phrase], ...]:
    """The phrases as patterns, those with the most words first: a longer phrase is no shorter one with a long name."""
    gaps = {"{k}": r"(?P<k>\d{1,6})", "{name}": r"(?P<name>\S(?:.*?\S)?)"}
    made = []
    for phrase in sorted(PHRASES, key=lambda phrase: len(phrase.words.split()), reverse=True):
        pieces = re.split(r"(\{k\}|\{name\})", phrase.words)
        pattern = "".join(gaps[piece] if piece in gaps else re.escape(piece) for piece in pieces)
        made.append((re.compile(rf"(?:the )?{pattern}", re.IGNORECASE), phrase))
    return tuple(made)


# --- reading -----------------------------------------------------------------------------------------

_SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_TYPED = (("!=", r"\ne "), ("==", "="), ("=<", r"\le "), ("≠", r"\ne "), ("≤", r"\le "), ("≥", r"\ge "))
"""Signs as people type them, and what the reader of formulas knows."""
_RELATION = re.compile(r"[=<>≠≤≥]|\\(?:ne|neq|le|leq|ge|geq)\b")
_JOIN = re.compile(r"\b(?:and|or)\b")
_JOINED = re.compile(rf"{_JOIN.pattern}|{_RELATION.pattern}")
"""What the name of a result does not contain; a phrase with a name that does is several conditions."""
_JOINS_MOST = 8
_TOLD = 80  # characters of a condition in a message


def condition(text: str, values: Mapping[str, Value] | None = None) -> Test:
    """What a condition says. DeriveError, with what can be said, for words that are neither phrase nor relation.

    ``values`` are the drawn numbers, or some of their shape: only these names may stand in a relation.
    """
    words = " ".join(text.split())
    known = names(values or {})
    if (joins := len(_JOIN.findall(words))) > _JOINS_MOST:
        raise DeriveError(f"{joins + 1} conditions are too many in one: at most {_JOINS_MOST + 1}",
                          "give each a name and a line of its own under [item.when]")
    found = _joined(words, known)
    if found is None:
        raise _unknown(words, known)
    return found


def holds(test: Test, case: Case) -> bool:
    """Whether a case satisfies a condition; MissingError where it speaks of a result that there is not."""
    return test.holds(case)


def _joined(words: str, known: frozenset[str]) -> Test | None:
    """A condition that may be joined of several; a phrase that contains ``or`` is first taken as a whole."""
    if not words:
        return None
    whole = _phrase(words) or _relation(words, known)
    if whole is not None:
        return whole
    for word, join in ((" or ", any), (" and ", all)):
        for at in (found.start() for found in re.finditer(word, words)):
            left, right = _joined(words[:at], known), _joined(words[at + len(word) :], known)
            if left is not None and right is not None:
                return _both((left, right), join)
    return None


def _both(parts: tuple[Test, Test], join: Callable[[Iterable[bool]], bool]) -> Test:
    conjoined = parts if join is all else ()
    return Test(lambda case: join(part.holds(case) for part in parts), all(part.early for part in parts),
                parts[0].names | parts[1].names, conjoined, any(part.at_last for part in parts))


def _phrase(words: str) -> Test | None:
    for pattern, phrase in _patterns():
        found = pattern.fullmatch(words)
        if found and not _JOINED.search(found.groupdict().get("name", "")):
            return Test(partial(phrase.test, gaps=found.groupdict()), at_last=phrase.at_last)
    return None


def names(values: Mapping[str, Value]) -> frozenset[str]:
    """What may stand in a relation: each drawn number, and each number of a drawn list by its place from 1."""
    return frozenset(symbol.plain for symbol in _symbols(values))


def _symbols(values: Mapping[str, Value]) -> dict[Symbol, Node]:
    """The drawn numbers by their letters: ``a``, ``start_1``, ``A_{1,2}``."""
    found: dict[Symbol, Node] = {}

    def put(letter: Symbol, places: tuple[int, ...], value: Value) -> None:
        if isinstance(value, tuple):
            for i, part in enumerate(value, 1):
                put(letter, (*places, i), part)
        else:
            sub = ",".join(p for p in (letter.sub, *map(str, places)) if p)
            found[Symbol(letter.name, sub, letter.sup, letter.accent)] = value

    for name, value in values.items():
        letter = _letter(name)
        if letter is not None:
            put(letter, (), value)
    return found


@lru_cache(maxsize=1024)
def _letter(name: str) -> Symbol | None:
    """The letter that a drawn name is in a relation; None for a key that is no name, such as ``data.n``."""
    try:
        return symbol(name)
    except DeriveError:
        return None


def _relation(words: str, drawn: frozenset[str]) -> Test | None:
    """A relation between drawn numbers; None for words that are none. DeriveError for another letter in one."""
    if not _RELATION.search(words) or _JOIN.search(words):
        return None
    for typed, sign in _TYPED:
        words = words.replace(typed, sign)
    try:
        node = read(words, Names(symbols=drawn, others=True))
    except DeriveError:
        return None
    if not isinstance(node, Relation) or any(sign not in _SIGNS for sign in node.signs):
        return None
    used = frozenset(s.plain for s in free_symbols(node))
    return Test(lambda case: _judged(node, case), True, used)


def _judged(node: Relation, case: Case) -> bool:
    values = {symbol.plain: value for symbol, value in _symbols(case.values).items()}
    put_in: dict[Node, Node] = {s: values[s.plain] for s in free_symbols(node) if s.plain in values}
    sides = [substitute(side, put_in) for side in node.sides]
    return all(_compared(a, sign, b) for (a, b), sign in zip(pairwise(sides), node.signs, strict=True))


def _compared(left: Node, sign: str, right: Node) -> bool:
    """Whether two numbers stand in a relation: by fractions, and where they are none by a proof."""
    a, b = _exact(left), _exact(right)
    if a is not None and b is not None:
        return _SIGNS[sign](a, b)
    return verify_step(left, right, sign, Context()).status is Status.PROVED


def foreign(test: Test, values: Mapping[str, Value]) -> list[str]:
    """The letters of a condition that are not drawn."""
    return sorted(test.names - names(values))


def _unknown(words: str, drawn: frozenset[str]) -> DeriveError:
    phrases = [phrase.words for phrase in PHRASES]
    near = get_close_matches(words, phrases, n=1, cutoff=0.5)
    known = "\n    ".join(phrases)
    hint = f'did you mean "{near[0]}"?\n  ' if near else ""
    cut = words if len(words) <= _TOLD else f"{words[:_TOLD]} …"
    if _RELATION.search(words):
        letters = ", ".join(sorted(drawn)) or "none"
        return DeriveError(f"{cut!r} is no relation between drawn numbers", f"such as 'a b > 0'; drawn are {letters}")
    return DeriveError(f"{cut!r} is no condition that is known",
                       f"{hint}a condition is a relation such as 'a b > 0', or\n    {known}")
