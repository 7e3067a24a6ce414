"""How long the divergence of two named families takes, derived and verified, beside SymPy's answer alone.

Run: ``.venv/bin/python bench/divergences.py``. Processor seconds, the best of three runs, for one direction; SymPy
integrates (or sums) the definition with its parameters positive, in a process that is stopped after 20 seconds.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.queues import Queue

from derive.kinds import kl_divergence
from derive.read.problems import make
from derive.verify import verify

SECONDS = 20.0
PAIRS = {
    "normal": (r"normal(\mu_1, \sigma_1)", r"normal(\mu_2, \sigma_2)"),
    "exponential": (r"exponential(\lambda_1)", r"exponential(\lambda_2)"),
    "Laplace": (r"Laplace(\mu_1, b_1)", r"Laplace(\mu_2, b_2)"),
    "gamma": (r"gamma(\alpha_1, \beta_1)", r"gamma(\alpha_2, \beta_2)"),
    "beta": (r"beta(\alpha_1, \beta_1)", r"beta(\alpha_2, \beta_2)"),
    "uniform": ("uniform(a, b)", "uniform(c, d)"),
    "Bernoulli": ("Bernoulli(a)", "Bernoulli(b)"),
    "Poisson": (r"Poisson(\lambda_1)", r"Poisson(\lambda_2)"),
    "geometric": ("geometric(a)", "geometric(b)"),
    "binomial": ("binomial(n, a)", "binomial(n, b)"),
}


def ours(p: str, q: str) -> tuple[float, str]:
    """Seconds for one direction, derived and verified, warm; and the weakest verdict."""
    best, status = float("inf"), ""
    for _ in range(3):
        start = time.process_time()
        found = verify(kl_divergence.solve(make("kl-divergence", {"p": p, "q": q, "directions": "first"})))
        best, status = min(best, time.process_time() - start), found.status().value
    return best, status


def theirs(name: str, seconds: Queue[float]) -> None:
    """SymPy's answer, and what it took."""
    import sympy as sp
    from sympy import stats

    a, b, c, d = sp.symbols("a b c d", positive=True)
    x = sp.Symbol("x", positive=True)
    m, k = sp.symbols("m k", real=True)
    n = sp.Symbol("n", integer=True, positive=True)
    laws = {
        "normal": lambda: (stats.Normal("u", m, a), stats.Normal("v", k, b)),
        "exponential": lambda: (stats.Exponential("u", a), stats.Exponential("v", b)),
        "Laplace": lambda: (stats.Laplace("u", m, a), stats.Laplace("v", k, b)),
        "gamma": lambda: (stats.Gamma("u", a, 1 / b), stats.Gamma("v", c, 1 / d)),
        "beta": lambda: (stats.Beta("u", a, b), stats.Beta("v", c, d)),
        "uniform": lambda: (stats.Uniform("u", 0, a), stats.Uniform("v", 0, b)),
        "Bernoulli": lambda: (stats.Bernoulli("u", a), stats.Bernoulli("v", b)),
        "Poisson": lambda: (stats.Poisson("u", a), stats.Poisson("v", b)),
        "geometric": lambda: (stats.Geometric("u", a), stats.Geometric("v", b)),
        "binomial": lambda: (stats.Binomial("u", n, a), stats.Binomial("v", n, b)),
    }
    start = time.process_time()
    first, second = laws[name]()
    if name in ("normal", "Laplace"):
        x = sp.Symbol("x", real=True)
    ratio = sp.expand_log(sp.log(stats.density(first)(x) / stats.density(second)(x)), force=True)
    sp.simplify(stats.E(ratio.subs(x, first)))
    seconds.put(time.process_time() - start)


def their_seconds(name: str) -> float | None:
    """Seconds for SymPy's answer, its import not counted; None where it fails or takes too long."""
    context = multiprocessing.get_context("spawn")
    answers: Queue[float] = context.Queue()
    process = context.Process(target=theirs, args=(name, answers))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.terminate()
        process.join()
        return None
    return answers.get() if process.exitcode == 0 else None


def main() -> None:
    """The table."""
    print(f"{'family':12} {'derive s':>9} {'verdict':>9} {'SymPy s':>9} {'ratio':>7}")
    for name, (p, q) in PAIRS.items():
        seconds, status = ours(p, q)
        other = their_seconds(name)
        said = f"{other:9.2f} {seconds / other:7.3f}" if other else f"{'none':>9} {'-':>7}"
        print(f"{name:12} {seconds:9.3f} {status:>9} {said}", flush=True)


if __name__ == "__main__":
    main()
