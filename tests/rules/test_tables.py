"""One walk over every table: each rule is named, explained, reachable and sound; no rule needs a test of its own."""

import random

import pytest

from derive.engine import apply_at
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.read.latex import read
from derive.rules import algebra, calculus, forms, heading
from derive.rules.functions import DERIVATIVES
from derive.steps import Context, Status
from derive.tree import Derivative, Matrix, Node, Symbol, Vector, kinds, walk
from derive.verify import equal
from derive.write.latex import latex

X = Symbol("x")
TABLES = {"calculus": calculus.CALCULUS, "algebra": algebra.ALGEBRA, "forms": forms.FORMS}
RULES = [pytest.param(rule, id=f"{name}-{i}-{rule.name}") for name, t in TABLES.items() for i, rule in enumerate(t)]
POSITIVE = Context(dict.fromkeys(map(Symbol, "xyabcd"), "positive"))

BODIES = r"""
3; x; -x; 2x; \frac{x}{3}; -\frac{2x}{5}; x+1; x^2 - 3x + 1; 2x^3; a x^2; \frac{x^2 + 1}{a}; \frac{a x^2}{x+1}
x e^x; x \sin(x) e^x; \frac{1}{x}; \frac{a}{x^2+1}; \frac{x}{x+1}; \frac{e^x}{x^2}; x^5; x^a; (x^2+1)^3; (2x+1)^a
x^{-2}
e^x; e^{-x^2}; 2^x; a^{3x}; \sqrt{x}; \sqrt{x^2+1}; \sqrt[3]{x^2+1}; \log_2(x); \log_{10}(x^2+1); x^x; (x+1)^{\sin x}
\max(x, 2); \max(x, 2, x^2); \min(x^2, 3); \max(0, x-1); \begin{cases} x^2 & x > 1 \\ 3x & x \le 1 \end{cases}; (x, x^2)
\begin{bmatrix} x & 1 \\ x^2 & a \end{bmatrix}; -x^2; -\sin(x)
"""
EXPRESSIONS = r"""
0 \cdot x; x \cdot 1; 2 \cdot 3; 2x \cdot 3y; \frac{6x}{4}; \frac{x y}{x z}; x \cdot x^2; e^{x} e^{y}; \frac{x^2}{x}
\left(2x\right)^3; \frac{x}{y} \cdot \frac{y}{x}; \frac{\frac{1}{x}}{\frac{1}{y}}; \sqrt{12}; \sqrt{\frac{1}{2}} x
-(-x)
x + 0; 2 + 3; 2x + 3x; x + 2 + 3 + x; x - x; -(x - y); \sin(x)^2 + \cos(x)^2; 3\cos(x)^2 + 3\sin(x)^2 + x
\cosh(x)^2 - \sinh(x)^2; \sin(-x); \cos(-x); \tanh(-x); \left|-x\right|; \left|-3\right|; \max(2, 3); \min(2, 3)
\lfloor 2.5 \rfloor; \lceil 2.5 \rceil
\operatorname{ReLU}(-3); \operatorname{ReLU}(2); \begin{cases} 1 & 2 > 1 \\ 0 & 2 \le 1 \end{cases}
3 (x, y); (x, y) + (a, b); (x, y) - 2 (a, b); \frac{(x, y)}{2}; -(x, y)
\begin{bmatrix} a & b \\ c & d \end{bmatrix} \begin{bmatrix} x \\ y \end{bmatrix}
\begin{bmatrix} a & b \\ c & d \end{bmatrix}^\top; \det\begin{bmatrix} a & b \\ c & d \end{bmatrix}
\det\begin{bmatrix} a & b & 1 \\ c & d & 2 \\ x & y & 3 \end{bmatrix}; \left. x^2 + y \right|_{x = 3}
\frac{x y + x z}{x}; x e^x + e^x; e^{-x} - e^{-2x}; x(x+1) - x^2; (x+1)^2 - 1 - 2x; (x+1)(x+2); (x-y)^2
\tan(x); \sin(2x); \cos(2x); \sin(x+y); \cos(x+y); \log(\frac{x}{y}); \log(\frac{1}{x}); \log(x y); \log(x^3)
\log(\frac{1}{3}); \ln(\frac{1}{3}); \log(\sqrt{x}); \log_2(x); \max(x, y); \min(x, y); \frac{1}{x} + y
\frac{1}{1+e^{-x}} - 1; \frac{x^2-1}{x-1}
x^2 - 2x + 1; \frac{1}{2} x + \frac{1}{3}; \frac{x}{\sqrt{2}}; \operatorname{sign}(3)
\log(1 + e^x); 0.5 x + 0.25 x; e^{2 \log(x)}; e^{x + \log(2)}
"""


def _formulas(block: str) -> list[Node]:
    return [read(text) for line in block.strip().splitlines() for text in line.split("; ") if text]


def _values() -> list[Node]:
    return [read(left) for left, _ in (*algebra._VALUES, *algebra._INVERSES)]


def _subjects() -> list[Node]:
    """Expressions on which every rule of every table should find something to do."""
    named = [read(_applied(name, "x^2 + 1")) for name in DERIVATIVES]
    named += [read(_applied(name, "x")) for name, function in FUNCTIONS.items() if function.definition]
    bodies = [*_formulas(BODIES), *named]
    derivatives = [Derivative(body, X, order) for body in bodies for order in (1, 2)]
    parts = [part for formula in _formulas(EXPRESSIONS) for part in walk(formula)]
    return [*derivatives, *parts, *_values(), *named]


def _applied(name: str, argument: str) -> str:
    function = FUNCTIONS[name]
    if name == "abs":
        return rf"\left|{argument} - 3\right|"
    inside = rf"\frac{{1}}{{{argument} + 2}}" if name in ("arcsin", "arccos", "artanh", "logit") else argument
    inside = f"{argument} + 2" if name == "arcosh" else inside
    return rf"{function.latex}({inside})"


SUBJECTS = _subjects()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_named_explained_reachable_and_sound(rule):
    assert rule.name == rule.name.strip() and rule.law and rule.reason.endswith(".")
    found = [(node, made) for node in SUBJECTS if (made := rule.apply(node)) is not None and made != node]
    assert found, "no expression of the list reaches this rule"
    for node, made in found:
        verdict = equal(node, made, POSITIVE)
        assert verdict.status in (Status.PROVED, Status.CHECKED), f"{latex(node)} -> {latex(made)}: {verdict}"


def test_proofs_are_the_rule_and_checks_the_exception():
    verdicts = [equal(n, m, POSITIVE).status for n in SUBJECTS for t in TABLES.values() for m in _made(n, t)]
    assert verdicts.count(Status.PROVED) >= 0.95 * len(verdicts)


def _made(node, table):
    found = apply_at(node, table)
    return [] if found is None else [found[1]]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_rule_shadows_a_later_one_of_the_same_name_forever(table):
    applied = {found[0].name for node in SUBJECTS if (found := apply_at(node, table)) is not None}
    assert applied >= {rule.name for rule in table} - {"definition of the inverse sine"}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_applies_to_nothing_it_is_not_tried_on(rule):
    """The headings and types that a rule is marked with only save trying it: no other expression is changed by it."""
    for node in SUBJECTS:
        tried = rule.concerns(heading(node)) and not (rule.within and kinds(node).isdisjoint(rule.within))
        assert tried or rule.apply(node) in (None, node), latex(node)


UNCHANGED = [
    ("algebra", "x"), ("algebra", "x + y"), ("algebra", "x^y z"), ("algebra", r"\sqrt{x^2}"),
    ("algebra", r"\log(x + y)"), ("algebra", r"\sin(x)^2 - \cos(x)^2"), ("algebra", r"\frac{x + y}{x}"),
    ("forms", r"x y"), ("forms", r"\log(x + y)"), ("calculus", "x^2"), ("calculus", r"\sin(x)"),
]
PHASES = {"algebra": (*algebra.ARITHMETIC, *algebra.SUMS), "forms": (*forms.LOGARITHMS, *forms.TRIGONOMETRY),
          "calculus": calculus.CALCULUS}


@pytest.mark.parametrize(("table", "formula"), UNCHANGED)
def test_what_must_not_change(table, formula):
    assert apply_at(read(formula), PHASES[table]) is None


def test_rules_are_sound_on_random_expressions():
    rng = random.Random(20)
    for _ in range(100):
        body = _random(rng, 3)
        for node in (Derivative(body, X), body):
            for table in TABLES.values():
                found = apply_at(node, table)
                if found is not None and not isinstance(node, (Vector, Matrix)):
                    verdict = equal(node, found[1], POSITIVE)
                    assert verdict.status is not Status.REFUTED, f"{latex(node)} by {found[0].name}: {verdict}"


def _random(rng: random.Random, depth: int) -> Node:
    if depth == 0:
        return read(rng.choice(["x", "y", "2", "3", r"\frac{1}{2}", "a", "0.5", "-x"]))
    a, b = _random(rng, depth - 1), _random(rng, depth - 1)
    shape = rng.choice([
        r"({a}) + ({b})", r"({a}) ({b})", r"\frac{{{a}}}{{({b})^2 + 1}}", r"({a})^2", r"e^{{{a}}}", r"\sin({a})",
        r"\sigma({a})", r"({a}) - ({b})", r"\log(({a})^2 + 1)", r"\tanh({a})", r"\sqrt{{({a})^2 + 2}}",
    ])
    try:
        return read(shape.format(a=latex(a), b=latex(b)))
    except DeriveError:
        return a
