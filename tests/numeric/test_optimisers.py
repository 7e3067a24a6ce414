from fractions import Fraction

import numpy as np
import pytest

from derive import limits
from derive.errors import DeriveError, LimitError, MathError
from derive.numeric import exact
from derive.numeric.evaluate import compile
from derive.numeric.optimisers import (
    METHODS,
    AdaGrad,
    Adam,
    FormulaStep,
    LineSearch,
    Momentum,
    Nesterov,
    Newton,
    Plain,
    RMSProp,
    run,
)
from derive.read.latex import read
from derive.tree import Symbol, Vector

F = Fraction
VARIABLES = (Symbol("x"), Symbol("y"))
SADDLE = read("2x^2 + 3xy"), Vector((read("4x + 3y"), read("3x"))), read(r"\begin{bmatrix}4 & 3 \\ 3 & 0\end{bmatrix}")
BOWL = read("x^2 + 10y^2"), Vector((read("2x"), read("20y"))), read(r"\begin{bmatrix} 2 & 0 \\ 0 & 20 \end{bmatrix}")
ROSENBROCK = (
    read("(1 - x)^2 + 100(y - x^2)^2"),
    Vector((read("-2(1 - x) - 400x(y - x^2)"), read("200(y - x^2)"))),
    read(r"\begin{bmatrix} 2 - 400(y - x^2) + 800x^2 & -400x \\ -400x & 200 \end{bmatrix}"),
)


def _run(method, problem, start, steps, exactly=False):
    maker = exact.function if exactly else compile
    cost, gradient, hessian = (maker(node, VARIABLES) for node in problem)
    return run(method, gradient, start, steps, cost=cost, hessian=hessian, exact=exactly)


@pytest.mark.parametrize("exactly", [False, True])
def test_plain_descent_agrees_with_working_by_hand(exactly):
    trace = _run(Plain(1), SADDLE, (1, 9), 3, exactly)
    assert trace.points.tolist() == [[1, 9], [-30, 6], [72, 96], [-504, -120]]
    assert trace.gradients.tolist() == [[31, 3], [-102, -90], [576, 216], [-2376, -1512]]
    assert trace.costs.tolist() == [29, 1260, 31104, 689472]
    assert trace.step_sizes.tolist() == [1, 1, 1]
    assert trace.stopped is None
    assert trace.steps == 3


def test_exact_iterates_are_fractions():
    trace = _run(Plain(F(1, 10)), SADDLE, (2, 9), 3, exactly=True)
    assert trace.points[-1].tolist() == [F(-4707, 1000), F(9876, 1000)]
    assert trace.costs[-1] == F("-95.147298")


def _by_hand(step, start, steps):
    """An independent transcription of a rule: ``step(point, t)`` changes its own state."""
    points = [np.array(start, float)]
    for t in range(1, steps + 1):
        points.append(step(points[-1], t))
    return np.array(points)


def _gradient(p):
    return np.array([2 * p[0], 20 * p[1]])


def _goodfellow_momentum(alpha, beta):
    velocity = np.zeros(2)

    def step(p, t):
        nonlocal velocity
        velocity = beta * velocity - alpha * _gradient(p)
        return p + velocity

    return step


def _goodfellow_nesterov(alpha, beta):
    velocity = np.zeros(2)

    def step(p, t):
        nonlocal velocity
        velocity = beta * velocity - alpha * _gradient(p + beta * velocity)
        return p + velocity

    return step


def _duchi(alpha, delta):
    total = np.zeros(2)

    def step(p, t):
        nonlocal total
        total = total + _gradient(p) ** 2
        return p - alpha / (delta + np.sqrt(total)) * _gradient(p)

    return step


def _hinton(alpha, rho, delta):
    mean = np.zeros(2)

    def step(p, t):
        nonlocal mean
        mean = rho * mean + (1 - rho) * _gradient(p) ** 2
        return p - alpha / np.sqrt(delta + mean) * _gradient(p)

    return step


def _kingma(alpha, beta1, beta2, epsilon):
    m, v = np.zeros(2), np.zeros(2)

    def step(p, t):
        nonlocal m, v
        m, v = beta1 * m + (1 - beta1) * _gradient(p), beta2 * v + (1 - beta2) * _gradient(p) ** 2
        # the second form of the paper, section 2
        rate = alpha * np.sqrt(1 - beta2**t) / (1 - beta1**t)
        return p - rate * m / (np.sqrt(v) + epsilon * np.sqrt(1 - beta2**t))

    return step


@pytest.mark.parametrize(
    ("method", "step"),
    [
        (Momentum(0.02, 0.5), _goodfellow_momentum(0.02, 0.5)),
        (Momentum(), _goodfellow_momentum(0.01, 0.9)),
        (Nesterov(0.02, 0.5), _goodfellow_nesterov(0.02, 0.5)),
        (AdaGrad(), _duchi(0.01, 1e-7)),
        (RMSProp(), _hinton(0.001, 0.9, 1e-6)),
        (Adam(), _kingma(0.001, 0.9, 0.999, 1e-8)),
        (Adam(0.1, 0.8, 0.9, 1e-3), _kingma(0.1, 0.8, 0.9, 1e-3)),
    ],
)
def test_a_rule_agrees_with_its_source(method, step):
    trace = _run(method, BOWL, (10, 1), 25)
    assert trace.points == pytest.approx(_by_hand(step, (10, 1), 25), rel=1e-12)


def test_adams_first_step_is_the_step_size_in_every_direction():
    trace = _run(Adam(0.5), BOWL, (10, -1), 1)
    assert trace.points[1] == pytest.approx([9.5, -0.5], rel=1e-6)


@pytest.mark.parametrize("method", [Momentum(F(1, 50), F(1, 2)), Nesterov(F(1, 50), F(1, 2)), Newton(), LineSearch()])
def test_exact_and_floating_iterates_agree(method):
    exactly, floating = _run(method, BOWL, (10, 1), 6, True), _run(method, BOWL, (10, 1), 6)
    assert all(isinstance(x, F) for x in exactly.points.ravel())
    assert floating.points == pytest.approx(exactly.points.astype(float), rel=1e-12, abs=1e-12)
    assert floating.step_sizes == pytest.approx(exactly.step_sizes.astype(float))
    for name, rows in exactly.states.items():
        assert floating.states[name] == pytest.approx(rows.astype(float), rel=1e-12, abs=1e-12)


def test_newton_needs_one_step_on_a_quadratic():
    assert _run(Newton(), SADDLE, (1, 9), 1, exactly=True).points[-1].tolist() == [0, 0]


def test_line_search_on_a_quadratic_is_the_textbook_formula():
    trace = _run(LineSearch(), BOWL, (10, 1), 3, exactly=True)
    assert trace.points.tolist()[1:3] == [[F(90, 11), F(-9, 11)], [F(810, 121), F(81, 121)]]
    g, h = np.array([20, 20]), np.diag([2, 20])
    assert trace.step_sizes[0] == F(int(g @ g), int(g @ h @ g))


def test_line_search_makes_neighbouring_gradients_orthogonal():
    trace = _run(LineSearch(), ROSENBROCK, (-1.2, 1), 20)
    products = np.einsum("ij,ij->i", trace.gradients[:-1], trace.gradients[1:])
    sizes = np.linalg.norm(trace.gradients[:-1], axis=1) ** 2
    assert np.abs(products / sizes).max() < 1e-9
    assert (np.diff(trace.costs) < 0).all()


def test_line_search_stays_at_a_stationary_point():
    trace = _run(LineSearch(), BOWL, (0, 0), 2, exactly=True)
    assert trace.points.tolist() == [[0, 0]] * 3
    assert trace.step_sizes.tolist() == [0, 0]


def test_line_search_says_where_a_function_is_unbounded():
    trace = _run(LineSearch(), SADDLE, (1, 9), 10)
    assert (trace.stopped.step, trace.stopped.what) == (2, "step")
    assert "no minimum" in trace.stopped.reason
    assert _run(LineSearch(), SADDLE, (1, 9), 10, exactly=True).stopped.step == 2


def test_exact_line_search_is_refused_on_what_is_not_quadratic():
    trace = _run(LineSearch(), ROSENBROCK, (F(-6, 5), 1), 2, exactly=True)
    assert trace.steps == 0
    assert "quadratic" in trace.stopped.reason


@pytest.mark.parametrize("exactly", [False, True])
def test_a_singular_hessian_ends_newtons_method(exactly):
    problem = read("x + y"), Vector((read("1"), read("1"))), read(r"\begin{bmatrix} 0 & 0 \\ 0 & 0 \end{bmatrix}")
    trace = _run(Newton(), problem, (1, 1), 3, exactly)
    assert trace.stopped.reason == "the Hessian is singular"
    assert trace.points.tolist() == [[1, 1]]


def test_an_exact_linear_system_exchanges_rows():
    trace = _run(Newton(), (*SADDLE[:2], read(r"\begin{bmatrix} 0 & 3 \\ 3 & 4 \end{bmatrix}")), (1, 9), 1, True)
    direction = trace.states["direction"][1].astype(float)
    assert np.array([[0, 3], [3, 4]]) @ direction == pytest.approx([31, 3])


T = Symbol("t")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (F(1, 4), [F(1, 4)] * 3),
        ([F(1), F(1, 2), F(1, 3)], [F(1), F(1, 2), F(1, 3)]),
        (FormulaStep(read(r"\frac{1}{t}"), T), [F(1), F(1, 2), F(1, 3)]),
    ],
)
def test_step_sizes_follow_their_schedule(size, expected):
    assert _run(Plain(size), BOWL, (1, 1), 3, exactly=True).step_sizes.tolist() == expected
    assert _run(Plain(size), BOWL, (1, 1), 3).step_sizes == pytest.approx([float(a) for a in expected])


def test_an_irrational_step_size_is_for_floats_only():
    method = Plain(FormulaStep(read(r"\frac{1}{\sqrt{t}}"), T))
    assert _run(method, BOWL, (1, 1), 2).step_sizes == pytest.approx([1, 0.5**0.5])
    trace = _run(method, BOWL, (1, 1), 2, exactly=True)
    assert (trace.steps, trace.stopped.step) == (1, 2)


def test_a_list_of_step_sizes_must_be_long_enough():
    with pytest.raises(DeriveError, match="step 3 has no step size: 2 are given"):
        _run(Plain([1, 1]), BOWL, (1, 1), 3)


def test_a_diverging_iteration_ends_at_the_last_finite_point():
    trace = _run(Plain(1), SADDLE, (1, 9), 1000)
    assert trace.stopped.what in ("point", "gradient")
    assert 400 < trace.stopped.step < 500
    assert np.isfinite(trace.points).all()
    assert len(trace.points) == trace.steps + 1 == len(trace.costs)


def test_a_gradient_that_does_not_exist_ends_the_iteration():
    gradient = Vector((read(r"\frac{1}{x}"), read("y")))
    for maker, exactly in ((compile, False), (exact.function, True)):
        trace = run(Plain(1), maker(gradient, VARIABLES), (1, 1), 5, exact=exactly)
        assert trace.points.tolist() == [[1, 1], [0, 0]]
        assert trace.stopped.what == "gradient"
        assert not np.isfinite(trace.gradients[1].astype(float)).all()


@pytest.mark.parametrize("start", [(0, 1), (float("nan"), 1), (float("inf"), 1), (10**400, 1)])
def test_an_iteration_that_cannot_begin_is_refused(start):
    with pytest.raises(MathError):
        run(Plain(1), compile(Vector((read(r"\frac{1}{x}"), read("y"))), VARIABLES), start, 5)


def test_exact_numbers_that_grow_too_long_end_the_iteration():
    gradient = exact.function(Vector((read("x^2 - x"), read("y"))), VARIABLES)
    trace = run(Plain(1), gradient, (F(1, 3), 1), 50, exact=True)
    assert trace.stopped.what == "size"
    assert 3 < trace.steps < 20


def test_a_cost_that_is_not_rational_is_missing():
    gradient = exact.function(Vector((read(r"\frac{1}{x}"), read("y"))), VARIABLES)
    cost = exact.function(read(r"\log(x) + \frac{y^2}{2}"), VARIABLES)
    assert run(Plain(F(1, 2)), gradient, (1, 1), 1, cost=cost, exact=True).costs.tolist() == [F(1, 2), None]


@pytest.mark.parametrize("method", [AdaGrad(), RMSProp(), Adam()])
def test_methods_with_roots_are_not_exact(method):
    with pytest.raises(DeriveError, match="square roots"):
        _run(method, BOWL, (1, 1), 1, exactly=True)


def test_floats_are_refused_in_an_exact_run():
    with pytest.raises(MathError, match=r"0\.5 is a float"):
        _run(Plain(1), BOWL, (0.5, 1), 1, exactly=True)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(((1, 1), 0), DeriveError), (((1, 1), -3), DeriveError), (((1, 1), limits.STEPS_MAXIMUM + 1), LimitError)],
)
def test_the_number_of_steps_is_checked(arguments, error):
    with pytest.raises(error):
        _run(Plain(), BOWL, *arguments)


def test_a_start_of_the_wrong_length_is_refused():
    with pytest.raises(DeriveError, match="takes 2 numbers, not 3"):
        _run(Plain(), BOWL, (1, 2, 3), 1)
    with pytest.raises(DeriveError, match="the gradient has 2 components, the start 1"):
        run(Plain(), lambda x: [x, x], (1,), 1)


def test_newton_without_a_hessian_is_refused():
    with pytest.raises(DeriveError, match="needs the Hessian"):
        run(Newton(), compile(BOWL[1], VARIABLES), (1, 1), 1)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_lowers_the_cost_of_a_bowl(name):
    trace = _run(METHODS[name](), BOWL, (10, 1), 1000)
    assert trace.costs[-1] < trace.costs[0]
    assert all(rows.shape == trace.points.shape for rows in trace.states.values())
    method = METHODS[name]
    assert method.title and method.source and method.__doc__
