"""Comparisons of the ``layers`` kind: a pasted table against the computed one, a second network against the first."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.architectures.counts import value_of
from derive.architectures.network import Network, Place, shape_text
from derive.architectures.summary import Finding, Summary, compare
from derive.kinds._layers_rows import Told, described, table, totals, work
from derive.steps import Heading, Paragraph, Part, Prose, Result, Table
from derive.tree import Node, numeric, total
from derive.write.text import text

# --- a pasted table ---------------------------------------------------------------------------------


def printed_table(summary: Summary) -> Table:
    """The pasted table as it is; what is missing in it is an empty cell."""
    header: tuple[Prose, ...] = (("layer",), ("type",), ("output shape",), ("parameters",))
    rows = tuple(
        ((row.name,), (row.type,), (_printed(row.shape) if row.shape is not None else "",),
         (f"{row.parameters:,}" if row.parameters is not None else "",)) for row in summary.rows
    )
    return Table(header, rows, ("The printed table.",), given=True)


def pasted(summary: Summary, net: Network) -> Told:
    """Every cell of the pasted table compared; those that are wrong or missing are named with what is right."""
    findings = compare(summary, net)
    parts: list[Part] = [Heading(("The printed table",)), Paragraph((_agreement(summary, findings),))]
    if findings:
        header: tuple[Prose, ...] = (("row",), ("cell",), ("printed",), ("right",))
        rows = tuple(((f.row,), (f.cell,), (_printed(f.printed),), _right(f.right)) for f in findings)
        parts.append(Table(header, rows, ("Cells of the printed table that are wrong or missing.",)))
    wrong = list(_totals(summary, net))
    if wrong:
        parts.append(Paragraph((" ".join(wrong),)))
    elif summary.totals:
        parts.append(Paragraph((f"The printed totals ({', '.join(summary.totals)}) are right.",)))
    results = [_result(f) for f in findings]
    results.append(Result("the printed table is right", None, number=not findings and not wrong))
    return parts, results


def _agreement(summary: Summary, findings: Sequence[Finding]) -> str:
    count = len(summary.rows)
    shapes = count - sum(f.cell == "output shape" for f in findings)
    counts = count - sum(f.cell == "parameters" for f in findings)
    return f"Of {count} rows, {shapes} output shapes and {counts} numbers of parameters agree with those computed."


def _printed(value: object) -> str:
    if value is None:
        return "missing"
    return f"({', '.join(['None', *map(str, value)])})" if isinstance(value, tuple) else str(value)


def _right(value: tuple[Node, ...] | Node | str) -> Prose:
    if isinstance(value, tuple):
        return (f"(None, {', '.join(map(text, value))})",)
    return (value,)


def _result(finding: Finding) -> Result:
    word = "missing" if finding.printed is None else "corrected"
    right = finding.right
    name = f"{word} {finding.cell} of {finding.row}"
    return Result(name, None, number=right) if isinstance(right, str) else Result(name, right)


def _totals(summary: Summary, net: Network) -> list[str]:
    """A sentence for each printed total that is wrong."""
    trained = value_of(total([p.trained.value for p in net.once if p.trained is not None]))
    untrained = value_of(total([p.untrained.value for p in net.once if p.untrained is not None]))
    right = {"total": value_of(total([trained, untrained])), "trainable": trained, "non-trainable": untrained}
    return [f"The printed number of {name} parameters, {value:,}, is wrong: it is {text(right[name])}."
            for name, value in summary.totals.items() if numeric(right[name]) != value]


# --- a second network -------------------------------------------------------------------------------


def second(net: Network, other: Network) -> Told:
    """The other network's table and totals, and whether both are the same."""
    parts: list[Part] = [Heading((f"The network {other.name}",)), *described(other)[1:], *table(other)[1:]]
    more, results = totals(other)
    work_parts, work_results = work(other)
    parts += [*more[1:], *work_parts]
    results = results + work_results
    different = _difference(net, other)
    parts += [Heading(("Comparison",)), Paragraph((different or _SAME,))]
    found = [Result(f"{r.name} of the network {other.name}", r.value, r.label, r.shown, r.number) for r in results]
    return parts, [*found, Result("the two networks are the same", None, number=not different)]


_SAME = ("Both networks apply the same layers, with the same sizes and activations, in the same order: they compute "
         "the same functions and have the same numbers of parameters.")


def _difference(net: Network, other: Network) -> str:
    """In words what makes two networks different; nothing where they compute the same functions."""
    first, second_ = _signature(net), _signature(other)
    if first == second_:
        return ""
    count = (len(first), len(second_))
    names = _called(net), _called(other)
    place = next((i for i, (a, b) in enumerate(zip(first, second_, strict=False), 1) if a != b), min(count) + 1)
    said = [f"of layers, {names[0]} applies {count[0]} and {names[1]} {count[1]}"] if count[0] != count[1] else []
    said.append(f"layer {place} of {names[0]} is {_at(first, place)}, that of {names[1]} {_at(second_, place)}")
    shared = [f"{_called(n)} applies {_again(n)} more than once, with the same weights"
              for n in (net, other) if _again(n)]
    unused = [f"{_called(n)} never applies {', '.join(p.name for p in n.unused)}"
              for n in (net, other) if n.unused]
    sentence = "; ".join(said + shared + unused)
    return f"The networks are not the same: {sentence}."


def _called(net: Network) -> str:
    return f"the network {net.name}" if net.name else "the first network"


def _again(net: Network) -> str:
    return ", ".join(dict.fromkeys(p.name for p in net.places if p.again))


def _signature(net: Network) -> list[str]:
    """What each place does, in words that two networks share exactly when they do the same."""
    found: dict[str, int] = {}
    signature: list[str] = []
    for place in net.places:
        again = f", again layer {found[place.name]}" if place.again else ""
        found.setdefault(place.name, len(signature) + 1)
        signature.append(_does(place) + again)
    return signature


def _does(place: Place) -> str:
    values = place.layer.values
    options = ", ".join(f"{k} {_option(v)}" for k, v in values.items() if k not in ("activation",) and v is not None)
    activation = f", {place.layer.activation}" if place.layer.activation != "linear" else ""
    return f"{place.layer.type} {shape_text(place.shape)} to {shape_text(place.outputs)} [{options}]{activation}"


def _option(value: object) -> str:
    return text(value) if isinstance(value, Node) else str(value)


def _at(signature: Sequence[str], place: int) -> str:
    return re.sub(r" \[.*?\]", "", signature[place - 1]) if place <= len(signature) else "missing"
