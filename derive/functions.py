"""The functions that a formula may apply without declaring them: one row each.

The reader takes the spellings from here, the printers the signs, the verifier the definitions. The
derivative of each is a row of ``derive/rules/functions.py``, kept apart because the verifier must not
know it. A new function that can be written with others is one row with a ``definition`` (LaTeX in ``u``);
one that cannot also needs a row in the verifier's tables of primitive functions.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is written in each notation, and what it means.

    ``latex`` is the sign before the bracket; ``spellings`` are further ways people write it (commands with
    their backslash, ``\\operatorname`` contents and bare words without). ``arity`` 0 means any number.
    ``title`` is the name in words; ``definition`` is LaTeX in ``u`` (and ``v``), empty for a primitive.
    """

    name: str
    latex: str
    text: str
    title: str
    definition: str = ""
    spellings: tuple[str, ...] = ()
    arity: int = 1


def _named(name: str, title: str, definition: str = "", *spellings: str, arity: int = 1, shown: str = "") -> Function:
    shown = shown or name
    return Function(name, rf"\operatorname{{{shown}}}", shown, title, definition, (shown, name, *spellings), arity)


def _command(name: str, title: str, definition: str = "", *spellings: str, arity: int = 1) -> Function:
    return Function(name, rf"\{name}", name, title, definition, (rf"\{name}", name, *spellings), arity)


_ROWS = (
    # primitives of the verifier
    _command("exp", "exponential function"),
    _command("log", "natural logarithm", "", arity=0),
    _command("ln", "natural logarithm", r"\log(u)"),
    _command("sin", "sine"),
    _command("cos", "cosine"),
    _command("arcsin", "inverse sine", "", "asin"),
    _command("arctan", "inverse tangent", "", "atan"),
    _command("max", "maximum", "", arity=0),
    _command("min", "minimum", "", arity=0),
    Function("abs", r"\left|u\right|", "|u|", "absolute value"),
    _named("erf", "error function"),
    Function("gammafunction", r"\Gamma", "Γ", "gamma function", "", (r"\Gamma",)),
    _named("digamma", "digamma function", "", r"\digamma"),
    _named("trigamma", "trigamma function"),
    _command("det", "determinant"),
    _named("rank", "rank"),
    _named("tr", "trace", "", "trace", "Tr"),
    _named("factorial", "factorial"),
    Function("binom", r"\operatorname{binom}", "binom", "binomial coefficient", "", ("binom",), 2),
    _named("floor", "largest whole number not above"),
    _named("ceil", "least whole number not below"),
    Function("indicator", r"\mathbb{1}", "1", "indicator", "", ("indicator",)),
    # of vectors, matrices and densities: these are never computed from a definition
    _named("diag", "diagonal matrix", "", "Diag", arity=0),
    _named("vec", "entries in one column"),
    _named("softmax", "softmax", "", "Softmax", "SoftMax", arity=0),
    _named("logsumexp", "logarithm of the sum of exponentials", "", "LogSumExp", arity=0),
    _named("KL", "Kullback-Leibler divergence", arity=0),
    Function("D_KL", r"D_{\mathrm{KL}}", "D_KL", "Kullback-Leibler divergence", "", ("D_KL",), 0),
    # written with the primitives
    _command("tan", "tangent", r"\frac{\sin(u)}{\cos(u)}", "tg"),
    _command("cot", "cotangent", r"\frac{\cos(u)}{\sin(u)}"),
    _command("sec", "secant", r"\frac{1}{\cos(u)}"),
    _command("csc", "cosecant", r"\frac{1}{\sin(u)}"),
    _command("arccos", "inverse cosine", r"\frac{\pi}{2} - \arcsin(u)", "acos"),
    _command("sinh", "hyperbolic sine", r"\frac{e^{u} - e^{-u}}{2}"),
    _command("cosh", "hyperbolic cosine", r"\frac{e^{u} + e^{-u}}{2}"),
    _command("tanh", "hyperbolic tangent", r"\frac{e^{u} - e^{-u}}{e^{u} + e^{-u}}"),
    _command("coth", "hyperbolic cotangent", r"\frac{e^{u} + e^{-u}}{e^{u} - e^{-u}}"),
    _named("arsinh", "inverse hyperbolic sine", r"\log(u + \sqrt{u^2 + 1})", "asinh", "arcsinh"),
    _named("arcosh", "inverse hyperbolic cosine", r"\log(u + \sqrt{u^2 - 1})", "acosh", "arccosh"),
    _named("artanh", "inverse hyperbolic tangent", r"\frac{1}{2}\log(\frac{1 + u}{1 - u})", "atanh", "arctanh"),
    Function("sigma", r"\sigma", "σ", "logistic function", r"\frac{1}{1 + e^{-u}}", (r"\sigma", "sigma", "sigmoid")),
    _named("softplus", "softplus", r"\log(1 + e^{u})", "Softplus"),
    _named("swish", "swish", r"\frac{u}{1 + e^{-u}}", "Swish", "silu", "SiLU"),
    _named("relu", "rectified linear unit", r"\max(0, u)", "relu", shown="ReLU"),
    _named(
        "lrelu", "leaky rectified linear unit",
        r"\begin{cases} u & u > 0 \\ 0.01 u & u \le 0 \end{cases}", "leakyrelu", "LReLU", shown="LeakyReLU",
    ),
    _named(
        "elu", "exponential linear unit",
        r"\begin{cases} u & u > 0 \\ e^{u} - 1 & u \le 0 \end{cases}", shown="ELU",
    ),
    Function("Phi", r"\Phi", "Φ", "normal distribution function",
             r"\frac{1}{2}(1 + \operatorname{erf}(\frac{u}{\sqrt{2}}))", (r"\Phi", "Phi")),
    _named("gelu", "Gaussian error linear unit",
           r"\frac{u}{2}(1 + \operatorname{erf}(\frac{u}{\sqrt{2}}))", shown="GELU"),
    _named("gelutanh", "Gaussian error linear unit, tanh form",
           r"\frac{u}{2}(1 + \tanh(\sqrt{\frac{2}{\pi}}(u + 0.044715 u^3)))", shown="GELUtanh"),
    _named("logit", "log-odds", r"\log(\frac{u}{1 - u})"),
    _named("sign", "sign", r"\frac{u}{\left|u\right|}", "sgn"),
)

FUNCTIONS: dict[str, Function] = {row.name: row for row in _ROWS}
"""Every known function by its name in :class:`derive.tree.Call`."""

SPELLINGS: dict[str, str] = {spelling: row.name for row in _ROWS for spelling in row.spellings}
"""What people write (``\\sin``, ``ReLU``, ``asin``) and the function it means."""
