"""Backpropagation in matrix form as a kind: what is printed, with numbers, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from derive.api import solve_problem
from derive.errors import DeriveError
from derive.kinds._explicit import explicit, slopes, with_all_entries
from derive.read.latex import read
from derive.read.problems import make, read_file
from derive.steps import Chain, Derivation, Formula, Paragraph, Status, Table
from derive.tree import Matrix, Node, Number, Symbol
from derive.write.text import text

GALLERY = Path(__file__).parents[2] / "problems" / "gallery"
SHIPPED = sorted(path.name for path in GALLERY.glob("backpropagation-matrix-*.toml"))


def solved(**given) -> Derivation:
    return solve_problem(make("backpropagation", {"form": "matrix", **given}))


def results(derivation: Derivation) -> dict[str, object]:
    return {r.name: r.value for r in derivation.results}


def shown(derivation: Derivation) -> str:
    """Everything that is printed, as text."""
    lines: list[str] = []
    for part in derivation.parts:
        match part:
            case Chain(steps):
                lines += [text(s.after) for s in steps]
            case Formula(node):
                lines.append(text(node))
            case Table(_, rows):
                lines += [" | ".join(_prose(cell) for cell in row) for row in rows]
    return "\n".join(lines)


def _prose(cell) -> str:
    return "".join(p if isinstance(p, str) else text(p) for p in cell)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_problems_are_proved(name):
    sheet = read_file(GALLERY / name)
    assert not sheet.errors
    for problem in sheet.problems:
        assert solve_problem(problem).status() is Status.PROVED


def test_the_classifier():
    found = solved(sizes=[4, 8, 8, 3], activations=["relu", "relu", "softmax"], loss="ce")
    assert found.status() is Status.PROVED
    values = {name: text(value) for name, value in results(found).items()}
    assert values["delta_sup_3"] == "p - y"
    assert values["gradient by W_sup_2"] == "δ⁽²⁾ (h⁽¹⁾)ᵀ"
    page = shown(found)
    assert "z⁽¹⁾ | (8×4)·(4×1) + 8×1 | 8×1" in page
    assert "∇_(W⁽²⁾) L | (8×1)·(1×8) | 8×8" in page
    assert "∇_(W⁽¹⁾) L | W⁽²⁾ and W⁽³⁾ | x, y, z⁽¹⁾, z⁽²⁾ and p" in page
    assert "δ^(l) = ((W^(l+1))ᵀ δ^(l+1)) ⊙ f'(z^(l))" in page


def test_by_some_parameters_only():
    found = solved(sizes=[2, 3, 2], activations=["tanh", "identity"], loss="mse", by=["x"])
    assert [name for name in results(found) if name.startswith("gradient")] == ["gradient by x"]


# --- numbers --------------------------------------------------------------------------------------------

WEIGHTS = [[[0.5, -0.25], [0.1, 0.2]], [[1.0, -2.0]]]
BIASES = [[0.0, 0.5], [0.25]]


@pytest.mark.slow
def test_numbers_and_an_update_against_numpy():
    (problem,) = read_file(GALLERY / "backpropagation-matrix-numbers.toml").problems
    found = solve_problem(problem)
    assert found.status() is Status.PROVED
    w1, w2 = map(np.array, WEIGHTS)
    b1, b2 = map(np.array, BIASES)
    x, y, rate = np.array([1.0, 2.0]), 1.0, 0.1

    def loss(w1, b1, w2, b2):
        h = 1 / (1 + np.exp(-(w1 @ x + b1)))
        return 0.5 * float((w2 @ h + b2)[0] - y) ** 2

    h = 1 / (1 + np.exp(-(w1 @ x + b1)))
    d2 = w2 @ h + b2 - y
    d1 = (w2.T @ d2) * h * (1 - h)
    expected = {"W_sup_1": np.outer(d1, x), "b_sup_1": d1, "W_sup_2": np.outer(d2, h), "b_sup_2": d2}
    values = results(found)
    for name, gradient in expected.items():
        np.testing.assert_allclose(_floats(values[f"gradient by {name} in numbers"]), gradient.ravel(), rtol=2e-5)
    new = (w1 - rate * np.outer(d1, x), b1 - rate * d1, w2 - rate * np.outer(d2, h), b2 - rate * d2)
    for name, value in zip(("W_sup_1", "b_sup_1", "W_sup_2", "b_sup_2"), new, strict=True):
        np.testing.assert_allclose(_floats(values[f"{name} after the step"]), value.ravel(), rtol=2e-5, atol=1e-6)
    assert _floats(values["L after the step"]) == pytest.approx([loss(*new)], rel=1e-4)
    assert loss(*new) < loss(w1, b1, w2, b2)
    assert shown(found).count("agrees") == 4


def _floats(value) -> list[float]:
    from derive.numeric.value import value_of

    if isinstance(value, Node):
        return [value_of(value)]
    return [x for part in value for x in _floats(part)]


EXPLICIT = [
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \begin{bmatrix} 5 \\ 6 \end{bmatrix}",
     "[[1·5 + 2·6], [3·5 + 4·6]]"),
    (r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}^\top \begin{bmatrix} 5 \\ 6 \end{bmatrix}", "1·5 + 2·6"),
    (r"\begin{bmatrix} 1 \\ 2 \end{bmatrix} \odot \begin{bmatrix} 5 \\ 6 \end{bmatrix}", "[[1·5], [2·6]]"),
    (r"2 \begin{bmatrix} 1 \\ 2 \end{bmatrix}", "[[2·1], [2·2]]"),
    (r"\tanh(\begin{bmatrix} 1 \\ 2 \end{bmatrix})", "[[tanh(1)], [tanh(2)]]"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \mathbf{1}", "[[1 + 2], [3 + 4]]"),
]


@pytest.mark.parametrize(("formula", "written"), EXPLICIT)
def test_matrices_written_out(formula, written):
    assert text(explicit(read(formula))) == written


def test_numbers_among_matrices_stand_in_every_entry():
    node = with_all_entries(read(r"1 - \begin{bmatrix} 5 \\ 6 \end{bmatrix}"))
    assert text(node) == "[[1], [1]] - [[5], [6]]"


@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [("ReLU", "5", "1"), ("ReLU", "-5", "0"), ("ReLU", "0", "0"), ("LeakyReLU", "-1", "0.01"), ("ELU", "2", "1")],
)
def test_slopes_at_numbers(function, at, slope):
    from derive.functions import SPELLINGS
    from derive.tree import Call

    made = Matrix(((Call(SPELLINGS[function], (read(at),), 1),),))
    assert slopes(made) == Matrix(((Number(slope),),))


# --- what is refused ------------------------------------------------------------------------------------

REFUSED = [
    ({"weights": [[[1, 2], [3, 4]], [[1, 2, 3]]], "loss": "mse"}, ["layer 2", "1×3", "2×2"]),
    ({"sizes": [2, 3, 1], "activations": ["relu", "identity"]}, ["needs a loss"]),
    ({"inputs": [1, 2], "weights": [[[1, 2], [3, 4]]], "loss": "mse", "target": [1, 2, 3]}, ["3 targets", "2 outputs"]),
    ({"inputs": [1, 2], "weights": [[[1, 2]]], "loss": "mse"}, ["no target"]),
    ({"sizes": [2, 1], "loss": "mse", "learning_rate": 1}, ["update needs numbers"]),
    ({"sizes": [2, 2], "loss": "mse", "by": ["V"]}, ["no V"]),
    ({"sizes": [2, 3], "activations": ["tanh"], "loss": "ce"}, ["softmax"]),
]


@pytest.mark.parametrize(("given", "words"), REFUSED)
def test_what_does_not_fit_is_said(given, words):
    with pytest.raises(DeriveError) as error:
        solved(**given)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_symbols_keep_their_names():
    found = solved(sizes=[2, 2], activations=["softmax"], loss="ce", letter="E")
    assert "gradient by W" in results(found)
    assert any(isinstance(s, Symbol) and s.name == "E" for r in found.results for s in _symbols(r.label))


def _symbols(node) -> list[Node]:
    from derive.tree import walk

    return list(walk(node)) if isinstance(node, Node) else []


# --- kinks, penalties, targets ---------------------------------------------------------------------------


def test_numbers_on_a_kink_are_told_and_proved():
    derivation = solved(inputs=[1, 1], weights=[[[1, -1], [1, 2]], [[1, 1]]], activations=["ReLU", "identity"],
                        loss="half squared error", target=1)
    assert derivation.status() is Status.PROVED
    assert _floats(results(derivation)["gradient by W_sup_1 in numbers"]) == [0, 0, 2, 2]
    assert "kink between" in shown(derivation) and "differs" not in shown(derivation)
    assert "On a kink" in remarks(derivation)


def test_penalties_in_numbers():
    derivation = solved(inputs=[1, 2], weights=[[[1, 0], [0.5, -1]], [[1, 1]]], activations=["ReLU", "identity"],
                        loss="half squared error", target=0, l1=0.1, l2=0.1)
    assert derivation.status() is Status.PROVED
    assert _floats(results(derivation)["gradient by W_sup_1 in numbers"]) == pytest.approx([1.2, 2, 0.15, -0.2])
    assert "differs" not in shown(derivation) and "Only the penalty" in remarks(derivation, False)


def test_targets_that_add_up_to_one_are_among_what_is_given():
    derivation = solved(sizes=[3, 2], activations=["softmax"], loss="ce")
    assert any("add up to 1" in _prose(line) for line in derivation.given)
    assert not any("add up to 1" in _prose(line) for line in solved(sizes=[3, 2], loss="mse").given)


def remarks(derivation: Derivation, only: bool = True) -> str:
    return " ".join(_prose(p.text) for p in derivation.parts if isinstance(p, Paragraph) and (p.remark or not only))
