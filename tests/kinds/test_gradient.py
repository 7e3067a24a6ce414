"""Gradients, Hessians, stationary points and directional derivatives: every value held against finite differences."""

import numpy as np
import pytest

from derive.api import solve_problem
from derive.choices import load
from derive.errors import DeriveError, MathError
from derive.numeric.evaluate import compile as compiled
from derive.read.problems import make, read_file
from derive.resources import problem_files
from derive.steps import Chain, Figure, Heading, Paragraph, Status
from derive.tree import Matrix, Vector, number
from derive.write.text import text

STEP = 1e-5


def solved(function, symbols=None, **given):
    return solve_problem(make("gradient", {"function": function, **given}, symbols))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def shown(derivation, name):
    return text(result(derivation, name).value)


def words(derivation):
    paragraphs = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join("".join(t if isinstance(t, str) else text(t) for t in prose) for prose in paragraphs)


def rules(derivation):
    return [step.rule for step in derivation.all_steps()]


FUNCTIONS = [
    r"f(x, y) = x^2 y + 3 x y^2 - 5 y",
    r"f(x, y) = \log(e^{x} + e^{y})",
    r"f(x, y) = \frac{x}{1 + x^2 + y^2}",
    r"f(x, y) = \sin(x y) e^{x}",
    r"f(x, y) = \tanh(2x - y + 1)",
    r"f(x, y) = \sqrt{1 + x^2 + y^2}",
    r"f(x, y) = \sigma(x)(1 - \sigma(y))",
    r"f(x, y) = x^{y + 3}",
    r"f(x, y, z) = x y z + \cos(z) \arctan(x)",
    r"f(w_1, w_2, b) = (2w_1 - w_2 + b - 3)^2 + \frac{1}{2}(w_1^2 + w_2^2)",
    r"f(x) = x^3 - 2x",
]


def at(node, variables, point):
    return np.array(compiled(node, variables)(*point), dtype=float)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_gradient_and_hessian_are_those_of_finite_differences(function):
    derivation = solved(function, hessian=True, figure=False)
    definition = derivation.context.definitions[0]
    variables = list(definition.parameters)
    point = np.array([0.7, 0.4, 1.1][: len(variables)])
    unit = np.eye(len(variables)) * STEP
    gradient = result(derivation, "gradient").value
    slopes = [(at(definition.body, variables, point + h) - at(definition.body, variables, point - h)) / (2 * STEP)
              for h in unit]
    assert at(gradient, variables, point).ravel() == pytest.approx(slopes, rel=1e-6, abs=1e-8)
    hessian = result(derivation, "Hessian").value
    columns = [(at(gradient, variables, point + h) - at(gradient, variables, point - h)).ravel() / (2 * STEP)
               for h in unit]
    matrix = at(hessian, variables, point).reshape(len(variables), -1)
    assert matrix == pytest.approx(np.array(columns).T, rel=1e-5, abs=1e-7)
    assert matrix == pytest.approx(matrix.T)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_step_is_proved(function):
    assert solved(function, hessian=True, figure=False).status() is Status.PROVED


def test_each_partial_derivative_has_its_name_and_its_own_chain():
    derivation = solved(r"C(\theta_1, \theta_2) = 2\theta_1^2 + 3\theta_1\theta_2")
    chains = [c for c in derivation.chains() if c.left is not None]
    assert [text(c.left) for c in chains[:2]] == ["∂C/∂θ₁", "∂C/∂θ₂"]
    assert shown(derivation, "dC/dtheta_1") == "4θ₁ + 3θ₂"
    assert shown(derivation, "gradient") == "[[4θ₁ + 3θ₂], [3θ₁]]"
    assert {"sum rule", "constant factor rule", "zero term"} <= set(rules(derivation))


def test_mixed_derivatives_are_derived_once_and_equal_by_schwarz():
    derivation = solved("f(x, y, z) = x y z + x^2 z", hessian=True)
    assert rules(derivation).count("Schwarz's theorem") == 3
    assert shown(derivation, "Hessian") == "[[2z, z, y + 2x], [z, 0, x], [y + 2x, x, 0]]"


def test_values_at_points_are_substituted_before_they_are_evaluated():
    derivation = solved("f(x, y) = x^2 + x y", at=[[1, 2], ["1/2", 0]], hessian=True)
    assert shown(derivation, "f(1, 2)") == "3"
    assert shown(derivation, "gradient at (1, 2)") == "[[4], [1]]"
    assert shown(derivation, "gradient at (1/2, 0)") == "[[1], [1/2]]"
    chain = next(c for c in derivation.chains() if c.left is not None and text(c.left) == "f(1, 2)")
    assert chain.steps[0].rule == "substitute"


# --- stationary points ------------------------------------------------------------------------------

STATIONARY = [
    ("f(x, y) = 2x^2 + 3xy", [((0, 0), "saddle point")]),
    (r"f(x, y) = \frac{1}{2}(3x^2 + 2xy + 2y^2) - x + 2y", [((0.8, -1.4), "global minimum")]),
    ("f(x, y) = (1 - x)^2 + 100(y - x^2)^2", [((1, 1), "local minimum")]),
    ("f(x, y) = x^3 - 3xy + y^3", [((0, 0), "saddle point"), ((1, 1), "local minimum")]),
    ("f(x, y) = x^2 y + y^3 - 3y", [((0, -1), "local maximum"), ((0, 1), "local minimum"),
                                    ((-3**0.5, 0), "saddle point"), ((3**0.5, 0), "saddle point")]),
    ("f(x, y) = x e^{-x^2 - y^2}", [((-(0.5**0.5), 0), "local minimum"), ((0.5**0.5, 0), "local maximum")]),
    ("f(x, y) = -x^2 - y^2 + 2x", [((1, 0), "global maximum")]),
    ("f(x, y, z) = x^2 + y^2 + z^2 + xy + yz - 2x", [((1.5, -1, 0.5), "global minimum")]),
    ("f(x, y, z) = x^2 - y^2 + z^2 + x z", [((0, 0, 0), "saddle point")]),
    ("f(x, y) = x^4 + y^4", [((0, 0), "not decided by the Hessian")]),
    ("f(x) = x^3 - 3x", [((-1,), "local maximum"), ((1,), "local minimum")]),
    ("f(x, y) = x + e^y", []),
]


@pytest.mark.parametrize(("function", "expected"), STATIONARY)
def test_stationary_points_and_their_nature(function, expected):
    derivation = solved(function, stationary=True)
    assert derivation.status() is Status.PROVED
    found = points_of(derivation)
    natures = [r.number for r in derivation.results if r.name.startswith("nature of")]
    assert len(found) == len(natures) == len(expected)
    for (point, nature), (place, kind) in zip(zip(found, natures, strict=True), expected, strict=True):
        assert point == pytest.approx(place) and nature == kind


def points_of(derivation):
    """The stationary points as numbers, in the order told."""
    values = [r.value for r in derivation.results if r.name.startswith("stationary point")]
    points = [p for v in values for p in (v if isinstance(v, tuple) else (v,))]
    return [tuple(float(at(c, [], ())) for c in (p.items if isinstance(p, Vector) else (p,))) for p in points]


def test_the_gradient_is_shown_to_vanish_at_each_point():
    derivation = solved("f(x, y) = x^3 - 3xy + y^3", stationary=True)
    ends = {text(c.left): c.steps[-1].after for c in derivation.chains() if c.left is not None}
    zeros = Matrix(((number(0),), (number(0),)))
    assert ends["∇f(0, 0)"] == ends["∇f(1, 1)"] == zeros


def test_eigenvalues_come_from_the_characteristic_polynomial():
    derivation = solved(r"C(x, y) = 2x^2 + 3xy", stationary=True)
    assert shown(derivation, "eigenvalues of the Hessian at (0, 0)") == "(2 - √(13), 2 + √(13))"
    assert {"characteristic polynomial", "quadratic formula"} <= set(rules(derivation))
    assert "5.60555" in words(derivation)


@pytest.mark.parametrize(("function", "eigenvalues"), [
    ("f(x, y) = x y", "(-1, 1)"), ("f(x, y) = (x + y)^2", "(0, 4)"), ("f(x, y) = x^2 + x y + y^2", "(1, 3)"),
])
def test_characteristic_polynomials_without_a_middle_or_last_term(function, eigenvalues):
    derivation = solved(function, stationary=True)
    name = next(r.name for r in derivation.results if r.name.startswith("eigenvalues"))
    assert shown(derivation, name) == eigenvalues and derivation.status() is Status.PROVED


def test_a_line_of_minima_is_a_point_with_a_free_coordinate():
    derivation = solved("f(x, y) = (x + y)^2", stationary=True)
    assert shown(derivation, "stationary point") == "(-y, y)"
    assert result(derivation, "nature of (-y, y)").number == "global minimum"


def test_a_parameter_with_a_domain_is_carried_through():
    function = r"L(w_1, w_2) = (w_1 + w_2 - 3)^2 + (w_1 - 1)^2 + \lambda(w_1^2 + w_2^2)"
    derivation = solved(function, {"lambda": "positive"}, variables=["w_1", "w_2"], stationary=True)
    assert [r.number for r in derivation.results if r.name.startswith("nature")] == ["global minimum"]
    assert derivation.status() is Status.PROVED


@pytest.mark.slow
def test_points_that_no_rule_finds_are_proposed_and_put_in():
    derivation = solved("f(x, y) = x^4 + x^3 y + y^3 - x^2", stationary=True)
    assert "algebra system" in words(derivation)
    assert derivation.status() in (Status.PROVED, Status.CHECKED)


def test_no_stationary_point_is_said():
    assert "no stationary point" in words(solved("f(x, y) = x + e^y", stationary=True))


def test_level_lines_are_drawn_around_the_stationary_points():
    derivation = solved("f(x, y) = x^2 + y^2", stationary=True)
    figure = next(p for p in derivation.parts if isinstance(p, Figure))
    assert figure.data["stationary"] == [(0.0, 0.0, "minimum")] and "minimum" in figure.alt
    assert not any(isinstance(p, Figure) for p in solved("f(x, y) = x^2 + y^2").parts)


# --- directional derivatives ------------------------------------------------------------------------

DIRECTIONS = [
    ("f(x, y) = x^2 y", [3, 4], [1, 2], "16/5"),
    ("f(x, y) = x^2 y", [1, 0], [1, 2], "4"),
    ("f(x, y) = x^2 y + y^2", [1, 1], [2, 1], "5 √(2)"),
    ("f(x, y, z) = x y z", [2, -1, 2], [1, 1, 1], "1"),
]


@pytest.mark.parametrize(("function", "direction", "point", "value"), DIRECTIONS)
def test_directional_derivatives_divide_by_the_length(function, direction, point, value):
    derivation = solved(function, direction=direction, direction_at=point)
    name = next(r.name for r in derivation.results if r.name.startswith("directional"))
    assert shown(derivation, name) == value and derivation.status() is Status.PROVED
    assert "scalar product" in rules(derivation)


def test_a_directional_derivative_without_a_point_is_a_function():
    derivation = solved("f(x, y) = x y", direction=[3, 4])
    assert shown(derivation, "directional derivative") == "(3y)/5 + (4x)/5"


# --- what is given wrongly --------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "message"), [
    ({"at": [[1, 2, 3]]}, "3 coordinates for 2 variables"),
    ({"direction": [1]}, "1 coordinate for 2 variables"),
    ({"direction": [0, 0]}, "zero vector"),
    ({"variables": ["q"]}, "q does not occur"),
    ({"direction": [1, 1], "direction_at": [1]}, "1 coordinate for 2 variables"),
])
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(DeriveError, match=message):
        solved("f(x, y) = x^2 + y", **given)


def test_a_value_that_does_not_exist_is_refused():
    with pytest.raises(MathError, match="no value at x = 0, y = 1"):
        solved(r"f(x, y) = \log(x) y", at=[[0, 1]])


def test_a_kink_is_told():
    derivation = solved(r"f(x, y) = |x| + y^2", at=[[-2, 1]])
    assert "kink" in words(derivation)
    assert shown(derivation, "gradient at (-2, 1)") == "[[-1], [2]]"


def test_names_that_are_taken_are_left_alone():
    derivation = solved("H(v, u) = v u^2", direction=[1, 1], direction_at=[1, 1], hessian=True)
    assert derivation.status() is Status.PROVED
    labels = [text(c.left) for c in derivation.chains() if c.left is not None]
    assert "H_H" in labels and "|d|" in labels and "n" in labels


def test_the_fields_are_explained():
    for field in load("kinds", "gradient").FIELDS:
        assert field.about and field.example


def test_chains_start_where_the_one_before_ended():
    derivation = solved("f(x, y) = x^2 y + y^3 - 3y", stationary=True, hessian=True, at=[[1, 1]], direction=[1, 2])
    for chain in (p for p in derivation.parts if isinstance(p, Chain)):
        assert all(a.after == b.before for a, b in zip(chain.steps, chain.steps[1:], strict=False))


# --- what is shipped --------------------------------------------------------------------------------

SHIPPED = [p for path in problem_files().values() for p in read_file(path).problems if p.kind == "gradient"]


@pytest.mark.parametrize("problem", SHIPPED, ids=lambda p: p.title)
def test_every_step_of_the_shipped_problems_is_proved(problem):
    derivation = solve_problem(problem)
    assert derivation.status() is Status.PROVED and derivation.results


# --- what is claimed about stationary points ----------------------------------------------------------


def headings(derivation):
    return [text(p.text[1]) for p in derivation.parts if isinstance(p, Heading) and p.text[0].startswith("Nature")]


@pytest.mark.parametrize("function", [r"f(x, y) = \sin x + \cos y", "f(x, y) = (x^2 + y^2 - 1)^2"])
def test_points_are_counted_only_where_it_is_shown_that_there_are_no_others(function):
    derivation = solved(function, stationary=True)
    assert "Found: " in words(derivation) and "There are" not in words(derivation)
    assert "stationary points found" in [r.name for r in derivation.results]


def test_points_with_a_free_variable_are_called_a_curve():
    said = words(solved("f(x, y) = (x^2 + y^2 - 1)^2", stationary=True))
    assert said.count("is a curve of stationary points: x may have any value") == 2
    assert "(-y, y) is a curve" in words(solved("f(x, y) = (x + y)^2", stationary=True))


LIKELIHOOD = r"\ell(\mu, \sigma) = -n\ln\sigma - \frac{S - 2\mu T + n\mu^2}{2\sigma^2}"


@pytest.mark.parametrize(("function", "domains", "left"), [
    (LIKELIHOOD, {r"\sigma": "positive", "n": "positive"}, ["(T/n, √(S n - T²)/n)"]),
    ("f(x, y) = x^3 - 3x + y^2", {"x": "positive"}, ["(1, 0)"]),
    ("f(x, y) = x^3 - 3x + y^2", {"x": "(-2, 0)"}, ["(-1, 0)"]),
    ("f(x, y) = x^2 + y^2", {"x": "positive"}, []),
])
def test_points_outside_the_declared_domain_are_left_out(function, domains, left):
    derivation = solved(function, domains, stationary=True)
    assert "is left out: " in words(derivation) and headings(derivation) == left
    assert ("no stationary point" in words(derivation)) == (not left)


def test_points_at_which_there_is_no_value_are_left_out():
    derivation = solved(r"f(x, y) = \frac{a x^3}{x} + y^2", variables=["x", "y"], stationary=True)
    assert "At (0, 0) the function has no value" in words(derivation) and headings(derivation) == []


def test_a_point_without_a_hessian_is_kept_and_not_judged():
    derivation = solved("f(x, y) = x^{3/2} + y^2", stationary=True)
    assert result(derivation, "nature of (0, 0)").number == "not decided by the Hessian"


def test_several_chosen_variables_make_partial_derivatives():
    derivation = solved("L(w) = w_1^2 + w_2^2", variables=["w_1", "w_2"])
    assert [text(c.left) for c in derivation.chains()][:2] == ["∂L/∂w₁", "∂L/∂w₂"]
