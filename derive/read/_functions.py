r"""Names where a value is wanted: functions with their arguments, constants, symbols, members of families.

:func:`name` reads whatever begins with a letter, a word, a Greek letter, an accent or a font. A known function is
applied whenever its name occurs, the logistic sigma and the normal Phi when a bracket follows; a declared function
when a bracket follows. A name that only looks applied is refused: ``p(x)`` is no product unless p is declared.
"""

from __future__ import annotations

import difflib

from derive.functions import FUNCTIONS
from derive.read import _brackets as brackets
from derive.read._derivatives import subscripted
from derive.read._parser import Parser
from derive.read._symbols import NAMES, is_constant, symbol, unmarked, word_in_braces
from derive.read.names import FONTS, GREEK, KNOWN
from derive.read.tokens import Token
from derive.tree import PI, Call, E, Gradient, Indexed, Negative, Node, Number, Power, Symbol, Vector, times


def name(p: Parser) -> Node:
    """A function that is applied, a constant, a symbol with its marks, a member of a family."""
    token = p.token
    if len(token.run) > 1:
        _refuse_differential(p, token)
        _refuse_unknown_word(p, token)
    spelled, after = _spelling(p)
    if spelled in KNOWN and not p.names.declares(KNOWN[spelled]):
        if _is_applied(p, spelled, after):
            p.go(after)
            return _call(p, KNOWN[spelled], token)
        if spelled.lstrip("\\") not in GREEK:
            raise p.fail(f"the function {KNOWN[spelled]} needs an argument", token=token)
    found = symbol(p)
    if found.plain in p.names.functions:
        return _declared(p, found, token)
    return _value(p, found, token)


def bare(p: Parser) -> Node:
    """A name as TeX takes it for an argument: without its subscript."""
    token = p.token
    if token.key == "word":
        raise p.fail(f"an argument of more than one letter needs braces: {{{token.text}}}")
    return _constant_or_known(p, unmarked(p), token)


# --- what a name is ----------------------------------------------------------------------------------------


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
    return brackets.opens(p, after)


def _refuse_unknown_word(p: Parser, token: Token) -> None:
    """``sofmax(x)`` is a misspelt function, ``sinx`` lacks a space and ``loss`` is a word: no products of letters."""
    run = _without_differentials(p, token.run)
    if run in UNREAD_WORDS:
        raise p.fail(UNREAD_WORDS[run], token=token)
    if len(run) < 3:
        return
    declared = (*p.names.functions, *(p.names.symbols or ()))
    near = difflib.get_close_matches(run, [w for w in (*_WORDS, *declared) if len(w) > 2], 1, cutoff=0.75)
    inside = [w for w in _WORDS if run.startswith(w) or run.endswith(w) or (len(w) > 2 and w in run)]
    applied = brackets.opens(p, p.at + len(run))
    if near or inside or applied or len(run) > 3 or run.isupper():
        hint = f"did you mean {near[0]}?" if near else f"put a space or brackets around {inside[0]}" if inside else ""
        hint = hint or "declare it, or put spaces between the factors of a product"
        raise p.fail(f"the name {run} is not declared", hint, token)


def _refuse_differential(p: Parser, token: Token) -> None:
    """``dx`` written as one is no product, unless d is declared."""
    if token.run in _DIFFERENTIALS and not p.names.declares("d"):
        hint = f"for a product write d {token.run[1]}"
        raise p.fail("a differential stands here without its integral or fraction", hint, token)


_DIFFERENTIALS = frozenset({"dx", "dy", "dz", "dt", "du", "dv", "dw", "dr", "ds", "df", "dg", "dp", "dq"})


def _without_differentials(p: Parser, run: str) -> str:
    """``xydxdy`` is ``xy`` with two differentials, inside two integrals."""
    for _ in range(p.integrals):
        run = run[:-2] if run[-2:-1] == "d" else run
    return run


_WORDS = tuple(word for word in (*KNOWN, *GREEK) if len(word) > 1 and word.isalpha())

_EXPECTATION = "expectations and probabilities are not read"
UNREAD_WORDS = {
    **dict.fromkeys(("arg", "argmax", "argmin"), "argmin and argmax are not read"),
    **dict.fromkeys(("Var", "Cov", "KL", "Pr"), _EXPECTATION),
    **dict.fromkeys(("softmax", "Softmax", "diag", "div", "grad", "rot", "curl", "lim", "sup", "inf"),
                    "this operator is not read"),
}  # fmt: skip
"""Words that mean something this reader has no node for."""


def _value(p: Parser, found: Symbol, token: Token) -> Node:
    """A name that is no function: refused when it is applied all the same."""
    if p.token.key == "_" and not found.sub:
        return _indexed(p, found, token)
    derivative = subscripted(p, found)
    if derivative is not None:
        return derivative
    _refuse_operator(p, found, token)
    _refuse_application(p, found, token)
    return _constant_or_known(p, found, token)


def _constant_or_known(p: Parser, found: Symbol, token: Token) -> Node:
    if is_constant(p, found):
        return E if found.name == "e" else PI
    if p.names.symbols is not None and not _may_occur(p, found):
        p.undeclared.append((found, token))
    return found


def _may_occur(p: Parser, found: Symbol) -> bool:
    known = p.names
    return found.plain in (known.symbols or ()) or found.plain in known.functions or found.name in p.bound


def _refuse_operator(p: Parser, found: Symbol, token: Token) -> None:
    if found.name in UNREAD_WORDS and not p.names.declares(found.plain):
        raise p.fail(UNREAD_WORDS[found.name], token=token)
    expected = found.font == "bb" and found.name in ("E", "P", "V")
    if expected or (found.name == "E" and not p.names.declares(found.plain) and brackets.opens(p, p.at)):
        raise p.fail(_EXPECTATION, token=token)
    if token.key == r"\operatorname" and p.token.key != "end" and not p.names.declares(found.plain):
        hint = f"declare it, or write \\mathrm{{{found.name}}}"
        raise p.fail(f"the operator {found.plain} is not known", hint, token)


def _indexed(p: Parser, found: Symbol, token: Token) -> Node:
    """``x_i`` with an index that is an expression."""
    known = p.names.symbols
    if known is not None and found.plain not in known | p.names.indexed:
        p.undeclared.append((found, token))
    p.take()
    if p.token.key != "{":
        return Indexed(found, (p.argument(),))
    indices: list[Node] = []

    def read() -> Node:
        p.expect("{")
        while not indices or p.accept(",") or p.starts_factor():
            indices.append(_index(p))
        return indices[0]

    p.enclosed(read)
    p.expect("}")
    return Indexed(found, tuple(indices))


def _index(p: Parser) -> Node:
    """One index; in ``x_{ij}`` each letter is one."""
    if p.token.key == "letter" and p.key() == "letter":
        return bare(p)
    return p.expression()


# --- names that look applied ---------------------------------------------------------------------------------


def _refuse_application(p: Parser, found: Symbol, token: Token) -> None:
    """``f(x)``, ``f'(x)`` and ``x(1, 2)`` are applications, not products."""
    if p.token.key == "'":
        raise p.fail("a prime belongs to a function: f'(x)", f"declare {found.plain} as a function", token)
    if brackets.opens(p, p.at) and _looks_applied(p, found):
        raise p.fail(
            f"{found.plain} is applied to arguments but is not declared as a function",
            f"define it, or write {found.plain} \\cdot (…) for a product", token,
        )  # fmt: skip


def _looks_applied(p: Parser, found: Symbol) -> bool:
    inside = _inside(p)
    if any(token.key == "," for token in inside):
        return True
    if p.names.declares(found.plain):
        return False
    is_word = len(found.name) > 1 and found.name not in GREEK
    return is_word or found.name in _LIKELY_FUNCTIONS or _is_single(p, inside)


_LIKELY_FUNCTIONS = frozenset({"f", "g", "h", "sigma", "Phi"})


def _inside(p: Parser) -> list[Token]:
    """The tokens between a bracket and its partner, without those in further brackets."""
    found: list[Token] = []
    depth = 0
    for token in p.tokens[p.at + (p.token.key == r"\left") :]:
        depth += (token.key in _OPENING) - (token.key in _CLOSING)
        if depth == 0:
            break
        if depth == 1:
            found.append(token)
    return found[1:]


_OPENING = frozenset({"(", "[", r"\{", "{", "begin"})
_CLOSING = frozenset({")", "]", r"\}", "}", "close"})


def _is_single(p: Parser, inside: list[Token]) -> bool:
    """Whether one number or one name stands in the bracket."""
    signless = inside[1:] if inside and inside[0].key == "-" else inside
    signless = signless[:-1] if signless and signless[-1].key == r"\right" else signless
    if not signless:
        return True
    first, rest = signless[0], signless[1:]
    if first.key == "number":
        return not rest
    if first.key not in NAMES:
        return False
    rest = [token for token in rest if token.key not in ("}", "{")]
    return not rest or (rest[0].key == "_" and len(rest) <= 2)


# --- functions that are applied -------------------------------------------------------------------------------


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


def _declared(p: Parser, found: Symbol, token: Token) -> Node:
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
    return Gradient(found.plain, brackets.items(p) if brackets.opens(p, p.at) else ())


def _known_gradient(p: Parser, function: str, after: int) -> Node:
    if not brackets.opens(p, after):
        raise p.fail("the gradient of an expression is not read", "give the expression a name")
    p.go(after)
    return Gradient(function, brackets.items(p))


