"""Votes: the binomial sum against enumeration, comparisons against arithmetic, the experiment, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.api import solve_problem
from derive.errors import DeriveError
from derive.kinds._vote_experiment import PROGRAM
from derive.kinds._vote_majority import _polynomial, majority
from derive.read.problems import make, read_text
from derive.steps import Listing, Paragraph, Status
from derive.tree import numeric
from derive.write.text import text


def solved(toml):
    (problem,) = read_text(f'kind = "vote"\n[given]\n{toml}\n').problems
    return solve_problem(problem)


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def value(derivation, name):
    return numeric(result(derivation, name).value)


def words(derivation):
    return " ".join("".join(t for t in p.text if isinstance(t, str))
                    for p in derivation.parts if isinstance(p, Paragraph))


SHARES = st.fractions(0, 1, max_denominator=20)


@settings(max_examples=40)
@given(st.integers(1, 7), SHARES)
def test_the_majority_is_what_all_votes_add_up_to(n, p):
    every = Fraction(0)
    for votes in product((0, 1), repeat=n):
        weight = math.prod(p if v else 1 - p for v in votes)
        every += weight * (1 if 2 * sum(votes) > n else Fraction(1, 2) if 2 * sum(votes) == n else 0)
    assert majority(n, p) == every


@settings(max_examples=40)
@given(st.integers(1, 9), SHARES)
def test_the_polynomial_is_the_sum(n, p):
    assert sum(c * p**k for k, c in enumerate(_polynomial(n))) == majority(n, p)


@settings(max_examples=40)
@given(st.integers(0, 6), SHARES)
def test_right_and_wrong_change_places(m, p):
    assert majority(2 * m + 1, p) + majority(2 * m + 1, 1 - p) == 1


VOTES = [(3, "0.8", Fraction(112, 125)), (5, "0.7", Fraction(20923, 25000)), (2, "0.7", Fraction(7, 10)),
         (4, "0.6", Fraction(81, 125)), (1, "0.9", Fraction(9, 10)), (3, "0.5", Fraction(1, 2)),
         (3, "0.4", Fraction(44, 125)), (3, "'2/3'", Fraction(20, 27)), (3, "1", 1), (3, "0", 0)]


@pytest.mark.parametrize(("n", "p", "expected"), VOTES)
def test_votes_of_equal_experts(n, p, expected):
    done = solved(f"experts = {n}\naccuracy = {p}")
    assert done.status() is Status.PROVED
    assert value(done, "probability of a right majority") == expected


@pytest.mark.parametrize(("n", "expected"), [(1, "p"), (3, "3p² - 2p³"), (5, "10p³ - 15p⁴ + 6p⁵"), (4, "3p² - 2p³")])
def test_a_letter_gives_a_polynomial(n, expected):
    done = solved(f"experts = {n}\naccuracy = 'p'")
    assert done.status() is Status.PROVED
    assert text(result(done, "probability of a right majority").value) == expected


@pytest.mark.parametrize("p", ["0.3", "0.5", "0.75"])
def test_many_experts_are_rounded_and_proved(p):
    assert solved(f"experts = 101\naccuracy = {p}").status() is Status.PROVED


def test_different_experts_can_be_worse_than_the_best():
    done = solved("experts = [0.9, 0.7, 0.6]")
    assert value(done, "probability of a right majority") == Fraction(417, 500)
    assert "worse than the best" in words(done)


CORRELATED = [("0.3", "0.7", Fraction(7, 10) * Fraction(3, 10) + Fraction(7, 10) * Fraction(98, 125)),
              ("1", "0.7", Fraction(7, 10)), ("0", "0.7", Fraction(98, 125))]


@pytest.mark.parametrize(("c", "p", "expected"), CORRELATED)
def test_correlated_experts_are_between_one_and_all(c, p, expected):
    done = solved(f"experts = 3\naccuracy = {p}\ntogether = {c}")
    assert done.status() is Status.PROVED
    assert value(done, "probability of a right majority of correlated experts") == expected


@pytest.mark.parametrize(("p", "c"), [("'p'", "'c'"), ("'p'", "0.3"), ("0.7", "'c'"), ("'q'", "'r'")])
def test_letters_and_numbers_can_be_mixed(p, c):
    assert solved(f"experts = 3\naccuracy = {p}\ntogether = {c}").status() is Status.PROVED


@pytest.mark.parametrize(("n", "expected"), [(2, 0.25), (10, 0.9**10), (800, (1 - 1 / 800) ** 800)])
def test_the_out_of_bag_probability_and_its_limit(n, expected):
    done = solved(f"bootstrap = {n}")
    assert done.status() is Status.PROVED
    assert result(done, "out-of-bag probability").number == pytest.approx(expected)
    assert text(result(done, "limit of the out-of-bag probability").value) == "e⁻¹"


COMPARED = 'accuracies = {experts = 0.88, "direct forest" = 0.805}\nbase = 0.81\n'


def test_errors_are_compared_exactly():
    done = solved(COMPARED)
    assert done.status() is Status.PROVED
    assert value(done, "error rate of experts") == Fraction(3, 25)
    assert value(done, "relative error reduction of experts") == Fraction(5, 13)
    assert value(done, "gain of experts over the base rate") == Fraction(7, 100)
    assert value(done, "gain of direct forest over the base rate") == Fraction(-1, 200)
    assert "Direct forest has learned nothing" in words(done)


def test_a_perfect_reference_has_no_errors_to_reduce():
    done = solved("accuracies = {a = 0.9, b = 1}")
    assert not any(r.name.startswith("relative") for r in done.results)
    assert "no errors" in words(done)


def test_a_leak_hides_what_new_rows_would_show():
    done = solved(COMPARED + "leak = {share = 0.8, seen = 0.9}")
    assert value(done, "accuracy of experts on new rows") == Fraction(4, 5)
    assert value(done, "accuracy on seen rows that leaves the base rate for new ones") == Fraction(359, 400)


def test_without_a_leak_nothing_changes():
    done = solved(COMPARED + 'leak = {share = 0, seen = 1, of = "direct forest"}')
    assert value(done, "accuracy of direct forest on new rows") == Fraction(161, 200)


REFUSED = [
    ("", "nothing is given"),
    ("experts = 3", "how often is an expert right"),
    ("accuracy = 0.7", "how many experts vote"),
    ("experts = 0\naccuracy = 0.7", "from 1 to 201"),
    ("experts = 3\naccuracy = 1.2", "between 0 and 1, found 1.2"),
    ("experts = 3\naccuracy = 'p + 1'", "a number or one letter"),
    ("experts = 3\naccuracy = 'k'", "used for something else"),
    ("experts = 3\naccuracy = 0.7\ntogether = -0.1", "between 0 and 1"),
    ("experts = [0.7, 0.8]", "an odd number of accuracies"),
    ("experts = [0.7, 0.8, 1.8]", "item 3: expected a number from 0 to 1"),
    ("experts = [0.7, 0.8, 0.9]\naccuracy = 0.7", "needs no accuracy"),
    ("accuracies = {a = 88}", "expected a number from 0 to 1"),
    ("accuracies = 0.9", "a table of names"),
    ("base = 0.81", "no accuracies"),
    (COMPARED + "leak = {seen = 0.9}", "expected share"),
    (COMPARED + "leak = {share = 1}", "nothing is known of new ones"),
    (COMPARED + 'leak = {share = 0.1, of = "b"}', 'no accuracy of "b"'),
    (COMPARED + "leak = {share = 0.9, seen = 0.5}", "would be 4.3"),
]


@pytest.mark.parametrize(("toml", "message"), REFUSED)
def test_what_cannot_be_voted_on_is_refused(toml, message):
    with pytest.raises(DeriveError, match=message):
        solved(toml)


def test_a_bootstrap_sample_needs_two_rows():
    (error,) = read_text('kind = "vote"\n[given]\nbootstrap = 1\n').errors
    assert "from 2 to 100_000" in str(error)


def test_the_experiment_is_printed_as_it_runs():
    done = solve_problem(make("vote", {"experiment": True}))
    assert [p.code for p in done.parts if isinstance(p, Listing)] == [PROGRAM]


@pytest.mark.slow
def test_the_experiment_runs_where_its_library_is_installed():
    pytest.importorskip("sklearn")
    names: dict[str, object] = {}
    exec(compile(PROGRAM, "experiment", "exec"), names)
    accuracies = names["accuracies"]
    assert set(accuracies) >= {"forest on the experts", "forest on the data", "majority of the experts"}
    assert all(names["base"] < accuracy <= 1 for accuracy in accuracies.values())
    assert len(names["meta_train"]) == len(names["X_train"]) and len(names["meta_test"]) == len(names["X_test"])
