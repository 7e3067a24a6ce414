r"""What is derived before a network is trained: its forward pass over a batch, the gradients, the update, the penalty.

Called by the kind ``train``. The gradients are printed as :mod:`derive.kinds._backward_matrix` found them, which is as
they are run; the update and what a penalty does to it are derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from derive.functions import FUNCTIONS
from derive.goals import derivative
from derive.kinds._backprop_network import SAMPLES
from derive.kinds._by_hand import worked
from derive.kinds._methods import at
from derive.kinds._shared import derivative_of
from derive.kinds._train_given import Configuration
from derive.kinds._train_network import Batch
from derive.networks import IDENTITY
from derive.steps import Chain, Context, Definition, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Cases,
    Derivative,
    GradientOf,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Vector,
    free_symbols,
    number,
    total,
)

ALPHA, LAMBDA, KAPPA = Symbol("alpha"), Symbol("lambda"), Symbol("kappa")
W, V, G = Symbol("w"), Symbol("v"), Symbol("g")
THETA = Symbol("theta")
SPOKEN = {IDENTITY: "linear", "sigma": "sigmoid"}

BOUNDS: dict[str, tuple[Node, Node]] = {
    "sigma": (Product((Symbol("h"), Sum((ONE, Negative(Symbol("h")))))), Quotient(ONE, Number("4"))),
    "tanh": (Sum((ONE, Negative(Power(Symbol("h"), TWO)))), ONE),
    "relu": (Cases(((ONE, Relation((Symbol("z"), ZERO), (">",))), (ZERO, None))), ONE),
}
"""The derivative of an activation in its output h or its sum z, and its largest value."""


def spoken(activation: str) -> str:
    """An activation in words."""
    row = FUNCTIONS.get(activation)
    return SPOKEN.get(activation) or (row.text if row is not None else activation)


def context_of(batch: Batch, domains: dict[Symbol, str]) -> Context:
    """For the verifier: every quantity, and what the letters of the gradients stand for.

    The widths of the layers are letters, m_1, m_2, …: the formulas hold for all of them. A width of 1 stays.
    """
    letters = {KAPPA: "positive", ALPHA: "positive", LAMBDA: "positive"}
    declared = batch.backward.domains
    widths = {s: domain for s, domain in batch.layered.any_width.items() if s in declared}
    return Context({**domains, **declared, **widths, **letters}, batch.backward.definitions)


# --- the network ------------------------------------------------------------------------------------


def network_parts(configuration: Configuration, batch: Batch) -> list[Part]:
    """The forward pass and the gradients, layer by layer from the output."""
    widths = " – ".join(map(str, configuration.sizes))
    layers = ", ".join([*(spoken(name) for _, name in configuration.hidden), f"{spoken(configuration.output)} output"])
    classes = "1 or 0" if configuration.zero_one else "1 or −1"
    made = batch.layered
    rows = ("A row of ", made.inputs, " holds the features of a sample, ") if len(configuration.features) > 1 else (
        made.inputs, " holds the feature of every sample, ")
    about: Prose = (
        f"The network has the layers {widths} ({layers}). ", *rows, made.target, f" the classes, {classes}; ", SAMPLES,
        " samples make a batch, and a bold 1 is a column of ones. ",
        f"The loss is the mean over the batch of {configuration.loss.title}.",
    )
    forward = [Formula(Relation((q.name, q.body), ("=",))) for q in made.graph.quantities]
    return [
        Heading(("The network over a batch",)), Paragraph(about), *forward,
        Heading(("Backpropagation",)), Paragraph((_BACKWARDS,)), *gradient_parts(batch),
    ]


_BACKWARDS = ("From the output to the inputs, each gradient in stored outputs and in gradients found before it. These "
              "formulas are what the program trains with.")


def gradient_parts(batch: Batch) -> list[Part]:
    """A chain for each gradient: by the loss's argument, then a layer's sums, weights, biases and inputs."""
    found = batch.backward.by
    order: list[Symbol] = []
    for layer in reversed(batch.layers):
        order += [layer.outputs, layer.sums, layer.weights]
        order += [layer.biases] if layer.biases is not None else []
    return [Chain(found[s].steps, found[s].letter) for s in dict.fromkeys(order) if s in found and found[s].steps]


# --- the update -------------------------------------------------------------------------------------


def update_parts(chosen: Sequence[Configuration], batch: Batch) -> tuple[list[Part], list[Result]]:
    """The step of gradient descent, and what the penalties of any configuration make of it."""
    settings, configuration = chosen[0].settings, chosen[0]
    size = f"{settings.batch} samples" if settings.batch else "all samples"
    old, new = at(THETA, "t"), at(THETA, "t+1")
    moved = Sum((old, Negative(Product((ALPHA, GradientOf(batch.layered.output, (old,)))))))
    rate = configuration.written.get("learning_rate", Number("0.03"))
    words: Prose = (
        f"After each batch of {size} every parameter ", THETA,
        ", weight or bias, moves against its gradient, with the learning rate ", Relation((ALPHA, rate), ("=",)),
        "; the steps are counted by ", Symbol("t"), ":",
    )
    parts: list[Part] = [Heading(("The update",)), Paragraph(words), Formula(Relation((new, moved), ("=",)))]
    results: list[Result] = []
    both = any(c.settings.l1 for c in chosen) and any(c.settings.l2 for c in chosen)
    first, second = (Symbol("lambda", "1"), Symbol("lambda", "2")) if both else (LAMBDA, LAMBDA)
    for one in [c for c in chosen if c.settings.l2][:1]:
        more, found = _l2(one.written["l2"], second)
        parts, results = parts + more, results + found
    for one in [c for c in chosen if c.settings.l1][:1]:
        parts += _l1(one, first, second if one.settings.l2 else None)
    return parts, results


def _l2(rate: Node, letter: Symbol) -> tuple[list[Part], list[Result]]:
    """Weight decay."""
    penalty = Product((Quotient(letter, TWO), Power(W, TWO)))
    chain = Chain(tuple(derivative(derivative_of(penalty, W))))
    moved = Sum((W, Negative(Product((ALPHA, Sum((G, Product((letter, W)))))))))
    decay = Sum((Product((Sum((ONE, Negative(Product((ALPHA, letter))))), W)), Negative(Product((ALPHA, G)))))
    step = Step(moved, decay, "collect", "The weight itself shrinks by a constant factor at each step.",
                level=Level.ALGEBRA)
    told: list[Part] = [
        Paragraph(("The L2 penalty adds ", penalty, " for every weight, with ", Relation((letter, rate), ("=",)),
                   "; biases have none. Its derivative is added to the gradient ", G, " of the loss:")),
        chain,
        Paragraph(("so that the step is weight decay:",)), Chain((step,)),
    ]
    return told, [Result("L2 step", decay, W, shown=False)]


def _l1(configuration: Configuration, letter: Symbol, decay: Symbol | None) -> list[Part]:
    """Soft-thresholding, from the subgradient of the absolute value; behind weight decay where there is both."""
    half = Quotient(Power(Sum((W, Negative(V))), TWO), TWO)
    above, below = Sum((half, Product((KAPPA, W)))), Sum((half, Negative(Product((KAPPA, W)))))
    slope, mirrored = (tuple(derivative(derivative_of(side, W))) for side in (above, below))
    branches = Cases((
        (Sum((V, Negative(KAPPA))), Relation((V, KAPPA), (">",))),
        (ZERO, Relation((Negative(KAPPA), V, KAPPA), ("<=", "<="))),
        (Sum((V, KAPPA)), Relation((V, Negative(KAPPA)), ("<",))),
    ))
    in_one = Sum((
        Call("max", (Sum((V, Negative(KAPPA))), ZERO)),
        Negative(Call("max", (Sum((Negative(V), Negative(KAPPA))), ZERO))),
    ))
    rate = Relation((letter, configuration.written["l1"]), ("=",))
    gradient = G if decay is None else Sum((G, Product((decay, W))))
    moved = Relation((V, Sum((W, Negative(Product((ALPHA, gradient)))))), ("=",))
    size = Call("abs", (W,))
    begin: Prose = (
        "The L1 penalty ", Product((letter, size)), " with ", rate, " has no derivative at 0: there every number ",
        "between ", Negative(letter), " and ", letter, " is a subgradient. So the step is made in two: first ", moved,
        ", then the ", W, " that makes ", Sum((half, Product((KAPPA, size)))), " least, with ",
        Relation((KAPPA, Product((ALPHA, letter))), ("=",)), ". For positive and for negative ", W,
        " the derivatives are",
    )
    end: Prose = (
        "They vanish at ", Sum((V, Negative(KAPPA))), " and at ", Sum((V, KAPPA)),
        ", which are positive and negative where ", Relation((V, KAPPA), (">",)), " and ",
        Relation((V, Negative(KAPPA)), ("<",)), ". Between these, 0 is a subgradient at ", Relation((W, ZERO), ("=",)),
        ": the weight is set to zero exactly.",
        " A weight that has become zero stays zero, as in the playground." if configuration.settings.keep_zero else "",
        " This is soft-thresholding:",
    )
    same = Step(mirrored[0].before, mirrored[-1].after, "in the same way", level=Level.CALCULUS, steps=mirrored)
    return [
        Paragraph(begin), Chain(slope), Chain((same,)), Paragraph(end),
        Chain((Step(branches, in_one, "in one formula", "The three cases together."),), W),
    ]


# --- counting and slopes ----------------------------------------------------------------------------


def count_parts(configuration: Configuration) -> tuple[list[Part], int]:
    """The number of weights and biases, written out and added up."""
    pairs = pairwise(configuration.sizes)
    count = total([Sum((Product((number(fed), number(units))), number(units))) for fed, units in pairs])
    parameters = parameters_of(configuration.sizes)
    words: Prose = ("A layer with ", Symbol("m", "in"), " inputs and ", Symbol("m", "out"), " units has ",
                    Sum((Product((Symbol("m", "in"), Symbol("m", "out"))), Symbol("m", "out"))),
                    " parameters: a weight for each input of each unit, and a bias for each unit.")
    steps = tuple(worked(count))
    return [Heading(("Parameters",)), Paragraph(words), Chain(steps, Symbol("parameters", font="rm"))], parameters


def parameters_of(sizes: Sequence[int]) -> int:
    """The number of weights and biases of full layers."""
    return sum(fed * units + units for fed, units in pairwise(sizes))


def bound_parts(activations: Sequence[str]) -> list[Part]:
    """How large the derivatives of the hidden activations can be."""
    parts: list[Part] = []
    for name in dict.fromkeys(a for a in activations if a in BOUNDS):
        slope, most = BOUNDS[name]
        h, z = Symbol("h"), Symbol("z")
        where = (Definition(h, (), Call(name, (z,))),) if h in free_symbols(slope) else ()
        rule = "in the stored output" if where else f"derivative of {spoken(name)}"
        first = Step(Derivative(Call(name, (z,)), z), slope, rule, level=Level.CALCULUS)
        parts.append(Chain((first, Step(slope, most, "largest value", relation="<=")), None, where))
    return parts


def feature_map(features: Sequence[Node]) -> Node:
    """The features as coordinates, or the only one."""
    return Vector(tuple(features)) if len(features) > 1 else features[0]
