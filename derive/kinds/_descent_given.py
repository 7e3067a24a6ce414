"""What an iteration is given, checked: the function, the start, the step sizes, the method's parameters.

Called by the gradient-descent kind. Whatever is wrong with the values of ``[given]`` that the reader cannot know is
refused here, with the file and the line of the key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from derive import limits
from derive.errors import DeriveError, ProblemError
from derive.functions import FUNCTIONS
from derive.kinds._by_hand import has_decimals, number_of
from derive.problem import Field, Problem
from derive.read.fields import CONVERTERS, Reading, Spelled, nearest
from derive.read.latex import Names
from derive.steps import Definition
from derive.tree import ONE, Call, Negative, Node, Number, Power, Symbol, free_symbols, walk


def _ten_to_minus(exponent: int) -> Node:
    return Power(Number("10"), Negative(Number(str(exponent))))


PARAMETERS: dict[str, dict[str, Node]] = {
    "plain": {},
    "momentum": {"beta": Number("0.9")},
    "nesterov": {"beta": Number("0.9")},
    "adagrad": {"delta": _ten_to_minus(7)},
    "rmsprop": {"rho": Number("0.9"), "delta": _ten_to_minus(6)},
    "adam": {"beta1": Number("0.9"), "beta2": Number("0.999"), "epsilon": _ten_to_minus(8)},
    "newton": {},
    "line-search": {},
}
"""The parameters of each method beside the step size, and their customary values."""

STEP_SIZES: dict[str, Node] = {
    "newton": ONE, "rmsprop": Number("0.001"), "adam": Number("0.001"), "adagrad": Number("0.01"),
}
"""The customary step size of the methods that have one."""

SHOWN = 3  # steps written out of a long iteration
SHOWN_MOST = 50  # more fill a book


_COUNTER = Symbol("t")


@dataclass(frozen=True, slots=True)
class StepSize:
    """``alpha``: one number, one for each step, or a formula in the number of the step."""

    fixed: Node | None = None
    listed: tuple[Node, ...] = ()
    formula: Node | None = None
    counter: Symbol = _COUNTER


@dataclass(frozen=True, slots=True)
class Setup:
    """A checked problem: everything an iteration needs. ``step`` is None for a method that finds its own."""

    function: Definition
    start: tuple[Node, ...]
    birthday: str
    method: str
    step: StepSize | None
    parameters: Mapping[str, Node]
    steps: int
    shown: int
    decimals: bool

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """The function's variables, in order."""
        return self.function.parameters

    @property
    def letters(self) -> tuple[Symbol, ...]:
        """The letters of the function beside its variables, which have no value."""
        return tuple(sorted(free_symbols(self.function.body) - set(self.variables), key=lambda s: s.plain))

    @property
    def several(self) -> bool:
        """Whether there is more than one variable."""
        return len(self.variables) > 1


class Refusal:
    """Makes errors that say where in the file the key stands."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def __call__(self, key: str, message: str, hint: str = "") -> DeriveError:
        line = self.problem.lines.get(key, 0) or self.problem.line
        if self.problem.file:
            return ProblemError(self.problem.file, line, message, hint)
        return DeriveError(message, hint)


def setup(problem: Problem) -> Setup:
    """The values of a problem, checked. ProblemError (DeriveError outside a file) says what cannot be used."""
    given, refuse = problem.given, Refusal(problem)
    function = _function(given["function"], refuse)
    start, birthday = _start(given["start"], refuse)
    if len(start) != len(function.parameters):
        raise refuse("start", *_wrong_length(function, start, birthday))
    steps = given["steps"]
    step = _step_size(given, refuse)
    parameters = _parameters(given, refuse)
    sizes = () if step is None else (*step.listed, *(n for n in (step.fixed, step.formula) if n is not None))
    decimals = has_decimals((function.body, *start, *sizes, *parameters.values()))
    return Setup(function, start, birthday, given["method"], step, parameters, steps, _shown(given), decimals)


def _shown(given: Mapping[str, Any]) -> int:
    asked, steps = given["show"], given["steps"]
    if asked is None:
        return int(steps if steps <= limits.STEPS_SHOWN else SHOWN)
    return int(min(asked, steps))


# --- the function -----------------------------------------------------------------------------------


def _function(function: Definition, refuse: Refusal) -> Definition:
    if not function.parameters:
        raise refuse("function", "the function has no variables, so there is nothing to descend in")
    for part in walk(function.body):
        if isinstance(part, Call) and part.name not in FUNCTIONS:
            raise refuse("function", f"the function {part.name} is not defined", nearest(part.name, FUNCTIONS))
    return function


# --- the start --------------------------------------------------------------------------------------


def _start(value: Any, refuse: Refusal) -> tuple[tuple[Node, ...], str]:
    """The start's coordinates, and the birthday where it is made of one."""
    if isinstance(value, dict):
        if set(value) != {"birthday"}:
            raise refuse("start", f"start: expected {{birthday = \"05-16\"}}, found the keys {', '.join(value)}")
        day = _birthday(value["birthday"], refuse)
        text = f"{day:02d}"
        return (Number(text[0]), Number(text[1])), text
    try:
        point: tuple[Node, ...] = CONVERTERS["points"]([value], _reading("points"))[0]
    except DeriveError as error:
        raise refuse("start", f"start: {error.message.removeprefix('item 1: ')}", error.hint) from error
    return point, ""


def _wrong_length(function: Definition, start: tuple[Node, ...], birthday: str) -> tuple[str, str]:
    count, names = len(start), ", ".join(p.plain for p in function.parameters)
    wanted = len(function.parameters)
    message = (f"the start has {count} number{'s' * (count != 1)}, but {function.name.plain} has "
               f"{wanted} variable{'s' * (wanted != 1)} ({names})")
    fewer = f"{function.name.plain}({', '.join(p.plain for p in function.parameters[-count:])}) = …"
    hint = f"give {wanted}, in this order"
    if birthday:
        hint = "a birthday gives two numbers, the digits of the day"
    elif 0 < count < wanted:
        hint += f"; or name the variables, as in {fewer}, and the other letters are constants"
    return message, hint


_DATE = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")
_LEAP_YEAR = 2000  # 29 February is somebody's birthday


def _birthday(value: Any, refuse: Refusal) -> int:
    """The day of the month of a birthday, ``"05-16"`` or ``"1999-05-16"``."""
    if isinstance(value, date):
        return value.day
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refuse("start", f"start: {value!r} is no birthday", 'write month and day: birthday = "05-16"')
    year, month, day = (int(part) if part else _LEAP_YEAR for part in found.groups())
    try:
        return date(year, month, day).day
    except ValueError as error:
        raise refuse("start", f"start: there is no such day as {value}: {error}",
                     'the month comes first: birthday = "05-16" is 16 May') from error


def _reading(type_: str) -> Reading:
    return Reading(Field("", type_, ""), Names())


# --- step sizes and parameters ----------------------------------------------------------------------


def _step_size(given: Mapping[str, Any], refuse: Refusal) -> StepSize | None:
    method, value = given["method"], given["step_size"]
    if method == "line-search":
        if value is not None:
            raise refuse("step_size", "step_size: exact line search finds the step sizes itself", "remove this key")
        return None
    if value is None:
        if method not in STEP_SIZES:
            raise refuse("step_size", f'the key "step_size" is missing: {method} needs one', "for instance: 0.1")
        return StepSize(STEP_SIZES[method])
    try:
        step = _listed(value, given["steps"]) if isinstance(value, list) else _formula(value)
        _finite(step)
    except DeriveError as error:
        raise refuse("step_size", f"step_size: {error.message}", error.hint) from error
    return step


def _listed(value: list[Any], steps: int) -> StepSize:
    sizes: tuple[Node, ...] = CONVERTERS["numbers"](value, _reading("numbers"))
    if len(sizes) < steps:
        plural = "s" * (len(sizes) != 1)
        raise DeriveError(f"{len(sizes)} step size{plural} for {steps} steps", "give one for each step")
    return StepSize(listed=sizes)


def _formula(value: Any) -> StepSize:
    if not isinstance(value, str) or isinstance(value, Spelled):
        return StepSize(CONVERTERS["number"](value, _reading("number")))
    formula: Node = CONVERTERS["formula"](value, _reading("formula"))
    letters = sorted(free_symbols(formula), key=lambda s: s.plain)
    if len(letters) > 1:
        names = ", ".join(s.plain for s in letters)
        raise DeriveError(f"a schedule is a formula in the number of the step alone, not in {names}", "write '1/t'")
    return StepSize(formula=formula, counter=letters[0]) if letters else StepSize(formula)


def _finite(step: StepSize) -> None:
    for size in (*step.listed, *((step.fixed,) if step.fixed is not None else ())):
        if not number_of(size) > 0:
            raise DeriveError("a step size must be greater than 0")


def _parameters(given: Mapping[str, Any], refuse: Refusal) -> dict[str, Node]:
    """The method's parameters: what is given, else the customary value."""
    method = given["method"]
    known = PARAMETERS[method]
    for key in all_parameters():
        if given.get(key) is not None and key not in known:
            takers = ", ".join(name for name, keys in PARAMETERS.items() if key in keys)
            raise refuse(key, f"{key}: {method} has no such parameter", f"it belongs to {takers}")
    found = {key: default if given.get(key) is None else given[key] for key, default in known.items()}
    for key, node in found.items():
        most = math.inf if key in ("delta", "epsilon") else 1
        if not 0 <= number_of(node) < most:
            raise refuse(key, f"{key}: expected a number from 0 {'on' if most > 1 else 'to below 1'}")
    return found


def all_parameters() -> Iterable[str]:
    """The parameters of all methods, each once."""
    return dict.fromkeys(key for keys in PARAMETERS.values() for key in keys)

