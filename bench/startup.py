"""How long a person waits: ``python bench/startup.py``.

``derive --help`` in milliseconds; and ``derive solve`` of one gradient-descent problem, and of a whole homework sheet,
to ``.tex`` with its figures, in a fresh process, as a ratio to ``python -c "import sympy, matplotlib.pyplot"`` in the
same run. Medians of several runs taken in turn, after one that is not counted: it compiles the modules, as installing
the program does, into a folder of its own. Beside the time on the clock stands that which the processors worked, which
says more where others use the machine.
"""

import os
import resource
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


def seconds(command: list[str], compiled: str) -> tuple[float, float]:
    """Wall and processor time of a process that must succeed (3 means that something is undecided)."""
    environment = compiling(compiled)
    start, before = time.perf_counter(), _worked()
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert done.returncode in (0, 3), done.stderr.decode()
    return time.perf_counter() - start, _worked() - before


def compiling(folder: str) -> dict[str, str]:
    """The environment of processes that keep in a folder what they compile, as an installed program has it."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _worked() -> float:
    """Seconds that the processors worked for processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the medians and the ratios."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as compiled:
        commands = {
            "derive --help": [*DERIVE, "--help"],
            "import sympy, matplotlib.pyplot": [sys.executable, "-c", "import sympy, matplotlib.pyplot"],
            "derive solve … --format tex": [*DERIVE, "solve", str(SHEET), "--format", "tex", "-o", folder, "--quiet"],
            "a whole sheet": [*DERIVE, "solve", *HOMEWORK, "--format", "tex", "-o", folder, "--quiet"],
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for k in range(1 + ROUNDS):
            for name, command in commands.items():
                taken = seconds(command, compiled)
                times[name] += [taken] if k else []
    medians = {name: statistics.median(wall for wall, _ in values) for name, values in times.items()}
    for name, value in medians.items():
        worked = statistics.median(worked for _, worked in times[name])
        print(f"{name:36}{value * 1e3:8.0f} ms, processors {worked * 1e3:6.0f} ms")
    help_, imports, solve, homework = medians.values()
    print(f"derive --help {help_ * 1e3:.0f} ms (at most 150 is wanted)")
    print(f"solve / imports {solve / imports:.2f} (at most 2.5 is wanted)")
    print(f"a whole sheet {homework:.1f} s (at most 5 is wanted), {homework / imports:.2f} times the imports")


if __name__ == "__main__":
    main()
