"""Proofs by arguments beyond the zero test: conjugates, exponentials, continuity; and their false neighbours."""

import pytest

from tests.verify.statements import verdict

PROVED = [
    (r"\sqrt{1+\sqrt{1-x^2}}", r"\sqrt{\frac{1+x}{2}}+\sqrt{\frac{1-x}{2}}", "x: (-1, 1)"),
    (r"\sqrt{x+\sqrt{x}+\frac{1}{4}}", r"\sqrt{x}+\frac{1}{2}", "x: positive"),
    (r"\sqrt[3]{x+\sqrt{x^2-1}}\sqrt[3]{x-\sqrt{x^2-1}}", "1", "x: (2, 3)"),
    (r"\sqrt[4]{x^2+2x\sqrt{x}+x}", r"\sqrt{\sqrt{x}+x}", "x: positive"),
    (r"\sqrt[3]{2+\sqrt{5}}+\sqrt[3]{2-\sqrt{5}}", "1", ""),
    (r"\operatorname{arcosh}(\cosh x)", "|x|", ""),
    (r"\operatorname{arcosh}(2x^2-1)", r"2\operatorname{arcosh}(x)", "x: (1, inf)"),
    (r"\operatorname{artanh}(\sin x)", r"\operatorname{arsinh}(\tan x)", "x: (-1, 1)"),
    (r"\log(3+2\sqrt{2})", r"2\log(1+\sqrt{2})", ""),
    (r"\arctan x+\arctan\frac{1}{x}", r"\frac{\pi}{2}", "x: positive"),
    (r"\arctan x+\arctan\frac{1}{x}", r"\frac{\pi|x|}{2x}", ""),
    (r"4\arctan\frac{1}{5}-\arctan\frac{1}{239}", r"\frac{\pi}{4}", ""),
    (r"\arctan x", r"\arcsin\frac{x}{\sqrt{1+x^2}}", ""),
    (r"\arccos x", r"2\arctan\sqrt{\frac{1-x}{1+x}}", "x: (-1, 1)"),
    (r"\arcsin(2x\sqrt{1-x^2})", r"2\arcsin x", "x: (-1/2, 1/2)"),
    (r"2\arctan x", r"\arctan\frac{2x}{1-x^2}", "x: (0, 1)"),
    (r"\arcsin(\tanh x)", r"\arctan(\sinh x)", ""),
    (r"2\arctan(e^x)-\frac{\pi}{2}", r"\arctan(\sinh x)", ""),
    (r"\arcsin(\sin x)", "x", "x: (-1, 1)"),
    (r"\arccos(\cos x)", "x", "x: (0, 3)"),
    (r"\sqrt{1-\sin^2x}", r"\cos x", "x: (-1, 1)"),
    (r"|\sin x|", r"\sqrt{\frac{1-\cos(2x)}{2}}", ""),
    (r"\sin(\pi n)", "0", "n: integer"),
    (r"\cos(\pi n+x)", r"(-1)^n\cos x", "n: integer"),
    (r"\max(a,\max(b,c))", r"\max(a,b,c)", ""),
    (r"\max(a,\min(b,c))", r"\min(\max(a,b),\max(a,c))", ""),
    (r"\max(x,y,z)+\max(-x,-y,-z)", r"\max(|x-y|,|y-z|,|z-x|)", ""),
]


@pytest.mark.parametrize(("before", "after", "domains"), PROVED)
def test_proved(before, after, domains):
    found = verdict(before, "=", after, domains)
    assert found.status == "proved", found


FALSE = [
    (r"\sqrt{3+2\sqrt{2}}", r"1-\sqrt{2}", ""),  # the conjugate
    (r"\sqrt{1+\sqrt{1-x^2}}", r"\sqrt{\frac{1+x}{2}}-\sqrt{\frac{1-x}{2}}", "x: (-1, 1)"),
    (r"\operatorname{arcosh}(\cosh x)", "x", ""),
    (r"\arctan x+\arctan\frac{1}{x}", r"\frac{\pi}{2}", ""),  # another component of the domain
    (r"\arctan x+\arctan y", r"\arctan\frac{x+y}{1-xy}", ""),  # beyond xy = 1
    (r"2\arctan x", r"\arctan\frac{2x}{1-x^2}", "x: (0, 3)"),
    (r"\arcsin(2x\sqrt{1-x^2})", r"2\arcsin x", "x: (-1, 1)"),
    (r"\arcsin(\sin x)", "x", "x: (-2, 2)"),
    (r"\arccos(\cos x)", "x", "x: (-1, 1)"),
    (r"\sqrt{1-\sin^2x}", r"\cos x", "x: (-2, 2)"),
    (r"\arcsin x+\arccos x", r"\frac{5\pi}{2}", "x: (-1, 1)"),  # the same up to whole turns
    (r"\sin(\pi n)", "0", ""),
    (r"\max(a,\min(b,c))", r"\min(\max(a,b),c)", ""),
]


@pytest.mark.parametrize(("before", "after", "domains"), FALSE)
def test_false_neighbours(before, after, domains):
    assert verdict(before, "=", after, domains).status == "refuted"


@pytest.mark.parametrize(
    ("before", "after", "domains"),
    [
        (r"\arctan\frac{1}{x-y}", r"\frac{\pi}{2}-\arctan(x-y)", "x: (2, 3); y: (0, 1)"),
        (r"\arctan\frac{1}{x^2}", r"\frac{\pi}{2}-\arctan(x^2)", ""),
    ],
)
def test_poles_split_the_domain(before, after, domains):
    assert verdict(before, "=", after, domains).status in ("proved", "checked")
