"""How long the reader takes for a formula: median and 95th percentile, and how many are read or refused.

    python bench/reading.py [FRAGMENTS.json]

Reads a list of fragments (``latex`` and what is ``declared``) where one is given or lies in ``../shared``; otherwise
the formulas below. Each is read several times, the shortest time counts. Where latex2sympy2 is installed, both readers
then read every formula for the first time, in a process of its own (forked after one easy formula, so that neither
imports nor tables count) and in one process after the other formulas. The ratio of the medians is printed; at least
30 is wanted.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from derive.bounded import run_bounded
from derive.errors import DeriveError
from derive.read.latex import Names, read

REPEATS = 7
FRAGMENTS = Path(__file__).resolve().parents[2] / "shared" / "acceptance" / "fragments.json"
BUILT_IN = (
    r"C(\theta_1, \theta_2) = 2\theta_1^2 + 3\theta_1\theta_2",
    r"\frac{\partial C}{\partial\theta_1} = 4\theta_1 + 3\theta_2",
    r"\nabla C(2, 9) = (4 \cdot 2 + 3 \cdot 9, 3 \cdot 2)",
    r"\theta_1 = 2 - 0.1(35)",
    r"\theta_t = \theta_{t-1} - \alpha \nabla C(\theta_{t-1})",
    r"u(x, y) = x^2 - y^2",
    r"w(x, y) = 2xy + e^x",
    r"\begin{bmatrix} 2x & -2y \\ 2y + e^x & 2x \end{bmatrix}",
    r"\det\begin{bmatrix} 2 & -2 \\ 2 + e & 2 \end{bmatrix} = 8 + 2e",
    r"\sigma(x) = \frac{1}{1 + e^{-x}}",
    r"\frac{d}{dx}\left[\frac{1}{1 + e^{-x}}\right]",
    r"-(1 + e^{-x})^{-2} (-e^{-x})",
    r"\frac{1}{1 + e^{-x}} \cdot \frac{(1 + e^{-x}) - 1}{1 + e^{-x}}",
    r"\sigma(x) - \sigma^2(x)",
    r"\sigma'(x) = \sigma(x)(1 - \sigma(x))",
    r"f''(x) = \frac{e^{-x}(-1 + e^{-x})}{(1 + e^{-x})^{3}}",
    r"f'''(0) = \frac{e^{0}(1 - 4e^{0} + e^{0})}{(1 + e^{0})^{4}}",
    r"\frac{1}{2} + \frac{1}{4}x - \frac{1}{48}x^{3}",
    r"\tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}",
    r"\operatorname{ReLU}(x) = \max(0, x)",
    r"\frac{u}{2}(1 + \tanh(\sqrt{\frac{2}{\pi}}(u + 0.044715 u^3)))",
    r"h_1 = \max[0, \{(2 \times 3) + (1 \times 1) + (-1 \times (-2))\}]",
    r"\frac{\exp(9 \times 6)}{\exp(9 \times 6) + \exp(0 \times (-1))}",
    r"\frac{e^{z_1}}{e^{z_1} + e^{z_2} + e^{z_3}}",
    r"m + \log(e^{z_1 - m} + e^{z_2 - m})",
    r"\frac{\partial (a + b)(b + 1)}{\partial b}",
    r"\frac{\partial^2 f}{\partial x \partial y}",
    r"\left. \frac{dy}{dx} \right|_{x = 0}",
    r"\sum_{i=1}^{n} (x_i - \mu)^2",
    r"\sum_{i=1}^{n} \sum_{j=1}^{n} x_i x_j",
    r"\frac{1}{n} \sum_{i=1}^{n} (y_i - (w x_i + b))^2",
    r"\prod_{k=1}^{n} \frac{1}{k}",
    r"\int_{-\infty}^{\infty} e^{-\frac{(x - \mu)^2}{2 \sigma^2}} \,dx",
    r"\int \frac{dx}{1 + x^2} = \arctan x",
    r"\lim_{x \to 0^+} \frac{\sin 2x}{x}",
    r"\begin{cases} x & \text{if } x > 0 \\ 0.01 x & \text{otherwise} \end{cases}",
    r"\max(0, x) = \frac{x + |x|}{2}",
    r"|a + b| \le |a| + |b|",
    r"\cos(2x) = 1 - 2\sin^2 x",
    r"\log_2(x) = \frac{\log x}{\log 2}",
    r".25\log(.5) + .75\log(3/2)",
    r"\sqrt[3]{x^2 + 1} \cdot \arctan\frac{x}{2}",
    r"\frac{d^3}{dx^3}\sigma(x)",
    r"x \in \{-1, 1\}",
    r"\mathbf{w}^\top \mathbf{x} + b",
)


def fragments() -> list[tuple[str, Names]]:
    """The formulas with what they may use."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else FRAGMENTS
    if not path.exists():
        return [(text, Names(functions=frozenset("fuwC"))) for text in BUILT_IN]
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [(row["latex"], _names(row["declared"])) for row in rows]


def _names(declared: dict[str, list[str]]) -> Names:
    return Names(functions=frozenset(declared["functions"]), indexed=frozenset(declared["indexed"]), labels=True)


def measured(text: str, names: Names) -> tuple[float, bool]:
    """Milliseconds for one formula, and whether it was read."""
    times, was_read = [], True
    for _ in range(REPEATS):
        read.cache_clear()
        began = time.perf_counter()
        try:
            read(text, names)
        except DeriveError:
            was_read = False
        times.append(1_000 * (time.perf_counter() - began))
    return min(times), was_read


def once(reader: Callable[..., Any], *args: Any) -> tuple[float, bool]:
    """Milliseconds for one formula read for the first time, and whether it was read."""
    was_read, began = True, time.perf_counter()
    try:
        reader(*args)
    except Exception:  # latex2sympy2 raises bare Exception
        was_read = False
    return 1_000 * (time.perf_counter() - began), was_read


def in_a_row(reader: Callable[..., Any], calls: list[tuple[Any, ...]]) -> list[tuple[float, bool]]:
    """Each formula once, one after the other, in one process: what was learnt from the one serves the next."""
    found: list[tuple[float, bool]] | None = run_bounded(lambda: [once(reader, *args) for args in calls], seconds=300)
    return found or []


def each_alone(reader: Callable[..., Any], calls: list[tuple[Any, ...]]) -> list[tuple[float, bool]]:
    """Each formula in a process of its own, where none but the easy one was read before."""
    return [run_bounded(once, reader, *args, seconds=30) or (30_000.0, False) for args in calls]


def beside(formulas: list[tuple[str, Names]]) -> None:
    """Both readers on every formula in one run: the ratio of the medians, of all and of those that both read."""
    if importlib.util.find_spec("latex2sympy2") is None:
        print("latex2sympy2: not installed: pip install 'derive[latex2sympy2]' (Python 3.12 or older)")
        return
    theirs = importlib.import_module("latex2sympy2").latex2sympy
    once(theirs, "x + 1")
    for title, way in (("first time, in a row", in_a_row), ("first time, each alone", each_alone)):
        pairs = list(zip(way(read, formulas), way(theirs, [(text,) for text, _ in formulas]), strict=True))
        _compare(title, pairs)
        _compare(f"{title}, read by both", [pair for pair in pairs if all(was_read for _, was_read in pair)])


def _compare(title: str, pairs: list[tuple[tuple[float, bool], tuple[float, bool]]]) -> None:
    mine, other = (statistics.median(milliseconds for milliseconds, _ in column) for column in zip(*pairs, strict=True))
    print(f"{title}, {len(pairs)}: {mine:.3f} ms, latex2sympy2 {other:.2f} ms: {other / mine:.0f} times faster")


def main() -> None:
    """Measure and print."""
    formulas = fragments()
    results = [measured(text, names) for text, names in formulas]
    times = sorted(milliseconds for milliseconds, _ in results)
    count = sum(was_read for _, was_read in results)
    print(f"formulas  {len(results)}: {count} read, {len(results) - count} refused")
    print(f"median    {statistics.median(times):.3f} ms")
    print(f"p95       {times[int(0.95 * (len(times) - 1))]:.3f} ms")
    print(f"slowest   {times[-1]:.3f} ms")
    beside(formulas)


if __name__ == "__main__":
    main()
