r"""Conditions as people write them: ``x > 0, n positive integer and 0 < alpha < 1``.

Called by :mod:`derive.questions` for ``--where`` and ``--declare``. A condition on one letter becomes its domain
(:mod:`derive.declarations`); several on one letter are put together, and those that contradict each other are refused
with both places. What no domain can say (``x + y < 1``, ``n \ge 2``, ``x \ne 1``) is kept as a relation beside the
widest domain that contains it. What is said in words is read in ``_spoken.py``, bounds are put together in
``_overlap.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derive.declarations import Declaration, declaration
from derive.errors import DeriveError, FormulaError
from derive.read._overlap import is_empty, meet, widened
from derive.read._spoken import Piece, in_words, member_of, named, pieces
from derive.read.declared import ConflictError, Declared, Subject, stated_of, subject, subject_of
from derive.read.latex import Names, read
from derive.tree import (
    INFINITY,
    Call,
    Constant,
    Interval,
    Negative,
    Node,
    Relation,
    Vector,
    free_symbols,
    numeric,
)


@dataclass(slots=True)
class Conditions:
    """What was said: ``declared`` of single names, ``others`` as relations that must hold besides."""

    declared: Declared = field(default_factory=Declared)
    others: list[Relation] = field(default_factory=list)


def conditions(texts: Sequence[str], known: Declared | None = None, label: str = "") -> Conditions:
    """The conditions in some texts, together with what is declared already.

    FormulaError with the place of a condition that cannot be read or that contradicts another; ``label`` (such as
    ``--where``) stands before a place in messages. What one text says of a name may be narrowed by the next.
    """
    found = _Conditions(Conditions(known.copy() if known else Declared()), label)
    for text in texts:
        found.read(text)
    return found.finished()


def declared(given: Mapping[str, str]) -> Conditions:
    """The conditions of a mapping from names to domains, as the Python functions take it."""
    result = Conditions()
    for name, says in given.items():
        if not isinstance(name, str) or not isinstance(says, str):
            raise DeriveError(f"expected a name and what it is, found {name!r}: {says!r}", '{"x": "positive"}')
        result.declared.add(stated_of(subject(name), in_words(says) or declaration(says), ""))
    return result


# --- relations ------------------------------------------------------------------------------------------


def _relation(piece: Piece, names: Names) -> Relation:
    r"""The piece as a relation, ``in`` and ``!=`` as people type them."""
    if re.search(r"\b(?:or|oder)\b|\\lor\b|\\vee\b|∨", piece.text):
        raise piece.fail("an alternative is no condition that can be declared", "judge each case on its own")
    if re.search(r"(?:in|∈)\s*\\?\{", piece.text):
        raise piece.fail("a finite set is no domain that can be declared", "judge each value on its own")
    text = re.sub(r"(?<![A-Za-z\\])in(?![A-Za-z])", lambda m: r"\in"[: len(m[0]) + 1], piece.text)
    shift = piece.text.find("in") if text != piece.text else len(text)
    text = text.replace("!=", "≠ ").replace("<>", "≠ ")
    try:
        node = read(text, replace(names, labels=True))
    except FormulaError as error:
        at = error.position - (error.position > shift)
        raise FormulaError(piece.whole, piece.at + at, error.problem, error.hint or _HINT) from error
    if isinstance(node, Relation):
        return node
    raise piece.fail("this is no condition", _HINT)


_UNKNOWN = re.compile(r"\\?[A-Za-z](?:[\w{}\\]*)(?:\s*[=:]\s*|\s+(?:is |are )?(?:an? )?)([a-z]{3,}(?: [\w×]+)*)")
_HINT = "write conditions such as x > 0, n positive integer, 0 < a < 1, p density, W matrix 3x2"


_REAL = declaration("real")
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!=", "<<": ">>", ">>": "<<"}


Bounds = list[tuple[Subject, Declaration]]


def _bounds(relation: Relation) -> tuple[Bounds, bool]:
    """What a relation says of single names, and whether that is all it says: ``0 < a < b`` says more."""
    links = list(zip(relation.sides, relation.signs, relation.sides[1:], strict=False))
    found = [_bound(left, sign, right) or _bound(right, _FLIPPED.get(sign, ""), left) for left, sign, right in links]
    if all(found):
        return [bound for bound in found if bound], True
    return [*_along(relation)], False


_ASCENDING, _DESCENDING = frozenset({"<", "<=", "<<"}), frozenset({">", ">=", ">>"})


def _along(relation: Relation) -> Iterator[tuple[Subject, Declaration]]:
    """What follows for each name from the numbers before and behind it in a chain that goes one way."""
    signs = set(relation.signs)
    if not (signs <= _ASCENDING or signs <= _DESCENDING):
        return
    for i, left in enumerate(relation.sides):
        for j, right in enumerate(relation.sides[i + 1 :], i + 1):
            between = relation.signs[i:j]
            sign = next((s for s in between if "=" not in s), between[0])[:2].replace("<<", "<").replace(">>", ">")
            bound = _bound(left, sign, right) or _bound(right, _FLIPPED[sign], left)
            if bound:
                yield bound


def _bound(left: Node, sign: str, right: Node) -> tuple[Subject, Declaration] | None:
    """``x < 3``, ``x in [0, 1)``, ``|x| < 1`` as what it makes of x."""
    if sign == "in":
        about, range_ = subject_of(left), _interval(right)
        return (about, range_) if about and range_ else None
    value = numeric(right)
    if value is None:
        return _infinite(left, sign, right)
    if isinstance(left, Call) and left.name == "abs" and len(left.args) == 1:
        about, range_ = subject_of(left.args[0]), _absolute(sign, value)
    else:
        about, range_ = subject_of(left), _half_line(sign, value)
    return (about, range_) if about and range_ else None


def _infinite(left: Node, sign: str, right: Node) -> tuple[Subject, Declaration] | None:
    r"""``x < \infty`` says nothing that real numbers do not do anyway."""
    about = subject_of(left)
    says_nothing = (right == INFINITY and sign in ("<", "<=", "!=")) or (
        right == Negative(INFINITY) and sign in (">", ">=", "!=")
    )
    return (about, _REAL) if about and says_nothing else None


def _half_line(sign: str, value: Fraction) -> Declaration | None:
    match sign:
        case "<" | "<=":
            return Declaration("", high=value, open_high=sign == "<")
        case ">" | ">=":
            return Declaration("", low=value, open_low=sign == ">")
        case "!=" if value == 0:
            return Declaration("", nonzero=True)
    return None


def _absolute(sign: str, value: Fraction) -> Declaration | None:
    if sign in ("<", "<=") and value > 0:
        return Declaration("", low=-value, high=value, open_low=sign == "<", open_high=sign == "<")
    return Declaration("", nonzero=True) if sign in (">", "!=") and value == 0 else None


def _interval(node: Node) -> Declaration | None:
    """An interval with numbers as ends; coordinates ``(0, 1)`` are an open one here."""
    match node:
        case Interval(lower, upper, left_open, right_open):
            pass
        case Vector((lower, upper)):
            left_open = right_open = True
        case _:
            return None
    ends = [_end(lower), _end(upper)]
    if None in ends:
        return None
    low, high = (None if isinstance(end, Constant) else end for end in ends)
    return Declaration("", low=low, high=high, open_low=left_open or low is None, open_high=right_open or high is None)


def _end(node: Node) -> Fraction | Constant | None:
    return INFINITY if node in (INFINITY, Negative(INFINITY)) else numeric(node)


# --- from pieces to conditions --------------------------------------------------------------------------


@dataclass(slots=True)
class _Range:
    """What has been said of one name: its numbers, or its kind; the pieces that said it; their relations."""

    says: Declaration
    pieces: tuple[Piece, ...] = ()
    relations: list[Relation] = field(default_factory=list)


@dataclass(slots=True)
class _Conditions:
    """What has been read so far; ``waiting`` are the names before ``y > 0`` in ``x, y > 0``."""

    found: Conditions
    label: str
    ranges: dict[Subject, _Range] = field(default_factory=dict)
    waiting: list[tuple[Subject, Piece]] = field(default_factory=list)
    last: Subject | None = None

    def read(self, text: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise DeriveError("the condition is empty", _HINT)
        for piece in pieces(text):
            self._one(piece)
        for _, piece in self.waiting:
            raise piece.fail(f"nothing is said of {piece.text}", _HINT)

    def _one(self, piece: Piece) -> None:
        try:
            if not self._said(piece):
                self._related(piece)
        except FormulaError:
            raise
        except DeriveError as error:
            raise piece.fail(error.message, error.hint) from error

    def _said(self, piece: Piece) -> bool:
        """Whether the piece says in words or by a set what names are, or is a name still to be spoken of."""
        if self.last is not None and (alone := in_words(piece.text)) is not None:
            self._narrow(self.last, alone, piece)
            return True
        if told := named(piece):
            self._all(told[0], declaration(told[1]), piece)
            return True
        if member := member_of(piece):
            self._all(subject(member[0]), member[1], piece)
            return True
        return self._is_name(piece)

    def _is_name(self, piece: Piece) -> bool:
        if re.search(r"[<>=≤≥≠∈~\s]|\\(?:[lg]eq?|neq?|in)(?![A-Za-z])", piece.text):
            return False
        try:
            self.waiting.append((subject(piece.text), piece))
        except DeriveError:
            return False
        return True

    def _related(self, piece: Piece) -> None:
        if (unknown := _UNKNOWN.fullmatch(piece.text)) and "and" not in unknown[1]:
            declaration(unknown[1])  # says what it is not, and the nearest word
        relation = _relation(piece, self.found.declared.names())
        if relation.signs[0] == "=" and subject_of(relation.sides[0]):
            raise piece.fail("this gives a value, not a condition", "give values with --define")
        if set(relation.signs) - {*_FLIPPED, "in"}:
            raise piece.fail("a condition is an inequality or says what a name is", _HINT)
        bounds, is_all = _bounds(relation)
        if not is_all:
            self._beside(relation, piece)
        self._bounded(bounds, relation, piece)

    def _bounded(self, bounds: Bounds, relation: Relation, piece: Piece) -> None:
        if self.waiting and len({about for about, _ in bounds}) > 1:
            raise piece.fail("it is not clear what this says of the names before it", _HINT)
        for about, says in bounds:
            self._narrow(about, says, piece, relation)
        waiting, self.waiting = self.waiting, []
        for about, earlier in waiting:
            for _, says in bounds:
                self._narrow(about, says, earlier, _for(relation, about))

    def _beside(self, relation: Relation, piece: Piece) -> None:
        """A relation that is no domain: it is kept as it is."""
        if self.waiting or "in" in relation.signs or not free_symbols(relation):
            raise piece.fail("this is no condition on one letter that can be declared", _HINT)
        self.found.others.append(relation)

    def _all(self, about: Subject, says: Declaration, piece: Piece) -> None:
        waiting, self.waiting = self.waiting, []
        for earlier, place in waiting:
            self._narrow(earlier, says, place)
        self._narrow(about, says, piece)

    def _narrow(self, about: Subject, says: Declaration, piece: Piece, relation: Relation | None = None) -> None:
        """Something more is said of a name; refused when it cannot hold together with what was said before."""
        self.last = about
        before = self._before(about)
        if is_empty(says):
            raise piece.fail(f"there is no such {about.symbol.plain}")
        both = _together(before.says, says) if before else says
        if before is not None and both is None:
            raise self._conflict(about, before, piece)
        assert both is not None
        relations = [*(before.relations if before else ()), *([relation] if relation else ())]
        pieces = (*(before.pieces if before else ()), piece)
        self.ranges[about] = _Range(both, pieces, list(dict.fromkeys(relations)))

    def _before(self, about: Subject) -> _Range | None:
        if about in self.ranges:
            return self.ranges[about]
        known = self.found.declared
        said = (known.families if about.family else known.single).get(about.symbol)
        return _Range(said.says) if said else None

    def _conflict(self, about: Subject, before: _Range, piece: Piece) -> FormulaError:
        name = about.symbol.plain
        others = [other for other in before.pieces if other != piece]
        if not others and before.pieces:
            return piece.fail(f"there is no such {name}")
        if not others:
            return piece.fail(f'{name} cannot be that: it is declared "{before.says.text}" before')
        where = f"{self.label} " if self.label else ""
        against = f"{others[-1].text!r} ({where}character {others[-1].at + 1})"
        return piece.fail(f"{piece.text!r} contradicts {against}: there is no such {name}")

    def finished(self) -> Conditions:
        """The names with the domains that were put together for them."""
        for about, said in self.ranges.items():
            table = self.found.declared.families if about.family else self.found.declared.single
            table.pop(about.symbol, None)
            says, exact = (said.says, True) if said.says.text else widened(said.says)
            try:
                self.found.declared.add(stated_of(about, says, f"{self.label} {said.pieces[-1].text}".strip()))
            except ConflictError as error:
                raise said.pieces[-1].fail(error.message, error.hint) from error
            if not exact:
                self.found.others += said.relations
        return self.found


def _together(before: Declaration, new: Declaration) -> Declaration | None:
    """Both declarations at once: one of them where it says the same, else the numbers that both allow."""
    if before == new:
        return before
    if before.kind != "number" or new.kind != "number":
        return None
    return meet(before, new)


def _for(relation: Relation, about: Subject) -> Relation:
    """The relation for another name: ``x, y > 0``."""
    name: Node = about.symbol
    return Relation(tuple(name if subject_of(side) else side for side in relation.sides), relation.signs)
