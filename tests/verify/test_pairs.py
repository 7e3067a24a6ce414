"""A corpus of statements of the field, half true, half with a realistic slip: labels, verdicts, the first verdict."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from mpmath import mp

from derive.declarations import declaration
from derive.tree import Integral, Limit, free_symbols, walk
from tests.verify.oracle import NoValueError, Numbers, apart

BENCH = Path(__file__).parents[2] / "bench"


def script(name):
    """A program of ``bench/`` as a module."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EQUALITY = script("equality")
ROWS = json.loads(Path(__file__).with_name("pairs.json").read_text(encoding="utf-8"))
PAIRS = EQUALITY.pairs(ROWS)
CATEGORIES = sorted({row["id"].rpartition("-")[0] for row in ROWS})
SCALES = {True: (1, 3, 8, 8), False: (1, 3, 10, 1500)}  # of a true pair, of a false one


def of(category):
    return [p for p in PAIRS if p.row["id"].rpartition("-")[0] == category]


@pytest.mark.parametrize("category", CATEGORIES)
def test_verdicts(category):
    verdicts = [(pair, pair.verdict()) for pair in of(category)]
    assert not EQUALITY.false_verdicts(verdicts)
    missed = [(p.row["id"], str(v)) for p, v in verdicts if v.status != ("proved" if p.row["equal"] else "refuted")]
    assert len(missed) <= 1, missed


def test_the_corpus_is_balanced():
    assert len(PAIRS) >= 400
    assert 0.45 < sum(row["equal"] for row in ROWS) / len(ROWS) < 0.55
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert all(row.get("slip") for row in ROWS if not row["equal"])


# --- the labels, by numbers of another make ----------------------------------------------------------


def points(pair, sides):
    """Random points of the declared domain, whole ones and its ends among them, at growing scales."""
    random, domains = Random(pair.row["id"]), pair.context.domains
    symbols = sorted({*domains, *free_symbols(sides[0]), *free_symbols(sides[1])}, key=lambda s: s.plain)
    for k in range(48 if symbols else 1):
        scale = SCALES[pair.row["equal"]][k % 4]
        yield {s: drawn(random, declaration(domains.get(s, "real")), scale, k) for s in symbols}


def drawn(random, declared, scale, k):
    if k % 10 == 9 and declared.allows(0):
        return mp.mpf(0)
    low, high = (None if end is None else mp.mpf(str(float(end))) for end in (declared.low, declared.high))
    if declared.whole:
        return (low or mp.mpf(0)) + random.randint(0 if low is not None else -5, 5)
    if low is not None and high is not None:
        return low + (high - low) * mp.mpf(random.random())
    size = mp.mpf(round(scale * random.random()) if k % 5 == 4 else scale * random.random()) + mp.mpf(2) ** -20
    if low is None and high is None:
        return random.choice((1, -1)) * size
    return low + size if low is not None else high - size


def gaps(pair, sides):
    """How far both sides are apart at points where both have values, absolutely and relative to their size."""
    for k, at in enumerate(points(pair, sides)):
        numbers = Numbers(at, pair.context.definitions, k)
        try:
            yield apart(*(numbers.value(side) for side in sides))
        except (NoValueError, OverflowError, ZeroDivisionError, ValueError):
            continue


def label_is_right(pair):
    sides = pair.sides()
    parts = {type(p) for side in sides for p in walk(side)}
    alone = not free_symbols(sides[0]) | free_symbols(sides[1])
    exact = alone and not parts & {Limit, Integral} and not pair.context.definitions
    with mp.workdps(800 if exact else 30 if Integral in parts else 120):
        tolerance = mp.mpf(10) ** (-700 if exact else -8 if Limit in parts else -14)
        found = list(gaps(pair, sides))
        if pair.row["equal"]:
            return len(found) >= (1 if alone else 3) and all(min(gap) < tolerance for gap in found)
        return any(min(gap) > tolerance for gap in found)


@pytest.mark.slow
@pytest.mark.parametrize("category", CATEGORIES)
def test_the_labels_are_right(category):
    assert not [p.row["id"] for p in of(category) if not label_is_right(p)]


# --- the whole process --------------------------------------------------------------------------------


FIRST = """
import sys
from derive.read.latex import read
from derive.steps import Context
from derive.verify import equal
statements = [(r"\\sigma(-x)", r"1-\\sigma(x)"), (r"\\max(0,x)", "x"), (r"\\sqrt{3+2\\sqrt{2}}", r"1+\\sqrt{2}")]
print([equal(read(a), read(b), Context()).status.value for a, b in statements])
print("sympy" in sys.modules)
"""


def test_a_verdict_does_not_load_sympy():
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["['proved', 'refuted', 'proved']", "False"]
