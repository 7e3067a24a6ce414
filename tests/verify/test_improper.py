r"""Improper integrals and infinite sums: known ones against quadrature, their conditions, refutation by enclosures."""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import equal
from derive.numeric.endless import _Working
from derive.read.latex import Names, read
from derive.steps import Context, Status
from derive.tree import Integral, Node, SumOver, Symbol, number, substitute, walk
from derive.verify import verify_step
from derive.verify.balls import Evaluation, precision
from derive.verify.convert import Converter
from derive.verify.enclosures import Endless
from derive.verify.field import Field, Needs
from derive.verify.normalising import ROWS, shape
from derive.verify.signals import Clock, Restart, Undecidable
from derive.verify.trees import tree
from tests.verify.oracle import Numbers

# --- rows -------------------------------------------------------------------------------------------------

_DIGITS = 20
LETTERS = {"s": "positive", "r": "positive", "b": "positive", "t": "positive"}
KNOWN = [
    (r"\int_0^\infty x^{s - 1} e^{-b x} dx", 0),
    (r"\int_0^\infty \log(x) x^{s - 1} e^{-b x} dx", 0),
    (r"\int_0^\infty \log(x)^2 x^{s - 1} e^{-b x + t} dx", 0),
    (r"\int_0^1 x^{s - 1} (1 - x)^{r - 1} dx", 1),
    (r"\int_0^1 \log(x) x^{s - 1} (1 - x)^{r - 1} dx", 1),
    (r"\int_0^1 \log(1 - x) x^{s - 1} (1 - x)^{r - 1} dx", 1),
    (r"\int_0^1 \log(x) \log(1 - x) x^{s - 1} (1 - x)^{r - 1} dx", 1),
    (r"\int_0^1 \log(x)^2 x^{s - 1} (1 - x)^{r - 1} dx", 1),
    (r"\int_0^1 \log(1 - x)^2 x^{s - 1} (1 - x)^{r - 1} dx", 1),
    (r"\int_1^\infty x^{-s - 1} dx", 2),
    (r"\int_1^\infty \log(x)^3 x^{-s - 1} dx", 2),
    (r"\int_t^{t + r} \log(x) x^{s} dx", 2),
    (r"\int_0^t \log(x)^2 x^{s} dx", 2),
]
ELEMENTARY = [
    r"\int_{-\infty}^\infty \frac{s}{b x^2 + x + r + \frac{1}{b}} dx",
    r"\int_{-t}^s \frac{1}{r^2 + (x - b)^2} dx",
    r"\int_s^\infty e^{-b x} \cos(r x) dx",
    r"\int_{-t}^s e^{b x + t} \sin(r x) dx",
    r"\int_{-\infty}^\infty e^{-b x^2 + x} \cos(r x) dx",
    r"\int_{-\infty}^\infty e^{-b x^2 + s x} \sin(r x) dx",
    r"\int_0^\infty x^{s - 1} e^{-b x^r} dx",
    r"\int_0^\infty x^{s} e^{-b \sqrt{x}} dx",
    r"\int_0^\infty (b + r x)^{-s - 1} dx",
    r"\int_s^{s + t} (b + r x)^{s} dx",
    r"\int_{-\infty}^\infty \frac{e^{-b x}}{(s + r e^{-b x})^3} dx",
    r"\int_{-t}^\infty \frac{e^{-b x}}{(1 + e^{-b x})^2} dx",
]
SUMS = [
    r"\sum_{k=0}^\infty \frac{t^k}{k!}",
    r"\sum_{k=0}^\infty \frac{k^3 t^k}{k!}",
    r"\sum_{k=1}^\infty \frac{(-s)^k}{(k - 1)!}",
    r"\sum_{k=0}^\infty \frac{k}{k!} e^{-s k}",
    r"\sum_{k=2}^\infty \frac{k^2 t^k}{k!}",
]


def _closed(node: Node) -> Node:
    """What the exact side makes of an expression."""
    needs = Needs(24)
    for _ in range(12):
        field = Field(needs, Clock(20))
        try:
            return tree(field, Converter(field, {Symbol(k): v for k, v in LETTERS.items()}).element(node))
        except Restart:
            continue
    raise AssertionError("no field large enough")


def _parameters(seed: int) -> dict[Node, Fraction]:
    chance = random.Random(seed)
    return {Symbol(k): Fraction(chance.randint(65, 320), 64) for k in LETTERS}


def _numbers(node: Node, at: dict[Node, Fraction]) -> Node:
    return substitute(node, {k: number(v) for k, v in at.items()})


def _by_mpmath(node: Integral | SumOver, at: dict[Node, Fraction]) -> mpmath.mpf:
    """The sum or integral by mpmath, with 30 digits."""
    with mpmath.workdps(40):
        return +_Working(mpmath).value(_numbers(node, at), {})


@pytest.mark.slow
@pytest.mark.parametrize("latex", [*(k for k, _ in KNOWN), *ELEMENTARY, *SUMS])
def test_every_row_agrees_with_numbers(latex: str) -> None:
    node = read(latex, Names(labels=True))
    closed = _closed(node)
    assert not any(type(p) in (Integral, SumOver) for p in walk(closed))
    for seed in range(3):
        at = _parameters(seed)
        expected = _by_mpmath(node, at)
        with precision(160):
            found = Evaluation({s: v for s, v in at.items() if isinstance(s, Symbol)}).value(closed)
            difference = abs(found - arb(mpmath.nstr(expected, 30)))
            assert difference <= arb(10) ** -_DIGITS * (1 + abs(found)), (latex, at)


@pytest.mark.parametrize(("latex", "row"), KNOWN)
def test_each_row_is_the_one_that_is_meant(latex: str, row: int) -> None:
    node = read(latex, Names(labels=True))
    assert isinstance(node, Integral)
    assert node.lower is not None
    assert node.upper is not None
    needs = Needs(24)
    while True:
        field = Field(needs, Clock(20))
        try:
            converter = Converter(field, {Symbol(k): v for k, v in LETTERS.items()})
            seen: list[int] = []
            integrals = converter.integrals
            inner = type(integrals)._term

            def spied(member, name, range_, seen=seen, integrals=integrals, inner=inner):
                found = shape(integrals, member, name)
                assert found is not None
                seen.append(next(k for k, r in enumerate(ROWS) if r.fits(integrals.kernels, range_, found)))
                return inner(integrals, member, name, range_)

            integrals._term = spied  # type: ignore[method-assign]
            converter.element(node)
            break
        except Restart:
            continue
    assert seen == [row]


@pytest.mark.parametrize("latex", ELEMENTARY)
def test_elementary_integrals_are_put_in(latex: str) -> None:
    assert not any(type(p) is Integral for p in walk(_closed(read(latex, Names(labels=True)))))


# --- verdicts ---------------------------------------------------------------------------------------------

PROVED = [
    (r"\int_{-\infty}^\infty \frac{1}{1 + x^2} dx", r"\pi", ()),
    (r"\int_0^\infty e^{-a x} \cos(x) dx", r"\frac{a}{a^2 + 1}", ("a > 0",)),
    (r"\int_{-\infty}^\infty e^{-x^2/2} \cos(t x) dx", r"\sqrt{2 \pi} e^{-t^2/2}", ()),
    (r"\int_0^t \cos(w x) dx", r"\frac{\sin(w t)}{w}", ("w ≠ 0",)),
    (r"\int_0^t w \cos(w x) dx", r"\sin(w t)", ()),
    (r"\int_0^t \sin(w x) dx", r"\frac{1 - \cos(w t)}{w}", ("w ≠ 0",)),
    (r"\int_0^t e^{a x} \cos(b x) dx", r"\frac{e^{a t} (a \cos(b t) + b \sin(b t)) - a}{a^2 + b^2}", ("a² + b² ≠ 0",)),
    (r"\int_0^\infty c x^{c - 1} e^{-x^c} dx", "1", ("c > 0",)),
    (r"\int_0^\infty (1 + x)^{-a - 1} dx", r"\frac{1}{a}", ("a > 0",)),
    (r"\int_{-\infty}^\infty \sigma(x) (1 - \sigma(x)) dx", "1", ()),
    (r"\int_0^\infty e^{-a x} dx", r"\frac{1}{a}", ("a > 0",)),
    (r"\int_0^\infty x e^{-a x} dx", r"\frac{1}{a^2}", ("a > 0",)),
    (r"\int_{-\infty}^\infty e^{-a x^2} dx", r"\sqrt{\frac{\pi}{a}}", ("a > 0",)),
    (r"\int_0^\infty x^{c - 1} e^{-d x} dx", r"\frac{\Gamma(c)}{d^c}", ("c > 0", "d > 0")),
    (r"\int_0^1 x^{c - 1} (1 - x)^{d - 1} dx", r"\frac{\Gamma(c) \Gamma(d)}{\Gamma(c + d)}", ("c > 0", "d > 0")),
    (r"\int_0^1 x^a dx", r"\frac{1}{a + 1}", ("a + 1 > 0",)),
    (r"\int_1^\infty x^{-a} dx", r"\frac{1}{a - 1}", ("a - 1 > 0",)),
    (r"\sum_{k=0}^\infty c^k", r"\frac{1}{1 - c}", ("1 - c > 0", "c + 1 > 0")),
    (r"\int_0^1 \log(x) dx", "-1", ()),
    (r"\int_{-1}^2 |x| dx", r"\frac{5}{2}", ()),
    (r"\int_2^{-1} |x| dx", r"-\frac{5}{2}", ()),
    (r"\int_{-\infty}^\infty |x - c| e^{-|x - a|} dx", r"2 (|a - c| + e^{-|a - c|})", ()),
    (r"\int_0^1 \max(x, \frac{1}{2}) dx", r"\frac{5}{8}", ()),
    (r"\sum_{k=0}^\infty \frac{c^k}{k!}", "e^c", ()),
    (r"\sum_{k=0}^n k^2 \binom{n}{k} p^k (1 - p)^{n - k}", "n p (1 - p) + n^2 p^2", ()),
    (r"\sum_{k=0}^{n} (n - k) \binom{n}{k}", r"n \cdot 2^{n - 1}", ()),
    (r"\sum_{k=1}^{n - 1} \binom{n}{k}", "2^n - 2", ()),
    (r"\sum_{k=0}^5 \frac{\log(k!)}{(5 - k)!}", r"\sum_{j=0}^5 \frac{\log((5 - j)!)}{j!}", ()),
]


@pytest.mark.parametrize(("left", "right", "needed"), PROVED)
def test_proved_with_its_conditions(left: str, right: str, needed: tuple[str, ...]) -> None:
    found = equal(left, right, declare=["n: positive integer", "p: (0, 1)"])
    assert found.status is Status.PROVED, str(found)
    assert {*found.condition} == {*needed}


@pytest.mark.slow
@pytest.mark.parametrize(("left", "right", "_needed"), PROVED)
def test_a_value_beside_it_is_refuted(left: str, right: str, _needed: tuple[str, ...]) -> None:
    found = equal(left, f"{right} + 10^{{-3}}", declare=["n: positive integer", "p: (0, 1)"])
    assert found.status is Status.REFUTED, str(found)


@pytest.mark.slow
@pytest.mark.parametrize(("left", "right"), [
    (r"\int_0^\infty \frac{1}{1 + x^2} dx", r"\frac{\pi}{3}"),
    (r"\int_0^\infty e^{-a x} \cos(x) dx", r"\frac{1}{1 + a^2}"),
    (r"\int_0^\infty x^2 e^{-x^3} dx", r"\frac{1}{2}"),
    (r"\int_0^\infty \log(1 + x) e^{-a x} dx", r"\frac{1}{a^3}"),
    (r"\int_{-1}^2 |x - c| dx", r"\frac{5}{2}"),
    (r"\int_2^{-1} |x - \frac{1}{3}| e^{-x^4} dx", r"1"),
    (r"\int_1^0 x^{-\frac{1}{2}} dx", "2"),
    (r"\int_0^1 \frac{\log(x)}{1 + x} dx", "-1"),
    (r"\sum_{k=1}^\infty \frac{1}{k^2}", r"\frac{\pi^2}{7}"),
    (r"\sum_{k=0}^\infty \frac{2^k}{k!} \log(k!)", "8"),
])
def test_enclosures_refute_what_has_no_closed_form_here(left: str, right: str) -> None:
    found = equal(left, right, declare=["a: positive"])
    assert found.status is Status.REFUTED
    assert found.witness is not None


@pytest.mark.slow
@pytest.mark.parametrize(("left", "right"), [
    (r"\int_0^1 \frac{1}{x} dx", "1"),
    (r"\int_0^1 x^{-2} dx", "-1"),
    (r"\int_{-1}^1 \frac{1}{x^2} dx", "-2"),
    (r"\int_{-1}^1 \frac{1}{|x|} dx", "0"),
    (r"\int_{-\infty}^\infty \frac{1}{x^2 - 1} dx", "0"),  # quadrature finds the principal value
    (r"\int_0^\infty e^{x} dx", "-1"),
    (r"\int_0^\infty 1 dx", "0"),
    (r"\int_1^\infty \frac{1}{x} dx", "0"),
    (r"\int_{-\infty}^\infty x dx", "0"),
    (r"\int_0^\infty e^{-b x} dx", r"\frac{1}{b}"),
    (r"\int_1^0 x^{b} dx", r"\frac{1}{b + 1}"),
    (r"\int_0^1 x^{b - 1} dx", r"\frac{1}{b}"),
    (r"\sum_{k=0}^\infty 2^k", "-1"),
    (r"\sum_{k=1}^\infty \frac{1}{k}", "0"),
])
def test_what_diverges_has_no_value(left: str, right: str) -> None:
    found = equal(left, right, declare=["b: (-1, 0)"])
    assert found.status in (Status.UNDECIDED, Status.REFUTED), str(found)


# --- enclosures ---------------------------------------------------------------------------------------------


def _enclosed(latex: str, bits: int = 64) -> arb:
    with precision(bits):
        return Endless({}).value(read(latex, Names(labels=True)))


@pytest.mark.parametrize(("latex", "value"), [
    (r"\int_0^\infty e^{-x} dx", lambda: arb(1)),
    (r"\int_{-\infty}^\infty e^{-x^2} dx", lambda: arb.pi().sqrt()),
    (r"\int_0^1 \log(x) dx", lambda: arb(-1)),
    (r"\int_0^1 x \log(1 - x) dx", lambda: arb(-3) / 4),
    (r"\int_{-\infty}^0 x e^{x} dx", lambda: arb(-1)),
    (r"\int_{-\infty}^\infty |x - 1| e^{-|x|} dx", lambda: 2 * (1 + arb(-1).exp())),
    (r"\int_1^\infty \frac{1}{x^3} dx", lambda: arb(1) / 2),
    (r"\int_1^0 \log(x) dx", lambda: arb(1)),
    (r"\int_2^{-1} |x - \frac{1}{3}| dx", lambda: arb(-41) / 18),
    (r"\sum_{k=0}^\infty \frac{2^k}{k!}", lambda: arb(2).exp()),
    (r"\sum_{k=1}^\infty \frac{1}{k^4}", lambda: arb.pi() ** 4 / 90),
])
def test_enclosures_hold_the_value(latex: str, value) -> None:
    found = _enclosed(latex)
    with precision(64):
        assert found.overlaps(value())
        assert found.rad() < arb(10) ** -6


@pytest.mark.parametrize("latex", [
    r"\int_0^\infty e^{x} dx", r"\int_1^\infty \frac{1}{x} dx", r"\sum_{k=1}^\infty \frac{1}{k}",
    r"\sum_{k=0}^\infty 2^k", r"\int_0^1 \frac{1}{x} dx",
])  # fmt: skip
def test_what_diverges_is_not_enclosed(latex: str) -> None:
    with pytest.raises(Undecidable):
        _enclosed(latex)


@pytest.mark.slow
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 4))
@settings(max_examples=25, deadline=None)
def test_a_gamma_integral_is_enclosed(top: int, below: int, power: int) -> None:
    rate = Fraction(top, below)
    node = read(rf"\int_0^\infty x^{{{power}}} e^{{-b x}} dx", Names(labels=True))
    with precision(64):
        found = Endless({}).value(substitute(node, {Symbol("b"): number(rate)}))
        exact = arb(mpmath.factorial(power).__int__()) / Evaluation({}).value(number(rate ** (power + 1)))
        assert found.overlaps(exact)


def test_a_decimal_of_an_infinite_sum_is_proved_or_refuted() -> None:
    entropy = r"\sum_{k=0}^\infty \frac{2^k e^{-2}}{k!} \log(k!)"
    node = read(entropy, Names(labels=True))
    assert verify_step(node, read("1.09118"), "~=", Context()).status is Status.PROVED
    assert verify_step(node, read("1.09117"), "~=", Context()).status is Status.REFUTED


@pytest.mark.parametrize(("left", "right"), [
    (r"\frac{d}{da}\int_0^\infty e^{-a x^2 - x} dx", "0"),
    (r"\frac{d}{da}\int_0^\infty e^{-a x^2 - x} dx", r"-\int_0^\infty x e^{-a x^2 - x} dx"),
    (r"\frac{d}{da}\sum_{k=1}^{\infty} \frac{e^{-a k}}{k^2 + 1}", "0"),
    (r"\frac{d}{d\mu} \mathbb{E}_{z \sim N(0, 1)}[\sin(\mu + s z)]", "0"),
    (r"\mathbb{E}_{z \sim N(0, 1)}[\frac{d}{ds} h(\mu + s z)]", "0"),
    (r"\frac{d}{d\mu} \mathbb{E}_{z \sim N(0, 1)}[h(\mu + s z)]",
     r"\mathbb{E}_{z \sim N(0, 1)}[\frac{d}{ds} h(\mu + s z)]"),
])
def test_a_derivative_around_an_integral_is_not_checked_with_its_value_at_one_point(left, right):
    found = equal(left, right, where="a > 0, s > 0", declare="h: function")
    assert found.status in (Status.UNDECIDED, Status.REFUTED)


@pytest.mark.parametrize(("left", "right"), [
    (r"\frac{d}{da}\int_0^\infty e^{-a x^2 - x} dx", r"-\int_0^\infty x^2 e^{-a x^2 - x} dx"),
    (r"\frac{d}{d\mu} \mathbb{E}_{z \sim N(0, 1)}[h(\mu + s z)]",
     r"\mathbb{E}_{z \sim N(0, 1)}[\frac{d}{d\mu} h(\mu + s z)]"),
    (r"\mathbb{E}_{z \sim N(0, 1)}[\frac{d}{ds} h(\mu + s z)]",
     r"\mathbb{E}_{z \sim N(0, 1)}[z \frac{d}{d\mu} h(\mu + s z)]"),
])
def test_a_derivative_goes_into_an_integral(left, right):
    assert equal(left, right, where="a > 0, s > 0", declare="h: function").status is Status.PROVED


@pytest.mark.parametrize("speed", ["(n - m)", r"\frac{n - m}{2}"])
def test_a_wave_whose_speed_may_be_the_whole_number_zero_has_no_mean_of_zero(speed: str) -> None:
    found = equal(rf"\int_0^{{2 \pi}} \cos({speed} x) dx", "0", declare=["n: positive integer", "m: positive integer"])
    assert found.status is Status.REFUTED
    assert found.witness is not None
    assert dict(found.witness.point)["n"] == dict(found.witness.point)["m"]


@pytest.mark.parametrize("k", range(6))
def test_waves_of_any_speed_agree_with_quadrature(k: int) -> None:
    left, right, _ = next(row for row in PROVED if row[0] == r"\int_0^t e^{a x} \cos(b x) dx")
    drawn = random.Random(k)
    with mpmath.mp.workdps(_DIGITS + 5):
        at = {Symbol(name): mpmath.mpf(drawn.uniform(-3, 3)) for name in "abt"}
        values = [Numbers(at).value(read(side)) for side in (left, right)]
        assert abs(values[0] - values[1]) < mpmath.mpf(10) ** -_DIGITS
