"""The rules of arguments: each does what it says, and each step without its side condition is refuted."""

import pytest

from derive.read.latex import Names, read
from derive.rules.arguments import ARGUMENTS
from derive.steps import Context, Status
from derive.tree import Symbol
from derive.verify import verify_step

DENSITIES = frozenset({"p", "q", "p_sup_star", "hat_p"})
NAMES = Names(labels=True, densities=DENSITIES, functions=DENSITIES | {"H"})
CONTEXT = Context({Symbol("p"): "density", Symbol("q"): "density", Symbol("p", sup="*"): "density",
                   Symbol("p", accent="hat"): "empirical density"})

APPLIED = {
    "increasing function": [
        (r"\arg\max_\theta \prod_{i=1}^n p(x_i | \theta)", r"\arg\max_\theta \log \prod_{i=1}^n p(x_i | \theta)"),
        (r"\arg\min_\theta p(\theta)", r"\arg\min_\theta \log p(\theta)"),
    ],
    "constant term": [
        (r"\arg\min_\theta (E_{x \sim q}[\log q(x)] - \theta^2)", r"\arg\min_\theta (-\theta^2)"),
        (r"\arg\max_t (f - (t - 1)^2 + c)", r"\arg\max_t (-(t - 1)^2)"),
    ],
    "positive factor": [
        (r"\arg\max_\theta \frac{1}{n} \sum_{i=1}^n p(x_i | \theta)", r"\arg\max_\theta \sum_{i=1}^n p(x_i | \theta)"),
        (r"\arg\max_\theta \frac{p(x | \theta) p(\theta)}{p(x)}", r"\arg\max_\theta p(x | \theta) p(\theta)"),
        (r"\arg\min_t 3 t^2", r"\arg\min_t t^2"),
    ],
    "sign flipped": [
        (r"\arg\min_\theta (-p(\theta))", r"\arg\max_\theta p(\theta)"),
        (r"\arg\max_t (-t^2 - t^4)", r"\arg\min_t (t^2 + t^4)"),
    ],
    "logarithm of a product": [
        (r"\log \prod_{i=1}^n p(x_i)", r"\sum_{i=1}^n \log p(x_i)"),
        (r"\log(p(x) q(x))", r"\log(p(x)) + \log(q(x))"),
    ],
    "logarithm of a quotient": [(r"\log\frac{p(x)}{q(x)}", r"\log(p(x)) - \log(q(x))")],
    "logarithm of a power": [(r"\log(p(x)^y)", r"y \log(p(x))")],
    "linearity": [
        (r"E_{x \sim p}[x^2 - x]", r"E_{x \sim p}[x^2] - E_{x \sim p}[x]"),
        (r"E_{x \sim p}[a x]", r"a E_{x \sim p}[x]"),
        (r"E_{x \sim p}[-x]", r"-E_{x \sim p}[x]"),
        (r"\sum_{i=1}^n (x_i + a)", r"\sum_{i=1}^n x_i + \sum_{i=1}^n a"),
    ],
    "mean of a constant": [(r"E_{x \sim p}[a^2]", "a^2")],
    "definition of the divergence": [
        (r"KL(p \| q)", r"E_{x \sim p}[\log \frac{p(x)}{q(x)}]"),
        (r"KL(p^*(x) \| p(x | \theta))", r"E_{x \sim p^*}[\log \frac{p^*(x)}{p(x | \theta)}]"),
    ],
    "mean over the sample": [
        (r"\frac{1}{n} \sum_{i=1}^n \log q(x_i)", r"E_{x \sim \hat{p}}[\log q(x)]"),
        (r"\frac{1}{m} \sum_{i=1}^m (x^{(i)})^2", r"E_{x \sim \hat{p}}[x^2]"),
    ],
    "ratio turned round": [
        (r"\log\frac{p(x)}{q(x)}", r"-\log\frac{q(x)}{p(x)}"), (r"-\log\frac{p(x)}{q(x)}", r"\log\frac{q(x)}{p(x)}")],
    "logarithm of one": [(r"\log 1", "0")],
    "definition of the entropy": [
        ("H(p)", r"-E_{x \sim p}[\log p(x)]"), ("H(p, q)", r"-E_{x \sim p}[\log q(x)]"),
    ],
    "normalisation": [
        (r"\sum_x p(x)", "1"), (r"\int p(x) dx", "1"), (r"E_{x \sim p}[\frac{q(x)}{p(x)}]", "1"),
    ],
    "mean as a sum": [(r"E_{x \sim p}[x^2]", r"\sum_x p(x) x^2")],
    "mean as an integral": [(r"E_{x \sim p}[x^2]", r"\int p(x) x^2 dx")],
    "Bayes' rule": [(r"p(\theta | x)", r"\frac{p(x | \theta) p(\theta)}{p(x)}")],
    "product rule of probability": [(r"p(x, z)", r"p(z | x) p(x)"), (r"p(x, z)", r"p(x | z) p(z)")],
    "Jensen's inequality": [(r"E_{x \sim p}[\log x^2]", r"\log E_{x \sim p}[x^2]")],
    "logarithm below its tangent": [(r"\log t", "t - 1")],
    "law of large numbers": [
        (r"\frac{1}{n} \sum_{i=1}^n \log q(x_i)", r"E_{x \sim p^*}[\log q(x)]"),
    ],
    "open the bracket": [("a - (b - c)", "a - b + c"), ("a + (b - c)", "a + b - c"), ("-(-a)", "a")],
    "square of a sum": [("(a + b)^2", "a^2 + 2 a b + b^2"), ("(a - b)^2", "a^2 - 2 a b + b^2")],
    "factor zero": [("2 a \\cdot 0", "0")],
    "mean of a deviation": [(r"E_{x \sim p}[x - E_{x \sim p}[x]]", "0")],
    "terms cancel": [("a + b - a", "b")],
    "drop zeros": [("a + 0", "a")],
}  # fmt: skip

SURE = {Status.PROVED, Status.CHECKED, Status.ASSUMED}
RULES = {name: [rule for rule in ARGUMENTS if rule.name == name] for name in {rule.name for rule in ARGUMENTS}}


def _rows(table):
    return [(name, *row) for name, rows in table.items() for row in rows]


@pytest.mark.parametrize(("name", "before", "after"), _rows(APPLIED), ids=lambda v: v)
def test_a_rule_makes_what_it_says(name, before, after):
    start = read(before, NAMES)
    made = [rule.apply(start) for rule in RULES[name]]
    assert read(after, NAMES) in made


@pytest.mark.parametrize(("name", "before", "after"), _rows(APPLIED), ids=lambda v: v)
def test_what_a_rule_makes_stands_in_its_relation(name, before, after):
    relation = RULES[name][0].relation
    verdict = verify_step(read(before, NAMES), read(after, NAMES), relation, CONTEXT)
    expected = SURE | ({Status.UNDECIDED} if name == "Jensen's inequality" else set())
    assert verdict.status in expected, verdict


def test_every_rule_has_rows():
    assert {rule.name for rule in ARGUMENTS} - APPLIED.keys() <= {"logarithm of a reciprocal"}


FALSE = [
    ("the logarithm of a sum is no sum", r"\log(p(x) + q(x))", "=", r"\log p(x) + \log q(x)"),
    ("the dropped term holds θ", r"\arg\min_\theta (\theta^2 - 2 \theta)", "=", r"\arg\min_\theta \theta^2"),
    ("the dropped factor is negative", r"\arg\min_\theta (-2 p(\theta))", "=", r"\arg\min_\theta p(\theta)"),
    ("the sign is flipped on one side only", r"\arg\min_\theta (-p(\theta))", "=", r"\arg\min_\theta p(\theta)"),
    ("the function is not increasing", r"\arg\max_\theta \log p(\theta)", "=", r"\arg\max_\theta (\log p(\theta))^2"),
    ("the dropped factor holds θ", r"\arg\max_\theta p(x | \theta) p(\theta)", "=", r"\arg\max_\theta p(x | \theta)"),
    ("a quotient is no product", r"\log\frac{p(x)}{q(x)}", "=", r"\log p(x) + \log q(x)"),
    ("the mean of a product", r"E_{x \sim p}[x \cdot x^2]", "=", r"E_{x \sim p}[x] E_{x \sim p}[x^2]"),
    ("the mean of a logarithm", r"E_{x \sim p}[\log q(x)]", "=", r"\log E_{x \sim p}[q(x)]"),
    ("Jensen's inequality turned round", r"E_{x \sim p}[\log q(x)]", ">=", r"\log E_{x \sim p}[q(x)]"),
    ("the divergence is not symmetric", r"KL(p \| q)", "=", r"KL(q \| p)"),
    ("the divergence has a ratio, not a difference", r"KL(p \| q)", "=", r"E_{x \sim p}[p(x) - q(x)]"),
    ("the mean is under the first density", r"KL(p \| q)", "=", r"E_{x \sim q}[\log\frac{p(x)}{q(x)}]"),
    ("Bayes without the prior", r"p(\theta | x)", "=", r"\frac{p(x | \theta)}{p(x)}"),
    ("the condition is not turned round", r"p(x | z)", "=", r"p(z | x)"),
    ("a joint density is not a product of marginals", r"p(x, z)", "=", r"p(x) p(z)"),
    ("the average tends to another mean", r"\frac1n \sum_{i=1}^n \log q(x_i)", "~=", r"E_{x \sim p}[\log p(x)]"),
    ("the mean of a square", r"E_{x \sim p}[x^2]", "=", r"E_{x \sim p}[x]^2"),
    ("the tangent lies above", r"\log t", ">=", r"t - 1"),
    ("a constant is not dropped from the least value", r"\min_t (t^2 + 1)", "=", r"\min_t t^2"),
]


@pytest.mark.parametrize(("why", "before", "relation", "after"), FALSE, ids=lambda v: v)
def test_a_step_without_its_condition_is_refuted(why, before, relation, after):
    verdict = verify_step(read(before, NAMES), read(after, NAMES), relation, CONTEXT)
    assert verdict.status is Status.REFUTED, verdict
