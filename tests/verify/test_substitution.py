"""Changes of variable in integrals, with known and unknown functions; sums compared term by term."""

import pytest

from derive.read.latex import Names
from derive.steps import Status
from tests.verify.statements import verdict

NAMES = Names(labels=True, functions=frozenset({"f", "g", "h"}), indexed=frozenset({"x", "y"}))
NORMAL = r"\frac{1}{\sqrt{2 \pi}} e^{-\frac{z^2}{2}}"
LOG_NORMAL = r"\frac{1}{\sqrt{2 \pi} \sigma y} e^{-\frac{(\log y - \mu)^2}{2 \sigma^2}}"

PROVED = [
    (r"\int_0^2 2 x e^{x^2} dx", r"\int_0^4 e^u du", ""),
    (r"\int_0^2 2 x f(x^2) dx", r"\int_0^4 f(u) du", ""),
    (r"\int_1^2 \frac{f(\log x)}{x} dx", r"\int_0^{\log 2} f(u) du", ""),
    (r"\int_a^b 2 x \sin(x^2) dx", r"\int_{a^2}^{b^2} \sin u du", ""),
    (r"\int_a^b g'(x) f(g(x)) dx", r"\int_{g(a)}^{g(b)} f(u) du", ""),
    (r"\int_{-1}^2 2 x f(x^2) dx", r"\int_1^4 f(u) du", ""),
    (r"\int_0^1 f(1 - x) dx", r"\int_0^1 f(u) du", ""),
    (r"\int_{-\infty}^{\infty} f(-2 z) dz", r"\frac12 \int_{-\infty}^{\infty} f(u) du", ""),
    (r"\int_{-\infty}^{\infty} f(\mu + \sigma z) dz", r"\frac{1}{\sigma} \int_{-\infty}^{\infty} f(u) du",
     "sigma: positive"),
    (r"\int_{-\infty}^{\infty} h(e^x) f(x) dx", r"\int_0^{\infty} h(y) \frac{f(\log y)}{y} dy", ""),
    (r"\int_{-\infty}^{\infty} h(e^{-x}) f(x) dx", r"\int_0^{\infty} h(y) \frac{f(-\log y)}{y} dy", ""),
    (r"\int_0^{\infty} h(x^2) f(x) dx", r"\int_0^{\infty} h(y) \frac{f(\sqrt{y})}{2 \sqrt{y}} dy", ""),
    (rf"\int_{{-\infty}}^{{\infty}} h(e^{{\mu + \sigma z}}) {NORMAL} dz", rf"\int_0^{{\infty}} h(y) {LOG_NORMAL} dy",
     "sigma: positive"),
    (r"\int_0^1 h(-\frac{\log u}{\lambda}) du", r"\int_0^{\infty} h(t) \lambda e^{-\lambda t} dt", "lambda: positive"),
    (r"E_{x \sim N(\mu, \sigma^2)}[h(x)]", r"E_{z \sim N(0, 1)}[h(\mu + \sigma z)]", "sigma: positive"),
    (r"\frac{d}{d\mu} E_{x \sim N(\mu, \sigma^2)}[h(x)]", r"\frac{d}{d\mu} E_{z \sim N(0, 1)}[h(\mu + \sigma z)]",
     "sigma: positive"),
    (r"\frac{d}{dy} \int_{-\infty}^{\log y} f(x) dx", r"\frac{f(\log y)}{y}", ""),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "domains"), PROVED)
def test_proved(before, after, domains):
    found = verdict(before, "=", after, domains, names=NAMES)
    assert found.status is Status.PROVED, found


REFUTED = [
    ("the limits are not changed", r"\int_0^2 2 x e^{x^2} dx", r"\int_0^2 e^u du"),
    ("the limits are not changed, for any f", r"\int_0^2 2 x f(x^2) dx", r"\int_0^2 f(u) du"),
    ("the infinite limits are not changed", r"\int_{-\infty}^{\infty} h(e^x) dx",
     r"\int_{-\infty}^{\infty} \frac{h(y)}{y} dy"),
    ("the derivative of the map is lost", r"\int_0^2 x f(x^2) dx", r"\int_0^4 f(u) du"),
    ("the Jacobian is lost", r"\int_{-\infty}^{\infty} h(e^x) f(x) dx", r"\int_0^{\infty} h(y) f(\log y) dy"),
    ("the Jacobian is turned round", r"\int_{-\infty}^{\infty} h(e^x) f(x) dx", r"\int_0^{\infty} h(y) f(\log y) y dy"),
    ("the absolute value is lost for a decreasing map", r"\int_{-\infty}^{\infty} h(e^{-x}) f(x) dx",
     r"-\int_0^{\infty} h(y) \frac{f(-\log y)}{y} dy"),
    ("the density is not taken at the inverse", r"\int_{-\infty}^{\infty} h(e^x) f(x) dx",
     r"\int_0^{\infty} h(y) \frac{f(y)}{y} dy"),
    ("only one of two branches of the inverse", r"\int_{-\infty}^{\infty} h(x^2) f(x) dx",
     r"\int_0^{\infty} h(y) \frac{f(\sqrt{y})}{2 \sqrt{y}} dy"),
    ("the sign of a turned integral", r"\int_0^1 f(1 - x) dx", r"-\int_0^1 f(u) du"),
    ("the variance for the standard deviation", r"E_{x \sim N(\mu, \sigma^2)}[h(x)]",
     r"E_{z \sim N(0, 1)}[h(\mu + \sigma^2 z)]"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "before", "after"), REFUTED, ids=lambda v: v)
def test_refuted(why, before, after):
    found = verdict(before, "=", after, "sigma: positive", names=NAMES)
    assert found.status is Status.REFUTED, found
    assert found.witness is not None


def test_a_map_that_jumps_in_between_proves_nothing():
    before, after = r"\int_{-1}^1 \frac{1}{x^2} f(\frac{1}{x}) dx", r"-\int_{-1}^1 f(u) du"
    assert verdict(before, "=", after, names=NAMES).status is Status.UNDECIDED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\frac{d}{d\mu} \sum_{i=1}^n |x_i - \mu|", r"-\sum_{i=1}^n \operatorname{sign}(x_i - \mu)"),
        (r"\frac{d}{dw} \sum_{i=1}^n |y_i - w x_i|", r"-\sum_{i=1}^n x_i \operatorname{sign}(y_i - w x_i)"),
    ],
)
def test_a_sum_of_absolute_values_is_derived_term_by_term(before, after):
    found = verdict(before, "=", after, names=NAMES)
    assert (found.status, found.condition) == (Status.PROVED, ("every term has a derivative there",))
    assert verdict(before, "=", after.removeprefix("-"), names=NAMES).status is Status.REFUTED


UNIT = "x: [0, 1]; y: [0, 1]; n: positive integer"
OPEN = "x: (0, 1); y: (0, 1); n: positive integer"


@pytest.mark.parametrize(
    ("before", "relation", "after", "domains", "status"),
    [
        ("n (1 - x) + 1", ">", "0", UNIT, "proved"),
        ("n (1 - x)", ">=", "0", UNIT, "proved"),
        ("n (1 - x)", ">", "0", UNIT, "refuted"),
        ("n (1 - x)", ">", "0", OPEN, "proved"),
        ("n (1 - x) - 1", ">", "0", UNIT, "refuted"),
        ("x y + (1 - x) (1 - y)", ">=", "0", UNIT, "proved"),
        ("x y + (1 - x) (1 - y)", ">", "0", OPEN, "proved"),
        ("x + y - x y", "<=", "1", UNIT, "proved"),
        ("x + y - x y", "<", "1", OPEN, "proved"),
        ("x + y - x y", ">=", "1", UNIT, "refuted"),
    ],
)
def test_what_is_linear_in_a_letter_lies_between_its_ends(before, relation, after, domains, status):
    assert verdict(before, relation, after, domains).status == status
