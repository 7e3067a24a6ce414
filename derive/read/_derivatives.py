r"""Fractions, and those of them that are derivatives; roots.

``\frac{d}{dx}[u]``, ``\frac{dy}{dx}``, ``\frac{\partial^2 C}{\partial x\,\partial y}``, ``D_x[u]``. Whether a fraction
is a derivative is decided by its signs alone, above and below the bar, before anything else in it is read. How far an
operator reaches must be clear: one factor, or a bracket.
"""

from __future__ import annotations

from derive import limits
from derive.errors import LimitError
from derive.read import _brackets as brackets
from derive.read._members import member
from derive.read._parser import Parser
from derive.read._symbols import unmarked, variable
from derive.read.names import GREEK
from derive.read.tokens import Token
from derive.tree import ONE, Constant, Derivative, Indexed, Node, Number, Quotient, Root, Sum, Symbol


def fraction(p: Parser) -> Node:
    r"""``\frac``: a derivative or a quotient."""
    p.take()
    derivative = _derivative(p)
    if derivative is not None:
        return derivative
    top = _numerator(p)
    _split_number(p)
    return Quotient(top, p.argument())


def _numerator(p: Parser) -> Node:
    r"""The numerator; in an integral it may hold the differential: ``\int \frac{dx}{x}``."""
    _split_number(p)
    if not p.integrals or p.token.key != "{":
        return p.argument()
    opening = p.take()
    bars, p.bars = p.bars, 0
    top = ONE if p.at_differential() else p.expression()
    p.bars = bars
    if p.at_differential():
        if p.differential is not None or isinstance(top, Sum):
            raise p.fail("it is not clear how far the integral reaches", "write the differential behind it", opening)
        p.take()
        p.differential = variable(p)
    p.expect("}")
    return top


def _split_number(p: Parser) -> None:
    r"""TeX gives a command one digit: ``\frac12`` is a half."""
    token = p.token
    if token.key != "number" or len(token.text) == 1:
        return
    digit, rest = token.text[0], token.text[1:]
    if not token.text.isdigit():
        raise p.fail("a decimal in a fraction needs braces", f"write {{{token.text}}}")
    p.tokens[p.at : p.at + 1] = [Token("number", digit, token.at), Token("number", rest, token.at + 1)]
    p.go(p.at)


def root(p: Parser) -> Node:
    r"""``\sqrt{u}``, ``\sqrt[3]{u}``; also ``\sqrt(u)``, where only one reading is possible."""
    p.take()
    degree: Node | None = None
    if p.token.key == "[":
        degree = p.enclosed(lambda: brackets.items(p)[0])
    radicand = brackets.bracket(p) if p.token.key == "(" else _radicand(p)
    return Root(radicand) if degree is None else Root(radicand, degree)


def _radicand(p: Parser) -> Node:
    if p.token.key == "number" and len(p.token.text) > 1:
        raise p.fail(f"a number of more than one digit needs braces: \\sqrt{{{p.token.text}}}")
    return p.argument()


# --- derivatives ---------------------------------------------------------------------------------------------


def _derivative(p: Parser) -> Node | None:
    r"""The derivative, the parser standing behind ``\frac``; None when it is an ordinary fraction."""
    start, braced = p.at, p.token.key == "{"
    sign = p.tokens[start + braced]
    partial = sign.key == r"\partial"
    if not partial and sign.text != "d":
        return None
    p.go(p.argument_end(start))
    variables = _variables(p, partial)
    behind = len(p.tokens) - p.at
    if not variables:
        p.go(start)
        if partial:
            raise p.fail("expected \\partial and a variable below the bar", token=sign)
        return None
    if sign.key == "letter" and p.names.declares("d"):
        raise p.fail("d is declared as a symbol", "write \\mathrm{d} for the derivative, \\cdot for a product", sign)
    p.go(start + braced + 1)
    order = _count(p)
    body = p.enclosed(lambda: _body(p)) if braced and p.token.key != "}" else None
    if braced:
        p.expect("}")
    p.go(len(p.tokens) - behind)  # reading the body may have parted a token
    if order != len(variables):
        raise p.fail("the order above the bar is not that below it", token=sign)
    return _nested(body if body is not None else _operand(p), variables, partial)


def _body(p: Parser) -> Node:
    token = p.token
    body = p.product()
    if isinstance(body, Constant):
        raise p.fail("a constant is differentiated", "declare the name in [symbols]", token)
    if p.token.key in ("+", "-"):
        raise p.fail("it is not clear how far the derivative reaches", "put what is differentiated in brackets", token)
    return body


Variable = Symbol | Indexed


def _variables(p: Parser, partial: bool) -> list[Variable]:
    """The variables below the bar, each as often as it is derived by; none when something else stands there."""
    if not p.accept("{"):
        return []
    found: list[Variable] = []
    while p.token.key != "}":
        if not (p.token.key == r"\partial" and p.names_something(p.at + 1) if partial else p.looks_differential()):
            return []
        p.take()
        name = member(p)
        found += [name] * _count(p)
        _refuse_order(len(found))
    p.take()
    return found


def _count(p: Parser) -> int:
    """The order written as an exponent, 1 when there is none."""
    if not p.accept("^"):
        return 1
    token = p.token
    power = p.argument()
    if not isinstance(power, Number) or not power.text.isdigit() or power.text.strip("0") == "":
        raise p.fail("the order of a derivative is a whole number", token=token)
    if len(power.text) > 4:
        _refuse_order(limits.DERIVATIVE_ORDER + 1)
    _refuse_order(int(power.text))
    return int(power.text)


def _refuse_order(order: int) -> None:
    if order > limits.DERIVATIVE_ORDER:
        raise LimitError(f"a derivative of higher order than {limits.DERIVATIVE_ORDER} is not taken")


def _operand(p: Parser) -> Node:
    """The one factor or bracket that the operator applies to."""
    start = p.token
    if not p.starts_factor():
        raise p.fail("expected what is to be differentiated after the operator")
    opening = p.key() if start.key == r"\left" else start.key
    p.bars += 1  # a bar with a place below it belongs to the derivative
    body = brackets.bracket(p) if opening == "[" else p.factor()
    p.bars -= 1
    bracketed = opening in ("[", "(", r"\{", "{")
    unclear = p.token.key == "^" if opening == "[" else p.starts_factor()
    if unclear or (not bracketed and p.token.key in ("*", "/")):
        raise p.fail(
            "it is not clear how far the derivative reaches", "put what is differentiated in square brackets", start
        )
    return body


def _nested(body: Node, variables: list[Variable], partial: bool) -> Node:
    """Derivatives in the same variable together, the last variable innermost."""
    groups: list[tuple[Variable, int]] = []
    for name in variables:
        if groups and groups[-1][0] == name:
            groups[-1] = (name, groups[-1][1] + 1)
        else:
            groups.append((name, 1))
    for name, count in reversed(groups):
        body = Derivative(body, name, count, partial)
    return body


def subscripted(p: Parser, found: Symbol) -> Node | None:
    """``D_x[u]``, where D is nothing else; the parser stands behind the name."""
    is_name = (len(found.sub) == 1 and found.sub.isalpha()) or found.sub in GREEK
    if found.name != "D" or not is_name or found.font or found.accent or p.names.declares(found.plain):
        return None
    if brackets.opens(p, p.at):
        return Derivative(brackets.bracket(p), Symbol(found.sub))
    if p.starts_factor():
        raise p.fail("it is not clear how far the derivative reaches", "put what is differentiated in square brackets")
    return None


def partial_sign(p: Parser) -> Node:
    r"""``\partial_x u``, and ``\partial u / \partial x`` with a name or an applied name above."""
    start = p.take()
    if p.accept("_"):
        name = _one_below(p)
        return Derivative(_operand(p), name, 1, True)
    hint = r"write \frac{\partial u}{\partial x}"
    body = p.primary() if p.starts_factor() else None
    if body is None or p.token.key != "/" or p.key() != r"\partial":
        raise p.fail("a round d stands in a fraction", hint, start)
    p.take()
    p.take()
    by = member(p)
    if p.starts_factor() or p.token.key in ("^", "/"):
        raise p.fail("it is not clear how far the derivative reaches", hint, start)
    return Derivative(body, by, 1, True)


def _one_below(p: Parser) -> Variable:
    if not p.accept("{"):
        return unmarked(p)
    name = member(p)
    if p.token.key != "}":
        raise p.fail("one variable stands below a round d", r"write \frac{\partial^2 u}{\partial x \partial y}")
    p.take()
    return name


def upright(p: Parser) -> Node:
    """An upright d where no differential can stand."""
    raise p.fail("a differential stands here without its integral or fraction")
