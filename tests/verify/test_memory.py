"""A process that judges many statements keeps its size."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
MEASURE = "import sys; sys.path.insert(0, sys.argv[1]); import memory; print(*memory.growth(300, 3000))"


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_verdicts():
    done = subprocess.run([sys.executable, "-c", MEASURE, str(BENCH)], capture_output=True, text=True, check=True)
    before, after = map(float, done.stdout.split())
    assert after <= 1.2 * before
