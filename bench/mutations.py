"""Is a wrong step ever called true, or a true one false? ``python bench/mutations.py [COUNT] [SEED]``.

Verified steps of the shipped problems, finer ones included, are changed on their right side: by the slips of the table
that can be made there, by random edits (a sign, a number, an exponent, a dropped part), and by rewriting that keeps the
value. An oracle that shares nothing with the verifier (``tests/rules/oracle.py``: mpmath at 120 digits, at many
points of the declared domain) says whether the mutant is true; the verifier's verdict is held against it.

Printed are the counts, the reasons of what is undecided, and every false verdict: a mutant that is proved or checked
and has another value somewhere, or that is refuted and has the same value. There must be none.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mpmath import mp

import derive
from derive.declarations import declaration
from derive.resources import problem_files
from derive.rules.slips import slipped
from derive.steps import Context, Derivation, Status, Verdict
from derive.tree import (
    ONE,
    TWO,
    At,
    Call,
    Cases,
    Constant,
    Derivative,
    Matrix,
    Negative,
    Node,
    Number,
    Optimum,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Set,
    Sum,
    Symbol,
    Vector,
    children,
    free_symbols,
    part_at,
    replace_at,
    size,
    times,
    total,
    walk,
)
from derive.verify import verify_step
from derive.write.latex import latex
from tests.rules import oracle
from tests.rules.oracle import NoValueError, Opinion, UnknownError, World

COUNT = 5_000
_LARGEST = 400  # parts of a step that is still mutated
_POINTS = 8
_FARTHEST = 20  # a zero farther out may be one of e^{-x}, which only looks like it


# --- what is mutated ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A step of a shipped problem with what its letters mean."""

    file: str
    before: Node
    after: Node
    relation: str
    context: Context


@dataclass(frozen=True)
class Mutant:
    """A step with another right side. ``how`` is ``slip``, ``edit`` or ``rewrite``; ``name`` says which."""

    line: Line
    after: Node
    how: str
    name: str


def lines(derivation: Derivation, file: str = "") -> Iterator[Line]:
    """The proved and checked steps of a derivation, finer ones included, each once."""
    seen = set()
    for chain in derivation.chains():
        context = derivation.context.including(*chain.where)
        stack = list(chain.steps)
        while stack:
            step = stack.pop()
            stack.extend(step.steps)
            line = Line(file, step.before, step.after, step.relation, context)
            key = (step.before, step.after, step.relation, chain.where)
            sure = step.verdict is not None and step.verdict.status in (Status.PROVED, Status.CHECKED)
            if sure and key not in seen and size(step.after) <= _LARGEST:
                seen.add(key)
                yield line


def shipped(names: Iterable[str] | None = None) -> list[Line]:
    """The lines of the shipped problems, or of those whose file is named."""
    files = problem_files()
    wanted = files if names is None else [name for name in files if name.rpartition("/")[2] in set(names)]
    return [line for name in wanted for d in derive.solve(files[name]) for line in lines(d, name)]


# --- edits ----------------------------------------------------------------------------------------------

Edit = Callable[[Node, Random], Node | None]
"""A part and a source of chance in, another part or nothing out."""


def _sign(node: Node, random: Random) -> Node | None:
    match node:
        case Negative(u):
            return u
        case Sum(terms):
            k = random.randrange(len(terms))
            changed = terms[k].operand if isinstance(terms[k], Negative) else Negative(terms[k])
            return Sum((*terms[:k], changed, *terms[k + 1 :]))
    return None


def _number(node: Node, random: Random) -> Node | None:
    match node:
        case Number(text) if "." not in text:
            value = int(text) + random.choice((1, -1))
            return Number(str(value)) if value >= 0 else None
    return None


def _digit(node: Node, random: Random) -> Node | None:
    """One digit of a decimal changed."""
    match node:
        case Number(text) if "." in text:
            k = random.choice([i for i, c in enumerate(text) if c.isdigit()])
            return Number(text[:k] + random.choice("0123456789".replace(text[k], "")) + text[k + 1 :])
    return None


def _exponent(node: Node, random: Random) -> Node | None:
    match node:
        case Power(base, exponent):
            return Power(base, random.choice((ONE, TWO, Number("3"), Negative(exponent), Sum((exponent, ONE)))))
        case Root(u, _):
            return random.choice((u, Root(u, Number("3"))))
    return None


def _dropped(node: Node, random: Random) -> Node | None:
    """A term or factor left out, or what a function or a derivative is applied to."""
    match node:
        case Sum(parts) | Product(parts):
            k = random.randrange(len(parts))
            return (total if isinstance(node, Sum) else times)(parts[:k] + parts[k + 1 :])
        case Call(_, (u,), 0) | Derivative(u):
            return u
    return None


def _turned_over(node: Node, random: Random) -> Node | None:
    return Quotient(node.denominator, node.numerator) if isinstance(node, Quotient) else None


def _doubled(node: Node, random: Random) -> Node | None:
    """A factor 2 too many, or a term twice."""
    match node:
        case Sum(terms):
            return Sum((*terms, random.choice(terms)))
        case Product(factors):
            return Product((TWO, *factors))
    return None


_OTHER = {
    "sin": "cos", "cos": "sin", "tanh": "sigma", "sigma": "tanh", "log": "exp", "exp": "log",
    "max": "min", "min": "max", "softplus": "relu", "relu": "softplus", "erf": "tanh", "sinh": "cosh", "cosh": "sinh",
}  # fmt: skip


def _function(node: Node, random: Random) -> Node | None:
    match node:
        case Call(name, args, 0) if name in _OTHER and (len(args) == 1 or name in ("max", "min")):
            return Call(_OTHER[name], args)
        case Constant("e"):
            return Constant("pi")
    return None


def _condition(node: Node, random: Random) -> Node | None:
    """A case distinction with its values exchanged."""
    match node:
        case Cases(((u, when), (v, other))):
            return Cases(((v, when), (u, other)))
    return None


def _entries(node: Node, random: Random) -> Node | None:
    """Two entries of a vector exchanged, or two rows or columns of a matrix."""
    match node:
        case Vector((u, v, *rest)):
            return Vector((v, u, *rest))
        case Matrix((u, v, *rest)):
            return Matrix((v, u, *rest))
        case Set((_, *rest)) if rest:
            return Set(tuple(rest))
    return None


def _a_little(node: Node, random: Random) -> Node | None:
    """A difference that few digits do not show."""
    match node:
        case Sum() | Product() | Quotient() | Call(order=0) | Power():
            return Sum((node, Number("0." + "0" * random.choice((5, 11, 19)) + "1")))
    return None


def _at_another_point(node: Node, random: Random) -> Node | None:
    match node:
        case At(body, ((s, point), *rest)):
            return At(body, ((s, Sum((point, ONE))), *rest))
    return None


EDITS: dict[str, Edit] = {
    "a sign": _sign, "a number by one": _number, "a digit": _digit, "an exponent": _exponent,
    "a part dropped": _dropped, "a fraction turned over": _turned_over, "a part too many": _doubled,
    "another function": _function,
    "cases exchanged": _condition, "entries exchanged": _entries, "a tiny term": _a_little,
    "another point": _at_another_point,
}  # fmt: skip


def _commuted(node: Node, random: Random) -> Node | None:
    match node:
        case Sum(parts):
            return Sum(tuple(random.sample(parts, len(parts))))
        case Product(parts) if not any(isinstance(p, (Vector, Matrix)) for n in parts for p in walk(n)):
            return Product(tuple(random.sample(parts, len(parts))))
    return None


def _in_two(node: Node, random: Random) -> Node | None:
    """A whole number as a sum, an expression as the difference of more and more."""
    match node:
        case Number(text) if "." not in text and node.value > 1:
            first = random.randrange(1, int(text))
            return Sum((Number(str(first)), Number(str(int(text) - first))))
        case Quotient(top, bottom):
            return Quotient(Product((Number("3"), top)), Product((Number("3"), bottom)))
        case Power(base, Number("2")):
            return Product((base, base))
    return None


def _opened(node: Node, random: Random) -> Node | None:
    match node:
        case Product((u, Sum(terms))) if not any(isinstance(p, (Vector, Matrix)) for p in walk(node)):
            return Sum(tuple(Negative(Product((u, t.operand))) if isinstance(t, Negative) else Product((u, t))
                             for t in terms))
        case Negative(Sum(terms)):
            return Sum(tuple(t.operand if isinstance(t, Negative) else Negative(t) for t in terms))
        case Negative(Product((first, *rest))):
            return Product((Negative(first), *rest))
    return None


REWRITES: dict[str, Edit] = {"commuted": _commuted, "in two": _in_two, "opened": _opened}


def _places(node: Node, path: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Where something may be put in place of what is there: not where a variable is named."""
    yield path
    if isinstance(node, (Derivative, At)):
        yield from _places(node.body, (*path, 0))
    else:
        for k, child in enumerate(children(node)):
            yield from _places(child, (*path, k))


def _edited(tree: Node, table: dict[str, Edit], random: Random) -> tuple[str, Node] | None:
    """One edit of the table at one place, every edit that fits somewhere being as likely."""
    places = list(_places(tree))
    for name in random.sample(list(table), len(table)):
        made = [(p, m) for p in places if (m := table[name](part_at(tree, p), random)) is not None]
        if made:
            path, new = random.choice(made)
            return name, replace_at(tree, path, new)
    return None


def _renamed(tree: Node, random: Random) -> tuple[str, Node] | None:
    """A letter written as another one of the same expression, at one place."""
    letters = sorted(free_symbols(tree), key=repr)
    places = [p for p in _places(tree) if isinstance(part_at(tree, p), Symbol)]
    if len(letters) < 2 or not places:
        return None
    path = random.choice(places)
    other = random.choice([s for s in letters if s != part_at(tree, path)])
    return "letters exchanged", replace_at(tree, path, other)


def mutants(line: Line, random: Random, seen: Counter[str], slips: int = 3, edits: int = 2) -> Iterator[Mutant]:
    """Some mutants of a line: the slips that were made least often so far, random edits, one rewriting."""
    made = [(slip.name, tree) for slip, _, tree in slipped(line.after)]
    random.shuffle(made)
    for name, tree in sorted(made, key=lambda m: seen[m[0]])[:slips]:
        seen[name] += 1
        yield Mutant(line, tree, "slip", name)
    for k in range(edits):
        found = (_renamed(line.after, random) if k == 0 and random.random() < 0.3 else None) or _edited(
            line.after, EDITS, random
        )
        if found is not None:
            yield Mutant(line, found[1], "edit", found[0])
    found = _edited(line.after, REWRITES, random)
    if found is not None:
        yield Mutant(line, found[1], "rewrite", found[0])


def sample(of: list[Line], count: int, seed: int) -> Iterator[Mutant]:
    """So many mutants of lines drawn at random, different ones, all lines in turn before any comes again."""
    random, slips = Random(seed), Counter[str]()
    seen: set[tuple[Node, Node, str]] = set()

    def stream() -> Iterator[Mutant]:
        for _ in range(1000):
            for line in random.sample(of, len(of)):
                for mutant in mutants(line, random, slips):
                    key = (line.before, mutant.after, line.relation)
                    if mutant.after != line.after and key not in seen:
                        seen.add(key)
                        yield mutant

    return islice(stream(), count)


# --- the oracle's opinion of a step -----------------------------------------------------------------------


def opinion(mutant: Mutant, seed: int = 0) -> Opinion:
    """Whether the mutant is true, by numbers."""
    line = mutant.line
    if isinstance(line.before, Relation) or isinstance(mutant.after, Relation):
        return _equivalent(line, mutant.after, seed)
    if line.relation == "=":
        found = oracle.compare(line.before, mutant.after, line.context, _POINTS, seed)
        rough = any(isinstance(p, Optimum) for n in (line.before, mutant.after) for p in walk(n))
        return Opinion(None, "an optimum over a grid") if found.equal and rough else found
    if line.relation == "~=":
        return _rounded(line, mutant.after)
    return _holds(Relation((line.before, mutant.after), (line.relation,)), line.context, seed)


def _holds(statement: Node, context: Context, seed: int) -> Opinion:
    """Whether an inequality holds at every point."""
    held = 0
    with mp.workdps(oracle.DIGITS):
        for world in oracle.worlds((statement,), context, 3 * _POINTS, seed):
            try:
                if not oracle.truth(statement, world):
                    return Opinion(False, "does not hold", world)
            except (NoValueError, UnknownError, ZeroDivisionError):
                continue
            held += 1
    return Opinion(True if held >= _POINTS else None, f"holds at {held} points")


def _rounded(line: Line, after: Node) -> Opinion:
    """Whether every written decimal is within half a unit of its last place of the exact value."""
    world = World(functions={d.name.plain: d for d in line.context.definitions if d.parameters},
                  definitions={d.name: d.body for d in line.context.definitions if not d.parameters})
    written = _written(after)
    with mp.workdps(oracle.DIGITS):
        try:
            exact = oracle.value(line.before, world)
        except (NoValueError, UnknownError) as error:
            return Opinion(None, str(error))
        values = list(exact.flat) if hasattr(exact, "flat") else [exact]
        if len(values) != len(written):
            return Opinion(False, "another shape")
        found = [_is_rounding(u, node) for u, node in zip(values, written, strict=True)]
    if False in found:
        return Opinion(False, "another number")
    return Opinion(None, "no written decimal") if None in found else Opinion(True, "rounded")


def _written(node: Node) -> tuple[Node, ...]:
    """The written numbers of a vector or a matrix, row by row."""
    match node:
        case Vector(items):
            return items
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
    return (node,)


def _is_rounding(exact: object, node: Node) -> bool | None:
    match node:
        case Negative(operand):
            return _is_rounding(-exact, operand)  # type: ignore[operator]
        case Number(text):
            half = mp.mpf(10) ** -len(text.partition(".")[2]) / 2
            gap = abs(exact - mp.mpf(node.value.numerator) / node.value.denominator)  # type: ignore[operator]
            return None if abs(gap - half) < mp.mpf(10) ** -60 else bool(gap < half)
    return None


# --- equations --------------------------------------------------------------------------------------------


def _equivalent(line: Line, after: Node, seed: int) -> Opinion:
    """Whether two equations have the same solutions, by trying numbers that solve one of them.

    Tried are the values named by any side, the step's own right side included, and zeros that are found by search. Two
    equations whose differences are proportional have the same solutions everywhere.
    """
    before = line.before
    if not isinstance(before, Relation) or not isinstance(after, Relation):
        return Opinion(None, "one side is no equation")
    told = 0
    with mp.workdps(oracle.DIGITS):
        for here in _near_solutions((before, after, line.after), line.context, seed):
            try:
                truths = [oracle.truth(side, here) for side in (before, after)]
            except (NoValueError, UnknownError, ZeroDivisionError):
                continue
            if truths[0] != truths[1]:
                return Opinion(False, "a solution of one only", here)
            told += 1
        if _named_the_same(line.after, after, line.context, seed) or _proportional(before, after, line.context, seed):
            return Opinion(True, "the same solutions")
    return Opinion(None, "no difference at some points" if told else "no solution found")


def _near_solutions(sides: tuple[Node, ...], context: Context, seed: int) -> Iterator[World]:
    """Worlds in which one of the equations is likely to hold."""
    for world in oracle.worlds(sides, context, 4, seed):
        for unknowns in _unknowns(sides):
            for point in _candidates(sides, unknowns, world, context):
                yield world.binding(point)


def _unknowns(sides: Iterable[Node]) -> list[tuple[Symbol, ...]]:
    """The symbols that one of the sides is solved for, else each symbol alone."""
    named = [head for side in sides if (head := _head(side))]
    return list(dict.fromkeys(named)) or [(s,) for side in sides for s in sorted(free_symbols(side), key=repr)]


def _head(side: Node) -> tuple[Symbol, ...]:
    match side:
        case Relation((Symbol() as s, value), ("=" | "in",)) if s not in free_symbols(value):
            return (s,)
        case Relation((Vector(items), _), ("=" | "in",)) if all(isinstance(i, Symbol) for i in items):
            return tuple(i for i in items if isinstance(i, Symbol))
    return ()


def _candidates(sides: Iterable[Node], unknowns: tuple[Symbol, ...], world: World, context: Context) -> list[dict]:
    values = [v for side in sides for v in _named(side, unknowns)]
    found: list[dict] = []
    for v in values:
        try:
            numbers = oracle.value(v, world)
        except (NoValueError, UnknownError, ZeroDivisionError):
            continue
        flat = list(numbers.flat) if hasattr(numbers, "flat") else [numbers]
        if len(flat) == len(unknowns):
            found.append(dict(zip(unknowns, flat, strict=True)))
    if len(unknowns) == 1:
        found += [{unknowns[0]: z} for side in sides for z in _zeros(side, unknowns[0], world)]
    return [p for p in found if all(declaration(context.domains.get(s, "real")).allows(float(v)) for s, v in p.items())]


def _named(side: Node, unknowns: tuple[Symbol, ...]) -> tuple[Node, ...]:
    """The values that a side gives to the unknowns."""
    if _head(side) != unknowns or not isinstance(side, Relation):
        return ()
    right = side.sides[1]
    return right.items if isinstance(right, Set) else (right,)


def _zeros(side: Node, unknown: Symbol, world: World) -> list[object]:
    """Some zeros of the difference of the two sides, by the secant method."""
    if not isinstance(side, Relation) or side.signs != ("=",):
        return []
    difference = Sum((side.sides[0], Negative(side.sides[1])))
    found: list[object] = []
    for start in (-3, 0.4, 2):
        try:
            zero = mp.findroot(
                lambda t: oracle.value(difference, world.binding({unknown: t})), (start, start + 0.3), tol=1e-50,
            )
        except (ValueError, ZeroDivisionError, NoValueError, UnknownError, TypeError, OverflowError):
            continue
        found += [zero] if mp.im(zero) == 0 and abs(zero) < _FARTHEST else []
    return found


def _named_the_same(one: Node, other: Node, context: Context, seed: int) -> bool:
    """Whether two solved equations give the same unknowns the same values, in any order."""
    unknowns = _head(one)
    values = [_named(side, unknowns) for side in (one, other)]
    if not unknowns or _head(other) != unknowns or len(values[0]) != len(values[1]):
        return False
    return all(any(_same(u, v, context, seed) for v in values[1]) for u in values[0]) and all(
        any(_same(u, v, context, seed) for u in values[0]) for v in values[1]
    )


def _same(u: Node, v: Node, context: Context, seed: int) -> bool:
    return oracle.compare(u, v, context, 4, seed, enough=2).equal is True


def _proportional(one: Node, other: Node, context: Context, seed: int) -> bool:
    """Whether the differences of two equations have a quotient that is the same number everywhere."""
    if not all(isinstance(side, Relation) and side.signs == ("=",) for side in (one, other)):
        return False
    differences = [Sum((side.sides[0], Negative(side.sides[1]))) for side in (one, other)]  # type: ignore[attr-defined]
    quotients = []
    for world in oracle.worlds(tuple(differences), context, 8, seed):
        try:
            quotients.append(oracle.value(Quotient(*differences), world))
        except (NoValueError, UnknownError, ZeroDivisionError):
            continue
    scalar = [q for q in quotients if not hasattr(q, "flat")]
    return len(scalar) >= 5 and scalar[0] != 0 and all(oracle.close(q, scalar[0]) for q in scalar)


# --- judging --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """A mutant with the verifier's verdict, the oracle's opinion, and how long the verdict took."""

    mutant: Mutant
    verdict: Verdict
    opinion: Opinion
    seconds: float

    @property
    def wrong(self) -> bool:
        """Whether the verdict is false."""
        said = self.verdict.status
        if self.verdict.method == "error":
            return True
        if self.opinion.equal is False:
            return said in (Status.PROVED, Status.CHECKED)
        return self.opinion.equal is True and said is Status.REFUTED

    def __str__(self) -> str:
        line = self.mutant.line
        return (f"{line.file}: {latex(line.before)} {line.relation} {latex(self.mutant.after)}\n"
                f"    {self.mutant.how} ({self.mutant.name}); verdict {self.verdict} {self.verdict.witness or ''}; "
                f"oracle {self.opinion.equal}, {self.opinion.why} {self.opinion.values or ''}")


def judged(mutant: Mutant, seed: int = 0) -> Judged:
    """Ask the verifier, then the oracle. A refutation is tried at the verifier's own point as well."""
    line = mutant.line
    start = time.perf_counter()
    verdict = _verdict(line, mutant.after)
    seconds = time.perf_counter() - start
    said = opinion(mutant, seed)
    if said.equal is True and verdict.status is Status.REFUTED and _differs_at_witness(mutant, verdict):
        said = Opinion(False, "differs at the verifier's point")
    return Judged(mutant, verdict, said, seconds)


def _verdict(line: Line, after: Node) -> Verdict:
    """The verifier's verdict. An error, which there must not be either, counts as a false one."""
    try:
        return verify_step(line.before, after, line.relation, line.context)
    except Exception as error:
        return Verdict(Status.ASSUMED, "error", f"{type(error).__name__}: {error}")


_NUMBER = re.compile(r"-?\d+(\.\d+|/\d+)?")


def _differs_at_witness(mutant: Mutant, verdict: Verdict) -> bool:
    """Whether the oracle finds a difference at the counter-example, which may be a special point."""
    line = mutant.line
    if verdict.witness is None or line.relation != "=":
        return False
    given = {name: Fraction(text) for name, text in verdict.witness.point if _NUMBER.fullmatch(text)}  # no sets
    with mp.workdps(oracle.DIGITS):
        world = next(oracle.worlds((line.before, mutant.after), line.context, 1))
        named = {s: given[s.plain] for s in world.values if s.plain in given}
        put = {s: mp.mpf(v.numerator) / v.denominator for s, v in named.items()}
        here = replace(world, values={**world.values, **put})
        try:
            return not oracle.close(oracle.value(line.before, here), oracle.value(mutant.after, here))
        except (NoValueError, UnknownError):
            return False


# --- figures ----------------------------------------------------------------------------------------------

_ORACLE = {True: "true", False: "false", None: "unknown"}


def report(results: list[Judged]) -> str:
    """The counts as a table, the reasons of what is undecided, every false verdict."""
    rows = [f"{'mutants':28}{'oracle':>9}" + "".join(f"{s.value:>11}" for s in Status)]
    for how in ("slip", "edit", "rewrite"):
        for truth, shown in _ORACLE.items():
            here = [r.verdict.status for r in results if r.mutant.how == how and r.opinion.equal is truth]
            rows.append(f"{how + 's':28}{shown:>9}" + "".join(f"{here.count(s):>11}" for s in Status))
    names = {how: len({r.mutant.name for r in results if r.mutant.how == how}) for how in ("slip", "edit", "rewrite")}
    rows.append(f"{len(results)} mutants by " + ", ".join(f"{count} {how}s" for how, count in names.items()))
    undecided = [r.verdict.detail for r in results if r.verdict.status is Status.UNDECIDED]
    rows.append(_reasons("undecided by the verifier", undecided))
    rows.append(_reasons("unknown to the oracle", [r.opinion.why for r in results if r.opinion.equal is None]))
    times_ = sorted(r.seconds for r in results)
    rows.append(f"a verdict takes {statistics.median(times_) * 1e3:.1f} ms (median), "
                f"{times_[int(0.95 * len(times_))] * 1e3:.0f} ms (p95), {times_[-1] * 1e3:.0f} ms (longest)")
    wrong = [r for r in results if r.wrong]
    return "\n".join([*rows, f"{len(wrong)} false verdicts", *map(str, wrong)])


def _reasons(title: str, reasons: list[str]) -> str:
    counted = ", ".join(f"{n} {reason or 'no reason given'}" for reason, n in Counter(reasons).most_common(12))
    return f"{len(reasons)} {title}" + (f": {counted}" if counted else "")


def main() -> None:
    """Print the figures; exit code 1 where there is a false verdict."""
    count, seed = (int(given) for given in [*sys.argv[1:3], *(COUNT, 1)[len(sys.argv) - 1 :]])
    of = shipped()
    print(f"{len(of)} different steps of {len(problem_files())} files")
    results = [judged(mutant, k) for k, mutant in enumerate(sample(of, count, seed))]
    print(report(results))
    sys.exit(any(r.wrong for r in results))


if __name__ == "__main__":
    main()
