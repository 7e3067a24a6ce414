"""Every rule of every table on random functions, at random points and in random shapes: the oracle finds no difference.

The oracle (``tests.rules.oracle``) evaluates both sides with mpmath, derivatives by differences; the verifier, which is
asked as well, shares nothing with it.
"""

from collections import Counter
from random import Random

import pytest

from derive.errors import MathError
from derive.read.latex import read
from derive.rules import algebra, calculus, forms, rational
from derive.rules.monomials import build, split
from derive.steps import Context, Status
from derive.tree import Number, Product, Quotient, Sum, Symbol, contains, substitute
from derive.verify import equal
from derive.write.latex import latex
from tests.rules.drawing import function, instances
from tests.rules.oracle import compare

TABLES = {"calculus": calculus.CALCULUS, "algebra": algebra.ALGEBRA, "forms": forms.FORMS}
RULES = [pytest.param(rule, k, id=f"{n}-{k}-{rule.name}") for n, t in TABLES.items() for k, rule in enumerate(t)]
CONTEXTS = (Context(), Context(dict.fromkeys(map(Symbol, "xyab"), "positive")))


def walk_table(rule, seed, count, verified):
    """The rule on random instances; counts of what the oracle and the verifier said."""
    random, said = Random(f"{rule.name} {seed}"), Counter()
    for k, (node, made) in enumerate(instances(rule, random, count)):
        context = CONTEXTS[k % 2]
        opinion = compare(node, made, context, 4, seed=k, enough=2)
        assert opinion.equal is not False, f"{latex(node)} -> {latex(made)}: {opinion.values} at {opinion.world.values}"
        said[opinion.equal] += 1
        if k < verified:
            verdict = equal(node, made, context)
            assert verdict.status is not Status.REFUTED, f"{latex(node)} -> {latex(made)}: {verdict}"
            said[verdict.status] += 1
    return said


@pytest.mark.parametrize(("rule", "seed"), RULES)
def test_a_rule_is_sound_on_random_functions(rule, seed):
    said = walk_table(rule, seed, 8, 2)
    assert said[True] or said[Status.PROVED], f"no instance of {rule.name} could be judged: {said}"


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "seed"), RULES)
def test_a_rule_is_sound_on_many_random_functions(rule, seed):
    said = walk_table(rule, seed + 1000, 80, 20)
    assert said[True] >= 2, f"too few instances of {rule.name} could be judged: {said}"
    assert said[Status.PROVED] or said[Status.CHECKED]


@pytest.mark.parametrize("seed", range(5))
def test_taking_a_term_apart_and_building_it_keeps_the_value(seed):
    random = Random(seed)
    for k in range(30):
        node = Quotient(function(random, 2), function(random, 2)) if k % 2 else function(random, 3)
        assert compare(node, build(split(node)), CONTEXTS[1], 3, seed=k).equal is not False, latex(node)


@pytest.mark.parametrize("law", [rational.lowest_terms, rational.factors])
def test_rational_functions_keep_their_value(law):
    random, judged = Random(3), 0
    for k in range(25):
        u, v, w = (function(random, 1) for _ in range(3))
        node = Sum((Quotient(Product((u, w)), v), Quotient(w, Sum((u, Number("7"))))))
        try:
            opinion = compare(node, law(node), CONTEXTS[1], 3, seed=k, enough=2)
        except MathError:
            opinion = compare(node, node, CONTEXTS[1], 3, seed=k)
            assert opinion.equal is None, f"{latex(node)} has a value"
        assert opinion.equal is not False, latex(node)
        judged += opinion.equal is True
    assert judged >= 15


@pytest.mark.parametrize("formula", [r"\frac{x}{y - y}", r"\frac{1}{x^2 - x x} + 1", r"(x - x)^{-1}"])
@pytest.mark.parametrize("law", [rational.lowest_terms, rational.factors])
def test_a_denominator_zero_has_no_value(law, formula):
    with pytest.raises(MathError):
        law(read(formula))


SOLVED = [
    r"\frac{1}{1 + e^{-x}}", r"\frac{e^x}{1 + e^x}", "e^{-x} + 1", r"\frac{2}{3 + e^{2x}}", "x^2 + 1", "3 x - 2",
    r"\frac{x}{1 + x}", r"\sqrt{x} + 2", r"\frac{e^x - 1}{e^x + 1}", r"\log(x) + 1",
]


@pytest.mark.parametrize("definition", SOLVED)
def test_a_definition_solved_for_a_power_is_true_when_put_back(definition):
    letter, body = Symbol("s"), read(definition)
    solution = rational.solve_for_power(letter, body)
    assert solution is not None and contains(solution.value, letter)
    assert compare(solution.unknown, substitute(solution.value, {letter: body}), CONTEXTS[1]).equal is True
    put = rational.put_in(body, solution)
    assert compare(body, substitute(put, {letter: body}), CONTEXTS[1]).equal is True
