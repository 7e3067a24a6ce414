r"""The loss of a network in its single outputs and targets: a row of :mod:`derive.losses` or a written formula.

Called by :mod:`derive.kinds._backprop_given`. A row's formula for vectors is written out entry by entry, so that a new
row needs nothing here: :func:`written_out` knows norms, inner products and functions applied to every entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.errors import DeriveError
from derive.losses import UNIT, VECTOR, Loss, written
from derive.tree import (
    ONE,
    TWO,
    Call,
    E,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    Transpose,
    numeric,
    times,
    total,
)

Entries = tuple[Node, ...]


def of_outputs(loss: Loss, predictions: Sequence[Symbol], targets: Sequence[Symbol]) -> Node:
    """The loss in the single predictions and targets. DeriveError for a row that does not fit their number."""
    own = {"prediction": Symbol("p"), "target": Symbol("y"), "units": Number(str(len(predictions)))}
    if len(predictions) == 1:
        if not loss.unit:
            raise DeriveError(f"{loss.title} needs an output for each class, here is one",
                              "with two classes and one output take binary cross-entropy")
        return written(loss, UNIT, {"prediction": predictions[0], "target": targets[0]})
    if not loss.vector:
        each = [written(loss, UNIT, {"prediction": p, "target": y})
                for p, y in zip(predictions, targets, strict=True)]
        return total(each)
    vectors = {own["prediction"]: tuple(predictions), own["target"]: tuple(targets)}
    made = written_out(written(loss, VECTOR, own), vectors)
    if isinstance(made, tuple):
        raise DeriveError(f"{loss.title} is no number")
    return made


def written_out(node: Node, vectors: Mapping[Node, Entries]) -> Node | Entries:
    """A formula with vectors in its entries: a number, or the entries of a vector."""
    if node in vectors:
        return vectors[node]
    match node:
        case Symbol("1", font="bold"):
            return tuple(ONE for _ in next(iter(vectors.values())))
        case Sum(terms):
            return _entrywise([written_out(t, vectors) for t in terms], total)
        case Negative(operand):
            return _entrywise([written_out(operand, vectors)], lambda parts: Negative(parts[0]))
        case Power(Norm(operand, order), exponent) if exponent == TWO and (order is None or order == TWO):
            return total([Power(entry, TWO) for entry in _vector(written_out(operand, vectors))])
        case Product(factors):
            return _product(list(factors), vectors)
        case Quotient(top, bottom):
            return _entrywise([written_out(top, vectors)], lambda parts: Quotient(parts[0], bottom))
        case Call("logsumexp", (argument,)):
            return Call("ln", (total([Power(E, z) for z in _vector(written_out(argument, vectors))]),))
        case Call(name, (argument,)):
            return _entrywise([written_out(argument, vectors)], lambda parts: Call(name, (parts[0],)))
    return node


def _product(factors: list[Node], vectors: Mapping[Node, Entries]) -> Node | Entries:
    """Numbers times at most one inner product or one vector."""
    before: list[Node] = []
    while factors and not isinstance(factors[0], Transpose):
        before.append(factors.pop(0))
    if not factors:
        return _entrywise([written_out(f, vectors) for f in before], times)
    row, rest = factors[0], factors[1:]
    assert isinstance(row, Transpose)
    left = _vector(written_out(row.operand, vectors))
    right = _vector(_product(rest, vectors))
    inner = total([_times(a, b) for a, b in zip(left, right, strict=True)])
    return times([*before, inner])


def _times(left: Node, right: Node) -> Node:
    return times([f for f in (left, right) if numeric(f) != 1])


def _entrywise(parts: list[Node | Entries], join: object) -> Node | Entries:
    """The same done with numbers, or with the entries of vectors; numbers stand for every entry."""
    assert callable(join)
    count = max((len(p) for p in parts if isinstance(p, tuple)), default=0)
    if not count:
        made: Node = join(parts)
        return made
    rows = [p if isinstance(p, tuple) else (p,) * count for p in parts]
    return tuple(join(list(entries)) for entries in zip(*rows, strict=True))


def _vector(value: Node | Entries) -> Entries:
    return value if isinstance(value, tuple) else (value,)


def check_targets(loss: Loss, values: Sequence[Node]) -> None:
    """DeriveError for numbers that cannot be targets of the loss."""
    numbers = [numeric(v) for v in values]
    if any(n is None for n in numbers):
        return
    known = [n for n in numbers if n is not None]
    wrong = False
    if loss.targets.startswith("1 or -1"):
        wrong = any(abs(n) != 1 for n in known)
    elif loss.targets != "any number":
        wrong = any(not 0 <= n <= 1 for n in known)
    if adds_up(loss):
        wrong = wrong or sum(known) != 1
    if wrong:
        raise DeriveError(f"the target does not fit: {loss.title} wants {loss.targets}",
                          "target = [0, 1, 0] means the second of three classes" if adds_up(loss) else "")


def adds_up(loss: Loss) -> bool:
    """Whether the targets are probabilities that add up to 1."""
    return "add up to 1" in loss.targets
