"""Whatever is handed to the reader, it returns a tree or refuses in words, with work that grows as the text."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError, FormulaError
from derive.read.latex import Names, read, read_definition
from derive.tree import depth, size
from derive.write.latex import latex
from tests.read.work import allowed, work

NAMES = Names(functions=frozenset({"f", "C", "KL"}), indexed=frozenset({"r"}), labels=True)
STRICT = Names(symbols=frozenset({"x", "y", "d", "theta_1"}))

FORMULAS = (
    r"\frac{d}{dx}\left[\frac{1}{1 + e^{-x}}\right] = \sigma(x)(1 - \sigma(x))",
    r"C(\theta_1, \theta_2) = 2\theta_1^2 + 3\theta_1\theta_2",
    r"\frac{\partial^2 C}{\partial\theta_1 \partial\theta_2}\Big|_{\theta_1 = 1}",
    r"\nabla C(1, 9) = (4 \cdot 1 + 3 \cdot 9, 3 \cdot 1)",
    r"\begin{bmatrix} 2x & -2y \\ 2y + e^x & 2x \end{bmatrix}^\top",
    r"\begin{cases} x & \text{if } x > 0 \\ 0.01 x & \text{otherwise} \end{cases}",
    r"\int_{-\infty}^{\infty} e^{-\frac{(x-\mu)^2}{2\sigma^2}} \,\mathrm{d}x",
    r"\int \frac{dx}{1 + x^2} = \arctan x",
    r"\sum_{i=1}^{n} x_i y_i + \prod_{k=1}^9 r_{k-1}",
    r"\lim_{x \to 0^+} \frac{\sin 2x}{|x|}",
    r"f^{(4)}(x) - f''(x)^2 + \hat{y}_1^{(0)} \mathbf{w}^{[2]}_{i,j}",
    r"\log_2 x + \sqrt[3]{x + 1} + \max\{0, x\} + x^{T} \mathrm{MLE}",
    r"\begin{aligned} a &= b + c \\ &\le d \quad \text{(why)} \tag{1} \end{aligned}",
    r"a = b \Rightarrow x \in \{-1, 1\}",
    r"\left. x y \right|_{(x, y) = (1, 2)} + \left|\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}\right|",
    "2σ(x) − x²·y ≤ √x",
)
PIECES = (
    r"\frac", r"\sqrt", r"\left", r"\right", r"\begin", r"\end", r"\int", r"\sum", r"\prod", r"\lim", r"\partial",
    r"\nabla", r"\sin", r"\log", r"\sigma", r"\max", r"\det", r"\hat", r"\mathbf", r"\mathrm", r"\text",
    r"\operatorname", r"\theta", r"\pi", r"\infty", r"\cdot", r"\times", r"\to", r"\in", r"\le", r"\Rightarrow",
    r"\top", r"\quad", r"\,", r"\\", r"\{", r"\}", r"\|", r"\tag", r"\label", r"\over", r"\mid", r"\dots",
    "{bmatrix}", "{cases}", "{aligned}", "{array}", "{cc}", "(0)", "^{(", ")}", "_{", "^{", "}{", "dx", "d", "x",
    "y", "e", "f", "C", "r", "KL", "relu", "theta", "1", "2", "9", "0.5", ".5", "10", "1{,}000", "+", "-", "*", "/",
    "=", "<", ">", "(", ")", "[", "]", "{", "}", "|", "||", "'", "''", "^", "_", ",", ";", ".", "&", "!", ":", "~",
    "$", "$$", "#", "%", "\\", "@", "π", "σ", "²", "₁", "−", "∑", r"\(",
    " ", "  ", "\n", "\t", "\f", "\x00", "\u200b", "\u202e", "а", "ß", "\U0001d465", "\ud800", "٣",
)  # fmt: skip


def survives(text):
    """Reads or refuses with no more work than its length allows; what is read is small."""
    for names in (None, NAMES, STRICT):
        for reader in (read, read_definition):
            assert work(_judged, reader, text, names) <= allowed(text), text


def _judged(reader, text, names):
    try:
        found = reader(text, names)
    except DeriveError as error:
        assert str(error)
        assert not isinstance(error, FormulaError) or 0 <= error.position <= len(text)
    else:
        node = getattr(found, "body", found)
        assert size(node) <= 2_000
        assert depth(node) <= 80


def mutated(source, text):
    """A formula with a few characters or pieces lost, doubled, swapped or put in."""
    for _ in range(source.randint(1, 5)):
        at, other = sorted((source.randint(0, len(text)), source.randint(0, len(text))))
        match source.randint(0, 5):
            case 0:
                text = text[:at] + text[at + 1 :]
            case 1:
                text = text[:at] + text[other:]
            case 2:
                text = text[:at] + source.choice(PIECES) + text[at:]
            case 3:
                text = text[:at] + text[at:other] * 2 + text[other:]
            case 4:
                text = text[:at] + source.choice(PIECES) + text[at + 1 :]
            case 5:
                text = text[:at] + source.choice(FORMULAS) + text[at:]
    return text


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@settings(max_examples=600, deadline=None)
@example("\\frac{d \\frac{d \\frac{d \\frac{d y}{dq + 1}}{dq + 1}}{dq + 1}}{dq + 1}")
def test_any_sequence_of_pieces(text):
    survives(text)


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text(text):
    survives(text)


@pytest.mark.parametrize("formula", FORMULAS)
def test_mutated_formulas(formula):
    source = random.Random(formula)
    for _ in range(60):
        survives(mutated(source, formula))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_many_mutated_formulas(seed):
    source = random.Random(seed)
    for _ in range(2_000):
        survives(mutated(source, source.choice(FORMULAS)))
        survives("".join(source.choices(PIECES, k=source.randint(1, 80))))


@pytest.mark.parametrize("piece", PIECES)
def test_pieces_repeated_as_often_as_fits(piece):
    survives((piece * 2_000)[:2_000])
    survives(("x" + piece) * 200)
    survives((piece + "{") * 200)
    survives((piece + "(") * 200)


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_beginning_of_a_formula(formula):
    for end in range(len(formula)):
        survives(formula[:end])


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_is_read_is_printed_and_read_again(formula):
    tree = read(formula, NAMES)
    assert read(latex(tree), NAMES) == tree


def test_what_mutated_formulas_read_as_is_printed_and_read_again():
    source = random.Random(5)
    for _ in range(1_500):
        text = mutated(source, source.choice(FORMULAS))
        try:
            tree = read(text, NAMES)
        except DeriveError:
            continue
        assert read(latex(tree), NAMES) == tree, text
