"""SymPy's opinion, from a process that can be stopped.

:func:`opinion` is asked last, for statements that agree at points but are not proved. The first question starts
one worker (this file as a program) and has no answer while that imports SymPy and warms it up; then the worker reads
one JSON line for each question and forks a child with bounded memory and time that computes ``simplify(a - b)``. A
child that hangs, dies or eats memory is an answer ("no opinion"), and the next question finds the worker as before.
SymPy's yes is never a proof; it only stands beside the points in a verdict that says "checked".
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from derive.bounded import Worker, run_bounded
from derive.declarations import Declaration, declaration
from derive.errors import DeriveError
from derive.tree import (
    Call,
    Constant,
    Indexed,
    Negative,
    Node,
    Number,
    Power,
    Product,
    ProductOver,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
)

_SECONDS = 1.0  # an opinion changes no status, so it may cost little
_GRACE = 0.2  # between the child's deadline and ours

WORKER = Worker("from derive.verify.worker import serve; serve()")

Message = list[Any]


def opinion(a: Node, b: Node, domains: Mapping[Symbol, str], seconds: float) -> bool:
    """Whether SymPy simplifies ``a - b`` to zero within the time; False is no opinion."""
    seconds = min(seconds, _SECONDS)
    if seconds <= _GRACE or not hasattr(os, "fork"):
        return False
    try:
        question = {"a": encoded(a, domains), "b": encoded(b, domains), "seconds": seconds - _GRACE}
    except (NotImplementedError, DeriveError):
        return False
    return WORKER.ask(question, time.monotonic() + seconds) is True


# --- trees as JSON ------------------------------------------------------------------------------------


def encoded(node: Node, domains: Mapping[Symbol, str]) -> Message:
    """A tree as nested lists; NotImplementedError for what SymPy is not asked about."""

    def part(inner: Node) -> Message:
        return encoded(inner, domains)

    match node:
        case Number(text):
            return ["number", text]
        case Constant(name) if name in ("e", "pi"):
            return ["constant", name]
        case Symbol():
            return ["symbol", repr(node), domains.get(node, "real")]
        case Indexed(base, indices):
            return ["indexed", repr(base), *map(part, indices)]
        case Sum(items) | Product(items):
            return ["sum" if isinstance(node, Sum) else "product", *map(part, items)]
        case Negative(u):
            return ["negative", part(u)]
        case Quotient(u, v):
            return ["quotient", part(u), part(v)]
        case Power(u, v) | Root(u, v):
            return ["power" if isinstance(node, Power) else "root", part(u), part(v)]
        case Call(name, args, 0) if name in _FUNCTIONS:
            return ["call", name, *map(part, args)]
        case SumOver(body, index, lower, upper) | ProductOver(body, index, lower, upper) if lower and upper:
            kind = "sum over" if isinstance(node, SumOver) else "product over"
            inner = {**domains, index: "integer"}
            return [kind, encoded(body, inner), encoded(index, inner), part(lower), part(upper)]
    raise NotImplementedError


_FUNCTIONS = {
    "exp": "exp",
    "log": "log",
    "sin": "sin",
    "cos": "cos",
    "arcsin": "asin",
    "arctan": "atan",
    "erf": "erf",
    "gammafunction": "gamma",
    "digamma": "digamma",
    "trigamma": "trigamma",
    "abs": "Abs",
    "max": "Max",
    "min": "Min",
}
"""Primitive functions and SymPy's names of them."""


def _decoded(message: Message, sympy: Any) -> Any:
    kind, *rest = message

    def part(inner: Message) -> Any:
        return _decoded(inner, sympy)

    match kind:
        case "number":
            return sympy.Rational(rest[0])
        case "constant":
            return {"e": sympy.E, "pi": sympy.pi}[rest[0]]
        case "symbol":
            return _symbol(sympy, rest[0], rest[1])
        case "indexed":
            return sympy.Function(rest[0], real=True)(*map(part, rest[1:]))
        case "call":
            return getattr(sympy, _FUNCTIONS[rest[0]])(*map(part, rest[1:]))
        case "sum over" | "product over":
            over = sympy.Sum if kind == "sum over" else sympy.Product
            body, index, lower, upper = map(part, rest)
            return over(body, (index, lower, upper))
    return _ARITHMETIC[kind](sympy, *map(part, rest))


_ARITHMETIC: dict[str, Any] = {
    "sum": lambda sympy, *items: sympy.Add(*items),
    "product": lambda sympy, *items: sympy.Mul(*items),
    "negative": lambda sympy, u: -u,
    "quotient": lambda sympy, u, v: u / v,
    "power": lambda sympy, u, v: u**v,
    "root": lambda sympy, u, n: sympy.real_root(u, n) if n.is_odd else sympy.root(u, n),
}


def _symbol(sympy: Any, name: str, domain: str) -> Any:
    return sympy.Symbol(name, **_assumptions(declaration(domain)))


def _assumptions(declared: Declaration) -> dict[str, bool]:
    """What SymPy is told of a symbol: signs, whole numbers; never less than that it is real."""
    facts = {"real": True, "integer": declared.whole, "nonzero": declared.nonzero}
    if declared.low is not None and declared.low >= 0:
        facts["positive" if declared.low > 0 or declared.open_low else "nonnegative"] = True
    if declared.high is not None and declared.high <= 0:
        facts["negative" if declared.high < 0 or declared.open_high else "nonpositive"] = True
    return {name: True for name, holds in facts.items() if holds}


# --- the other side -----------------------------------------------------------------------------------


def serve() -> None:
    """The worker's main loop: one question a line, one answer a line."""
    import sympy

    _warm_up(sympy)
    print("ready", flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        answer = run_bounded(_is_zero, question, seconds=question["seconds"])
        print(json.dumps(answer is True), flush=True)


def _warm_up(sympy: Any) -> None:
    """Fill the caches that every forked child then shares."""
    x = sympy.Symbol("x", real=True)
    sympy.simplify(sympy.sin(x) ** 2 + sympy.cos(x) ** 2 - sympy.exp(x) / (1 + sympy.exp(x)))


def _is_zero(question: dict[str, Any]) -> bool:
    """SymPy's answer; runs in a forked child."""
    import sympy

    difference = _decoded(question["a"], sympy) - _decoded(question["b"], sympy)
    return bool(sympy.simplify(difference.doit()) == 0)
