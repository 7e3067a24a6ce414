"""How well and how fast equality is judged: ``python bench/equality.py [PAIRS.json]``.

PAIRS.json is a list of rows: ``a`` and ``b`` in LaTeX, ``equal``, the symbols' ``domain``, the ``indexed`` families,
``definitions`` (``"sigma(z)": "1/(1 + exp(-z))"``) and, for the comparison, ``a_sympy`` and ``b_sympy``. Prints the
verdicts on the true and on the false pairs, milliseconds a pair, and in the same run how much longer
``sympy.simplify(a - b) == 0``, ``a.equals(b)``, math-verify and latex2sympy2 take (the last two where installed).
Exit 1 on a false verdict. Without a file: the acceptance pairs beside the project, else ``tests/verify/pairs.json``.
"""

from __future__ import annotations

import ast
import importlib
import json
import logging
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from derive.declarations import declaration
from derive.limits import CHECK_SECONDS
from derive.read.fields import symbol
from derive.read.latex import Names, read
from derive.steps import Context, Definition, Verdict
from derive.tree import Call, E, Negative, Node, Power, Product, Quotient, Sum, number
from derive.verify import equal

ROOT = Path(__file__).resolve().parents[1]
FILES = (ROOT.parent / "shared" / "acceptance" / "pairs.json", ROOT / "tests" / "verify" / "pairs.json")
ROUNDS = 3
OTHERS_SECONDS = 10.0  # a question to another system
WANTED = ("proved", "checked", "undecided", "refuted")


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement ``a = b``, what is known of its symbols, and whether it is true."""

    row: Mapping[str, Any]
    names: Names
    context: Context

    def sides(self) -> tuple[Node, Node]:
        """Both sides, read anew."""
        read.cache_clear()
        return read(self.row["a"], self.names), read(self.row["b"], self.names)

    def verdict(self) -> Verdict:
        """Read and judged."""
        return equal(*self.sides(), self.context)


def pairs(rows: Iterable[Mapping[str, Any]]) -> list[Pair]:
    """The rows of a file, their declarations read."""
    return [_pair(row) for row in rows]


def _pair(row: Mapping[str, Any]) -> Pair:
    domains = {symbol(k): declaration(v).text for k, v in row.get("domain", {}).items() if v != "bound index"}
    definitions = [_definition(head, body) for head, body in row.get("definitions", {}).items()]
    functions = frozenset(d.name.plain for d in definitions if d.parameters) | frozenset(row.get("functions", ()))
    names = Names(functions=functions, indexed=frozenset(row.get("indexed", ())))
    return Pair(row, names, Context(domains, tuple(definitions)))


# --- definitions and SymPy's text, by a whitelist --------------------------------------------------------


def _definition(head: str, body: str) -> Definition:
    """``f(x, y)`` and its value in Python's spelling."""
    shown, value = ast.parse(head, mode="eval").body, ast.parse(body, mode="eval").body
    match shown:
        case ast.Call(ast.Name(name), arguments, []):
            return Definition(symbol(name), tuple(symbol(_name(a)) for a in arguments), _tree(value))
    return Definition(symbol(_name(shown)), (), _tree(value))


def _name(node: ast.expr) -> str:
    if not isinstance(node, ast.Name):
        raise ValueError(f"a name was expected: {ast.unparse(node)}")
    return node.id


_SPELLINGS = {"Max": "max", "Min": "min", "Abs": "abs", "asin": "arcsin", "atan": "arctan", "acos": "arccos"}


def _tree(node: ast.expr) -> Node:
    match node:
        case ast.Constant(int() | float() as value):
            return number(Fraction(str(value)))
        case ast.Name("E"):
            return E
        case ast.Name(name):
            return symbol(name)
        case ast.UnaryOp(ast.USub(), u):
            return Negative(_tree(u))
        case ast.BinOp(u, operator, v):
            return _OPERATORS[type(operator)](_tree(u), _tree(v))
        case ast.Call(ast.Name("exp"), [u], []):
            return Power(E, _tree(u))
        case ast.Call(ast.Name(name), arguments, []):
            return Call(_SPELLINGS.get(name, name), tuple(_tree(a) for a in arguments))
    raise ValueError(f"not understood: {ast.unparse(node)}")


_OPERATORS: dict[type[ast.operator], Callable[[Node, Node], Node]] = {
    ast.Add: lambda u, v: Sum((u, v)),
    ast.Sub: lambda u, v: Sum((u, Negative(v))),
    ast.Mult: lambda u, v: Product((u, v)),
    ast.Div: Quotient,
    ast.Pow: Power,
}


class SympyText:
    """SymPy objects from their printed text, by a whitelist of its names."""

    HEADS = frozenset(
        ("Abs", "Derivative", "Eq", "Integral", "Limit", "Matrix", "Max", "Min", "Ne", "Piecewise", "Product", "Sum",
         "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "cot", "coth", "erf", "exp", "factorial",
         "log", "sign", "sin", "sinh", "sqrt", "tan", "tanh")
    )
    CONSTANTS = ("E", "pi", "oo", "true", "false")

    def __init__(self, row: Mapping[str, Any]) -> None:
        import sympy

        self.sympy, self.domains, self.indexed = sympy, row.get("domain", {}), row.get("indexed", ())

    def read(self, text: str) -> Any:
        """The object. ValueError for what is not on the list."""
        return self._of(ast.parse(text, mode="eval").body)

    def _symbol(self, name: str) -> Any:
        if name in self.indexed:
            return self.sympy.IndexedBase(name, real=True)
        domain = self.domains.get(name, "real")
        assumed = {"integer": True} if domain == "bound index" else assumptions(domain)
        return self.sympy.Symbol(name, **assumed)

    def _of(self, node: ast.expr) -> Any:
        sympy = self.sympy
        match node:
            case ast.Constant(int() | float() as value):
                return sympy.Rational(str(value))
            case ast.Name(name):
                return getattr(sympy, name) if name in self.CONSTANTS else self._symbol(name)
            case ast.UnaryOp(ast.USub(), u):
                return -self._of(u)
            case ast.BinOp(u, operator, v):
                return _PYTHON[type(operator)](self._of(u), self._of(v))
            case ast.Compare(u, [operator], [v]):
                return _COMPARISONS[type(operator)](self._of(u), self._of(v))
            case ast.Call(ast.Name(name), arguments, []) if name in self.HEADS:
                return getattr(sympy, name)(*map(self._of, arguments))
            case ast.Call(ast.Name(name), arguments, []):
                return sympy.Function(name)(*map(self._of, arguments))
            case ast.Subscript(base, ast.Tuple(items)):
                return self._of(base)[tuple(map(self._of, items))]
            case ast.Subscript(base, item):
                return self._of(base)[self._of(item)]
            case ast.Tuple(items):
                return tuple(map(self._of, items))
            case ast.List(items):
                return list(map(self._of, items))
        raise ValueError(f"not understood: {ast.unparse(node)}")


_PYTHON: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda u, v: u + v,
    ast.Sub: lambda u, v: u - v,
    ast.Mult: lambda u, v: u * v,
    ast.Div: lambda u, v: u / v,
    ast.Pow: lambda u, v: u**v,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: lambda u, v: u < v,
    ast.LtE: lambda u, v: u <= v,
    ast.Gt: lambda u, v: u > v,
    ast.GtE: lambda u, v: u >= v,
}


def assumptions(domain: str) -> dict[str, bool]:
    """A declared domain as SymPy's assumptions."""
    declared = declaration(domain)
    result = {"integer": True} if declared.whole else {"real": True}
    if declared.low is not None and declared.low >= 0:
        result["positive" if declared.low > 0 or declared.open_low else "nonnegative"] = True
    if declared.high is not None and declared.high <= 0:
        result["negative" if declared.high < 0 or declared.open_high else "nonpositive"] = True
    return result | ({"nonzero": True} if declared.nonzero else {})


# --- the other systems -----------------------------------------------------------------------------------


class _TooSlowError(Exception):
    pass


def _bounded(question: Callable[[], object]) -> tuple[object, float]:
    """The answer, or what was raised, and the seconds it took."""

    def ring(*_: object) -> None:
        raise _TooSlowError

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, OTHERS_SECONDS)
    start = time.perf_counter()
    try:
        answer = question()
    except Exception as error:
        answer = type(error).__name__
    finally:
        took = time.perf_counter() - start
        signal.setitimer(signal.ITIMER_REAL, 0)
    return answer, took


def _sympy_question(pair: Pair, judge: Callable[[Any, Any, Any], object]) -> Callable[[], object] | None:
    """Asked about SymPy's own objects, made beforehand; None where the row has none."""
    if "a_sympy" not in pair.row:
        return None
    text = SympyText(pair.row)
    a, b = text.read(pair.row["a_sympy"]), text.read(pair.row["b_sympy"])
    return lambda: judge(text.sympy, a, b)


def _zero(sympy: Any, difference: Any) -> bool:
    found = sympy.simplify(difference.doit())
    return bool(found == 0 or (isinstance(found, sympy.MatrixBase) and found.is_zero_matrix))


def _equals(sympy: Any, a: Any, b: Any) -> object:
    return a.doit().equals(b.doit())


def _math_verify(pair: Pair) -> Callable[[], object] | None:
    logging.disable(logging.WARNING)  # it warns of each question that the time is bounded here and not there
    mv = importlib.import_module("math_verify")
    texts = [f"${pair.row[side]}$" for side in "ab"]
    return lambda: mv.verify(*(mv.parse(t, parsing_timeout=None) for t in texts), timeout_seconds=None)


def _latex2sympy(pair: Pair) -> Callable[[], object] | None:
    reader = importlib.import_module("latex2sympy2")
    import sympy

    return lambda: bool(sympy.simplify(reader.latex2sympy(pair.row["a"]) - reader.latex2sympy(pair.row["b"])) == 0)


Question = Callable[[Pair], Callable[[], object] | None]
OTHERS: dict[str, Question] = {
    "simplify(a - b) == 0": lambda pair: _sympy_question(pair, lambda sympy, a, b: _zero(sympy, a - b)),
    "a.equals(b)": lambda pair: _sympy_question(pair, _equals),
    "math-verify": _math_verify,
    "latex2sympy2": _latex2sympy,
}


def compared(name: str, question: Question, judged: list[tuple[Pair, float]]) -> str:
    """A row of the comparison."""
    times, ours, right, wrong = [], [], 0, 0
    for pair, milliseconds in judged:
        try:
            asked = question(pair)
        except (ImportError, SyntaxError):
            return f"{name:22} not installed"
        except (ValueError, AttributeError, TypeError):
            continue
        if asked is None:
            continue
        _clear_cache()
        answer, seconds = _bounded(asked)
        times.append(1e3 * seconds)
        ours.append(milliseconds)
        right += answer is pair.row["equal"]
        wrong += answer is (not pair.row["equal"])
    if not times:
        return f"{name:22} nothing to ask: no row has a_sympy"
    ratios = [theirs / mine for theirs, mine in zip(times, ours, strict=True)]
    median = statistics.median(times)
    return (
        f"{name:22} {right} right, {wrong} wrong, {len(times) - right - wrong} no answer; median {median:.1f} ms, "
        f"p95 {_percentile(times, 0.95):.0f} ms; {median / statistics.median(ours):.0f} × ours at the median, "
        f"{statistics.median(ratios):.0f} × pair by pair"
    )


def _clear_cache() -> None:
    if "sympy" in sys.modules:
        importlib.import_module("sympy.core.cache").clear_cache()


# --- ours ------------------------------------------------------------------------------------------------


def judge(every: list[Pair]) -> tuple[list[tuple[Pair, Verdict]], list[list[float]], list[float]]:
    """The verdicts of the first round, milliseconds of each round for the verdicts alone, and those with reading."""
    verdicts, rounds, whole = [], [], []
    for k in range(ROUNDS):
        times = []
        for pair in every:
            start = time.perf_counter()
            a, b = pair.sides()
            between = time.perf_counter()
            verdict = equal(a, b, pair.context)
            end = time.perf_counter()
            times.append(1e3 * (end - between))
            if k == 0:
                verdicts.append((pair, verdict))
                whole.append(1e3 * (end - start))
        rounds.append(times)
    return verdicts, rounds, whole


def _percentile(times: list[float], part: float) -> float:
    return sorted(times)[int(part * (len(times) - 1))]


def _counts(verdicts: list[tuple[Pair, Verdict]], true: bool) -> str:
    found = Counter(v.status.value for p, v in verdicts if p.row["equal"] is true)
    order = WANTED if true else WANTED[::-1]
    bad = "refuted" if true else "proved"
    shown = [f"{found[s]} {s}{' (!)' if s == bad and found[s] else ''}" for s in order if found[s] or s == bad]
    return f"{sum(found.values())} {'true' if true else 'false'} pairs: {', '.join(shown)}"


def false_verdicts(verdicts: list[tuple[Pair, Verdict]]) -> list[str]:
    """What must not be: true pairs refuted, false ones proved or checked."""
    return [
        f"{pair.row['id']}: {pair.row['a']} = {pair.row['b']} is {str(pair.row['equal']).lower()} and was {verdict}"
        for pair, verdict in verdicts
        if verdict.status in (("refuted",) if pair.row["equal"] else ("proved", "checked"))
    ]


def main() -> int:
    """Judge, compare and print."""
    given = [Path(a) for a in sys.argv[1:]]
    path = next((p for p in given or FILES if p.exists()), None)
    if path is None:
        print("no file of pairs", file=sys.stderr)
        return 2
    every = pairs(json.loads(path.read_text(encoding="utf-8")))
    verdicts, rounds, whole = judge(every)
    best = [min(times) for times in zip(*rounds, strict=True)]
    print(f"{path}: {_counts(verdicts, True)}; {_counts(verdicts, False)}")
    for pair, verdict in verdicts:
        wanted = "proved" if pair.row["equal"] else "refuted"
        if verdict.status != wanted:
            print(f"  {pair.row['id']}: {pair.row['a']} = {pair.row['b']}: {verdict}")
    undecided = sum(v.status == "undecided" for _, v in verdicts) / len(verdicts)
    true = [v for p, v in verdicts if p.row["equal"]]
    proved = sum(v.status == "proved" for v in true) / max(1, len(true))
    print(f"undecided {undecided:.1%} (at most 1 % is wanted); proved {proved:.1%} of the true (at least 95 %)")
    slowest = max(range(len(every)), key=lambda k: best[k])
    for name, times in (("verdict", best), ("verdict, first time", rounds[0]), ("reading and verdict, first", whole)):
        print(f"{name:28} median {statistics.median(times):.2f} ms, p95 {_percentile(times, 0.95):.1f} ms")
    print(f"slowest {best[slowest]:.1f} ms ({every[slowest].row['id']}), first time {max(rounds[0]):.0f} ms "
          f"(at most {1e3 * CHECK_SECONDS:.0f} is allowed)")
    for name, question in OTHERS.items():
        print(compared(name, question, list(zip(every, best, strict=True))))
    wrong = false_verdicts(verdicts)
    print(*(f"FALSE VERDICT {w}" for w in wrong), sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
