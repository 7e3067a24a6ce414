"""Expectations, laws and divergences: proofs by their sums, counter-examples on finite models."""

import pytest

from derive.read.latex import Names
from tests.verify.statements import verdict

NAMES = Names(
    functions=frozenset({"f", "g", "H", "I"}),
    indexed=frozenset({"x", "y", "X", "w"}),
    densities=frozenset({"p", "q", "p_theta", "q_theta", "q_phi"}),
)
DENSITIES = "p: density; q: density"

MOMENTS = [
    (r"\mathbb{E}[c]", "c"),
    (r"\mathbb{E}[aX+b]", r"a\mathbb{E}[X]+b"),
    (r"\mathbb{E}[X+Y]", r"\mathbb{E}[X]+\mathbb{E}[Y]"),
    (r"\mathbb{E}[ax+b]", r"a\mathbb{E}[x]+b"),
    (r"\operatorname{Var}(X)", r"\mathbb{E}[X^2]-\mathbb{E}[X]^2"),
    (r"\operatorname{Var}(aX+b)", r"a^2\operatorname{Var}(X)"),
    (r"\operatorname{Var}(X+Y)", r"\operatorname{Var}(X)+\operatorname{Var}(Y)+2\operatorname{Cov}(X,Y)"),
    (r"\operatorname{Cov}(X,Y)", r"\mathbb{E}[XY]-\mathbb{E}[X]\mathbb{E}[Y]"),
    (r"\operatorname{Cov}(X,X)", r"\operatorname{Var}(X)"),
    (r"\operatorname{Cov}(aX,bY)", r"ab\operatorname{Cov}(X,Y)"),
    (r"\mathbb{E}[(X-\mu)^2]", r"\operatorname{Var}(X)+(\mathbb{E}[X]-\mu)^2"),
    (r"\mathbb{E}[\frac1n\sum_{i=1}^n X_i]", r"\frac1n\sum_{i=1}^n\mathbb{E}[X_i]"),
    (r"\operatorname{Var}(\sum_{i=1}^n X_i)", r"\sum_{i=1}^n\sum_{j=1}^n\operatorname{Cov}(X_i,X_j)"),
]
CONDITIONAL = [
    (r"\mathbb{E}[\mathbb{E}[X\mid Y]]", r"\mathbb{E}[X]"),
    (r"\mathbb{E}[g(Y)\mathbb{E}[X\mid Y]]", r"\mathbb{E}[g(Y)X]"),
    (r"\mathbb{E}[\mathbb{E}[X\mid Y]\mid Y]", r"\mathbb{E}[X\mid Y]"),
    (r"\mathbb{E}[XY\mid X=x]", r"x\mathbb{E}[Y\mid X=x]"),
    (r"\operatorname{Var}(Y)", r"\mathbb{E}[\operatorname{Var}(Y\mid X)]+\operatorname{Var}(\mathbb{E}[Y\mid X])"),
]
PROBABILITIES = [
    (r"P(A\mid B)", r"\frac{P(B\mid A)P(A)}{P(B)}"),
    (r"P(A\mid B)P(B)", r"P(B\mid A)P(A)"),
    (r"P(X>0)+P(X\le 0)", "1"),
    (r"P(X\le x)", "1-P(X>x)"),
    (r"P(X>0)", r"\mathbb{E}[\mathbb{1}[X>0]]"),
    (r"\Pr(X=1)", r"\mathbb{E}[\mathbb{1}[X=1]]"),
    (r"\sum_y P(Y=y\mid X=x)", "1"),
    (r"P(X=x\mid Y=y)", r"\frac{P(Y=y\mid X=x)P(X=x)}{P(Y=y)}"),
    (r"P(X>0\mid Y)P(Y)", r"P(Y\mid X>0)P(X>0)"),
]
LAWS = [
    (r"\int p(x)\,dx", "1"),
    (r"\int_{-\infty}^\infty p(x)\,dx", "1"),
    (r"\sum_x p(x)", "1"),
    (r"\int p(x,y)\,dy", "p(x)"),
    ("p(x,y)", r"p(x\mid y)p(y)"),
    (r"p(x\mid y)", r"\frac{p(y\mid x)p(x)}{p(y)}"),
    (r"\int p(y\mid x)p(x)\,dx", "p(y)"),
    (r"p(\theta\mid x)", r"\frac{p(x\mid\theta)p(\theta)}{\int p(x\mid\theta)p(\theta)\,d\theta}"),
    (r"p(x,y,z)", r"p(x\mid y,z)p(y\mid z)p(z)"),
    (r"\int xp(x)\,dx", r"\mathbb{E}_{x\sim p}[x]"),
    (r"\mathbb{E}_{x\sim p}[f(x)]", r"\int p(x)f(x)\,dx"),
    (r"\mathbb{E}_{x\sim p}[f(x)]", r"\sum_t p(t)f(t)"),
    (r"\mathbb{E}_{p}[f(x)]", r"\sum_x p(x)f(x)"),
    (r"\mathbb{E}_{x\sim p}[f(x)]", r"\mathbb{E}_{x\sim q}[\frac{p(x)}{q(x)}f(x)]"),
    (r"\mathbb{E}_{x\sim p,y\sim q}[xy]", r"\mathbb{E}_{x\sim p}[x]\mathbb{E}_{y\sim q}[y]"),
    (r"\log\prod_{i=1}^n p(x_i\mid\theta)", r"\sum_{i=1}^n\log p(x_i\mid\theta)"),
    (r"\mathbb{E}_{x\sim p(x;\theta)}[\frac{\partial}{\partial\theta}\log p(x;\theta)]", "0"),
    (r"\nabla_\theta\mathbb{E}_{x\sim p_\theta}[f(x)]",
     r"\mathbb{E}_{x\sim p_\theta}[f(x)\nabla_\theta\log p_\theta(x)]"),
]  # fmt: skip
DIVERGENCES = [
    (r"\mathrm{KL}(p\|q)", r"\sum_x p(x)\log\frac{p(x)}{q(x)}"),
    (r"\mathrm{KL}(p\|q)", r"\int p(x)\log\frac{p(x)}{q(x)}\,dx"),
    (r"D_{\mathrm{KL}}(p\|q)", r"\mathbb{E}_{x\sim p}[\log p(x)]-\mathbb{E}_{x\sim p}[\log q(x)]"),
    (r"\mathrm{KL}(p\|p)", "0"),
    ("H(p,q)", r"H(p)+\mathrm{KL}(p\|q)"),
    (r"\mathrm{KL}(p\|q)", "H(p,q)-H(p)"),
    ("H(p)", r"-\sum_x p(x)\log p(x)"),
    ("I(X;Y)", r"H(X)-H(X\mid Y)"),
    ("I(X;Y)", "H(X)+H(Y)-H(X,Y)"),
    (r"\log p(x)", r"\mathbb{E}_{z\sim q}[\log\frac{p(x,z)}{q(z)}]+\mathrm{KL}(q(z)\|p(z\mid x))"),
    (r"\mathbb{E}_{z\sim q(z\mid x)}[\log p(x\mid z)]-\mathrm{KL}(q(z\mid x)\|p(z))",
     r"\mathbb{E}_{z\sim q(z\mid x)}[\log p(x,z)-\log q(z\mid x)]"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), MOMENTS + CONDITIONAL + PROBABILITIES + DIVERGENCES)
def test_proved(before, after):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status == "proved", found


@pytest.mark.parametrize(("before", "after"), LAWS)
def test_laws_are_proved(before, after):
    found = verdict(before, "=", after, DENSITIES, names=NAMES)
    assert found.status == "proved", found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\mathbb{E}_{x\sim\mathcal{N}(m,s^2)}[x]", "m"),
        (r"\mathbb{E}_{x\sim\mathcal{N}(m,s^2)}[x^2]", "m^2+s^2"),
        (r"\operatorname{Var}_{x\sim\mathcal{N}(m,s^2)}(ax+b)", "a^2s^2"),
        (r"\mathbb{E}_{x\sim\mathrm{Bernoulli}(t)}[x^2]", "t"),
    ],
)
def test_laws_with_a_name(before, after):
    found = verdict(before, "=", after, "s: positive", names=NAMES)
    assert found.status == "proved", found


FALSE = [
    (r"\mathbb{E}[XY]", r"\mathbb{E}[X]\mathbb{E}[Y]"),
    (r"\mathbb{E}[X^2]", r"\mathbb{E}[X]^2"),
    (r"\mathbb{E}[\frac{1}{X^2+1}]", r"\frac{1}{\mathbb{E}[X]^2+1}"),
    (r"\mathbb{E}[e^X]", r"e^{\mathbb{E}[X]}"),
    (r"\mathbb{E}[aX+b]", r"a\mathbb{E}[X]"),
    (r"\operatorname{Var}(aX+b)", r"a\operatorname{Var}(X)"),
    (r"\operatorname{Var}(aX+b)", r"a^2\operatorname{Var}(X)+b"),
    (r"\operatorname{Var}(X)", r"\mathbb{E}[X]^2-\mathbb{E}[X^2]"),
    (r"\operatorname{Var}(X)", r"\mathbb{E}[X^2]-\mathbb{E}[X]"),
    (r"\operatorname{Var}(X+Y)", r"\operatorname{Var}(X)+\operatorname{Var}(Y)"),
    (r"\operatorname{Var}(X-Y)", r"\operatorname{Var}(X)-\operatorname{Var}(Y)"),
    (r"\operatorname{Cov}(X,Y)", r"\mathbb{E}[XY]"),
    (r"\operatorname{Cov}(X,Y)", r"-\operatorname{Cov}(Y,X)"),
    (r"\operatorname{Cov}(aX,bY)", r"a\operatorname{Cov}(X,Y)"),
    (r"\mathbb{E}[(X-\mu)^2]", r"\operatorname{Var}(X)"),
    (r"\mathbb{E}[\frac1n\sum_{i=1}^n X_i]", r"\sum_{i=1}^n\mathbb{E}[X_i]"),
    (r"\operatorname{Var}(\sum_{i=1}^n X_i)", r"\sum_{i=1}^n\operatorname{Var}(X_i)"),
    (r"\mathbb{E}[X\mid Y]", r"\mathbb{E}[X]"),
    (r"\mathbb{E}[\mathbb{E}[X\mid Y]]", r"\mathbb{E}[Y]"),
    (r"\operatorname{Var}(Y)", r"\mathbb{E}[\operatorname{Var}(Y\mid X)]"),
    (r"\operatorname{Var}(Y)", r"\mathbb{E}[\operatorname{Var}(Y\mid X)]-\operatorname{Var}(\mathbb{E}[Y\mid X])"),
    (r"P(A\mid B)", r"P(B\mid A)"),
    (r"P(A\mid B)", r"\frac{P(B\mid A)P(B)}{P(A)}"),
    (r"P(A\mid B)P(B)", r"P(A\mid B)P(A)"),
    (r"P(X\ge x)", "1-P(X>x)"),
    (r"P(X>0)+P(X<0)", "1"),
    (r"\sum_x P(Y=y\mid X=x)", "1"),
    (r"P(Y=1\mid X)", r"P(Y=0\mid X)"),
    (r"\mathrm{KL}(p\|q)", r"\mathrm{KL}(q\|p)"),
    (r"\mathrm{KL}(p\|q)", r"\sum_x q(x)\log\frac{p(x)}{q(x)}"),
    (r"\mathrm{KL}(p\|q)", r"\sum_x p(x)\log\frac{q(x)}{p(x)}"),
    (r"\mathrm{KL}(p\|q)", r"\sum_x p(x)\log p(x)"),
    (r"\mathrm{KL}(p\|q)", "H(p)-H(p,q)"),
    ("H(p,q)", r"H(q)+\mathrm{KL}(p\|q)"),
    ("H(p)", r"\sum_x p(x)\log p(x)"),
    ("I(X;Y)", r"H(X)-H(Y)"),
    ("I(X;Y)", "H(X)+H(Y)+H(X,Y)"),
    (r"\log p(x)", r"\mathbb{E}_{z\sim q}[\log\frac{p(x,z)}{q(z)}]-\mathrm{KL}(q(z)\|p(z\mid x))"),
    (r"\mathbb{E}_{z\sim q(z\mid x)}[\log p(x\mid z)]-\mathrm{KL}(q(z\mid x)\|p(z))", r"\log p(x)"),
]
FALSE_LAWS = [
    ("H(p,q)", "H(q,p)"),
    (r"\log p(x)", r"\mathbb{E}_{z\sim q}[\log\frac{p(x,z)}{q(z)}]"),
    (r"\sum_x p(x)", "2"),
    (r"\int p(x,y)\,dy", "p(y)"),
    (r"\int p(x\mid y)\,dy", "1"),
    ("p(x,y)", "p(x)p(y)"),
    ("p(x,y)", r"p(x\mid y)p(x)"),
    (r"p(x\mid y)", r"p(y\mid x)"),
    (r"p(x\mid y)", r"\frac{p(y\mid x)p(y)}{p(x)}"),
    (r"p(x\mid y)", r"\frac{p(x)}{p(y)}"),
    (r"\int p(y\mid x)p(x)\,dx", "p(x)"),
    (r"p(\theta\mid x)", r"p(x\mid\theta)p(\theta)"),
    (r"p(x,y,z)", r"p(x\mid y)p(y\mid z)p(z)"),
    (r"\mathbb{E}_{x\sim p}[f(x)]", r"\int q(x)f(x)\,dx"),
    (r"\mathbb{E}_{x\sim p}[f(x)]", r"\sum_x f(x)"),
    (r"\mathbb{E}_{x\sim p}[f(x)]", r"\mathbb{E}_{x\sim q}[\frac{q(x)}{p(x)}f(x)]"),
    (r"\mathbb{E}_{x\sim p}[x^2]", r"\mathbb{E}_{x\sim p}[x]^2"),
    (r"\mathbb{E}_{x\sim p}[x]", r"\mathbb{E}_{x\sim q}[x]"),
    (r"\log\prod_{i=1}^n p(x_i\mid\theta)", r"\prod_{i=1}^n\log p(x_i\mid\theta)"),
    (r"\log\sum_x p(x)f(x)^2", r"\sum_x p(x)\log f(x)^2"),
    (r"\frac{d}{d\theta}\mathbb{E}_{x\sim p(x;\theta)}[f(x)]",
     r"\mathbb{E}_{x\sim p(x;\theta)}[\frac{d}{d\theta}\log p(x;\theta)]"),
    (r"\nabla_\theta\mathbb{E}_{x\sim p_\theta}[f(x)]", r"\mathbb{E}_{x\sim p_\theta}[\nabla_\theta f(x)]"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), FALSE)
def test_refuted_on_a_finite_model(before, after):
    found = verdict(before, "=", after, names=NAMES)
    assert (found.status, found.method) == ("refuted", "finite models"), found
    assert found.witness is not None
    assert found.witness.left != found.witness.right


@pytest.mark.parametrize(("before", "after"), FALSE_LAWS)
def test_false_laws_are_refuted(before, after):
    found = verdict(before, "=", after, DENSITIES, names=NAMES)
    assert found.status == "refuted", found


def test_the_model_is_shown():
    found = verdict(r"\mathbb{E}[XY]", "=", r"\mathbb{E}[X]\mathbb{E}[Y]", names=NAMES)
    assert found.witness is not None
    names = [name for name, _ in found.witness.point]
    assert len(names) >= 4
    assert all(name.startswith("P(X=") and ", Y=" in name for name in names)


@pytest.mark.parametrize(
    ("before", "after", "condition"),
    [
        (r"\operatorname{Var}(aX+b)", r"a^2\operatorname{Var}(X)", "a, b constant"),
        (r"\nabla_\theta\mathbb{E}_{x\sim p_\theta}[f(x)]",
         r"\mathbb{E}_{x\sim p_\theta}[f(x)\nabla_\theta\log p_\theta(x)]", "for each component of θ"),
        (r"P(Y=1\mid X)", r"1-P(Y=0\mid X)", "Y ∈ {0, 1}"),
    ],
)  # fmt: skip
def test_what_is_taken_for_granted_is_said(before, after, condition):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status in ("proved", "checked")
    assert condition in found.condition


@pytest.mark.parametrize(
    ("before", "relation", "after", "domains", "status"),
    [
        (r"\mathrm{KL}(p\|q)", ">=", "0", "", "checked"),
        (r"\mathrm{KL}(p\|q)", "<=", "0", "", "refuted"),
        (r"\mathbb{E}[X^2]", ">=", r"\mathbb{E}[X]^2", "", "proved"),
        (r"\mathbb{E}[\log X]", "<=", r"\log\mathbb{E}[X]", "X: positive", "proved"),
        (r"\mathbb{E}[\log X]", ">=", r"\log\mathbb{E}[X]", "X: positive", "refuted"),
        (r"P(X\ge a)", "<=", r"\frac{\mathbb{E}[X]}{a}", "a: positive; X: nonnegative", "checked"),
        (r"P(X\ge a)", "<=", r"\frac{\mathbb{E}[X]}{a}", "a: positive", "refuted"),
    ],
)
def test_inequalities(before, relation, after, domains, status):
    found = verdict(before, relation, after, domains, names=NAMES)
    assert found.status == status, found


@pytest.mark.parametrize(
    ("before", "relation", "after"),
    [
        # true for quantities with a density only, false for finitely many values
        (r"-\int p(x)\log p(x)\,dx", "<=", r"\frac12\log(2\pi e\operatorname{Var}_{x\sim p}(x))"),
        (r"\mathbb{E}_{x\sim p}[\mathbb{1}[x=0]]", "=", "0"),
        # may be what is assumed of a law, or the equation for its best parameter
        ("p(x)", "=", r"\frac{1}{\sqrt{2\pi}}e^{-x^2/2}"),
        (r"p(x\mid\theta)", "=", r"\theta^x(1-\theta)^{1-x}"),
        (r"\mathbb{E}[X]", "=", "0"),
        (r"\operatorname{Var}(X)", "=", "s^2"),
        (r"P(X=1\mid Y)", "=", "t"),
        (r"\frac{d}{d\theta}\log p_\theta(x)", "=", "0"),
        (r"\mathbb{E}[\bar{X}]", "=", r"\mathbb{E}[X]"),
        # a law that has a meaning of its own is no arbitrary density
        (r"\mathbb{E}_{x\sim\mathrm{Student}(t)}[e^{x}]", "=", "t"),
        # a likelihood is no density of its parameter
        (r"\int L(\theta\mid x)\,d\theta", "=", "1"),
        (r"\mathrm{KL}(p\|q)", "=", r"\sum_x p(x)\log\frac{p(x)}{q(x)}+\int p(x)\,dx-1"),
    ],
)
def test_undecided(before, relation, after):
    names = Names(NAMES.symbols, NAMES.functions | {"L"}, NAMES.indexed, densities=NAMES.densities)
    found = verdict(before, relation, after, DENSITIES, names=names)
    assert found.status == "undecided", found


def test_a_definition_with_an_expectation_is_put_in():
    found = verdict("R", "=", r"\mathbb{E}[X]", "", r"R=\mathbb{E}[X]+0")
    assert found.status in ("proved", "undecided")
    assert verdict("R", "=", "X", "", r"R=\mathbb{E}[X]").status != "proved"


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (r"E_{x \sim p(x \mid \theta)}[\frac{\partial}{\partial\theta} \log p(x \mid \theta)]", "1", "refuted"),
        (r"E_{x \sim p}[1]", "2", "refuted"),
        (r"E_{x \sim p}[x]", "m", "undecided"),  # it says what p is like
        (r"E[X]", "0", "undecided"),
    ],
)
def test_no_law_is_like_what_contradicts_every_law(before, after, status):
    assert verdict(before, "=", after, "p: density", names=NAMES).status == status
