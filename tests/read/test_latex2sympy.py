r"""The optional reader beside ours: where both read a formula alike, where they differ and who is right.

Each row of ``ROWS`` is a formula with what latex2sympy2 makes of it: ``SAME`` when both mean the same, otherwise its
reading as LaTeX or ``REFUSED``. In every difference ours is right, for the reason beside it. Runs where latex2sympy2
is installed; what the optional reader does without it is tested everywhere.
"""

import sys
from types import SimpleNamespace

import pytest
import sympy

from derive import latex2sympy as optional
from derive.errors import FormulaError, LimitError, ToolMissingError
from derive.read.latex import Names, read
from derive.steps import Context, Status
from derive.tree import Number, Quotient, Symbol
from derive.verify import equal

installed = pytest.mark.skipif(bool(optional.missing()), reason=optional.missing())
SAME, REFUSED = "same", "refused"
NAMES = Names(functions=frozenset({"f", "C"}), indexed=frozenset({"r"}), labels=True)

ROWS = {
    **dict.fromkeys(
        (
            r"x",
            r"2",
            r"-3.5",
            r"x + 2",
            r"2x",
            r"x^2",
            r"x^{10}",
            r"2x^2 - 3x + 1",
            r"\frac{1}{2}",
            r"\frac{x+1}{x-1}",
            r"\tfrac{1}{2}x",
            r"(x + 1)(x - 1)",
            r"x(y + 1)",
            r"2(3)",
            r"2 \cdot 3(4)",
            r"\sqrt{x}",
            r"\sqrt[3]{x}",
            r"|x|",
            r"-x^2",
            r"(-x)^2",
            r"e^{-x}",
            r"\frac{1}{1 + e^{-x}}",
            r"\pi r^2",
            r"\sin x",
            r"\sin(2x)",
            r"\sin^2 x + \cos^2 x",
            r"\tan x",
            r"\arctan x",
            r"\sinh x",
            r"\tanh x",
            r"\ln x",
            r"\log_2 x",
            r"\exp(-\frac{x^2}{2})",
            r"\max(0, x)",
            r"\min(x, y)",
            r"\alpha + \beta",
            r"\theta_1 + \theta_2",
            r"\gamma x",
            r"x_1 x_2",
            r"x_{12}",
            r"X + x",
            r"ab",
            r"i + 1",
            r"\sum_{i=1}^{n} i",
            r"\sum_{k=0}^{5} k^2",
            r"\prod_{k=1}^{n} k",
            r"\int x \, dx",
            r"\int_0^1 x^2 dx",
            r"\int_{0}^{1} e^{-x} \, dx",
            r"\frac{d}{dx} x^2",
            r"\frac{d}{dx} \sin x",
            r"\frac{\partial}{\partial x} (x^2 y)",
            r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
            r"\begin{pmatrix} x \\ y \end{pmatrix}",
            r"x \le 2",
            r"\sigma(x)",
            r"f(x)",
            r"C(\theta_1, \theta_2)",
            r"\hat{y} - y",
            r"\mathbf{w} \mathbf{x}",
            r".5",
            r"\left( \frac{x}{y} \right)^2",
            r"x \times y \div z",
            r"1 - \frac{1}{1 + e^{-x}}",
            r"\frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}",
            r"2^{2^{3}}",
            r"(x + y)^{n}",
            r"\frac{x^2 - 1}{x - 1}",
            r"\sqrt{x^2 + 1}",
            r"\log_{10} 100",
            r"\sec x",
        ),
        SAME,
    ),
    r"\log x": (r"\log_{10}(x)", "the natural logarithm, in every text of this field"),
    r"\sigma(-x)": (r"(-1) \sigma x", "the logistic function applied, not a product"),
    r"\sigma(w x + b)": (r"\sigma \cdot (b + w x)", "the same"),
    r"\sigma'(x)": (r"\sigma x", "its derivative: it drops the prime"),
    r"f(x + 1)": (r"f \cdot (x + 1)", "f is declared as a function"),
    r"f'(x)": (r"f x", "a derivative"),
    r"X^T X": (r"X X", "a transpose: it takes the letter away"),
    r"x^{(1)} + x^{(2)}": (r"x^{2} + \sqrt[1]{x}", "labels, where labels are declared"),
    r"\frac12": (REFUSED, "TeX takes one character for an argument"),
    r"d \cdot x": (REFUSED, "d is a letter like any other"),
    r"\frac{d^2}{dx^2} x^3": (REFUSED, "a second derivative"),
    r"\frac{\partial}{\partial \theta} \theta^2": (REFUSED, "Greek letters are variables"),
    r"\frac{\partial C}{\partial \theta_1}": (REFUSED, "the same"),
    r"\lim_{x \to 0} \frac{\sin x}{x}": (REFUSED, "a two-sided limit: it makes it one from the right"),
    r"\det\begin{bmatrix} a & b \\ c & d \end{bmatrix}": (REFUSED, "a determinant"),
    r"x = 5": (REFUSED, "an equation: it gives back 5 and keeps x = 5 for later formulas"),
    r"3x + 4 = 7": (REFUSED, "an equation: it solves it"),
    r"a b = c d": (REFUSED, "the same"),
    r"\nabla C(1, 9)": (REFUSED, "a gradient: it makes nabla a factor"),
    r"r_{t-1}": (REFUSED, "a member of a family: it makes it one name"),
    r"1{,}000": (REFUSED, "a number"),
    r"\operatorname{ReLU}(x)": (REFUSED, "a known function"),
    r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}": (REFUSED, "cases"),
}


def theirs(text):
    """latex2sympy2's reading as LaTeX, or that it refuses."""
    try:
        return optional.read(text)
    except (FormulaError, LimitError):
        return None


@pytest.fixture(scope="module", autouse=True)
def _stopped():
    yield
    optional.WORKER.stop()


@installed
@pytest.mark.slow
@pytest.mark.parametrize("text", ROWS)
def test_side_by_side(text):
    ours, other = read(text, NAMES), theirs(text)
    if ROWS[text] == SAME:
        assert other is not None
        assert other.node == ours or equal(ours, other.node, Context()).status is Status.PROVED
    else:
        wanted, reason = ROWS[text]
        assert wanted == (REFUSED if other is None else other.shown)
        assert reason


@installed
@pytest.mark.slow
def test_an_odd_formula_spoils_no_later_one():
    assert theirs(r"d \cdot x") is None
    assert theirs("x = 5") is None
    assert theirs("x + y").node == read("x + y")


@installed
@pytest.mark.slow
def test_what_eats_memory_is_stopped_and_the_worker_goes_on():
    assert theirs(r"\operatorname{eye}(100000000)") is None
    assert theirs(r"\frac{x}{2}").shown == r"\frac{x}{2}"


@installed
@pytest.mark.slow
def test_a_refusal_points_where_it_points():
    with pytest.raises(FormulaError) as refusal:
        optional.read(r"\frac{")
    assert refusal.value.position == 6


# --- without it -------------------------------------------------------------------------------------------------


def test_a_newer_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 13, 0, "final", 0))
    with pytest.raises(ToolMissingError, match=r"does not run on Python 3\.13"):
        optional.read("x")


def test_what_to_install_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 0, "final", 0))
    monkeypatch.setattr(optional.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolMissingError, match=r"derive\[latex2sympy2\]"):
        optional.read("x")


def test_what_is_too_long_is_not_asked(monkeypatch):
    monkeypatch.setattr(optional, "missing", lambda: "")
    with pytest.raises(LimitError, match="2001 characters"):
        optional.read("x" * 2001)


def asked(monkeypatch, reader, text="x + 1"):
    """What a child answers when the library reads like this."""
    monkeypatch.setitem(sys.modules, "latex2sympy2", SimpleNamespace(latex2sympy=reader))
    return optional._read(text)


def test_a_solved_equation_is_no_reading(monkeypatch):
    x = sympy.Symbol("x")
    assert "solved" in asked(monkeypatch, lambda text: [sympy.Eq(x, 1)], "3x + 4 = 7")["refused"]
    assert "dropped" in asked(monkeypatch, lambda text: sympy.Integer(5), "x = 5")["refused"]


def test_bounds_are_no_equation(monkeypatch):
    i = sympy.Symbol("i")
    answer = asked(monkeypatch, lambda text: sympy.Sum(i, (i, 1, 3)), r"\sum_{i=1}^{3} i")
    assert "tree" in answer


def test_its_names_become_ours(monkeypatch):
    half = sympy.Symbol(r"\theta_{1}") / 2
    answer = asked(monkeypatch, lambda text: half)
    assert optional.unpack(answer["tree"]) == Quotient(Symbol("theta", "1"), Number("2"))
    applied = sympy.Function(r"\sigma")(sympy.Symbol(r"\hat{y}"))
    answer = asked(monkeypatch, lambda text: applied)
    assert optional.unpack(answer["tree"]) == read(r"\sigma(\hat{y})")


@pytest.mark.parametrize("name", [r"\nabla", "r_{t-1}", "+", "2"])
def test_what_is_no_name_is_refused(monkeypatch, name):
    assert "a name" in asked(monkeypatch, lambda text: sympy.Symbol(name))["refused"]


def test_what_it_raises_is_a_refusal_with_its_place(monkeypatch):
    def refusing(text):
        raise Exception("I expected something else here\nx + \n~~~~^")

    assert asked(monkeypatch, refusing) == {"refused": "I expected something else here", "position": 4}
