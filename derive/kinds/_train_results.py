r"""What one training reached, as parts of a derivation: losses, gradients, test, weights that are zero, pictures.

Called by the kind ``train``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from derive.kinds._graph_values import Numbers
from derive.kinds._shared import listed
from derive.kinds._train_given import Configuration
from derive.kinds._train_run import Plane, Run, cloud_of, plane_of
from derive.kinds._train_told import bound_parts
from derive.networks import many
from derive.numeric.metrics import METRICS, USUAL, Counts, value
from derive.steps import Chain, Figure, Heading, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import Node, Symbol, number
from derive.write.numbers import approximate

Section = tuple[list[Part], list[Result]]
SHOWN_DIGITS = 6
ROWS = 10  # of the table of losses
VANISHING = 100.0  # a gradient so many times smaller than another layer's is said to vanish
PANELS = 11  # units that get a picture each

ENDED = {
    "loss": "the training loss was small enough",
    "patience": "the test loss had not become smaller for a while",
    "time": "the time for it was over",
    "interrupted": "it was interrupted",
}
"""Why a training ended before its last epoch."""


def number_cell(value_: float | None, digits: int = 4) -> Prose:
    """A rounded number for a table; a dash for none."""
    return ("–",) if value_ is None or not np.isfinite(value_) else (approximate(float(value_), digits),)


def result(name: str, value_: float, shown: bool = True) -> Result:
    """A number that was measured."""
    return Result(name, approximate(value_, SHOWN_DIGITS), shown=shown, number=value_)


# --- losses -----------------------------------------------------------------------------------------


def loss_section(run: Run) -> Section:
    """How the losses went, and why the training ended."""
    course, settings = run.course, run.configuration.settings
    steps = -(-len(run.train) // (settings.batch or len(run.train)))
    sizes = f"{len(run.train)} points for training and {len(run.test)} for testing"
    words = [f"Trained with {sizes}: {many(steps, 'step')} an epoch, {many(course.epochs, 'epoch')}"]
    if course.ended in ENDED:
        words.append(f", of at most {settings.epochs}: {ENDED[course.ended]}")
    words.append(". ")
    if course.chosen != course.epochs:
        words.append(f"The parameters are those of epoch {course.chosen}, whose test loss is the least; as it was "
                     "chosen by it, that loss is a little too good. ")
    if settings.l1 or settings.l2:
        words.append("The losses are without the penalty. ")
    if "interrupted" in course.ended:
        words.append("What was reached by then follows.")
    caption: Prose = ("Loss before the training and after some epochs.",)
    header: tuple[Prose, ...] = (("epoch",), ("training loss",), ("test loss",))
    rows = tuple(
        ((str(k),), number_cell(course.train_loss[k]), number_cell(course.test_loss[k])) for k in _some(course.epochs)
    )
    results = [
        Result("epochs", number(course.epochs)),
        result("training loss", float(course.train_loss[course.chosen])),
        result("test loss", float(course.test_loss[course.chosen])),
    ]
    parts: list[Part] = [Heading(("Training",)), Paragraph(("".join(words).strip(),)), Table(header, rows, caption),
                         loss_figure([("", run)])]
    return parts, results


def _some(last: int) -> list[int]:
    """0, 1, 2, 5, 10, 20, … and the last epoch; of very many the last ones."""
    marks = [0, *(k * 10**e for e in range(6) for k in (1, 2, 5))]
    found = [k for k in marks if k < last]
    return [*found[-ROWS:], last] if last else [0]


def loss_figure(runs: Sequence[tuple[str, Run]]) -> Figure:
    """The loss curves of some runs."""
    from derive.figures.loss_curves import describe

    panels = [
        {"title": title, "train": _short(run.course.train_loss), "test": _short(run.course.test_loss),
         "chosen": run.course.chosen} for title, run in runs
    ]  # fmt: skip
    data = {"panels": panels, "name": "L"}
    return Figure("loss_curves", data, ("Training and test loss after each epoch.",), describe(data), "losses")


def _short(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    """The values with six digits."""
    return [float(f"{v:.6g}") for v in values]


# --- gradients --------------------------------------------------------------------------------------


def gradient_section(run: Run) -> Section:
    """The size of each layer's gradient at the start and at the end; whether it vanishes towards the inputs.

    Nothing for a single layer.
    """
    if len(run.batch.weights) == 1:
        return [], []
    first, last = run.course.norms
    header: tuple[Prose, ...] = (("gradient",), ("at the start",), ("at the end",))
    found = run.batch.backward.by
    rows = tuple(((found[w].name,), number_cell(first[w]), number_cell(last[w])) for w in run.batch.weights)
    parts: list[Part] = [
        Heading(("The size of the gradients",)),
        Table(header, rows, ("The norm of the gradient by each layer's weights, over all training points.",)),
    ]
    norms = [first[w] for w in run.batch.weights]
    results = [result(f"norm of the gradient of layer {k} at the start", n, shown=False)
               for k, n in enumerate(norms, 1)]
    hidden = run.configuration.activations[:-1]
    bounds = bound_parts(hidden)
    if bounds:
        parts += [Paragraph((BOUNDED,)), *bounds]
    parts.append(Paragraph((_vanishing(norms),)))
    if not any(last[w] for w in run.batch.weights):
        parts.append(Paragraph((STILL,), remark=True))
    return parts, results


STILL = ("At the end every gradient is zero: the training stands still, whatever the loss is. Units that are switched "
         "off or saturated on all points let nothing through; a smaller learning rate or another start may avoid it.")
BOUNDED = ("On its way to the inputs a gradient is multiplied, at each hidden layer, by the derivative of the "
           "activation, which is never larger than this:")


def _vanishing(norms: Sequence[float]) -> str:
    if not norms[0] or not norms[-1]:
        which = "first" if not norms[0] else "last"
        return f"At the start the gradient of the {which} layer is zero: it does not learn yet."
    ratio = norms[-1] / norms[0]
    if ratio > VANISHING:
        return (f"At the start the gradient of the first layer is {ratio:.3g} times smaller than that of the last: it "
                "vanishes, and the first layer learns slowly.")
    return f"At the start the first layer's gradient is {1 / ratio:.3g} times that of the last: it does not vanish."


# --- the test ---------------------------------------------------------------------------------------


def test_section(run: Run) -> Section:
    """Confusion matrix and measures on the test data, as fractions, then decimals."""
    counts = run.counts(run.test)
    negative = run.configuration.classes[1]
    header: tuple[Prose, ...] = (("",), ("predicted class 1",), (f"predicted {negative}",))
    rows: tuple[tuple[Prose, ...], ...] = (
        (("class 1",), (str(counts.tp),), (str(counts.fn),)), ((negative,), (str(counts.fp),), (str(counts.tn),)),
    )
    threshold = "1/2" if run.configuration.threshold else "0"
    tested = f" is above {threshold}. On the {len(run.test)} test points:"
    words: Prose = ("Class 1 is predicted where ", run.batch.output, tested)
    parts: list[Part] = [Heading(("Test",)), Paragraph(words),
                         Table(header, rows, ("Confusion matrix; class 1 counts as positive.",))]
    results: list[Result] = []
    for name in USUAL:
        part, found = _measure(name, counts)
        parts.append(part)
        results += found
    return parts, results


def _measure(name: str, counts: Counts) -> tuple[Part, list[Result]]:
    """A measure worked out: put in, fraction, decimal."""
    metric = METRICS[name]
    exact = value(name, counts)
    label = Symbol(name if name != "F1" else "F", "1" if name == "F1" else "", font="rm")
    if exact is None:
        return Paragraph((f"The {name} does not exist: nothing was predicted to be positive, or nothing is.",)), []
    numbers = Numbers(counts.values)
    steps = [*numbers.steps(metric.formula)]
    end = steps[-1].after
    decimal = approximate(exact, SHOWN_DIGITS)
    if decimal != end:
        relation = "=" if _ends(exact) else "~="
        steps.append(Step(end, decimal, "as a decimal", relation=relation))
    where = numbers.where(metric.formula)
    return Chain(tuple(steps), label, where), [Result(name, number(exact), label, number=float(exact))]


def _ends(exact: Fraction) -> bool:
    """Whether the decimal that is shown is exact."""
    return (exact * 10**SHOWN_DIGITS).denominator == 1 and len(str(exact.denominator)) <= SHOWN_DIGITS


# --- weights that L1 has set to zero ------------------------------------------------------------------


def sparse_section(run: Run) -> Section:
    """How many weights of each layer are zero, and which features are left; nothing without L1."""
    if not run.configuration.settings.l1:
        return [], []
    header: tuple[Prose, ...] = (("layer",), ("weights",), ("zero",), ("left",))
    rows = tuple(
        ((str(k),), (str(w.size),), (str(int((w == 0).sum())),), (str(int((w != 0).sum())),))
        for k, w in enumerate(run.weights, 1)
    )
    kept = [run.configuration.features[k] for k in run.kept()]
    lost = [f for k, f in enumerate(run.configuration.features) if k not in run.kept()]
    words: list[str | Node] = ["The first layer uses "]
    words += [*listed(kept), ". "] if kept else ["no feature at all: the output is the same everywhere."]
    if lost and kept:
        words += ["All weights from ", *listed(lost), " are zero."]
    parts: list[Part] = [
        Heading(("Weights that L1 has set to zero",)), Table(header, rows, ("Weights that are exactly zero.",)),
        Paragraph(tuple(words)),
    ]
    return parts, [Result("weights that are zero", number(run.zeros())),
                   Result("features left", number(len(kept)), shown=False)]


# --- pictures ---------------------------------------------------------------------------------------


def boundary_figure(runs: Sequence[tuple[str, Run]], size: int) -> Figure:
    """What each network decides, with its points."""
    from derive.figures.decision_boundary import describe

    panels = [{"title": title, "surface": _surface(run, plane_of(run.configuration.points, size)),
               "points": cloud_of(run), "wrong": run.wrong()} for title, run in runs]
    data = {"panels": panels}
    caption: Prose = ("Decision boundary with the points, those for testing hollow.",)
    return Figure("decision_boundary", data, caption, describe(data), "boundary")


def _surface(run: Run, plane: Plane) -> dict[str, object]:
    return plane.surface(run.outputs(plane.places))


def neuron_figure(run: Run, size: int) -> Figure:
    """The boundary of each unit of the first layer, and of the output."""
    from derive.figures.neuron_boundaries import describe

    plane = plane_of(run.configuration.points, size)
    sums = run.sums(plane.places)
    units = [{"name": Symbol("z", str(j + 1)), "surface": plane.surface(sums[:, j])} for j in range(sums.shape[1])]
    data = {"units": units, "output": {"name": "output", "surface": _surface(run, plane)}, "points": cloud_of(run)}
    caption = ("Where each unit of the first hidden layer changes its sign (it is positive on the darker side), and "
               "the boundary of the output, thick, among them.")
    return Figure("neuron_boundaries", data, (caption,), describe(data), "neurons")


def shown_layer(configuration: Configuration) -> bool:
    """Whether a first hidden layer is small enough for a picture of each unit."""
    return bool(configuration.hidden) and configuration.hidden[0][0] <= PANELS

