"""Solving: from a problem to a verified derivation. ``derive.solve``, ``steps``, ``equal`` are these functions.

The flow is one way: :mod:`derive.read.problems` reads, the problem's kind derives, :mod:`derive.verify` judges.
The command line uses the same three calls. Nothing here knows a kind by name but :func:`steps`, which turns one
expression into a problem of the kind that fits it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from derive import braced, choices, display, resources
from derive.errors import DeriveError, LimitError, ProblemError
from derive.limits import PATIENCE
from derive.problem import Problem, Sheet
from derive.questions import Texts, answer, domains, formula, question
from derive.read import problems
from derive.read.fields import nearest, number, symbol
from derive.read.latex import read as read_latex
from derive.steps import Derivation, Verdict
from derive.tree import Derivative, Node, Relation, Symbol
from derive.verify import verify

display.install()

__all__ = ["Derivation", "Verdict", "equal", "find", "read", "read_formula", "solve", "solve_problem", "steps"]


def solve(what: str | Path | Problem) -> list[Derivation]:
    """Solve and verify problems: a file or the name of a shipped one, a TOML text, or a problem made in Python.

    Returns a derivation for each problem, in order. Raises :class:`~derive.errors.DeriveError` for input that
    cannot be used, and :class:`~derive.errors.RefutedError` where an identity to be shown is false.
    """
    if isinstance(what, Problem):
        return [solve_problem(what)]
    sheet = read(what)
    if sheet.errors:
        raise sheet.errors[0]
    return [solve_problem(problem) for problem in sheet.problems]


def solve_problem(problem: Problem, seconds: float | None = None) -> Derivation:
    """One verified derivation, within ``seconds`` where a bound is given. Raises LimitError when it is too slow."""
    with _limited(problem, seconds):
        return verify(derived(problem))


def derived(problem: Problem, seconds: float | None = None) -> Derivation:
    """The same that nobody has verified yet, for whoever looks at the answer first. Its steps have no verdicts."""
    with _limited(problem, seconds):
        found: Derivation = choices.load("kinds", problem.kind).solve(problem)
        return replace(found, text=problem.text)


def verified(derivation: Derivation, seconds: float | None = None) -> Derivation:
    """A derivation with the verdicts of its steps, within ``seconds``."""
    with _limited(derivation, seconds):
        return verify(derivation)


@contextmanager
def _limited(what: Problem | Derivation, seconds: float | None) -> Iterator[None]:
    """A bound on time, and a message for what is too large."""
    with bounded(seconds, what.title):
        try:
            yield
        except (RecursionError, MemoryError) as error:
            raise LimitError(f"{what.title}: the problem is too large") from error


def read(what: str | Path, only: Sequence[str] = ()) -> Sheet:
    """The sheet in a file, in a shipped file by its name, or in a TOML text (one with an equals sign)."""
    if isinstance(what, str) and "=" in what and ("\n" in what or not Path(what).exists()):
        return braced.told_all(problems.read_text(what, only=only))
    return braced.told_all(problems.read_file(find(what), only))


def find(name: str | Path) -> Path:
    """A path as it is when there is something; else the shipped problem of that name."""
    path = Path(name)
    if path.exists():
        return path
    if shipped := resources.problem_file(str(name)):
        return shipped
    known = [known for full in resources.problem_files() for known in (full, full.rpartition("/")[2])]
    hint = nearest(path.stem, known) or "derive list shows the shipped problems"
    raise ProblemError(str(name), 0, "there is no such file, and no shipped problem of that name", hint)


# --- one expression ------------------------------------------------------------------------------


def steps(
    expression: str | Node,
    to: str | None = None,
    *,
    in_terms_of: Sequence[str] = (),
    at: Mapping[str, object] | None = None,
    where: Texts | Mapping[str, str] = (),
) -> Derivation:
    r"""Derive one expression: a derivative is taken, an equation is shown, anything else is simplified.

    ``to`` is the form to reach, ``in_terms_of`` the parts to write the answer with, ``at`` values of symbols
    at which the result is evaluated, ``where`` what is known of them, as :func:`equal` takes it.
    """
    return solve_problem(problem_of(expression, to, in_terms_of, at or {}, where))


def problem_of(
    expression: str | Node, to: str | None, in_terms_of: Sequence[str], at: Mapping[str, object],
    where: Texts | Mapping[str, str],
) -> Problem:
    """The problem that one expression poses; the arguments are those of :func:`steps`."""
    known = domains(where)
    node = read_latex(expression, known.names()) if isinstance(expression, str) else expression
    points = {symbol(name): value if isinstance(value, list) else [value] for name, value in at.items()}
    kind: str
    given: dict[str, object]
    match node:
        case Relation() if points:
            raise DeriveError("an equation is shown, not evaluated", "leave out the point")
        case Relation():
            kind, given = "identity", {"statement": node}
        case Derivative(body, Symbol() as variable, order) if points.keys() <= {variable}:
            kind, given = "derivative", {"function": body, "variable": variable, "order": order, "figure": False}
            given["at"] = points.get(variable)
        case _:
            kind, given = "expression", {"expression": node, "at": _equations(points)}
    given |= {"to": to, "in_terms_of": list(in_terms_of)}
    return problems.make(kind, {key: value for key, value in given.items() if value not in (None, [])}, known)


def _equations(points: Mapping[Symbol, list[object]]) -> list[Relation]:
    """``x = 2`` for each symbol with its one value."""
    for name, values in points.items():
        if len(values) > 1:
            raise DeriveError(f"{name.plain} has several values", "ask for one at a time")
    return [Relation((name, number(values[0])), ("=",)) for name, values in points.items()]


# --- one question ---------------------------------------------------------------------------------


def equal(
    a: str | Node, b: str | Node | None = None, *, where: Texts | Mapping[str, str] = (), define: Texts = (),
    declare: Texts = (), relation: str = "=",
) -> Verdict:
    r"""Whether two formulas are equal, or stand in another relation, wherever both have values.

    Formulas are LaTeX or trees. ``where`` says what is known of their letters (``"x > 0, n positive integer"``, or
    ``{"x": "positive"}``), ``declare`` what they are (``"W: matrix 3x2"``), ``define`` gives functions and values
    (``"f(x) = x^2"``); each may be a list. Without ``b``, ``a`` is a whole statement: ``equal("a = b")``.
    The verdict says how it was decided, what it needs (``condition``), and the counter-example (``witness``).
    Raises :class:`~derive.errors.DeriveError` for what cannot be read or contradicts itself.
    """
    return answer(question(a, b, where=where, define=define, declare=declare, relation=relation))


def read_formula(
    text: str, *, where: Texts | Mapping[str, str] = (), define: Texts = (), declare: Texts = (),
) -> Node:
    """The tree that a formula in LaTeX writes, under declarations as :func:`equal` takes them.

    Raises :class:`~derive.errors.FormulaError` with the place where it cannot be read.
    """
    return formula(text, where=where, define=define, declare=declare)[0]


# --- bounded time --------------------------------------------------------------------------------


class _TooSlowError(BaseException):
    """Raised by the alarm; no ``except Exception`` on the way may swallow it."""


@contextmanager
def bounded(seconds: float | None, title: str) -> Iterator[None]:
    """Stop the block after some seconds of work with a LimitError. Only the main thread of a Unix process can."""
    if seconds is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _TooSlowError

    clocks = ((signal.ITIMER_PROF, signal.SIGPROF, seconds), (signal.ITIMER_REAL, signal.SIGALRM, seconds * PATIENCE))
    before = {number: signal.signal(number, ring) for _, number, _ in clocks}
    for clock, _, most in clocks:
        signal.setitimer(clock, most)
    try:
        yield
    except _TooSlowError as error:
        raise LimitError(f"{title}: too slow, stopped after {seconds:g} seconds") from error
    finally:
        for clock, number, _ in clocks:
            signal.setitimer(clock, 0)
            signal.signal(number, before[number])
