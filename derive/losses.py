r"""The losses that a network can be trained with: one row each.

Kinds that differentiate or train a network take a loss by its name; each row gives it as a formula in three forms:
a number for one output, a number for a vector of outputs, a number for a batch of vectors (a row a sample). A new loss
is a row. Formulas are LaTeX in the names of :data:`NAMES`; :func:`loss_named` finds a row, :func:`written` puts a
network's own names in.

Sources: Goodfellow, Bengio and Courville, Deep Learning (2016), chapters 5 and 6; Shalev-Shwartz and Ben-David,
Understanding Machine Learning (2014), chapter 15, for the hinge loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.errors import DeriveError
from derive.tree import Node, Symbol, substitute

UNIT, VECTOR, BATCH = "unit", "vector", "batch"

NAMES: Mapping[str, Mapping[str, Symbol]] = {
    UNIT: {"prediction": Symbol("p"), "target": Symbol("y")},
    VECTOR: {"prediction": Symbol("p"), "target": Symbol("y"), "units": Symbol("m")},
    BATCH: {"prediction": Symbol("P"), "target": Symbol("Y"), "units": Symbol("m"), "samples": Symbol("n")},
}
"""What the letters of a row's formulas mean, in each form."""


@dataclass(frozen=True)
class Loss:
    """A loss. ``unit``, ``vector`` and ``batch`` are its formulas; an empty one does not exist.

    ``logits`` says that the prediction in it is the last layer's weighted sum, not its output. ``activations`` are the
    output activations that it is made for, none for any; ``targets`` says in words what a target may be.
    """

    name: str
    title: str
    unit: str
    vector: str
    batch: str
    spellings: tuple[str, ...] = ()
    logits: bool = False
    activations: tuple[str, ...] = ()
    targets: str = "any number"


_ROWS = (
    Loss(
        "half squared error", "half the squared error",
        r"\frac{1}{2} (p - y)^2",
        r"\frac{1}{2} \|p - y\|_2^2",
        r"\frac{1}{2 n} \sum_{i=1}^{n} \sum_{j=1}^{m} (P_{ij} - Y_{ij})^2",
        ("half squared error", "half-squared", "half mse"),
    ),
    Loss(
        "squared error", "squared error",
        r"(p - y)^2",
        r"\|p - y\|_2^2",
        r"\frac{1}{n} \sum_{i=1}^{n} \sum_{j=1}^{m} (P_{ij} - Y_{ij})^2",
        ("squared", "se", "l2"),
    ),
    Loss(
        "mean squared error", "mean squared error",
        r"(p - y)^2",
        r"\frac{1}{m} \|p - y\|_2^2",
        r"\frac{1}{n m} \sum_{i=1}^{n} \sum_{j=1}^{m} (P_{ij} - Y_{ij})^2",
        ("mse",),
    ),
    Loss(
        "binary cross-entropy", "binary cross-entropy",
        r"-y \ln(p) - (1 - y) \ln(1 - p)",
        r"-y^\top \ln(p) - (\mathbf{1} - y)^\top \ln(\mathbf{1} - p)",
        r"-\frac{1}{n} \sum_{i=1}^{n} \sum_{j=1}^{m} (Y_{ij} \ln(P_{ij}) + (1 - Y_{ij}) \ln(1 - P_{ij}))",
        ("bce", "log loss", "cross-entropy of two classes"), activations=("sigma",), targets="0 or 1, or between them",
    ),
    Loss(
        "binary cross-entropy with logits", "binary cross-entropy of the logit",
        r"\operatorname{softplus}(p) - y p",
        r"\mathbf{1}^\top \operatorname{softplus}(p) - y^\top p",
        r"\frac{1}{n} \sum_{i=1}^{n} \sum_{j=1}^{m} (\operatorname{softplus}(P_{ij}) - Y_{ij} P_{ij})",
        ("bce with logits",), True, ("sigma", ""), "0 or 1, or between them",
    ),
    Loss(
        "categorical cross-entropy", "categorical cross-entropy",
        "",
        r"-y^\top \ln(p)",
        r"-\frac{1}{n} \sum_{i=1}^{n} \sum_{j=1}^{m} Y_{ij} \ln(P_{ij})",
        ("cross-entropy", "ce", "cce", "categorical"), activations=("softmax",),
        targets="a 1 for the class and 0 for the others, or probabilities that add up to 1",
    ),
    Loss(
        "categorical cross-entropy with logits", "categorical cross-entropy of the logits",
        "",
        r"\operatorname{logsumexp}(p) - y^\top p",
        "",
        ("cross-entropy with logits", "ce with logits"), True, ("softmax", ""),
        "a 1 for the class and 0 for the others, or probabilities that add up to 1",
    ),
    Loss(
        "hinge", "hinge loss",
        r"\max(0, 1 - y p)",
        "",
        r"\frac{1}{n} \sum_{i=1}^{n} \sum_{j=1}^{m} \max(0, 1 - Y_{ij} P_{ij})",
        ("hinge loss", "svm"), activations=("",), targets="1 or -1",
    ),
)  # fmt: skip

LOSSES: Mapping[str, Loss] = {row.name: row for row in _ROWS}
"""The losses by name."""


def loss_named(text: str) -> Loss:
    """The loss that a word means. DeriveError, with the known ones, for another word."""
    from derive.read.fields import nearest

    wanted = " ".join(text.casefold().replace("_", " ").split())
    for row in _ROWS:
        if wanted in (row.name, *row.spellings):
            return row
    hint = nearest(wanted, LOSSES) or f"known are {', '.join(LOSSES)}"
    raise DeriveError(f'there is no loss "{text}"', hint)


def written(loss: Loss, form: str, names: Mapping[str, Node]) -> Node:
    """A loss's formula in one of its forms, with the names of a network in place of those of the row.

    ``names`` has what :data:`NAMES` lists for the form. DeriveError for a form that the loss does not have.
    """
    from derive.read.latex import Names, read

    text = getattr(loss, form)
    if not text:
        raise DeriveError(f"{loss.title} is not written for {_SPOKEN[form]}", "another loss, or another form, is")
    node = read(text, Names(labels=True))
    return substitute(node, {own: names[key] for key, own in NAMES[form].items()})


_SPOKEN = {UNIT: "a single output", VECTOR: "a vector of outputs", BATCH: "a batch"}
