"""Convolutions: NumPy and SciPy get the same outputs and gradients, every step is proved, and misfits are refused."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import convolve, correlate

from derive.api import solve_problem
from derive.errors import DeriveError, LimitError
from derive.kinds import convolution
from derive.kinds._convolution_formula import gradients
from derive.kinds._convolution_given import setup
from derive.read.problems import make
from derive.steps import Chain, Figure, Formula, Heading, Status, Table
from derive.tree import Matrix, numeric
from derive.write.text import text

QUIET = {"figure": False}


def solved(**given):
    """With the verifier."""
    return solve_problem(make("convolution", {**QUIET, **given}))


def quick(**given):
    """Without it."""
    return convolution.solve(make("convolution", {**QUIET, "matrix": False, **given}))


def numbers(derivation, name):
    """A result as an array of exact numbers."""
    value = next(r.value for r in derivation.results if r.name == name)

    def plain(part):
        return [plain(p) for p in part] if isinstance(part, tuple) else numeric(part)

    return np.array(plain(value), dtype=object)


def values(derivation, name):
    """A result as text, entry by entry."""
    value = next(r.value for r in derivation.results if r.name == name)
    return [text(entry) for entry in value] if isinstance(value, tuple) else text(value)


def chains(derivation, left):
    return [c for c in derivation.parts if isinstance(c, Chain) and c.left is not None and text(c.left) == left]


# --- what comes out ----------------------------------------------------------------------------------

LINE = {"input": [1, 2, 0, -1, 3, 1], "kernel": [2, -1, 1], "bias": 1, "upstream": [1, -2, 3, 1]}


def test_a_line_forward_and_backward():
    derivation = quick(**LINE)
    assert values(derivation, "output") == ["1", "4", "5", "-3"]
    assert values(derivation, "gradient by the kernel") == ["-4", "2", "12"]
    assert values(derivation, "gradient by the bias") == "3"
    assert values(derivation, "gradient by the input") == ["2", "-5", "9", "-3", "2", "1"]


def test_the_forward_pass_is_a_cross_correlation_and_flipped_a_convolution():
    x, w = [2, 0, 1, -1, 4, 3], [1, 3, -2]
    assert numbers(quick(input=x, kernel=w), "output").tolist() == correlate(x, w, "valid").tolist()
    assert numbers(quick(input=x, kernel=w, flip=True), "output").tolist() == convolve(x, w, "valid").tolist()


def test_the_gradient_by_the_input_is_the_full_convolution_and_by_the_kernel_a_cross_correlation():
    derivation = quick(**LINE)
    x, w, d = LINE["input"], LINE["kernel"], LINE["upstream"]
    assert numbers(derivation, "gradient by the input").tolist() == convolve(d, w, "full").tolist()
    assert numbers(derivation, "gradient by the kernel").tolist() == correlate(x, d, "valid").tolist()


def test_two_axes_against_scipy():
    image, kernel = np.arange(9).reshape(3, 3) % 5 - 2, np.array([[1, -1], [2, 3]])
    upstream = np.array([[1, -1], [0, 2]])
    derivation = quick(input=image.tolist(), kernel=kernel.tolist(), upstream=upstream.tolist())
    assert (numbers(derivation, "output") == correlate(image, kernel, "valid")).all()
    assert (numbers(derivation, "gradient by the kernel") == correlate(image, upstream, "valid")).all()
    assert (numbers(derivation, "gradient by the input") == convolve(upstream, kernel, "full")).all()


def test_two_axes_with_channels_by_definition():
    x, w = np.arange(8).reshape(2, 2, 2) - 3, np.arange(8).reshape(2, 2, 1, 2) % 3
    derivation = quick(input=x.tolist(), kernel=w.tolist(), bias=[1, 2])
    wanted = np.einsum("cij,ocj->oi", x, w[:, :, 0]) + np.array([[1], [2]])
    assert numbers(derivation, "output").tolist() == wanted[:, :, None].tolist()


def test_letters_stay_letters():
    derivation = quick(input_size=4, kernel_size=2, bias="b")
    assert values(derivation, "output") == ["w₀ x₀ + w₁ x₁ + b", "w₀ x₁ + w₁ x₂ + b", "w₀ x₂ + w₁ x₃ + b"]
    assert values(derivation, "gradient by the input") == ["δ₀ w₀", "δ₀ w₁ + δ₁ w₀", "δ₁ w₁ + δ₂ w₀", "δ₂ w₁"]
    assert not [p for p in derivation.parts if isinstance(p, Heading) and p.text == ("Gradient check",)]


def test_own_letters_are_put_in():
    derivation = quick(input=["q", 2, "r"], kernel=["f", 2])
    assert values(derivation, "output") == ["f q + 4", "2f + 2r"]


def test_a_loss_gives_the_upstream_gradient():
    derivation = quick(input=[1, 2, 3], kernel=[1, -1], loss=r"\frac{1}{2} (y_0 - 1)^2 + y_1^3")
    assert values(derivation, "output") == ["-1", "-1"]
    assert values(derivation, "gradient by the kernel") == ["4", "5"]  # upstream (-2, 3)


def test_an_input_that_no_window_reaches_has_gradient_zero():
    derivation = quick(input=[1, 2, 3, 4], kernel=[1], stride=2, upstream=[5, 7])
    assert values(derivation, "gradient by the input") == ["5", "0", "7", "0"]


@pytest.mark.parametrize(("more", "before", "after", "out"), [
    ({"padding": "same"}, 1, 1, 5), ({"padding": "same", "stride": 2}, 1, 1, 3), ({"padding": "valid"}, 0, 0, 3),
    ({"padding": 2, "stride": 3}, 2, 2, 3), ({"dilation": 2}, 0, 0, 1), ({"padding": "same", "dilation": 2}, 2, 2, 5),
])
def test_sizes_and_paddings(more, before, after, out):
    (axis,) = setup(make("convolution", {"input_size": 5, "kernel_size": 3, **more}).given).axes
    assert (axis.before, axis.after, axis.out) == (before, after, out)


def test_same_padding_of_an_even_kernel_puts_the_odd_zero_behind():
    derivation = quick(input=[1, 2, 3], kernel=[1, 10], padding="same")
    assert values(derivation, "output") == ["21", "32", "3"]


def test_each_axis_may_have_its_own_stride_padding_and_dilation():
    given = setup(make("convolution", {"input_size": [4, 7], "kernel_size": [2, 3], "stride": [1, 2],
                                       "padding": [0, 1], "dilation": [3, 1]}).given)
    assert [a.out for a in given.axes] == [1, 4]


# --- every step --------------------------------------------------------------------------------------

PROVED = [
    LINE,
    {"input": [1, -1, 2, 0, 3], "kernel": [1, 2, -1], "bias": "0.5", "stride": 2, "padding": 1},
    {"input": [2, 0, 1, -1], "kernel": [1, 3], "dilation": 2, "padding": 1, "flip": True},
    {"input": [[1, 2, 0], [0, 1, 3]], "kernel": [[1, -1], [2, 1]], "bias": 1, "padding": 1, "stride": 2},
    {"input": [[1, 2, -1], [0, 1, 3]], "kernel": [[[1, -1], [2, 0]], [[0, 1], [1, 1]]], "bias": [1, -1]},
    {"input_size": 3, "kernel_size": 2, "bias": "b", "loss": "y_0^2 + y_1"},
    {"input": [2, 3], "kernel": [5], "upstream": [1, 1]},
    {"input": [2], "kernel": [5], "bias": "b"},
    {"input": [1, 3, 2], "kernel": [1, 2], "loss": r"\ln(1 + y_0^2) + \sigma(y_1)"},
]


@pytest.mark.slow
@pytest.mark.parametrize("given", PROVED)
def test_every_step_is_proved(given):
    derivation = solved(**given)
    assert derivation.status() is Status.PROVED


@pytest.mark.parametrize("given", [PROVED[0], PROVED[4]])
def test_the_gradients_in_index_notation(given):
    made = gradients(setup(make("convolution", given).given))
    ends = [text(d.whole.steps[-1].after) for d in made]
    if "upstream" in given:
        assert ends == ["Σ[i] δᵢ xᵢ₊ₗ", "Σ[i] δᵢ", "Σ[i] δᵢ Σ[k] wₖ·𝟙[i + k = j]"]
    else:
        assert ends == ["Σ[i] δ_(a,i) x_(g,i + l)", "Σ[i] δ_(a,i)",
                        "Σ[o] Σ[i] δ_(o,i) Σ[k] w_(o,g,k)·𝟙[i + k = j]"]
    assert "only terms with the variable survive, constant rule" in [s.rule for s in made[0].local.steps]


def test_the_padding_shows_and_counts_as_zero():
    derivation = quick(input=[5], kernel=[1, 2, 3], padding=1)
    (chain,) = chains(derivation, "y₀")
    assert text(chain.steps[0].after) == "w₀ x₋₁ + w₁ x₀ + w₂ x₁"
    assert text(chain.steps[1].after) == "1·0 + 2·5 + 3·0"


def test_the_matrix_is_toeplitz_and_its_transpose_goes_back():
    derivation = quick(input_size=4, kernel_size=2, matrix=True)
    sides = (side for p in derivation.parts if isinstance(p, Formula) for side in p.node.sides)
    assert text(next(s for s in sides if isinstance(s, Matrix))) == "[[w₀, w₁, 0, 0], [0, w₀, w₁, 0], [0, 0, w₀, w₁]]"
    (back,) = chains(derivation, "Tᵀ δ")
    assert text(back.steps[-1].after) == "[[∂L/∂x₀], [∂L/∂x₁], [∂L/∂x₂], [∂L/∂x₃]]"


@pytest.mark.parametrize(("more", "windows"), [
    ({}, "[[0, δ₀], [δ₀, δ₁], [δ₁, δ₂], [δ₂, 0]] [[w₁], [w₀]]"),
    ({"stride": 2}, "[[0, δ₀], [δ₀, 0], [0, δ₁], [δ₁, 0]] [[w₁], [w₀]]"),
    ({"dilation": 2}, "[[0, δ₀], [0, δ₁], [δ₀, 0], [δ₁, 0]] [[w₁], [w₀]]"),
    ({"padding": 1}, "[[δ₀, δ₁], [δ₁, δ₂], [δ₂, δ₃], [δ₃, δ₄]] [[w₁], [w₀]]"),
    ({"padding": 2}, "[[δ₁, δ₂], [δ₂, δ₃], [δ₃, δ₄], [δ₄, δ₅]] [[w₁], [w₀]]"),
    ({"flip": True}, "[[0, δ₀], [δ₀, δ₁], [δ₁, δ₂], [δ₂, 0]] [[w₀], [w₁]]"),
])
def test_the_gradient_by_the_input_slides_the_kernel_over_the_upstream_gradient(more, windows):
    (chain,) = chains(quick(input_size=4, kernel_size=2, matrix=True, **more), "D v")
    assert text(chain.steps[0].before) == windows
    assert text(chain.steps[-1].after) == "[[∂L/∂x₀], [∂L/∂x₁], [∂L/∂x₂], [∂L/∂x₃]]"


def test_a_check_that_differs_would_show():
    derivation = quick(**LINE)
    table = next(p for p in derivation.parts if isinstance(p, Table))
    assert table.caption == ("Gradient check: 10 of 10 agree.",)
    assert [text(row[1][0]) for row in table.rows] == [text(row[2][0]) for row in table.rows]


def test_the_backward_pass_is_left_out_on_request():
    derivation = quick(**{**LINE, "upstream": None}, backward=False)
    assert [r.name for r in derivation.results] == ["output"]


def test_the_picture_shows_the_window_of_an_output():
    derivation = convolution.solve(make("convolution", {"input": [1, 2, 3], "kernel": [4, 5], "padding": 1}))
    (figure,) = [p for p in derivation.parts if isinstance(p, Figure)]
    assert figure.alt == ("Convolution as grids: input 1 2 3; kernel 4 5; output 5 14 23 12; "
                          "the kernel is shown at output 1.")


# --- laws --------------------------------------------------------------------------------------------

small = st.integers(-3, 3)


@st.composite
def lines(draw):
    kernel = draw(st.lists(small, min_size=1, max_size=3))
    return {"input": draw(st.lists(small, min_size=1, max_size=5)), "kernel": kernel,
            "stride": draw(st.integers(1, 3)), "padding": draw(st.integers(0, 2)),
            "dilation": draw(st.integers(1, 2)), "flip": draw(st.booleans())}


def by_definition(given):
    """The output, and each output's coefficient of each input, from the definition."""
    x, w, s, p, d = (given[k] for k in ("input", "kernel", "stride", "padding", "dilation"))
    w = w[::-1] if given["flip"] else w
    padded = [0] * p + x + [0] * p
    span = d * (len(w) - 1) + 1
    starts = range(0, len(padded) - span + 1, s)
    rows = [[sum(w[k] for k in range(len(w)) if i + d * k == j + p) for j in range(len(x))] for i in starts]
    return [sum(w[k] * padded[i + d * k] for k in range(len(w))) for i in starts], np.array(rows)


@settings(max_examples=10, deadline=None)
@given(lines())
def test_output_and_gradients_by_definition(given):
    try:
        out, rows = by_definition(given)
        assert out
        derivation = quick(**given, upstream=list(range(1, len(out) + 1)))
    except (DeriveError, AssertionError):
        with pytest.raises(DeriveError, match="longer than the padded input"):
            quick(**given)
        return
    delta = np.arange(1, len(out) + 1)
    assert numbers(derivation, "output").tolist() == out
    assert numbers(derivation, "gradient by the input").tolist() == (rows.T @ delta).tolist()


@settings(max_examples=10, deadline=None)
@given(st.lists(small, min_size=4, max_size=4), st.lists(small, min_size=2, max_size=2), st.integers(-3, 3))
def test_a_convolution_is_linear_in_its_input(x, w, factor):
    once = numbers(quick(input=x, kernel=w, backward=False), "output")
    scaled = numbers(quick(input=[factor * v for v in x], kernel=w, backward=False), "output")
    assert (scaled == once * Fraction(factor)).all()


# --- misfits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "message"), [
    ({"input": [1, 2], "kernel": [1, 2, 3]}, "longer than the padded input, 2 \\+ 0 \\+ 0 = 2"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "dilation": 3}, "with its gaps 4 long"),
    ({"input": [[1, 2, 3]], "kernel": [[1], [2]]}, "along axis 1"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "stride": 0}, "stride: expected a whole number, 1 or more, found 0"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "stride": [1, 1]}, "stride: 2 numbers for 1 axis"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "padding": -1}, "padding: expected a whole number, 0 or more"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "padding": "full"}, 'padding: "full" is not known'),
    ({"input": [1, 2, 3], "kernel": [1, 2], "dilation": 0}, "dilation: expected"),
    ({"input": [1, 2, 3], "kernel": [[1, 2]]}, "shape 3 and a kernel of shape 1 x 2"),
    ({"input": [[1, 2], [3]], "kernel": [[1]]}, "row 1 has 1 entries, the first one 2"),
    ({"input": [1, [2], 3], "kernel": [1]}, "a list stands at 1"),
    ({"input": [[1, 2], 3], "kernel": [[1]]}, "a whole number stands at 1 where the others have a row"),
    ({"input": [[1, 2], [3, 4]], "kernel": [[[1], [1], [2]]]}, "has 2 channels .* made for 3"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "upstream": [1]}, "upstream has the shape 1, the output 2"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "bias": [1, 2]}, "bias: 2 numbers for 1 output channel"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "upstream": [1, 1], "loss": "y_0"}, "both given"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "loss": "z^2"}, "depends on no output"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "loss": "y_0 + y_5"}, "depends on y_5, which is no output"),
    ({"input": [1, 2, 3], "kernel": [1, 2], "loss": "y_0 + x_0"}, "depends on x_0, which is no output"),
    ({"input": ["s", 2, 3], "kernel": [1, 2]}, "the letter s in the entry x_0"),
    ({"kernel": [1, 2]}, "input: give either its entries or its size"),
    ({"input": [1], "input_size": 1, "kernel": [1]}, "input: give either its entries or its size"),
    ({"input": [], "kernel": [1]}, "input: an empty list"),
    ({"input": 3, "kernel": [1]}, "input: expected a list"),
    ({"input": ["a = 1"], "kernel": [1]}, "input at 0"),
    ({"input_size": 0, "kernel_size": 1}, "input_size: expected whole numbers above zero"),
])
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(DeriveError, match=message):
        quick(**given)


def test_more_than_a_page_can_hold_is_refused():
    with pytest.raises(LimitError, match="2550 products"):
        quick(input_size=100, kernel_size=50)
