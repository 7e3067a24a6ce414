r"""What a training is given in a problem file: data, features, network, loss, penalties, and how to train.

:data:`FIELDS` are the rows of the kind ``train``; :func:`configurations` reads one configuration, or one for each entry
of ``runs``, which may give any of the rows anew, and beside them a ``name`` and what somebody ``printed``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from derive import limits
from derive.errors import DeriveError
from derive.losses import LOSSES, Loss, loss_named
from derive.networks import IDENTITY, SOFTMAX, activation_named
from derive.numeric.playground import DATA_SETS, X_1, X_2, Points, points
from derive.numeric.training import INITIALS, Settings
from derive.numeric.value import value_of
from derive.problem import Field, Problem
from derive.read.columns import read_columns
from derive.read.fields import CONVERTERS, Reading, nearest, type_name
from derive.read.latex import Names
from derive.tree import Node, free_symbols

FIELDS = (
    Field("data", "text", f"a data set ({', '.join(DATA_SETS)}), or a CSV file with two columns and a label",
          required=True, example='"circle"'),
    Field("samples", "integer", "how many points are generated", default=500, least=4, most=limits.TRAINING_POINTS,
          example="500"),
    Field("noise", "number", "how noisy they are, from 0 to 0.5", example="0.1"),
    Field("label", "text", "of a CSV file: the column with the two classes; the last when nothing is said",
          example='"class"'),
    Field("features", "formulas", "what the network is given of a point: formulas in x_1 and x_2", default=(X_1, X_2),
          example="['x_1^2', 'x_2^2']"),
    Field("standardise", "boolean", "whether features get mean 0 and deviation 1 (those of the training data)",
          default=False, example="true"),
    Field("hidden", "any", "the number of units in each hidden layer; [] for none", example="[5, 5]"),
    Field("activation", "any", "the activation of the hidden layers, or a list with one for each", example='"tanh"'),
    Field("output", "text", "the activation of the output unit", default="tanh", example='"sigmoid"'),
    Field("loss", "text", f"one of {', '.join(LOSSES)}", default="half squared error",
          example='"binary cross-entropy"'),
    Field("l1", "number", "the rate of an L1 penalty on the weights", example="0.01"),
    Field("l2", "number", "the rate of an L2 penalty on the weights", example="0.01"),
    Field("keep_zero", "boolean", "whether a weight that L1 has made zero stays zero, as in the playground",
          default=False, example="true"),
    Field("batch", "integer", "how many points make a step; 0 for all of them", default=10, most=limits.TRAINING_POINTS,
          example="10"),
    Field("split", "number", "the share of the points that is trained with", example="0.7"),
    Field("learning_rate", "number", "the learning rate", example="0.1"),
    Field("epochs", "integer", "how often all training points are gone through", default=100, least=1,
          most=limits.TRAINING_EPOCHS, example="300"),
    Field("start", "choice", "how the weights begin", default="playground", choices=tuple(INITIALS),
          example='"glorot"'),
    Field("seed", "integer", "the seed of the data, the split, the start and the order of the batches", default=1,
          most=2**32 - 1, example="1"),
    Field("stop_loss", "number", "stop once the training loss is so small", example="0.001"),
    Field("reach", "number", "of several runs: the training loss whose first epoch is told", example="0.05"),
    Field("patience", "integer", "stop after so many epochs without a smaller test loss, and go back to the best",
          least=1, most=limits.TRAINING_EPOCHS, example="20"),
)  # fmt: skip

_BY_KEY: Mapping[str, Field] = {row.key: row for row in FIELDS}
_NUMBERS = {"noise": 0.0, "l1": 0.0, "l2": 0.0, "split": 0.7, "learning_rate": 0.03, "reach": 0.05}
"""The rows that are numbers, with what they are when nothing is said."""

PRINTED = ("epochs", "train", "test", "features", "accuracy")
"""What a run may say that somebody printed."""


@dataclass(frozen=True)
class Configuration:
    """One training. ``hidden`` are the activations with their numbers of units; numbers keep their spelling in
    ``written``. ``printed`` is what somebody else got, by :data:`PRINTED`."""

    name: str
    data: str
    points: Points
    features: tuple[Node, ...]
    standardise: bool
    hidden: tuple[tuple[int, str], ...]
    output: str
    loss: Loss
    start: str
    seed: int
    split: float
    settings: Settings
    reach: float
    written: Mapping[str, Node]
    samples: str
    printed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of features, then of units in each layer."""
        return (len(self.features), *(units for units, _ in self.hidden), 1)

    @property
    def activations(self) -> tuple[str, ...]:
        """The activation of each layer, the output's last."""
        return (*(name for _, name in self.hidden), self.output)

    @property
    def zero_one(self) -> bool:
        """Whether the classes are 1 and 0 for the loss; else 1 and -1."""
        return self.output == "sigma" or self.loss.name.startswith("binary")

    @property
    def classes(self) -> tuple[str, str]:
        """Both classes in words, the positive one first."""
        return "class 1", "class 0" if self.zero_one else "class −1"

    @property
    def threshold(self) -> float:
        """The output above which class 1 is predicted."""
        return 0.5 if self.zero_one and not self.loss.logits else 0.0


def configurations(problem: Problem) -> list[Configuration]:
    """The trainings of a problem, one or several. DeriveError, naming the run, for what makes no sense."""
    given = problem.given
    runs = given["runs"]
    if runs is None:
        return [_configuration(given, problem, "", {})]
    if not isinstance(runs, list) or not runs:
        raise DeriveError(f"runs: expected a list of tables, found {type_name(runs)}",
                          "runs = [{name = 'tanh', activation = 'tanh'}, {name = 'ReLU', activation = 'ReLU'}]")
    if len(runs) > limits.TRAINING_RUNS:
        raise DeriveError(f"{len(runs)} runs are too many for a table: at most {limits.TRAINING_RUNS}")
    return [_of_run(run, k, problem) for k, run in enumerate(runs, 1)]


def _of_run(run: Any, k: int, problem: Problem) -> Configuration:
    if not isinstance(run, Mapping):
        raise DeriveError(f"run {k}: expected a table, found {type_name(run)}", "{name = 'tanh', activation = 'tanh'}")
    name = run.get("name", f"run {k}")
    try:
        if not isinstance(name, str):
            raise DeriveError(f"name: expected words in quotes, found {type_name(name)}")
        own = {key: _converted(key, value) for key, value in run.items() if key not in ("name", "printed")}
        return _configuration({**problem.given, **own}, problem, name, _printed(run.get("printed", {})))
    except DeriveError as error:
        raise DeriveError(f"run {k} ({name}): {error.message}", error.hint) from error


def _converted(key: str, value: Any) -> Any:
    row = _BY_KEY.get(key)
    if row is None:
        known = (*_BY_KEY, "name", "printed")
        raise DeriveError(f'unknown key "{key}"', nearest(key, known) or f"known are {', '.join(known)}")
    try:
        return CONVERTERS[row.type](value, Reading(row, Names()))
    except DeriveError as error:
        raise DeriveError(f"{key}: {error.message}", error.hint) from error


def _printed(given: Any) -> dict[str, Any]:
    """Numbers as trees, with their spelling; ``features`` as formulas."""
    if not isinstance(given, Mapping):
        raise DeriveError(f"printed: expected a table, found {type_name(given)}", "printed = {train = 0, test = 0.001}")
    if unknown := next((key for key in given if key not in PRINTED), None):
        raise DeriveError(f'printed: unknown key "{unknown}"', f"known are {', '.join(PRINTED)}")
    types = {key: "formulas" if key == "features" else "number" for key in given}
    return {key: CONVERTERS[types[key]](value, Reading(Field(key, types[key], ""), Names()))
            for key, value in given.items()}


# --- one configuration ------------------------------------------------------------------------------


def _configuration(
    given: Mapping[str, Any], problem: Problem, name: str, printed: Mapping[str, Any]
) -> Configuration:
    numbers = {key: default if given[key] is None else value_of(given[key]) for key, default in _NUMBERS.items()}
    hidden, output, loss = _hidden(given), activation_named(given["output"]), loss_named(given["loss"])
    _fitting(output, loss)
    stop = given["stop_loss"]
    settings = Settings(
        numbers["learning_rate"], given["epochs"], given["batch"], numbers["l1"], numbers["l2"], given["keep_zero"],
        None if stop is None else value_of(stop), given["patience"],
    )
    places, samples = _points(given, problem, numbers["noise"])
    return Configuration(
        name, given["data"], places, _features(given["features"]), given["standardise"], hidden, output, loss,
        given["start"], given["seed"], numbers["split"], settings, numbers["reach"],
        {key: given[key] for key in (*_NUMBERS, "stop_loss") if given[key] is not None}, samples, printed,
    )


def _hidden(given: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    """Units and activation of each hidden layer."""
    sizes = given["hidden"] if given["hidden"] is not None else []
    if not isinstance(sizes, list) or not all(isinstance(n, int) and not isinstance(n, bool) for n in sizes):
        raise DeriveError("hidden: expected a list of whole numbers", "hidden = [5, 5] is two layers of five units")
    if not all(1 <= n <= limits.TRAINING_UNITS for n in sizes) or len(sizes) > limits.TRAINING_LAYERS:
        raise DeriveError(f"hidden: layers of 1 to {limits.TRAINING_UNITS} units, at most {limits.TRAINING_LAYERS}")
    words = given["activation"] if given["activation"] is not None else "tanh"
    words = [words] * len(sizes) if isinstance(words, str) else words
    if not isinstance(words, list) or not all(isinstance(w, str) for w in words) or len(words) != len(sizes):
        raise DeriveError("activation: expected a word, or one for each hidden layer",
                          f"there are {len(sizes)} hidden layers")
    names = [activation_named(w) for w in words]
    if SOFTMAX in names:
        raise DeriveError("activation: softmax is for the outputs of several classes", "take tanh, sigmoid or ReLU")
    return tuple(zip(sizes, names, strict=True))


def _fitting(output: str, loss: Loss) -> None:
    """DeriveError where a loss and an output unit do not belong together, or need more than one unit."""
    if not loss.batch or output == SOFTMAX or loss.activations == (SOFTMAX,):
        raise DeriveError(f"{loss.title}: two classes have one output unit here",
                          "take binary cross-entropy with a sigmoid unit, or half squared error with tanh")
    if loss.activations and output not in loss.activations:
        wanted = " or ".join({"sigma": "sigmoid", IDENTITY: "identity"}.get(a, a) for a in loss.activations)
        raise DeriveError(f"{loss.title} is made for the output activation {wanted}", f"output = '{wanted}'")


def _features(formulas: Sequence[Node]) -> tuple[Node, ...]:
    if not formulas:
        raise DeriveError("features: a network needs at least one", "features = ['x_1', 'x_2']")
    for formula in formulas:
        if others := sorted(s.plain for s in free_symbols(formula) - {X_1, X_2}):
            raise DeriveError(f"features: {', '.join(others)} is no coordinate of a point",
                              "features are formulas in x_1 and x_2")
    return tuple(formulas)


def _points(given: Mapping[str, Any], problem: Problem, noise: float) -> tuple[Points, str]:
    """The points, and in words where they come from."""
    name = given["data"]
    if name.casefold() in DATA_SETS:
        row = DATA_SETS[name.casefold()]
        generator = np.random.default_rng([given["seed"], 0])
        about = f"{row.title} ({row.about})"
        return points(name.casefold(), given["samples"], noise, generator), about
    if Path(name).suffix.casefold() in (".csv", ".tsv", ".txt"):
        return _from_file(name, given["label"], problem), f"the file {Path(name).name}"
    raise DeriveError(f'data: there is no data set "{name}"', nearest(name, DATA_SETS)
                      or f"known are {', '.join(DATA_SETS)}; or name a CSV file")


def _from_file(name: str, label: str | None, problem: Problem) -> Points:
    """Two columns and a label of two values, of which the larger is class 1."""
    path = Path(name) if Path(name).is_absolute() or not problem.file else Path(problem.file).parent / name
    table = read_columns(path)
    label = label or table.names[-1]
    labels = np.array(table.column(label))
    others = [column for column in table.names if column != label]
    if len(others) != 2:
        raise DeriveError(f"{path} has {len(others)} columns beside {label}", "a point has two coordinates")
    values = sorted(set(labels.tolist()))
    if len(values) != 2:
        shown = ", ".join(f"{v:g}" for v in values[:5]) + (", …" if len(values) > 5 else "")
        raise DeriveError(f"{path}: {label} has {len(values)} values ({shown}), not two",
                          "the classes are 0 and 1, or -1 and 1")
    places = np.column_stack([table.column(column) for column in others])
    return Points(places, np.where(labels == values[1], 1.0, -1.0))
