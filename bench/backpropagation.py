"""Backpropagation derived and verified, against the depth: ``python bench/backpropagation.py``.

Two networks that must take a second or less each: ten sigmoid layers of one unit, number by number, and a 4-8-8-3
perceptron in matrix form. Then the chain with 2, 5, 10, 20 and 40 layers: seconds, seconds a layer as a ratio to those
of ten layers (linear growth is a ratio near 1), and the ratio to SymPy's ``diff`` of the nested loss by every weight,
which neither explains nor verifies; it gets half a minute for each depth. Problem in, verified derivation out; the best
of several rounds in turn.
"""

import multiprocessing
import time

import sympy

import derive

ROUNDS = 3
DEPTHS = (2, 5, 10, 20, 40)
OTHER_SECONDS = 30.0
TARGET = 1.0  # seconds for either network


def chain(depth: int) -> str:
    """A problem: sigmoid layers of one unit with half the squared error."""
    return _problem([1] * (depth + 1), "sigmoid", 'loss = "half squared error"\nbiases = false')


def perceptron() -> str:
    """A problem: 4 inputs, two hidden layers of 8 units, 3 classes, in matrices."""
    return _problem([4, 8, 8, 3], "sigmoid", 'loss = "half squared error"\nform = "matrix"')


def _problem(sizes: list[int], activation: str, rest: str) -> str:
    activations = [activation] * (len(sizes) - 1)
    return f'title = "bench"\nkind = "backpropagation"\n[given]\nsizes = {sizes}\nactivations = {activations}\n{rest}\n'


def ours(problem: str) -> float:
    """Seconds from the problem to the verified derivation, all of whose steps must be proved."""
    start = time.perf_counter()
    (done,) = derive.solve(problem)
    seconds = time.perf_counter() - start
    counts = done.verdicts()
    if counts["proved"] != sum(counts.values()):
        raise SystemExit(f"not every step is proved: {counts}")
    return seconds


def theirs(depth: int) -> float | None:
    """Seconds for SymPy's derivatives of the nested loss; None when they take too long or are nested too deeply."""
    answers: multiprocessing.Queue[float | None] = multiprocessing.Queue()
    other = multiprocessing.Process(target=_nested, args=(depth, answers))
    other.start()
    other.join(OTHER_SECONDS)
    if other.is_alive():
        other.kill()
        return None
    return answers.get()


def _nested(depth: int, answers: "multiprocessing.Queue[float | None]") -> None:
    x, y = sympy.symbols("x y")
    weights = sympy.symbols(f"w1:{depth + 1}")
    start = time.perf_counter()
    try:
        output = x
        for w in weights:
            output = 1 / (1 + sympy.exp(-w * output))
        for w in weights:
            sympy.diff((output - y) ** 2 / 2, w)
    except RecursionError:
        answers.put(None)
    else:
        answers.put(time.perf_counter() - start)


def main() -> None:
    """Print both networks, then a row for each depth."""
    ours(chain(2)), ours(perceptron())  # imports and tables read once
    for name, problem in (("10 sigmoid layers", chain(10)), ("4-8-8-3 in matrix form", perceptron())):
        seconds = min(ours(problem) for _ in range(ROUNDS))
        print(f"{name:24}{seconds:8.2f} s   (at most {TARGET:g} is wanted)")
    rounds = [[ours(chain(depth)) for depth in DEPTHS] for _ in range(ROUNDS)]
    best = dict(zip(DEPTHS, map(min, zip(*rounds, strict=True)), strict=True))
    each = best[10] / 10
    print(f"\n{'layers':>6}{'derive s':>10}{'a layer / at 10':>17}{'SymPy s':>10}{'derive / SymPy':>16}")
    for depth, seconds in best.items():
        other = theirs(depth)
        told = f"{'none':>10}{'-':>16}" if other is None else f"{other:10.2f}{seconds / other:16.2f}"
        print(f"{depth:6}{seconds:10.2f}{seconds / depth / each:17.2f}{told}")


if __name__ == "__main__":
    main()
