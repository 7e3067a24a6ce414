"""How large pages are, and how long documents take to write: ``python bench/documents.py [NAME ...]``.

Solves shipped problems (those of :data:`NAMES`, most with pages of about 60 formulas, some with more) and prints
for each of them the formulas of its HTML page, its size with and without figures, the size that 60 of its formulas
would have, and the milliseconds that the processor works on each format the second time it is
asked, when its figures are remembered. A page with 60 formulas is to take at most 300 kB without its figures.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path

import derive
from derive import choices
from derive.resources import problem_files

NAMES = (
    "vote-different-experts", "taylor-softplus", "s4-3-1b-logistic-regression", "s4-1-1-handcrafted-features",
    "maximum-likelihood-logistic-newton", "kl-divergence-two-coins", "jacobian-spherical",
    "computational-graph-logistic-regression", "calculus",
)
FORMULAS, MOST = 60, 300  # formulas of a page, and the kB that it may take
FORMATS = ("tex", "html", "markdown", "text", "json")
_FIGURE = re.compile(r"<svg.*?</svg>", re.DOTALL)


def page(name: str, path: Path, folder: Path) -> tuple[int, float, float, dict[str, float]]:
    """The formulas of a problem's page, its kB with figures and without, and ms for each format."""
    derivations = derive.solve(path)
    worked = {}
    for format_ in FORMATS:
        write = choices.load("documents", format_).write
        for _ in range(2):  # the first time, what all documents need is imported and read
            start = time.process_time()
            written, *_ = write(name, derivations, folder, name)
            worked[format_] = (time.process_time() - start) * 1e3
        if format_ == "html":
            text = Path(written).read_text(encoding="utf-8")
    whole, bare = (len(part.encode()) / 1000 for part in (text, _FIGURE.sub("", text)))
    return text.count("<math"), whole, bare, worked


def main() -> None:
    """Print a row a problem."""
    files = {full.rpartition("/")[2]: path for full, path in problem_files().items()}
    print(f"{'':42}{'formulas':>9}{'kB':>7}{'without figures':>17}{f'of {FORMULAS}':>8}"
          f"{''.join(f'{name:>10}' for name in FORMATS)}")
    largest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or NAMES:
            formulas, whole, bare, worked = page(name, files[name], Path(folder))
            share = bare * FORMULAS / max(formulas, FORMULAS)
            largest = max(largest, share)
            print(f"{name:42}{formulas:9}{whole:7.0f}{bare:17.0f}{share:8.0f}"
                  f"{''.join(f'{ms:7.0f} ms' for ms in worked.values())}")
    print(f"{FORMULAS} formulas take at most {largest:.0f} kB without figures (at most {MOST} are wanted)")


if __name__ == "__main__":
    main()
