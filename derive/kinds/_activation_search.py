r"""Which activations make a network a given model: every assignment to its units is tried, and each verdict proved.

Called by the coefficients kind, which hands over how it matches a network to the model. An assignment fits where that
succeeds, for all weights. That another one does not is shown by an instance, with one number for all weights and one,
t, for all inputs: what is linear in the inputs changes by equal steps between t = 0, 1 and 2, and a probability stays
between 0 and 1. The last activation, where network and model have the same one, is taken off both: it takes each value
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from derive.errors import DeriveError, LimitError
from derive.goals import free_letter, simple
from derive.limits import ACTIVATION_ASSIGNMENTS
from derive.numeric.value import value_of
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Negative,
    Node,
    Number,
    Relation,
    Sum,
    Symbol,
    Vector,
    free_symbols,
    substitute,
)
from derive.write.text import text

WORDS = {"linear": "", "sigmoid": "sigma"}
"""What may be tried: the word and the function."""

Match = Callable[[Sequence[Definition]], object]
Units = tuple[Definition, ...]

_WEIGHTS = (ONE, TWO, Number("3"))  # for all weights at once; with 1 a difference may vanish by chance
_CLEAR = 1e-9  # by which floats must differ before the verifier is asked to prove that numbers do


@dataclass(frozen=True)
class Assignment:
    """An activation for each unit: the words, the units with it, and why it is not the model (empty where it is).

    ``instance`` is what is looked at as a function of t, ``proof`` the steps that show it to be impossible.
    """

    words: tuple[str, ...]
    units: Units
    because: str = ""
    instance: Definition | None = None
    proof: tuple[Step, ...] = ()


def search(
    units: Units, words: Sequence[str], variables: Sequence[Symbol], activation: str, match: Match
) -> list[Assignment]:
    """Every assignment of the words to the units, in order; ``activation`` is the model's, "" or "sigma".

    ``match`` raises DeriveError where the network is not the model. DeriveError for a unit that has an activation
    already and for a model with another one; LimitError for too many assignments.
    """
    if activation not in WORDS.values():
        raise DeriveError("activations are tried for linear and logistic regression only",
                          r"write the model as '\beta_1 X_1' or '\sigma(\beta_1 X_1)', or leave out activations")
    for unit in units:
        if isinstance(unit.body, Call):
            raise DeriveError(f"the unit {text(unit.name)} = {text(unit.body)} has an activation already",
                              "give its weighted sum alone; activations are put around it")
    if len(words) ** len(units) > ACTIVATION_ASSIGNMENTS:
        raise LimitError(f"{len(words)} activations for {len(units)} units are {len(words) ** len(units)} "
                         f"assignments; at most {ACTIVATION_ASSIGNMENTS} are tried")
    tried = (tuple(chosen) for chosen in product(words, repeat=len(units)))
    return [_judged(chosen, _assigned(units, chosen), variables, activation, match) for chosen in tried]


def _assigned(units: Units, words: Sequence[str]) -> Units:
    return tuple(
        Definition(u.name, (), Call(WORDS[w], (u.body,)) if WORDS[w] else u.body)
        for u, w in zip(units, words, strict=True)
    )


def _judged(
    words: tuple[str, ...], units: Units, variables: Sequence[Symbol], activation: str, match: Match
) -> Assignment:
    try:
        match(units)
    except DeriveError as error:
        proof = next(_proofs(units, variables, activation), None)
        return proof.of(words, units) if proof else Assignment(words, units, error.message)
    return Assignment(words, units)


# --- why not ----------------------------------------------------------------------------------------


_UNEQUAL, _OUTSIDE = "unequal steps", "no probability"


@dataclass(frozen=True)
class _Proof:
    """That the network of one number is not the model."""

    because: str
    instance: Definition
    steps: tuple[Step, ...]

    def of(self, words: tuple[str, ...], units: Units) -> Assignment:
        return Assignment(words, units, self.because, self.instance, self.steps)


def _proofs(units: Units, variables: Sequence[Symbol], activation: str) -> Iterator[_Proof]:
    """One for each number in place of the weights with which there is one."""
    same = bool(activation) and isinstance(units[-1].body, Call)
    judge = _no_probability if activation and not same else _unequal_steps
    for weight in _WEIGHTS:
        proof = judge(_instance(units, variables, weight, inside=same))
        if proof is not None:
            yield proof


def _instance(units: Units, variables: Sequence[Symbol], weight: Node, inside: bool) -> Definition:
    """What the network computes of one number t; with ``inside`` what its last activation is applied to."""
    body = units[-1].body
    if inside and isinstance(body, Call):
        body = body.args[0]
    for unit in reversed(units[:-1]):
        body = substitute(body, {unit.name: unit.body})
    t = free_letter(body, Symbol("t"))
    name = free_letter(Sum((body, t)), Symbol("f")) if inside else units[-1].name
    numbers: dict[Node, Node] = dict.fromkeys(free_symbols(body), weight)
    return Definition(name, (t,), simple(substitute(body, {**numbers, **dict.fromkeys(variables, t)})))


def _unequal_steps(instance: Definition) -> _Proof | None:
    """From 0 to 1 it does not change as from 1 to 2."""
    applied = [Call(instance.name.plain, (at,)) for at in (ZERO, ONE, TWO)]
    values = [_value(instance, at) for at in (ZERO, ONE, TWO)]
    first, second, third = map(value_of, values)
    if abs(third - 2 * second + first) < _CLEAR:
        return None
    late, early = Sum((values[2], Negative(values[1]))), Sum((values[1], Negative(values[0])))
    steps = (
        Step(Sum((applied[2], Negative(applied[1]))), late, "put in"),
        Step(late, early, "compare the steps", "What is linear changes by equal steps.", "!=", Level.ARGUMENT),
        Step(early, Sum((applied[1], Negative(applied[0]))), "put in"),
    )
    return _Proof(_UNEQUAL, instance, steps)


def _no_probability(instance: Definition) -> _Proof | None:
    """A value that is not between 0 and 1."""
    for at in (ZERO, ONE, TWO):
        value = _value(instance, at)
        for bound, sign, beyond in ((ONE, ">=", value_of(value) >= 1), (ZERO, "<=", value_of(value) <= 0)):
            if beyond:
                start = Call(instance.name.plain, (at,))
                put = Step(start, value, "put in")
                outside = Step(value, bound, "no probability", "Those lie between 0 and 1.", sign, Level.ARGUMENT)
                return _Proof(_OUTSIDE, instance, (put, outside))
    return None


def _value(instance: Definition, at: Node) -> Node:
    return simple(substitute(instance.body, {instance.parameters[0]: at}))


# --- what is told -----------------------------------------------------------------------------------


def told(units: Units, tried: Sequence[Assignment], model: Node) -> list[Part]:
    """The table of all assignments, then the proof of each refusal, equal ones once."""
    fitting = sum(not a.because for a in tried)
    table = Table(
        (*((u.name,) for u in units), ("model?",), ("because",)),
        tuple(_row(a) for a in tried),
        ("Each activation of the units and whether the network is then the model ", model, "."),
    )
    count = {0: "None of them makes", 1: "One of them makes"}.get(fitting, f"{fitting} of them make")
    parts: list[Part] = [Heading(("Which activations",)), Paragraph((_HOW,)), table]
    parts.append(Paragraph((f"{count} the network the model for all weights.",)))
    proofs = {(a.because, a.instance): a for a in tried if a.instance is not None}
    if proofs:
        stripped = any(a.instance.name != units[-1].name for a in proofs.values() if a.instance is not None)
        parts += [Heading(("Why not the others",)), Paragraph((_WHY + _INSIDE * stripped,))]
    for (_, instance), assignment in proofs.items():
        parts.append(Formula(Relation((Call(instance.name.plain, instance.parameters), instance.body), ("=",))))
        parts.append(Chain(assignment.proof, None, (instance,)))
    return parts


_HOW = ("Every assignment of the activations to the units is tried. One fits where the units, put into one another, "
        "multiplied out and collected, have the form of the model.")
_WHY = ("It is enough to look at one network of the kind, with the same number for all weights, and at inputs that are "
        "all the same number.")
_INSIDE = (" Where the network ends with a sigmoid as the model does, f is what that is applied to, the log-odds; "
           "those of the model are linear.")


def _row(assignment: Assignment) -> tuple[Prose, ...]:
    words: tuple[Prose, ...] = tuple((w,) for w in assignment.words)
    if not assignment.because:
        return (*words, ("yes",), ("it collects to the form of the model",))
    if assignment.instance is None:
        return (*words, ("no",), (assignment.because,))
    name = Call(assignment.instance.name.plain, assignment.instance.parameters)
    return (*words, ("no",), (Relation((name, assignment.instance.body), ("=",)), f": {assignment.because}"))


def result(units: Units, assignment: Assignment) -> Result:
    """The assignment as a vector of words beside that of the units."""
    value = Vector(tuple(Symbol(w) for w in assignment.words))
    return Result("assignment of activations", value, Vector(tuple(u.name for u in units)))
