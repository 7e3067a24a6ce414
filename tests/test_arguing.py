"""The search for rules between two lines."""

from itertools import pairwise

import pytest

from derive.arguing import REORDERED, applications, route
from derive.read.latex import Names, read
from derive.rules.arguments import ARGUMENTS, named
from derive.steps import Context, Status
from derive.tree import Symbol
from derive.verify import verify_step

DENSITIES = frozenset({"p", "q", "p_sup_star", "hat_p"})
NAMES = Names(labels=True, densities=DENSITIES, functions=DENSITIES)
CONTEXT = Context({Symbol("p"): "density", Symbol("q"): "density", Symbol("p", sup="*"): "density",
                   Symbol("p", accent="hat"): "empirical density"})

WAYS = [
    (r"\arg\max_\theta \prod_{i=1}^n p(x_i | \theta)", "=", r"\arg\max_\theta \sum_{i=1}^n \log p(x_i | \theta)",
     ["increasing function", "logarithm of a product"]),
    (r"\arg\max_\theta \prod_{i=1}^n p(x_i | \theta)", "~=", r"\arg\max_\theta E_{x \sim p^*}[\log p(x | \theta)]",
     ["increasing function", "logarithm of a product", "positive factor", "law of large numbers"]),
    (r"\arg\min_\theta KL(q(x) \| p(x | \theta))", "=", r"\arg\max_\theta E_{x \sim q}[\log p(x | \theta)]",
     ["definition of the divergence", "logarithm of a quotient", "linearity", "constant term", "sign flipped"]),
    (r"\arg\max_\theta p(\theta | x)", "=", r"\arg\max_\theta (\log p(\theta) + \log p(x | \theta))",
     ["Bayes' rule", "positive factor", "increasing function", "logarithm of a product"]),
    (r"-E_{x \sim q}[\log\frac{p(x)}{q(x)}]", ">=", r"-\log E_{x \sim q}[\frac{p(x)}{q(x)}]", ["Jensen's inequality"]),
    ("a + b", "=", "b + a", [REORDERED]),
]  # fmt: skip


@pytest.mark.parametrize(("start", "relation", "goal", "rules"), WAYS, ids=lambda v: str(v)[:40])
def test_the_rules_between_two_lines_are_found(start, relation, goal, rules):
    steps = route(read(start, NAMES), read(goal, NAMES), relation)
    assert [step.rule for step in steps] == rules


@pytest.mark.parametrize(("start", "relation", "goal", "rules"), WAYS, ids=lambda v: str(v)[:40])
def test_what_is_found_is_a_chain_from_one_line_to_the_other(start, relation, goal, rules):
    steps = route(read(start, NAMES), read(goal, NAMES), relation)
    assert (steps[0].before, steps[-1].after) == (read(start, NAMES), read(goal, NAMES))
    assert all(a.after == b.before for a, b in pairwise(steps))
    for step in steps:
        assert verify_step(step.before, step.after, step.relation, CONTEXT).status is not Status.REFUTED


def test_the_evidence_bound_is_found_without_lines_in_between():
    steps = route(read(r"E_{z \sim q}[\log\frac{p(x, z)}{q(z)}]", NAMES),
                  read(r"\log p(x) - KL(q(z) \| p(z | x))", NAMES))
    assert steps is not None
    needed = {"product rule of probability", "mean of a constant", "definition of the divergence"}
    assert needed <= {s.rule for s in steps}


@pytest.mark.parametrize(("start", "relation", "goal"), [
    (r"\log(p(x) + q(x))", "=", r"\log p(x) + \log q(x)"),
    (r"E_{x \sim q}[\log p(x)]", ">=", r"\log E_{x \sim q}[p(x)]"),
    (r"E_{x \sim q}[\log p(x)]", "=", r"\log E_{x \sim q}[p(x)]"),
    (r"\arg\min_\theta (\theta^2 - \theta)", "=", r"\arg\min_\theta \theta^2"),
])  # fmt: skip
def test_no_way_leads_to_what_does_not_follow(start, relation, goal):
    assert route(read(start, NAMES), read(goal, NAMES), relation) is None


def test_an_inequality_under_a_minus_sign_turns_round():
    node = read(r"-E_{x \sim q}[\log p(x)]", NAMES)
    table = named(["Jensen's inequality"])
    assert [s.relation for s in applications(node, table, (">=",))] == [">="]
    assert not list(applications(node, table, ("<=",)))


def test_an_inequality_is_not_used_inside_a_function():
    node = read(r"(E_{x \sim q}[\log p(x)])^2", NAMES)
    assert not list(applications(node, named(["Jensen's inequality"]), ("<=", ">=")))


def test_only_allowed_rules_are_used():
    start, goal = (read(t, NAMES) for t in (r"\arg\max_\theta p(\theta)", r"\arg\max_\theta \log p(\theta)"))
    assert route(start, goal, table=named(["sign flipped"])) is None
    assert route(start, goal, table=ARGUMENTS) is not None
