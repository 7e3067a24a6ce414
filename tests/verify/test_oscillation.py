"""Limits of what oscillates between bounds: proved where it is multiplied by what vanishes, and nowhere else."""

import pytest

from derive.read.latex import read
from derive.steps import Context, Status
from derive.tree import Symbol
from derive.verify import equal

PROVED = [
    (r"\lim_{k\to\infty} \frac{(-1)^k}{k}", "0"),
    (r"\lim_{k\to\infty} (1 + \frac{(-1)^{k+1}}{\sqrt{k}})", "1"),
    (r"\lim_{k\to\infty} \frac{\sin(k)}{k}", "0"),
    (r"\lim_{x\to 0} x \sin(\frac{1}{x})", "0"),
    (r"\lim_{x\to\infty} \frac{x + \cos(a x)}{2 x}", r"\frac{1}{2}"),
    (r"\lim_{k\to\infty} e^{-k} k^3 \sin(k)^2", "0"),
    (r"\lim_{k\to\infty} \frac{\sin(k) \cos(k^2) + (-1)^k}{\log(k)}", "0"),
    (r"\lim_{k\to\infty} \sum_{i=1}^{3} \frac{(-1)^{i k}}{k}", "0"),
    (r"\lim_{k\to\infty} (\sin(k)^2 + \cos(k)^2)", "1"),
    (r"\lim_{x\to\infty} x \sin(\frac{1}{x})", "1"),  # no oscillation
    (r"\lim_{k\to\infty} \lim_{n\to\infty} (\frac{(-1)^n}{n} + \frac{(-1)^k}{k n})", "0"),
]

NOT_PROVED = [
    (r"\lim_{k\to\infty} (-1)^k", "0"),
    (r"\lim_{k\to\infty} (-1)^k", "1"),
    (r"\lim_{x\to\infty} \sin(x)", "0"),
    (r"\lim_{x\to 0} \frac{\sin(\frac{1}{x})}{x}", "0"),
    (r"\lim_{k\to\infty} \frac{(-2)^k}{k}", "0"),
    (r"\lim_{k\to\infty} \frac{(-1)^k k}{k + 1}", "0"),
    (r"\lim_{k\to\infty} \sum_{i=1}^{k} \frac{(-1)^k}{k}", "0"),
    # below the bar it may vanish
    (r"\lim_{k\to\infty} \frac{1}{k \sin(k)}", "0"),
    (r"\lim_{k\to\infty} \frac{1}{k (1 + (-1)^k)}", "0"),
    # in a function anything may happen
    (r"\lim_{k\to\infty} \log(1 + (-1)^k) \frac{1}{k}", "0"),
    (r"\lim_{x\to\infty} \frac{\log(\sin(x) - 2)}{x}", "0"),
    # within an integral it is no number, but another one at every place
    (r"\lim_{k\to\infty} k^3 \int_{-1}^{1} x \sin(k x) dx", "0"),
    (r"\lim_{k\to\infty} k \int_{-1}^{1} x^3 e^{x^4} \sin(k x) dx", "0"),
    (r"\lim_{k\to\infty} k \sum_{i=1}^{3} (i - 2) \sin(i k)", "0"),
    (r"\lim_{k\to\infty} k \sum_{i=1}^{n} (2 i - n - 1) \sin(i k)", "0"),
    (r"\lim_{k\to\infty} k \sum_{i=1}^{n} (2 i - n - 1) (-1)^{i k}", "0"),
    # without end it has no sign
    (r"\lim_{k\to\infty} k \sin(k)", r"\infty"),
    (r"\lim_{k\to\infty} (-1)^k k", r"\infty"),
    # letters of different limits are different ones
    (r"\lim_{k\to\infty} \lim_{n\to\infty} ((-1)^n - (-1)^k)", "0"),
    (r"\lim_{k\to\infty} \lim_{n\to\infty} (\sin(n) - \sin(k))", "0"),
    (r"\lim_{k\to\infty} (-1)^k - \lim_{n\to\infty} (-1)^n", "0"),
    (r"\lim_{k\to\infty} (\sin(k) - \sin(k^2))", "0"),
]


@pytest.mark.parametrize(("limit", "value"), PROVED)
@pytest.mark.parametrize("domain", ["real", "positive integer"])
def test_bounded_times_vanishing_vanishes(limit, value, domain):
    context = Context({Symbol("k"): domain})
    assert equal(read(limit), read(value), context).status is Status.PROVED


@pytest.mark.parametrize(("limit", "value"), NOT_PROVED)
@pytest.mark.parametrize("domain", ["real", "positive integer"])
def test_what_is_not_shown_is_not_claimed(limit, value, domain):
    assert equal(read(limit), read(value), Context({Symbol("k"): domain})).status is not Status.PROVED


@pytest.mark.parametrize("value", ["1", "-1", r"\frac{1}{100}"])
def test_another_value_is_refuted(value):
    assert equal(read(r"\lim_{k\to\infty} \frac{(-1)^k}{k}"), read(value), Context()).status is Status.REFUTED


@pytest.mark.parametrize(("limit", "value"), [
    (r"\lim_{x\to\infty} \sin(\pi x)", "0"), (r"\lim_{x\to\infty} \cos(2 \pi x)", "1"),
    (r"\lim_{k\to\infty} \frac{1}{k \sin(k)}", "0"), (r"\lim_{x\to 0} \frac{1}{x + \tan(\frac{1}{x})}", "0"),
    (r"\lim_{x\to\infty} \sin(x)^2 + \lim_{x\to\infty} \cos(x)^2", "1"),
    (r"\lim_{x\to\infty} \log(2 + \sin(x)) \frac{1}{x}", "0"),  # which is true
])  # fmt: skip
def test_some_values_on_the_way_say_nothing_of_a_wave(limit, value):
    assert equal(read(limit), read(value), Context()).status is Status.UNDECIDED


def test_values_are_taken_off_every_grid():
    grid = read(r"\lim_{x\to\infty} (\lfloor x \rfloor - x)"), read("0")
    assert equal(*grid, Context()).status is Status.UNDECIDED
    assert equal(read(r"\lim_{x\to\infty} \frac{\lfloor x \rfloor}{x}"), read("1"), Context()).status is Status.CHECKED
