r"""The derivative of each known function: one row each, as tables of derivatives print them.

A row gives ``f'(u)`` in ``u``; the rule that uses it multiplies by the derivative of ``u`` (chain rule) unless
``u`` is the variable itself. ``kink`` names the points where the function has no derivative. Called by
:mod:`derive.rules.calculus`; a new row is tested against differences of the function by the table walk.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.functions import FUNCTIONS
from derive.pattern import build, pattern
from derive.rules import Rule
from derive.steps import Level
from derive.tree import ONE, Call, Derivative, Node, Product, Quotient


@dataclass(frozen=True, slots=True)
class Row:
    """``derivative`` is LaTeX in ``u``; ``kink`` says where it does not hold."""

    derivative: str
    kink: str = ""


DERIVATIVES: dict[str, Row] = {
    "exp": Row(r"\exp(u)"),
    "log": Row(r"\frac{1}{u}"),
    "ln": Row(r"\frac{1}{u}"),
    "sin": Row(r"\cos(u)"),
    "cos": Row(r"-\sin(u)"),
    "tan": Row(r"\frac{1}{\cos(u)^2}"),
    "cot": Row(r"-\frac{1}{\sin(u)^2}"),
    "sec": Row(r"\sec(u) \tan(u)"),
    "csc": Row(r"-\csc(u) \cot(u)"),
    "arcsin": Row(r"\frac{1}{\sqrt{1 - u^2}}"),
    "arccos": Row(r"-\frac{1}{\sqrt{1 - u^2}}"),
    "arctan": Row(r"\frac{1}{1 + u^2}"),
    "sinh": Row(r"\cosh(u)"),
    "cosh": Row(r"\sinh(u)"),
    "tanh": Row(r"1 - \tanh(u)^2"),
    "coth": Row(r"1 - \coth(u)^2"),
    "arsinh": Row(r"\frac{1}{\sqrt{u^2 + 1}}"),
    "arcosh": Row(r"\frac{1}{\sqrt{u^2 - 1}}"),
    "artanh": Row(r"\frac{1}{1 - u^2}"),
    "abs": Row(r"\operatorname{sign}(u)", "0"),
    "sign": Row(r"0", "0"),
    "erf": Row(r"\frac{2}{\sqrt{\pi}} e^{-u^2}"),
    "gammafunction": Row(r"\Gamma(u) \operatorname{digamma}(u)"),
    "digamma": Row(r"\operatorname{trigamma}(u)"),
    "sigma": Row(r"\sigma(u) (1 - \sigma(u))"),
    "softplus": Row(r"\sigma(u)"),
    "swish": Row(r"\sigma(u) + u \sigma(u) (1 - \sigma(u))"),
    "relu": Row(r"\begin{cases} 1 & u > 0 \\ 0 & u < 0 \end{cases}", "0"),
    "lrelu": Row(r"\begin{cases} 1 & u > 0 \\ 0.01 & u < 0 \end{cases}", "0"),
    "elu": Row(r"\begin{cases} 1 & u > 0 \\ e^{u} & u \le 0 \end{cases}"),
    "Phi": Row(r"\frac{1}{\sqrt{2 \pi}} e^{-\frac{u^2}{2}}"),
    "gelu": Row(r"\Phi(u) + \frac{u}{\sqrt{2 \pi}} e^{-\frac{u^2}{2}}"),
    "logit": Row(r"\frac{1}{u (1 - u)}"),
}


def _derivative_of(name: str, row: Row) -> Rule:
    """The chain rule for one function."""

    def apply(node: Node) -> Node | None:
        match node:
            case Derivative(Call(called, (inner,), 0), variable, 1, partial) if called == name:
                outer = build(pattern(row.derivative), {"u": inner})
                if inner == variable:
                    return outer
                return _joined(outer, Derivative(inner, variable, 1, partial))
        return None

    function = FUNCTIONS[name]
    argument = r"\left|u\right|" if name == "abs" else f"{function.latex}(u)"
    reason = f"Derivative of the {function.title}, times the derivative of its argument."
    kink = f"where its argument is {row.kink}" if row.kink else ""
    shown = f"D({argument}) = {row.derivative} D(u)"
    return Rule(
        f"{function.title}, chain rule", shown, reason, apply, Level.CALCULUS, left=f"D({argument})", kink=kink
    )


def _joined(outer: Node, inner: Node) -> Node:
    """The outer derivative times the inner one; ``1/u`` times ``D(u)`` is written as one fraction."""
    match outer:
        case Quotient(top, bottom) if top == ONE:
            return Quotient(inner, bottom)
    return Product((outer, inner))


FUNCTION_RULES: tuple[Rule, ...] = tuple(_derivative_of(name, row) for name, row in DERIVATIVES.items())
