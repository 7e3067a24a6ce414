"""Layer tables: shapes and counts against known networks, pasted tables, two networks, and what is refused."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.api import solve_problem
from derive.architectures.network import network
from derive.architectures.summary import read_summary
from derive.errors import DeriveError, ProblemError
from derive.read.problems import make, read_file, read_text
from derive.resources import problem_files
from derive.steps import Listing, Paragraph, Status
from derive.tree import numeric
from derive.write.text import text


def layer(kind, **options):
    return {"type": kind, **options}


def solved(input_, layers, **given_values):
    return solve_problem(make("layers", {"input": input_, "layers": layers, "code": [], **given_values}))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def value(derivation, name):
    return text(result(derivation, name).value)


def words(derivation):
    paragraphs = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join("".join(t if isinstance(t, str) else text(t) for t in prose) for prose in paragraphs)


ROWS = [  # input, layer, output shape, trained, untrained
    ([784], layer("Dense", units=256), "(256,)", "200960", "0"),
    ([784], layer("Linear", out_features=10, use_bias=False), "(10,)", "7840", "0"),
    ([6, 4], layer("Dense", units=3), "(6, 3)", "15", "0"),
    (["d"], layer("Dense", units=64), "(64,)", "64d + 64", "0"),
    (["d"], layer("Dense", units="2d", bias=False), "(2d,)", "2d²", "0"),
    ([28, 28, 1], layer("Conv2D", filters=200, kernel_size=3, padding="same"), "(28, 28, 200)", "2000", "0"),
    ([28, 28, 1], layer("Conv2D", filters=200, kernel_size=3), "(26, 26, 200)", "2000", "0"),
    ([28, 28, 3], layer("Conv2D", filters=8, kernel_size=[3, 5], strides=2), "(13, 12, 8)", "368", "0"),
    ([28, 28, 1], layer("Conv2D", filters=4, kernel_size=3, strides=2, padding="same"), "(14, 14, 4)", "40", "0"),
    ([27, 28, 1], layer("Conv2D", filters=4, kernel_size=3, strides=2, padding="same"), "(14, 14, 4)", "40", "0"),
    ([28, 28, 1], layer("Conv2D", filters=4, kernel_size=3, padding=1), "(28, 28, 4)", "40", "0"),
    ([28, 28, 1], layer("Conv2D", filters=4, kernel_size=3, padding=2, strides=2), "(15, 15, 4)", "40", "0"),
    ([28, 28, 1], layer("Conv2D", filters=4, kernel_size=3, dilation=2), "(24, 24, 4)", "40", "0"),
    ([28, 28, 1], layer("Conv2D", filters=4, kernel_size=3, dilation=3, strides=2), "(11, 11, 4)", "40", "0"),
    ([28, 28, 8], layer("Conv2D", filters=16, kernel_size=3, groups=4), "(26, 26, 16)", "304", "0"),
    ([100, 8], layer("Conv1D", filters=16, kernel_size=5), "(96, 16)", "656", "0"),
    (["L", 8], layer("Conv1D", filters=16, kernel_size=5), "(L - 4, 16)", "656", "0"),
    (["L", 8], layer("MaxPooling1D", pool_size=2), "(⌊L/2 - 1⌋ + 1, 8)", "0", "0"),
    ([7, 7, 50], layer("MaxPooling2D"), "(3, 3, 50)", "0", "0"),
    ([7, 7, 50], layer("MaxPool2D", padding="same"), "(4, 4, 50)", "0", "0"),
    ([7, 7, 50], layer("AveragePooling2D", pool_size=3, strides=1), "(5, 5, 50)", "0", "0"),
    ([10, 4], layer("AveragePooling1D", pool_size=4), "(2, 4)", "0", "0"),
    ([3, 3, 50], layer("Flatten"), "(450,)", "0", "0"),
    ([10], layer("Flatten"), "(10,)", "0", "0"),
    ([50], layer("BatchNormalization"), "(50,)", "100", "100"),
    ([8, 8, 3], layer("BatchNorm"), "(8, 8, 3)", "6", "6"),
    ([50], layer("LayerNorm"), "(50,)", "100", "0"),
    ([50], layer("Dropout", rate=0), "(50,)", "0", "0"),
    ([50], layer("Activation", activation="ReLU"), "(50,)", "0", "0"),
    ([12], layer("Embedding", words=1000, width=16), "(12, 16)", "16000", "0"),
    ([8, 8, 3], layer("GlobalAveragePooling2D"), "(3,)", "0", "0"),
    ([8, 3], layer("GlobalMaxPooling1D"), "(3,)", "0", "0"),
]


@pytest.mark.parametrize(("shape", "one", "output", "trained", "untrained"), ROWS)
def test_shapes_and_counts(shape, one, output, trained, untrained):
    derivation = solved(shape, [one])
    made = next(r for r in derivation.results if r.name.startswith("output shape"))
    inside = ", ".join(map(text, made.value))
    assert (f"({inside},)" if len(made.value) == 1 else f"({inside})") == output
    assert value(derivation, "trainable parameters") == trained
    assert value(derivation, "non-trainable parameters") == untrained
    assert derivation.status() is Status.PROVED


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 7), st.integers(1, 4), st.integers(1, 3), st.integers(0, 3))
def test_a_window_has_as_many_places_as_can_be_counted(size, kernel, stride, dilation, padding):
    one = layer("Conv1D", filters=1, kernel_size=kernel, strides=stride, dilation=dilation, padding=padding)
    reach = dilation * (kernel - 1) + 1
    starts = len(range(0, size + 2 * padding - reach + 1, stride))
    if starts < 1:
        with pytest.raises(DeriveError, match="does not fit into"):
            network("", [size, 1], [one])
    else:
        assert numeric(network("", [size, 1], [one]).outputs[0]) == starts


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=2, max_size=6))
def test_a_perceptron_counts_its_arrays(widths):
    net = network("", widths[0], [layer("Dense", units=n) for n in widths[1:]])
    arrays = [a for n, m in pairwise(widths) for a in (np.zeros((n, m)), np.zeros(m))]
    assert sum(int(numeric(p.parameters())) for p in net.places) == sum(a.size for a in arrays)


# --- totals, memory, work, updates ------------------------------------------------------------------

SMALL = [layer("Dense", units=4, activation="relu"), layer("BatchNormalization"), layer("Dense", units=2)]


def test_totals_memory_and_work():
    derivation = solved(3, SMALL, dtype="float64")
    assert value(derivation, "total parameters") == str(16 + 16 + 10)
    assert value(derivation, "trainable parameters") == str(16 + 8 + 10)
    assert value(derivation, "memory of the parameters in bytes") == str(42 * 8)
    assert value(derivation, "memory of the outputs in bytes") == str((4 + 4 + 2) * 8)
    assert value(derivation, "multiply-adds") == str(12 + 8)
    assert [text(v) for v in result(derivation, "parameters per layer").value] == ["16", "16", "10"]


@pytest.mark.parametrize(
    ("options", "count"),
    [({"samples": 60000, "batch": 256}, "235"), ({"samples": 512, "batch": 256}, "2"),
     ({"samples": 1, "batch": 9}, "1")],
)
def test_updates_per_epoch(options, count):
    assert value(solved(3, SMALL, **options), "weight updates per epoch") == count


def test_all_updates_and_a_share():
    sheet = read_text("""
kind = 'layers'
[given]
input = 3
layers = [{type = 'Dense', units = 1}]
samples = 60000
training_share = 0.9
batch = 256
epochs = 10
code = []
""")
    derivation = solve_problem(sheet.problems[0])
    assert value(derivation, "weight updates per epoch") == "211"
    assert value(derivation, "weight updates") == "2110"


def test_no_updates_without_batches():
    assert not [r for r in solved(3, SMALL, samples=100).results if "updates" in r.name]


# --- layers that are shared or never applied --------------------------------------------------------

SHARED = [layer("Dense", name="a", units=4), layer("Dense", name="b", units=4),
          layer("Dense", name="spare", inputs=4, units=4), layer("Dense", name="c", units=1)]


def test_shared_layers_count_once_and_unused_ones_get_no_gradient():
    derivation = solved("d", SHARED, forward=["a", "b", "b", "c"])
    assert value(derivation, "total parameters") == "4d + 49"
    assert value(derivation, "parameters with a gradient") == "4d + 29"
    assert derivation.status() is Status.PROVED


SAME = {"name": "other", "layers": [layer("Dense", name="x", units=4, activation="relu"), *SMALL[1:]]}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (SAME, True),
        ({"layers": SMALL[:2]}, False),
        ({"layers": [layer("Dense", units=4, activation="tanh"), *SMALL[1:]]}, False),
        ({"layers": SMALL, "input": 5}, False),
        ({"layers": [layer("Dense", units=4, activation="relu", bias=False), *SMALL[1:]]}, False),
    ],
)
def test_two_networks(other, same):
    derivation = solved(3, SMALL, other=other)
    assert result(derivation, "the two networks are the same").number is same


# --- pasted tables ----------------------------------------------------------------------------------

OLD = """
Layer (type)                 Output Shape              Param #
=================================================================
dense_1 (Dense)              (None, 4)                 16
_________________________________________________________________
batch_normalization_7 (Batc  (None, 4)                 16
_________________________________________________________________
dense_2 (Dense)              (None, 2)                 10
=================================================================
Total params: 42
Trainable params: 34
Non-trainable params: 8
"""
NEW = """
┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━━┓
┃ Layer (type)        ┃ Output Shape ┃  Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━━┩
│ dense_1 (Dense)     │ (None, 4)    │       16 │
├─────────────────────┼──────────────┼──────────┤
│ batch_normalizatio… │ (None, 4)    │       16 │
│ (BatchNormalizatio… │              │          │
├─────────────────────┼──────────────┼──────────┤
│ dense_2 (Dense)     │ (None, 2)    │       10 │
└─────────────────────┴──────────────┴──────────┘
 Total params: 42 (168.00 B)
 Trainable params: 34 (136.00 B)
 Non-trainable params: 8 (32.00 B)
"""


@pytest.mark.parametrize("printed", [OLD, NEW, OLD.replace("_" * 65 + "\n", "")], ids=["old", "new", "bare"])
def test_a_table_that_is_right(printed):
    derivation = solved(3, SMALL, printed=printed)
    assert result(derivation, "the printed table is right").number is True
    assert "3 output shapes and 3 numbers" in words(derivation)


WRONG = [
    ("(None, 4)                 16\n_", "(None, 4)                 17\n_", "corrected parameters of dense_1", "16"),
    ("(None, 2)                 10", "(None, 3)                 10", "corrected output shape of dense_2", "2"),
    ("(None, 2)                 10", "                          10", "missing output shape of dense_2", "2"),
    ("(None, 2)                 10", "(None, 2)", "missing parameters of dense_2", "10"),
]


@pytest.mark.parametrize(("old", "new", "name", "right"), WRONG)
def test_the_wrong_or_missing_cell_is_named(old, new, name, right):
    derivation = solved(3, SMALL, printed=OLD.replace(old, new, 1))
    found = result(derivation, name).value
    assert text(found[0] if isinstance(found, tuple) else found) == right
    assert result(derivation, "the printed table is right").number is False


def test_wrong_totals_and_types_are_named():
    derivation = solved(3, SMALL, printed=OLD.replace("Total params: 42", "Total params: 43"))
    assert "total parameters, 43, is wrong: it is 42" in words(derivation)
    derivation = solved(3, SMALL, printed=OLD.replace("dense_2 (Dense)", "dense_2 (Dropo"))
    assert result(derivation, "corrected type of dense_2").number == "Dense"


def test_the_table_of_keras_with_an_input_row_and_thousands():
    summary = read_summary("input_1 (InputLayer)  [(None, 28, 28, 1)]  0\nconv (Conv2D)  (None, 28, 28, 2,)  18,010")
    assert [(r.name, r.parameters) for r in summary.rows] == [("conv", 18010)]


# --- refused ----------------------------------------------------------------------------------------

REFUSED = [
    (8, [layer("Dence", units=3)], {}, 'no layer type "Dence"', 'did you mean "Dense"'),
    (8, [layer("Dense", units=3, activation="rellu")], {}, "no activation 'rellu'", 'did you mean "relu"'),
    (8, [layer("Dense", unit=3)], {}, 'no option "unit"', 'did you mean "units"'),
    (8, [layer("Dense")], {}, 'Dense needs "units"', "units = 64"),
    (8, [layer("Dense", units=0)], {}, "from 1 to", ""),
    (8, [layer("Dense", units=-3)], {}, "from 1 to", ""),
    (-8, [layer("Dense", units=3)], {}, "input: a size", ""),
    ([2, 3, 4, 5], [layer("Dense", units=3)], {}, "4 axes", ""),
    ([], [layer("Dense", units=3)], {}, "0 axes", ""),
    (8, [], {}, "list of tables", ""),
    (8, ["Dense"], {}, "list of tables", ""),
    (8, [{"units": 3}], {}, "layer 1 has no type", "Dense"),
    (8, [layer("Conv2D", filters=3, kernel_size=3)], {},
     "conv2d does not fit: Conv2D takes pictures, (H, W, C); the network's input gives (8,)", ""),
    ([9, 9, 1], [layer("Flatten"), layer("MaxPooling2D")], {}, "the layer flatten gives (81,)", ""),
    ([4, 4, 1], [layer("MaxPooling2D"), layer("Conv2D", filters=1, kernel_size=3)], {},
     "a window over 3 places does not fit into 2; the layer max_pooling2d gives (2, 2, 1)", "padding"),
    ([9, 9, 3], [layer("Conv2D", filters=4, kernel_size=3, groups=2)], {}, "3 input channels", ""),
    ([9, 9, 4], [layer("Conv2D", filters=3, kernel_size=3, groups=2)], {}, "3 filters", ""),
    ([9, 9, 4], [layer("Conv2D", filters=3, kernel_size=[3, 3, 3])], {}, "2 axes, but 3 numbers", ""),
    ([9, 9, 4], [layer("Conv2D", filters=3, kernel_size=3, padding="some")], {}, "no padding 'some'", "same"),
    ([9, 9, 4], [layer("MaxPooling2D", padding=1)], {}, 'pooling takes "same" or "valid"', ""),
    ([9, 9, 4], [layer("Conv2D", filters=3, kernel_size=0)], {}, "from 1 to", ""),
    (8, [layer("Dropout", rate=2)], {}, "from 0 to below 1", ""),
    (8, [layer("Dense", units=3, bias=1)], {}, "true or false", ""),
    (8, [layer("Dense", units=3, name="a b")], {}, "is no name", ""),
    (8, [layer("Dense", units=3, name="a"), layer("Dense", units=3, name="a")], {}, 'two layers have the name "a"', ""),
    (8, SHARED, {"forward": ["a", "bb"]}, 'no layer "bb"', 'did you mean "b"'),
    (8, [*SHARED[:2], layer("Dense", name="spare", units=2)], {"forward": ["a", "b"]}, "spare is never applied",
     "inputs = 64"),
    (8, SHARED, {"forward": ["a", "a"]},
     "the layer a takes inputs of shape (8,), as where it is first applied, but the layer a gives (4,)", ""),
    (8, SHARED, {"forward": ["spare", "a"]},
     "the layer spare takes inputs of shape (4,), as its definition says, but the network's input gives (8,)", ""),
    (8, SMALL, {"printed": "nothing here"}, "has no row", "model.summary()"),
    (8, SMALL, {"printed": "dense (Dense) (None, 4) 36"}, "1 rows, but the network has 3 layers", ""),
    (8, SMALL, {"other": {"layer": SMALL}}, "other: expected a network", ""),
    (8, SMALL, {"other": {"layers": SMALL, "colour": 1}}, "no key colour", ""),
    (8, SMALL, {"training_share": 2, "samples": 9, "batch": 3}, "training_share", ""),
]


@pytest.mark.parametrize(("shape", "layers", "more", "message", "hint"), REFUSED)
def test_refused(shape, layers, more, message, hint):
    with pytest.raises(DeriveError) as refused:
        solved(shape, layers, **more)
    assert message in refused.value.message
    assert hint in refused.value.hint


def test_a_refusal_says_the_line_of_the_file():
    sheet = read_text("kind = 'layers'\n[given]\ninput = 3\nlayers = [{type = 'Dens', units = 1}]\n", "net.toml")
    with pytest.raises(ProblemError, match=r"net\.toml:4: layer 1"):
        solve_problem(sheet.problems[0])


# --- the shipped files ------------------------------------------------------------------------------

TOTALS = {
    "layers-s4-2-1-mlp": ("244591", "244491", "100"), "layers-s4-2-2a-cnn": ("380675", "380163", "512"),
    "layers-s4-2-2b-cnn": ("1922058", "1920330", "1728"), "layers-s0-p2-two-frameworks": ("64d + 8449",) * 2 + ("0",),
    "layers-s1-p2-two-frameworks": ("35841", "35841", "0"), "layers-lenet": ("61706", "61706", "0"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TOTALS)
def test_known_networks(name):
    path = next(p for p in problem_files().values() if p.stem == name)
    derivation = solve_problem(read_file(path).problems[0])
    names = ("total parameters", "trainable parameters", "non-trainable parameters")
    assert tuple(value(derivation, n) for n in names) == TOTALS[name]
    assert derivation.status() is Status.PROVED
    assert [p for p in derivation.parts if isinstance(p, Listing)]


@pytest.mark.slow
def test_the_missing_shape_of_the_sheet_is_named():
    path = next(p for p in problem_files().values() if p.stem == "layers-s4-2-2a-cnn")
    derivation = solve_problem(read_file(path).problems[0])
    found = result(derivation, "missing output shape of max_pooling2d_15").value
    assert [text(n) for n in found] == ["14", "14", "100"]
