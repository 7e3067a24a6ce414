"""Means under named laws: proved from their theorems, each held against SciPy, false ones refuted."""

import math

import pytest
from scipy import stats

from derive import equal
from derive.numeric.value import value_of
from derive.read.latex import read
from derive.steps import Status
from derive.tree import Symbol, substitute
from derive.verify.moments import LAWS, mean

X = Symbol("x")
DECLARED = [r"\alpha: positive", r"\beta: positive", r"\lambda: positive", "a: (0, 1)", "s: positive", "b: positive",
            "n: positive integer"]

LAW = [
    ("Gamma", ("2.5", "1.5"), stats.gamma(2.5, scale=1 / 1.5)),
    ("Exp", ("0.8",), stats.expon(scale=1 / 0.8)),
    ("Beta", ("2.5", "1.5"), stats.beta(2.5, 1.5)),
    ("N", ("0.5", "4"), stats.norm(0.5, 2)),
    ("Laplace", ("0.5", "2"), stats.laplace(0.5, 2)),
    ("U", ("-1", "2"), stats.uniform(-1, 3)),
    ("Pois", ("3",), stats.poisson(3)),
    ("Bin", ("7", "0.3"), stats.binom(7, 0.3)),
    ("Geom", ("0.3",), stats.geom(0.3)),
]
FUNCTIONS = [
    (r"3 x^2 - \frac{x}{2} + 1", lambda x: 3 * x**2 - x / 2 + 1),
    (r"(x - 2)^3", lambda x: (x - 2) ** 3),
    (r"x \log(x)", lambda x: x * math.log(x)),
    (r"\log(1 - x)", lambda x: math.log(1 - x)),
    (r"|x - 2|", lambda x: abs(x - 2)),
]


def _integrated(law, function):
    if hasattr(law, "pmf"):
        return sum(function(k) * law.pmf(k) for k in range(400) if law.pmf(k) > 0)
    return law.expect(function, limit=200, epsabs=1e-11)


@pytest.mark.parametrize(("name", "parameters", "law"), LAW, ids=[row[0] for row in LAW])
@pytest.mark.parametrize(("latex", "function"), FUNCTIONS, ids=[row[0] for row in FUNCTIONS])
def test_a_mean_that_is_put_in_is_the_mean(name, parameters, law, latex, function):
    found = mean(name, [read(p) for p in parameters], read(latex), X)
    if found is not None:
        assert value_of(found) == pytest.approx(_integrated(law, function), rel=1e-6)


def test_every_law_knows_the_mean_of_a_square():
    for name, parameters, _ in LAW:
        assert mean(name, [read(p) for p in parameters], read("x^2"), X) is not None
    assert {name for name, *_ in LAW} <= set(LAWS)


PROVED = [
    (r"E_{x \sim \mathrm{Gamma}(\alpha, \beta)}[\log x]", r"\operatorname{digamma}(\alpha) - \log\beta"),
    (r"E_{x \sim \mathrm{Beta}(\alpha, \beta)}[x]", r"\frac{\alpha}{\alpha + \beta}"),
    (r"E_{x \sim \mathrm{Pois}(\lambda)}[(x - \lambda)^2]", r"\lambda"),
    (r"E_{x \sim \mathrm{Bin}(n, a)}[(x - n a)^2]", r"n a (1 - a)"),
    (r"E_{x \sim \mathrm{Geom}(a)}[x]", r"\frac{1}{a}"),
    (r"E_{x \sim \mathrm{Laplace}(m, b)}[|x - c|]", r"|m - c| + b e^{-\frac{|m - c|}{b}}"),
    (r"E_{x \sim \mathrm{N}(m, s^2)}[(x - c)^2]", r"s^2 + (m - c)^2"),
]


@pytest.mark.parametrize(("left", "right"), PROVED)
def test_proved(left, right):
    assert equal(left, right, declare=DECLARED).status is Status.PROVED


@pytest.mark.parametrize(("left", "right"), PROVED)
def test_a_false_value_is_refuted(left, right):
    assert equal(left, f"{right} + \\frac{{1}}{{7}}", declare=DECLARED).status is Status.REFUTED


@pytest.mark.parametrize(("left", "right"), [
    (r"E_{x \sim \mathrm{Pois}(-2)}[x]", "-2"),
    (r"E_{x \sim \mathrm{Exp}(-1)}[x]", "-1"),
])
def test_numbers_that_are_no_parameters(left, right):
    assert equal(left, right).status is Status.UNDECIDED


@pytest.mark.parametrize(("left", "right", "status"), [
    (r"\sum_{k=0}^\infty \frac{2^k}{k!}", "e^2", Status.PROVED),
    (r"\sum_{k=0}^\infty \frac{2^k}{k!}", "e^2 + 10^{-15}", Status.REFUTED),
    (r"\int_0^1 \log(x) dx", "-1", Status.PROVED),
    (r"\int_0^1 \frac{\log(x)}{1 + x} dx", r"-\frac{\pi^2}{12}", Status.CHECKED),
    (r"\int_0^\infty x^{\alpha - 1} e^{-\beta x} dx", r"\frac{\Gamma(\alpha)}{\beta^\alpha}", Status.PROVED),
    (r"\int_0^\infty x^{\alpha - 1} e^{-\beta x} dx", r"\frac{\Gamma(\alpha)}{\beta}", Status.REFUTED),
])  # fmt: skip
def test_sums_and_integrals_as_numbers(left, right, status):
    assert equal(left, right, declare=DECLARED).status is status


@pytest.mark.parametrize(("left", "right", "status"), [
    (r"\Gamma(\alpha + 2)", r"\alpha (\alpha + 1) \Gamma(\alpha)", Status.PROVED),
    (r"\Gamma(6)", "120", Status.PROVED),
    (r"\Gamma(\frac{5}{2})", r"\frac{3}{4} \sqrt{\pi}", Status.PROVED),
    (r"\operatorname{digamma}(\alpha + 1)", r"\operatorname{digamma}(\alpha) + \frac{1}{\alpha}", Status.PROVED),
    (r"\operatorname{trigamma}(\alpha + 1)", r"\operatorname{trigamma}(\alpha) - \frac{1}{\alpha^2}", Status.PROVED),
    (r"\frac{d}{d\alpha} \log\Gamma(\alpha)", r"\operatorname{digamma}(\alpha)", Status.PROVED),
    (r"\frac{d}{d\alpha} \operatorname{digamma}(\alpha)", r"\operatorname{trigamma}(\alpha)", Status.PROVED),
    (r"\Gamma(\alpha + 1)", r"\Gamma(\alpha)", Status.REFUTED),
    (r"\operatorname{digamma}(\alpha)", r"\log(\alpha)", Status.REFUTED),
    (r"\frac{d}{d\alpha} \operatorname{digamma}(\alpha)", r"2 \operatorname{trigamma}(\alpha)", Status.REFUTED),
])  # fmt: skip
def test_the_gamma_function(left, right, status):
    assert equal(left, right, declare=DECLARED).status is status


def test_the_letter_is_put_in_nowhere():
    found = mean("Exp", [read(r"\lambda")], read("x^2"), X)
    assert found is not None
    assert substitute(found, {X: read("7")}) == found


@pytest.mark.parametrize(("right", "status"), [
    ("t", Status.REFUTED),
    (r"e^{|t| (e - 1)}", Status.CHECKED),  # there is no such law for a negative number
])
def test_a_law_has_no_mean_outside_the_domain_of_its_parameter(right, status):
    assert equal(r"E_{x \sim \mathrm{Pois}(t)}[e^x]", right).status is status
