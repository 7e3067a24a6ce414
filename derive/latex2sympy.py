r"""The optional reader: latex2sympy2's reading of a formula as a tree, for a person to confirm and never to trust.

``--reader latex2sympy2`` asks :func:`read` instead of :mod:`derive.read.latex`, shows the :class:`Reading` back as
LaTeX, and goes on only when the person says that this is what was meant: latex2sympy2 reads ``\log`` to base 10,
``\sigma(w x)`` as a product and drops what it does not know. It is installed by ``pip install 'derive[latex2sympy2]'``,
where Python is older than 3.13. Its state is global to a process and one odd formula spoils all later ones, it can
hang, and it can eat memory: so a worker (this file as a program) imports it once, and each formula is read in a child
forked for that formula alone, with bounded time and memory. What comes back is our own tree as JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import time
from dataclasses import dataclass
from typing import Any, TypeGuard

from derive.bounded import Worker, run_bounded
from derive.errors import DeriveError, FormulaError, LimitError, ToolMissingError
from derive.functions import FUNCTIONS
from derive.limits import FORMULA_CHARACTERS
from derive.read.budget import check
from derive.read.latex import Names
from derive.read.latex import read as own_reader
from derive.saved import pack, unpack
from derive.tree import Call, Node, Symbol, map_children
from derive.write.latex import latex
from derive.write.sympy import from_sympy

SECONDS = 10.0  # one formula; it takes up to nine for nested powers
_START_SECONDS = 30.0  # importing SymPy and the ANTLR runtime on a busy machine
_GRACE = 1.0  # between the child's deadline and ours
_LAST_PYTHON = (3, 12)


@dataclass(frozen=True, slots=True)
class Reading:
    """What latex2sympy2 made of a formula; ``shown`` is the tree's own LaTeX, to be confirmed by a person."""

    node: Node
    shown: str


def missing() -> str:
    """Why the reader cannot be used here; empty when it can."""
    if sys.version_info[:2] > _LAST_PYTHON:
        return "latex2sympy2 does not run on Python 3.13 or newer: its ANTLR runtime does not import there"
    if not hasattr(os, "fork"):
        return "latex2sympy2 is only run in a forked process, and this system has none"
    if importlib.util.find_spec("latex2sympy2") is None:
        return "latex2sympy2 is not installed"
    return ""


def read(text: str) -> Reading:
    """The formula as latex2sympy2 reads it.

    ToolMissingError where it is not installed or cannot run, FormulaError for what it refuses or says in a way that
    our tree has no node for, LimitError for what is too long or takes too much time or memory.
    """
    reason = missing()
    if reason:
        hint = "pip install 'derive[latex2sympy2]'" if reason.endswith("installed") else "leave out --reader"
        raise ToolMissingError(reason, hint)
    if len(text) > FORMULA_CHARACTERS:
        raise LimitError(f"the formula has {len(text)} characters; at most {FORMULA_CHARACTERS} are read")
    answer = _asked(text)
    if answer is None:
        raise LimitError(f"latex2sympy2 gave no answer within {SECONDS:g} seconds and the memory it may use")
    if "refused" in answer:
        raise FormulaError(text, min(answer["position"], len(text)), f"latex2sympy2 refuses: {answer['refused']}")
    node = check(unpack(answer["tree"]))
    return Reading(node, latex(node))


# --- this side ------------------------------------------------------------------------------------------------------


WORKER = Worker("from derive.latex2sympy import serve; serve()")


def _asked(text: str) -> dict[str, Any] | None:
    """The worker's answer to a formula, or None when there is none."""
    if not WORKER.is_ready(time.monotonic() + _START_SECONDS):
        WORKER.stop()
        return None
    found = WORKER.ask(text, time.monotonic() + SECONDS + _GRACE)
    return found if isinstance(found, dict) else None


# --- the other side -------------------------------------------------------------------------------------------------


def serve() -> None:
    """The worker's main loop: one formula a line, one answer a line. What the library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    importlib.import_module("latex2sympy2")  # before the forks, and never called here: its state stays as it began
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        answer = run_bounded(_read, json.loads(line), seconds=SECONDS)
        print(json.dumps(answer), file=answers, flush=True)


def _read(text: str) -> dict[str, Any]:
    """The library's reading as packed tree, or its refusal; runs in a child of its own."""
    reader = importlib.import_module("latex2sympy2").latex2sympy
    try:
        return {"tree": pack(_tree(reader(text), text))}
    except Exception as error:  # the library raises bare Exception, and whatever SymPy raises inside it
        return {"refused": _first_line(error), "position": _position(str(error))}


def _tree(found: Any, text: str) -> Node:
    """SymPy's object as our tree. ValueError for what is no reading of the text, or has no node."""
    import sympy

    if isinstance(found, list | tuple):
        raise ValueError("it solved the equation instead of reading it")
    if "=" in _BELOW.sub("", text) and not isinstance(found, sympy.core.relational.Relational):
        raise ValueError("it dropped a side of the equation")
    names = {str(s): _symbol(str(s)) for s in found.atoms(sympy.Symbol)}
    return _renamed(from_sympy(found, names))


_BELOW = re.compile(r"_\s*\{[^{}]*\}|\\(?:ne|le|ge)q?\b|[<>]=")


def _symbol(name: str) -> Symbol:
    r"""Its names are LaTeX: ``x_{1}``, ``\theta``. ValueError when one is no name of ours."""
    try:
        found = own_reader(name, Names(labels=True))
    except DeriveError:
        found = None
    if not isinstance(found, Symbol):
        raise ValueError(f"it made {name!r} a name")
    return found


def _renamed(node: Node) -> Node:
    r"""With the names of unknown functions as ours: ``\sigma`` is ``sigma``."""
    inner = map_children(node, _renamed)
    return Call(_symbol(inner.name).plain, inner.args, inner.order) if _is_foreign(inner) else inner


def _is_foreign(node: Node) -> TypeGuard[Call]:
    return isinstance(node, Call) and node.name not in FUNCTIONS


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _position(message: str) -> int:
    """Where its error message points: it draws ``~~~^`` below the formula."""
    marker = re.search(r"^(~*)\^$", message, re.MULTILINE)
    return len(marker[1]) if marker else 0
