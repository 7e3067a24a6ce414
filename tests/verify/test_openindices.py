"""Letters as indices that only the whole statement shows, and entries of probabilities."""

import pytest

from derive import equal

NETWORK = [
    "z_1=w_1 x", "z_2=w_2 x", r"h_1=\sigma(z_1)", r"h_2=\sigma(z_2)", "p=v_1 h_1+v_2 h_2", r"L=\frac12(p-y)^2",
    r"\delta_1=\frac{\partial L}{\partial z_1}", r"\delta_2=\frac{\partial L}{\partial z_2}",
]  # fmt: skip
SUMMED = [r"z=\sum_{i=1}^n w_i x_i+b", r"L=\frac12(z-y)^2"]
BY_W = r"\frac{\partial L}{\partial w_k}"
OF_SUM = r"\frac{\partial}{\partial w_k}\sum_{i=1}^3 w_i x_i"
WRITTEN = r"\frac{\partial}{\partial w_k}[w_1 x_1+w_2 x_2]"
MIXED = r"\frac{\partial}{\partial w_j}\frac{\partial}{\partial w_k}[w_1^2+w_2^2+w_1w_2]"
SHIFTED = r"\frac{\partial}{\partial x_j}[\sum_{k} w_k x_{i+k}]"
ROWS = [
    (OF_SUM, "x_k", [], "proved"),
    (OF_SUM, "x_1", [], "refuted"),
    (WRITTEN, "x_k", [], "proved"),
    (WRITTEN, "-x_k", [], "refuted"),
    (WRITTEN, "0", [], "refuted"),
    (r"\frac{\partial}{\partial w_j}\sum_{i=1}^3 w_i^2", "2w_j", [], "proved"),
    (r"\frac{\partial}{\partial w_k}\sum_{k=1}^3 w_k^2", "2w_k", [], "proved"),
    (r"\frac{\partial}{\partial w_{jk}}[w_{11}x_1+w_{12}x_2+w_{21}x_3+w_{22}x_4]", "x_{2j-2+k}", [], "proved"),
    (MIXED, r"1+\delta_{jk}", [], "proved"),
    (MIXED, r"2\delta_{jk}", [], "refuted"),
    (BY_W, "(z-y)x_k", SUMMED, "proved"),
    (BY_W, "(z-y)x_1", SUMMED, "refuted"),
    (BY_W, r"\delta_k x", NETWORK, "proved"),
    (BY_W, r"\delta_1 x", NETWORK, "refuted"),
    (BY_W, "0", NETWORK, "refuted"),
    (r"\delta_k", "(p-y)v_k h_k(1-h_k)", NETWORK, "proved"),
    (r"\delta_k", "(p-y)v_k h_k", NETWORK, "refuted"),
    (r"\frac{\partial h_j}{\partial z_k}", r"\mathbb{1}[j=k]h_j(1-h_j)", NETWORK, "proved"),
    (r"\frac{\partial h_j}{\partial z_k}", "h_j(1-h_j)", NETWORK, "refuted"),
    (r"\sum_{i=1}^n a_i\mathbb{1}[i=k]", "a_k", [], "proved"),
    (r"\sum_{i=1}^n a_i\mathbb{1}[i=k]", "a_1", [], "refuted"),
    (r"\sum_{i=1}^5 a_i\mathbb{1}[i=k]", "a_k", [], "proved"),
    (SHIFTED, r"(\sum_{k} w_k)\sum_{k} \mathbb{1}[i+k=j]", [], "refuted"),
    (SHIFTED, r"\sum_{k} w_k\mathbb{1}[i+k=j]", [], "proved"),
]


@pytest.mark.parametrize(("before", "after", "define", "status"), ROWS)
def test_an_open_index_is_any_of_the_members(before, after, define, status):
    found = equal(before, after, define=define)
    assert found.status == status, found


def test_the_range_of_an_index_is_a_condition():
    assert equal(WRITTEN, "x_k").condition == ("1 ≤ k ≤ 2",)


def test_the_counter_example_names_the_index():
    assert ("k", "2") in equal(OF_SUM, "x_1").witness.point


LARGE = ["A: matrix n x n", "a: vector n", "s: vector n", "c: one-hot vector n", "q: probability vector n"]
OUTPUTS = [r"p=\sigma(s)"]
ENTRIES = [
    (r"\frac{\partial p_i}{\partial s_j}", "p_i(1-p_i)", OUTPUTS, {"refuted"}),
    (r"\frac{\partial p_i}{\partial s_j}", r"\delta_{ij}p_i(1-p_i)", OUTPUTS, {"proved"}),
    (r"\frac{\partial a_i}{\partial a_j}", "I_{ij}", [], {"proved"}),
    (r"\frac{\partial a_i}{\partial a_j}", "1", [], {"refuted"}),
    (r"\operatorname{diag}(a)_{ij}", r"a_i\delta_{ij}", [], {"proved"}),
    (r"\operatorname{diag}(a)_{ij}", "a_i", [], {"refuted"}),
    (r"\sum_j A_{ij}\delta_{jk}", "A_{ik}", [], {"proved", "checked"}),
    ("c_i^2", "c_i", [], {"proved", "checked"}),
    ("q_i^2", "q_i", [], {"refuted", "undecided"}),
    ("|q_i|", "q_i", [], {"proved", "checked"}),
    (r"\sum_{i=1}^n c_i a_i^2", r"(\sum_{i=1}^n c_i a_i)^2", [], {"proved", "checked"}),
]


@pytest.mark.parametrize(("before", "after", "define", "statuses"), ENTRIES)
def test_entries_with_two_indices_and_of_probabilities(before, after, define, statuses):
    found = equal(before, after, define=define, declare=LARGE)
    assert found.status in statuses, found


@pytest.mark.parametrize(("entry", "relation", "bound"), [("q_i", ">=", "0"), ("q_i", "<=", "1"), ("c_i", ">=", "0")])
def test_probabilities_are_from_0_to_1(entry, relation, bound):
    assert equal(entry, bound, declare=LARGE, relation=relation).status == "proved"
