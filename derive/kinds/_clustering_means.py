r"""The k-means algorithm by hand: distances, assignment, new centres, the sum of squares after every half step.

Everything is a fraction, so a tie is one exactly. Called by the kind ``clustering``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from derive.errors import DeriveError
from derive.kinds._by_hand import SIGNIFICANT, digits, worked, written
from derive.kinds._pca_data import Exact, mean_of
from derive.kinds._shared import listed
from derive.questions import names
from derive.read.latex import read
from derive.steps import (
    Chain,
    Definition,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
    Table,
)
from derive.tree import (
    ONE,
    TWO,
    Call,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Vector,
    number,
    total,
)
from derive.write.numbers import approximate

WRITTEN = 12  # points whose distances are written out
ROWS = 24  # points in a table
J = Symbol("J")

DECLARED = ("x: vector d", "c: vector d", r"\bar{x}: vector d", "n: positive integer")
PARTED = r"\sum_{i=1}^n \|x_i - c\|^2 = \sum_{i=1}^n \|x_i - \bar{x}\|^2 + n \|\bar{x} - c\|^2"
MEAN = r"\frac{1}{n} \sum_{i=1}^n x_i"


@dataclass(frozen=True)
class Walk:
    """What happened: the centres before each step and after the last one, and the assignments.

    ``assigned`` holds the number of each point's centre from 0. ``settled`` says that the last assignment is that of
    the step before, so that the centres did not move any more.
    """

    points: tuple[Exact, ...]
    decimals: bool
    centres: list[tuple[Exact, ...]] = field(default_factory=list)
    assigned: list[tuple[int, ...]] = field(default_factory=list)
    settled: bool = False

    def node(self, value: Fraction) -> Node:
        """A number as the problem writes its numbers; a long one rounded."""
        return written(value, self.decimals)

    def place(self, point: Exact) -> Node:
        """A point: coordinates, or a number where there is only one."""
        made = tuple(map(self.node, point))
        return made[0] if len(made) == 1 else Vector(made)

    def squares(self, t: int, later: int) -> Fraction:
        """The sum of squares of assignment t with the centres ``later`` steps after it."""
        centres = self.centres[t + later]
        return sum((distance(x, centres[k]) for x, k in zip(self.points, self.assigned[t], strict=True)), Fraction(0))


def distance(x: Exact, c: Exact) -> Fraction:
    """The squared distance."""
    return sum(((a - b) ** 2 for a, b in zip(x, c, strict=True)), Fraction(0))


def walked(points: tuple[Exact, ...], centres: tuple[Exact, ...], steps: int, decimals: bool) -> Walk:
    """Assign and move until nothing changes, at most ``steps`` times. A tie goes to the centre with the lower number.

    DeriveError where a cluster becomes empty.
    """
    walk = Walk(points, decimals, [centres])
    settled = False
    for t in range(1, steps + 1):
        nearest = tuple(_nearest(x, centres) for x in points)
        settled = bool(walk.assigned) and nearest == walk.assigned[-1]
        walk.assigned.append(nearest)
        if settled:
            break
        centres = tuple(_mean(points, nearest, k, t) for k in range(len(centres)))
        walk.centres.append(centres)
    return Walk(points, decimals, walk.centres, walk.assigned, settled)


def _nearest(x: Exact, centres: Sequence[Exact]) -> int:
    distances = [distance(x, c) for c in centres]
    return distances.index(min(distances))


def _mean(points: Sequence[Exact], nearest: Sequence[int], k: int, t: int) -> Exact:
    own = [x for x, n in zip(points, nearest, strict=True) if n == k]
    if not own:
        raise DeriveError(f"clustering: in step {t} no point is nearest to centre {k + 1}, so its cluster is empty and "
                          "has no mean", "start with other centres, or with fewer")
    return mean_of(own)


# --- telling ----------------------------------------------------------------------------------------


def told(walk: Walk) -> tuple[list[Part], list[Result]]:
    """Every step, the sums of squares side by side, and why they never grow."""
    parts: list[Part] = [Paragraph((_IDEA,)), Formula(_objective())]
    for t in range(len(walk.assigned)):
        parts += _step(walk, t)
    parts += [*_ending(walk), *_why(), _course(walk)]
    return parts, _results(walk)


_IDEA = ("Each step assigns every point to the nearest centre and then moves every centre to the mean of its points. "
         "Both halves make the sum of squared distances within the clusters smaller or leave it as it is:")


def _objective() -> Relation:
    words = names(declare=("x: vector d", "c: vector d"))
    return Relation((J, read(r"\sum_{i=1}^n \min_{1 \le k \le K} \|x_i - c_k\|^2", words)), ("=",))


def centre(k: int, t: int) -> Symbol:
    """The name of a centre, with the number of the step above it."""
    return Symbol("c", str(k + 1), f"({t})")


def _step(walk: Walk, t: int) -> list[Part]:
    last = walk.settled and t == len(walk.assigned) - 1
    parts: list[Part] = [Heading((f"Step {t + 1}: assignment",)), Paragraph(_centres(walk, t))]
    if len(walk.points) <= WRITTEN:
        parts.append(Chain((_distances(walk, t),), Symbol("D", "", f"({t + 1})")))
    parts.append(_table(walk, t))
    parts += _ties(walk, t)
    parts += _sum_of_squares(walk, t)
    if last:
        return parts
    parts.append(Heading((f"Step {t + 1}: new centres",)))
    parts += [_moved(walk, t, k) for k in range(len(walk.centres[t]))]
    return [*parts, *_not_larger(walk, t)]


def _centres(walk: Walk, t: int) -> Prose:
    here = [Relation((centre(k, t), walk.place(c)), ("=",)) for k, c in enumerate(walk.centres[t])]
    words = ", one row a point and one column a centre, are" if len(walk.points) <= WRITTEN else " decide"
    return ("The centres are ", *listed(here), f". The squared distances{words}",)


def _distances(walk: Walk, t: int) -> Step:
    """The matrix of squared distances, n x k, worked out."""
    centres = walk.centres[t]
    before = tuple(tuple(_squared(walk, x, c) for c in centres) for x in walk.points)
    after = tuple(tuple(walk.node(distance(x, c)) for c in centres) for x in walk.points)
    return Step(Matrix(before), Matrix(after), "squared distances", "The squares of the differences add up.",
                level=Level.ARITHMETIC)


def _squared(walk: Walk, x: Exact, c: Exact) -> Node:
    apart = Sum((walk.place(x), Negative(walk.place(c)))) if c[0] >= 0 or len(c) > 1 else Sum(
        (walk.place(x), walk.place((-c[0],))))
    return Power(apart if len(x) == 1 else Norm(apart), TWO)


def _table(walk: Walk, t: int) -> Table:
    centres = walk.centres[t]
    header: tuple[Prose, ...] = ((Symbol("i"),), (Symbol("x", "i"),),
                                 *(("to ", centre(k, t)) for k in range(len(centres))), ("cluster",))
    rows: list[tuple[Prose, ...]] = [
        ((str(i),), (walk.place(x),), *((_cell(walk, distance(x, c)),) for c in centres), (str(k + 1),))
        for i, (x, k) in enumerate(zip(walk.points, walk.assigned[t], strict=True), 1)]
    rest = f" The first {ROWS} of {len(rows)} points." if len(rows) > ROWS else ""
    return Table(header, tuple(rows[:ROWS]), (f"Step {t + 1}: squared distances and the nearest centre.{rest}",))


def _cell(walk: Walk, value: Fraction) -> Node:
    made = walk.node(value)
    return made if digits(made) <= SIGNIFICANT + 2 else approximate(value)


def _ties(walk: Walk, t: int) -> list[Part]:
    """A remark where a point is as near to two centres."""
    centres, tied = walk.centres[t], []
    for i, x in enumerate(walk.points, 1):
        all_of = [distance(x, c) for c in centres]
        if all_of.count(min(all_of)) > 1:
            tied.append(str(i))
    if not tied:
        return []
    which = f"Point {tied[0]} is" if len(tied) == 1 else f"Points {', '.join(tied)} are"
    return [Paragraph((f"{which} as near to two centres: a tie, which goes to the centre with the lower number.",),
                      remark=True)]


def _sum_of_squares(walk: Walk, t: int) -> list[Part]:
    """The objective with the distances of the table, and that it is not above the one before."""
    value = walk.squares(t, 0)
    if len(walk.points) > WRITTEN:
        return [Formula(Relation((J, walk.node(value)), ("=",))), *_compared(walk, value, t)]
    rows = [tuple(walk.node(distance(x, c)) for c in walk.centres[t]) for x in walk.points]
    least: list[Node] = [Call("min", row) if len(row) > 1 else row[0] for row in rows]
    chosen = total([walk.node(distance(x, walk.centres[t][k]))
                    for x, k in zip(walk.points, walk.assigned[t], strict=True)])
    taken = Step(total(least), chosen, "the nearest centre", "The least of each row.", level=Level.ARITHMETIC)
    steps = [] if total(least) == chosen else [taken]
    steps += _tidy(worked(chosen))
    return [Chain(tuple(steps), J), *_compared(walk, value, t)]


def _tidy(steps: list[Step]) -> list[Step]:
    """Without the last rounding: the sums stay exact."""
    return steps[:-1] if steps and steps[-1].relation == "~=" else steps


def _compared(walk: Walk, value: Fraction, t: int) -> list[Part]:
    return [] if t == 0 else [_comparison(walk, value, walk.squares(t - 1, 1))]


def _comparison(walk: Walk, now: Fraction, before: Fraction) -> Part:
    words = "The sum of squares before was " if now != before else "The sum of squares is the one before, "
    if now == before:
        return Paragraph((words, walk.node(before), "."))
    step = Step(walk.node(now), walk.node(before), "smaller than before", relation="<", level=Level.ARITHMETIC)
    return Chain((step,))


def _moved(walk: Walk, t: int, k: int) -> Chain:
    """The mean of a cluster."""
    own = [x for x, n in zip(walk.points, walk.assigned[t], strict=True) if n == k]
    end = walk.place(walk.centres[t + 1][k])
    left = centre(k, t + 1)
    if len(own) == 1:
        return Chain((Step(walk.place(own[0]), end, "mean of one point", "It is the point itself."),), left)
    summed = walk.place(tuple(sum(column, Fraction(0)) for column in zip(*own, strict=True)))
    points: Node = Sum(tuple(map(walk.place, own))) if len(own) <= WRITTEN else summed
    share = Quotient(ONE, Number(str(len(own))))
    add = Step(Product((share, points)), Product((share, summed)), "add", "The points of the cluster.",
               level=Level.ARITHMETIC)
    steps = [] if points == summed else [add]
    return Chain((*steps, Step(Product((share, summed)), end, "divide", "By the number of the points.",
                               level=Level.ARITHMETIC)), left)


def _not_larger(walk: Walk, t: int) -> list[Part]:
    """The objective with the new centres, not above the one with the old centres."""
    before, now = walk.squares(t, 0), walk.squares(t, 1)
    if len(walk.points) > WRITTEN:
        return [Formula(Relation((J, walk.node(now)), ("=",))), _comparison(walk, now, before)]
    centres = walk.centres[t + 1]
    start = total([_squared(walk, x, centres[k]) for x, k in zip(walk.points, walk.assigned[t], strict=True)])
    put = total([walk.node(distance(x, centres[k])) for x, k in zip(walk.points, walk.assigned[t], strict=True)])
    steps = [Step(start, put, "squared distances", "The squares of the differences add up.", level=Level.ARITHMETIC)]
    steps += _tidy(worked(put))
    return [Paragraph(("With the new centres and the same clusters the sum of squares is",)), Chain(tuple(steps), J),
            _comparison(walk, now, before)]


# --- the whole course -------------------------------------------------------------------------------


def _ending(walk: Walk) -> list[Part]:
    count = len(walk.assigned)
    if walk.settled:
        words = (f"In step {count} every point stays in its cluster, so the centres stay too: the algorithm stops. "
                 "Another start may end with a smaller sum of squares.")
        return [Paragraph((words,))]
    return [Paragraph((f"After {count} step{'s' * (count > 1)} the assignment may still change.",), remark=True)]


def _why() -> list[Part]:
    """That the mean is the best centre, for every cluster."""
    words = names(declare=DECLARED)
    relation, mean = read(PARTED, words), read(MEAN, words)
    assert isinstance(relation, Relation)
    left, right = relation.sides
    bar = Symbol("x", accent="bar")
    step = Step(left, right, "split at the mean", "The differences from the mean add up to zero, so no mixed terms.",
                level=Level.ARGUMENT)
    return [
        Heading(("Why the sum of squares never grows",)),
        Paragraph((_CHOOSES, bar, " and any centre ", Symbol("c"), ",")),
        Chain((step,), None, (Definition(bar, (), mean),)),
        Paragraph(("The last term is zero only for ", Relation((Symbol("c"), bar), ("=",)), _STOPS)),
    ]


_CHOOSES = ("The assignment chooses for each point the least of its squared distances. For the points of one cluster, "
            "with mean ")
_STOPS = (", so no centre is better than the mean. There are finitely many ways to part the points, and none comes "
          "back after the sum has become smaller, so the algorithm stops.")


def _course(walk: Walk) -> Table:
    """The sums of squares, step by step."""
    header: tuple[Prose, ...] = (("step",), ("after the assignment",), ("after the new centres",), ("as a decimal",))
    rows: list[tuple[Prose, ...]] = []
    for t in range(len(walk.assigned)):
        moved = t + 1 < len(walk.centres)
        last = walk.squares(t, int(moved))
        rows.append(((str(t + 1),), (walk.node(walk.squares(t, 0)),), (walk.node(last),) if moved else ("stays",),
                     (approximate(last),)))
    return Table(header, tuple(rows), ("The sum of squares within the clusters.",))


NUMBERED = "for each point the number of its centre, of equally near ones the first"
COUNTED = "how often the points are assigned, the last time without a change included"
ASKED: Prose = (f"the clusters by k-means ({NUMBERED}), and the number of steps ({COUNTED})",)


def _results(walk: Walk) -> list[Result]:
    last, t = walk.centres[-1], len(walk.assigned) - 1
    moved = int(not walk.settled)
    nodes = tuple(walk.place(c) for c in last)
    centres = tuple(node.items if isinstance(node, Vector) else node for node in nodes)
    value = walk.squares(t, moved)
    course = [float(walk.squares(s, 0)) for s in range(len(walk.assigned))]
    return [
        Result("centres", centres),
        Result("clusters", tuple(number(k + 1) for k in walk.assigned[-1]), convention=NUMBERED),
        Result("sum of squares", walk.node(value), J, number=float(value)),
        Result("steps", number(len(walk.assigned)), convention=COUNTED),
        Result("sums of squares", None, shown=False, number=course),
    ]

