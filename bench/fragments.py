r"""How many formulas of a file are read rightly, wrongly without a word, or refused: the reader's score.

    python bench/fragments.py [FILE.json]

The file is a list of fragments: ``latex``, what is ``declared`` (symbols, functions, indexed), the value it stands for
as text for SymPy (``expected_sympy``, and further meanings in ``accept``; null when it must be refused). Beside it, or
in ``../shared/acceptance``, lies ``check_fragments.py``, whose ``equal`` judges. A tree is handed to it in its own
words by :class:`Said`; where it has two words for one meaning (``f'(x)`` as a derivative or as a primed name), either
counts. Ends with 1 when a formula was read wrongly or one was read that must be refused.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import operator
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import sympy

from derive import tree as t
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.read.latex import Names, read
from derive.tree import Node

REPEATS = 5
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "acceptance"
ACCENTS = ("hat", "bar", "tilde", "vec", "dot")


# --- names: theirs in ours, ours in theirs -----------------------------------------------------------------------


def plain(declared: str) -> str:
    """A declared name as :attr:`derive.tree.Symbol.plain` spells it: ``p_hat_data`` is ``hat_p_data``.

    What Python has as a keyword the file spells otherwise: ``lamda``.
    """
    base, *marks = declared.strip("_").replace("lamda", "lambda").split("_")
    accents = [mark for mark in marks if mark in ACCENTS]
    labels = ["sup_star" if mark == "star" else mark for mark in marks if mark not in ACCENTS]
    return "_".join([*accents, base, *labels])


def declared_names(row: dict[str, list[str]]) -> Names:
    """The declarations of a fragment; letters besides them may occur."""
    symbols, functions, indexed = (frozenset(map(plain, row[key])) for key in ("symbols", "functions", "indexed"))
    families = frozenset(name for name in indexed if not name.endswith("_sup"))  # x^{(i)} shows itself
    return Names(symbols=symbols - families, functions=functions, indexed=families, labels=True, others=True)


def parts(name: str) -> tuple[str, ...]:
    """The pieces of a name in no order: what a symbol and a declared name are matched by."""
    return tuple(sorted(piece for piece in name.replace(",", "_").split("_") if piece))


# --- a tree in the words of check_fragments.py -------------------------------------------------------------------

STYLES = {
    "prime": ("derivative", "primed", "subs"),
    "nabla": ("name", "applied"),
    "given": ("tuple", "flat"),
    "matrix": ("name", "value"),
    "chain": ("left", "right", "tuple"),
}
"""Where the words leave a choice: every combination is tried."""

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": sympy.Eq, "!=": sympy.Ne,
}  # fmt: skip
SIGNS = {":=": "=", "===": "="}
SYMPY = {
    "exp": "exp", "log": "log", "ln": "log", "sin": "sin", "cos": "cos", "tan": "tan", "tanh": "tanh", "sinh": "sinh",
    "cosh": "cosh", "max": "Max", "min": "Min", "abs": "Abs", "arcsin": "asin", "arctan": "atan", "arccos": "acos",
    "factorial": "factorial", "binom": "binomial", "floor": "floor", "ceil": "ceiling", "erf": "erf",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One way of saying trees: the checker's module, the declared names, a choice for each style."""

    check: ModuleType
    functions: dict[tuple[str, ...], str]
    names: dict[tuple[str, ...], str]
    style: dict[str, str]

    def name(self, node: t.Symbol) -> str:
        """The symbol as the file would declare it."""
        label = "".join(c for c in node.sup if c.isalnum())
        sup = {"": "", "*": "star", "()": "sup", "[]": "sup", "'": "prime"}.get(node.sup, f"sup_{label}")
        pieces = [node.name, node.accent, node.sub.replace(",", "_"), sup]
        spelled = "_".join(piece for piece in pieces if piece)
        return self.names.get(parts(spelled), spelled)

    def function(self, name: str) -> str:
        """A function as the file declares it, whatever its spelling."""
        row = FUNCTIONS.get(name)
        spellings = (name, row.text, *row.spellings) if row else (name,)
        found = (self.functions.get(parts(s.removeprefix("\\"))) for s in spellings)
        return next((f for f in found if f), name)

    def opaque(self, head: str, *args: Any) -> Any:
        """A function that nobody computes, of values of any sort."""
        return sympy.Function(head)(*[self.check.opq(a) for a in args])

    def all(self, nodes: tuple[Node, ...]) -> list[Any]:
        return [self(node) for node in nodes]

    def __call__(self, node: Node) -> Any:
        """The value. NotImplementedError for a node that the file has no word for."""
        return SAY[type(node)](self, node)

    # --- one method for what takes more than a line --------------------------------------------------------------

    def call(self, node: t.Call) -> Any:
        match node:
            case t.Call(name, (t.Given(),), 0) if name not in SYMPY:
                return self.opaque(self.function(name), *self.around_bar(node))
            case t.Call(name, args, order) if order:
                return self.primed(self.function(name), self.all(args), order)
            case t.Call("abs" | "det", (operand,)) if self.is_matrix(operand):
                value = self(operand)
                return value.det() if self.style["matrix"] == "value" else self.opaque("det", value)
            case t.Call(name, args) if name in SYMPY and self.function(name) not in self.functions.values():
                return getattr(sympy, SYMPY[name])(*self.all(args))
        return self.opaque(self.function(node.name), *self.all(node.args))

    def is_matrix(self, operand: Node) -> bool:
        return isinstance(operand, t.Matrix)

    def around_bar(self, node: t.Call) -> list[Any]:
        """The two sides of a bar: parameters are arguments, conditions a ``Given``."""
        bar = node.args[0]
        assert isinstance(bar, t.Given)
        left, right = self.all(bar.items), self.all(bar.given)
        if bar.sign in (";", "||"):
            return left + right
        return [self.given(left, right)]

    def given(self, left: list[Any], right: list[Any]) -> Any:
        if self.style["given"] == "flat":
            return self.opaque("Given", *left, *right)
        return self.opaque("Given", *(s[0] if len(s) == 1 else self.check.Tup(s) for s in (left, right)))

    def primed(self, name: str, args: list[Any], order: int) -> Any:
        function, point = sympy.Function(name), args[0]
        if self.style["prime"] == "derivative" and isinstance(point, sympy.Symbol):
            return sympy.Derivative(function(*args), (point, order))
        if self.style["prime"] == "subs":
            fresh = sympy.Symbol("x")
            return sympy.Subs(sympy.Derivative(function(fresh, *args[1:]), (fresh, order)), fresh, point)
        return sympy.Function(f"{name}_prime{order}")(*args)

    def gradient(self, node: t.Gradient) -> Any:
        name = self.function(node.name)
        if node.args:
            return self.opaque("Grad", sympy.Function(name)(*self.all(node.args)))
        return self.opaque("Grad", sympy.Symbol(name) if self.style["nabla"] == "name" else sympy.Function(name)())

    def over(self, head: str, node: t.SumOver | t.ProductOver) -> Any:
        if node.where is None and node.lower is not None and node.upper is not None:
            return getattr(sympy, head)(self(node.body), (self(node.index), self(node.lower), self(node.upper)))
        rest = [self(n) for n in (node.where, node.lower, node.upper) if n is not None]
        return self.opaque(head, self(node.body), *(rest or [self(node.index)]))

    def integral(self, node: t.Integral) -> Any:
        if node.lower is not None and node.upper is not None:
            return sympy.Integral(self(node.body), (self(node.variable), self(node.lower), self(node.upper)))
        if node.lower is None:
            return sympy.Integral(self(node.body), self(node.variable))
        return self.opaque("Integral", self(node.body), self(node.variable), self(node.lower))

    def optimum(self, node: t.Optimum) -> Any:
        head = {"argmin": "ArgMin", "argmax": "ArgMax"}.get(node.operator, node.operator)
        over = [self(node.where)] if node.where is not None else self.all(node.variables)
        return self.opaque(head, self(node.body), *over)

    def expectation(self, node: t.Expectation) -> Any:
        head = "Expect" if node.operator == "E" else self.function(node.operator)
        return self.opaque(head, *self.all(node.args), *self.all(node.over))

    def cases(self, node: t.Cases) -> Any:
        return sympy.Piecewise(*((self(v), self.condition(c)) for v, c in node.branches), evaluate=False)

    def condition(self, node: Node | None) -> Any:
        match node:
            case None:
                return True
            case t.Relation((left, right), (sign,)) if sign in COMPARE:
                return COMPARE[sign](self(left), self(right))
            case t.Relation(sides, signs):
                pairs = zip(sides, signs, sides[1:], strict=False)
                return sympy.And(*(COMPARE[s](self(a), self(b)) for a, s, b in pairs))
        raise NotImplementedError

    def relation(self, node: t.Relation) -> Any:
        sides, signs = self.all(node.sides), [SIGNS.get(s, s) for s in node.signs]
        rel = self.check.Rel
        if self.style["chain"] == "tuple" and len(signs) > 1:
            pairs = zip(sides, signs, sides[1:], strict=False)
            return self.check.Tup([rel(s, a, b) for a, s, b in pairs])
        if self.style["chain"] == "right":
            value = sides[-1]
            for side, sign in zip(reversed(sides[:-1]), reversed(signs), strict=True):
                value = rel(sign, side, value)
            return value
        value = sides[0]
        for side, sign in zip(sides[1:], signs, strict=True):
            value = rel(sign, value, side)
        return value


def _product(said: Said, node: t.Product) -> Any:
    return sympy.Mul(*said.all(node.factors))


SAY: dict[type[Node], Callable[[Said, Any], Any]] = {
    t.Number: lambda s, n: sympy.Rational(n.value.numerator, n.value.denominator),
    t.Constant: lambda s, n: {"e": sympy.E, "pi": sympy.pi, "infinity": sympy.oo}[n.name],
    t.Symbol: lambda s, n: sympy.Symbol(s.name(n)),
    t.Indexed: lambda s, n: sympy.IndexedBase(s.name(n.base))[tuple(s.all(n.indices))],
    t.Sum: lambda s, n: sympy.Add(*s.all(n.terms)),
    t.Product: _product,
    t.Quotient: lambda s, n: s(n.numerator) / s(n.denominator),
    t.Negative: lambda s, n: -s(n.operand),
    t.Power: lambda s, n: s(n.base) ** s(n.exponent),
    t.Root: lambda s, n: s(n.radicand) ** (1 / s(n.degree)),
    t.Call: Said.call,
    t.Given: lambda s, n: s.given(s.all(n.items), s.all(n.given)),
    t.Gradient: Said.gradient,
    t.GradientOf: lambda s, n: s.opaque("Grad", s(n.body), *s.all(n.variables)),
    t.Derivative: lambda s, n: sympy.Derivative(s(n.body), (s(n.variable), n.order)),
    t.At: lambda s, n: sympy.Subs(s(n.body), [s(v) for v, _ in n.where], [s(v) for _, v in n.where]),
    t.Integral: Said.integral,
    t.SumOver: lambda s, n: s.over("Sum", n),
    t.ProductOver: lambda s, n: s.over("Product", n),
    t.Limit: lambda s, n: sympy.Limit(s(n.body), s(n.variable), s(n.point), n.side or "+-"),
    t.Optimum: Said.optimum,
    t.Expectation: Said.expectation,
    t.Norm: lambda s, n: s.opaque("Norm", *s.all((n.operand,) if n.order is None else (n.operand, n.order))),
    t.Inner: lambda s, n: s.opaque("Dot", s(n.left), s(n.right)),
    t.Entrywise: lambda s, n: s.opaque("Hadamard", *s.all(n.factors)),
    t.Component: lambda s, n: s.opaque("Component", s(n.operand), *s.all(n.indices)),
    t.Interval: lambda s, n: s.check.Tup([s(n.lower), s(n.upper)]),
    t.Dots: lambda s, n: sympy.Symbol("..."),
    t.Matrix: lambda s, n: sympy.Matrix([s.all(row) for row in n.rows]),
    t.Vector: lambda s, n: s.check.Tup(s.all(n.items)),
    t.Set: lambda s, n: s.check.Tup(s.all(n.items)),
    t.Transpose: lambda s, n: sympy.Function("Transpose")(s(n.operand)),
    t.Cases: Said.cases,
    t.Relation: Said.relation,
    t.Statements: lambda s, n: s.check.Tup(s.all(n.items)),
}
"""A node in the checker's words; a new kind of node is a row."""


# --- judging -----------------------------------------------------------------------------------------------------


def checker(path: Path) -> ModuleType:
    """``check_fragments.py`` beside the file, or the one in ``../shared/acceptance``."""
    beside = path.parent / "check_fragments.py"
    file = beside if beside.exists() else FOLDER / "check_fragments.py"
    spec = importlib.util.spec_from_file_location("check_fragments", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def values(node: Node, declared: dict[str, list[str]], check: ModuleType) -> Iterator[Any]:
    """The tree in every style of saying it."""
    functions = {parts(plain(name)): name for name in declared["functions"]}
    everything = (*declared["symbols"], *declared["indexed"], *declared["functions"])
    names = {parts(plain(name).replace("sup_star", "star")): name for name in everything}
    for choice in itertools.product(*STYLES.values()):
        said = Said(check, functions, names, dict(zip(STYLES, choice, strict=True)))
        try:
            yield said(node)
        except (NotImplementedError, KeyError, TypeError, ValueError, AttributeError) as error:
            yield error


def judged(row: dict[str, Any], check: ModuleType) -> tuple[str, str]:
    """``right``, ``wrong`` or ``refused``, and the reason."""
    try:
        node = read(row["latex"], declared_names(row["declared"]))
    except DeriveError as error:
        reason = str(error)
        return ("right", "") if row["expected_sympy"] is None else ("refused", reason)
    if row["expected_sympy"] in (None, "None"):
        return "wrong", f"must be refused; read as {node}"
    wanted = [check.expected(row, text) for text in (row["expected_sympy"], *row["accept"])]
    said = list(values(node, row["declared"], check))
    if any(check.equal(w, v) for v in said if not isinstance(v, Exception) for w in wanted):
        return "right", ""
    return "wrong", f"read as {said[0]!r}\n    expected {row['expected_sympy']}"


def milliseconds(text: str, names: Names) -> float:
    """The shortest of a few times of reading a formula."""
    times = []
    for _ in range(REPEATS):
        read.cache_clear()
        began = time.perf_counter()
        with suppress(DeriveError):
            read(text, names)
        times.append(1_000 * (time.perf_counter() - began))
    return min(times)


def main() -> None:
    """Judge every fragment of the file and print the counts; exit 1 when anything was silently wrong."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "fragments.json"
    if not path.exists():
        print(f"{path} is not here: nothing to judge")
        return
    rows, check = json.loads(path.read_text(encoding="utf-8")), checker(path)
    counts = {"right": 0, "wrong": 0, "refused": 0}
    for row in rows:
        verdict, reason = judged(row, check)
        counts[verdict] += 1
        if verdict != "right":
            print(f"{verdict}: {row['id']}  {row['latex']}\n    {reason}")
            print(f"    note: {row['notes']}\n" if row.get("notes") else "")
    times = sorted(milliseconds(row["latex"], declared_names(row["declared"])) for row in rows)
    right, wrong, refused = counts.values()
    print(f"{len(rows)} fragments: {right} right ({right / len(rows):.1%}), {wrong} silently wrong, {refused} refused")
    print(f"reading: median {statistics.median(times):.3f} ms, p95 {times[int(0.95 * (len(times) - 1))]:.3f} ms")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
