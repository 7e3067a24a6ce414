r"""The gradient of one point's loss, derived in stored values, and that of the mean over the data.

Called by the fit kind. The loss of a point is differentiated by :mod:`derive.kinds._backward_scalar`; the mean of n
such losses has the mean of the gradients as its gradient.
"""

from __future__ import annotations

from derive.backward import Backward
from derive.goals import simple
from derive.kinds._backward_scalar import backward
from derive.kinds._fit_given import Model, Setup
from derive.kinds._partials import plain_name
from derive.steps import Chain, Definition, Formula, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import (
    ONE,
    Call,
    Derivative,
    Indexed,
    Node,
    Product,
    Quotient,
    Relation,
    SumOver,
    Symbol,
    free_symbols,
    size,
    substitute,
)

N, INDEX, MEAN = Symbol("n"), Symbol("i"), Symbol("L")


def derived(model: Model) -> Backward:
    """The gradient of one point's loss by all parameters. DeriveError where no rule differentiates a formula."""
    return backward(model.graph, model.loss, model.parameters)


def gradient_parts(made: Backward) -> list[Part]:
    """A chain for every derivative, the prediction's first."""
    where = made.definitions
    return [Chain(f.steps, f.letter, where) if f.steps else Formula(Relation((f.name, f.value), ("=",)))
            for f in made.found]


def written_out(model: Model, made: Backward) -> list[Part]:
    """The derivatives by the parameters with the letters put in, where they stay short."""
    parts: list[Part] = []
    for p in model.parameters:
        found = made.by[p]
        whole = _without_letters(made, found.value)
        if whole != found.value:
            step = Step(found.value, whole, "put in the letters", "What they stand for was found above.")
            parts.append(Chain((step,), found.name, made.definitions))
    return [Paragraph(("With the letters put in:",)), *parts] if parts else []


def gradient_results(model: Model, made: Backward, prefix: str) -> list[Result]:
    """The derivatives of a point's loss by the parameters, in stored values; long ones in the letters on the way."""
    values = [(made.by[p].name, _without_letters(made, made.by[p].value)) for p in model.parameters]
    return [Result(f"{prefix}{_plain(name)}", value, name) for name, value in values]


def _without_letters(made: Backward, value: Node) -> Node:
    """The value with what the letters stand for in their places, where that stays short."""
    values: dict[Node, Node] = {f.letter: f.value for f in made.found if f.letter is not None}
    whole = value
    while values.keys() & free_symbols(whole):
        whole = substitute(whole, values)
        if size(whole) > WRITTEN:
            return value
    return simple(whole)


WRITTEN = 60  # parts of a derivative that is written without letters


def _plain(name: Node) -> str:
    return plain_name(name) if isinstance(name, Derivative) else "derivative"


# --- the mean ---------------------------------------------------------------------------------------


def mean_parts(setup: Setup, model: Model) -> list[Part]:
    """The mean over the data, and why its derivative is the mean of the derivatives: by the first parameter."""
    first = model.parameters[0]
    data = [s for s in (*setup.inputs, setup.target) if s in free_symbols(model.body) or s == setup.target]
    point = Call(model.loss.plain, (*model.parameters, *(Indexed(s, (INDEX,)) for s in data)))
    mean = Product((Quotient(ONE, N), SumOver(point, INDEX, ONE, N)))
    name = Derivative(MEAN, first, 1, True)
    opened = Derivative(mean, first, 1, True)
    inside = Product((Quotient(ONE, N), SumOver(Derivative(point, first, 1, True), INDEX, ONE, N)))
    steps = (
        Step(name, opened, "put in the formula", "The loss is the mean over the data.", level=Level.ALGEBRA),
        Step(opened, inside, "sum rule", "Term by term; the factor in front stays.", level=Level.CALCULUS),
    )
    words: Prose = ("The loss of the data is the mean of the losses of the n points, ",
                    Relation((MEAN, mean), ("=",)), ", and its gradient the mean of their gradients:")
    return [Paragraph(words), Chain(steps, None, (Definition(MEAN, (), mean),)), Paragraph((_SAME,))]


_SAME = ("and so on for the other parameters. These formulas are what the computer runs: a letter of a data column "
         "stands for all its numbers at once.")

