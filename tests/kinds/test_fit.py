"""Fits with the derived gradient: data, runs, minima told apart, closed forms, what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import progress
from derive.api import solve_problem
from derive.errors import DeriveError, MathError
from derive.kinds import _fit_run, _fit_work
from derive.kinds._fit_given import METHODS, setup
from derive.kinds._fit_gradient import derived
from derive.kinds._fit_minima import places
from derive.kinds._fit_range import reach
from derive.kinds._fit_run import Asked, central_differences, hessian, minimise, objective_of
from derive.read.problems import make, read_file, read_text
from derive.resources import problem_files
from derive.steps import Figure, Listing, Paragraph, Status
from derive.write.text import text

LINE = {"model": r"\hat{y} = a + b x", "data": {"x": [0, 1, 2, 3], "y": [1, 3, 5, 8]}}
TWO = {
    "model": [r"\hat{y} = w_1 \sigma(w_0 x)", r"\hat{y} = w_2 \sigma(w_1 \sigma(w_0 x))"], "names": ["one", "two"],
    "data": {"n": 2_000, "seed": 3, "generator": "legacy", "x": "normal", "y": r"\sigma(x)"},
}  # fmt: skip
DECAY = {"model": r"\hat{y} = A e^{-k t}", "data": {"n": 30, "seed": 1, "t": "grid(0, 5)", "y": r"3 e^{-t/2}"}}


def problem(base=LINE, **more):
    return make("fit", {"figure": False, **base, **more})


def solved(base=LINE, **more):
    return solve_problem(problem(base, **more))


def number(derivation, name):
    return next(r.number for r in derivation.results if r.name == name)


def said(derivation):
    return " ".join("".join(p if isinstance(p, str) else text(p) for p in part.text)
                    for part in derivation.parts if isinstance(part, Paragraph))


def objective(base, index=0, **more):
    given = setup(problem(base, **more))
    return objective_of(derived(given.models[index]), given.arrays), given


# --- the gradient -----------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [LINE, DECAY, TWO], ids=["line", "decay", "two"])
def test_every_step_is_proved(base):
    assert solved(base).status() is Status.PROVED


def test_the_gradient_is_written_in_stored_values():
    found = {r.name: text(r.value) for r in solved(TWO).results if "dell" in r.name}
    assert found["one: dell/dw_0"] == "2w₁ h₁ x (ŷ - y) (1 - h₁)"
    assert found["two: dell/dw_1"] == "2w₂ h₁ h₂·(ŷ - y) (1 - h₂)"


MODELS = [
    (r"\hat{y} = a + b x", "squared error"), (r"\hat{y} = a e^{-b x^2}", "half squared error"),
    (r"\hat{y} = a \tanh(b x + c)", "squared error"), (r"\hat{p} = \sigma(a x + b)", "binary cross-entropy"),
    (r"\hat{z} = a x + b", "binary cross-entropy with logits"), (r"\hat{y} = \frac{a}{1 + b^2 x^2}", "squared error"),
    (r"\hat{y} = w_2 \sigma(w_1 \sigma(w_0 x))", "squared error"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "loss"), MODELS)
@settings(deadline=None, max_examples=8)
@given(st.data())
def test_the_gradient_against_central_differences(model, loss, data):
    made, given = objective({"model": model, "loss": loss, "data": {"n": 40, "x": "normal", "y": "bernoulli(1/2)"}})
    numbers = st.floats(-2, 2)
    at = np.array([data.draw(numbers) for _ in given.models[0].parameters])
    assert made.loss_and_gradient(at)[1] == pytest.approx(central_differences(made, at), rel=1e-5, abs=1e-8)


# --- runs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_line(method):
    derivation = solved(method=method)
    assert number(derivation, "A, lowest found: a, b") == pytest.approx([0.8, 2.3], abs=1e-9)
    assert number(derivation, "from (0, 0): a, b") == pytest.approx([0.8, 2.3], abs=1e-3)


def test_the_closed_form_beside_the_fit():
    derivation = solved()
    x, y = np.arange(4.0), np.array([1, 3, 5, 8])
    b, a = np.polyfit(x, y, 1)
    assert number(derivation, "closed form: a, b") == pytest.approx([a, b], abs=1e-12)
    assert number(derivation, "closed form: loss") == pytest.approx(np.mean((a + b * x - y) ** 2), abs=1e-12)
    assert "other starts" not in said(derivation)


def test_no_closed_form_where_the_parameters_are_not_linear():
    assert not [r for r in solved(DECAY, starts=[1]).results if "closed" in r.name]


def test_an_offset_without_parameters_in_the_closed_form():
    assert number(solved(model=r"\hat{y} = a x + 1"), "closed form: a") == pytest.approx([31 / 14])


def test_dependent_columns_are_said_to_have_no_single_solution():
    derivation = solved(model=r"\hat{y} = a x + b x")
    assert "more than one choice" in said(derivation)
    assert number(derivation, "A, plateau: loss") == pytest.approx(1 / 14 * (99 * 14 - 37**2) / 4)


def test_starts_are_numbers_for_all_or_lists():
    derivation = solved(TWO, starts=[0, [1, 1]])
    names = {r.name for r in derivation.results}
    assert {"one: from (0, 0): loss", "one: from (1, 1): loss", "two: from (0, 0, 0): loss"} <= names
    assert "two: from (1, 1): loss" not in names


def test_finite_differences_need_more_evaluations():
    derivation = solved(TWO, compare="finite differences")
    derived_, differences = (number(derivation, f"two: from (0, 0, 0){how}: evaluations")
                             for how in ("", " by finite differences"))
    assert differences > 3 * derived_
    losses = [number(derivation, f"two: from (0, 0, 0){how}: loss") for how in ("", " by finite differences")]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_a_bound_on_the_iterations_is_kept_and_said(method):
    derivation = solved(DECAY, starts=[[1, 0.1]], iterations=2, method=method)
    assert number(derivation, "from (1, 0.1): iterations") <= 2
    assert "bound on " in number(derivation, "from (1, 0.1): ended")
    assert "did not end by itself: bound on " in said(derivation)


def test_a_tolerance_reaches_the_method():
    made, _ = objective(DECAY)
    loose, tight = (minimise(made, (1, 1), Asked(tolerance=t)) for t in (1e-2, 1e-9))
    assert loose.iterations < tight.iterations
    assert tight.largest < 1e-9


def test_options_reach_the_method():
    loose, tight = (solved(DECAY, starts=[1], options=o) for o in ({"gtol": 1e-2}, {"gtol": 1e-9, "maxiter": 99}))
    assert number(loose, "from (1, 1): iterations") < number(tight, "from (1, 1): iterations")


def test_the_course_begins_at_the_start_and_ends_at_the_loss():
    made, _ = objective(DECAY)
    run = minimise(made, (1, 1), Asked())
    assert len(run.course) == run.iterations + 1
    assert run.course[0] == made.loss(np.ones(2))
    assert run.course[-1] == pytest.approx(run.loss, rel=1e-12)


PROGRAMS = [LINE, DECAY, {**LINE, "model": r"\hat{y} = \sigma(a x)"}, {**TWO, "data": {**TWO["data"], "n": 50}}]


@pytest.mark.parametrize("base", PROGRAMS, ids=lambda b: str(b["model"])[:30])
def test_the_program_computes_the_same_loss_and_gradient(base):
    made = problem(base, starts=[1])
    given_ = setup(made)
    listings = [p.code for p in solve_problem(made).parts if isinstance(p, Listing)]
    assert len(listings) == len(given_.models)
    for model, code in zip(given_.models, listings, strict=True):
        names = {c.name.plain: c.values for c in given_.columns}
        exec(compile(code.partition("start = ")[0], "listing", "exec"), names)
        at = np.full(len(model.parameters), 0.7)
        loss, gradient = names["loss_and_gradient"](at)
        wanted = objective_of(derived(model), given_.arrays).loss_and_gradient(at)
        assert loss == pytest.approx(wanted[0], rel=1e-12)
        assert gradient == pytest.approx(wanted[1], rel=1e-10)


def test_no_program_where_a_function_has_no_code():
    derivation = solved(DECAY, model=r"\hat{y} = a \arctan(b t)", starts=[1])
    assert not [p for p in derivation.parts if isinstance(p, Listing)]


# --- minima -----------------------------------------------------------------------------------------


def test_a_local_minimum_is_told_from_the_lowest():
    derivation = solved(TWO, starts=[0, -1], random_starts=6, subsample=500)
    low, trap = (number(derivation, f"two: {name}: loss") for name in ("A, lowest found", "B, local minimum"))
    assert trap > 5 * low
    assert number(derivation, "two: from (0, 0, 0): loss") == pytest.approx(trap, rel=1e-4)
    words = said(derivation)
    assert "ends at B, a local minimum of the two model" in words
    assert "no weights do better" in words  # of the model that the data come from
    assert "lowest point found from these starts" in words
    assert "global" not in words


def test_a_refined_minimum_has_no_gradient_left():
    made, given = objective(TWO, 1)
    run = minimise(made, (-1, -1, -1), given.asked)
    (place,) = places(made, [run], [])
    assert place.largest < 1e-14 < run.largest
    assert place.loss <= run.loss
    assert np.linalg.eigvalsh(hessian(made, place.point))[0] > 0


def test_copies_are_named():
    base = {"model": r"\hat{y} = a \tanh(b x)", "data": {"n": 60, "seed": 2, "x": "normal", "y": r"\tanh(x)"}}
    derivation = solved(base, starts=[1, -1])
    losses = [r for r in derivation.results if r.name.endswith("minimum: loss") or "lowest found: loss" in r.name]
    assert len(losses) == 2
    assert number(derivation, "A, lowest found: a, b") == pytest.approx([1, 1])
    assert "same weights in another order or with other signs" in said(derivation)


def test_a_saddle_is_named():
    base = {"model": r"\hat{y} = a b x", "data": {"x": [1, 2], "y": [1, 2]}}
    derivation = solved(base, starts=[0])
    assert number(derivation, "A, saddle point: a, b") == [0, 0]
    assert number(derivation, "A, saddle point: eigenvalues of the Hessian") == pytest.approx([-5, 5])


def test_weights_that_grow_without_end_are_on_a_plateau():
    base = {"model": r"\hat{p} = \sigma(a x)", "loss": "bce", "data": {"x": [-2, -1, 1, 2], "y": [0, 0, 1, 1]}}
    derivation = solved(base)
    assert [r for r in derivation.results if "plateau" in r.name]
    assert not [r for r in derivation.results if "lowest found" in r.name]
    assert "only at infinity" in said(derivation)


def test_the_best_constant_is_the_variance():
    name = "loss of the best constant, the variance of y"
    assert number(solved(), name) == pytest.approx(np.var([1, 3, 5, 8]))
    assert number(solved(loss="half squared error"), name) == pytest.approx(np.var([1, 3, 5, 8]) / 2)


# --- the range --------------------------------------------------------------------------------------


def test_the_range_of_the_prediction():
    derivation = solved(TWO, starts=[0])
    ends = next(r.value for r in derivation.results if r.name == "two: range of the prediction")
    assert [text(e) for e in ends] == ["w₂/2", "w₂ σ(w₁)"]
    w = number(derivation, "two: A, lowest found: w_0, w_1, w_2")
    low, high = number(derivation, "two: A: range of the prediction")
    assert (low, high) == pytest.approx((w[2] / 2, w[2] / (1 + np.exp(-w[1]))))


@pytest.mark.parametrize(("model", "through"), [
    (r"\hat{y} = a \tanh(b x + c)", "h₁"), (r"\hat{y} = a + b \sigma(c x)", "h₁"),
    (r"\hat{y} = a + b x", None), (r"\hat{y} = a \sigma(b x^2)", None), (r"\hat{y} = a \sigma(b x) + c x", None),
    (r"\hat{y} = \sigma(a x) (1 - \sigma(a x))", None), (r"\hat{y} = a e^{b x}", None),
])  # fmt: skip
def test_for_which_models_a_range_is_told(model, through):
    given = setup(problem(model=model))
    found = reach(given, given.models[0])
    assert (found and text(found.through)) == through


# --- stopping ---------------------------------------------------------------------------------------


GROWTH = {"model": r"\hat{y} = a e^{b x}", "data": {"n": 20, "x": "grid(0, 1)", "y": "x"}}


def test_a_run_that_overflows_stops_with_step_and_value_and_others_go_on():
    derivation = solved(GROWTH, starts=[[1, 300], [1, 0]])
    ended = number(derivation, "from (1, 300): ended")
    assert ended.startswith("stopped in iteration ")
    assert "the loss is too large at a = " in ended
    assert [r for r in derivation.results if r.name == "A, lowest found: loss"]


def test_a_fit_that_cannot_begin_is_refused():
    with pytest.raises(MathError, match="cannot begin: stopped in iteration 1: the loss has no value at a = -1"):
        solved(model=r"\hat{y} = \ln(a) + b x", starts=[-1])


def test_an_interrupted_run_hands_over_what_it_reached(monkeypatch):
    calls = []

    class Interrupting(_fit_run._Watch):
        def after(self, point):
            super().after(point)
            calls.append(point)
            if len(calls) == 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(_fit_run, "_Watch", Interrupting)
    with progress.heard(lambda *_: None) as course:
        derivation = solved(TWO, starts=[0, 1])
    assert course.interrupted
    assert number(derivation, "interrupted") == "one"
    assert number(derivation, "one: from (0, 0): ended") == "interrupted in iteration 4"
    assert number(derivation, "one: from (0, 0): iterations") == 3
    assert number(derivation, "one: from (0, 0): w_0, w_1") == pytest.approx(calls[-1])
    assert "interrupted; what was reached" in said(derivation)


def test_a_fit_that_takes_too_long_is_told_as_far_as_it_came(monkeypatch):
    monkeypatch.setattr(_fit_work, "FIT_SECONDS", 0.0)
    derivation = solved(TWO, starts=[0])
    assert number(derivation, "one: from (0, 0): ended") == "stopped after iteration 1: the fits took too long"


# --- a file -----------------------------------------------------------------------------------------


def from_file(folder, content, data):
    (folder / "points.csv").write_text(content, encoding="utf-8")
    lines = ['kind = "fit"', "[given]", r"model = '\hat{y} = a + b x'", "figure = false", "[given.data]", data]
    sheet = read_text("\n".join(lines), str(folder / "sheet.toml"))
    return solve_problem(sheet.problems[0])


def test_a_csv_file_beside_the_problem_file(tmp_path):
    derivation = from_file(tmp_path, "x,y\n0,1\n1,3\n2,5\n", 'file = "points.csv"')
    assert number(derivation, "A, lowest found: a, b") == pytest.approx([1, 2])


def test_columns_of_a_file_get_letters(tmp_path):
    content = "height,weight\n0,1\n1,3\n2,5\n"
    derivation = from_file(tmp_path, content, 'file = "points.csv"\ncolumns = {x = "height", y = "weight"}')
    assert number(derivation, "A, lowest found: a, b") == pytest.approx([1, 2])


@pytest.mark.parametrize(("content", "data", "message"), [
    ("x,y\n0,1\n1,\n", 'file = "points.csv"', r"points.csv:3: .*y.* missing"),
    ("x,y\n0,1\n1,two\n", 'file = "points.csv"', r'points.csv:3: y is "two"'),
    ("x,z\n0,1\n1,2\n", 'file = "points.csv"', "no column"),
    ("x,y\n0,1\n", 'file = "points.csv"\ncolumns = {x = "x", y = "weight"}', 'no column "weight"'),
    ("x,y\n0,1\n", 'file = "other.csv"', "other.csv"),
    ("x,y\n0,1\n", 'file = "points.csv"\nn = 5', "n beside a file"),
    ("x,y\n0,1\n", "file = 5", "expected a name"),
])  # fmt: skip
def test_files_that_cannot_be_used(tmp_path, content, data, message):
    with pytest.raises(DeriveError, match=message):
        from_file(tmp_path, content, data)


# --- refusals ---------------------------------------------------------------------------------------


REFUSED = [
    ({"data": {"n": 5, "x": "normal"}}, "no column y"),
    ({"data": {"n": "many", "x": "normal", "y": "x"}}, "n: expected a whole number"),
    ({"data": [1, 2]}, "expected a table"),
    ({"model": r"\hat{y} = a + b z", "parameters": ["a", "b"]}, "z in the model is neither"),
    ({"model": r"\hat{y} = a + b y"}, "holds y"),
    ({"model": "y = a + b x"}, "both called y"),
    ({"model": r"\hat{y} = x"}, "no parameters"),
    ({"model": r"\hat{y} = a + b z"}, "no column of the data stands in the model"),
    ({"model": r"\hat{y} + 1 = a x"}, "no model"),
    ({"parameters": ["a", "b", "c"]}, "parameter c stands in no model"),
    ({"starts": [[1, 2, 3]]}, "3 numbers for 2 parameters"),
    ({"loss": "squard error"}, "no loss"),
    ({"loss": "categorical cross-entropy"}, "single output"),
    ({"loss": "binary cross-entropy"}, "y is 3 in row 2"),
    ({"names": ["one", "two"]}, "a name in quotes for each model"),
    ({"tolerance": 0}, "positive"),
    ({"options": {"gotl": 1}}, "BFGS does not take these options: gotl"),
    ({"options": [1]}, "a table of numbers"),
    ({"method": "Newton-CG", "compare": "finite differences"}, "Newton-CG"),
    ({"model": r"\hat{y} = \lfloor a x \rfloor"}, "no rule differentiates"),
]


@pytest.mark.parametrize(("more", "message"), REFUSED)
def test_what_cannot_be_fitted_is_refused(more, message):
    with pytest.raises(DeriveError, match=message):
        solved(**more)


# --- figures ----------------------------------------------------------------------------------------


def drawings(derivation):
    return [p.drawing for p in derivation.parts if isinstance(p, Figure)]


def test_figures_of_one_input_and_two_parameters():
    assert drawings(solved(figure=True)) == ["fit_plot", "cost_curve", "loss_surface"]


def test_the_surface_through_two_minima():
    base = {"model": TWO["model"][1], "data": {**TWO["data"], "n": 500}}
    derivation = solved(base, starts=[0, -1], figure=True)
    assert drawings(derivation) == ["fit_plot", "cost_curve", "loss_surface"]
    last = [p for p in derivation.parts if isinstance(p, Figure)][-1]
    marks = {m["label"]: (m["x"], m["y"]) for m in last.data["marks"]}
    assert marks["A"] == pytest.approx((0, 0), abs=1e-9)
    assert marks["B"] == pytest.approx((1, 0), abs=1e-9)
    values = np.array(last.data["values"])
    row, column = (int(np.abs(np.array(last.data[axis])).argmin()) for axis in "yx")
    assert values[row, column] < 0.2 * np.median(values)


def test_no_curve_for_two_inputs():
    base = {"model": r"\hat{y} = a x + b z", "data": {"n": 20, "x": "normal", "z": "normal", "y": "x - 2z"}}
    assert "fit_plot" not in drawings(solved(base, figure=True))


# --- shipped problems -------------------------------------------------------------------------------


SHIPPED = {name: path for name, path in problem_files().items() if "/fit-" in name or name.endswith("-ii-fit")}


@pytest.mark.parametrize("name", [name for name in SHIPPED if name.startswith("gallery/")])
def test_a_shipped_fit_is_proved_and_ends_at_a_minimum(name):
    (problem_,) = read_file(SHIPPED[name]).problems
    derivation = solve_problem(problem_)
    assert derivation.status() is Status.PROVED
    assert [r for r in derivation.results if r.name.endswith("A, lowest found: loss")]


@pytest.fixture(scope="module")
def sheet():
    (problem_,) = read_file(SHIPPED["sheets/s3-p1-ii-fit"]).problems
    return solve_problem(problem_)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value", "tolerance"), [
    ("1-layer: from (0, 0) by finite differences: loss", 5.98585e-13, 1e-3),  # as printed in the sheet's solution
    ("2-layer: from (0, 0, 0): loss", 0.0100432262, 1e-6),
    ("2-layer: A, lowest found: loss", 0.000861848567109097, 1e-10),
    ("2-layer: B, local minimum: loss", 0.010043226188208078, 1e-12),
    ("2-layer: A, lowest found: w_0, w_1, w_2", [-1.2651451079124898, -2.295180679190774, 1.9691211021413053], 1e-9),
    ("2-layer: B, local minimum: w_0, w_1, w_2", [5.59254331784782, 3.454414528691163, 0.6733700088073605], 1e-9),
    ("2-layer: B: range of the prediction", [0.336685, 0.65273965], 1e-6),
    ("loss of the best constant, the variance of y", 0.04327415763886619, 1e-12),
])  # fmt: skip
def test_the_sheets_numbers(sheet, name, value, tolerance):
    assert number(sheet, name) == pytest.approx(value, rel=tolerance)


@pytest.mark.slow
def test_the_sheets_own_way_needs_four_times_the_evaluations(sheet):
    own = number(sheet, "2-layer: from (0, 0, 0) by finite differences: evaluations")
    assert own >= 3.5 * number(sheet, "2-layer: from (0, 0, 0): evaluations")
