r"""What may follow a factor: an exponent, the sign of a transpose, the bar with a place below it.

Called through the grammar's table of endings with the node that was read and the token it began with. An ending
returns the longer node, None when what follows does not belong to the factor, or refuses.
"""

from __future__ import annotations

from derive.read._parser import Parser
from derive.read._symbols import variable, word_in_braces
from derive.read.names import FONTS
from derive.read.tokens import Token
from derive.tree import (
    At,
    Call,
    Derivative,
    E,
    Gradient,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Relation,
    Symbol,
    Transpose,
    Vector,
    walk,
)

_T = Symbol("T")


def superscript(p: Parser, node: Node, opening: Token) -> Node | None:
    """A power or a transpose."""
    if p.approaching and _lone_sign(p):
        return None
    caret = p.take()
    if isinstance(node, Relation):
        raise p.fail("a relation cannot have an exponent", token=opening)
    found = Transpose(node) if _transposes(p, node) else Power(node, _exponent(p, node))
    if p.token.key == "^":
        raise p.fail("two exponents in a row", "put the first power in brackets", caret)
    return found


def lone_sign(p: Parser) -> str:
    """The sign of a one-sided limit, taken; empty when none stands here."""
    sign = _lone_sign(p)
    if sign:
        p.go(p.argument_end(p.at + 1))
    return sign


def _lone_sign(p: Parser) -> str:
    if p.token.key != "^":
        return ""
    key = p.key(2) if p.key() == "{" and p.key(3) == "}" else p.key()
    return key if key in ("+", "-") else ""


def _exponent(p: Parser, node: Node) -> Node:
    token = p.token
    if token.key in ("+", "-"):
        raise p.fail(f"an exponent of more than one character needs braces: ^{{{token.text}…}}")
    if token.key == "number" and len(token.text) > 1:
        raise p.fail(f"an exponent of more than one digit needs braces: ^{{{token.text}}}")
    exponent = p.argument()
    if _is_matrix_like(node) and _holds_transpose(exponent) and not p.names.declares("T"):
        raise p.fail("T can be a number or the sign of a transpose", r"write \top, or declare T", token)
    return exponent


def _holds_transpose(exponent: Node) -> bool:
    """``x^{(i)T}`` and ``A^{-T}``, but not the temperature in ``x^{z/T}``."""
    return isinstance(exponent, (Product, Negative)) and _T in walk(exponent)


def _is_matrix_like(node: Node) -> bool:
    return not isinstance(node, Number) and node != E


def _transposes(p: Parser, node: Node) -> bool:
    r"""Take the sign of a transpose: ``\top``, or a T that is no declared number."""
    end = _transpose_end(p)
    if not end:
        return False
    certain = r"\top" in (p.token.key, p.key())
    if not certain and (p.names.declares("T") or not _is_matrix_like(node)):
        return False
    if not certain and not _may_be_transposed(node):
        raise p.fail("T can be a number or the sign of a transpose", r"write \top, or declare T")
    p.go(end)
    return True


def _transpose_end(p: Parser) -> int:
    """The number of the token behind the sign of a transpose; 0 when none stands here."""
    braced = p.token.key == "{"
    at = p.at + braced
    if p.tokens[at].key in FONTS:
        word, end = word_in_braces(p, at + 1)
        if not word and p.tokens[at + 1].text == "T":
            word, end = "T", at + 2
    else:
        token, end = p.tokens[at], at + 1
        word = token.text if token.key == "letter" else token.key
    if word not in ("T", r"\top") or (braced and p.tokens[end].key != "}"):
        return 0
    return end + braced


def _may_be_transposed(node: Node) -> bool:
    r"""A name, or an expression with something in it that looks like a matrix; ``(1 + r)^T`` is neither."""
    if isinstance(node, (Symbol, Matrix, Vector, Transpose)):
        return True
    return any(_looks_like_matrix(n) for n in walk(node))


def _looks_like_matrix(node: Node) -> bool:
    if isinstance(node, Symbol):
        return node.font == "bold" or node.accent == "vec" or (len(node.name) == 1 and node.name.isupper())
    return isinstance(node, (Matrix, Vector, Transpose))


# --- the bar -----------------------------------------------------------------------------------------------


def bar(p: Parser, node: Node, opening: Token) -> Node | None:
    r"""``f'(x)|_{x = 0}``: the factor at a place. Behind a bare product or power it is unclear how far it reaches."""
    if p.bars or p.key() != "_":
        return None
    if not isinstance(node, (Derivative, Call, Gradient, Matrix)) and opening.key not in ("(", "[", r"\left"):
        raise p.fail("it is not clear how far the bar reaches", r"write \left. … \right|_{x = 0}")
    p.take()
    return At(node, places(p))


def places(p: Parser) -> tuple[tuple[Symbol, Node], ...]:
    """``_{x = 0, y = 1}`` or ``_{(x, y) = (0, 1)}`` below a bar."""
    p.expect("_")
    found: list[tuple[Symbol, Node]] = []
    if p.token.key != "{":
        raise p.unexpected("the place in braces, {x = 0},")
    p.take()

    def read() -> Node:
        found.extend(_place(p))
        while p.accept(","):
            found.extend(_place(p))
        return found[0][0]

    p.enclosed(read)
    p.expect("}")
    return tuple(found)


def _place(p: Parser) -> list[tuple[Symbol, Node]]:
    if p.token.key != "(":
        name = variable(p)
        p.expect("=")
        return [(name, p.expression())]
    opening = p.take()
    names = [variable(p)]
    while p.accept(","):
        names.append(variable(p))
    p.expect(")")
    p.expect("=")
    values = p.expression()
    if not isinstance(values, Vector) or len(values.items) != len(names):
        raise p.fail("the place has another number of coordinates than of names", token=opening)
    return list(zip(names, values.items, strict=True))


# --- refused -------------------------------------------------------------------------------------------------


def prime(p: Parser, node: Node, opening: Token) -> Node | None:
    """A prime behind anything but a function's name."""
    raise p.fail("a prime belongs to a function: f'(x)", "declare the function", opening)


def factorial(p: Parser, node: Node, opening: Token) -> Node | None:
    """An exclamation mark."""
    raise p.fail("factorials are not read", "write the number out")


def subscript(p: Parser, node: Node, opening: Token) -> Node | None:
    """A subscript behind anything but a name."""
    raise p.fail("a subscript belongs to a name", "put the subscript behind the name itself")
