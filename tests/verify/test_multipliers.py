"""Optima under equations beside the equations of their multipliers, and systems of equations."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.read.latex import Names
from derive.steps import Status
from tests.verify.statements import verdict

NAMES = Names(labels=True, indexed=frozenset({"p", "n"}))
NEAREST = r"(x, y) = \arg\min_{x, y : x + y = 1} (x^2 + y^2)"
ENTROPY = r"(p, q, r) = \arg\max_{p, q, r : p + q + r = 1} (-p \log p - q \log q - r \log r)"
SHARES = r"(p, q) = \arg\max_{p, q : p + q = 1} (a \log p + b \log q)"
LINE = r"(x, y) = \arg\min_{x, y : a x + b y = 1} \frac12 (x^2 + y^2)"
CIRCLE = r"(x, y) = \arg\max_{x, y : x^2 + y^2 = 1} (3 x^2 + 2 x y + y^2)"
TWO = r"(x, y, z) = \arg\min_{x, y, z : (x + y, x - z) = (1, 0)} (x^2 + y^2 + z^2)"
UNIFORM = r"p = \arg\max_{p : \sum_{k=1}^K p_k = 1} (-\sum_{k=1}^K p_k \log p_k)"
COUNTS = r"p = \arg\max_{p : \sum_{k=1}^K p_k = 1} \sum_{k=1}^K n_k \log p_k"
PLANE = r"w = \arg\min_{w : w^\top x = 1} \frac12 w^\top w"
SPHERE = r"w = \arg\max_{w : w^\top w = 1} w^\top C w"
ADDS_UP = r"\sum_{k=1}^K p_k = 1"
EXCESS = r"\sum_{k=1}^K p_k - 1"
DOMAINS = "p: positive; q: positive; r: positive; a: positive; b: positive; n: positive; K: positive integer"
VECTORS = "w: vector d; x: vector d; C: symmetric matrix d x d"

PROVED = [
    (NEAREST, "<=>", r"\nabla_{x, y, \lambda} (x^2 + y^2 - \lambda (x + y - 1)) = 0", ""),
    (NEAREST, "<=>", r"\nabla_{x, y, \lambda} (x^2 + y^2 + \lambda (x + y - 1)) = 0", ""),
    (NEAREST, "<=>", r"(2 x - \lambda, 2 y - \lambda, x + y) = (0, 0, 1)", ""),
    (NEAREST, "<=>", r"(x - \lambda, y - \lambda, x + y) = (0, 0, 1)", ""),
    (NEAREST, "=>", r"(2 x, 2 y) = (\lambda, \lambda)", ""),
    (NEAREST, "<=>", r"(x, y) = (1/2, 1/2)", ""),
    (r"(x, y) = (1/2, 1/2)", "=>", NEAREST, ""),
    (ENTROPY, "<=>", r"(p, q, r) = (1/3, 1/3, 1/3)", DOMAINS),
    (SHARES, "<=>", r"(\frac{a}{p} - \lambda, \frac{b}{q} - \lambda, p + q) = (0, 0, 1)", DOMAINS),
    (SHARES, "<=>", r"(p, q) = (\frac{a}{a + b}, \frac{b}{a + b})", DOMAINS),
    (LINE, "<=>", r"(x, y) = (\frac{a}{a^2 + b^2}, \frac{b}{a^2 + b^2})", DOMAINS),
    (CIRCLE, "=>", r"(3 x + y, x + y) = (\lambda x, \lambda y)", ""),
    (TWO, "<=>", r"\nabla_{x, y, z, \lambda, \mu} (x^2 + y^2 + z^2 - \lambda (x + y - 1) - \mu (x - z)) = 0", ""),
    (TWO, "<=>", r"(x, y, z) = (1/3, 2/3, 1/3)", ""),
    (UNIFORM, "<=>", rf"-\log p_j - 1 - \lambda = 0, {ADDS_UP}", DOMAINS),
    (UNIFORM, "<=>",
     rf"\frac{{\partial}}{{\partial p_j}} (-\sum_{{k=1}}^K p_k \log p_k - \lambda ({EXCESS})) = 0, {ADDS_UP}", DOMAINS),
    (COUNTS, "<=>", rf"\frac{{n_j}}{{p_j}} - \lambda = 0, {ADDS_UP}", DOMAINS),
    (PLANE, "<=>", r"\nabla_w (\frac12 w^\top w - \lambda (w^\top x - 1)) = 0, w^\top x = 1", VECTORS),
    (PLANE, "<=>", r"w = \lambda x, w^\top x = 1", VECTORS),
    (SPHERE, "=>", r"C w = \lambda w, w^\top w = 1", VECTORS),
    # systems
    (r"(2 x - 3 \lambda, 2 y - 4 \lambda, 3 x + 4 y) = (0, 0, 5)", "<=>",
     r"(x, y, \lambda) = (\frac35, \frac45, \frac25)", ""),
    (r"x = 2 y, y = z + 1", "=>", "x = 2 z + 2", ""),
    (r"\log x = 1 + t, t = 2", "=>", "x = e^3", "x: positive"),
    (r"e^{2 x} = t, y = 1", "=>", r"x = \frac12 \log t", "t: positive"),
    (rf"-\log p_j - 1 - \lambda = 0, {ADDS_UP}", "<=>", rf"p_j = e^{{-1 - \lambda}}, {ADDS_UP}", DOMAINS),
    (rf"p_j = e^{{-1 - \lambda}}, {ADDS_UP}", "<=>", r"p_j = \frac1K, \lambda = \log K - 1", DOMAINS),
    (rf"p_j = \frac{{n_j}}{{\lambda}}, {ADDS_UP}", "=>", r"p_j = \frac{n_j}{\sum_{k=1}^K n_k}",
     DOMAINS + "; lambda: positive"),
    (r"w = \lambda x, w^\top x = 1", "=>", r"w = \lambda x, \lambda x^\top x = 1", VECTORS),
    (r"w = \lambda x, \lambda x^\top x = 1", "=>", r"w = \lambda x, \lambda = \frac{1}{x^\top x}", VECTORS),
]  # fmt: skip


@pytest.mark.parametrize(("before", "relation", "after", "domains"), PROVED)
def test_proved(before, relation, after, domains):
    found = verdict(before, relation, after, domains, names=NAMES)
    assert found.status is Status.PROVED, found


REFUTED = [
    ("the curved constraint is forgotten", CIRCLE, "<=>", r"(3 x + y, x + y) = (\lambda x, \lambda y)", ""),
    ("the multiplier has another sign for one letter", NEAREST, "<=>",
     r"(2 x - \lambda, 2 y + \lambda, x + y) = (0, 0, 1)", ""),
    ("the constraint is forgotten", NEAREST, "<=>", r"(2 x - \lambda, 2 y - \lambda) = (0, 0)", ""),
    ("the multiplier is missing", NEAREST, "=>", r"\nabla_{x, y} (x^2 + y^2) = 0", ""),
    ("the multiplier is missing, the constraint is not", NEAREST, "=>", "(2 x, 2 y, x + y) = (0, 0, 1)", ""),
    ("another constraint", NEAREST, "<=>", r"\nabla_{x, y, \lambda} (x^2 + y^2 - \lambda (x - y - 1)) = 0", ""),
    ("the constraint has another constant", NEAREST, "=>",
     r"\nabla_{x, y, \lambda} (x^2 + y^2 - \lambda (x + y + 1)) = 0", ""),
    ("a feasible point that is not the optimum", NEAREST, "<=>", "(x, y) = (1/3, 2/3)", ""),
    ("one multiplier for two constraints", TWO, "=>",
     r"(2 x - \lambda, 2 y - \lambda, 2 z - \lambda, x + y, x - z) = (0, 0, 0, 1, 0)", ""),
    ("a distribution that is not uniform", ENTROPY, "<=>", "(p, q, r) = (1/2, 1/4, 1/4)", DOMAINS),
    ("the shares exchanged", SHARES, "<=>", r"(p, q) = (\frac{b}{a + b}, \frac{a}{a + b})", DOMAINS),
    ("the constraint is not put in", UNIFORM, "=>", r"p_j = \frac2K", DOMAINS),
    ("no multiplier for the family", UNIFORM, "=>", rf"-\log p_j - 1 = 0, {ADDS_UP}", DOMAINS),
    ("the members are not equal", COUNTS, "=>", r"p_j = \frac{1}{K}", DOMAINS),
    ("the multiplier is not put in", PLANE, "=>", "w = x", VECTORS),
    ("the vector is not zero", PLANE, "=>", r"w = 0, w^\top x = 1", VECTORS),
    ("a logarithm of an absolute value", r"\log|x| = t, y = 1", "=>", "x = e^t", ""),
    ("the exponent is halved", r"e^{2 x} = t, y = 1", "=>", r"x = \log t", "t: positive"),
    ("a system with another solution", r"x + y = 1, x - y = 0", "=>", "x = 1", ""),
    ("more solutions than these", "x + y = 1", "<=>", "(x, y) = (1/2, 1/2)", ""),
    ("members of a family", rf"p_j = \frac{{n_j}}{{\lambda}}, {ADDS_UP}", "=>", r"\lambda = K n_j",
     DOMAINS + "; lambda: positive"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "before", "relation", "after", "domains"), REFUTED, ids=lambda v: v)
def test_refuted(why, before, relation, after, domains):
    found = verdict(before, relation, after, domains, names=NAMES)
    assert found.status is Status.REFUTED, found
    assert found.witness is not None
    assert found.witness.point


NOT_SURE = [
    ("not convex: a stationary point may be a minimum", CIRCLE, "<=>",
     r"(3 x + y, x + y, x^2 + y^2) = (\lambda x, \lambda y, 1)", ""),
    ("the optimum may lie at an end", r"(x, y) = \arg\min_{x, y : x + y = 1} (x^2 + 8 y)", "=>",
     r"(2 x, 8) = (\lambda, \lambda)", "x: nonnegative; y: nonnegative"),
    ("kinks", r"(x, y) = \arg\min_{x, y : x + y = 1} (|x| + y^2)", "=>", r"2 y = \lambda", ""),
    ("not strictly convex", r"(x, y) = \arg\min_{x, y : x + y = 1} (x + y)^2", "<=>",
     r"(2 (x + y) - \lambda, x + y) = (0, 1)", ""),
    ("an inequality as constraint", r"(x, y) = \arg\min_{x, y : x + y \ge 1} (x^2 + y^2)", "=>",
     "(x, y) = (1/2, 1/2)", ""),
    ("eigenvectors that are not the first", SPHERE, "<=>", r"C w = \lambda w, w^\top w = 1", VECTORS),
]  # fmt: skip


@pytest.mark.parametrize(("why", "before", "relation", "after", "domains"), NOT_SURE, ids=lambda v: v)
def test_undecided(why, before, relation, after, domains):
    assert verdict(before, relation, after, domains, names=NAMES).status is Status.UNDECIDED


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (r"\arg\min_{x, y : 3 x + 4 y = 5} (x^2 + y^2)", r"(\frac35, \frac45)", "proved"),
        (r"\arg\min_{x, y : 3 x + 4 y = 5} (x^2 + y^2)", "(1, 1/2)", "refuted"),
        (r"\arg\min_{x, y} ((x - 1)^2 + (x - y)^2)", "(1, 1)", "proved"),
        (r"\arg\min_{x, y} ((x - 1)^2 + (x - y)^2)", "(0, 0)", "refuted"),
        (r"\arg\max_{t : t^2 = 4} t^3", "2", "undecided"),
    ],
)
def test_the_place_of_an_optimum(before, after, status):
    assert verdict(before, "=", after).status == status


def test_a_curved_constraint_says_what_it_needs():
    assert verdict(CIRCLE, "=>", r"(3 x + y, x + y) = (\lambda x, \lambda y)").condition == ("there is an optimum",)
    found = verdict(SPHERE, "=>", r"C w = \lambda w, w^\top w = 1", VECTORS, names=NAMES)
    assert found.condition == ("there is an optimum",)
    cone = verdict(SPHERE.replace("= 1", "= 0"), "=>", r"C w = \lambda w, w^\top w = 0", VECTORS, names=NAMES)
    assert cone.condition == ("the gradient of wᵀ w is not zero there", "there is an optimum")


def test_a_necessary_condition_says_nothing_where_there_is_no_optimum():
    found = verdict(r"(x, y) = \arg\max_{x, y : x + y = 1} (x^2 + y^2)", "=>", "(x, y) = (1/2, 1/2)")
    assert (found.status, found.condition) == (Status.PROVED, ("there is an optimum",))


def test_instances_of_a_family_are_a_check():
    found = verdict(UNIFORM, "<=>", r"p_j = \frac1K", DOMAINS, names=NAMES)
    assert (found.status, found.detail) == (Status.CHECKED, "proved for 2 and 3 members")


NUMBERS = st.integers(min_value=1, max_value=9)


@settings(max_examples=15, deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers(min_value=-3, max_value=3))
def test_weighted_squares_over_a_line(a, b, s, t, c, off):
    """a x² + b y² over s x + t y = c is least at (c s/a, c t/b)/(s²/a + t²/b), and nowhere else on the line."""
    norm = Fraction(s * s, a) + Fraction(t * t, b)
    x, y = Fraction(c * s, a) / norm + off * t, Fraction(c * t, b) / norm - off * s
    said = rf"(x, y) = \arg\min_{{x, y : {s} x + {t} y = {c}}} ({a} x^2 + {b} y^2)"
    point = f"(x, y) = ({_tex(x)}, {_tex(y)})"
    assert verdict(said, "<=>", point).status is (Status.REFUTED if off else Status.PROVED)


def _tex(value: Fraction) -> str:
    return rf"{'-' if value < 0 else ''}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


@settings(max_examples=15, deadline=None)
@given(st.lists(NUMBERS, min_size=3, max_size=3), st.lists(NUMBERS, min_size=3, max_size=3))
def test_linear_systems_are_solved(row, values):
    """Two equations through a point and a third letter: the point follows, a neighbour does not."""
    a, b, c = row
    x, y, z = values
    assume(a * c != b)
    first, second = f"{a} x + {b} y = {a * x + b * y}", f"x + {c} y = {x + c * y}"
    before = f"{first}, {second}, z = {z}"
    assert verdict(before, "<=>", f"(x, y, z) = ({x}, {y}, {z})").status is Status.PROVED
    assert verdict(before, "=>", f"(x, y, z) = ({x}, {y + 1}, {z})").status is Status.REFUTED
