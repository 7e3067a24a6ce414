import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError, MathError
from derive.kinds import gradient_descent
from derive.kinds._by_hand import Style, is_rounded, worked
from derive.kinds._descent_given import PARAMETERS, setup
from derive.kinds._descent_table import shown_rows
from derive.kinds._iterations import traces
from derive.kinds._methods import RECIPES
from derive.numeric.exact import exact
from derive.numeric.optimisers import METHODS
from derive.numeric.value import value_of
from derive.read.latex import read
from derive.read.problems import make, read_file, read_text
from derive.steps import Chain, Derivation, Figure, Heading, Paragraph, Status, Table
from derive.tree import Node, numeric
from derive.verify import verify
from derive.write.text import text

PROBLEMS = Path(__file__).parents[2] / "problems"
FILES = sorted([*PROBLEMS.glob("sheets/s?-p3-1-*.toml"), *PROBLEMS.glob("gallery/gradient-descent-*.toml")])
SHEET = r"C(\theta_1, \theta_2) = 2\theta_1^2 + 3\theta_1\theta_2"
BOWL = "f(x, y) = x^2 + xy + y^2"


def solve(function: str, start: object, **given: object) -> Derivation:
    given.setdefault("figure", False)
    return gradient_descent.solve(make("gradient-descent", {"function": function, "start": start, **given}))


def result(derivation: Derivation, name: str) -> object:
    return next(r for r in derivation.results if r.name == name)


def numbers(value: object) -> object:
    """A result's value as fractions, nested as it is."""
    return exact(value, {}) if isinstance(value, Node) else [numbers(v) for v in value]  # type: ignore[attr-defined]


def values(derivation: Derivation, name: str) -> object:
    return numbers(result(derivation, name).value)  # type: ignore[attr-defined]


def lines(derivation: Derivation, heading: str) -> list[list[str]]:
    """The chains under a heading, each as its lines in Unicode."""
    found: list[list[str]] = []
    inside = False
    for part in derivation.parts:
        if isinstance(part, Heading):
            inside = part.text[0] == heading
        if inside and isinstance(part, Chain):
            found.append([text(part.left or part.steps[0].before), *(text(s.after) for s in part.steps)])
    return found


def remarks(derivation: Derivation) -> str:
    parts = [p for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join(w if isinstance(w, str) else text(w) for p in parts for w in p.text)


def all_proved(derivation: Derivation) -> bool:
    checked = verify(derivation)
    return all(s.verdict is not None and s.verdict.status is Status.PROVED for s in checked.all_steps())


# --- the sheet ------------------------------------------------------------------------------------


def test_sheet_with_step_size_one() -> None:
    found = solve(SHEET, [1, 9], step_size=1, steps=3)
    assert values(found, "iterates") == [[1, 9], [-30, 6], [72, 96], [-504, -120]]
    assert values(found, "gradients") == [[31, 3], [-102, -90], [576, 216]]
    assert values(found, "costs") == [29, 1260, 31104, 689472]
    assert values(found, "last iterate") == [-504, -120]
    assert values(found, "Hessian") == [[4, 3], [3, 0]]
    assert [text(v) for v in result(found, "gradient").value] == ["4θ₁ + 3θ₂", "3θ₁"]  # type: ignore[attr-defined]
    assert text(result(found, "dC/dtheta_2").value) == "3θ₁"  # type: ignore[attr-defined]


def test_a_step_is_written_as_a_teacher_writes_it() -> None:
    gradient, step, cost = lines(solve(SHEET, [1, 9], step_size=1, steps=1), "Step 1")
    assert gradient == ["∇C(1, 9)", "(4·1 + 3·9, 3·1)", "(4 + 27, 3)", "(31, 3)"]
    assert step == ["θ⁽¹⁾", "(1, 9) - 1 (31, 3)", "(1, 9) - (31, 3)", "(1 - 31, 9 - 3)", "(-30, 6)"]
    assert cost == ["C(-30, 6)", "2 (-30)² + 3·(-30)·6", "1800 - 540", "1260"]


def test_decimals_stay_decimals() -> None:
    found = solve(SHEET, [2, 9], step_size=read_number("0.1"), steps=3)
    assert [text(x) for x in result(found, "last iterate").value] == ["-4.707", "9.876"]  # type: ignore[attr-defined]
    assert text(result(found, "last cost").value) == "-95.147298"  # type: ignore[attr-defined]
    assert lines(found, "Step 2")[1][1:3] == ["(-1.5, 8.4) - 0.1 (19.2, -4.5)", "(-1.5, 8.4) - (1.92, -0.45)"]


def read_number(spelling: str) -> object:
    """A decimal as the reader of problem files hands it on."""
    from derive.read.fields import Spelled

    return Spelled(spelling)


def test_fractions_stay_fractions_and_decimals_stand_beside() -> None:
    found = solve(SHEET, [2, 9], step_size="1/10", steps=3)
    assert text(result(found, "last iterate").value[0]) == "-4707/1000"  # type: ignore[attr-defined]
    exactly, pointed = (p for p in found.parts if isinstance(p, Table))
    assert "".join(str(c) for c in exactly.caption).endswith("exactly.")
    assert [text(row[1][0]) for row in pointed.rows] == ["2", "-1.5", "-3.42", "-4.707"]  # type: ignore[arg-type]


def test_eigenvalues_are_exact_and_ascending() -> None:
    found = solve(SHEET, [1, 9], step_size=1)
    eigenvalues = result(found, "Hessian eigenvalues").value  # type: ignore[attr-defined]
    assert [text(v) for v in eigenvalues] == ["2 - √(13)", "2 + √(13)"]


def test_the_remark_says_why_the_cost_rose() -> None:
    told = remarks(solve(SHEET, [1, 9], step_size=1))
    assert "saddle point" in told and "unbounded below" in told
    assert "rose in every step" in told and "is larger than" in told


def test_the_remark_says_why_the_cost_fell() -> None:
    told = remarks(solve(SHEET, [2, 9], step_size=read_number("0.1")))
    assert "fell in every step" in told and "is smaller than" in told


@pytest.mark.parametrize(
    ("birthday", "start"),
    [("10-01", [0, 1]), ("05-16", [1, 6]), ("1999-05-16", [1, 6]), ("02-29", [2, 9]), ("12-31", [3, 1])],
)
def test_birthday_starts(birthday: str, start: list[int]) -> None:
    found = solve(SHEET, {"birthday": birthday}, step_size=1, steps=1)
    assert values(found, "iterates")[0] == start  # type: ignore[index]


def test_birthday_as_a_date_of_toml() -> None:
    sheet = read_text(f"kind = 'gradient-descent'\n[given]\nfunction = '{SHEET}'\nstep_size = 1\n"
                      "start = {birthday = 1999-05-16}\n")
    assert values(gradient_descent.solve(sheet.problems[0]), "iterates")[0] == [1, 6]  # type: ignore[index]


# --- shipped problems -----------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_step_of_the_shipped_problems_is_proved(file: Path) -> None:
    sheet = read_file(file)
    assert not sheet.errors
    for problem in sheet.problems:
        assert all_proved(gradient_descent.solve(problem))


def test_the_birthday_variants() -> None:
    sheet = read_file(PROBLEMS / "sheets" / "s0-p3-1-birthday-variants.toml")
    last = [values(gradient_descent.solve(p), "last iterate") for p in sheet.problems]
    assert last == [
        [-48, -8], [Fraction(-123, 200), Fraction(617, 500)], [-360, -96], [Fraction(-819, 250), Fraction(6789, 1000)],
    ]


# --- methods --------------------------------------------------------------------------------------


def test_the_tables_of_methods_agree() -> None:
    assert RECIPES.keys() == PARAMETERS.keys() == METHODS.keys()


STEP = {"newton": {}, "line-search": {}}
COSTS = {
    BOWL: [4, -3],
    r"C(w) = (w - 3)^2 + \frac{1}{2} w": [5],
    "C(a, b, c) = a^2 + 2b^2 + 3c^2 + ab - c": [1, -1, 2],
    r"f(\beta_0, \beta_1) = \beta_0^2 + (\beta_0 + \beta_1 - 1)^2": [1, 1],
}


@pytest.mark.parametrize("method", RECIPES)
@pytest.mark.parametrize("function", COSTS)
def test_what_is_written_out_is_what_the_numbers_do(method: str, function: str) -> None:
    given = {"method": method, "steps": 2, **STEP.get(method, {"step_size": read_number("0.1")})}
    found = solve(function, COSTS[function], **given)
    assert all_proved(found)
    floats = result(found, "iterates").number or values(found, "iterates")  # type: ignore[attr-defined]
    last = [c for c in found.context.definitions if c.name.sup == "(2)" and c.name.plain.startswith(point_of(found))]
    by_hand = numbers(getattr(last[0].body, "items", (last[0].body,)))
    assert by_hand == pytest.approx([float(x) for x in floats[-1]], rel=1e-4)  # type: ignore[index]


def point_of(found: Derivation) -> str:
    return next(d.name.name for d in found.context.definitions if d.name.sup == "(0)")


def test_known_numbers_of_momentum() -> None:
    found = solve("f(x, y) = \\frac{1}{2}x^2 + 5y^2", [10, 1], method="momentum", step_size=read_number("0.1"),
                  beta=read_number("0.5"), steps=3)
    assert values(found, "last iterate") == [Fraction("6.14"), Fraction("-0.25")]


def test_the_first_step_of_adam_is_the_step_size() -> None:
    found = solve("C(x, y) = x^2 + 10y^2", [3, 1], method="adam", step_size=read_number("0.1"), steps=1)
    assert result(found, "last iterate").number == pytest.approx([2.9, 0.9])  # type: ignore[attr-defined]


def test_newton_on_a_quadratic_arrives_at_once() -> None:
    found = solve("f(x, y) = 3x^2 + 2xy + 2y^2 - 4x + 2y", [5, -3], method="newton", steps=1)
    assert values(found, "last iterate") == [1, -1]
    assert text(result(found, "stationary point").value) == "(1, -1)"  # type: ignore[attr-defined]


def test_newton_off_a_quadratic_evaluates_the_hessian_at_each_point() -> None:
    found = solve("f(x, y) = x^4 + y^2", [2, 1], method="newton", steps=2)
    assert any(chain[0] == "H⁽¹⁾" for chain in lines(found, "Step 2"))
    assert all_proved(found)


def test_line_search_off_a_quadratic_rounds_the_step_size() -> None:
    found = solve("f(x, y) = x^4 + y^2", [1, 1], method="line-search", steps=1)
    assert "the cost is smallest for" in remarks(found)
    assert all_proved(found)


@pytest.mark.parametrize(
    ("step_size", "sizes"), [([1, "1/2", "1/4"], (1, 0.5, 0.25)), (r"\frac{1}{t}", (1, 0.5, 1 / 3))],
)
def test_step_sizes_that_change(step_size: object, sizes: tuple[float, ...]) -> None:
    found = solve("f(x) = x^2", 8, step_size=step_size, steps=3)
    expected = 8.0
    for alpha in sizes:
        expected -= alpha * 2 * expected
    assert values(found, "last iterate") == Fraction(expected).limit_denominator(1000)
    assert all_proved(found)


def test_letters_of_the_function_are_not_used_for_anything_else() -> None:
    found = solve(r"H(\alpha, g) = \alpha^2 + \alpha g + g^2", [1, 2], method="line-search", steps=1)
    names = [d.name.name for d in found.context.definitions if d.name.plain != "H"]
    assert not {"alpha", "g", "H"} & set(names)
    assert all_proved(found)


def test_an_irrational_start_is_rounded_and_said_to_be() -> None:
    found = solve("f(x) = x^2", r"\sqrt{2}", step_size=read_number("0.1"), steps=1)
    chain = next(p for p in found.parts if isinstance(p, Chain) and p.left is not None and text(p.left) == "x⁽⁰⁾")
    assert chain.steps[0].relation == "~="
    assert all_proved(found)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(-5, 5), min_size=5, max_size=5), st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
    st.fractions(Fraction(1, 12), 1, max_denominator=12),
)
def test_quadratics_by_hand_are_exact(c: list[int], start: tuple[int, int], alpha: Fraction) -> None:
    function = f"f(x, y) = ({c[0]}) x^2 + ({c[1]}) x y + ({c[2]}) y^2 + ({c[3]}) x + ({c[4]}) y + 1"
    found = solve(function, list(start), step_size=str(alpha), steps=2, convergence=False)
    x, y = map(Fraction, start)
    for _ in range(2):
        x, y = (x - alpha * (2 * c[0] * x + c[1] * y + c[3]), y - alpha * (c[1] * x + 2 * c[2] * y + c[4]))
    assert values(found, "last iterate") == [x, y]
    assert values(found, "iterates")[-1] == [x, y]  # type: ignore[index]


# --- convergence ----------------------------------------------------------------------------------


def number_named(found: Derivation, name: str) -> float:
    return float(result(found, name).number)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("alpha", "factor"), [("0.1", 0.9), ("0.3", 2.0), ("0.2", 1.0)])
def test_contraction_factor_and_stable_step(alpha: str, factor: float) -> None:
    found = solve("f(x, y) = \\frac{1}{2}x^2 + 5y^2", [1, 1], step_size=read_number(alpha), steps=2)
    assert number_named(found, "largest stable step size") == pytest.approx(0.2)
    assert number_named(found, "contraction factor") == pytest.approx(factor)


@pytest.mark.parametrize("method", ["plain", "momentum", "nesterov"])
@pytest.mark.parametrize("alpha", ["0.05", "0.15", "0.25", "0.35", "0.5"])
def test_the_contraction_factor_is_what_the_iteration_does(method: str, alpha: str) -> None:
    parameters = {} if method == "plain" else {"beta": read_number("0.5")}
    found = solve("f(x, y) = x^2 + 5y^2", [1, 1], method=method, step_size=read_number(alpha), steps=200, show=1,
                  **parameters)
    points = result(found, "iterates").number  # type: ignore[attr-defined]
    sizes = [math.hypot(*p) for p in points]
    measured = (sizes[-1] / sizes[40]) ** (1 / (len(sizes) - 41)) if sizes[-1] else 0.0
    assert number_named(found, "contraction factor") == pytest.approx(measured, rel=0.03)
    assert (number_named(found, "largest stable step size") > float(alpha)) == (measured < 1)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("f(x, y) = x^2 + y^2", "strictly convex"),
        ("f(x, y) = -x^2 - y^2", "is a maximum"),
        ("f(x, y) = (x + y)^2", "no single minimum"),
        ("f(x, y) = x - y", "is linear"),
        ("f(x, y, z) = x^2 + y^2 - z^2 + xy + yz", "saddle point"),
        ("f(x) = x^2", "strictly convex"),
        ("f(x) = x^4 - 2x^2", "is a local minimum"),
    ],
)
def test_nature(function: str, words: str) -> None:
    count = function.partition(")")[0].count(",") + 1
    found = solve(function, [1 + i for i in range(count)], step_size=read_number("0.1"), steps=1)
    assert words in remarks(found)
    assert all_proved(found)


def test_without_a_stationary_point_none_is_spoken_of() -> None:
    found = solve("f(x, y) = x^2 + y", [1, 1], step_size="1/3", steps=1)
    assert "nowhere" in remarks(found) and "distance from" not in remarks(found)
    assert number_named(found, "largest stable step size") == 1
    assert all_proved(found)


def test_a_kink_is_not_taken_for_a_quadratic() -> None:
    assert "convex" not in remarks(solve(r"f(x) = \left|x\right|", 1, step_size="1/3", steps=1))


# --- where it ends --------------------------------------------------------------------------------


def stopped(found: Derivation) -> str:
    return str(result(found, "stopped").number)  # type: ignore[attr-defined]


def test_a_cost_that_overflows_stops_the_iteration() -> None:
    found = solve("C(x) = x^4", 5, step_size=1, steps=50)
    assert stopped(found).startswith("step 4: the cost has no finite value")
    assert "The iteration stops at step 4 of 50" in remarks(found)
    assert len(result(found, "iterates").number) == 4  # type: ignore[attr-defined]


def test_a_point_outside_the_domain_stops_the_iteration() -> None:
    assert "the new point is -1" in stopped(solve(r"C(x) = \log(x)", 1, step_size=2))


def test_a_singular_hessian_stops_newton() -> None:
    assert "singular" in stopped(solve("C(x, y) = (x + y)^2", [1, 2], method="newton"))


def test_a_missing_gradient_names_the_point() -> None:
    assert stopped(solve(r"f(x) = \left|x\right|", 1, step_size=1)).endswith("the point is 0")


def test_a_kink_that_fractions_hit_and_floats_miss_ends_the_steps() -> None:
    found = solve(r"f(x) = \left|x\right|", 1, step_size="1/3", steps=4, figure=True)
    assert [len(lines(found, f"Step {t}")) for t in (1, 2, 3, 4)] == [3, 3, 3, 0]
    assert "there is no derivative" in remarks(found) and all_proved(found)
    assert values(found, "last iterate") == 0


def test_an_irrational_gradient_is_no_kink() -> None:
    found = solve(r"f(x) = x^2 + \sqrt{x + 5}", 4, step_size="1/3", steps=3)
    assert "stops" not in remarks(found) and len(result(found, "iterates").number) == 4  # type: ignore[attr-defined]


@pytest.mark.parametrize("method", sorted(RECIPES))
def test_letters_without_a_value_leave_gradient_and_rule(method: str) -> None:
    size = {} if method == "line-search" else {"step_size": 1}
    found = solve("C(x) = a(x - b)^2", 1, method=method, **size)
    assert "b  have no value, so no step can be calculated" in remarks(found)
    assert text(result(found, "gradient").value) == "2a (x - b)"  # type: ignore[attr-defined]
    assert all_proved(found)


@pytest.mark.parametrize(("method", "start"), [("plain", 0), ("momentum", 0), ("adam", 0)])
def test_a_stationary_start_is_said_to_be_one(method: str, start: int) -> None:
    found = solve("f(x) = x^2", start, step_size="1/2", method=method)
    assert "The start is stationary" in remarks(found) and "rose" not in remarks(found)


def test_the_stable_step_off_a_quadratic_is_that_of_the_last_iterate() -> None:
    assert "Near the last iterate" in remarks(solve(r"C(x) = x - \ln x", 2, step_size="1/2"))


def exact_table(found: Derivation) -> tuple[list[str], list[list[str]]]:
    table = next(p for p in found.parts if isinstance(p, Table) and "exactly" in str(p.caption[0]))
    rows = [["".join(c if isinstance(c, str) else text(c) for c in cell) for cell in row] for row in table.rows]
    return ["".join(c if isinstance(c, str) else text(c) for c in head) for head in table.header], rows


@pytest.mark.parametrize(("function", "given", "heads", "count"), [
    (r"C(x) = x - \ln x", {"step_size": "1/2"}, ["step", "x", "C'(x)"], 4),
    ("f(x) = x^4 - 2x^2", {"method": "newton"}, ["step", "x", "f'(x)", "f"], 2),
    ("f(x) = x^2", {"step_size": "1/3"}, ["step", "x", "f'(x)", "f"], 4),
])
def test_what_stands_in_the_exact_table_is_exact(
    function: str, given: dict[str, object], heads: list[str], count: int
) -> None:
    header, rows = exact_table(solve(function, 2, **given))
    assert header == heads and len(rows) == count
    assert not any("." in cell for row in rows for cell in row)


def test_a_table_without_all_steps_does_not_claim_them() -> None:
    captions = [p.caption[0] for p in solve("f(x) = x^4 - 2x^2", 2, method="newton").parts if isinstance(p, Table)]
    assert captions == ["The steps whose numbers are short, exactly.", "The iteration step by step, in decimals."]


def test_no_value_at_the_start() -> None:
    with pytest.raises(MathError, match="no value at x = 0"):
        solve(r"C(x) = \frac{1}{x}", 0, step_size=1)


BAD = [
    ({"start": [1, 2, 3]}, r"the start has 3 numbers, but C has 2 variables \(x, y\)"),
    ({"start": 1}, "the start has 1 number, but C has 2 variables"),
    ({"start": {"birthday": "02-30"}}, "no such day"),
    ({"start": {"birthday": "16 May"}}, "no birthday"),
    ({"start": {"born": "05-16"}}, "birthday"),
    ({"start": ["x", 1]}, "start: .*formula in x"),
    ({"step_size": None}, '"step_size" is missing'),
    ({"step_size": 0}, "greater than 0"),
    ({"step_size": -1}, "greater than 0"),
    ({"step_size": [1, 2]}, "2 step sizes for 3 steps"),
    ({"step_size": "s + t"}, "not in s, t"),
    ({"step_size": "1/0"}, "step_size"),
    ({"steps": 0}, "from 1 to"),
    ({"steps": 10**9}, "from 1 to"),
    ({"beta": "1/2"}, "plain has no such parameter"),
    ({"method": "momentum", "beta": 1}, "from 0 to below 1"),
    ({"method": "line-search"}, "finds the step sizes itself"),
    ({"method": "sgd"}, "is not one of"),
    ({"function": r"C(x) = \alpha x^2", "start": 1}, "alpha has no value, and the method uses the same letter"),
    ({"function": "a(x - b)^2", "start": 1}, "the start has 1 number, but f has 3 variables"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[m for _, m in BAD])
def test_refusals(change: dict[str, object], message: str) -> None:
    given = {"function": "C(x, y) = x^2 + y^2", "start": [1, 2], "step_size": 1, **change}
    with pytest.raises(DeriveError, match=message):
        gradient_descent.solve(make("gradient-descent", {k: v for k, v in given.items() if v is not None}))


def test_a_refusal_names_the_line() -> None:
    file = "kind = 'gradient-descent'\n[given]\nfunction = 'x^2 + y^2'\nstep_size = 1\nstart = [1]\n"
    sheet = read_text(file, "a.toml")
    with pytest.raises(DeriveError, match=r"^a\.toml:5: the start has 1 number"):
        gradient_descent.solve(sheet.problems[0])


# --- many steps -----------------------------------------------------------------------------------


def test_a_thousand_steps_are_made_and_three_are_shown() -> None:
    given = {"function": "f(x, y) = \\frac{1}{2}x^2 + 50y^2 + x", "start": [10, 1], "steps": 1000, "show": 3,
             "step_size": read_number("0.01")}
    problem = make("gradient-descent", given)
    found = gradient_descent.solve(problem)
    assert len(result(found, "iterates").number) == 1001  # type: ignore[attr-defined]
    assert [len(lines(found, f"Step {t}")) for t in (1, 2, 3, 4)] == [3, 3, 3, 0]
    assert result(found, "last iterate").number[0] == pytest.approx(-1 + 11 * 0.99**1000)  # type: ignore[attr-defined]


@pytest.mark.parametrize("steps", [1, 5, 12, 13, 100, 1000, 54321])
@pytest.mark.parametrize("shown", [1, 3, 50])
def test_rows_of_the_table(steps: int, shown: int) -> None:
    rows = shown_rows(steps, shown)
    assert rows == sorted(set(rows))
    assert rows[0] == 0 and rows[-1] == steps and len(rows) <= 25


def test_the_steps_written_out_by_default() -> None:
    def shown(**given: object) -> int:
        problem = make("gradient-descent", {"function": BOWL, "start": [1, 1], "step_size": "1/9", **given})
        return setup(problem).shown

    assert [shown(steps=3), shown(steps=10), shown(steps=11), shown(steps=11, show=5)] == [3, 10, 3, 5]


def test_the_exact_and_the_float_iteration_agree() -> None:
    from derive.kinds._convergence import rows_of, second_derivatives
    from derive.kinds._iterations import Slope
    from derive.kinds._partials import partial_by

    given = setup(make("gradient-descent", {"function": BOWL, "start": [4, -3], "step_size": "1/7", "steps": 8}))
    partials = [partial_by(given.function, v) for v in given.variables]
    floats, exactly = traces(given, Slope(tuple(partials), rows_of(second_derivatives(partials, given.variables), 2)))
    assert exactly is not None
    assert [[float(x) for x in p] for p in exactly.points] == pytest.approx(floats.points)


# --- figures --------------------------------------------------------------------------------------


def test_figures() -> None:
    two = solve(SHEET, [1, 9], step_size=1, figure=True)
    assert [p.drawing for p in two.parts if isinstance(p, Figure)] == ["contour_path", "cost_curve"]
    contour = next(p for p in two.parts if isinstance(p, Figure))
    assert contour.data["path"] == [[1, 9], [-30, 6], [72, 96], [-504, -120]]
    assert contour.data["stationary"] == [[0, 0, "saddle"]]
    one = solve("f(x) = x^2", 1, step_size="1/3", figure=True)
    assert [p.drawing for p in one.parts if isinstance(p, Figure)] == ["function_plot", "cost_curve"]
    three = solve("f(x, y, z) = x^2 + y^2 + z^2", [1, 1, 1], step_size="1/3", figure=True)
    assert [p.drawing for p in three.parts if isinstance(p, Figure)] == ["cost_curve"]


def test_a_long_path_is_thinned_by_distance() -> None:
    found = solve("f(x, y) = x^2 + 100y^2", [10, 1], step_size=read_number("0.0001"), steps=20_000, show=2, figure=True)
    contour, costs = (p for p in found.parts if isinstance(p, Figure))
    path = contour.data["path"]
    assert len(path) <= 302 and contour.data["steps"] == 20_000 and "20,000 steps" in contour.caption[2]
    assert "in 20000 steps" in contour.alt
    assert path[50] == pytest.approx([10 * 0.9998**50, 0.98**50])
    gaps = [math.dist(a, b) for a, b in pairwise(path)]
    assert max(gaps) < 0.05
    assert len(costs.data["costs"]) == 20_001


# --- numbers by hand ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "ends"),
    [
        (r"4 \cdot 1 + 3 \cdot 9", ["4 + 27", "31"]),
        (r"\frac{1}{2}((1 - 3)^2 + (2 \cdot 2 - 1)^2)", ["(1/2) ((-2)² + 3²)", "(1/2) (4 + 9)", "(1/2)·13", "13/2"]),
        (r"(1, 9) - 0.1 (35, 6)", ["(1, 9) - (3.5, 0.6)", "(1 - 3.5, 9 - 0.6)", "(-2.5, 8.4)"]),
        (r"e^{1 - 2}", ["e⁻¹", "0.367879"]),
        (r"\sqrt{2}", ["1.41421"]),
        ("7", []),
    ],
)
def test_numbers_are_worked_out_in_lines(formula: str, ends: list[str]) -> None:
    assert [text(s.after) for s in worked(read(formula))] == ends


def test_long_numbers_are_rounded() -> None:
    steps = worked(read("1.23456789^9"))
    assert is_rounded(steps) and text(steps[-1].after) == "6.66246"
    assert not is_rounded(worked(read("1.5^2")))
    assert is_rounded(worked(read("0.123456 + 7.654321"), Style(rounded=True)))


def test_decimals_instead_of_fractions_where_they_end() -> None:
    assert text(worked(read(r"\frac{1}{2} \cdot 81"), Style(decimals=True))[-1].after) == "40.5"
    assert text(worked(read(r"\frac{1}{3} \cdot 80"), Style(decimals=True))[-1].after) == "80/3"
    assert text(worked(read(r"\frac{1}{3} \cdot 80"), Style(True, False))[-1].after) == "26.6667"


@settings(max_examples=60, deadline=None)
@given(st.recursive(
    st.integers(-20, 20).map(lambda n: f"({n})"),
    lambda inner: st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from(["+", "-", r"\cdot"]), inner),
    max_leaves=7,
))
def test_lines_keep_the_value(formula: str) -> None:
    node = read(formula)
    steps = worked(node)
    for step in steps:
        assert value_of(step.after) == pytest.approx(value_of(node), rel=1e-5)
    assert numeric(steps[-1].after if steps else node) is not None
