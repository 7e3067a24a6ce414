"""How gaps for results are named: with words that letters do not say, and never by another gap's answer."""

import pytest

from derive.documents._tree import Rows, Text
from derive.read.latex import read
from derive.read.names import Names
from derive.tree import Hole, walk
from derive.worksheets.modes._labels import beside, posed, without, worded
from derive.worksheets.modes._visible import printed
from tests.worksheets.exercises import PROBLEMS, exercise

GAP = Hole(6, "3")
NAMES = Names(functions=frozenset({"f", "L", "H", "ell"}), labels=True)


def formula(written):
    return read(written, NAMES)


@pytest.mark.parametrize(("name", "label", "words"), [
    ("largest log-likelihood", r"\ell(4)", "largest log-likelihood"),
    ("estimator of lambda", r"\hat\lambda", "estimator of λ"),
    ("KL(p || q) in bits", "K", "in bits"),
    ("dL/dw in numbers", "w", "in numbers"),
    ("dg/da at (2, 1)", "a", "at (2, 1)"),
    ("w_11_sup_1 after the step", "w", "after the step"),
    ("gradient by W_sup_1 in numbers", "w", "in numbers"),
    ("det J", r"\det(J)", ""),
    ("L(0, c)", "L(0, c)", ""),
    ("dL/dw", "w", ""),
    ("g", "g", ""),
])  # fmt: skip
def test_words_beside_a_label(name, label, words):
    assert beside(name, formula(label)) == words


@pytest.mark.parametrize(("label", "answer", "shown"), [
    ("f(4)", "4", "f(__3___)"),
    ("L(0, c)", "(0, c)", "L(__3___)"),
    (r"\det(H(1, 2))", "(1, 2)", "det(H(__3___))"),
    ("f(x)", "4", "f(x)"),
    ("f(14)", "4", "f(14)"),
    ("x^{(4)}", "4", "x⁽⁴⁾"),  # a number in an index or exponent counts something else
    ("x_4 + 4", "4", "x₄ + 4"),
])  # fmt: skip
def test_answers_stand_in_no_label(label, answer, shown):
    assert printed(without(formula(label), [(formula(answer), GAP)])) == shown


@pytest.mark.parametrize(("name", "answer", "shown"), [
    ("nature of (0, c)", "(0, c)", ("nature of ", GAP)),
    ("value at (0, c) and near", "(0, c)", ("value at ", GAP, " and near")),
    ("sums of layer 1", "1", ("sums of layer 1",)),
])  # fmt: skip
def test_answers_stand_in_no_name(name, answer, shown):
    assert worded(name, [(formula(answer), GAP)]) == shown


@pytest.mark.parametrize("name", PROBLEMS)
def test_no_line_is_named_by_the_answer_of_another(name):
    made = exercise("blank", name)
    given = posed(made.page)
    answers = {gap.label: gap.answer for gap in made.gaps if gap.answer is not None and gap.answer not in given}
    for block in made.page.blocks:
        for row in block.rows if isinstance(block, Rows) else ():
            told = [part for part in walk(row.left) if part != row.left] if row.left not in given else []
            own = row.right.label
            others = [(answer,) for label, answer in answers.items() if label != own]
            assert not any(getattr(part, "args", None) in others for part in told)


def test_an_answer_in_words_has_a_line():
    blocks = exercise("blank", "forward-pass-logistic-output").page.blocks
    proses = [block.prose for block in blocks if isinstance(block, Text)]
    holes = [part.label for prose in proses for part in prose if isinstance(part, Hole)]
    assert len(holes) == len(set(holes)) > 1
