r"""Several statements, lines, annotations, words, and what the formula itself tells about a name.

Rows as in ``test_latex.py``: ``‸`` stands before the character that a refusal points at.
"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from derive.errors import FormulaError
from derive.read.latex import Names, read, read_definition
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Cases,
    Indexed,
    Negative,
    Number,
    Optimum,
    Power,
    Product,
    Quotient,
    Relation,
    Statements,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
)
from tests.read.test_latex import refusal

a, b, c, f, i, n, w, x, y, z, C = (Symbol(letter) for letter in "abcfinwxyzC")
mu, sigma, R = Symbol("mu"), Symbol("sigma"), Symbol("R", font="bb")


def equals(*sides):
    return Relation(sides, ("=",) * (len(sides) - 1))


def relation(left, sign, right):
    return Relation((left, right), (sign,))


def both(*items, sign=","):
    return Statements(items, sign)


x_is_1, y_is_2 = equals(x, ONE), equals(y, TWO)

READ = {
    # statements side by side
    r"x = 1 \text{ or } x = 2": both(x_is_1, equals(x, TWO), sign="or"),
    r"x = 1, y = 2 \text{ and } z = 0": both(x_is_1, y_is_2, equals(z, ZERO), sign="and"),
    "x = y = 1, a < b": both(equals(x, y, ONE), relation(a, "<", b)),
    r"x = 1 \Rightarrow y = 2, z = 0": both(Relation((x_is_1, y_is_2), ("=>",)), equals(z, ZERO)),
    r"x, y \in \mathbb{R}": both(relation(x, "in", R), relation(y, "in", R)),
    r"y = w x \quad \text{where } w = 2": both(equals(y, Product((w, x))), equals(w, TWO)),
    # lines
    r"\begin{align*} x &= a \\ &= b \\ y &= c \end{align*}": both(equals(x, a, b), equals(y, c)),
    r"\begin{gather} x = 1 \\ y = 2 \end{gather}": both(x_is_1, y_is_2),
    r"\begin{align} x &= 1 & y &= 2 \end{align}": both(x_is_1, y_is_2),
    r"\begin{align} x &= 1 & \text{(why)} \\ y &= 2 \tag{3} \end{align}": both(x_is_1, y_is_2),
    r"\begin{align} x &= 1 \\ \text{and } y &= 2 \end{align}": both(x_is_1, y_is_2, sign="and"),
    # signs
    r"a \triangleq b": relation(a, ":=", b),
    r"a \leftarrow a + 1": relation(a, ":=", Sum((a, ONE))),
    r"a \ll b": relation(a, "<<", b),
    r"a \gg b": relation(a, ">>", b),
    r"a \sim b": relation(a, "~", b),
    # annotations
    r"\boxed{x = 1, y = 2}": both(x_is_1, y_is_2),
    r"\boxed{a + b} c": Product((Sum((a, b)), c)),
    r"\underbrace{a + b}_{\text{sum}} c": Product((Sum((a, b)), c)),
    r"\overbrace{a}^{1} + \textcolor{red}{b}": Sum((a, b)),
    # words in cases
    r"\begin{cases} x \quad x > 0 \\ 0 \quad x \le 0 \end{cases}":
        Cases(((x, relation(x, ">", ZERO)), (ZERO, relation(x, "<=", ZERO)))),
    # a wide space that parts nothing
    r"\min_w \quad w^2": Optimum("min", Power(w, TWO), (w,)),
    r"x = \quad 1": x_is_1,
}  # fmt: skip

SAME = [
    ("x = 1, y = 2", r"x = 1,\ y = 2", r"x = 1 \quad y = 2", r"x = 1, \qquad y = 2", "x = 1; y = 2", r"x = 1 \\ y = 2",
     r"x = 1 \text{, } y = 2", r"x = 1 \text{ with } y = 2", r"\begin{aligned} x &= 1, \\ y &= 2. \end{aligned}",
     r"\begin{gathered} x = 1 \\ y = 2 \end{gathered}", r"\text{Let } x = 1, y = 2"),
    (r"x = 1 \text{ or } x = 2", r"x = 1 \lor x = 2", r"x = 1 \text{ oder } x = 2", r"x = 1 \vee x = 2",
     r"x = 1 \quad\text{or}\quad x = 2"),
    (r"x = 1 \text{ and } y = 2", r"x = 1 \land y = 2", r"x = 1 \text{ und } y = 2", r"x = 1, \text{ and } y = 2"),
    ("a = b = c", r"a = b \\ = c", r"\begin{eqnarray} a &=& b \\ &=& c \end{eqnarray}",
     r"\begin{equation} \begin{split} a &= b \\ &= c \end{split} \end{equation}",
     r"\begin{align} a &= b \\ &\overset{(1)}{=} c \end{align}", r"a \stackrel{!}{=} b \underset{\text{why}}{=} c",
     r"(3) \quad a = b = c", r"\text{M step : } a = b = c"),
    ("a := b", r"a \coloneqq b", r"a \doteq b", r"a \overset{\text{def}}{=} b", r"a \stackrel{def}{=} b", "a ≜ b",
     r"a \gets b", "a ← b", r"a \overset{\triangle}{=} b"),
    (r"a \sim b", r"a \overset{iid}{\sim} b", "a ∼ b"),
    (r"a \ne b", r"a \not= b", r"a \not = b"),
    (r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
     r"\begin{cases} x & \mathrm{if}\ x > 0 \\ 0 & \mathrm{otherwise} \end{cases}",
     r"\begin{cases} x, & if x > 0 \\ 0, & otherwise \end{cases}",
     r"\begin{cases} x, & \text{falls } x > 0 \\ 0, & \text{sonst} \end{cases}",
     r"\begin{cases} x \quad x > 0 \\ 0 \quad \text{else} \end{cases}"),
]  # fmt: skip

REFUSED = {
    "x = 1, ‸2": "values in a row",
    "‸a, b": "values in a row",
    "‸a, b = 1": "values in a row",
    r"‸x^2 \quad x > 0": "values in a row",
    r"x = 1 \text{ and } y = 2 \text{ or } ‸z = 0": "and beside or",
    r"x = 1 ‸\text{ if } y = 2": "words",
    r"‸\text{minimize } x^2": "words",
    r"‸\text{not } x = 1": "words",
    r"x = 1 ‸\text{ maybe } y = 2": "words",
    r"a ‸\overset{d}{=} b": "relation sign only",
}


@pytest.mark.parametrize("text", READ)
def test_reads(text):
    assert read(text) == READ[text]


@pytest.mark.parametrize(("text", "other"), [(row[0], other) for row in SAME for other in row[1:]])
def test_reads_the_same(text, other):
    assert read(other) == read(text)


@pytest.mark.parametrize("marked", REFUSED)
def test_refuses(marked):
    assert REFUSED[marked] in refusal(marked)


def test_a_definition_is_one_statement():
    with pytest.raises(FormulaError, match="one = sign"):
        read_definition("f(x) = x = 1, y = 2")


# --- what the formula tells ------------------------------------------------------------------------------------------


def logistic(*args, order=0):
    return Call("sigma", args, order)


EVIDENCE = {
    r"\sigma(x) - \sigma^2(x)": Sum((logistic(x), Negative(Power(logistic(x), TWO)))),
    r"\sigma'(x) = \sigma^2(x)": equals(logistic(x, order=1), Power(logistic(x), TWO)),
    r"\frac{1}{\sigma} \sigma^2(x - \mu)":
        Product((Quotient(ONE, sigma), Power(sigma, TWO), Sum((x, Negative(mu))))),
    r"\Phi^T (y - z)": Product((Transpose(Symbol("Phi")), Sum((y, Negative(z))))),
    r"x^2 + C(x + 1)": Sum((Power(x, TWO), Product((C, Sum((x, ONE)))))),
    "a(b + c)": Product((a, Sum((b, c)))),
    "x(1 - x)": Product((x, Sum((ONE, Negative(x))))),
    "C(a C)": Product((C, Product((a, C)))),
    r"\mu(x - 1)": Product((mu, Sum((x, Negative(ONE))))),
    "n(n + 1)": Product((n, Sum((n, ONE)))),
}  # fmt: skip

UNCLEAR = {
    r"‸\sigma^2(x - \mu)": "declare sigma",
    r"‸\sigma^2(x)": "declare sigma",
    r"‸\sigma(x) + \sigma(1 - \sigma)": "declare sigma",
    r"\sigma + \sigma(x) + ‸\sigma^2(x)": "declare sigma",
    r"\Phi + \Phi(x) + ‸\Phi^2(x)": "declare Phi",
    "‸C(x^2)": r"declare C as a function, or write C \cdot",
    "‸C(2x)": "declare C",
    r"‸q(\theta x)": "declare q",
    r"‸\mathrm{MLE}(x + 1)": "declare MLE",
    r"‸\Delta w": "difference",
}


@pytest.mark.parametrize("text", EVIDENCE)
def test_the_formula_tells_what_is_not_declared(text):
    assert read(text) == EVIDENCE[text]


@pytest.mark.parametrize("marked", UNCLEAR)
def test_without_evidence_it_is_refused(marked):
    assert UNCLEAR[marked] in refusal(marked)


def test_a_declared_sigma_needs_no_evidence():
    power = r"\sigma^2(x - \mu)"
    argument = Sum((x, Negative(mu)))
    assert read(power, Names(functions=frozenset({"sigma"}))) == Power(logistic(argument), TWO)
    number = Names(symbols=frozenset({"sigma"}), others=True)
    assert read(power, number) == Product((Power(sigma, TWO), argument))
    assert read(r"\sigma(1 - \sigma)", number) == Product((sigma, Sum((ONE, Negative(sigma)))))


LETTERS = st.sampled_from("abcuvw")


@given(LETTERS, LETTERS)
def test_a_family_is_spelled_one_way_whatever_its_letters(family, index):
    assume(family != index)
    found = read(rf"\sum_{{{index}}} {family}_{index} + {family}_1")
    assert found.terms[0] == SumOver(Indexed(Symbol(family), (Symbol(index),)), Symbol(index))
    assert found.terms[1] == Indexed(Symbol(family), (ONE,))


PAIRS = st.lists(st.tuples(LETTERS, st.integers(0, 99)), min_size=2, max_size=5)


@given(PAIRS, st.sampled_from([", ", r" \\ ", r" \quad "]))
def test_any_number_of_statements(pairs, between):
    found = read(between.join(f"{letter} = {value}" for letter, value in pairs))
    assert found == both(*(equals(Symbol(letter), Number(str(value))) for letter, value in pairs))


def test_coordinates_are_no_statements():
    assert read("(a, b) = (1, 2)") == equals(Vector((a, b)), Vector((ONE, TWO)))
