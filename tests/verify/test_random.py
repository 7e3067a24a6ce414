"""Random statements: what is true by construction is never refuted, what is false is never proved."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.read.latex import read
from derive.steps import Context
from derive.verify import equal
from tests.verify.oracle import agree, expression, mutated, same
from tests.verify.statements import symbol

SEEDS = st.integers(0, 10**9)


def pair(seed, slip):
    random = Random(seed)
    a = expression(random, random.randint(1, 4))
    b = same(a, random, random.randint(1, 6))
    return a, mutated(b, random) if slip else b


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_identities_are_never_refuted(seed):
    a, b = pair(seed, slip=False)
    found = equal(a, b, Context())
    assert found.status != "refuted", found


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_slips_are_never_proved(seed):
    a, b = pair(seed, slip=True)
    if equal(a, b, Context()).status == "proved":
        assert agree(a, b) is not False


def test_nearly_all_identities_are_proved():
    found = [equal(*pair(seed, slip=False), Context()).status for seed in range(300)]
    assert found.count("proved") >= 0.97 * len(found)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_many_random_statements(block):
    for seed in range(1_000_000 + 500 * block, 1_000_500 + 500 * block):
        a, b = pair(seed, slip=bool(seed % 2))
        status = equal(a, b, Context()).status
        assert seed % 2 or status != "refuted", seed
        if seed % 2 and status == "proved":
            assert agree(a, b) is not False, seed


PAIRS = Path(__file__).parents[3] / "shared" / "acceptance" / "pairs.json"


@pytest.mark.skipif(not PAIRS.exists(), reason="the acceptance pairs are not on this machine")
def test_the_acceptance_pairs():
    missed = []
    for row in json.loads(PAIRS.read_text(encoding="utf-8")):
        domains = {symbol(k): v.removeprefix("open interval ") for k, v in row["domain"].items() if "index" not in v}
        found = equal(read(row["a"]), read(row["b"]), Context(domains)).status
        assert found in (("proved", "checked", "undecided") if row["equal"] else ("refuted", "undecided")), row["id"]
        missed += [row["id"]] if row["equal"] and found != "proved" else []
    assert len(missed) <= 1, missed
