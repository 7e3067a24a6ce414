r"""Gradients: ``\nabla C(1, 9)``, ``\nabla C``, ``\nabla_w u``, ``\nabla_{w,b} L``, ``\nabla^2 f(x)``.

Without a variable, before the name of a function, it is :class:`derive.tree.Gradient`; otherwise the gradient of an
expression. How far it reaches must be clear: one factor, or a bracket.
"""

from __future__ import annotations

from derive.read import _brackets as brackets
from derive.read import _functions as functions
from derive.read import _given as given
from derive.read import _reach as reach
from derive.read import _scripts as scripts
from derive.read._expectations import OPERATORS as EXPECTATIONS
from derive.read._optima import OPERATORS as OPTIMA
from derive.read._parser import Parser
from derive.read._symbols import NAMES, symbol, unmarked, variable
from derive.read.names import KNOWN
from derive.read.tokens import Token
from derive.tree import (
    TWO,
    Call,
    Gradient,
    GradientOf,
    Node,
    Norm,
    Power,
    Product,
    Quotient,
    Relation,
    Symbol,
    Transpose,
    free_symbols,
)


def gradient(p: Parser) -> Node:
    """What begins with a nabla."""
    nabla = p.take()
    order, names = _marks(p)
    if p.token.key in ("*", r"\times"):
        raise p.fail("divergences and curls are not read", token=nabla)
    if order == 1 and not names:
        found = _of_function(p)
        if found is not None:
            return found
    return GradientOf(_operand(p, names), tuple(names), order)


def _marks(p: Parser) -> tuple[int, list[Symbol]]:
    """The order 2 of a Hessian, and the variables below the nabla."""
    order, names = 1, []
    while p.token.key in ("^", "_"):
        token = p.take()
        if token.key == "^":
            if p.argument() != TWO:
                raise p.fail("a nabla is squared or has no exponent", token=token)
            order = 2
        else:
            names = _variables(p)
    return order, names


def _variables(p: Parser) -> list[Symbol]:
    if p.token.key != "{":
        return [unmarked(p)]
    p.take()
    found = [variable(p)]
    while p.accept(","):
        found.append(variable(p))
    p.expect("}")
    return found


def _of_function(p: Parser) -> Node | None:
    """``\\nabla C`` and ``\\nabla C(1, 9)``; None where something else than a plain name stands."""
    if p.token.key not in NAMES:
        return None
    spelled, after = functions.spelling(p)
    at = p.at
    if spelled in KNOWN and not p.names.declares(KNOWN[spelled]) and KNOWN[spelled] not in p.names.functions:
        if not brackets.opens(p, after):
            return None
        p.go(after)
        return Gradient(KNOWN[spelled], given.arguments(p))
    found = symbol(p)
    plain = not (found.sup or found.font or p.token.key in ("'", "_"))
    parted = brackets.opens(p, p.at) and given.parts(p, p.at)
    if not plain or parted or (found.name == "E" and not p.names.applies(found)):
        p.go(at)
        return None
    return Gradient(found.plain, brackets.items(p) if brackets.opens(p, p.at) else ())


def _operand(p: Parser, names: list[Symbol]) -> Node:
    """One factor or bracket; a name before a bracket is a function's. Further factors must not use the variables.

    Behind a number, a fraction without the variables, or the variable itself, whose gradient nobody writes, it is the
    whole product.
    """
    start = p.token
    opening = p.key() if start.key == r"\left" else start.key
    if not (p.starts_factor() or start.key in ("|", r"\|")):
        raise p.fail(f"expected what the gradient is taken of, found {p.found()}")
    at = p.at
    body = brackets.bracket(p) if opening in ("[", "(") else _applied(p) or _known(p) or p.primary()
    if _has_no_gradient(body, names) and (p.starts_factor() or scripts.transpose_end(p)):
        return _whole_product(p, at, start)
    if p.token.key == "^" and isinstance(body, (Symbol, Norm)):
        body = _raised(p, body)
    unclear = p.token.key in ("_", "!", "/") or (p.token.key == "^" and not scripts.transpose_end(p))
    if unclear or (p.starts_factor() and _goes_on(p, names)) or _adds_length(p, names):
        raise p.fail("it is not clear how far the gradient reaches", _IN_BRACKETS, start)
    return body


def _has_no_gradient(body: Node, names: list[Symbol]) -> bool:
    """Whether nobody would write the gradient of it alone."""
    letters = {letter.name for letter in free_symbols(body)}
    without = bool(names) and letters.isdisjoint(name.name for name in names)
    return not letters or body in names or (isinstance(body, Quotient) and without)


def _whole_product(p: Parser, at: int, start: Token) -> Node:
    p.go(at)
    body = p.product()
    if p.joined == "sign" or isinstance(body, Relation):
        raise p.fail("it is not clear how far the gradient reaches", _IN_BRACKETS, start)
    return body


_IN_BRACKETS = "put what it is taken of in square brackets"


def _goes_on(p: Parser, names: list[Symbol]) -> bool:
    """Whether the product goes on with something that uses a variable."""
    end = reach.term_end(p)
    return any(reach.uses(p, (p.at, end), name)[:1] not in ([], ["bound"]) for name in names)


def _adds_length(p: Parser, names: list[Symbol]) -> bool:
    """Whether the next term is a number made of lengths of the variables: nobody adds it to their gradient."""
    at = p.at
    if p.token.key not in ("+", "-") or not names:
        return False
    p.take()
    keys = {token.key for token in p.tokens[p.at : reach.term_end(p)]}
    term = p.product() if keys & _LENGTHS and r"\nabla" not in keys else None
    p.go(at)
    using = [f for f in _factors(term) if not free_symbols(f).isdisjoint(names)]
    return bool(using) and all(isinstance(f.base if isinstance(f, Power) else f, Norm) for f in using)


_LENGTHS = frozenset({r"\|", r"\Vert", r"\lVert", "‖"})


def _factors(node: Node | None) -> tuple[Node, ...]:
    match node:
        case None:
            return ()
        case Product(factors):
            return factors
        case Quotient(top, _):
            return _factors(top)
    return (node,)


_NO_NAMES = frozenset({*KNOWN, *EXPECTATIONS, *OPTIMA, "arg", "1", "I"})


def _applied(p: Parser) -> Node | None:
    """``L(w)`` of a name that is not declared: nothing but a function has a gradient."""
    at = p.at
    if p.token.key not in NAMES or functions.spelling(p)[0] in _NO_NAMES:
        return None
    found = symbol(p)
    if brackets.opens(p, p.at) and not p.names.declares(found.plain) and found.name != "E":
        return Call(found.plain, given.arguments(p))
    p.go(at)
    return None


def _known(p: Parser) -> Node | None:
    """``\\log p(x)``: the function of one factor, whatever follows."""
    spelled, after = functions.spelling(p) if p.token.key in NAMES else (p.token.key, p.at + 1)
    if spelled not in KNOWN or (KNOWN[spelled] in ("max", "min") and p.tokens[after].key == "_"):
        return None
    return functions.known(p, spelled, after, narrow=True)


def _raised(p: Parser, body: Node) -> Node:
    """An exponent belongs to a name or a norm; a transpose behind them may belong to the gradient."""
    start = p.token
    ending = p.grammar.endings["^"](p, body, start)
    if isinstance(ending, Transpose):
        raise p.fail("it is not clear what is transposed", _IN_BRACKETS, start)
    return ending or body
