"""Derivatives by kind: what comes out, that every step is verified, and what is refused."""

import pytest

from derive.errors import DeriveError, MathError
from derive.kinds import derivative, taylor
from derive.read.latex import read
from derive.read.problems import make
from derive.steps import Chain, Context, Figure, Paragraph, Status
from derive.tree import Symbol
from derive.verify import equal, verify

ROWS = [
    # function, derivative
    (r"f(x) = 7", "0"),
    (r"f(x) = x", "1"),
    (r"f(x) = 3x^4 - 2x^2 + 7", r"12x^3 - 4x"),
    (r"f(x) = \frac{1}{1+e^{-x}}", r"\sigma(x)(1-\sigma(x))"),
    (r"f(x) = x^2 e^x \sin(3x)", r"x e^x (2\sin(3x) + x \sin(3x) + 3 x \cos(3x))"),
    (r"f(x) = \sqrt{1+x^2}", r"\frac{x}{\sqrt{1+x^2}}"),
    (r"f(x) = \sqrt[3]{1+x^2}", r"\frac{2x}{3 (1+x^2)^{\frac{2}{3}}}"),
    (r"f(x) = 2^x", r"2^x \log(2)"),
    (r"f(x) = \log_2(x)", r"\frac{1}{x \log(2)}"),
    (r"f(x) = x^x", r"x^x(\log(x)+1)"),
    (r"f(x) = \tan(x)", r"1 + \tan(x)^2"),
    (r"f(x) = \arctan(2x)", r"\frac{2}{1+4x^2}"),
    (r"f(x) = \sinh(x) \cosh(x)", r"\cosh(2x)"),
    (r"f(x) = \operatorname{artanh}(\frac{1}{x^2+2})", r"\frac{-2x}{(x^2+2)^2 - 1}"),
    (r"f(x) = \log(\log(x+3))", r"\frac{1}{(x+3)\log(x+3)}"),
    (r"f(x) = \operatorname{softplus}(3x)", r"3\sigma(3x)"),
    (r"f(x) = \operatorname{GELU}(x)", r"\Phi(x) + \frac{x}{\sqrt{2\pi}} e^{-\frac{x^2}{2}}"),
    (r"f(x) = \operatorname{swish}(x)", r"\sigma(x) + x\sigma(x)(1-\sigma(x))"),
    (r"f(x) = a x^3 + b", r"3 a x^2"),
    (r"f(x) = \frac{(x+1)(x+2)(x+3)}{x}", r"2x + 6 - \frac{6}{x^2}"),
    (r"f(x) = \max(0, x)", r"\begin{cases} 1 & x > 0 \\ 0 & x < 0 \end{cases}"),
    (r"f(x) = \left|x - 1\right|", r"\frac{x-1}{\left|x-1\right|}"),
]
POSITIVE = {Symbol("x"): "positive"}


def solved(function, **given):
    problem = make("derivative", {"function": function, "figure": False, **given}, {"x": "positive"})
    return verify(derivative.solve(problem))


@pytest.mark.parametrize(("function", "expected"), ROWS)
def test_derivatives(function, expected):
    done = solved(function, variable="x")
    verdict = equal(done.results[0].value, read(expected), Context(POSITIVE))
    assert verdict.status is Status.PROVED, verdict
    assert done.status() in (Status.PROVED, Status.CHECKED)


@pytest.mark.parametrize("order", [2, 3, 5])
def test_higher_orders_agree_with_the_function(order):
    done = solved(r"f(x) = x e^{2x}", order=order)
    expected = read(rf"\frac{{d^{order}}}{{dx^{order}}}[x e^{{2x}}]")
    assert equal(done.results[order - 1].value, expected, done.context).status is Status.PROVED


def test_the_target_form_is_reached_in_steps_and_written_as_asked():
    done = solved(r"f(x) = \frac{1}{1+e^{-x}}", to=r"\sigma(x)(1-\sigma(x))")
    last = list(done.chains())[-1].steps[-1]
    assert last.after == read(r"\sigma(x)(1-\sigma(x))")
    assert "equal" not in {s.rule for s in done.steps()}
    assert done.status() is Status.PROVED


def test_in_terms_of_a_function():
    done = solved(r"f(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}", in_terms_of=[r"\tanh(x)"])
    assert equal(done.results[-1].value, read(r"1 - \tanh(x)^2"), done.context).status is Status.PROVED
    assert any(c.where for c in done.chains())


def test_each_line_starts_where_the_one_before_ends():
    for done in (solved(row[0], variable="x") for row in ROWS):
        for chain in done.chains():
            for before, after in zip(chain.steps, chain.steps[1:], strict=False):
                assert before.after == after.before
            for step in chain.steps:
                if step.steps:
                    assert (step.steps[0].before, step.steps[-1].after) == (step.before, step.after)


def test_a_kink_is_said():
    done = solved(r"f(x) = \operatorname{ReLU}(x)")
    assert any("not differentiable" in str(p.text) for p in done.parts if isinstance(p, Paragraph) and p.remark)


def test_properties_of_the_logistic_derivative():
    done = verify(derivative.solve(make("derivative", {
        "function": r"g(x) = \frac{e^{-x}}{(1+e^{-x})^2}", "figure": False,
        "properties": ["sign", "symmetry", "extrema", "inflection", "limits", "integral"],
    })))
    values = {r.name: r.value for r in done.results}
    assert values["location of the maximum"] == read("0")
    assert values["maximum of g"] == read(r"\frac{1}{4}")
    assert len(values["inflection points"]) == 2
    assert values["limit at +infinity"] == values["limit at -infinity"] == read("0")
    assert values["integral over R"] == read("1")
    assert Status.REFUTED.value not in {s.verdict.status.value for s in done.all_steps()}


def test_what_is_not_solved_is_said_not_guessed():
    done = solved(r"f(x) = x e^x + x^2 + \sin(x)", properties=["extrema"])
    assert any("not solved" in str(p.text) for p in done.parts if isinstance(p, Paragraph))


def test_a_value_where_there_is_none_is_refused():
    with pytest.raises(MathError, match="no value at"):
        solved(r"f(x) = \frac{1}{x}", at=[0])


def test_several_variables_need_one_named():
    with pytest.raises(DeriveError, match="several variables"):
        solved(r"f(x, y) = x y")


def test_taylor_of_the_logistic_function():
    given = {"function": r"f(x) = \frac{1}{1+e^{-x}}", "order": 3, "interval": [-1, 1], "figure": False}
    done = verify(taylor.solve(make("taylor", given)))
    values = {r.name: r for r in done.results}
    assert values["coefficients"].value == tuple(map(read, ["\\frac{1}{2}", "\\frac{1}{4}", "0", "-\\frac{1}{48}"]))
    assert values["next coefficient c5"].value == read(r"\frac{1}{480}")
    assert values["largest error on [-1, 1]"].number == pytest.approx(0.00189191, rel=1e-4)
    assert done.status() is Status.PROVED


def test_taylor_counts_terms_that_are_not_zero():
    done = taylor.solve(make("taylor", {"function": r"f(x) = \cos(x)", "terms": 3, "figure": False}))
    assert {r.name: r.value for r in done.results}["Taylor polynomial"] == read(
        r"1 - \frac{x^2}{2} + \frac{x^4}{24}"
    )


def test_taylor_where_there_is_no_derivative_is_refused():
    with pytest.raises(MathError, match="no derivative of order 1"):
        taylor.solve(make("taylor", {"function": r"f(x) = \sqrt{x}", "order": 2, "figure": False}))


def test_the_figure_is_asked_for_with_words():
    done = derivative.solve(make("derivative", {"function": r"f(x) = x^2"}))
    figure = next(p for p in done.parts if isinstance(p, Figure))
    assert figure.alt and figure.caption and not any(isinstance(p, Chain) for p in [figure])
