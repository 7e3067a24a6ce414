"""Questions: the program's own verdicts must agree with the answers; what is incomplete is refused."""

import pytest

from derive.api import solve_problem
from derive.errors import DeriveError, RefutedError
from derive.read.problems import make
from derive.steps import Paragraph, Status
from derive.write.text import text

TRUE = {"text": "The sigmoid is positive.", "answer": True, "reason": "It is one over a positive number."}
FALSE = {"text": "The sigmoid is odd.", "answer": False, "reason": "It is positive."}
CHOICE = {"text": "What is 1 + 1?", "options": ["1", "2"], "answer": "b", "reason": "Count."}


def solved(*items, **given):
    return solve_problem(make("question", {"items": list(items), **given}))


def words(derivation):
    paragraphs = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join("".join(t if isinstance(t, str) else text(t) for t in prose) for prose in paragraphs)


def test_the_false_statements_are_listed():
    results = {r.name: r.number for r in solved(TRUE, FALSE, TRUE).results}
    assert results["item 1"] == "true"
    assert results["false statements"] == "2"


def test_a_true_claim_is_a_step():
    derivation = solved(TRUE, claims={"1": r"\sigma(x) > 0"})
    assert [s.verdict.status for s in derivation.steps()] == [Status.PROVED]


def test_a_false_claim_has_a_counter_example():
    derivation = solved(FALSE, claims={"1": r"\sigma(-x) = -\sigma(x)"})
    assert not list(derivation.steps())
    assert "This is false: at x = " in words(derivation)


def test_a_claim_that_contradicts_the_answer_is_refused():
    with pytest.raises(RefutedError, match="item 1 is said to be true"):
        solved(TRUE, claims={"1": r"\sigma(x) > 1"})
    with pytest.raises(RefutedError, match="item 1 is said to be false"):
        solved(FALSE, claims={"1": r"\sigma(x) > 0"})


def test_a_false_fact_is_refused():
    with pytest.raises(RefutedError, match="the fact"):
        solved(FALSE, facts={"1": r"\sigma(0) = 0"})


def test_a_choice_has_its_options_and_no_list_of_false_statements():
    derivation = solved(TRUE, CHOICE)
    assert "b) 2" in words(derivation)
    assert "Answer b: Count." in words(derivation)
    assert "false statements" not in {r.name for r in derivation.results}


def test_given_answers_are_marked():
    results = {r.name: r.value for r in solved(TRUE, FALSE, CHOICE, given_answers=[True, True, "B"]).results}
    assert text(results["number of correct answers"]) == "2"


@pytest.mark.parametrize(
    ("items", "given", "message"),
    [
        ([{"text": "a", "answer": True}], {}, "its reason is missing"),
        ([{**TRUE, "answer": "yes"}], {}, "its answer must be true or false"),
        ([{**CHOICE, "answer": "c"}], {}, "one of the letters a to b"),
        ([{**TRUE, "reson": "x"}], {}, '"reson" is not known'),
        ([{**TRUE, "options": "a"}], {}, "expected a list of texts"),
        (["a"], {}, "expected a table"),
        ([], {}, "expected a list of tables"),
        ([TRUE], {"claims": {"2": "1 = 1"}}, "there is no item 2"),
        ([TRUE], {"claims": {"1": "1 +"}}, "1"),
        ([TRUE], {"given_answers": [True, False]}, "expected 1 answers"),
    ],
)
def test_what_does_not_fit_is_refused(items, given, message):
    with pytest.raises(DeriveError, match=message):
        solved(*items, **given)
