"""Training: the derivation, the numbers, several runs, and what is refused."""

import math
from fractions import Fraction

import numpy as np
import pytest

from derive import progress
from derive.api import solve_problem
from derive.cli import main
from derive.errors import DeriveError, MathError
from derive.kinds import train
from derive.kinds._train_given import configurations
from derive.kinds._train_network import batch_of
from derive.kinds._train_run import start_of, targets_of, trained
from derive.numeric.evaluate import compile
from derive.read.problems import make
from derive.steps import Figure, Paragraph, Status, Table
from derive.tree import Node
from derive.write.text import text

SMALL = {"data": "xor", "samples": 60, "hidden": [2], "epochs": 5, "learning_rate": 1}


def problem(**given):
    return make("train", {**SMALL, **given})


def solved(**given):
    return train.solve(problem(**given))


def shown(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def words(derivation):
    parts = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join(text(w) if isinstance(w, Node) else w for part in parts for w in part)


@pytest.fixture(scope="module")
def xor():
    return solve_problem(problem(activation="sigmoid", output="sigmoid", loss="binary cross-entropy"))


def test_every_step_is_proved(xor):
    assert xor.status() is Status.PROVED


def test_what_is_shown(xor):
    assert shown(xor, "parameters").value.text == "9"
    assert [p.drawing for p in xor.parts if isinstance(p, Figure)] == [
        "loss_curves", "decision_boundary", "neuron_boundaries",
    ]
    assert float(shown(xor, "accuracy").number) == pytest.approx(float(Fraction(text(shown(xor, "accuracy").value))))


# --- the derived gradient -------------------------------------------------------------------------


CASES = [
    ({}, "tanh and half squared error"),
    ({"hidden": [3, 2], "activation": "sigmoid", "output": "sigmoid", "loss": "bce"}, "sigmoid and cross-entropy"),
    ({"hidden": [3], "activation": "ReLU", "output": "identity", "loss": "squared error"}, "ReLU and squared error"),
    ({"hidden": [], "output": "identity", "loss": "bce with logits"}, "logits"),
    ({"hidden": [4, 3, 2], "activation": ["tanh", "softplus", "sigmoid"]}, "three layers"),
    ({"features": ["x_1 x_2"]}, "one feature"),
]


@pytest.mark.parametrize("given", [c[0] for c in CASES], ids=[c[1] for c in CASES])
def test_what_trains_is_the_gradient_of_the_loss(given):
    """The program's gradients against central differences of its loss."""
    one = configurations(problem(**given))[0]
    batch = batch_of(one)
    generator = np.random.default_rng(3)
    width = len(one.features)
    inputs = generator.normal(size=(7, width) if width > 1 else 7)
    start = dict(zip(batch.parameters, start_of(one, generator), strict=True))
    start = {s: a + generator.normal(size=a.shape) for s, a in start.items()}
    data = {batch.layered.inputs: inputs, batch.layered.target: targets_of(one, one.points)[:7]}
    _, found = batch.trainable.loss_and_gradients({**start, **data})

    def loss(symbol, place, change):
        moved = start[symbol].copy()
        moved[place] += change
        return batch.trainable.loss_and_gradients({**start, **data, symbol: moved})[0]

    for symbol, values in start.items():
        for place in np.ndindex(values.shape):
            difference = (loss(symbol, place, 1e-6) - loss(symbol, place, -1e-6)) / 2e-6
            assert found[symbol][place] == pytest.approx(difference, abs=1e-7, rel=1e-5)


@pytest.mark.parametrize(
    ("sizes", "features", "count"),
    [([5, 5], 2, 51), ([5, 5], 1, 46), ([5, 5], 4, 61), ([5, 5, 5], 4, 91), ([5, 5], 7, 76), ([5, 5, 5], 7, 106),
     ([5, 5, 5, 5], 2, 111), ([10, 10], 2, 151), ([10, 10, 10], 2, 261)],
)
def test_parameters(sizes, features, count):
    some = ["x_1", "x_2", "x_1^2", "x_2^2", "x_1 x_2", r"\sin x_1", r"\sin x_2"][:features]
    found = solved(hidden=sizes, features=some, epochs=1, neurons=False)
    assert shown(found, "parameters").value.text == str(count)


def test_soft_thresholding_is_derived_and_verified():
    found = solve_problem(problem(l1="0.01", l2="0.02", hidden=[], keep_zero=True))
    assert found.status() is Status.PROVED
    assert {"in one formula", "collect"} <= {step.rule for step in found.steps()}
    assert "stays zero" in words(found)


# --- what it reaches ------------------------------------------------------------------------------


def test_two_penalties_have_letters_of_their_own():
    both, one = words(solved(l1="0.01", l2="0.02")), words(solved(l1="0.01"))
    assert "λ₁ = 0.01" in both and "λ₂ = 0.02" in both and "v = w - α (g + λ₂ w)" in both
    assert "λ = 0.01" in one and "v = w - α g" in one


def test_a_training_that_stands_still_says_so():
    told = words(solved(data="gaussian", activation="ReLU", features=["x_1", "x_2"], hidden=[3], epochs=3,
                        learning_rate="100"))
    assert "the training stands still" in told
    assert "stands still" not in words(solved())


def test_units_that_never_saturate_are_not_taken_for_switches():
    small = {"data": "circle", "hidden": [2], "activation": "sigmoid", "features": ["x_1", "x_2"]}
    assert "says nearly" not in words(solved(**small, epochs=1, learning_rate="0.001"))


def test_a_unit_without_weights_has_no_line():
    derivation = solved(data="circle", hidden=[2], features=["x_1", "x_2"], l1="2", learning_rate="0.3", epochs=20,
                        keep_zero=True)
    tables = [p for p in derivation.parts if isinstance(p, Table) and "boundary of each" in p.caption[0]]
    assert [(row[1], row[3]) for row in tables[0].rows] == [(("none",), ("everywhere",))] * 2


def reached(**given):
    one = configurations(problem(samples=300, epochs=60, learning_rate="0.1", **given))[0]
    return trained(one, "")


@pytest.mark.parametrize(
    ("data", "features", "hidden"),
    [("circle", ["x_1^2", "x_2^2"], []), ("xor", ["x_1 x_2"], []), ("gaussian", ["x_1", "x_2"], []),
     ("xor", ["x_1", "x_2"], [4])],
)
def test_separable_data_are_separated(data, features, hidden):
    run = reached(data=data, features=features, hidden=hidden, standardise=True)
    counts = run.counts(run.test)
    assert (counts.tp + counts.tn) / len(run.test) > 0.97


@pytest.mark.parametrize(("data", "features"), [("circle", ["x_1", "x_2"]), ("gaussian", ["x_1 x_2"])])
def test_data_that_no_line_separates_are_not_separated(data, features):
    run = reached(data=data, features=features, hidden=[], standardise=True)
    counts = run.counts(run.test)
    assert (counts.tp + counts.tn) / len(run.test) < 0.75


@pytest.mark.parametrize(
    ("data", "left"), [("xor", {"x₁ x₂"}), ("circle", {"x₁²", "x₂²"}), ("gaussian", {"x₁", "x₂"})])
def test_l1_leaves_the_features_that_separate(data, left):
    some = ["x_1", "x_2", "x_1^2", "x_2^2", "x_1 x_2", r"\sin x_1", r"\sin x_2"]
    run = reached(data=data, features=some, hidden=[5, 5], l1="0.01", keep_zero=True)
    assert {text(run.configuration.features[k]) for k in run.kept()} == left
    assert run.zeros() > 50


def test_the_data_are_the_same_whatever_is_trained():
    first, second = (configurations(problem(hidden=h))[0] for h in ([2], [5, 5]))
    assert np.array_equal(first.points.places, second.points.places)
    other = configurations(problem(seed=2))[0]
    assert not np.array_equal(first.points.places, other.points.places)


def test_nothing_of_the_test_data_is_in_the_standardisation():
    run = reached(data="circle", standardise=True)
    inputs = run.inputs(run.configuration.points.places)
    assert inputs[run.train].mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert inputs[run.train].std(axis=0) == pytest.approx([1, 1])


def test_the_boundary_of_a_unit_is_the_line_that_is_printed():
    derivation = solved(hidden=[2])
    run = trained(configurations(problem(hidden=[2]))[0], "")
    line = shown(derivation, "line of unit 1").value
    places = run.configuration.points.places
    assert compile(line, run.configuration.features)(*places.T) == pytest.approx(run.sums(places)[:, 0], rel=2e-3,
                                                                                 abs=1e-3)


# --- several runs ---------------------------------------------------------------------------------


RUNS = [
    {"name": "few", "hidden": [2], "printed": {"train": 0, "test": 0, "epochs": 3}},
    {"name": "many", "hidden": [3], "epochs": 8, "printed": {"train": 2, "epochs": 9}},
]


def test_a_table_of_runs():
    claims = [{"text": "Few is quicker.", "column": "epochs", "smaller": [1], "than": [2]},
              {"text": "Many is better.", "column": "train", "smaller": [2], "than": [{"name": "x", "printed": 1}]}]
    derivation = solved(runs=RUNS, claims=claims)
    assert shown(derivation, "parameters: few").value.text == "9"
    assert shown(derivation, "parameters: many").value.text == "13"
    rows = [row[0] for p in derivation.parts if isinstance(p, Table) and not p.given for row in p.rows]
    assert rows == [("few",), ("many",), ("few",), ("many",)]
    said = words(derivation)
    assert "“Few is quicker.” The printed numbers agree." in said
    assert "The printed numbers contradict it: many has 2 as training loss, x has 1." in said


def test_the_gradients_of_different_activations_are_compared():
    runs = [{"name": name, "activation": name, "hidden": [3, 3]} for name in ("sigmoid", "tanh", "ReLU")]
    derivation = solve_problem(problem(runs=runs))
    assert derivation.status() is Status.PROVED
    assert [text(s.after) for s in derivation.steps() if s.rule == "largest value"] == ["1/4", "1", "1"]
    table = next(p for p in derivation.parts if isinstance(p, Table) and p.header[-1] == ("first by last",))
    ratios = [float(row[-1][0].text) for row in table.rows]
    assert ratios[0] < min(ratios[1:]) / 3


def test_printed_features_that_are_exchanged_are_named():
    runs = [
        {"name": "A", "data": "xor", "printed": {"features": ["x_1", "x_2"]}},
        {"name": "B", "data": "gaussian", "printed": {"features": ["x_1 x_2"]}},
    ]
    derivation = solved(runs=runs, features=["x_1", "x_2", "x_1 x_2"], hidden=[4], l1="0.01", keep_zero=True,
                        samples=300, epochs=60, learning_rate="0.1")
    assert "The printed features of B and of A are exchanged." in words(derivation)


def test_a_run_that_diverges_is_a_row_and_the_others_go_on():
    base = {"hidden": [], "output": "identity", "loss": "squared error", "epochs": 200}
    runs = [{"name": "wild", "learning_rate": 1000}, {"name": "calm", "learning_rate": "0.01"}]
    derivation = solved(**base, runs=runs)
    said = words(derivation)
    assert "wild diverges: after step" in said and "calm diverges" not in said


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"data": "moons"}, 'no data set "moons"'),
        ({"data": "nothing.csv"}, "nothing.csv"),
        ({"hidden": [0]}, "layers of 1 to"),
        ({"hidden": 5}, "list of whole numbers"),
        ({"hidden": [200, 200]}, "too large"),
        ({"activation": ["tanh", "tanh"]}, "one for each hidden layer"),
        ({"activation": "tanhh"}, 'no activation "tanhh"'),
        ({"activation": "softmax"}, "softmax"),
        ({"loss": "binary cross-entropy"}, "made for the output activation sigmoid"),
        ({"loss": "categorical cross-entropy", "output": "softmax"}, "one output unit"),
        ({"loss": "unknown"}, 'no loss "unknown"'),
        ({"features": []}, "at least one"),
        ({"features": ["x_3"]}, "no coordinate"),
        ({"features": ["\\log x_1"]}, "feature 1 has no value at the point"),
        ({"batch": 100}, "batch of 100"),
        ({"split": 1}, "split"),
        ({"learning_rate": 0}, "learning rate"),
        ({"noise": 1}, "noise"),
        ({"runs": []}, "list of tables"),
        ({"runs": [{"hiden": [2]}]}, r'run 1 \(run 1\): unknown key "hiden"'),
        ({"runs": [{"hidden": [2], "printed": {"loss": 1}}]}, "printed: unknown key"),
        ({"runs": [{"name": "A", "samples": 2}]}, r"run 1 \(A\): samples"),
        ({"runs": RUNS, "claims": [{"text": "x"}]}, "claim 1: a claim has"),
        ({"runs": RUNS, "claims": [{"text": "x", "column": "time", "smaller": [1], "than": [2]}]}, "no column"),
        ({"runs": RUNS, "claims": [{"text": "x", "column": "test", "smaller": [3], "than": [2]}]}, "3 is neither"),
    ],
)
def test_what_is_refused(given, message):
    with pytest.raises(DeriveError, match=message):
        solved(**given)


def test_a_training_that_diverges_names_the_step_and_the_value():
    with pytest.raises(MathError, match=r"diverges: after step \d+ \(epoch \d+\) the loss is inf") as caught:
        solved(hidden=[], output="identity", loss="squared error", learning_rate=1000, epochs=200)
    assert "learning rate 1000" in caught.value.hint


# --- data from a file -----------------------------------------------------------------------------


def csv(tmp_path, rows, head="x,y,class"):
    (tmp_path / "points.csv").write_text("\n".join([head, *rows]))
    (tmp_path / "mine.toml").write_text(
        "kind = 'train'\n[given]\ndata = 'points.csv'\nhidden = []\nepochs = 20\nbatch = 0\nlearning_rate = 0.5\n")
    return str(tmp_path / "mine.toml")


def test_points_from_a_file(tmp_path, capsys):
    rows = [f"{x},{x * x % 7 - 3},{int(x > 0)}" for x in range(-10, 11)]
    assert main(["solve", csv(tmp_path, rows), "--json"]) == 0
    assert "parameters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["1,2,0", "1,,1"], "the value of y is missing"),
        (["1,2,0", "2,1,1", "2,2,2"], "class has 3 values"),
        (["1,2,0", "2,1,0"], "class has 1 values"),
        (["1,2", "2,1"], "2 values for 3 columns"),
    ],
)
def test_a_file_that_does_not_fit(tmp_path, capsys, rows, message):
    assert main(["solve", csv(tmp_path, rows), "--json"]) == 2
    assert message in capsys.readouterr().out


# --- interruption ---------------------------------------------------------------------------------


def test_an_interrupted_training_is_written_and_ends_with_130(tmp_path, capsys, monkeypatch):
    said = []

    def report(what, done, total):
        said.append((done, total))
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "report", report)
    file = tmp_path / "mine.toml"
    file.write_text("[[problem]]\nkind = 'train'\ntitle = 'One'\n[problem.given]\ndata = 'xor'\nsamples = 60\n"
                    "hidden = []\nepochs = 3\n[[problem]]\nkind = 'derivative'\ntitle = 'Two'\n"
                    "[problem.given]\nfunction = 'x^2'\nvariable = 'x'\n")
    assert main(["solve", str(file), "-o", str(tmp_path / "out"), "--format", "json"]) == 130
    captured = capsys.readouterr()
    assert "it was interrupted" in captured.out and "interrupted" in captured.err
    assert "Two" not in captured.out
    assert said == [(3, 3)]
    assert (tmp_path / "out" / "mine.json").exists()


def test_losses_are_finite():
    for result in solved().results:
        assert result.number is None or math.isfinite(float(result.number))
