"""A full verified derivation against SymPy's bare answer: ``python bench/steps.py``.

For 18 functions of machine learning: derive the derivative in named steps, verify every step, print it as LaTeX;
beside it ``latex(simplify(diff(f)))`` of SymPy with its cache cleared. Both are timed in the same run, several
times in turn, and the median is taken; what is printed is the ratio. Neither import is counted.
"""

import statistics
import time

import sympy
from sympy.core.cache import clear_cache

from derive.goals import derivative
from derive.read.latex import read
from derive.rules import algebra
from derive.steps import Chain, Context, Derivation
from derive.tree import Derivative, Symbol
from derive.verify import verify
from derive.write.latex import latex
from derive.write.sympy import to_sympy

FUNCTIONS = {
    "logistic": r"\frac{1}{1+e^{-x}}",
    "logistic loss": r"\log(1+e^{-x})",
    "tanh": r"\frac{e^x-e^{-x}}{e^x+e^{-x}}",
    "softplus": r"\log(1+e^x)",
    "swish": r"\frac{x}{1+e^{-x}}",
    "GELU": r"\frac{x}{2}(1+\operatorname{erf}(\frac{x}{\sqrt{2}}))",
    "GELU, tanh form": r"\frac{x}{2}(1+\tanh(\sqrt{\frac{2}{\pi}}(x+0.044715x^3)))",
    "normal density": r"\frac{1}{\sqrt{2\pi}}e^{-\frac{x^2}{2}}",
    "squared error of a logistic unit": r"(\frac{1}{1+e^{-x}}-1)^2",
    "two logistic layers": r"\frac{1}{1+e^{-\frac{2}{1+e^{-3x}}}}",
    "softmax of two": r"\frac{e^x}{e^x+e^2}",
    "log-sum-exp": r"\log(e^x+e^2+e^{-x})",
    "entropy": r"-x\log(x)-(1-x)\log(1-x)",
    "Kullback-Leibler divergence": r"x\log(2x)+(1-x)\log(2(1-x))",
    "binomial log-likelihood": r"3\log(x)+7\log(1-x)",
    "ridge loss": r"(2x-1)^2+(3x+2)^2+\frac{1}{2}x^2",
    "pseudo-Huber loss": r"\sqrt{1+x^2}-1",
    "second-order momentum": r"x^2e^{-x}\sin(3x)",
}
ROUNDS = 5
X = Symbol("x")


def ours(text: str) -> float:
    """Seconds for reading, deriving, verifying and printing."""
    algebra.clear_caches()
    start = time.perf_counter()
    steps = derivative(Derivative(read(text), X))
    done = verify(Derivation("", "", (), (), (Chain(tuple(steps)),), (), Context()))
    for step in done.steps():
        latex(step.after)
    return time.perf_counter() - start


def theirs(text: str) -> float:
    """Seconds for SymPy's derivative, simplified and printed, from its own expression."""
    expression, x = to_sympy(read(text)), to_sympy(X)
    clear_cache()
    start = time.perf_counter()
    sympy.latex(sympy.simplify(sympy.diff(expression, x)))
    return time.perf_counter() - start


def main() -> None:
    """Print a row a function and the median ratio."""
    ours("x^2"), theirs("x^2")  # imports and tables read once
    ratios = []
    print(f"{'function':34}{'derive ms':>11}{'SymPy ms':>11}{'ratio':>8}")
    for name, text in FUNCTIONS.items():
        pairs = [(ours(text), theirs(text)) for _ in range(ROUNDS)]
        mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratios.append(mine / other)
        print(f"{name:34}{mine * 1e3:11.1f}{other * 1e3:11.1f}{ratios[-1]:8.2f}")
    print(f"median ratio {statistics.median(ratios):.2f} over {len(ratios)} functions (at most 0.5 is wanted)")


if __name__ == "__main__":
    main()
