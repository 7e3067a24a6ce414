"""Exercises made of shipped problems, for the tests of modes and keys; each problem is solved once in a run."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

from derive import api, choices
from derive.problem import Problem
from derive.steps import Derivation
from derive.worksheets.model import Exercise, Item, Source, Student, Variant

QUICK = ("s0-p3-2-jacobian", "product-of-three", "kl-divergence-two-coins", "s3-p1i-backpropagation", "taylor-log")
PROBLEMS = (
    *QUICK, "gradient-descent-quartic", "tanh-derivative", "backpropagation-tanh-chain", "maximum-likelihood-coin",
    "argument-bias-and-variance", "identity-log-odds", "entropy-loaded-die", "forward-pass-logistic-output",
)  # fmt: skip
"""Of every kind that is worked out in steps at least one; first those that take little time."""


@cache
def solved(name: str, number: int = 0) -> tuple[Problem, Derivation]:
    problem = api.read(name).problems[number]
    return problem, api.solve_problem(problem)


def variant(name: str, points: Fraction = Fraction(6), mode: str = "blank", number: int = 0) -> Variant:
    problem, derivation = solved(name, number)
    item = Item(name, Source({}), points, mode=mode)
    return Variant(item, Student("4711", "Ada Lovelace"), {}, problem, derivation)


def exercise(mode: str, name: str, seed: int = 0, points: Fraction = Fraction(6), **options: Any) -> Exercise:
    module = choices.load("worksheets.modes", mode)
    made: Exercise = module.exercise(variant(name, points, mode), options, Random(seed))
    return made
