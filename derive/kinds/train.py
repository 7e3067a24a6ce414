r"""Training a small network on points of two classes: backpropagation derived, then used; losses, boundaries, test.

What is given is read by :mod:`derive.kinds._train_given`; the derivation is told by :mod:`derive.kinds._train_told`,
the training done by :mod:`derive.kinds._train_run`, its outcome told by :mod:`derive.kinds._train_results` and
:mod:`derive.kinds._train_neurons`, several trainings by :mod:`derive.kinds._train_table`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from derive import limits
from derive.errors import MathError
from derive.kinds import _train_given as given
from derive.kinds._train_given import Configuration, configurations
from derive.kinds._train_neurons import neuron_section
from derive.kinds._train_results import (
    boundary_figure,
    gradient_section,
    loss_section,
    sparse_section,
    test_section,
)
from derive.kinds._train_run import GRID, Run, trained
from derive.kinds._train_stated import differences, stated
from derive.kinds._train_table import claims_section, table_section
from derive.kinds._train_told import context_of, count_parts, feature_map, network_parts, update_parts
from derive.numeric.training import INITIALS
from derive.problem import Field, Problem
from derive.steps import Derivation, Heading, Paragraph, Part, Prose, Result
from derive.tree import Call, Node, Relation, Symbol, number

SUMMARY = "training a small network on two classes in the plane, with the derived gradients"

FIELDS = (
    *given.FIELDS,
    Field("runs", "any", "several trainings for one table; each may give any key anew, a name, and what was printed",
          example="[{name = 'tanh', activation = 'tanh'}, {name = 'ReLU', activation = 'ReLU'}]"),
    Field("claims", "any", "statements about the runs to hold against the numbers",
          example="[{text = 'ReLU is quicker', column = 'epochs', smaller = [2], than = [1]}]"),
    Field("neurons", "boolean", "whether to show the boundary of each unit of the first hidden layer", default=True,
          example="true"),
)  # fmt: skip
STARTER = ("data", "features", "hidden", "activation", "learning_rate", "epochs")

PHI = Call("phi", (Symbol("x", font="bold"),))


def solve(problem: Problem) -> Derivation:
    """The derivation of the gradients, the training with them, and what it reached.

    DeriveError for what is missing or does not fit together; MathError for a feature without a value and for a
    training that diverges, with its step and value.
    """
    chosen = configurations(problem)
    runs = _trained(chosen)
    first = max(runs, key=lambda run: len(run.configuration.activations))
    parts: list[Part] = [*_data(chosen), *network_parts(first.configuration, first.batch)]
    if len({run.configuration.activations for run in runs}) > 1:
        parts.append(Paragraph((_OTHERS.format(first.configuration.name),)))
    update, results = update_parts([run.configuration for run in runs], first.batch)
    more, found = _several(problem, runs) if len(chosen) > 1 else _single(problem, runs[0])
    context = context_of(first.batch, dict(problem.domains))
    claims = problem.given["claims"] if len(chosen) > 1 and problem.given["claims"] else ()
    asked = (*ASKED, *((f"whether it is true: “{claim['text']}”",) for claim in claims))
    return Derivation(problem.title, problem.kind, stated(chosen), asked, tuple(parts + update + more),
                      tuple(results + found), context)


ASKED: tuple[Prose, ...] = (
    ("the gradients of the loss",),
    ("a trained network, and how well it classifies points that it has not seen",),
)
_OTHERS = ("This is the network of {}. In the other runs the same formulas hold layer by layer, with the derivatives "
           "of their activations.")


def _trained(chosen: Sequence[Configuration]) -> list[Run]:
    """All trainings, one after another; an interrupted one is the last. MathError where the only one diverges."""
    runs: list[Run] = []
    until = time.process_time() + limits.TRAINING_SECONDS
    for k, configuration in enumerate(chosen, 1):
        place = f"run {k} of {len(chosen)}, {configuration.name}: epoch" if len(chosen) > 1 else "epoch"
        runs.append(trained(configuration, place, until - time.process_time()))
        if runs[-1].course.ended == "interrupted":
            break
    lost = runs[0].course.diverged
    if len(chosen) == 1 and lost is not None:
        rate = chosen[0].settings.learning_rate
        raise MathError(
            f"the training diverges: after step {lost.step} (epoch {lost.epoch}) the loss is {lost.value:g}; before "
            f"that step it was {lost.last:.6g}", f"the learning rate {rate:g} is too large; try {rate / 10:g}",
        )
    return runs


# --- parts ------------------------------------------------------------------------------------------


def _data(chosen: Sequence[Configuration]) -> list[Part]:
    """Where the points come from and what the network is given of them."""
    one = chosen[0]
    counts = sorted({len(c.points) for c in chosen})
    shares = sorted({c.split for c in chosen})
    words: list[str | Node] = [f"{' or '.join(map(str, counts))} points of two classes"]
    words.append(" in each data set. " if len(chosen) > 1 else ". ")
    if len(shares) == 1:
        words.append(f"A share of {shares[0]:g} of them, drawn at random, is trained with; the rest is for the test. ")
    if len(chosen) == 1:
        words += ["Of a point ", Symbol("x", font="bold"), " the network is given ",
                  Relation((PHI, feature_map(one.features)), ("=",)), ". "]
    if any(c.standardise for c in chosen):
        words.append("Each feature is standardised: less its mean, by its standard deviation, both of the training "
                     "points, so that nothing of the test is known before. ")
    words.append(f"At the start: {'; '.join(dict.fromkeys(INITIALS[c.start].about for c in chosen))}.")
    return [Heading(("Data and features",)), *differences(chosen), Paragraph(tuple(words))]


def _single(problem: Problem, run: Run) -> tuple[list[Part], list[Result]]:
    parts, count = count_parts(run.configuration)
    results = [Result("parameters", number(count))]
    for section in (loss_section, gradient_section, test_section, sparse_section):
        more, found = section(run)
        parts, results = parts + more, results + found
    parts.append(boundary_figure([("", run)], GRID))
    if problem.given["neurons"]:
        more, found = neuron_section(run)
        parts, results = parts + more, results + found
    return parts, results


def _several(problem: Problem, runs: Sequence[Run]) -> tuple[list[Part], list[Result]]:
    parts, results = table_section(runs)
    return parts + claims_section(problem.given["claims"], runs), results
