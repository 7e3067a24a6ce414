import random

import pytest
import typst as compiler

from derive.write.typst import typst
from tests.trees import random_tree
from tests.write.rows import GAPS, ROWS


def _compile(trees):
    """All formulas in one document: the compiler starts once."""
    document = "#set page(width: auto, height: auto)\n" + "\n".join(f"$ {typst(tree)} $" for tree in trees)
    return compiler.compile(document.encode(), format="pdf")


def test_every_row_compiles():
    assert _compile([row[0] for row in (*ROWS, *GAPS)]).startswith(b"%PDF")


def test_random_trees_compile():
    source = random.Random(2)
    assert _compile([random_tree(source, 5) for _ in range(500)]).startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_many_random_trees_compile(seed):
    source = random.Random(seed)
    assert _compile([random_tree(source, 6) for _ in range(2_000)]).startswith(b"%PDF")
