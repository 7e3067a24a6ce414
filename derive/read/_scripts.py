r"""What may follow a factor: an exponent, a transpose, a factorial, an index, the bar with a place below it.

Called through the grammar's table of endings with the node that was read and the token it began with. An ending
returns the longer node, None when what follows does not belong to the factor, or refuses.
"""

from __future__ import annotations

from derive.functions import FUNCTIONS
from derive.read import _members as members
from derive.read._collections import space
from derive.read._parser import Parser
from derive.read._shapes import shape
from derive.read._symbols import sign_end, variable
from derive.read.tokens import Token
from derive.tree import (
    At,
    Call,
    Component,
    Derivative,
    E,
    Gradient,
    GradientOf,
    Indexed,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Relation,
    Set,
    Symbol,
    Transpose,
    Vector,
    walk,
)

_T = Symbol("T")
_TWO_WAYS = "T can be read in two ways, as a number or as the sign of a transpose"


def superscript(p: Parser, node: Node, opening: Token) -> Node | None:
    """A power or a transpose."""
    if p.approaching and _lone_sign(p):
        return None
    caret = p.take()
    if isinstance(node, Relation):
        raise p.fail("a relation cannot have an exponent", token=opening)
    if isinstance(node, Symbol) and node.font == "bb":
        shaped = space(p, node)
        if shaped is not None:
            return shaped
    if p.token.key == r"\circ":
        raise p.fail("degrees are not read", r"write \frac{\pi}{180}")
    inverse = _inverse_transpose(p, node)
    if inverse is not None:
        return inverse
    found = Transpose(node) if _transposes(p, node) else Power(node, _exponent(p, node))
    if p.token.key == "^":
        raise p.fail("two exponents in a row", "put the first power in brackets", caret)
    return found


def _inverse_transpose(p: Parser, node: Node) -> Node | None:
    r"""``A^{-\top}``."""
    if p.token.key != "{" or p.key(1) != "-" or p.key(3) != "}":
        return None
    if p.key(2) != r"\top" and (p.tokens[p.at + 2].text != "T" or shape(node, p.names) != "matrix"):
        return None
    p.go(p.at + 4)
    return Transpose(Power(node, Negative(Number("1"))))


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
    _refuse_label(p, node)
    exponent = p.argument()
    if isinstance(exponent, Symbol) and exponent.plain in p.names.matrices and isinstance(node, (Symbol, Indexed)):
        raise p.fail("a matrix in an exponent can be a label", "declare the name with its label", token)
    if _is_matrix_like(node) and _holds_transpose(exponent) and not p.names.declares("T"):
        raise p.fail(_TWO_WAYS, r"write \top, or declare T", token)
    return exponent


def _refuse_label(p: Parser, node: Node) -> None:
    r"""``\theta^{new}`` is no product of letters."""
    word = p.tokens[p.at + 1].run if p.token.key == "{" else ""
    if len(word) > 2 and _is_matrix_like(node) and p.argument_end(p.at) == p.at + len(word) + 2:
        hint = rf"declare the name with its label, or write ^{{({word})}}"
        raise p.fail(f"the superscript {word} can be a label or a product", hint)


def _holds_transpose(exponent: Node) -> bool:
    """``x^{(i)T}`` and ``A^{-T}``, but not the temperature in ``x^{z/T}``."""
    return isinstance(exponent, (Product, Negative)) and _T in walk(exponent)


def _is_matrix_like(node: Node) -> bool:
    return not isinstance(node, Number) and node != E


def _transposes(p: Parser, node: Node) -> bool:
    r"""Take the sign of a transpose: ``\top``, or a T that is no declared number."""
    end = sign_end(p, p.at)
    if not end:
        return False
    certain = r"\top" in (p.token.key, p.key())
    if not certain and (p.names.declares("T") or not _is_matrix_like(node)):
        return False
    if not certain and not (_may_be_transposed(node) or shape(node, p.names)):
        raise p.fail(_TWO_WAYS, r"write \top, or declare T")
    p.go(end)
    return True


def transpose_end(p: Parser) -> int:
    """The number of the token behind a caret and the sign of a transpose; 0 when none stands here."""
    return sign_end(p, p.at + 1) if p.token.key == "^" else 0


def _may_be_transposed(node: Node) -> bool:
    r"""A name, or an expression with something in it that looks like a matrix; ``(1 + r)^T`` is neither."""
    if isinstance(node, (Symbol, Indexed, Matrix, Vector, Transpose, Gradient, GradientOf)):
        return True
    return any(_looks_like_matrix(n) for n in walk(node))


def _looks_like_matrix(node: Node) -> bool:
    if isinstance(node, Symbol):
        return node.font == "bold" or node.accent == "vec" or (len(node.name) == 1 and node.name.isupper())
    return isinstance(node, (Matrix, Vector, Transpose))


# --- the bar -----------------------------------------------------------------------------------------------


def bar(p: Parser, node: Node, opening: Token) -> Node | None:
    r"""``f'(x)|_{x = 0}``: the factor at a place. Behind a bare product or power it is unclear how far it reaches."""
    if p.bars or p.key() != "_" or (p.token.key == r"\rvert" and not _holds_place(p)):
        return None
    if not isinstance(node, (Derivative, Call, Gradient, Matrix)) and opening.key not in ("(", "[", r"\left"):
        raise p.fail("it is not clear how far the bar reaches", r"write \left. … \right|_{x = 0}")
    p.take()
    return At(node, places(p))


def _holds_place(p: Parser) -> bool:
    """Whether ``_{x = 0}`` follows."""
    return any(token.key == "=" for token in p.tokens[p.at + 1 : p.argument_end(p.at + 2)])


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


def subscript(p: Parser, node: Node, opening: Token) -> Node | None:
    """An entry of what is a vector or a matrix: ``\\operatorname{softmax}(z)_i``, ``(A x)_i``, ``[A B]_{ij}``."""
    bracketed = opening.key in ("(", "[", r"\left") and not isinstance(node, Call)
    scalar = isinstance(node, Call) and node.name in FUNCTIONS and node.name not in _OF_VECTORS
    whole = bracketed or isinstance(node, (Call, Gradient, GradientOf, Matrix))
    if isinstance(node, (Relation, Number)) or scalar or not whole:
        raise p.fail("a subscript belongs to a name", "put the subscript behind the name itself")
    sign = p.take()
    indices = members.indices(p)
    if bracketed and p.token.key == "^":
        hint = r"write \left. … \right|_{x = 1} for a value at a place, (…) around the entry for its power"
        raise p.fail("it is not clear whether these are limits or an index and a power", hint, sign)
    return Component(node, indices)


_OF_VECTORS = frozenset({"softmax", "diag", "vec"})


# --- factorials ------------------------------------------------------------------------------------------------


def factorial(p: Parser, node: Node, opening: Token) -> Node | None:
    """``n!``, ``(n - 1)!``; behind a power it is unclear."""
    mark = p.take()
    if isinstance(node, (Relation, Vector, Set)):
        raise p.fail("a factorial belongs to a number", token=mark)
    if isinstance(node, (Power, Transpose)) and opening.key not in ("(", "[", r"\left"):
        raise p.fail("it is not clear what the factorial is of", "use brackets", mark)
    if p.token.key == "!":
        raise p.fail("double factorials are not read", "use brackets for the factorial of a factorial", mark)
    return Call("factorial", (node,))
