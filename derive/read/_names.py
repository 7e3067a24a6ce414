r"""Names where a value is wanted: applied functions, constants, symbols, members of families.

:func:`name` reads whatever begins with a letter, a word, a Greek letter, an accent or a font. A name that only looks
applied is refused: ``p(x)`` is no product unless p is declared.
"""

from __future__ import annotations

from derive.read import _brackets as brackets
from derive.read import _functions as functions
from derive.read._derivatives import subscripted
from derive.read._parser import Parser
from derive.read._symbols import NAMES, is_constant, superscript_label, symbol, unmarked
from derive.read._words import EXPECTATION, UNREAD_WORDS, refuse_run
from derive.read.names import GREEK
from derive.read.tokens import Token
from derive.tree import PI, E, Indexed, Node, Symbol


def name(p: Parser) -> Node:
    """A function that is applied, a constant, a symbol with its marks, a member of a family."""
    token = p.token
    if len(token.run) > 1:
        refuse_run(p, token)
    applied = functions.known(p)
    if applied is not None:
        return applied
    found = symbol(p)
    if found.plain in p.names.functions:
        return functions.declared(p, found, token)
    return _value(p, found, token)


def bare(p: Parser) -> Node:
    """A name as TeX takes it for an argument: without its subscript."""
    token = p.token
    if token.key == "word":
        raise p.fail(f"an argument of more than one letter needs braces: {{{token.text}}}")
    return _constant_or_known(p, unmarked(p), token)


def _value(p: Parser, found: Symbol, token: Token) -> Node:
    """A name that is no function: refused when it is applied all the same."""
    if p.token.key == "_" and not found.sub:
        return _indexed(p, found, token)
    derivative = subscripted(p, found)
    if derivative is not None:
        return derivative
    _refuse_operator(p, found, token)
    _refuse_application(p, found, token)
    if token.key == r"\text" and p.starts_factor():
        p.refuse_words(found, token)
    if found == Symbol("Delta") and p.names_something(p.at) and not p.names.declares("Delta"):
        hint = "give it one letter; for a product write \\cdot"
        raise p.fail("a difference such as \\Delta x is not read", hint, token)
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
        raise p.fail(EXPECTATION, token=token)
    if token.key == r"\operatorname" and p.token.key != "end" and not p.names.declares(found.plain):
        hint = f"declare it, or write \\mathrm{{{found.name}}}"
        raise p.fail(f"the operator {found.plain} is not known", hint, token)


def _indexed(p: Parser, found: Symbol, token: Token) -> Node:
    """``x_i`` with an index that is an expression."""
    known = p.names.symbols
    if known is not None and found.plain not in known | p.names.indexed:
        p.undeclared.append((found, token))
    p.take()
    indices = _indices(p) if p.token.key == "{" else (p.argument(),)
    label = superscript_label(p, found) if p.token.key == "^" and not found.sup else None
    base = found if label is None else Symbol(found.name, found.sub, label, found.accent, found.font)
    return Indexed(base, indices)


def _indices(p: Parser) -> tuple[Node, ...]:
    """The index expressions in braces."""
    found: list[Node] = []

    def read() -> Node:
        p.expect("{")
        while not found or p.accept(",") or p.starts_factor():
            found.append(_index(p))
        return found[0]

    p.enclosed(read)
    p.expect("}")
    return tuple(found)


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
    keys = [token.key for token in rest if token.key not in ("}", "{")]
    return not keys or (keys[0] == "_" and len(keys) <= 2 and "^" not in keys)
