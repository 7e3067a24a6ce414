"""Wrong answers: what slips lead to in a step, verified to be wrong, worked out as the step works."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.goals import derivative
from derive.read.latex import read
from derive.rules.slips import SLIPS
from derive.steps import Chain, Context, Definition, Level, Status, Step
from derive.tree import Derivative, Number, Symbol, free_symbols
from derive.verify import verify_step
from derive.worksheets.mistakes import WRITING, carried, lost, mistakes, value_at, wrong_results
from derive.write.text import text
from tests.worksheets.exercises import solved

NONE = Context()


def step(before, after, rule="", relation="=", level=Level.CALCULUS):
    return Step(read(before), read(after), rule, "", relation, level)


def wrong_texts(one, context=NONE, **bounds):
    return [text(m.wrong) for m in mistakes(one, context, **bounds)]


ROWS = [
    (r"\frac{d}{dx} x^2 - \frac{d}{dx} y^2", "2 x - 0", "power rule, constant rule", "exponent not lowered",
     "2 x^2 - 0"),
    (r"\frac{d}{dx} (x \sin(x))", r"\frac{d x}{dx} \sin(x) + x \frac{d}{dx} \sin(x)", "product rule",
     "product of the derivatives", r"\frac{d x}{dx} \frac{d}{dx} \sin(x)"),
    ("-(2 + 5)", "-7", "add", "minus sign lost", "7"),
    ("0 - 2 y", "-2 y", "zero term", "difference the wrong way round", "2 y"),
    (r"3 \cdot 9 + 4", "27 + 4", "multiply", "added instead of multiplied", "12 + 4"),
    ("(-3)^2", "9", "multiply", "exponent taken as a factor", "-6"),
    ("(1, 9) - (31, 3)", "(1 - 31, 9 - 3)", "subtract entry by entry", "entries swapped", "(9 - 3, 1 - 31)"),
    (r"\log(a b)", r"\log(a) + \log(b)", "logarithm of a product", "logarithm of a product as a product",
     r"\log(a) \log(b)"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "rule", "slip", "wrong"), ROWS)
def test_what_a_slip_leads_to(before, after, rule, slip, wrong):
    found = {m.slip: m.wrong for m in mistakes(step(before, after, rule), NONE, most=12)}
    assert slip in found
    assert text(found[slip]) == text(read(wrong))


NEVER = [
    (r"\frac{d}{dx} x^2 - \frac{d}{dx} y^2", "2 x - 0", "power rule, constant rule", "2 x + 0"),  # right as well
    ("x + 0", "x", "zero term", "x - 0"),
    (r"2 \cdot 2", "4", "multiply", "2 + 2"),
    ("2^2", "4", "multiply", r"2 \cdot 2"),
]


@pytest.mark.parametrize(("before", "after", "rule", "right"), NEVER)
def test_what_is_right_is_no_mistake(before, after, rule, right):
    assert text(read(right)) not in wrong_texts(step(before, after, rule), most=20)
    assert text(read(after)) not in wrong_texts(step(before, after, rule), most=20)


@pytest.mark.parametrize("name", ["s0-p3-2-jacobian", "kl-divergence-two-coins", "taylor-log"])
def test_every_mistake_in_a_derivation_is_refuted_and_none_stands_twice(name):
    derivation = solved(name)[1]
    found = 0
    for chain in derivation.chains():
        context = derivation.context.including(*chain.where)
        for one in chain.steps[:2]:
            wrong = mistakes(one, context, most=2, tried=6)
            found += len(wrong)
            for k, mistake in enumerate(wrong):
                assert verify_step(one.before, mistake.wrong, one.relation, context).status is Status.REFUTED
                assert all(
                    verify_step(mistake.wrong, other.wrong, "=", context).status is Status.REFUTED
                    for other in wrong[:k]
                )
    assert found > 10


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=4))
def test_mistakes_with_drawn_numbers_are_wrong(numbers):
    terms = [f"{n}" if n >= 0 else f"({n})" for n in numbers]
    one = step(" + ".join(terms), str(sum(numbers)), "add", level=Level.ARITHMETIC)
    for mistake in mistakes(one, NONE):
        assert value_at(mistake.wrong) != (float(sum(numbers)),)
        assert not free_symbols(mistake.wrong)


def test_bounds_are_kept():
    one = next(s for s in solved("product-of-three")[1].steps() if s.rule == "product rule")
    assert len(mistakes(one, NONE, most=2)) == 2
    assert mistakes(one, NONE, tried=0) == () == mistakes(one, NONE, most=0)
    assert mistakes(one, NONE, most=3)[:2] == mistakes(one, NONE, most=2)


def test_a_stated_name_has_no_mistakes():
    assert mistakes(step("x", "2", relation=":="), NONE) == ()


def test_definitions_are_put_in():
    h = Definition(Symbol("h"), (), read("0.25"))
    one = step("2 h", r"2 \cdot 0.25", "substitute", level=Level.ARITHMETIC)
    found = mistakes(one, NONE.including(h), most=8)
    assert found
    assert all(Symbol("h") not in free_symbols(m.wrong) for m in found)


def test_rounding_is_mistaken_too():
    found = wrong_texts(step(r"\log(\frac{5}{3})", "0.510826", "round", "~=", Level.ARITHMETIC), most=8)
    assert "0.221849" in found  # the logarithm to base 10
    assert "0.510826" not in found


def test_equivalences_are_mistaken_too():
    found = mistakes(step("x + 3 = 5", "x = 2", "isolate", "<=>", Level.ALGEBRA), NONE, most=8)
    assert all(verify_step(read("x + 3 = 5"), m.wrong, "<=>", NONE).status is Status.REFUTED for m in found)


@pytest.mark.parametrize(("slip", "points", "costs"), [
    ("product of the derivatives", 3, 3), ("minus sign lost", 3, 2), ("minus sign lost", 1, 1),
    ("minus sign lost", Fraction(1, 2), Fraction(1, 4)), ("logarithm of a sum as a sum", 2, 2),
    ("added instead of multiplied", 2, 1),
])  # fmt: skip
def test_what_a_slip_costs(slip, points, costs):
    row = next(row for row in SLIPS if row.name == slip)
    assert lost(row, Fraction(points)) == costs


def test_slips_of_writing_are_slips():
    assert {slip.name for slip in SLIPS} >= WRITING


# --- going on from a wrong line ---------------------------------------------------------------------------


def chain_of(body):
    node = Derivative(read(body), Symbol("x"))
    return derivative(node)


def test_a_wrong_line_is_carried_on():
    steps = chain_of("x^3 + 5")
    first = steps[0]
    wrong = mistakes(first, NONE, most=1)[0].wrong
    lines = carried(steps[1:], wrong, NONE)
    current = wrong
    for line in lines:
        assert line.before == current and line.verdict is None
        assert verify_step(line.before, line.after, line.relation, NONE).status is Status.PROVED
        current = line.after


def test_nothing_is_carried_on_through_a_line_that_cannot_be_repeated():
    odd = Step(read("x + 1"), read("1 + x"), "no rule of this name")
    assert carried([odd], read("x - 1"), NONE) == []


@pytest.mark.parametrize("body", ["x^3 + 5", r"\sin(2 x)", "x^2 - 4 x"])
def test_wrong_results_are_wrong(body):
    steps = chain_of(body)
    found = wrong_results(Chain(tuple(steps)), NONE)
    assert found
    for mistake in found:
        assert verify_step(steps[0].before, mistake.wrong, "=", NONE).status is Status.REFUTED
        assert not any(isinstance(part, Derivative) for part in (mistake.wrong,))


def test_values_at_a_point():
    assert value_at(read("2 + 3")) == (5.0,)
    assert value_at(read("(1, 2 x)"))[0] == 1.0
    assert value_at(read("x = 2")) is None
    assert value_at(Number("7")) == (7.0,)
    assert value_at(read(r"\frac{1}{0}")) is None
