"""Jacobians: entries against finite differences, determinants, ranks with their reasons, named components."""

import numpy as np
import pytest

from derive.api import solve_problem
from derive.errors import DeriveError, MathError
from derive.numeric.evaluate import compile as compiled
from derive.read.latex import read
from derive.read.problems import make, read_file
from derive.resources import problem_files
from derive.steps import Context, Figure, Paragraph, Status
from derive.tree import Symbol, Vector
from derive.verify import equal
from derive.write.text import text

STEP = 1e-5
PLANE = ["u(x, y) = x^2 - y^2", "w(x, y) = 2xy + e^x"]
POLAR = [r"x(r, \phi) = r\cos(\phi)", r"y(r, \phi) = r\sin(\phi)"]
SPHERICAL = [
    r"x(r, \theta, \phi) = r\sin(\theta)\cos(\phi)", r"y(r, \theta, \phi) = r\sin(\theta)\sin(\phi)",
    r"z(r, \theta, \phi) = r\cos(\theta)",
]


def softmax(count):
    names = [f"z_{k}" for k in range(1, count + 1)]
    below = " + ".join(f"e^{{{z}}}" for z in names)
    return [rf"p_{k}({', '.join(names)}) = \frac{{e^{{z_{k}}}}}{{{below}}}" for k in range(1, count + 1)]


def solved(functions=(), symbols=None, **given):
    given = {"figure": False, **given}
    if functions:
        given["functions"] = functions
    return solve_problem(make("jacobian", given, symbols))


def value(derivation, name):
    return next(r.value for r in derivation.results if r.name == name)


def shown(derivation, name):
    return text(value(derivation, name))


def words(derivation):
    paragraphs = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join("".join(t if isinstance(t, str) else text(t) for t in prose) for prose in paragraphs)


MAPS = [
    PLANE, POLAR, SPHERICAL, softmax(2), softmax(3),
    [r"h_1(x, y) = \tanh(2x - y)", r"h_2(x, y) = \sigma(x + 3y)"],
    ["f(x, y, z) = x y + z", "g(x, y, z) = x^2 + y z"],
    [r"a(s) = \sin(s)", r"b(s) = e^{-s}", "c(s) = s^3"],
    [r"u(x, y) = \frac{x}{1 + y^2}", r"w(x, y) = \log(1 + x^2 + y^2)", r"k(x, y) = \sqrt{1 + x^2}"],
]


@pytest.mark.parametrize("functions", MAPS, ids=lambda f: f[0])
def test_the_entries_are_those_of_finite_differences_and_proved(functions):
    derivation = solved(functions)
    definitions = derivation.context.definitions
    variables = list(definitions[0].parameters)
    point = np.array([0.7, 0.4, 1.1][: len(variables)])

    def image(p):
        return np.array([float(compiled(d.body, variables)(*p)) for d in definitions])

    columns = [(image(point + h) - image(point - h)) / (2 * STEP) for h in np.eye(len(variables)) * STEP]
    matrix = np.array(compiled(value(derivation, "J"), variables)(*point), dtype=float)
    assert matrix.reshape(len(definitions), -1) == pytest.approx(np.array(columns).T, rel=1e-6, abs=1e-8)
    assert derivation.status() is Status.PROVED


def test_the_sheet_question():
    derivation = solved(PLANE, at=[[1, 1], [0, 0]])
    expected = {
        "du/dx": "2x", "du/dy": "-2y", "dw/dx": "2y + e^x", "dw/dy": "2x",
        "J": "[[2x, -2y], [2y + e^x, 2x]]", "det J": "4x² + 4y² + 2y e^x",
        "J(1, 1)": "[[2, -2], [2 + e, 2]]", "det J(1, 1)": "8 + 2e", "rank J(1, 1)": "2",
        "J(0, 0)": "[[0, 0], [1, 0]]", "det J(0, 0)": "0", "rank J(0, 0)": "1",
    }
    assert {r.name: text(r.value) for r in derivation.results} == expected
    rules = [step.rule for step in derivation.steps()]
    assert rules.count("put in the partial derivatives") == 1 and rules.count("substitute") == 2
    assert rules.count("determinant") == 3


DETERMINANTS = [
    (PLANE, r"4x^2 + 4y^2 + 2y e^x"), (POLAR, "r"), (SPHERICAL, r"r^2 \sin(\theta)"), (softmax(2), "0"),
    (["u(x, y) = x y", r"w(x, y) = \frac{x}{y}"], r"-\frac{2x}{y}"),
    (["a(x, y, z) = x + y + z", "b(x, y, z) = x y + y z + z x", "c(x, y, z) = x y z"], "(x - y)(y - z)(x - z)"),
]


@pytest.mark.parametrize(("functions", "expected"), DETERMINANTS, ids=lambda f: str(f)[:24])
def test_determinants(functions, expected):
    found = value(solved(functions), "det J")
    assert equal(found, read(expected), Context()).status is Status.PROVED


def test_the_determinant_is_told_from_its_definition_to_its_shortest_form():
    derivation = solved(SPHERICAL)
    chain = next(c for c in derivation.chains() if c.left is not None and text(c.left) == "det(J)")
    assert text(chain.steps[0].before).startswith("det([[")
    assert chain.steps[-1].rule == "Pythagorean identity" and text(chain.steps[-1].after) == "r² sin(θ)"


RANKS = [
    (["f(x, y, z) = x y + z", "g(x, y, z) = x^2 + y z"], [1, 1, 1], 2, "square part with two rows"),
    (["f(x, y, z) = x y + z", "g(x, y, z) = x^2 + y z"], [0, 0, 0], 1, "Only row 1 is not zero"),
    (["f(x, y) = x + y", "g(x, y) = 3x + 3y", "h(x, y) = -x - y"], [0, 0], 1, "Row 2 is 3 times row 1"),
    (["f(x, y) = x^2", "g(x, y) = y^2"], [0, 0], 0, "All entries are zero"),
    (["f(x, y) = x^2", "g(x, y) = y^2"], [1, 2], 2, "not zero, so the rows are independent"),
    (["f(x, y) = x y", "g(x, y) = x^2 y^2"], [1, 1], 1, "determinant is zero, so the rank is less than 2"),
    (["f(x) = x", "g(x) = x^2"], [3], 1, "With 1 column the rank is at most 1"),
    (softmax(3), [0, 0, 0], 2, "the rank is at least 2"),
    (["a(x, y, z) = x", "b(x, y, z) = 2x", "c(x, y, z) = 3x", "d(x, y, z) = y"], [0, 0, 0], 2, "less than 3"),
]


@pytest.mark.parametrize(("functions", "point", "expected", "reason"), RANKS, ids=lambda v: str(v)[:30])
def test_ranks_come_with_their_reason(functions, point, expected, reason):
    derivation = solved(functions, at=[point])
    name = next(r.name for r in derivation.results if r.name.startswith("rank"))
    assert shown(derivation, name) == str(expected) and reason in words(derivation)
    assert derivation.status() is Status.PROVED


FOUR = ["a(x, y, z, t) = x y + z^2", "b(x, y, z, t) = y z + t", "c(x, y, z, t) = z t - x", "d(x, y, z, t) = x t + y^2"]


def test_a_larger_determinant_of_numbers_is_found_by_elimination():
    derivation = solved(FOUR, at=[[1, 2, 3, 4], [0, 1, 0, 1], [0, 0, 0, 0]])
    assert derivation.status() is Status.PROVED and "eliminate" in [s.rule for s in derivation.steps()]
    for name, point in (("det J(1, 2, 3, 4)", (1, 2, 3, 4)), ("det J(0, 1, 0, 1)", (0, 1, 0, 1))):
        x, y, z, t = point
        matrix = [[y, x, 2 * z, 0], [0, z, y, 1], [-1, 0, t, z], [t, 2 * y, 0, x]]
        assert float(compiled(value(derivation, name), [])()) == pytest.approx(np.linalg.det(matrix))
    assert shown(derivation, "det J(0, 0, 0, 0)") == "0" and shown(derivation, "rank J(0, 0, 0, 0)") == "2"


def test_a_large_determinant_of_expressions_is_not_written_out():
    functions = [f"f_{k}(x, y, z, t) = e^{{{k} x y}} + \\sin({k} z t)" for k in range(1, 5)]
    derivation = solved(functions)
    assert "too long to expand by hand" in words(derivation)
    assert not any(r.name.startswith("det") for r in derivation.results)


def test_a_map_that_is_not_square_has_no_determinant():
    derivation = solved(["f(x, y, z) = x y + z", "g(x, y, z) = x^2 + y z"])
    assert "2 rows and 3 columns" in words(derivation) and "no determinant" in words(derivation)
    assert not any(r.name.startswith("det") for r in derivation.results)


def test_a_constant_jacobian_has_its_rank_without_a_point():
    derivation = solved(map="F(x, y) = (2x + y - 1, x - 3y + 4)")
    assert shown(derivation, "rank J") == "2" and shown(derivation, "det J") == "-7"
    assert shown(derivation, "dF_1/dx") == "2"


def test_the_softmax_is_written_with_its_own_components():
    derivation = solved(softmax(3), in_components=True)
    expected = "[[p₁ (1 - p₁), -p₁ p₂, -p₁ p₃], [-p₁ p₂, p₂ (1 - p₂), -p₂ p₃], [-p₁ p₃, -p₂ p₃, p₃ (1 - p₃)]]"
    assert shown(derivation, "J in terms of the components") == expected
    assert shown(derivation, "det J") == "0" and derivation.status() is Status.PROVED
    assert "add up to one" in words(derivation)


def test_components_that_stand_in_the_entries_are_named():
    derivation = solved([r"h_1(x, y) = \tanh(2x - y)", r"h_2(x, y) = \tanh(x + 3y)"], in_components=True)
    assert shown(derivation, "J in terms of the components") == "[[2 (1 - h₁²), h₁² - 1], [1 - h₂², 3 (1 - h₂²)]]"
    assert shown(derivation, "det J") == "7 (1 - h₂²) (1 - h₁²)"
    assert "No entry is shorter" in words(solved(["u(x, y) = x + y", "w(x, y) = x y"], in_components=True))


def test_the_letter_of_the_jacobian_is_free():
    derivation = solved(["J(x, y) = x y", "K(x, y) = x"])
    assert "s" in {r.name for r in derivation.results} and derivation.status() is Status.PROVED


def test_a_map_of_the_plane_is_drawn_at_the_first_point():
    derivation = solve_problem(make("jacobian", {"functions": PLANE, "at": [[1, 1]]}))
    figure = next(p for p in derivation.parts if isinstance(p, Figure))
    assert figure.drawing == "map_grid" and figure.data["point"] == [1.0, 1.0] and "13.4366" in figure.alt
    assert figure.data["variables"] == (Symbol("x"), Symbol("y"))


def test_the_points_and_what_is_asked_are_told():
    derivation = solved(PLANE, at=[[1, 1], ["1/2", 0]])
    assert any(isinstance(part, Vector) or "values" in str(part) for asked in derivation.asked for part in asked)
    assert len(derivation.given) == 2


@pytest.mark.parametrize(("given", "message"), [
    ({}, "either by its functions or by one vector formula"),
    ({"functions": PLANE, "map": "F(x) = (x, x)"}, "either by its functions"),
    ({"map": "F(x) = x^2"}, "not a vector formula"),
    ({"functions": PLANE, "at": [[1]]}, "1 coordinate for 2 variables"),
    ({"functions": ["u(x) = x", "u(x) = x^2"]}, "u is defined here, and in another way before"),
    ({"functions": [f"f_{{{i}}}(x) = {i} x" for i in range(1, 20)]}, "too large"),
])
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(DeriveError, match=message):
        solved(**given)


def test_a_value_that_does_not_exist_is_refused():
    with pytest.raises(MathError, match="no value"):
        solved([r"u(x, y) = \log(x)", "w(x, y) = y"], at=[[0, 1]])


# --- what is shipped --------------------------------------------------------------------------------

SHIPPED = [p for path in problem_files().values() for p in read_file(path).problems if p.kind == "jacobian"]


@pytest.mark.parametrize("problem", SHIPPED, ids=lambda p: p.title)
def test_every_step_of_the_shipped_problems_is_proved(problem):
    derivation = solve_problem(problem)
    assert derivation.status() is Status.PROVED and derivation.results


def test_why_there_is_no_rank_is_said():
    derivation = solve_problem(make("jacobian", {"functions": ["u(x, y) = a x^2", "w(x, y) = x y"], "at": [[1, 2]]}))
    said = " ".join(w if isinstance(w, str) else text(w) for p in derivation.parts if isinstance(p, Paragraph)
                    for w in p.text)
    assert "is not given: it may depend on the value of  a" in said
