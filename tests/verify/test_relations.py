"""Rounding, inequalities, and steps between equations."""

import pytest

from tests.verify.statements import verdict


@pytest.mark.parametrize(
    ("exact", "written", "status"),
    [
        (r"\frac{1}{3}", "0.333", "proved"),
        (r"\frac{1}{3}", "0.334", "refuted"),
        (r"\sqrt{2}", "1.414", "proved"),
        (r"\sqrt{2}", "1.415", "refuted"),
        (r"-\sqrt{2}", "-1.41", "proved"),
        ("0.125", "0.13", "proved"),
        ("0.125", "0.12", "proved"),
        ("0.00002633535", r"2.63354\cdot 10^{-5}", "proved"),
        ("0.00002633535", r"2.63353\cdot 10^{-5}", "proved"),
        ("0.00002633535", r"2.63355\cdot 10^{-5}", "refuted"),
        (r"\frac{1}{3}", "0.33300", "refuted"),
        (r"\pi", "3", "proved"),
        (r"e^{10}", r"2.2\cdot 10^{4}", "proved"),
        (r"e^{10}", r"2.3\cdot 10^{4}", "refuted"),
        (r"(\frac{1}{3},\frac{2}{3})", "(0.33,0.67)", "proved"),
        (r"(\frac{1}{3},\frac{2}{3})", "(0.33,0.66)", "refuted"),
        (r"(\frac{1}{3},\frac{2}{3})", "0.33", "refuted"),
        (r"\frac{1}{3}+\frac{1}{3}", "0.333+0.333", "checked"),
        (r"\frac{1}{3}+\frac{1}{3}", "0.333+0.343", "refuted"),
        (r"\sin(x)", "x", "undecided"),
        (r"\log(-1)", "0.5", "undecided"),
    ],
)
def test_rounding(exact, written, status):
    assert verdict(exact, "~=", written).status == status


def test_a_wrong_rounding_shows_both_numbers():
    found = verdict(r"\sqrt{2}", "~=", "1.42")
    assert found.witness is not None
    assert found.witness.left.startswith("1.41421")
    assert found.witness.right == "1.42"


@pytest.mark.parametrize(
    ("before", "relation", "after", "status"),
    [
        ("x^2+y^2", ">=", "2xy", "proved"),
        ("x^2+y^2", ">", "2xy", "refuted"),
        ("e^x", ">", "0", "proved"),
        ("|x|", ">=", "0", "proved"),
        ("|x|", ">", "0", "refuted"),
        (r"\sqrt{x}", ">", "0", "refuted"),
        (r"\sigma(x)", "<", "1", "proved"),
        ("x^2+x+1", ">", "0", "proved"),
        ("x^2+xy+y^2", ">=", "0", "proved"),
        ("x^2", ">", "x", "refuted"),
        ("2", "<", "e", "proved"),
        (r"\pi", "<", "3", "refuted"),
        (r"1-\cos(x)", ">=", "0", "proved"),
        (r"\sqrt{x^2+1}", ">", "x", "proved"),
        (r"\frac{d}{dx}\sigma(x)", ">", "0", "proved"),
        (r"\frac{d}{dx}\sigma(x)", "<=", r"\frac{1}{4}", "proved"),
        ("e^x", ">=", "1+x", "proved"),
        (r"\max(0,x)", ">=", "x", "proved"),
        ("e^x", "!=", "0", "proved"),
        ("x", "!=", "0", "refuted"),
    ],
)
def test_inequalities(before, relation, after, status):
    found = verdict(before, relation, after)
    assert found.status == status, found


def test_inequalities_use_the_declared_domain():
    assert verdict(r"\frac{1}{1-a}", ">", "1", "a: (0, 1)").status == "proved"
    assert verdict("xy", ">", "0", "x: positive; y: positive").status == "proved"
    assert verdict("n", ">=", "1", "n: positive integer").status == "proved"


@pytest.mark.parametrize(
    ("before", "relation", "after", "status"),
    [
        ("2x-4=0", "<=>", "x=2", "proved"),
        ("2x-4=0", "<=>", "x=3", "refuted"),
        ("3x^2-3=0", "<=>", "x^2=1", "proved"),
        ("e^{-x}(1-x)=0", "<=>", "1-x=0", "proved"),
        ("e^{-x}(1-x)=0", "<=>", "x=1", "proved"),
        ("x(x-1)=0", "<=>", "x=1", "refuted"),  # a solution is lost
        ("x(x-1)=0", "=>", "x=1", "refuted"),
        ("x=1", "=>", "x^2=1", "proved"),
        ("x=1", "<=>", "x^2=1", "refuted"),
        ("x=1", "=>", "x^2=2", "refuted"),
        ("e^x=2", "<=>", r"x=\log(2)", "proved"),
        ("x^3-2=0", "<=>", r"x=\sqrt[3]{2}", "proved"),
        ("x=y", "<=>", "2x=2y", "proved"),
        ("x<y", "<=>", "2x<2y", "proved"),
        ("x<y", "<=>", "-2x<-2y", "refuted"),
        ("-x<2", "<=>", "x<-2", "refuted"),
        ("x(x-3)=0", "<=>", "x-3=0", "refuted"),
        ("x^2>4", "<=>", "x>2", "refuted"),
        (r"x^2=1", "=>", r"\log(x)=0", "undecided"),  # without a value at x = -1
        (r"\sqrt{x}=3", "<=>", "x=9", "proved"),
        ("(4x+3y, 3x)=(0,0)", "<=>", "(x,y)=(0,0)", "proved"),
        (r"x^2-6x+7=0", "<=>", r"x\in\{3-\sqrt{2},3+\sqrt{2}\}", "proved"),
        (r"x^2-6x+7=0", "<=>", r"x\in\{3-\sqrt{2}\}", "refuted"),
        (r"e^{-2x}-4e^{-x}+1=0", "<=>", r"e^{-x}\in\{2-\sqrt{3},2+\sqrt{3}\}", "proved"),
        (r"e^{-x}\in\{2-\sqrt{3},2+\sqrt{3}\}", "<=>", r"x\in\{-\log(2-\sqrt{3}),-\log(2+\sqrt{3})\}", "proved"),
        ("x+y=1", "<=>", "x=1-y", "proved"),
        ("xy=0", "<=>", "x=0", "undecided"),
    ],
)
def test_equations(before, relation, after, status):
    found = verdict(before, relation, after)
    assert found.status == status, found


def test_dividing_an_equation_needs_its_condition():
    assert verdict("ax=ab", "<=>", "x=b").status != "proved"
    assert verdict("ax=ab", "<=>", "x=b", "a: positive").status == "proved"
    found = verdict(r"\log(x^2)=0", "<=>", r"2\log(x)=0")
    assert found.condition == ("x > 0",)
