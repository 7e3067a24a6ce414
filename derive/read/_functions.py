r"""Functions and what they are applied to.

A known function is applied whenever its name occurs, the logistic sigma and the normal Phi when a bracket follows and
the formula does not use the letter as a quantity; a declared function when a bracket follows. Without brackets a known
function takes the product up to the next sign or function (``\sin 2x``); where that could be read in two ways it is
refused.
"""

from __future__ import annotations

from derive.functions import FUNCTIONS
from derive.read import _brackets as brackets
from derive.read import _evidence as evidence
from derive.read import _given as given
from derive.read._parser import Parser
from derive.read._symbols import NAMES, sign_end, word_in_braces
from derive.read.names import FONTS, GREEK, KNOWN
from derive.read.tokens import Token
from derive.tree import Call, Given, Negative, Node, Number, Power, Relation, Symbol, Vector, times


def known(p: Parser, spelled: str, after: int, *, narrow: bool = False) -> Node | None:
    """A function that needs no declaration, applied; None when the name that ends before a token is something else.

    ``narrow`` is set where an argument without brackets is one factor, whatever follows.
    """
    token = p.token
    if spelled not in KNOWN or p.names.declares(KNOWN[spelled]) or p.names.declares(spelled.lstrip("\\")):
        return None
    if spelled in ("KL", "D_KL") and not brackets.opens(p, after, braces=True):
        return None
    if _is_applied(p, spelled, after):
        p.go(after)
        return _call(p, KNOWN[spelled], token, narrow)
    if spelled.lstrip("\\") in GREEK:
        return None
    raise p.fail(f"the function {KNOWN[spelled]} needs an argument", token=token)


def spelling(p: Parser) -> tuple[str, int]:
    r"""How a possible function is spelled (``\sin``, ``relu``, the word in ``\operatorname``) and where it ends."""
    key = p.token.key
    if key == "letter":
        return _divergence(p)
    if key == "word":
        return p.token.text, p.at + 1
    if key not in FONTS:
        return key, p.at + 1
    if p.key() in ("letter", "number") and len(p.tokens[p.at + 1].text) == 1:
        return p.tokens[p.at + 1].text, p.at + 2
    if p.key() == "{" and p.key(2) == "number" and p.key(3) == "}":
        return p.tokens[p.at + 2].text, p.at + 4
    word, end = word_in_braces(p, p.at + 1)
    return (word, end) if word != "D" else _divergence(p, end)


def _divergence(p: Parser, after: int = 0) -> tuple[str, int]:
    r"""``D_{KL}`` and ``D_{\mathrm{KL}}``; all other letters are no function by themselves."""
    at = after or p.at + 1
    if (p.token.text != "D" and not after) or p.tokens[at].key != "_":
        return "", p.at
    end = p.argument_end(at + 1)
    if p.tokens[at + 1].key in FONTS:
        end = p.argument_end(at + 2)
    label = "".join(t.text for t in p.tokens[at + 1 : end] if t.key in ("letter", "word"))
    return ("D_KL", end) if label == "KL" else ("", p.at)


def _is_applied(p: Parser, spelled: str, after: int) -> bool:
    """Whether a function's name is followed by an argument; a Greek letter is a function only before a bracket."""
    if spelled.lstrip("\\") not in GREEK:
        return p.tokens[after].key != "end"
    primed = powered = False
    while p.tokens[after].key == "'":
        after, primed = after + 1, True
    if p.tokens[after].key == "^":
        if sign_end(p, after + 1):
            return False  # the transpose of a matrix
        powered = [token.key for token in p.tokens[after + 1 : after + 3]] != ["{", "("]  # that is an order
        after = p.argument_end(after + 1)
    if not brackets.opens(p, after, braces=True):
        return False
    return primed or KNOWN[spelled] in p.names.functions or _is_function(p, spelled.lstrip("\\"), powered, after)


def _is_function(p: Parser, name: str, powered: bool, opening: int) -> bool:
    """Whether a Greek letter before a bracket, with a power between them or not, is the function of that name.

    Decided by how it stands elsewhere in the formula; ``\\sigma^2(x)`` alone and ``\\sigma(1 - \\sigma)`` beside
    ``\\sigma(x)`` are refused.
    """
    uses = evidence.uses(p, f"\\{name}")
    if not powered and "inside" not in uses:
        return True
    if "applied" in uses and not {"bare", "inside"} & uses:
        return True
    if "applied" not in uses and (uses or not powered):
        return False
    hint = f"declare {name} as a function or as a number"
    raise p.fail(f"{name} before a bracket can be the function or a factor", hint)


# --- application -----------------------------------------------------------------------------------------------


def _call(p: Parser, function: str, token: Token, narrow: bool) -> Node:
    """A known function, the parser behind its name."""
    order, power, base = _function_marks(p, function)
    if base is not None and function != "log":
        raise p.fail(f"a subscript at {function} is not read", "only logarithms have a base", token)
    args = _arguments(p, function, narrow)
    _check_arity(p, function, args, token)
    if any(isinstance(arg, Relation) for arg in args) and function != "indicator":
        raise p.fail(f"a relation cannot be an argument of {function}", token=token)
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
    if arity and len(args) != arity and not isinstance(args[0], Given):
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
            power = _declared_power(p, found, token)
    if not brackets.opens(p, p.at):
        if order:
            raise p.fail(f"{found.plain} with a prime needs its argument", token=token)
        return found
    node: Node = Call(found.plain, given.arguments(p), order)
    return node if power is None else Power(node, power)


def _declared_power(p: Parser, found: Symbol, token: Token) -> Node:
    """The exponent between a declared function and its bracket: a number; a name there may be a label."""
    power = _function_power(p, found.plain)
    if isinstance(power, Number | Negative):
        return power
    label = power.plain if isinstance(power, Symbol) else getattr(power, "name", "")
    hint = f"declare {found.plain}_sup_{label}, or write the power behind the bracket" if label else ""
    raise p.fail(f"the superscript of {found.plain} can be a label or a power", hint, token)


# --- arguments -----------------------------------------------------------------------------------------------------


def _arguments(p: Parser, function: str, narrow: bool) -> tuple[Node, ...]:
    """A bracket's content, or the bare factors up to the next sign or function: ``sin 2x``."""
    if brackets.opens(p, p.at, braces=True):
        return given.arguments(p)
    if function in ("max", "min"):
        raise p.fail(f"the function {function} needs its arguments in brackets")
    if p.token.key == "{":
        return _braced_arguments(p, function)
    return (_bare_argument(p, function, narrow),)


def _braced_arguments(p: Parser, function: str) -> tuple[Node, ...]:
    r"""``\sin{x}`` and ``\sin{\left(x\right)}``, as computer algebra prints it."""
    end = p.argument_end(p.at)
    if brackets.opens(p, p.at + 1, braces=True):
        p.take()
        found = given.arguments(p)
        if p.accept("}"):
            return found
        raise p.fail(f"it is not clear how far the function {function} reaches", _IN_BRACKETS)
    argument = p.group()
    p.go(end)
    if p.token.key == "^" or _goes_on(p):
        raise p.fail(f"it is not clear how far the function {function} reaches", _IN_BRACKETS)
    return (argument,)


def _bare_argument(p: Parser, function: str, narrow: bool) -> Node:
    if p.token.key not in ("|", r"\lvert", r"\|") and not p.starts_factor():
        raise p.fail(f"the function {function} needs an argument, found {p.found()}")
    token = p.token
    factors = [p.factor()]
    if narrow:
        return factors[0]
    while _goes_on(p) and not brackets.opens(p, p.at) and not isinstance(factors[-1], Call):
        factors.append(p.factor())
    if brackets.opens(p, p.at) or p.token.key == "/" or (isinstance(factors[-1], Call) and _goes_on(p)):
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
    spelled, after = spelling(p) if p.token.key in NAMES else (p.token.key, p.at + 1)
    is_function = spelled in KNOWN and not p.names.declares(KNOWN[spelled])
    return not (is_function and _is_applied(p, spelled, after))
