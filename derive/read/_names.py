r"""Names where a value is wanted: operators, applied functions, constants, symbols, members of families.

:func:`name` reads whatever begins with a letter, a word, a Greek letter, an accent or a font. A name that only looks
applied is refused: ``p(x)`` is no product unless p is declared, and an application when the formula shows it to be one.
"""

from __future__ import annotations

from derive.read import _brackets as brackets
from derive.read import _evidence as evidence
from derive.read import _expectations as expectations
from derive.read import _functions as functions
from derive.read import _optima as optima
from derive.read._derivatives import subscripted
from derive.read._members import constant_or_known, indexed
from derive.read._parser import Parser
from derive.read._symbols import NAMES, symbol
from derive.read._words import UNREAD_WORDS, refuse_run
from derive.read.names import GREEK, KNOWN
from derive.read.tokens import Token
from derive.tree import Indexed, Node, Symbol


def name(p: Parser) -> Node:
    """An operator, a function that is applied, a constant, a symbol with its marks, a member of a family."""
    token = p.token
    if token.key != "letter" or token.text in _LETTERS:
        found = _operator_or_function(p, token)
        if found is not None:
            return found
    if len(token.run) > 1:
        refuse_run(p, token)
    symbol_ = symbol(p)
    if p.names.applies(symbol_) and (p.token.key != "_" or symbol_.sub):
        return functions.declared(p, symbol_, token)
    return _value(p, symbol_, token)


_LETTERS = frozenset("DEIP")
"""The single letters that may be operators."""


def _operator_or_function(p: Parser, token: Token) -> Node | None:
    if token.key == "letter" and len(token.run) > 1:
        return None
    spelled, after = functions.spelling(p) if token.text not in "EIP" else (token.text, p.at + 1)
    if spelled in KNOWN:
        return _known(p, spelled, after)
    if spelled in optima.OPERATORS:
        p.go(after)
        return optima.optimum(p, optima.OPERATORS[spelled], token)
    if spelled == "arg":
        p.go(after - 1)
        return optima.arg(p)
    if spelled in expectations.OPERATORS:
        return expectations.operator(p, spelled, after)
    if spelled in ("1", "I") and expectations.is_indicator(p, spelled, after):
        return expectations.indicator(p, after, token)
    return None


def _known(p: Parser, spelled: str, after: int) -> Node | None:
    """A known function; ``max`` and ``min`` with something below them are operators."""
    operator = KNOWN[spelled]
    if operator in ("max", "min") and p.tokens[after].key == "_":
        token = p.token
        p.go(after)
        return optima.optimum(p, operator, token)
    return functions.known(p, spelled, after)


def _value(p: Parser, found: Symbol, token: Token) -> Node:
    """A name that is no declared function: refused when it looks applied all the same."""
    if (p.token.key == "_" and not found.sub) or found.sup in ("()", "[]"):
        return _refuse_applied_member(p, indexed(p, found, token), token)
    derivative = subscripted(p, found)
    if derivative is not None:
        return derivative
    _refuse_operator(p, found, token)
    if brackets.opens(p, p.at) and not p.names.declares(found.plain) and evidence.is_applied(p, found):
        return _apply(p, found, token)
    _refuse_application(p, found, token)
    if token.key == r"\text" and p.starts_factor():
        p.refuse_words(found, token)
    if found.name == "Delta" and p.names_something(p.at) and not p.names.declares("Delta"):
        hint = "give it one letter; for a product write \\cdot"
        raise p.fail("a difference such as \\Delta x is not read", hint, token)
    return constant_or_known(p, found, token)


def _apply(p: Parser, found: Symbol, token: Token) -> Node:
    """A name that the formula shows to be a density or a function."""
    if p.names.strict:
        p.undeclared.append((found, token))
    return functions.declared(p, found, token)


def _refuse_operator(p: Parser, found: Symbol, token: Token) -> None:
    if found.name in UNREAD_WORDS and not p.names.declares(found.plain):
        raise p.fail(UNREAD_WORDS[found.name], token=token)
    if found.name == "E" and not found.accent and not p.names.declares(found.plain) and _bracketed(p):
        hint = r"write \mathbb{E}[…] for the expectation, declare E for anything else"
        raise p.fail("E before a bracket can be an expectation, a function or a factor", hint, token)
    if token.key == r"\operatorname" and p.token.key != "end" and not p.names.declares(found.plain):
        hint = f"declare it, or write \\mathrm{{{found.name}}}"
        raise p.fail(f"the operator {found.plain} is not known", hint, token)


def _bracketed(p: Parser) -> bool:
    return brackets.opens(p, p.at, braces=True)


def _refuse_applied_member(p: Parser, found: Node, token: Token) -> Node:
    """``f_i(x)`` with the index of a sum is a function for each i, no product."""
    if brackets.opens(p, p.at) and isinstance(found, Indexed):
        base, inside = found.base, _inside(p)
        parted = evidence.is_applied(p, base) or p.names.applies(base)
        if parted or any(t.key == "," for t in inside) or base.name in _LIKELY_FUNCTIONS or _is_single(p, inside):
            hint = f"write the index as an argument, {base.name}(x; i), or \\cdot for a product"
            raise p.fail("a family of functions is not read", hint, token)
    return found


# --- names that look applied ---------------------------------------------------------------------------------


def _refuse_application(p: Parser, found: Symbol, token: Token) -> None:
    """``f(x)``, ``f'(x)`` and ``x(1, 2)`` are applications, not products."""
    if p.token.key == "'":
        raise p.fail("a prime belongs to a function: f'(x)", f"declare {found.plain} as a function", token)
    if brackets.opens(p, p.at) and _looks_applied(p, found):
        raise p.fail(
            f"{found.plain} is applied to arguments but is not declared as a function",
            f"declare {found.plain} as a function, or write {found.plain} \\cdot (…) for a product", token,
        )  # fmt: skip


def _looks_applied(p: Parser, found: Symbol) -> bool:
    inside = _inside(p)
    if any(token.key == "," for token in inside):
        return True
    if p.names.declares(found.plain) or found.plain in p.names.matrices:
        return False
    if found.name in _LIKELY_FUNCTIONS and not _is_single(p, inside) and _stands_bare(found, inside):
        return False  # h (1 - h): what is no function inside is none before
    is_word = len(found.name) > 1 and found.name not in GREEK
    return is_word or found.name in _LIKELY_FUNCTIONS or _is_single(p, inside) or _is_monomial(found, inside)


def _stands_bare(found: Symbol, inside: list[Token]) -> bool:
    """Whether the letter of a name stands inside a bracket without one of its own behind it."""
    pairs = zip(inside, [*inside[1:], None], strict=True)
    return any(
        token.text.lstrip("\\") == found.name and (behind is None or behind.key not in ("(", "[", r"\left"))
        for token, behind in pairs
    )


_LIKELY_FUNCTIONS = frozenset({"f", "g", "h", "sigma", "Phi"})


def _inside(p: Parser) -> list[Token]:
    """The tokens between a bracket and its partner, without those in further brackets."""
    start = p.at + (p.token.key == r"\left")
    return list(brackets.outermost(p.tokens, start + 1, brackets.partner(p.tokens, start)))


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


def _is_monomial(found: Symbol, inside: list[Token]) -> bool:
    """``C(x^2)``: a capital letter, or one for functions, before one product of other, small letters."""
    if not (found.name[0].isupper() or found.name in ("p", "q")) or len(inside) < 2:
        return False
    letters = [token.text for token in inside if token.key == "letter"]
    signs = any(token.key in ("+", "-") for token in inside[1:])
    return not signs and found.name not in letters and not any(letter.isupper() for letter in letters)
