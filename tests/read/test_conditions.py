from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.declarations import Declaration
from derive.errors import DeriveError, FormulaError
from derive.read._overlap import meet, widened
from derive.read.conditions import conditions, declared
from derive.tree import Symbol
from derive.write.text import text


def told(*texts):
    """What some conditions declare, by plain name, and the relations that are left beside."""
    found = conditions(texts, label="--where")
    names = {said.subject.symbol.plain: said.says.text for said in found.declared.single.values()}
    families = {f"{said.subject.symbol.plain}_i": said.says.text for said in found.declared.families.values()}
    return {**names, **families}, [text(other) for other in found.others]


@pytest.mark.parametrize(("written", "means"), [
    ("x > 0", {"x": "positive"}), ("x >= 0", {"x": "nonnegative"}), (r"x \ge 0", {"x": "nonnegative"}),
    ("x < 0", {"x": "negative"}), ("0 > x", {"x": "negative"}), ("x ≤ 0", {"x": "nonpositive"}),
    (r"x \ne 0", {"x": "nonzero"}), ("x != 0", {"x": "nonzero"}), ("x ≠ 0", {"x": "nonzero"}),
    ("0 < a < 1", {"a": "(0, 1)"}), (r"0 \le \alpha < 1", {"alpha": "[0, 1)"}), ("1 > a > -1", {"a": "(-1, 1)"}),
    ("x > 1/2", {"x": "(1/2, inf)"}), ("x <= 0.25", {"x": "(-inf, 1/4]"}), ("|x| < 1", {"x": "(-1, 1)"}),
    ("|x| > 0", {"x": "nonzero"}), (r"x < \infty", {"x": "real"}),
    (r"n \in \mathbb{N}", {"n": "positive integer"}), (r"n \in \mathbb{N}_0", {"n": "nonnegative integer"}),
    (r"k \in \mathbb Z", {"k": "integer"}), ("n in N", {"n": "positive integer"}), ("x ∈ ℝ", {"x": "real"}),
    (r"x \in \mathbb{R}_{>0}", {"x": "positive"}), (r"x \in \mathbb{R}^+", {"x": "positive"}),
    (r"x \in \mathbb{R}_{\ge 0}", {"x": "nonnegative"}), (r"x \in \mathbb{R} ^ { 3 }", {"x": "vector 3"}),
    (r"x \in \mathbb{R}^n", {"x": "vector n"}),
    (r"A \in \mathbb{R}^{m \times n}", {"A": "matrix m x n"}), ("x in (0, 1)", {"x": "(0, 1)"}),
    (r"x \in [0, \infty)", {"x": "nonnegative"}), (r"x \in (-\infty, 2]", {"x": "(-inf, 2]"}),
    ("n positive integer", {"n": "positive integer"}), ("n is a natural number", {"n": "positive integer"}),
    ("x real", {"x": "real"}), ("x: positive", {"x": "positive"}), ("x=positive", {"x": "positive"}),
    ("x is a positive real number", {"x": "positive"}), ("W matrix m x n", {"W": "matrix m x n"}),
    ("W is a 3x2 matrix", {"W": "matrix 3 x 2"}), ("W: matrix 3x2", {"W": "matrix 3 x 2"}),
    ("A symmetric matrix n x n", {"A": "symmetric matrix n x n"}), ("A invertible", {"A": "invertible matrix"}),
    ("p density", {"p": "density"}), ("p is a probability density", {"p": "density"}),
    ("f function", {"f": "function"}),
    ("f(x) function", {"f": "function"}), ("v vector of length 3", {"v": "vector 3"}),
    ("x, y > 0", {"x": "positive", "y": "positive"}), ("x, y, z real", dict.fromkeys("xyz", "real")),
    ("x and y positive", {"x": "positive", "y": "positive"}),
    ("x > 0, n positive integer and 0 < a < 1", {"x": "positive", "n": "positive integer", "a": "(0, 1)"}),
    (r"x \ge 0 \land y > 0; z real", {"x": "nonnegative", "y": "positive", "z": "real"}),
    ("for all x > 0", {"x": "positive"}), ("where x > 0.", {"x": "positive"}), (r"\forall x > 0", {"x": "positive"}),
    ("x real and positive", {"x": "positive"}), ("x > 0, x integer", {"x": "positive integer"}),
    ("x ≠ 0, x >= 0", {"x": "positive"}), ("x > 0, x > 1, x <= 3", {"x": "(1, 3]"}),
    ("x positive, x > 0", {"x": "positive"}), ("theta_1 > 0", {"theta_1": "positive"}),
    (r"\theta_1 > 0", {"theta_1": "positive"}), ("x_i > 0", {"x_i": "positive"}), ("x_i real", {"x_i": "real"}),
    ("e real", {"e": "real"}), (r"\sigma > 0", {"sigma": "positive"}),
])
def test_what_a_condition_means(written, means):
    assert told(written) == (means, [])


@pytest.mark.parametrize(("written", "means", "beside"), [
    ("x + y < 1", {}, ["x + y < 1"]), (r"x \ne 1", {}, ["x ≠ 1"]), (r"x < \pi", {}, ["x < π"]),
    ("n integer, n >= 2", {"n": "positive integer"}, ["n ≥ 2"]),
    ("x > 0, x + y = 1", {"x": "positive"}, None),
    ("-1 < x < 1, x != 0", {"x": "(-1, 1)"}, ["-1 < x < 1", "x ≠ 0"]),
    ("0 < a < b < 1", {"a": "(0, 1)", "b": "(0, 1)"}, ["0 < a < b < 1"]),
    ("a > b >= 2", {"a": "(2, inf)", "b": "[2, inf)"}, ["a > b ≥ 2"]),
])
def test_what_no_domain_can_say_is_kept_beside(written, means, beside):
    if beside is None:
        with pytest.raises(DeriveError):
            told(written)
    else:
        assert told(written) == (means, beside)


@pytest.mark.parametrize(("written", "at", "says"), [
    ("", 0, "the condition is empty"), ("  ", 0, "the condition is empty"), ("x", 0, "nothing is said of x"),
    ("x > 0, x < -1", 7, "'x < -1' contradicts 'x > 0' (--where character 1)"),
    ("x > 0, x = -1", 7, "gives a value"), ("x positive, x matrix", 12, "'x matrix' contradicts 'x positive'"),
    ("n integer, 0 < n < 1", 11, "contradicts 'n integer' (--where character 1)"),
    ("1 < x < 0", 0, "there is no such x"),
    ("x postive", 0, "'postive' is not a domain"), ("x=postive", 0, "'postive' is not a domain"),
    ("W matrx 3x2", 0, "'matrx 3x2' is not a domain"),
    ("x in {0, 1}", 0, "a finite set"), ("x >", 3, "expected"), ("x > 0, y >< 1", None, "expected"),
    ("x > 0, 1 < 2", 7, "no condition on one letter"), ("x < 0 or x > 1", 0, "an alternative"),
    ("x_i vector 3", 0, "members of a family"),
    ("f(x) matrix", 0, "a function or a density"), ("x \\in \\mathbb{R}_7", 0, "this set of numbers is not known"),
    ("x matrix 3", 0, "two sides"), ("W matrix 3 x 2, W matrix 2 x 2", 16, "contradicts 'W matrix 3 x 2'"),
])
def test_what_is_refused_and_where(written, at, says):
    with pytest.raises(DeriveError) as refusal:
        told(written)
    assert says in str(refusal.value)
    if at and isinstance(refusal.value, FormulaError):
        assert refusal.value.position == at


def test_texts_narrow_each_other_and_contradict_each_other():
    assert told("x real", "x > 0") == ({"x": "positive"}, [])
    with pytest.raises(DeriveError, match="contradicts 'x > 0'"):
        told("x > 0", "x < 0")


def test_what_is_declared_already_is_narrowed_or_contradicted():
    known = conditions(["x positive"]).declared
    assert conditions(["x < 1"], known).declared.domains() == {Symbol("x"): "(0, 1)"}
    assert known.domains() == {Symbol("x"): "positive"}
    with pytest.raises(DeriveError, match='declared "positive" before'):
        conditions(["x < 0"], known)


def test_a_mapping_from_names_to_domains():
    assert declared({"x": "positive", "W": "matrix 3x2"}).declared.domains() == {
        Symbol("x"): "positive", Symbol("W"): "matrix 3 x 2",
    }
    with pytest.raises(DeriveError, match="expected a name"):
        declared({"x": 3})


# --- laws -----------------------------------------------------------------------------------------------

NUMBERS = st.fractions(-4, 4, max_denominator=4)
BOUNDS = st.builds(
    lambda low, high, a, b, whole, nonzero: Declaration(
        "", low=low, high=high, open_low=a or low is None, open_high=b or high is None, whole=whole, nonzero=nonzero
    ),
    st.none() | NUMBERS, st.none() | NUMBERS, st.booleans(), st.booleans(), st.booleans(), st.booleans(),
)
GRID = [Fraction(k, 8) for k in range(-44, 45)]


@given(BOUNDS, BOUNDS)
def test_two_bounds_together_allow_what_both_allow(a, b):
    both = meet(a, b)
    allowed = [x for x in GRID if a.allows(x) and b.allows(x)]
    assert allowed == ([] if both is None else [x for x in GRID if both.allows(x)])
    assert allowed or both is None or not both.whole or both.low is None or both.high is None


@given(BOUNDS)
def test_a_widened_domain_contains_its_numbers_and_says_when_it_has_no_more(bounds):
    if meet(bounds, Declaration("real")) is None or (bounds.low is not None and bounds.low == bounds.high):
        return
    wider, is_all = widened(bounds)
    allowed = [x for x in GRID if bounds.allows(x)]
    assert set(allowed) <= {x for x in GRID if wider.allows(x)}
    if is_all:
        assert allowed == [x for x in GRID if wider.allows(x)]


@settings(max_examples=300)
@given(st.text(alphabet="xyan01 <>=,.|()[]{}\\_^-+/ inposreal∈ℝ", max_size=24))
def test_nothing_but_refusals(written):
    try:
        conditions([written])
    except DeriveError as error:
        assert str(error)
