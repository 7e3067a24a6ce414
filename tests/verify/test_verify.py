"""Filling the verdicts of a derivation, and bounds: too large and too slow are never wrong."""

import time
from itertools import pairwise

import pytest

from derive.limits import CHECK_SECONDS
from derive.read.latex import read
from derive.steps import Chain, Definition, Derivation, Paragraph, Status, Step
from derive.tree import Number, Power, Product, Sum, Symbol
from derive.verify import equal, verify, verify_step
from tests.verify.statements import context, verdict


def step(before, after, *finer, relation="="):
    return Step(read(before), read(after), "test", relation=relation, steps=finer)


def derivation(*chains):
    return Derivation("title", "derivative", (), (), (Paragraph(("text",)), *chains), ())


def test_every_step_and_finer_step_gets_a_verdict():
    chain = Chain((step("x+x", "2x", step("x+x", "x(1+1)"), step("x(1+1)", "2x")), step("2x", "3x")))
    found = verify(derivation(chain))
    assert found.verdicts() == {"proved": 3, "checked": 0, "assumed": 0, "undecided": 0, "refuted": 1}
    assert found.status() is Status.REFUTED
    assert isinstance(found.parts[0], Paragraph)


def test_a_chains_own_definitions_hold_in_it_and_not_elsewhere():
    where = (Definition(Symbol("s"), (), read(r"\sigma(x)")),)
    inside = Chain((step(r"\frac{d}{dx}\sigma(x)", "s(1-s)"),), where=where)
    outside = Chain((step(r"\frac{d}{dx}\sigma(x)", "s(1-s)"),))
    found = [s.verdict.status for s in verify(derivation(inside, outside)).steps() if s.verdict]
    assert found == [Status.PROVED, Status.REFUTED]


def test_a_step_may_be_proved_by_its_finer_steps():
    sides = [r"\sum_{i=1}^n i", r"\sum_{i=1}^n i+0", r"\sum_{i=1}^n i+x-x"]
    finer = [step(a, b) for a, b in pairwise(sides)]
    found = verify(derivation(Chain((step(sides[0], sides[-1], *finer),))))
    assert found.status() is Status.PROVED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"(x+y+z+1)^{100}", r"(x+y+z+1)^{99}(x+y+z+1)"),
        (r"(x+y+z+w+a+b+c)^{40}", r"(x+y+z+w+a+b+c)^{20}(x+y+z+w+a+b+c)^{20}+x"),
        (r"\sum_{i=1}^{100000} i^2", "1"),
        (r"\sin(1000000x)", r"\sin(999999x)"),
        (r"x^{1000}-y^{1000}", r"(x-y)(x^{999}+y^{999})"),
        (r"\frac{d^{12}}{dx^{12}}[\tanh(x)\sin(x)e^{x^2}]", "0"),
        (r"e^{e^{e^{e^{e^{x}}}}}", "1"),
        (r"\sqrt{1+\sqrt{1+\sqrt{1+\sqrt{1+\sqrt{1+x}}}}}", "2"),
    ],
)
def test_large_statements_end_in_time_and_are_never_called_proved_wrongly(before, after):
    start = time.thread_time()  # the clock of the verifier
    found = verdict(before, "=", after)
    assert time.thread_time() - start < 3 * CHECK_SECONDS
    assert found.status in ("undecided", "refuted", "checked") or before.startswith("(x+y+z+1)")


def test_a_tower_of_powers_is_too_large_and_not_wrong():
    tower = Power(Number("9"), Power(Number("9"), Power(Number("9"), Number("9"))))
    assert equal(tower, Sum((tower, Number("1"))), context()).status == "undecided"


def test_deep_nesting_is_undecided():
    deep = Symbol("x")
    for _ in range(3000):
        deep = Sum((deep, Number("1"))) if deep != Symbol("x") else Sum((deep, Number("2")))
    assert equal(deep, Product((deep, Number("2"))), context()).status == "undecided"


def test_an_unknown_domain_is_undecided():
    assert verify_step(read("|x|"), read("x"), "=", context("x: purple")).status == "undecided"


@pytest.mark.parametrize(
    ("primitive", "function", "integral", "value", "status"),
    [
        (r"\frac{x^3}{3}", "x^2", r"\int_0^1 x^2\,dx", r"\frac{1}{3}", "proved"),
        (r"\frac{x^3}{3}", "x^2", r"\int_0^1 x^2\,dx", r"\frac{1}{2}", "refuted"),
        (r"-\frac{1}{x}", r"\frac{1}{x^2}", r"\int_1^\infty\frac{1}{x^2}\,dx", "1", "proved"),
        (r"-\frac{1}{x}", r"\frac{1}{x^2}", r"\int_{-1}^1\frac{1}{x^2}\,dx", "-2", "undecided"),  # across the pole
        (r"x\log(x)-x", r"\log(x)", r"\int_0^1\log(x)\,dx", "-1", "proved"),
        (r"\sigma(x)", r"\sigma(x)(1-\sigma(x))", r"\int_{-\infty}^\infty\sigma(t)(1-\sigma(t))\,dt", "1", "proved"),
        (r"\frac{1}{2}\operatorname{erf}(\frac{x}{\sqrt2})", r"\frac{1}{\sqrt{2\pi}}e^{-x^2/2}",
         r"\int_{-\infty}^\infty\frac{1}{\sqrt{2\pi}}e^{-x^2/2}\,dx", "1", "proved"),
    ],
)
def test_a_shown_antiderivative_proves_an_integral(primitive, function, integral, value, status):
    chains = Chain((step(rf"\frac{{d}}{{dx}}[{primitive}]", function),)), Chain((step(integral, value),))
    found = [s.verdict.status for s in verify(derivation(*chains)).steps() if s.verdict]
    assert found == ["proved", status]
