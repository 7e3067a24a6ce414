"""Properties of functions: intervals of sign, extrema with letters and at kinks, and claims that must not be made."""

import pytest

from derive.kinds import derivative
from derive.read.latex import read
from derive.read.problems import make
from derive.steps import Paragraph, Status, Table
from derive.verify import verify


def found(function, asked, symbols=None, **given):
    problem = make("derivative", {"function": function, "properties": asked, "figure": False, **given}, symbols or {})
    done = verify(derivative.solve(problem))
    assert done.status() in (Status.PROVED, Status.CHECKED)
    return done


def words(done):
    return " ".join(str(part) for p in done.parts if isinstance(p, Paragraph) for part in p.text)


def intervals(done):
    table = next(p for p in done.parts if isinstance(p, Table))
    return [(row[0][0], row[1][0]) for row in table.rows]


def results(done):
    return {r.name: r.value for r in done.results}


UP, DOWN = "strictly increasing", "strictly decreasing"
PIECES = [
    ("f(x) = x^3 - 3x", "real", [("x < -1", UP), ("-1 < x < 1", DOWN), ("1 < x", UP)]),
    (r"f(x) = e^{\frac{1}{x}}", "real", [("x < 0", DOWN), ("0 < x", DOWN)]),
    (r"f(x) = \arctan(\frac{1}{x})", "real", [("x < 0", DOWN), ("0 < x", DOWN)]),
    (r"f(x) = \frac{x^2}{x^2-1}", "real", [("x < -1", UP), ("-1 < x < 0", UP), ("0 < x < 1", DOWN), ("1 < x", DOWN)]),
    (r"f(x) = \log(x)", "positive", [("0 < x", UP)]),
]


@pytest.mark.parametrize(("function", "domain", "expected"), PIECES)
def test_monotonicity_is_said_interval_by_interval(function, domain, expected):
    done = found(function, ["monotonicity"], {"x": domain})
    assert intervals(done) == [(read(where), word) for where, word in expected]


def test_a_sign_is_not_claimed_across_a_pole():
    done = found(r"f(x) = x + \frac{1}{x}", ["sign"])
    assert intervals(done) == [(read("x < 0"), "negative"), (read("0 < x"), "positive")]


def test_a_zero_outside_the_domain_is_no_zero():
    done = found(r"f(x) = x \log(x)", ["sign"], {"x": "positive"})
    assert intervals(done) == [(read("0 < x < 1"), "negative"), (read("1 < x"), "positive")]
    assert "no solution" in words(done)


def test_no_inflection_point_where_there_is_no_value():
    done = found(r"f(x) = \arctan(\frac{1}{x})", ["inflection"])
    assert "inflection point" not in results(done)


@pytest.mark.parametrize("function", [r"f(x) = \left|x\right|", r"f(x) = \max(x, -x)"])
def test_an_extremum_at_a_kink(function):
    assert results(found(function, ["extrema"]))["location of the minimum"] == read("0")


def test_the_likelihood_of_a_coin_is_largest_at_the_share_of_heads():
    done = found(r"\ell(p) = k \log(p) + (n - k) \log(1 - p)", ["extrema"], {"p": "(0, 1)", "n": "positive"},
                 variable="p")
    assert next(r.value for r in done.results if r.name.startswith("location")) == read(r"\frac{k}{n}")


def test_least_squares_has_a_minimum_whatever_the_letters():
    done = found(r"L(\mu) = \frac{(x - \mu)^2}{2 s^2}", ["extrema"], {"s": "positive"}, variable=r"\mu")
    assert results(done)["location of the minimum"] == read("x")


def test_what_depends_on_letters_is_not_decided():
    done = found("f(x) = a x^2 + b x + c", ["extrema"], {"a": "positive"}, variable="x")
    assert results(done)["location of the minimum"] == read(r"-\frac{b}{2a}")
    assert "depends on the letters" in words(found("f(x) = a x^2", ["monotonicity"], variable="x"))


def test_an_integral_over_a_logarithm_does_not_spoil_the_document():
    done = found(r"f(x) = \log(x)", ["integral", "monotonicity"], {"x": "positive"})
    assert "not derived" in words(done)


def test_a_kink_among_the_points_is_said_and_the_others_are_worked_out():
    done = found(r"f(x) = \left|x\right|", [], at=[0, 2])
    assert "does not hold there" in words(done)
    assert results(done)["f'(2)"] == read("1")
