"""How long a person waits: ``python bench/startup.py``.

``derive --help`` in milliseconds; and ``derive solve`` of one gradient-descent problem to ``.tex`` with its figures, in
a fresh process, as a ratio to ``python -c "import sympy, matplotlib.pyplot"`` in the same run. Medians of several runs
taken in turn.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
DERIVE = [sys.executable, "-m", "derive"]
SHEET = Path(__file__).parent.parent / "problems" / "sheets" / "s0-p3-1-gradient-descent.toml"


def seconds(command: list[str]) -> float:
    """Wall time of a process that must succeed (3 means that something is undecided)."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in (0, 3), done.stderr.decode()
    return time.perf_counter() - start


def main() -> None:
    """Print the three medians and the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "derive --help": [*DERIVE, "--help"],
            "import sympy, matplotlib.pyplot": [sys.executable, "-c", "import sympy, matplotlib.pyplot"],
            "derive solve … --format tex": [*DERIVE, "solve", str(SHEET), "--format", "tex", "-o", folder, "--quiet"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:36}{value * 1e3:8.0f} ms")
    help_, imports, solve = medians.values()
    print(f"derive --help {help_ * 1e3:.0f} ms (at most 150 is wanted)")
    print(f"solve / imports {solve / imports:.2f} (at most 2.5 is wanted)")


if __name__ == "__main__":
    main()
