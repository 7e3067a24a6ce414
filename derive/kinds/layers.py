"""Layer tables: the output shape and the number of parameters of every layer, totals, memory, work, and code.

The layers are :mod:`derive.architectures`; what is said of them is in :mod:`derive.kinds._layers_rows` (row by row and
totals), :mod:`derive.kinds._layers_checks` (a pasted table, a second network) and the code comes from the files of
``derive/listings``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from derive import choices
from derive.architectures.network import Network, network, shape_node
from derive.architectures.summary import Summary, read_summary
from derive.architectures.training import LOSSES, OPTIMIZERS, Training, loss_of
from derive.errors import DeriveError, ProblemError
from derive.kinds._layers_checks import pasted, printed_table, second
from derive.kinds._layers_rows import BYTES, definitions, described, memory, stated, table, totals, updates, work
from derive.numeric.value import value_of
from derive.problem import Field, Problem
from derive.steps import Context, Derivation, Heading, Listing, Paragraph, Part, Prose
from derive.tree import Number, Symbol
from derive.write.text import text

SUMMARY = "layer tables of networks: shapes, parameters, memory, and the network as Keras, PyTorch and NumPy code"

_FRAMEWORKS = tuple(choices.names("listings"))

FIELDS = (
    Field("input", "any", "the shape of one input, without the batch; a letter stands for any size", required=True,
          example="[28, 28, 1]"),
    Field("layers", "any", "the layers in order: a table each, with its type, its options, and a name if it has one",
          required=True, example='[{type = "Dense", units = 64, activation = "relu"}, {type = "Dropout", rate = 0.5}]'),
    Field("forward", "any", "the names of the layers in the order in which they are applied, where that is another one",
          example='["hidden", "hidden", "output"]'),
    Field("name", "text", "what the network is called", example='"Keras"'),
    Field("other", "any", "a second network to compare with: {name = …, input = …, layers = …, forward = …}",
          example='{name = "PyTorch", layers = [{type = "Dense", units = 64}]}'),
    Field("printed", "text", "a table printed by model.summary(), which is then checked", example="'''…'''"),
    Field("samples", "integer", "how many examples there are", least=1, most=10**12, example="60000"),
    Field("training_share", "number", "the share of them that is trained on", example="0.9"),
    Field("batch", "integer", "examples in one batch", least=1, most=10**9, example="256"),
    Field("epochs", "integer", "how often all examples are seen", least=1, most=10**9, example="50"),
    Field("dtype", "choice", "the type of a number in memory", default="float32", choices=tuple(BYTES),
          example='"float32"'),
    Field("loss", "choice", "the loss; by default the one that goes with the last activation", choices=tuple(LOSSES),
          example='"binary cross-entropy"'),
    Field("optimizer", "choice", "the optimiser; the listings then train the network", choices=tuple(OPTIMIZERS),
          example='"adam"'),
    Field("learning_rate", "number", "its learning rate", example="0.001"),
    Field("code", "choices_list", "the frameworks in which the network is written", default=_FRAMEWORKS,
          choices=_FRAMEWORKS, example='["keras", "pytorch"]'),
)
STARTER = ("input", "layers")


def solve(problem: Problem) -> Derivation:
    """The shapes and counts layer by layer, the table, totals, memory and work; checks; listings.

    DeriveError (ProblemError with the line, in a file) for a definition that does not fit together.
    """
    given = problem.given
    printed = _printed(problem)
    net = _network(problem, "layers", given, printed)
    other = _other(problem)
    parts: list[Part] = [Heading(("What is given",)), stated(net), *([stated(other)] if other is not None else [])]
    parts += [*([printed_table(printed)] if printed is not None else []), *described(net), *table(net)]
    total_parts, results = totals(net)
    parts += total_parts
    for more, found in (memory(net, given["dtype"]), work(net), updates(given)):
        parts, results = parts + more, results + found
    if printed is not None:
        more, found = pasted(printed, net)
        parts, results = parts + more, results + found
    if other is not None:
        more, found = second(net, other)
        parts, results = parts + more, results + found
    parts += _listings(net, given, given["code"])
    if other is not None:
        parts += _listings(other, given, _other_code(problem))
    known = (*definitions(net), *(definitions(other) if other is not None else ()))
    return Derivation(problem.title, problem.kind, _given(net, other, printed, given), _asked(net, given), tuple(parts),
                      tuple(results), Context(_domains(problem, net, other), known))


# --- what is given ----------------------------------------------------------------------------------


def _refused(problem: Problem, key: str, error: DeriveError) -> DeriveError:
    """The error with the place of the key in the file."""
    if not problem.file:
        return error
    return ProblemError(problem.file, problem.lines.get(key) or problem.line, error.message, error.hint)


def _other_code(problem: Problem) -> tuple[str, ...]:
    """The frameworks in which the second network is written: those it names, else those of the first."""
    asked = problem.given["other"].get("code")
    if asked is None:
        code: tuple[str, ...] = problem.given["code"]
        return code
    if not isinstance(asked, list) or any(name not in _FRAMEWORKS for name in asked):
        raise _refused(problem, "other", DeriveError(f"other: code: expected a list of: {', '.join(_FRAMEWORKS)}"))
    return tuple(asked)


def _network(problem: Problem, key: str, table: Mapping[str, Any], printed: Summary | None = None) -> Network:
    names = [row.name for row in printed.rows] if printed else []
    names = names if len(set(names)) == len(names) else []
    try:
        return network(table.get("name") or "", table["input"], table["layers"], table.get("forward"), names)
    except DeriveError as error:
        raise _refused(problem, key, error) from error


def _other(problem: Problem) -> Network | None:
    given = problem.given["other"]
    if given is None:
        return None
    known = ("name", "input", "layers", "forward", "code")
    if not isinstance(given, Mapping) or "layers" not in given or (wrong := [k for k in given if k not in known]):
        extra = f"; it has no key {wrong[0]}" if isinstance(given, Mapping) and "layers" in given else ""
        error = DeriveError(f"other: expected a network with the keys {', '.join(known)}{extra}")
        raise _refused(problem, "other", error)
    table = {"name": "the other", "input": problem.given["input"], **given}
    return replace(_network(problem, "other", table), mark="tilde")


def _printed(problem: Problem) -> Summary | None:
    if problem.given["printed"] is None:
        return None
    try:
        return read_summary(problem.given["printed"])
    except DeriveError as error:
        raise _refused(problem, "printed", error) from error


def _domains(problem: Problem, *networks: Network | None) -> dict[Symbol, str]:
    """Sizes are positive whole numbers."""
    letters = dict.fromkeys((s for net in networks if net is not None for s in net.letters), "positive integer")
    return {**letters, **problem.domains}


def _given(
    net: Network, other: Network | None, printed: Summary | None, given: Mapping[str, Any],
) -> tuple[Prose, ...]:
    items: list[Prose] = [_said(net)]
    if other is not None:
        items.append(_said(other))
    if printed is not None:
        totals = ", ".join(f"{value:,} {name}" for name, value in printed.totals.items())
        items.append((f"a printed table of the layers{totals and ', and printed totals: '}{totals}",))
    if given["samples"] is not None and given["batch"] is not None:
        items.append(_trained_with(given))
    return tuple(items)


def _trained_with(given: Mapping[str, Any]) -> Prose:
    """What the weight updates are counted from."""
    share: Prose = () if given["training_share"] is None else (", of which a share of ", given["training_share"],
                                                               " is trained with")
    epochs = "" if given["epochs"] is None else f", {given['epochs']:,} epochs"
    return (f"{given['samples']:,} examples", *share, f", in batches of {given['batch']:,}{epochs}")


def _said(net: Network) -> Prose:
    count = len(net.places)
    name = f" ({net.name})" if net.name else ""
    return (f"a network of {count} layer{'s' * (count > 1)}{name} for inputs of shape ", shape_node(net.shape))


def _asked(net: Network, given: Mapping[str, Any]) -> tuple[Prose, ...]:
    asked: list[Prose] = [("the output shape and the number of parameters of each layer",), ("their totals",)]
    if given["samples"] is not None and given["batch"] is not None:
        asked.append(("the number of weight updates",))
    if given["printed"] is not None:
        asked.append(("whether the printed table is right",))
    if given["other"] is not None:
        asked.append(("whether the two networks are the same",))
    return tuple(asked)


# --- code -------------------------------------------------------------------------------------------


def _training(net: Network, given: Mapping[str, Any]) -> Training:
    optimizer = given["optimizer"] or ""
    rate = given["learning_rate"]
    customary = OPTIMIZERS[optimizer][2] if optimizer else ""
    spelled = customary if rate is None else text(rate) if isinstance(rate, Number) else f"{value_of(rate):.12g}"
    return Training(loss_of(net, given["loss"]), optimizer, spelled, given["batch"] or 32, given["epochs"] or 1)


def _listings(net: Network, given: Mapping[str, Any], code: tuple[str, ...]) -> list[Part]:
    training = _training(net, given)
    parts: list[Part] = []
    of = f" {net.name}" if net.name else ""
    for name in code:
        module = choices.load("listings", name)
        try:
            parts.append(Listing(module.write(net, training), (f"The network{of} as {module.TITLE} code.",)))
        except DeriveError as error:
            parts.append(Paragraph((f"There is no {module.TITLE} listing: {error.message}.",), remark=True))
    parts = [*_slopes(net, training), *parts] if "numpy" in code else parts
    return [Heading((f"The network{of} as a program",)), *parts, *_remarks(net, code)] if parts else []


def _slopes(net: Network, training: Training) -> list[Part]:
    """The derivations of the activations' slopes, which the gradients in the NumPy program have as factors."""
    from derive.listings.numpy import slopes_used

    chains = [slope.chain for slope in slopes_used(net, training).values()]
    return [Paragraph((_DERIVED,)), *chains] if chains else []


def _remarks(net: Network, code: tuple[str, ...]) -> list[Part]:
    if len(net.shape) < 2 or "pytorch" not in code:
        return []
    from derive.listings.pytorch import input_layout

    if input_layout(net) != "first":
        return []
    return [Paragraph((_CHANNELS, shape_node((net.shape[-1], *net.shape[:-1])), _CHANNELS_END), remark=True)]


_DERIVED = ("The gradients in the NumPy program have the slopes of the activations as factors, written with what the "
            "forward pass stores: the argument z and the output h.")
_CHANNELS = "PyTorch puts the channels first, so its inputs have the shape "
_CHANNELS_END = "; the numbers of parameters are the same."
