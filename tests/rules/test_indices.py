"""Sums over an index: every rule of the tables is reached by an example and the verifier agrees; some must not act."""

import pytest

from derive.read.latex import Names, read
from derive.rules.indices import DIFFERENTIATION, EMPTY, WRITING_OUT, member, put_in
from derive.steps import Context, Status
from derive.tree import Symbol
from derive.verify import equal
from derive.write.text import text

RULES = (*DIFFERENTIATION, *EMPTY, *WRITING_OUT)

ACTS = [
    (r"\frac{\partial}{\partial w_l} \sum_k w_k x_{i + k}", "x_{i + l}"),
    (r"\frac{\partial}{\partial w_l} \sum_{k=0}^{K-1} w_k x_{i + k}", "x_{i + l}"),
    (r"\frac{\partial}{\partial w_{u,v}} \sum_k \sum_l w_{k,l} x_{i + k, j + l}", "x_{i + u, j + v}"),
    (r"\frac{\partial}{\partial x_j} \sum_k w_k x_{i + k}", r"\sum_k w_k \mathbb{1}[i + k = j]"),
    (r"\frac{\partial}{\partial w_{a,l}} \sum_k w_{a,k} x_k", "x_l"),
    (r"\frac{\partial}{\partial b} \sum_k b w_k", r"\sum_k \frac{\partial}{\partial b} (b w_k)"),
    (r"\frac{\partial}{\partial w_l} \sum_k w_k^2 x_k", r"\sum_k \frac{\partial}{\partial w_l} (w_k^2 x_k)"),
    (r"\frac{\partial}{\partial x_j} x_{i + 1}", r"\mathbb{1}[i + 1 = j]"),
    (r"\frac{\partial}{\partial x_{i + 1}} x_{i + 1}", "1"),
    (r"\sum_{i=1}^{n} 0", "0"),
    (r"\sum_{k=0}^{2} w_k x_{2 \cdot 1 + k - 1}", "w_0 x_1 + w_1 x_2 + w_2 x_3"),
    (r"\sum_{k=0}^{2} w_k \mathbb{1}[k + 1 = 2]", "w_1"),
    (r"\sum_{k=2}^{1} w_k", "0"),
]


@pytest.mark.parametrize(("before", "after"), ACTS)
def test_a_rule_acts_and_the_verifier_agrees(before, after):
    node, wanted = read(before, Names()), read(after, Names())
    made = next((m for rule in RULES if (m := rule.apply(node)) is not None), None)
    assert made is not None and text(made) == text(wanted)
    assert equal(node, made, Context()).status is Status.PROVED


def test_every_rule_is_reached_named_and_explained():
    nodes = [read(before, Names()) for before, _ in ACTS]
    for rule in RULES:
        assert rule.name == rule.name.strip() and rule.law and rule.reason.endswith(".")
        assert any(rule.apply(node) is not None for node in nodes), rule.name


@pytest.mark.parametrize("formula", [
    r"\frac{\partial}{\partial x_j} x_{i, k}",
    r"\frac{\partial}{\partial x_j} y_i",
    r"\sum_{k=0}^{n} w_k",
    r"\sum_k w_k",
    r"\sum_{i \ne j} w_i",
])
def test_no_rule_acts(formula):
    assert all(rule.apply(read(formula, Names())) is None for rule in RULES)


def test_a_sum_whose_index_is_in_the_variable_is_left_alone():
    node = read(r"\frac{\partial}{\partial w_k} \sum_k w_k", Names())
    assert all(rule.apply(node) is None for rule in DIFFERENTIATION)


def test_members_get_their_names_from_numbers_only():
    i, x = Symbol("i"), Symbol("x")
    assert put_in(read(r"x_{2 \cdot i - 1}", Names()), {i: 0}) == member(x, (-1,)) == Symbol("x", "-1")
    assert text(put_in(read("x_{i + j}", Names()), {i: 0})) == text(read("x_{0 + j}", Names()))
