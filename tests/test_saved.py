"""Saved derivations: read back, judged again without the rules, carried through JSON unchanged."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from derive.documents.json import write
from derive.errors import DeriveError
from derive.saved import Saved, SavedError, load, pack, reverify, unpack
from derive.steps import Chain, Context, Definition, Derivation, Figure, Status, Step
from derive.tree import Call, Expectation, Given, Indexed, Number, Quotient, Relation, Symbol
from tests.documents.samples import ALL, NEEDS, PROVED, S, X, Y, add, mul, n, neg, power, sigmoid


def saved(folder: Path, *derivations: Derivation) -> Path:
    return write("Sheet", derivations, folder, "saved")[0]


def changed(path: Path, change: Any) -> Path:
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_steps_context_and_verdicts_come_back(tmp_path: Path) -> None:
    one = sigmoid()
    (found,) = load(saved(tmp_path, one))
    assert found.unread == ()
    assert found.derivation.context == one.context
    assert [(s.before, s.after, s.rule, s.verdict) for s in found.derivation.all_steps()] == [
        (s.before, s.after, s.rule, s.verdict) for s in one.all_steps()
    ]


def test_everything_is_proved_again(tmp_path: Path) -> None:
    (found,) = reverify(saved(tmp_path, sigmoid()))
    assert found.verdicts() == {"proved": 11, "checked": 0, "assumed": 0, "undecided": 0, "refuted": 0}


def test_a_verdict_in_the_file_is_not_believed(tmp_path: Path) -> None:
    def falsify(data: Any) -> None:
        data["problems"][0]["steps"][2]["after"] = r"\frac{e^{-x}}{(2 + e^{-x})^{2}}"

    (found,) = reverify(changed(saved(tmp_path, sigmoid()), falsify))
    assert found.derivation.status() is Status.REFUTED


def test_definitions_of_a_chain_hold_in_its_steps_only(tmp_path: Path) -> None:
    naming = Definition(S, (), power(X, 2))
    inside = Chain((Step(add(S, n(1)), add(power(X, 2), n(1)), "put in", verdict=PROVED),), where=(naming,))
    outside = Chain((Step(add(S, S), mul(n(2), S), "collect", verdict=PROVED),))
    one = Derivation("T", "k", (), (), (inside, outside), ())
    (found,) = reverify(saved(tmp_path, one))
    assert [chain.where for chain in found.derivation.chains()] == [(naming,), ()]
    assert found.derivation.status() is Status.PROVED


def test_declared_functions_families_and_labels(tmp_path: Path) -> None:
    cost = Definition(Symbol("C"), (X, Y), add(power(X, 2), Y))
    label = Symbol("theta", "", "(0)")
    family = Indexed(Symbol("z"), (Symbol("i"),))
    chain = Chain((
        Step(Call("C", (n(1), n(2))), n(3), "value", verdict=PROVED),
        Step(add(label, family), add(family, label), "order", verdict=PROVED),
    ))  # fmt: skip
    one = Derivation("T", "k", (), (), (chain,), (), Context({label: "positive"}, (cost,)))
    (found,) = reverify(saved(tmp_path, one))
    assert found.derivation.context == one.context
    assert list(found.derivation.steps())[1].before == add(label, family)
    assert found.derivation.status() is Status.PROVED


def test_densities_and_matrices_are_known_by_their_domains(tmp_path: Path) -> None:
    p, matrix = Symbol("p"), Symbol("A")
    density = Call("p", (Given((X,), (Y,)),))
    mean = Expectation("E", (X,), (Relation((X, p), ("~",)),))
    entry = Indexed(matrix, (Symbol("i"), Symbol("j")))
    chain = Chain((
        Step(add(density, mean), add(mean, density), "order"), Step(add(entry, X), add(X, entry), "order"),
        Step(mul(matrix, add(X, Y)), mul(add(Y, X), matrix), "order"),
    ))  # fmt: skip
    context = Context({p: "density", matrix: "matrix n x n"})
    (found,) = load(saved(tmp_path, Derivation("T", "k", (), (), (chain,), (), context)))
    assert [(s.before, s.after) for s in found.derivation.steps()] == [(s.before, s.after) for s in chain.steps]


def test_a_step_too_large_to_read_is_undecided_not_wrong(tmp_path: Path) -> None:
    huge = Number("7" * 100)
    chain = Chain((Step(huge, add(huge, n(0)), "r", verdict=PROVED), Step(n(1), neg(neg(n(1))), "r", verdict=PROVED)))
    (found,) = reverify(saved(tmp_path, Derivation("T", "k", (), (), (chain,), ())))
    assert found.verdicts()["undecided"] == 1
    assert found.verdicts()["proved"] == 1
    assert "step 1" in found.unread[0]


@pytest.mark.parametrize(
    "content",
    ["", "no json", "[1]", "{}", '{"schema": "other/9", "problems": []}', '{"schema": "derive/1"}',
     '{"schema": "derive/1", "problems": [{"title": "T"}]}', '{"schema": "derive/1", "problems": 7}', "[" * 100_000],
)  # fmt: skip
def test_files_that_are_no_saved_derivation(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SavedError, match=r"x\.json"):
        load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SavedError, match="No such file"):
        load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        (("steps", 0, "before"), r"\input{x}", "step 1"),
        (("steps", 0, "verdict", "status"), "certain", "certain"),
        (("context", "definitions", 0), "1 + 1", "no definition"),
        (("context", "definitions", 0), "f(", "definition"),
        (("context", "domains"), {"x + 1": "real"}, "no name"),
        (("context", "domains"), {"(": "real"}, "domains"),
    ],
)
def test_changed_files_are_refused(place: tuple[Any, ...], text: Any, message: str, tmp_path: Path) -> None:
    def change(data: Any) -> None:
        found = data["problems"][0]
        for key in place[:-1]:
            found = found[key]
        found[place[-1]] = text

    with pytest.raises(SavedError, match=message):
        load(changed(saved(tmp_path, sigmoid()), change))


# --- a whole derivation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ALL)
def test_a_derivation_goes_through_json_unchanged(make: Any) -> None:
    one = make()
    assert unpack(json.loads(json.dumps(pack(one)))) == one


def test_figures_keep_their_data() -> None:
    figure = Figure("curve", {"f": Quotient(X, Y), "range": [0, 1.5], "point": (1, 2), "log": None}, (), "alt")
    assert unpack(json.loads(json.dumps(pack(figure)))) == figure


@pytest.mark.parametrize("value", [object(), {1, 2}, Path("x"), Saved])
def test_what_is_no_derivation_is_not_packed(value: object) -> None:
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.parametrize(
    "data", [{}, {"is": "Path"}, {"is": "Sum"}, {"is": "Sum", "terms": [], "more": 1}, {"is": "Status", "value": "?"}]
)
def test_what_was_not_packed_is_refused(data: Any) -> None:
    with pytest.raises(DeriveError):
        unpack(data)


def test_a_condition_is_its_text_in_a_file_and_keeps_its_formulas_when_packed(tmp_path: Path) -> None:
    step = Step(X, X, "same", verdict=replace(PROVED, condition=NEEDS))
    (found,) = load(saved(tmp_path, Derivation("T", "k", (), (), (Chain((step,)),), ())))
    (read,) = found.derivation.all_steps()
    assert read.verdict == step.verdict
    assert read.verdict is not None
    assert [type(condition) for condition in read.verdict.condition] == [str, str, str]
    for carried in (unpack(json.loads(json.dumps(pack(NEEDS)))), pickle.loads(pickle.dumps(NEEDS))):
        assert carried == NEEDS
        assert [getattr(c, "prose", c) for c in carried] == [getattr(c, "prose", c) for c in NEEDS]
