"""The verdict on statements about whole vectors and matrices, whose entries are not written.

Layers as for numbers, first answer wins: shapes that cannot fit (:mod:`shapes`); proof in index notation for all sizes
at once (:mod:`matrixalgebra`, inverses by :mod:`matrixinverses`, what is left as numbers by :mod:`scalarised`);
counter-examples among small matrices (:mod:`matrixmodels`), which every proof is held against as well.

Undeclared letters may be read in several ways: a proof says which it took, and a statement is refuted only when it is
false in all of them. Where a convention would make a line right (a gradient as a row, vectors as rows, a matrix that
is symmetric), it is undecided and the detail says so. Called by :func:`derive.verify.verify_step`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from derive.declarations import declaration
from derive.steps import Context, Definition, Status, Verdict, Witness
from derive.tree import (
    ZERO,
    Derivative,
    GradientOf,
    Indexed,
    Matrix,
    Node,
    Relation,
    Symbol,
    Transpose,
    substitute,
    walk,
)
from derive.verify.cases import is_zero, proof
from derive.verify.conditions import conditions
from derive.verify.contractions import Entries, Poly
from derive.verify.definite import definiteness
from derive.verify.domains import with_counts
from derive.verify.inequality import SIGNS, goal_of, judge_of
from derive.verify.matrixalgebra import INVERTIBLE, Algebra
from derive.verify.matrixentries import WrittenOut, has_sizes
from derive.verify.matrixinverses import equivalents, has_opaque, multiples, reduced, vanishes
from derive.verify.matrixmodels import ROUNDS, SPECIAL_ROUNDS, Outcome, has_unknown_functions, tried
from derive.verify.meaning import Meaning
from derive.verify.named import Named
from derive.verify.refute import DIGITS, agree
from derive.verify.requirements import Sight
from derive.verify.scalarised import Scalarised, under_the_sum
from derive.verify.shapes import (
    COLUMNS,
    DIAGONAL,
    INDEPENDENT,
    NUMBER,
    ROWS,
    SHARES,
    Clash,
    Letter,
    Preparation,
    Reading,
    Shapes,
    by_convention,
    fitting,
    hints_at_vectors,
    is_abstract,
    readings,
    unmarked,
    with_properties,
)
from derive.verify.signals import Clock, Undecidable, Undefined
from derive.verify.wording import node_text, nonzero, said

_FIRST = 2  # models that must agree before a long proof is tried, and that a short one is held against
_REMEMBERED = 256  # contexts
_ENOUGH = 5  # models that must agree before "checked" is said


def concerns(before: Node, after: Node, context: Context) -> bool:
    """Whether a statement is about vectors or matrices as a whole."""
    kinds = {declaration(text).kind for text in context.domains.values()}
    if not kinds & {"vector", "matrix"} and not _hinted(context, before, after):
        return False
    names = Named(context)
    plain = {d.name for d in context.definitions if not d.parameters}
    domains = {s: d for s, d in context.domains.items() if s not in plain}
    return is_abstract(tuple(names.reached(before, after)), domains)


_hints: dict[int, tuple[tuple[Definition, ...], bool]] = {}
"""Whether definitions hint at vectors, by the identity of the tuple of them: a derivation asks once for every step."""


def _hinted(context: Context, *nodes: Node) -> bool:
    """Whether something in a statement, or in a definition it may use, looks like a vector or a matrix."""
    if any(map(hints_at_vectors, nodes)):
        return True
    definitions = context.definitions
    if not definitions:
        return False
    found = _hints.get(id(definitions))
    if found is None:
        if len(_hints) > _REMEMBERED:
            _hints.clear()
        found = _hints[id(definitions)] = definitions, any(hints_at_vectors(d.body) for d in definitions)
    return found[1]


def judged(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    """The verdict on ``before relation after``. Undecidable when there is no method."""
    names, preparation = Named(context), Preparation(context.domains)
    sides = [preparation.prepared(names.unfold(n)) for n in (before, after)]
    if relation in ("=", "<=>", "=>") and all(isinstance(s, Relation) for s in sides):
        return _implication(sides[0], sides[1], relation != "=>", preparation, clock)
    if relation not in ("=", "===", *SIGNS):
        raise Undecidable(f"the relation {relation} between vectors or matrices")
    return _Case(sides[0], sides[1], relation, preparation, clock).verdict()


def decided_by_entries(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict | None:
    """The verdict where vectors occur by their entries only, if it is certain; else it is better asked for numbers."""
    found = by_entries(before, after, relation, context, clock)
    return found if found.status in (Status.PROVED, Status.REFUTED) else None


def has_only_entries(before: Node, after: Node, context: Context) -> bool:
    """Whether declared vectors and matrices occur by their entries only: ``sum_i x_i y_i``."""
    if context.definitions or any(map(hints_at_vectors, (before, after))):
        return False
    names = [p for n in (before, after) for p in walk(n) if isinstance(p, Symbol)]
    bases = [p.base for n in (before, after) for p in walk(n) if isinstance(p, Indexed)]
    large = {s for s, text in context.domains.items() if declaration(text).kind != "number"}
    return all(names.count(s) == bases.count(s) for s in large)


@dataclass(slots=True)
class _Case:
    """One statement, in all the readings of its letters."""

    before: Node
    after: Node
    relation: str
    preparation: Preparation
    clock: Clock

    def verdict(self) -> Verdict:
        """The best verdict of any reading; refuted only when every reading is."""
        found, clashes = fitting([Relation((self.before, self.after), ("=",))], self.preparation)
        if not found:
            return self._unfitting(clashes)
        verdicts = [self._read(*found[0])]
        for reading, shapes in found[1:]:
            if verdicts[0].status in (Status.PROVED, Status.CHECKED):
                break
            verdicts.append(self._read(reading, shapes))
        return _together(verdicts, [reading for reading, _ in found])

    def _read(self, reading: Reading, shapes: Shapes) -> Verdict:
        try:
            verdict = self._judged(shapes)
        except Undecidable as outcome:
            return Verdict(Status.UNDECIDED, detail=str(outcome))
        if verdict.status is Status.REFUTED:
            return self._despite_conventions(shapes, verdict)
        if shapes.lenient and verdict.status is Status.PROVED:
            return Verdict(Status.UNDECIDED, detail=f"{shapes.lenient[0]} can be read in several ways")
        if shapes.numbers_added:
            return Verdict(Status.UNDECIDED, detail=f"{_NUMBER_ADDED}, to every entry or to its diagonal")
        taken = reading.conditions() if verdict.status in (Status.PROVED, Status.CHECKED) else ()
        return replace(verdict, condition=(*verdict.condition, *taken))

    def _judged(self, shapes: Shapes) -> Verdict:
        """A short proof, two models (one beside a proof), a long proof, all models: what is cheap comes first."""
        if self.relation in SIGNS and shapes.of(self.before) != NUMBER:
            raise Undecidable("an inequality between vectors or matrices")
        claim = _Claim(self.before, self.after, self.relation, shapes, self.preparation, self.clock)
        short = claim.attempted(claim.shortly)
        outcome, reason = self._tried_if_possible(shapes, _FIRST if short is None else 1)
        if outcome is not None and outcome.witness is not None:
            if short is not None:
                return Verdict(Status.UNDECIDED, detail="proof and numbers disagree")
            return self._refuted(outcome.witness)
        needed = short if short is not None else claim.attempted(claim.at_length)
        if needed is None and outcome is not None:
            return self._by_models(shapes, claim.reason)
        if needed is None:
            return Verdict(Status.UNDECIDED, detail=claim.reason or reason)
        if outcome is not None and not outcome.agreeing and not self._tried(shapes, enough=1).agreeing:
            return Verdict(Status.UNDECIDED, detail="outside the domain")
        return Verdict(Status.PROVED, claim.method, condition=tuple(dict.fromkeys(needed)))

    def _by_models(self, shapes: Shapes, reason: str) -> Verdict:
        outcome = self._tried(shapes)
        if outcome.witness is not None:
            return self._refuted(outcome.witness)
        if self.relation in SIGNS and (special := self._tried(shapes, rounds=SPECIAL_ROUNDS)).witness is not None:
            return self._refuted(special.witness)
        if outcome.agreeing < _ENOUGH:
            few = f"agrees in only {outcome.agreeing} small cases" if outcome.agreeing else "outside the domain"
            return Verdict(Status.UNDECIDED, detail=reason or few)
        detail = f"agrees for {outcome.agreeing} choices of sizes and entries to {DIGITS} digits"
        return Verdict(Status.CHECKED, "small matrices", detail)

    # --- models ---------------------------------------------------------------------------------------------

    def _tried_if_possible(self, shapes: Shapes, enough: int) -> tuple[Outcome | None, str]:
        """What the first models say; None, and why, where there are no numbers for the statement."""
        try:
            return self._tried(shapes, enough, rounds=range(2 * _FIRST)), ""
        except Undecidable as outcome:
            return None, str(outcome)

    def _tried(
        self, shapes: Shapes, enough: int = ROUNDS, turned: bool = False, rounds: Iterable[int] = range(ROUNDS)
    ) -> Outcome:
        judge = judge_of(self.relation) if self.relation in SIGNS else agree
        domains = self.preparation.domains
        return tried(self.before, self.after, shapes, domains, self.clock, judge, rounds, enough, turned)

    def _refuted(self, witness: Witness) -> Verdict:
        if has_unknown_functions(self.before, self.after):
            return Verdict(Status.UNDECIDED, "small matrices", "differs for some choices of the unknown functions")
        return Verdict(Status.REFUTED, "small matrices", witness=witness)

    # --- conventions that would make a line right -----------------------------------------------------------

    def _despite_conventions(self, shapes: Shapes, refuted: Verdict) -> Verdict:
        """Refuted, unless a usual convention that was not declared makes the statement true."""
        for detail, holds in self._conventions(shapes):
            try:
                if holds():
                    return Verdict(Status.UNDECIDED, detail=detail)
            except (Undecidable, Clash):
                continue
        return refuted

    def _conventions(self, shapes: Shapes) -> Iterator[tuple[str, Callable[[], bool]]]:
        if _has_derivative(self.before, self.after):
            yield _LAYOUT, lambda: self._agrees(shapes, turned=True)
        symmetric = self._undeclared_matrices(shapes)
        if symmetric:
            named = " and ".join(s.plain for s in symmetric)
            mirrored = with_properties(shapes, {s: frozenset({"symmetric"}) for s in symmetric})
            yield f"holds for symmetric {named}, which is not declared", lambda: self._agrees(self._shaped(mirrored))
        if shapes.numbers_added:
            changed = by_convention(shapes.reading, DIAGONAL)
            yield f"{_NUMBER_ADDED}: it holds with {DIAGONAL}", lambda: self._agrees(self._shaped(changed))
        if len(shapes.reading.random) > 1:
            apart = by_convention(shapes.reading, INDEPENDENT)
            yield f"holds for {INDEPENDENT}", lambda: self._agrees(self._shaped(apart))
        if shapes.unknown_sizes:
            yield "the size of an identity is not known", lambda: True
        for note in shapes.lenient:
            yield f"{note} can be read in several ways", lambda: True

    def _undeclared_matrices(self, shapes: Shapes) -> list[Symbol]:
        """Square matrices that were never declared and may so be meant to be symmetric."""
        declared = self.preparation.declared
        letters = shapes.reading.letters.items()
        square = [s for s, x in letters if x.kind == "matrix" and shapes.find(x.shape[0]) == shapes.find(x.shape[1])]
        return [s for s in square if not {s.plain, s.name} & set(declared)]

    def _agrees(self, shapes: Shapes, turned: bool = False) -> bool:
        outcome = self._tried(shapes, turned=turned)
        return outcome.witness is None and outcome.agreeing >= _ENOUGH

    def _shaped(self, shapes: Shapes) -> Shapes:
        shapes.equation(self.before, self.after)
        return shapes

    # --- shapes that do not fit -----------------------------------------------------------------------------

    def _unfitting(self, clashes: list[Clash]) -> Verdict:
        """No reading fits: refuted when that is certain and no convention about rows helps."""
        first = clashes[0]
        for reading in self._readings():
            for convention in (ROWS, COLUMNS):
                try:
                    agrees = self._agrees(self._shaped(by_convention(reading, convention)))
                except (Clash, Undecidable):
                    continue
                if agrees:
                    return Verdict(Status.UNDECIDED, detail=f"{first.detail}; it holds with {convention}")
        if _has_derivative(self.before, self.after) and self._fits_turned():
            return Verdict(Status.UNDECIDED, detail=_LAYOUT)
        if all(c.certain for c in clashes):
            return Verdict(Status.REFUTED, "shapes", first.detail)
        return Verdict(Status.UNDECIDED, detail=f"{first.detail}; the shapes are not declared")

    def _readings(self) -> Iterator[Reading]:
        yield from readings([self.before, self.after], self.preparation)

    def _fits_turned(self) -> bool:
        """Whether the sides are each other's transpose, in some reading in which each side fits by itself."""
        case = _Case(self.before, Transpose(self.after), self.relation, self.preparation, self.clock)
        found, _ = fitting([Relation((case.before, case.after), ("=",))], self.preparation)
        return any(case._agrees(shapes) for _, shapes in found)


@dataclass(slots=True)
class _Claim:
    """The proof of one statement in one reading. Each attempt gives the conditions it needs, or None."""

    before: Node
    after: Node
    relation: str
    shapes: Shapes
    preparation: Preparation
    clock: Clock
    reason: str = ""
    method: str = "index notation"
    algebra: Algebra | None = None
    sides: tuple[Entries, Entries] | None = None

    def attempted(self, attempt: Callable[[], tuple[str, ...] | None]) -> tuple[str, ...] | None:
        """The conditions of a proof; None, and the reason noted, where there is none."""
        try:
            return attempt()
        except (Undecidable, Undefined, RecursionError, ArithmeticError) as outcome:
            self.reason = self.reason or str(outcome)
            return None

    def shortly(self) -> tuple[str, ...] | None:
        """Both sides are the same sum of terms."""
        _, (left, right) = self._translated()
        if self.relation not in ("=", "===") or left.poly != right.poly:
            return None
        return (*self._needed(), *self._divisors())

    def at_length(self) -> tuple[str, ...] | None:
        """By multiplying through, as numbers, or entry by entry where the sizes are numbers."""
        found = self.attempted(self._in_terms)
        return found if found is not None else self._by_entries()

    def _translated(self) -> tuple[Algebra, tuple[Entries, Entries]]:
        if self.algebra is None or self.sides is None:
            if self.reason:
                raise Undecidable(self.reason)
            self.algebra = Algebra(self.shapes, self.preparation.domains, self.clock)
            self.sides = self.algebra.difference(self.before, self.after)
        return self.algebra, self.sides

    def _needed(self) -> tuple[str, ...]:
        return _invertible(self._translated()[0])

    def _divisors(self) -> list[str]:
        """What one side divides by and the other does not."""
        algebra, _ = self._translated()
        mine, others = algebra.needs[:2]
        written = Scalarised(algebra.net, numbers_of(self.preparation.domains))
        found = [algebra.divisors[key] for key in sorted(mine ^ others) if key in algebra.divisors]
        return [written.readable(nonzero(written.node(p))) for p in found]

    def _in_terms(self) -> tuple[str, ...] | None:
        algebra, (left, right) = self._translated()
        if self.relation in SIGNS:
            return self._as_numbers(left.poly, right.poly)
        free = tuple(i for i in (left.row, left.column) if i is not None)
        difference = algebra.net.minus(left.poly, right.poly)
        if vanishes(algebra.net, difference, free):
            return (*self._needed(), *self._divisors())
        found = self._as_numbers(left.poly, right.poly)
        if found is None and (inside := under_the_sum(algebra.net, difference, algebra.index)) is not None:
            found = self._as_numbers(inside, {})
        if found is not None or not has_opaque(algebra.net, difference):
            return found
        states = (s for s in equivalents(algebra.net, difference, free) if not has_opaque(algebra.net, s))
        return next((f for f in (self._as_numbers(s, {}) for s in states) if f is not None), None)

    def _as_numbers(self, left: Poly, right: Poly) -> tuple[str, ...] | None:
        """The statement about the parts of the terms, by the exact proof for numbers."""
        algebra, _ = self._translated()
        written = Scalarised(algebra.net, numbers_of(self.preparation.domains))
        meaning = Meaning(Context(), self.clock)
        a, b = (meaning.unfold(written.node(p)) for p in (left, right))
        domains = with_counts(written.domains, a, b)
        goal = goal_of(self.relation) if self.relation in SIGNS else is_zero
        found = proof(a, b, domains, self.clock, goal, closed=self.relation not in ("<", ">", "!="))
        if found is None or found.except_where:
            return None
        found_there = [written.readable(c) for c in conditions(a, b, domains, self.clock)]
        return (*self._needed(), *(found_there or self._divisors()))

    def _by_entries(self) -> tuple[str, ...] | None:
        """The statement with every entry a letter, where all sizes are small numbers."""
        if self.relation not in ("=", "===") or not has_sizes(self.shapes):
            return None
        written = WrittenOut(self.shapes, self.clock)
        a, b = (written.of(n) for n in (self.before, self.after))
        if isinstance(a, Matrix) != isinstance(b, Matrix):  # one side is a written 0
            a, b = (_of_zeros(y) if x == ZERO else x for x, y in ((a, b), (b, a)))
        domains = numbers_of(self.preparation.domains)
        needed: list[str] = []
        for x, y in zip(_cells(a), _cells(b), strict=True):
            found = None if x == y else proof(x, y, domains, self.clock)
            if x != y and (found is None or found.except_where):
                return None
            needed += conditions(x, y, domains, self.clock)
        self.method = "entry by entry"
        return tuple(needed)


_NUMBER_ADDED = "a number is added to a matrix"
_LAYOUT = "layout: the two sides are each other's transpose"


def _together(verdicts: list[Verdict], readings: list[Reading]) -> Verdict:
    """The verdict on a statement whose letters may be read in several ways, by the verdicts in order of likelihood."""
    first = verdicts[0]
    for verdict, reading in zip(verdicts[1:], readings[1:], strict=False):
        if first.status is Status.UNDECIDED and verdict.status in (Status.PROVED, Status.CHECKED):
            return verdict if not first.detail.startswith("holds") else first
        if first.status is Status.REFUTED and verdict.status is not Status.REFUTED:
            kinds = ", ".join(f"{s.plain} is a {reading.letters[s].kind}" for s in reading.inferred)
            return Verdict(Status.UNDECIDED, detail=f"false as it is usually read, but not where {kinds}")
    return first


def _of_zeros(like: Node) -> Node:
    return Matrix(tuple((ZERO,) * len(row) for row in like.rows)) if isinstance(like, Matrix) else ZERO


def _cells(node: Node) -> list[Node]:
    return [e for row in node.rows for e in row] if isinstance(node, Matrix) else [node]


def numbers_of(domains: Mapping[Symbol, str]) -> dict[Symbol, str]:
    """The declarations of numbers among all declarations."""
    return {s: d for s, d in domains.items() if declaration(d).kind == "number"}


def entries_of(domains: Mapping[Symbol, str]) -> dict[Symbol, str]:
    """The declarations of numbers, and what is known of each entry of a probability vector."""
    shares = {s: "[0, 1]" for s, d in domains.items() if declaration(d).properties & SHARES}
    return numbers_of(domains) | shares


def has_shares(before: Node, after: Node, context: Context) -> bool:
    """Whether a statement speaks of probabilities: as mere numbers they need not sum to 1."""
    names = {p for n in (before, after) for p in walk(n) if isinstance(p, Symbol)}
    return any(declaration(d).properties & SHARES for s, d in context.domains.items() if s in names)


def by_entries(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    """The verdict on entries of vectors, which is undecided where there is no method."""
    try:
        return judged(before, after, relation, context, clock)
    except Undecidable as outcome:
        return Verdict(Status.UNDECIDED, detail=str(outcome))


def _has_derivative(*nodes: Node) -> bool:
    return any(isinstance(p, (GradientOf, Derivative)) for n in nodes for p in walk(n))


def _invertible(algebra: Algebra) -> tuple[str, ...]:
    """What one side needs to be invertible and the other does not, where it is not declared."""
    mine, others = algebra.needs[:2]
    return tuple(
        said(as_written(algebra.inverted[key]), " is invertible")
        for key in sorted(mine ^ others)
        if key in algebra.inverted and not _certainly_invertible(algebra, algebra.inverted[key])
    )


def named(node: Node) -> str:
    """An expression for a person, the marked identities and indices as they were written."""
    return node_text(as_written(node))


def as_written(node: Node) -> Node:
    """An expression with the marked identities and indices as they were written."""
    if isinstance(node, Symbol):
        return unmarked(node)
    return substitute(node, {s: unmarked(s) for s in walk(node) if isinstance(s, Symbol)})


def _certainly_invertible(algebra: Algebra, node: Node) -> bool:
    letters = algebra.shapes.reading.letters
    letter = letters.get(node) if isinstance(node, Symbol) else None
    if letter is not None:
        return bool(letter.properties & INVERTIBLE)
    return definiteness(node, lambda s: _definite(letters.get(s)), algebra.domains) is Sight.POSITIVE


def _definite(letter: Letter | None) -> Sight | None:
    """What is declared of a letter for a matrix; None for a number."""
    if letter is None or letter.kind == "number":
        return None
    return Sight.POSITIVE if letter.kind == "identity" or "positive definite" in letter.properties else Sight.UNKNOWN


# --- implications -------------------------------------------------------------------------------------------


def _implication(a: Node, b: Node, both: bool, preparation: Preparation, clock: Clock) -> Verdict:
    """``a = 0 => b = 0`` where multiplying the first equation through gives the second."""
    if not all(isinstance(r, Relation) and r.signs == ("=",) for r in (a, b)):
        raise Undecidable("an implication between statements that are no equations")
    found, _ = fitting([a, b], preparation)
    for reading, shapes in found:
        algebra = Algebra(shapes, preparation.domains, clock)
        first, second = (_as_equation(algebra, r) for r in (a, b))
        if _follows(algebra, first, second, both):
            return Verdict(Status.PROVED, "index notation", condition=_all_inverses(algebra, reading))
    raise Undecidable("an implication between equations of vectors or matrices")


def _as_equation(algebra: Algebra, relation: Node) -> Entries:
    assert isinstance(relation, Relation)
    left, right = algebra.difference(*relation.sides)
    return Entries(algebra.net.minus(left.poly, right.poly), left.row, left.column)


def _follows(algebra: Algebra, first: Entries, second: Entries, both: bool) -> bool:
    """Whether one equation, multiplied through on one side or on two, is a multiple of the other."""
    net = algebra.net
    known = [h.key for h in list(net.heads.values()) if h.kind == "inverse"]
    known += [h.inverse for h in list(net.heads.values()) if h.kind == "inverse" and h.inverse in net.heads]
    if not both:
        known += [h.key for h in list(net.heads.values()) if h.kind == "letter" and len(h.sides) == 2]
    goal = _normed(algebra, reduced(net, second.poly))
    for state, row, column in _multiplied(algebra, first, known):
        if (row is None) == (second.row is None) and (column is None) == (second.column is None):
            names = {a: b for a, b in ((row, second.row), (column, second.column)) if a is not None and b is not None}
            if _normed(algebra, reduced(net, net.renamed(state, names))) == goal:
                return True
    return False


def _multiplied(algebra: Algebra, first: Entries, known: list[str]) -> Iterator[tuple[Poly, int | None, int | None]]:
    """The equation with none, one and two of the matrices multiplied to it."""
    once = list(multiples(algebra, first, known))
    yield from once
    for poly, row, column in once[1:]:
        reduced_ = reduced(algebra.net, poly)
        yield from islice(multiples(algebra, Entries(reduced_, row, column), known), 1, None)


def _normed(algebra: Algebra, p: Poly) -> object:
    """The terms without a common factor that is never zero: equations that differ in no more say the same."""
    keys = {key for scalars, _ in p for key, _ in scalars if algebra.never_zero(key)}
    least = {key: min(dict(scalars).get(key, 0) for scalars, _ in p) for key in keys}
    divisor = algebra.net.term(Fraction(1), {key: -n for key, n in least.items() if n}, [])
    p = algebra.net.times(divisor, p)
    lead = p[min(p)] if p else 1
    return sorted((m, c / lead) for m, c in p.items())


def _all_inverses(algebra: Algebra, reading: Reading) -> tuple[str, ...]:
    nodes = [n for n in algebra.inverted.values() if not _certainly_invertible(algebra, n)]
    return (*(said(as_written(n), " is invertible") for n in nodes), *reading.conditions())
