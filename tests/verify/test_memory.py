"""Proofs are remembered with what they need and with nothing else; what is no proof is not remembered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from derive.read.latex import Names, read
from derive.steps import Chain, Context, Definition, Derivation, Status, Step, Verdict
from derive.tree import Indexed, Node, Symbol
from derive.verify import memory, verify

X, Y, A, C = Symbol("x"), Symbol("y"), Symbol("a"), Symbol("C")
NAMES = Names(functions=frozenset({"C", "D"}), labels=True)


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    memory.forget()
    yield
    memory.forget()


def node(text: str) -> Node:
    return read(text, NAMES)


class Judge:
    """Says what it is told to say, and remembers what it was asked."""

    def __init__(self, *says: Status) -> None:
        self.says, self.asked = list(says), list[Context]()

    def __call__(self, context: Context) -> Verdict:
        self.asked.append(context)
        return Verdict(self.says[min(len(self.asked), len(self.says)) - 1])


def ask(judge: Judge, context: Context, before: str = "x + x", after: str = "2x") -> Status:
    return memory.remembered(node(before), node(after), "=", context, judge).status


def test_a_proof_is_asked_for_once() -> None:
    judge = Judge(Status.PROVED)
    assert ask(judge, Context({X: "real"})) is ask(judge, Context({X: "real"})) is Status.PROVED
    assert len(judge.asked) == 1


def test_what_is_known_of_other_letters_does_not_matter() -> None:
    judge = Judge(Status.PROVED)
    ask(judge, Context({X: "positive", Y: "negative"}, (Definition(C, (Y,), node("y^2")),)))
    ask(judge, Context({X: "positive", A: "integer"}))
    assert judge.asked == [Context({X: "positive"})]


def test_what_is_known_of_its_letters_does() -> None:
    judge = Judge(Status.PROVED)
    for context in (Context({X: "positive"}), Context({X: "negative"}), Context(), Context({Symbol("x", "i"): "real"})):
        ask(judge, context)
    assert len(judge.asked) == 4


def test_definitions_and_what_they_lead_to() -> None:
    inner, outer = Definition(Symbol("D"), (X,), node("a x")), Definition(C, (X,), node("D(x) + 1"))
    context = Context({A: "positive", Y: "real"}, (inner, outer, Definition(Symbol("g"), (X,), node("x"))))
    assert memory.concerning(node("C(2)"), node("2"), context) == Context({A: "positive"}, (inner, outer))
    assert memory.concerning(node("D(2)"), node("2"), context) == Context({A: "positive"}, (inner,))
    assert memory.concerning(node("2"), node("2"), context) == Context()


def test_marks_below_a_letter_make_no_difference() -> None:
    context = Context({Symbol("W"): "matrix 2 x 2", Symbol("x", "", "()"): "real"})
    assert memory.concerning(node("W_{1,2}"), node("x^{(3)}"), context) == context


@pytest.mark.parametrize(("statement", "name", "concerned"), [
    ("x_1", "x^{(0)}", False), ("x^{(0)}", "x^{(0)}", True), ("x^{(1)}", "x^{(0)}", False),
    (r"\sum_{t=0}^{2} x^{(t)}", "x^{(0)}", True),
    ("x^{(0)}", "x", False), ("x", "x_1", True), (r"\hat{x}", "x", True), ("C(2)", "C", True), ("C", "C", True),
    ("C_1", "C", True), ("C'(2)", "C", True), (r"\nabla C(2, 3)", "C", True), ("y", "x", False),
])
def test_labels_above_a_letter_do(statement: str, name: str, concerned: bool) -> None:
    symbol = node(name)
    symbol = symbol.base if isinstance(symbol, Indexed) else symbol
    assert isinstance(symbol, Symbol)
    known = memory.concerning(node(statement), node("2"), Context({symbol: "real"}))
    assert bool(known.domains) is concerned


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.PROVED])
def test_what_is_no_proof_is_judged_with_all_that_is_known_and_forgotten(status: Status) -> None:
    judge, known = Judge(status, Status.PROVED), Context({X: "real", Y: "real"})
    assert ask(judge, known) is Status.PROVED
    assert judge.asked == [Context({X: "real"}), known]
    ask(judge, known)
    assert len(judge.asked) == 3  # neither answer to the first question was remembered


def test_the_oldest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 2)
    judge = Judge(Status.PROVED)
    for letter in ("x", "y", "x", "z", "y", "x"):
        ask(judge, Context(), letter, f"{letter} + 0 u")
    assert len(judge.asked) == 4


def test_two_derivations_with_other_functions_of_one_name() -> None:
    def derivation(body: str) -> Derivation:
        step = Step(node("C(2)"), node("4"), "put in")
        return Derivation("", "", (), (), (Chain((step,)),), (), Context({}, (Definition(C, (X,), node(body)),)))

    found = [verify(derivation(body)).status() for body in ("x^2", "x^3", "2x")]
    assert found == [Status.PROVED, Status.REFUTED, Status.PROVED]
