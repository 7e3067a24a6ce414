"""How long a person waits: ``python bench/startup.py``.

``derive --help`` in milliseconds; and ``derive solve`` of one gradient-descent problem, and of a whole homework sheet,
to ``.tex`` with its figures, in a fresh process, as a ratio to ``python -c "import sympy, matplotlib.pyplot"`` in the
same run. Medians of several runs taken in turn.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
DERIVE = [sys.executable, "-m", "derive"]
SHEETS = Path(__file__).parent.parent / "problems" / "sheets"
SHEET = SHEETS / "s0-p3-1-gradient-descent.toml"
HOMEWORK = sorted(str(p) for p in SHEETS.glob("*s0-*.toml") if "variants" not in p.name)
"""Every problem of one real sheet."""


def seconds(command: list[str]) -> float:
    """Wall time of a process that must succeed (3 means that something is undecided)."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in (0, 3), done.stderr.decode()
    return time.perf_counter() - start


def main() -> None:
    """Print the medians and the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "derive --help": [*DERIVE, "--help"],
            "import sympy, matplotlib.pyplot": [sys.executable, "-c", "import sympy, matplotlib.pyplot"],
            "derive solve … --format tex": [*DERIVE, "solve", str(SHEET), "--format", "tex", "-o", folder, "--quiet"],
            "a whole sheet": [*DERIVE, "solve", *HOMEWORK, "--format", "tex", "-o", folder, "--quiet"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, value in medians.items():
        print(f"{name:36}{value * 1e3:8.0f} ms")
    help_, imports, solve, homework = medians.values()
    print(f"derive --help {help_ * 1e3:.0f} ms (at most 150 is wanted)")
    print(f"solve / imports {solve / imports:.2f} (at most 2.5 is wanted)")
    print(f"a whole sheet {homework:.1f} s (at most 5 is wanted), {homework / imports:.2f} times the imports")


if __name__ == "__main__":
    main()
