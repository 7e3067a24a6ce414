"""Averages against means: the law of large numbers is assumed where it is applied rightly, and only there."""

import pytest

import derive
from derive.steps import Status

DENSITIES = ["p: density", "q: density"]

LARGE_NUMBERS = [
    (r"\frac1n\sum_{i=1}^n \log q(x_i)", r"E_{x\sim p}[\log q(x)]"),
    (r"\frac{1}{n}\sum_{i=1}^n x_i^2", r"E_{x\sim p}[x^2]"),
    (r"\frac{\sum_{i=1}^n x_i^2}{n}", r"E_{x\sim p}[x^2]"),
    (r"\frac{1}{n}\sum_{i=1}^n (x_i + 1)^2", r"E_{x\sim p}[x^2] + 2 E_{x\sim p}[x] + 1"),
    (r"E_{x\sim p}[x^2]", r"\frac{1}{n}\sum_{i=1}^n x_i^2"),
    (r"\arg\max_\theta \frac1n\sum_{i=1}^n \log q(x_i|\theta)", r"\arg\max_\theta E_{x\sim p}[\log q(x|\theta)]"),
]

OTHER_MEANS = [
    (r"\frac1n\sum_{i=1}^n \log q(x_i)", r"E_{x\sim p}[\log p(x)]"),
    (r"\frac1n\sum_{i=1}^n x_i^2", r"E_{x\sim p}[x]"),
]

NO_AVERAGES = [
    (r"\frac2n\sum_{i=1}^n x_i^2", r"E_{x\sim p}[x^2]"),
    (r"\sum_{i=1}^n x_i^2", r"E_{x\sim p}[x^2]"),
    (r"\frac1n\sum_{i=2}^n x_i^2", r"E_{x\sim p}[x^2]"),
    (r"\frac1n\sum_{i=1}^n i x_i^2", r"E_{x\sim p}[x^2]"),
]


@pytest.mark.parametrize(("left", "right"), LARGE_NUMBERS)
def test_the_law_of_large_numbers_is_assumed(left, right):
    verdict = derive.equal(left, right, declare=DENSITIES, relation="~=")
    assert verdict.status is Status.ASSUMED, verdict
    assert verdict.method == "law of large numbers"


@pytest.mark.parametrize(("left", "right"), OTHER_MEANS)
def test_an_average_that_tends_to_another_mean_is_refuted(left, right):
    assert derive.equal(left, right, declare=DENSITIES, relation="~=").status is Status.REFUTED


@pytest.mark.parametrize(("left", "right"), NO_AVERAGES)
def test_what_is_no_average_is_not_taken_for_one(left, right):
    assert derive.equal(left, right, declare=DENSITIES, relation="~=").status is Status.UNDECIDED


EMPIRICAL = ["p: density", "H: function", r"\hat{p}: empirical density"]

UNDER_THE_SAMPLE = [
    (r"E_{x\sim \hat{p}}[\log p(x)]", r"\frac{1}{m}\sum_{i=1}^m \log p(x^{(i)})", Status.PROVED),
    (r"E_{x\sim \hat{p}}[x^2]", r"\frac{1}{n}\sum_{i=1}^n x_i^2", Status.PROVED),
    (r"E_{x\sim \hat{p}}[x^2]", r"\frac{1}{n}\sum_{i=1}^n x_i", Status.REFUTED),
    (r"H(\hat{p}(x), p(x))", r"-E_{x\sim \hat{p}}[\log p(x)]", Status.PROVED),
    (r"E_{x\sim \hat{p}}[x^2]", r"E_{x\sim \hat{p}}[x]^2", Status.REFUTED),
]

SIDE_BY_SIDE = [
    (r"\arg\min_\theta H(\hat{p}(x), p(x; \theta))", r"\arg\max_\theta \prod_{i=1}^m p(x^{(i)}; \theta)"),
    (r"E_{x\sim \hat{p}}[x]", r"\sum_{i=1}^m \frac{x_i}{m}"),
]


@pytest.mark.parametrize(("left", "right", "status"), UNDER_THE_SAMPLE)
def test_a_mean_under_the_sample_is_the_average(left, right, status):
    assert derive.equal(left, right, declare=EMPIRICAL).status is status


@pytest.mark.parametrize(("left", "right"), SIDE_BY_SIDE)
def test_what_is_true_of_a_sample_and_its_density_is_never_refuted(left, right):
    assert derive.equal(left, right, declare=EMPIRICAL).status is not Status.REFUTED
