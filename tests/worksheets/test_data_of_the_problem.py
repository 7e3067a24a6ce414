"""An exercise shows the data of its problem, whatever it shows of the solution; and shows no table twice."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from derive import api, choices
from derive.documents._tree import Grid, Page, Text, plain
from derive.read.problems import make
from derive.steps import Chain, Definition, Derivation, Paragraph, Step, Table
from derive.tree import Hole, Number, Relation, Sum, Symbol
from derive.worksheets.model import Draw, Item, Source, Student, Variant
from derive.worksheets.modes._lines import page, question_page, sheet
from derive.worksheets.modes._visible import hidden
from tests.worksheets.test_seen import remarks

DATA = Table((("x",),), (((Number("5"),),), ((Number("7"),),)), ("The data.",), given=True)
WORK = Table((("x squared",),), (((Number("25"),),),), ("The squares.",))
SUM = Chain((Step(Sum((Number("5"), Number("7"))), Number("12"), "add"),), Symbol("s"))
DERIVATION = Derivation("A sum", "expression", (("two numbers",),), (("their sum",),), (DATA, Paragraph(("Add.",)), SUM,
                        WORK), ())


def grids(shown: Page) -> list[Grid]:
    return [block for block in shown.blocks if isinstance(block, Grid)]


@pytest.mark.parametrize("posed", [page, question_page])
def test_a_page_shows_tables_of_data_before_anything_else(posed) -> None:
    shown = posed(DERIVATION, [Text(("Your work",))])
    assert [type(block) for block in shown.blocks] == [Grid, Text]
    assert grids(shown)[0].caption == DATA.caption and grids(shown)[0].rows == DATA.rows


def test_a_table_of_the_solution_is_not_shown() -> None:
    assert grids(page(replace(DERIVATION, parts=(WORK,)), [])) == []


def test_a_table_of_data_that_stands_among_the_blocks_is_not_shown_again() -> None:
    shown = page(DERIVATION, sheet(DERIVATION).blocks)
    assert [grid.caption for grid in grids(shown)] == [DATA.caption, WORK.caption]


def test_data_are_never_hidden() -> None:
    data, work = (block for block in sheet(DERIVATION).blocks if isinstance(block, Grid))
    assert hidden(data, Number("5"), Hole()) == data
    assert hidden(work, Number("25"), Hole()) != work


def test_two_tables_of_data_with_other_captions_are_both_shown() -> None:
    other = replace(DATA, caption=("The data of another year.",))
    assert len(grids(page(replace(DERIVATION, parts=(DATA, other)), []))) == 2


# --- what each kind shows ---------------------------------------------------------------------------------


def words(kind: str, **given: object) -> list[str]:
    """What a page without any of the solution says: what is given and asked, and the cells of its tables."""
    derivation = api.derived(make(kind, given))
    shown = page(derivation, [])
    said = [plain(item) for statement in shown.statements for item in statement.items]
    for grid in grids(shown):
        said += [plain(grid.caption), *(" | ".join(map(plain, row)) for row in (grid.header, *grid.rows))]
    return said


TWO_LAYERS = [{"type": "Conv2D", "filters": 8, "kernel_size": 3, "strides": 2}, {"type": "MaxPooling2D"},
              {"type": "Flatten"}, {"type": "Dense", "units": 10, "activation": "softmax", "bias": False}]
NEURON = {"nodes": ["z = w x + b", r"\hat{y} = \sigma(z)"], "loss": "squared error", "target": 1, "figure": False}
EM = {"points": [0, 1, 4, 5], "centres": [0, 4], "method": "EM", "steps": 1, "figure": False}

SHOWN = [
    ("metrics", {"confusion": [[41, 2], [39, 418]], "classes": ["fraud", "no fraud"], "figure": False},
     ["fraud | 41 | 2", "no fraud | 39 | 418", "the positive class is fraud"]),
    ("metrics", {"counts": {"TP": 90, "FP": 198, "FN": 10, "TN": 9702}, "figure": False}, ["positive | 90 | 10"]),
    ("metrics", {"printed": {"precision": [50, 20], "recall": [100, 100]}, "rows": "epoch", "samples": 20},
     ["epoch | precision in % | recall in %", "2 | 20 | 100", "20 samples in each epoch",
      "the same number of positive samples in each epoch"]),
    ("split", {"data": {"x": [1, 2, 3, 4], "class": ["a", "b", "a", "b"]}, "least_rows": 2, "figure": False},
     ["row | x | class", "2 | 2 | b", "at least 2 rows on each side of a split"]),
    ("layers", {"input": [28, 28, 1], "layers": TWO_LAYERS},
     ["1 | conv2d | filters 8, kernel size 3, strides 2", "2 | max_pooling2d | pool size 2", "3 | flatten | ",
      "4 | dense | units 10, softmax, no bias"]),
    ("layers", {"input": [4], "layers": [{"type": "Dense", "units": 3}], "samples": 90, "batch": 8,
                "printed": "dense (Dense)  (None, 3)  16\nTotal params: 16"},
     ["dense | Dense | (None, 3) | 16", "a printed table of the layers, and printed totals: 16 total",
      "90 examples, in batches of 8", "the number of weight updates"]),
    ("clustering", {**EM, "variances": [1, 2], "weights": ["1/4", "3/4"]},
     ["the variances at the start 1 and 2", "the weights at the start 0.25 and 0.75",
      "the weights, means and variances after 1 step of EM, and the log-likelihood"]),
    ("clustering", {"points": list(range(14)), "figure": False},
     ["the points 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 13"]),
    ("backpropagation", {**NEURON, "values": {"w": 1, "b": -2, "x": 2}, "learning_rate": 2},
     ["the learning rate η = 2", "the parameters after one step of gradient descent"]),
    ("backpropagation", {"inputs": [1, 2], "weights": [[[1, -1]]], "biases": [[3]], "activations": ["identity"],
                         "loss": "half squared error", "target": 1, "learning_rate": 2, "form": "matrix"},
     ["the learning rate η = 2", "the parameters after one step of gradient descent"]),
    ("entropy", {"joint": [["1/2", "1/8"], ["1/8", "1/4"]], "rows": ["dry", "rain"]},
     ["the joint probabilities of X (rows: dry, rain) and Y (columns: 1, 2) [[1/2, 1/8], [1/8, 1/4]]"]),
    ("pca", {"points": [[k, k * k] for k in range(10)], "derivation": False, "figure": False},
     ["the points (0, 0), (1, 1), (2, 4), (3, 9), (4, 16), (5, 25), (6, 36), (7, 49), (8, 64) and (9, 81)"]),
    ("fit", {"model": r"\hat{y} = a + b x", "data": {"x": [0, 1, 2], "y": [1, 3, 4]}, "starts": [[1, 2]],
             "figure": False}, ["row | x | y", "3 | 2 | 4", "the run starts at (a, b) = (1, 2)"]),
    ("vote", {"experts": ["0.9", "0.7", "0.6"]}, ["3 experts, right with the probabilities 0.9, 0.7 and 0.6"]),
    ("vote", {"experts": 3, "accuracy": "0.7", "together": "0.3", "accuracies": {"a": "0.8", "b": "0.5"},
              "base": "0.6", "leak": {"share": "0.5", "seen": "0.9"}},
     ["3 experts, each right with probability p = 0.7",
      "with probability c = 0.3 all experts follow one common vote", "measured accuracy of b: a₂ = 0.5",
      "share of the most frequent class: 0.6",
      "share of the test rows seen in training: s = 0.5, answered with the accuracy aₛₑₑₙ = 0.9"]),
    ("maximum-likelihood", {"distribution": "logistic regression", "inputs": [0, 1, 2, 3], "data": [0, 1, 0, 1],
                            "start": [1, -1], "figure": False}, ["the start of Newton's method (w, b) = (1, -1)"]),
    ("maximum-likelihood", {"distribution": r"Poisson(\lambda)", "data": [1, 2] * 8, "figure": False},
     ["data: 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1 and 2"]),
]


@pytest.mark.parametrize(("kind", "given", "wanted"), SHOWN, ids=[f"{row[0]}-{k}" for k, row in enumerate(SHOWN)])
def test_the_numbers_of_a_problem_stand_in_its_exercise(kind, given, wanted) -> None:
    said = words(kind, **given)
    assert [line for line in wanted if line not in said] == [], said


TRAINED = {"data": "circle", "samples": 20, "noise": "0.1", "hidden": [1], "epochs": 2, "learning_rate": "0.5",
           "split": "0.5", "seed": 3, "neurons": False}


def test_a_training_says_what_is_trained_and_how() -> None:
    said = " ".join(words("train", **TRAINED, l2="0.01"))
    for part in ("20 points", "noise 0.1", "a share of 0.5 for training", "layers 2–1–1 (tanh, tanh output)",
                 "half the squared error", "L2 penalty with rate 0.01", "learning rate 0.5", "batches of 10",
                 "2 epochs", "seed 3"):
        assert part in said


def test_several_trainings_say_what_they_share_and_in_a_table_what_they_do_not() -> None:
    runs = [{"name": "slow", "learning_rate": "0.01"}, {"name": "wide", "hidden": [2]}]
    said = words("train", **TRAINED, runs=runs)
    assert "run | network | learning rate" in said
    assert "slow | layers 2–1–1 (tanh, tanh output) | learning rate 0.01" in said
    assert "wide | layers 2–2–1 (tanh, tanh output) | learning rate 0.5" in said
    assert not any("learning rate" in line for line in said if line.startswith("training: "))


def test_more_rows_than_a_page_holds_are_not_copied() -> None:
    rows = {"x": list(range(40)), "class": ["a", "b"] * 20}
    assert words("split", data=rows, figure=False)[0] == "40 rows with 1 feature and 2 classes"


def test_rows_of_a_file_name_it(tmp_path) -> None:
    path = tmp_path / "days.csv"
    path.write_text("x,class\n" + "".join(f"{k},{k % 2}\n" for k in range(40)), encoding="utf-8")
    assert words("split", data={"file": str(path)}, figure=False)[0].startswith("40 rows of the file days.csv with")


# --- what is asked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [None, 2])
def test_an_update_is_asked_for_where_it_is_made(rate) -> None:
    given = {**NEURON, "values": {"w": 1, "b": -2, "x": 2}} | ({"learning_rate": rate} if rate else {})
    derivation = api.derived(make("backpropagation", given))
    labels = [result.label for result in derivation.results if result.shown]
    moved = [Symbol("w", sup="+"), Symbol("b", sup="+")]
    assert all(label in labels for label in moved) == (rate is not None)
    assert any("one step" in plain(item) for item in derivation.asked) == (rate is not None)


@pytest.mark.parametrize("mode", ["worked", "fading", "blank", "true-false"])
def test_every_mode_shows_the_matrix_once(mode) -> None:
    problem = make("metrics", {"confusion": [[41, 2], [39, 418]], "figure": False})
    given = Variant(Item("m", Source({}), Fraction(4)), Student("1"), {}, problem, api.solve_problem(problem))
    made = choices.load("worksheets.modes", mode).exercise(given, {}, Random(1))
    matrix = next(p for p in given.derivation.parts if isinstance(p, Table) and p.given)
    assert [grid.rows for grid in grids(made.page) if grid.given] == [matrix.rows]


def test_what_is_drawn_for_a_matrix_is_seen() -> None:
    given = {"confusion": [[41, 2], [39, 418]], "figure": False}
    table = {"kind": "metrics", "text": "How good is it?", "given": given}
    draw = Draw("confusion", "matrix", {"matrix": [2, 2], "entries": [20, 40]})
    assert not any("stands nowhere" in remark for remark in remarks(table, draw))


# --- what a letter stands for -----------------------------------------------------------------------------


def test_a_letter_that_is_only_mentioned_is_not_explained_again() -> None:
    """``where b = 1`` of the two given numbers a = 2 and b = 1, because the text has named b in between."""
    given = {"nodes": ["c = a + b", "d = b + 1", "g = c d"], "values": {"a": 2, "b": 1}, "figure": False}
    shown = sheet(api.derived(make("computational-graph", given)))
    told = [plain(block.prose) for block in shown.blocks if isinstance(block, Text)]
    assert not any(line.startswith("where ") for line in told)


def test_a_letter_that_stands_for_something_else_by_now_is_explained() -> None:
    step = Step(Symbol("n"), Number("3"), "put in")
    first, second = (Relation((Symbol("n"), Number(value)), ("=",)) for value in ("3", "5"))
    derivation = replace(DERIVATION, given=((first,),), parts=(
        Paragraph(("Now ", second, ".")), Chain((step,), None, (Definition(Symbol("n"), (), Number("3")),))))
    assert any(isinstance(b, Text) and plain(b.prose) == "where n = 3." for b in sheet(derivation).blocks)
