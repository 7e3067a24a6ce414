"""Identities: every shipped kind of route, refusals with a counter-example, centres of symmetry."""

import pytest

from derive.api import solve_problem
from derive.errors import DeriveError, RefutedError
from derive.read.latex import read
from derive.read.problems import make, read_file
from derive.resources import problem_files
from derive.steps import Chain, Figure, Paragraph, Status
from derive.tree import Call, Symbol
from derive.write.text import text

X = Symbol("x")


def solved(statement=None, symbols=None, **given):
    if statement is not None:
        given["statement"] = statement
    return solve_problem(make("identity", given, symbols))


def words(derivation):
    paragraphs = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join("".join(t if isinstance(t, str) else text(t) for t in prose) for prose in paragraphs)


def steps(derivation):
    return list(derivation.steps())


IDENTITIES = [
    r"\sigma(-x) = 1 - \sigma(x)",
    r"\sigma(x) + \sigma(-x) = 1",
    r"\tanh(x) = 2\sigma(2x) - 1",
    r"\operatorname{softplus}(x) - \operatorname{softplus}(-x) = x",
    r"\log(\sigma(x)) = -\operatorname{softplus}(-x)",
    r"\frac{1}{\cosh(x)^2} = 1 - \tanh(x)^2",
    r"\cosh(x)^2 - \sinh(x)^2 = 1",
    r"\sinh(2x) = 2\sinh(x)\cosh(x)",
    r"\max(0, x) = \frac{x + |x|}{2}",
    r"\max(x, y) + \min(x, y) = x + y",
    r"\operatorname{ReLU}(x) - \operatorname{ReLU}(-x) = x",
    r"\log(\frac{\sigma(x)}{1 - \sigma(x)}) = x",
    r"\operatorname{logit}(\sigma(x)) = x",
    r"\sigma(x)(1 - \sigma(x)) = \sigma(x)\sigma(-x)",
    r"\sigma(x) - \frac{1}{2} = \frac{1}{2}\tanh(\frac{x}{2})",
    r"\frac{e^x}{1 + e^x} = \sigma(x)",
    r"\frac{e^x}{e^x + e^y} = \sigma(x - y)",
    r"\log(e^x + e^y) = x + \log(1 + e^{y - x})",
    r"\log(e^x + e^y + e^z) = \log(1 + e^{y - x} + e^{z - x}) + x",
    r"-y\log(\sigma(z)) - (1 - y)\log(1 - \sigma(z)) = \operatorname{softplus}(z) - y z",
    r"x^3 - y^3 = (x - y)(x^2 + x y + y^2)",
    r"(a + b)^2 - (a - b)^2 = 4 a b",
    r"\sin(2x) = 2\sin(x)\cos(x)",
    r"\tan(x)\cos(x) = \sin(x)",
    r"\frac{1}{1 + x} + \frac{1}{1 - x} = \frac{2}{1 - x^2}",
]


@pytest.mark.parametrize("statement", IDENTITIES)
def test_the_left_side_is_led_to_the_right_side_in_proved_steps(statement):
    derivation = solved(statement)
    sides = read(statement).sides
    chain = steps(derivation)
    assert derivation.status() is Status.PROVED
    assert chain[0].before == sides[0] and chain[-1].after == sides[-1]
    assert all(step.rule != "equal" and step.before != step.after for step in chain)


FALSE = [
    (r"\sigma(-x) = \sigma(x)", {}), (r"\sqrt{x^2} = x", {}), ("(x + y)^2 = x^2 + y^2", {}),
    (r"\tanh(x) = 2\sigma(x) - 1", {}), (r"\log(x y) = \log(x) \log(y)", {"x": "positive", "y": "positive"}),
    ("e^{x + y} = e^x + e^y", {}), (r"\max(0, x) = x", {}), ("1 = 2", {}),
]


@pytest.mark.parametrize(("statement", "symbols"), FALSE)
def test_a_false_identity_is_refused_with_both_values(statement, symbols):
    with pytest.raises(RefutedError) as error:
        solved(statement, symbols)
    assert "is false" in str(error.value) and "left side" in str(error.value) and error.value.exit_code == 1


def test_the_counter_example_names_the_point():
    with pytest.raises(RefutedError, match=r"at x = "):
        solved(r"\sigma(-x) = \sigma(x)")


def test_a_domain_decides():
    assert solved(r"\sqrt{x^2} = x", {"x": "positive"}).status() is Status.PROVED


def test_what_the_equality_needs_is_said():
    derivation = solved(r"\log(x^2) = 2\log(x)")
    assert "x > 0" in words(derivation)
    assert "x > 0" not in words(solved(r"\log(x^2) = 2\log(x)", {"x": "positive"}))


def test_an_equality_without_a_route_says_so():
    derivation = solved(r"\cos(x)^6 + \sin(x)^6 = 1 - 3\sin(x)^2\cos(x)^2")
    if any(step.rule == "equal" for step in steps(derivation)):
        assert "do not lead from one side to the other" in words(derivation)
    assert derivation.status() in (Status.PROVED, Status.CHECKED)


# --- several sides, several statements --------------------------------------------------------------


def test_a_chain_passes_through_every_form():
    forms = [r"\frac{e^{2x} - 1}{e^{2x} + 1}", r"1 - \frac{2}{e^{2x} + 1}"]
    derivation = solved(left=r"\tanh(x)", to=forms)
    passed = [step.after for step in steps(derivation)]
    assert all(read(form) in passed for form in forms) and passed[-1] == read(forms[-1])
    same = solved(rf"\tanh(x) = {forms[0]} = {forms[1]}")
    assert [s.after for s in steps(same)] == passed


def test_left_and_right_are_a_statement():
    derivation = solved(left=r"\sigma(-x)", right=r"1 - \sigma(x)")
    assert derivation.results[0].name == "identity" and derivation.status() is Status.PROVED


def test_several_statements_are_shown_one_after_another():
    derivation = solved(["(x + 1)^2 = x^2 + 2x + 1", "x - x = 0"])
    assert [r.name for r in derivation.results] == ["identity 1", "identity 2"]


def test_given_functions_are_put_in_on_both_sides():
    derivation = solved("f(1 - x) = f(x)", functions=["f(x) = x^2 - x"])
    chain = steps(derivation)
    assert chain[0].before == Call("f", (read("1 - x"),)) and chain[-1].after == Call("f", (X,))
    assert derivation.status() is Status.PROVED and chain[0].rule == chain[-1].rule == "definition of f"


def test_a_function_may_use_an_earlier_one():
    derivation = solved("g(x) = 4 x^2", functions=["f(x) = 2 x", "g(x) = f(x)^2"])
    assert derivation.status() is Status.PROVED


# --- centre of symmetry -----------------------------------------------------------------------------


def centre(derivation):
    return [text(c) for c in next(r for r in derivation.results if r.name == "centre of symmetry").value]


def test_the_sheet_question():
    derivation = solved([r"\sigma(-x) = 1 - \sigma(x)", r"\sigma(x) + \sigma(-x) = 1"], symmetric=r"\sigma(x)")
    assert centre(derivation) == ["0", "1/2"] and derivation.status() is Status.PROVED
    figure = next(p for p in derivation.parts if isinstance(p, Figure))
    assert "(0, 0.5)" in figure.alt


@pytest.mark.parametrize(("function", "about", "expected"), [
    (r"f(x) = \frac{1}{1 + e^{-2x}}", 0, ["0", "1/2"]), ("f(x) = x^3 + 2", 0, ["0", "2"]),
    ("f(x) = (x - 1)^3", 1, ["1", "0"]), (r"f(x) = \tanh(x)", 0, ["0", "0"]),
])
def test_centres_without_a_statement_are_worked_out(function, about, expected):
    derivation = solved(symmetric=function, about=about, figure=False)
    assert centre(derivation) == expected and derivation.status() is Status.PROVED


def test_a_graph_without_a_centre_is_refused():
    with pytest.raises(DeriveError, match="not shown to be symmetric"):
        solved(symmetric="f(x) = x^2")


# --- what is given wrongly --------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "message"), [
    ({}, "no identity to show"),
    ({"statement": "x + 1"}, "is not an identity"),
    ({"statement": "x < 1"}, "is not an identity"),
    ({"left": "x"}, "only one side"),
    ({"right": "x"}, "only one side"),
    ({"symmetric": "f(x, y) = x y"}, "one variable"),
])
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(DeriveError, match=message):
        solved(**given)


def test_steps_follow_on():
    derivation = solved(r"\tanh(x) = 2\sigma(2x) - 1")
    for chain in (p for p in derivation.parts if isinstance(p, Chain)):
        assert all(a.after == b.before for a, b in zip(chain.steps, chain.steps[1:], strict=False))


# --- what is shipped --------------------------------------------------------------------------------

SHIPPED = [p for path in problem_files().values() for p in read_file(path).problems if p.kind == "identity"]


@pytest.mark.parametrize("problem", SHIPPED, ids=lambda p: p.title)
def test_every_step_of_the_shipped_problems_is_proved(problem):
    derivation = solve_problem(problem)
    assert derivation.status() is Status.PROVED and derivation.results
