r"""Names with the marks that belong to them: fonts, accents, subscripts, labels.

Called by every module that expects a name. A subscript is a label (``x_1``, ``\theta_{\text{old}}``) unless the
family is declared as indexed or the subscript holds the index of a sum around it; a superscript is a power unless it
is a star or stands in brackets (``x^{(0)}``, ``w^{[2]}``). What can be both is refused.
"""

from __future__ import annotations

from derive.read._parser import Parser
from derive.read.names import ACCENTS, FONTS, GREEK
from derive.read.tokens import Token
from derive.tree import Symbol

GREEK_COMMANDS = {f"\\{letter}": letter for letter in GREEK}
NAMES = frozenset({"letter", "word", *GREEK_COMMANDS, *ACCENTS, *FONTS})
"""The keys of the tokens that a name may begin with."""


def symbol(p: Parser) -> Symbol:
    """A name with all its marks."""
    return marked(p, unmarked(p))


def variable(p: Parser) -> Symbol:
    """A name that something is bound to or derived by: no constant."""
    token = p.token
    found = symbol(p)
    if is_constant(p, found):
        raise p.fail(f"{found.plain} is a constant here", "declare it in [symbols], or use another letter", token)
    return found


def is_constant(p: Parser, found: Symbol) -> bool:
    """Whether a name is e or pi and nothing else is declared by that name."""
    return found.plain in ("e", "pi") and found.font in ("", "rm") and not _is_declared(p, found)


def _is_declared(p: Parser, found: Symbol) -> bool:
    return p.names.declares(found.plain) or found.plain in p.names.functions


def unmarked(p: Parser) -> Symbol:
    """A name with its font and accent only, as TeX takes it for an argument."""
    token = p.token
    if token.key in ("letter", "word"):
        p.take()
        return Symbol(token.text)
    if token.key in GREEK_COMMANDS:
        p.take()
        return Symbol(GREEK_COMMANDS[token.key])
    if token.key in ACCENTS:
        p.take()
        return _accented(p, token)
    if token.key in FONTS:
        p.take()
        return _in_font(p, FONTS[token.key], token)
    raise p.unexpected("a name")


def _accented(p: Parser, token: Token) -> Symbol:
    inner = _content(p)
    if inner.accent:
        raise p.fail("a name has one accent at most", token=token)
    return Symbol(inner.name, inner.sub, inner.sup, ACCENTS[token.key], inner.font)


def _in_font(p: Parser, font: str, token: Token) -> Symbol:
    word, end = word_in_braces(p, p.at)
    if len(word) > 1 and font in ("rm", ""):
        p.go(end)
        return Symbol(word)
    inner = _content(p)
    if inner.font and font:
        raise p.fail("a name has one font at most", token=token)
    if font == "rm" and len(inner.name) > 1 and inner.name not in GREEK:
        return inner  # a word is upright anyway
    return Symbol(inner.name, inner.sub, inner.sup, inner.accent, inner.font or font)


def _content(p: Parser) -> Symbol:
    """The name that a font or an accent is put on."""
    p.deeper()
    if p.accept("{"):
        found = symbol(p)
        p.expect("}")
    else:
        found = unmarked(p)
    p.depth -= 1
    return found


def word_in_braces(p: Parser, at: int) -> tuple[str, int]:
    """The letters between braces that begin at a token, and the number of the token behind; empty for all else."""
    if p.tokens[at].key != "{":
        return "", at
    end = at + 1
    while p.tokens[end].key in ("letter", "word"):
        end += 1
    if p.tokens[end].key != "}":
        return "", at
    return "".join(t.text for t in p.tokens[at + 1 : end]), end + 1


# --- marks -------------------------------------------------------------------------------------------


def marked(p: Parser, found: Symbol) -> Symbol:
    """The name with its subscript and its label, where what follows is one."""
    while True:
        if not found.sub and p.token.key in ("^", "'"):
            _subscript_first(p)
        if p.token.key == "_" and not found.sub:
            label = _subscript(p, found)
            if label is None:
                return found
            found = Symbol(found.name, label, found.sup, found.accent, found.font)
        elif p.token.key == "^" and not found.sup:
            label = superscript_label(p, found)
            if label is None:
                return found
            found = Symbol(found.name, found.sub, label, found.accent, found.font)
        else:
            return found


def _subscript_first(p: Parser) -> None:
    """``f'_1`` and ``x^2_1`` are ``f_1'`` and ``x_1^2``."""
    at = p.at
    while p.tokens[at].key == "'":
        at += 1
    if p.tokens[at].key == "^":
        at = p.argument_end(at + 1)
    if p.tokens[at].key == "_":
        end = p.argument_end(at + 1)
        p.tokens[p.at : end] = p.tokens[at:end] + p.tokens[p.at : at]
        p.go(p.at)


def _subscript(p: Parser, found: Symbol) -> str | None:
    """A subscript that is a label; None when it is an index expression."""
    if p.key() == "{":
        label, end = _label(p, p.at + 2, "}")
    else:
        label, end = [_single_label(p)], p.at + 2
    is_family = found.name in p.names.indexed or found.plain in p.names.indexed
    if not label or is_family or any(part in p.bound for part in label):
        return None
    p.go(end)
    return "".join(label)


def _single_label(p: Parser) -> str:
    """A subscript without braces: one letter or digit."""
    token = p.tokens[p.at + 1]
    too_long = len(token.text) > 1 if token.key in ("number", "word") else len(token.run) > 2
    if too_long and token.key in ("number", "word", "letter"):
        whole = token.run or token.text
        raise p.fail(f"a subscript of more than one character needs braces: _{{{whole}}}", token=token)
    if token.key in ("number", "letter"):
        return token.text
    if _is_star(token):
        return "*"
    if token.key in GREEK_COMMANDS:
        return GREEK_COMMANDS[token.key]
    if token.key in FONTS:
        raise p.fail("a subscript in another font needs braces: _{…}", token=token)
    raise p.fail("expected a subscript", token=token)


def _is_star(token: Token) -> bool:
    """A star as a mark; the dot and the cross between factors are none."""
    return token.key == "*" and token.text in ("*", "∗", r"\ast", r"\star")


def _label(p: Parser, at: int, closing: str, marks: str = "") -> tuple[list[str], int]:
    """The parts of a label up to a closing sign, and the token behind it; nothing when something else occurs."""
    parts: list[str] = []
    while p.tokens[at].key != closing:
        part, at = _label_part(p, at, marks)
        if not part:
            return [], at
        parts.append(part)
    return parts, at + 1


def _label_part(p: Parser, at: int, marks: str) -> tuple[str, int]:
    token = p.tokens[at]
    if len(token.run) > 2:
        return token.run, at + len(token.run)
    if token.key in ("letter", "word", "number", "differential"):
        return token.text, at + 1
    if token.key in GREEK_COMMANDS:
        return GREEK_COMMANDS[token.key], at + 1
    if token.key == ",":
        return ",", at + 1
    if token.key == "_":  # z_{2_1}
        return ",", at + 1
    if token.key in FONTS:
        return word_in_braces(p, at + 1)
    if _is_star(token) or (token.key in marks and token.key != "*"):
        return "*" if token.key == "*" else token.key, at + 1
    return (token.key[1:], at + 1) if token.key in _WORD_COMMANDS else ("", at)


_WORD_COMMANDS = frozenset({r"\max", r"\min"})


def superscript_label(p: Parser, found: Symbol) -> str | None:
    r"""A superscript that is part of the name: ``x^{(0)}``, ``w^{[2]}``, ``p^*``; None when it is a power."""
    end = p.argument_end(p.at + 1)
    braced = p.key() == "{"
    if end == p.at + (4 if braced else 2) and _is_star(p.tokens[end - 1 - braced]):
        p.go(end)
        return "*"
    opening = p.key(2)
    return _bracketed_label(p, found, opening) if braced and opening in ("(", "[") else None


def _bracketed_label(p: Parser, found: Symbol, opening: str) -> str | None:
    closing = ")" if opening == "(" else "]"
    parts, end = _label(p, p.at + 3, closing, "+-")
    if not parts or p.tokens[end].key != "}" or is_constant(p, found) or found.plain in p.names.functions:
        return None
    label, token = "".join(parts), p.tokens[p.at + 1]
    if opening == "(" and not p.names.labels and not p.names.declares(Symbol(found.name, found.sub, label).plain):
        applied = p.tokens[end + 1].key in ("(", "[", r"\left")
        hint = f"declare {found.plain} as a function" if applied else "declare the name in [symbols]"
        problem = f"the superscript ({label}) can be a label or a power"
        raise p.fail(problem, f"{hint}, or write ^{{{label}}}", token)
    if any(part in p.bound for part in parts):
        raise p.fail(f"the superscript ({label}) holds the index of a sum", "write the index as a subscript", token)
    p.go(end + 1)
    return f"{opening}{label}{closing}"
