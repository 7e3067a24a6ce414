"""What a document says at each detail, and when it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.documents._tree import (
    Row,
    Rows,
    Text,
    as_node,
    chain_rows,
    cut,
    document,
    letter,
    page,
    plain,
    refuse_refuted,
    shown_steps,
    verification,
)
from derive.errors import RefutedError
from derive.steps import Chain, Condition, Definition, Derivation, Level, Paragraph, Result, Status, Step, Verdict
from derive.tree import E, Matrix, Quotient, Relation, Vector
from tests.documents.samples import (
    ALL,
    ASSUMED,
    CHECKED,
    NEEDS,
    PROVED,
    REFUTED,
    S,
    X,
    Y,
    add,
    descent,
    n,
    power,
    sigmoid,
)


def step(before: int, after: int, relation: str = "=", level: Level = Level.ALGEBRA, verdict: Verdict = PROVED) -> Step:
    return Step(n(before), n(after), f"rule {before}", relation=relation, level=level, verdict=verdict)


def derivation(*parts: object, results: tuple[Result, ...] = ()) -> Derivation:
    return Derivation("A title", "test", (), (), parts, results)  # type: ignore[arg-type]


def test_normal_detail_shows_every_step_and_the_name_first() -> None:
    chain = next(sigmoid().chains())
    rows = chain_rows(chain)
    assert rows[0].left == chain.left
    assert rows[0].right == chain.steps[0].before
    assert [row.right for row in rows[1:]] == [s.after for s in chain.steps]
    assert all(row.left is None for row in rows[1:])


def test_a_chain_without_a_name_starts_with_its_first_expression() -> None:
    rows = chain_rows(Chain((step(1, 2), step(2, 3))))
    assert [(row.left, row.right) for row in rows] == [(n(1), n(2)), (None, n(3))]


def test_a_gap_starts_a_new_left_side() -> None:
    rows = chain_rows(Chain((step(1, 2), step(5, 6))))
    assert [row.left for row in rows] == [n(1), n(5)]


def test_full_detail_puts_the_finer_steps_in_place_of_their_step() -> None:
    chain = next(sigmoid().chains())
    full = shown_steps(chain.steps, "full")
    assert len(full) == len(chain.steps) - 1 + len(chain.steps[1].steps)
    assert full[1] == chain.steps[1].steps[0]


def test_full_detail_shows_explanations() -> None:
    explained = Step(n(1), n(2), "the rule", "because of this", verdict=PROVED)
    assert chain_rows(Chain((explained,)), "full")[0].reason == "the rule: because of this"
    assert chain_rows(Chain((explained,)), "normal")[0].reason == "the rule"


def test_conditions_stand_beside_the_reason() -> None:
    needed = replace(PROVED, condition=("x > 0",))
    (row,) = chain_rows(Chain((step(1, 2, verdict=needed),)))
    assert (row.reason, row.needs, row.why) == ("rule 1", ("x > 0",), ("rule 1", " (", "x > 0", ")"))


def test_conditions_keep_their_formulas() -> None:
    formula, among_words, words = NEEDS
    assert isinstance(formula, Condition) and isinstance(among_words, Condition)
    row = Row(None, "=", X, "cancel", needs=NEEDS)
    assert row.why == ("cancel", " (", *formula.prose, ", ", *among_words.prose, ", ", words, ")")
    assert plain(row.why) == f"cancel ({', '.join(NEEDS)})".replace("A_1", "A₁")
    assert Row(None, "=", X, needs=NEEDS[:1]).why == ("(", *formula.prose, ")")
    assert Row(None, "=", X).why == ()


def test_brief_detail_keeps_ideas_and_the_end() -> None:
    steps = (step(1, 2), step(2, 3, level=Level.CALCULUS), step(3, 4), step(4, 5), step(5, 6))
    shown = shown_steps(steps, "brief")
    assert [(s.before, s.after) for s in shown] == [(n(1), n(3)), (n(3), n(6))]


def test_a_merged_step_has_the_weakest_verdict_and_the_joined_relation() -> None:
    shown = shown_steps((step(1, 2, "<="), step(2, 3, verdict=CHECKED)), "brief")
    assert [s.relation for s in shown] == ["<="]
    assert shown[0].verdict is not None
    assert shown[0].verdict.status is Status.CHECKED


@pytest.mark.parametrize(("first", "second"), [("<=", ">="), ("=", "=>"), ("~=", "<")])
def test_relations_that_do_not_join_are_never_merged(first: str, second: str) -> None:
    assert len(shown_steps((step(1, 2, first), step(2, 3, second)), "brief")) == 2


@pytest.mark.parametrize("relation", ["=", "<=", "~=", "=>", "<=>"])
def test_equal_relations_are_merged(relation: str) -> None:
    shown = shown_steps((step(1, 2, relation), step(2, 3, relation)), "brief")
    assert [s.relation for s in shown] == [relation]


def test_steps_that_do_not_follow_on_are_never_merged() -> None:
    assert len(shown_steps((step(1, 2), step(3, 4)), "brief")) == 2


def test_a_refuted_step_is_named_with_its_point_and_both_values() -> None:
    false = Step(power(X, 2), X, "a wrong rule", verdict=REFUTED)
    with pytest.raises(RefutedError) as caught:
        document("Sheet", [derivation(Chain((false,)))])
    for words in ("A title", "x² = x", "a wrong rule", "x = 0.5", "1.25", "0.75"):
        assert words in str(caught.value)


def test_a_refuted_finer_step_is_refused_too() -> None:
    outer = Step(n(1), n(2), "outer", verdict=PROVED, steps=(Step(n(1), n(2), "inner", verdict=REFUTED),))
    with pytest.raises(RefutedError, match="inner"):
        refuse_refuted(derivation(Chain((outer,))))


def test_the_verification_line() -> None:
    chain = Chain((*(step(i, i + 1) for i in range(22)), step(22, 23, verdict=CHECKED)))
    assert verification(derivation(chain)) == (
        "Verification: 23 steps: 22 proved, 1 checked (agrees numerically, not proved)."
    )


def test_the_verification_line_says_what_was_not_verified() -> None:
    chain = Chain((step(1, 2), step(2, 3, verdict=ASSUMED), Step(n(3), n(4), "r")))
    assert verification(derivation(chain)) == "Verification: 3 steps: 1 proved, 1 assumed, 1 not verified."


def test_no_steps_no_verification_line() -> None:
    assert verification(derivation(Paragraph(("words",)))) == ""
    assert page(derivation()).summary is None


def test_definitions_of_a_chain_are_said_once() -> None:
    where = (Definition(S, (), E),)
    chain = Chain((step(1, 2),), where=where)
    said = Paragraph(("Write ", Relation((S, E), ("=",)), "."))
    assert sum(isinstance(b, Text) for b in page(derivation(chain, chain)).blocks) == 1
    assert sum(isinstance(b, Text) for b in page(derivation(said, chain)).blocks) == 1


def test_a_definition_is_said_again_when_its_value_changed() -> None:
    first, second = (Chain((step(1, 2),), where=(Definition(S, (), value),)) for value in (E, X))
    blocks = page(derivation(first, second, second, first)).blocks
    said = [b.prose[1] for b in blocks if isinstance(b, Text)]
    assert said == [Relation((S, E), ("=",)), Relation((S, X), ("=",)), Relation((S, E), ("=",))]


def test_values_become_vectors_and_matrices() -> None:
    assert as_node((X, Y)) == Vector((X, Y))
    assert as_node(((X, Y), (Y, X))) == Matrix(((X, Y), (Y, X)))
    assert as_node(X) == X
    assert as_node(None) is None


def test_numbers_that_are_not_read_at_a_glance_have_decimals() -> None:
    def shown(value: object) -> object:
        found = page(derivation(results=(Result("r", value, X),))).outcome  # type: ignore[arg-type]
        assert found is not None
        return found.rows[0].right  # type: ignore[union-attr]

    assert shown(n(3)) == n(3)
    assert shown(Quotient(n(1), n(3))) == Quotient(n(1), n(3))
    assert shown(Quotient(n(1000), n(333))) == Relation((Quotient(n(1000), n(333)), n("3.00300")), ("~=",))
    assert shown(add(n(8), E)) == Relation((add(n(8), E), n("10.7183")), ("~=",))
    assert shown(add(n(8), X)) == add(n(8), X)


def test_figures_and_tables_are_numbered_through_a_sheet() -> None:
    pages = document("Sheet", [descent(), descent()]).pages
    numbers = [block.number for one in pages for block in one.blocks if hasattr(block, "number")]
    assert numbers == [1, 2]


def test_long_titles_are_cut_for_the_page_header() -> None:
    assert cut("short", 60) == "short"
    assert len(cut("word " * 40, 60)) <= 60
    assert cut("word " * 40, 60).endswith("word…")


def test_letters_of_choices() -> None:
    assert [letter(i) for i in (0, 1, 25, 26, 51, 52, 701, 702)] == ["a", "b", "z", "aa", "az", "ba", "zz", "aaa"]


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_every_detail_of_every_sample(make: object, detail: str) -> None:
    made: Derivation = make()  # type: ignore[operator]
    rows = [row for block in page(made, detail).blocks if isinstance(block, Rows) for row in block.rows]
    assert rows
