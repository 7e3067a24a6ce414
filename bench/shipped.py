"""What is known of every step of every shipped problem: ``python bench/shipped.py``.

Solves all of ``problems/`` without writing documents and prints, for each file, its time and the verdicts of its
steps, finer ones included; last the totals. At least 95 % proved is wanted.
"""

import time
from collections import Counter

import derive
from derive.resources import problem_files


def main() -> None:
    """Print a row a file and the totals."""
    total: Counter[str] = Counter()
    for name, path in problem_files().items():
        start = time.perf_counter()
        verdicts: Counter[str] = Counter()
        for derivation in derive.solve(path):
            verdicts.update(derivation.verdicts())
        total.update(verdicts)
        shown = ", ".join(f"{count} {status}" for status, count in verdicts.items() if count)
        print(f"{name:48}{time.perf_counter() - start:7.2f} s  {shown}")
    steps = sum(total.values())
    print(f"{steps} steps: " + ", ".join(f"{count} {status}" for status, count in total.items() if count))
    print(f"{total['proved'] / steps:.2%} proved (at least 95 % is wanted)")


if __name__ == "__main__":
    main()
