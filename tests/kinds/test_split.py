"""Splits: impurities and gains against the definitions, the tree against its rows, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.api import solve_problem
from derive.errors import DeriveError
from derive.kinds._split_given import Data
from derive.kinds._split_search import candidates, grow, impurity
from derive.read.problems import make, read_text
from derive.steps import Figure, Paragraph, Status, Table
from derive.tree import numeric

FEVER = {"temperature": [36, 37, 38, 39], "class": ["well", "well", "ill", "ill"]}
XOR = {"x": [0, 0, 1, 1], "y": [0, 1, 0, 1], "class": [0, 1, 1, 0]}


def solved(data, **values):
    return solve_problem(make("split", {"data": data, "figure": False, **values}))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def words(derivation):
    return " ".join("".join(t for t in p.text if isinstance(t, str))
                    for p in derivation.parts if isinstance(p, Paragraph))


IMPURITIES = [
    ((4, 0), 0, 0.0), ((2, 2), Fraction(1, 2), 1.0), ((3, 4), Fraction(24, 49), 0.9852281),
    ((1, 1, 1), Fraction(2, 3), math.log2(3)), ((0, 5, 0), 0, 0.0),
]


@pytest.mark.parametrize(("counts", "gini", "entropy"), IMPURITIES)
def test_impurities(counts, gini, entropy):
    assert impurity(counts, "gini") == gini
    assert impurity(counts, "entropy") == pytest.approx(entropy)


def test_a_clean_threshold_gains_everything():
    done = solved(FEVER)
    assert done.status() is Status.PROVED
    assert result(done, "best split by gini").number == "temperature ≤ 37.5"
    assert numeric(result(done, "gain by gini").value) == Fraction(1, 2)
    assert result(done, "gain by entropy").number == 1
    assert numeric(result(done, "training accuracy").value) == 1


def test_decimals_are_halved_exactly():
    (problem,) = read_text('kind = "split"\n[given]\ndata = {x = [0.1, 0.2], class = ["a", "b"]}\n').problems
    assert result(solve_problem(problem), "best split by gini").number == "x ≤ 0.15"


def test_exclusive_or_gains_nothing_first_and_is_solved_by_two_levels():
    done = solved(XOR, depth=2)
    assert done.status() is Status.PROVED
    assert numeric(result(done, "gain by gini").value) == 0
    assert "equally" in words(done)
    assert numeric(result(done, "training accuracy").value) == 1
    assert numeric(result(solved(XOR, depth=1), "training accuracy").value) == Fraction(1, 2)


def test_a_category_is_split_from_all_others():
    done = solved({"colour": ["red", "green", "blue", "red"], "class": ["a", "b", "b", "a"]})
    assert result(done, "best split by gini").number == "colour = red"


def test_the_criteria_may_disagree():
    columns = {"a": ["y"] * 5 + ["n"] * 5, "class": ["p"] * 4 + ["q"] + ["p"] + ["q"] * 4}
    assert "Both criteria choose" in words(solved(columns))


def test_a_side_has_at_least_so_many_rows():
    done = solved({"x": [1, 2, 3, 4], "class": ["a", "b", "b", "b"]}, least_rows=2)
    assert result(done, "best split by gini").number == "x ≤ 2.5"


def test_the_tree_is_drawn_and_its_leaves_are_listed():
    done = solved(FEVER, figure=True)
    assert [p.drawing for p in done.parts if isinstance(p, Figure)] == ["decision_tree"]
    assert len([p for p in done.parts if isinstance(p, Table)][-1].rows) == 2


def test_many_candidates_stand_in_the_table_only():
    columns = {"x": list(range(30)), "class": [("a", "b")[k * k % 7 > 3] for k in range(30)]}
    done = solved(columns, depth=1)
    assert "The other 28 in the same way" in words(done)


def test_numbers_come_from_a_file(tmp_path):
    (tmp_path / "t.csv").write_text("x,class\n1,0\n2,0\n3,1\n")
    file = tmp_path / "p.toml"
    (problem,) = read_text('kind = "split"\n[given]\ndata = {file = "t.csv"}\n', str(file)).problems
    assert result(solve_problem(problem), "best split by gini").number == "x ≤ 2.5"


ROWS = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=14)


@given(ROWS)
def test_no_split_makes_it_worse_and_every_row_goes_somewhere(rows):
    first, second, labels = (tuple(column) for column in zip(*rows, strict=True))
    data = Data({"x": tuple(map(Fraction, first)), "y": tuple(map(str, second))}, "class", ("a", "b", "c"), labels)
    every = tuple(range(len(rows)))
    whole = data.counts(every)
    for split in candidates(data, every):
        assert sorted((*split.yes, *split.no)) == list(every) and split.yes and split.no
        for criterion in ("gini", "entropy"):
            assert split.impurity(criterion) <= impurity(whole, criterion) + 1e-12


@settings(max_examples=50)
@given(ROWS, st.integers(1, 4), st.sampled_from(["gini", "entropy"]))
def test_a_tree_sends_each_row_to_one_leaf(rows, depth, criterion):
    first, second, labels = (tuple(column) for column in zip(*rows, strict=True))
    data = Data({"x": tuple(map(Fraction, first)), "y": tuple(map(str, second))}, "class", ("a", "b", "c"), labels)
    tree = grow(data, tuple(range(len(rows))), criterion, depth, 1)
    leaves = [b for b in tree.walk() if b.split is None]
    assert sorted(r for leaf in leaves for r in leaf.rows) == list(range(len(rows)))
    assert all(len(leaf.path) <= depth for leaf in leaves)


REFUSED = [
    ({"data": {}}, "expected a table"),
    ({"data": {"x": [1, 2], "class": ["a", "b"]}, "target": "clas"}, 'no column "clas"'),
    ({"data": {"x": [1, 2, 3], "class": ["a", "b"]}}, "different lengths"),
    ({"data": {"class": ["a", "b"]}}, "no column besides the target"),
    ({"data": {"x": [1, 2], "class": ["a", "a"]}}, "nothing to split"),
    ({"data": {"x": [1, 1], "class": ["a", "b"]}}, "no feature splits the rows"),
    ({"data": {"x": [1, "b"], "class": ["a", "b"]}}, "both numbers and texts"),
    ({"data": {"x": [1, True], "class": ["a", "b"]}}, "row 2: expected a number or a text"),
    ({"data": {"x": ["a", " "], "class": ["a", "b"]}}, "row 2: the value is missing"),
    ({"data": {"x": [], "class": []}}, "expected a list of values"),
    ({"data": {"x": list(range(501)), "class": list(range(501))}}, "too many"),
    ({"data": {"x": list(range(9)), "class": list(range(9))}}, "9 classes are too many"),
    ({"data": {"file": "nowhere.csv"}}, "No such file"),
]


@pytest.mark.parametrize(("values", "message"), REFUSED)
def test_what_cannot_be_split_is_refused(values, message):
    with pytest.raises(DeriveError, match=message):
        solve_problem(make("split", values))
