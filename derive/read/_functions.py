r"""Functions and what they are applied to; the gradient of one.

A known function is applied whenever its name occurs, the logistic sigma and the normal Phi when a bracket follows; a
declared function when a bracket follows. Without brackets a known function takes the product up to the next sign or
function (``\sin 2x``); where that could be read in two ways it is refused.
"""

from __future__ import annotations

from derive.functions import FUNCTIONS
from derive.read import _brackets as brackets
from derive.read._parser import Parser
from derive.read._symbols import NAMES, symbol, word_in_braces
from derive.read.names import FONTS, GREEK, KNOWN
from derive.read.tokens import Token
from derive.tree import Call, Gradient, Negative, Node, Number, Power, Symbol, Vector, times


def known(p: Parser) -> Node | None:
    """A function that needs no declaration, applied; None when the name here is something else."""
    token = p.token
    spelled, after = _spelling(p)
    if spelled not in KNOWN or p.names.declares(KNOWN[spelled]):
        return None
    if _is_applied(p, spelled, after):
        p.go(after)
        return _call(p, KNOWN[spelled], token)
    if spelled.lstrip("\\") in GREEK:
        return None
    raise p.fail(f"the function {KNOWN[spelled]} needs an argument", token=token)


def _spelling(p: Parser) -> tuple[str, int]:
    r"""How a possible function is spelled (``\sin``, ``relu``, the word in ``\operatorname``) and where it ends."""
    key = p.token.key
    if key == "letter":
        return "", p.at
    if key == "word":
        return p.token.text, p.at + 1
    return word_in_braces(p, p.at + 1) if key in FONTS else (key, p.at + 1)


def _is_applied(p: Parser, spelled: str, after: int) -> bool:
    """Whether a function's name is followed by an argument; a Greek letter is a function only before a bracket."""
    if spelled.lstrip("\\") not in GREEK:
        return p.tokens[after].key != "end"
    while p.tokens[after].key == "'":
        after += 1
    if p.tokens[after].key == "^":
        after = p.argument_end(after + 1)
    return brackets.opens(p, after, braces=True)


# --- application -----------------------------------------------------------------------------------------------


def _call(p: Parser, function: str, token: Token) -> Node:
    """A known function, the parser behind its name."""
    order, power, base = _function_marks(p, function)
    if base is not None and function != "log":
        raise p.fail(f"a subscript at {function} is not read", "only logarithms have a base", token)
    args = arguments(p, function)
    _check_arity(p, function, args, token)
    node: Node = Call(function, (*args, base) if base is not None else args, order)
    return node if power is None else Power(node, power)


def _function_marks(p: Parser, function: str) -> tuple[int, Node | None, Node | None]:
    """The primes, the power and the base between a function's name and its argument."""
    order, power, base = 0, None, None
    while p.token.key in ("'", "^", "_"):
        if p.accept("'"):
            order += 1
        elif p.accept("_"):
            _refuse_long_number(p)
            base = p.argument()
        elif not order and (bracketed := _bracketed_order(p)):
            order = bracketed
        elif power is None:
            power = _function_power(p, function)
        else:
            raise p.fail("two exponents in a row", "put the first power in brackets")
    return order, power, base


def _refuse_long_number(p: Parser) -> None:
    if p.token.key == "number" and len(p.token.text) > 1:
        raise p.fail(f"an index or exponent of more than one digit needs braces: {{{p.token.text}}}")


def _function_power(p: Parser, function: str) -> Node:
    token = p.take()
    _refuse_long_number(p)
    power = p.argument()
    if power == Symbol("T") and not p.names.declares("T"):
        raise p.fail("T can be a number or the sign of a transpose", "declare T", token)
    if power == Negative(Number("1")):
        inverse = f"arc{function}" if f"arc{function}" in FUNCTIONS else "the inverse by its name"
        hint = f"write {inverse}, or \\frac{{1}}{{{function}(x)}}"
        raise p.fail(f"{function}^{{-1}} can be read in two ways", hint, token)
    return power


def _bracketed_order(p: Parser) -> int:
    """``f^{(4)}``: the fourth derivative; 0 when it is something else."""
    end = p.argument_end(p.at + 1)
    if p.key() != "{" or p.key(2) != "(" or p.tokens[end - 2].key != ")":
        return 0
    order = p.tokens[p.at + 3]
    if end != p.at + 6 or not order.text.isdigit():
        raise p.fail("the order of a derivative is a whole number", "a power is written f(x)^{n}", order)
    p.go(end)
    return int(order.text)


def _check_arity(p: Parser, function: str, args: tuple[Node, ...], token: Token) -> None:
    arity = FUNCTIONS[function].arity
    if arity and len(args) != arity:
        raise p.fail(f"{function} takes {arity} argument{'s' if arity > 1 else ''}, not {len(args)}", token=token)
    if function == "log" and len(args) != 1:
        raise p.fail("log takes 1 argument", "write the base as a subscript: \\log_2(x)", token)


def declared(p: Parser, found: Symbol, token: Token) -> Node:
    """A declared function: applied, with primes or an order; without arguments it is its name."""
    order, power = 0, None
    while p.accept("'"):
        order += 1
    if p.token.key == "^":
        bracketed = 0 if order else _bracketed_order(p)
        if bracketed:
            order = bracketed
        elif brackets.opens(p, p.argument_end(p.at + 1)):
            power = _function_power(p, found.plain)
    if not brackets.opens(p, p.at):
        if order:
            raise p.fail(f"{found.plain} with a prime needs its argument", token=token)
        return found
    node: Node = Call(found.plain, brackets.items(p), order)
    return node if power is None else Power(node, power)


# --- arguments -----------------------------------------------------------------------------------------------------


def arguments(p: Parser, function: str) -> tuple[Node, ...]:
    """A bracket's content, or the bare factors up to the next sign or function: ``sin 2x``."""
    if brackets.opens(p, p.at, braces=True):
        return brackets.items(p)
    if function in ("max", "min"):
        raise p.fail(f"the function {function} needs its arguments in brackets")
    if p.token.key == "{":
        return _braced_arguments(p, function)
    return (_bare_argument(p, function),)


def _braced_arguments(p: Parser, function: str) -> tuple[Node, ...]:
    r"""``\sin{x}`` and ``\sin{\left(x\right)}``, as computer algebra prints it."""
    end = p.argument_end(p.at)
    if brackets.opens(p, p.at + 1, braces=True):
        p.take()
        found = brackets.items(p)
        if p.accept("}"):
            return found
        raise p.fail(f"it is not clear how far the function {function} reaches", _IN_BRACKETS)
    argument = p.group()
    p.go(end)
    if p.token.key == "^" or _goes_on(p):
        raise p.fail(f"it is not clear how far the function {function} reaches", _IN_BRACKETS)
    return (argument,)


def _bare_argument(p: Parser, function: str) -> Node:
    if p.token.key not in ("|", r"\lvert") and not p.starts_factor():
        raise p.fail(f"the function {function} needs an argument, found {p.found()}")
    token = p.token
    factors = [p.factor()]
    while _goes_on(p) and not brackets.opens(p, p.at):
        factors.append(p.factor())
    if brackets.opens(p, p.at) or p.token.key == "/":
        raise p.fail(f"it is not clear how far the function {function} reaches", _IN_BRACKETS)
    argument = times(factors)
    if isinstance(argument, Vector):
        raise p.fail(f"the function {function} needs its arguments in brackets", token=token)
    return argument


_IN_BRACKETS = "put its argument in brackets"


def _goes_on(p: Parser) -> bool:
    """Whether another factor follows that is no function of its own."""
    if not p.starts_factor():
        return False
    spelled, after = _spelling(p) if p.token.key in NAMES else (p.token.key, p.at + 1)
    is_function = spelled in KNOWN and not p.names.declares(KNOWN[spelled])
    return not (is_function and _is_applied(p, spelled, after))


# --- gradient -------------------------------------------------------------------------------------------------------


def gradient(p: Parser) -> Node:
    r"""``\nabla C(1, 9)``; the name of the gradient without arguments."""
    nabla = p.take()
    if p.token.key not in NAMES:
        raise p.fail("expected the name of a function after \\nabla", "only \\nabla C and \\nabla C(…) are read", nabla)
    spelled, after = _spelling(p)
    if spelled in KNOWN and _is_applied(p, spelled, after) and KNOWN[spelled] not in p.names.functions:
        return _known_gradient(p, KNOWN[spelled], after)
    found = symbol(p)
    if found.sup or found.font:
        raise p.fail("the gradient of a labelled name is not read", token=nabla)
    return Gradient(found.plain, brackets.items(p) if brackets.opens(p, p.at) else ())


def _known_gradient(p: Parser, function: str, after: int) -> Node:
    if not brackets.opens(p, after):
        raise p.fail("the gradient of an expression is not read", "give the expression a name")
    p.go(after)
    return Gradient(function, brackets.items(p))
