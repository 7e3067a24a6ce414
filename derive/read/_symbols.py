r"""Names with the marks that belong to them: fonts, accents, subscripts, labels.

Called by every module that expects a name. A subscript is a label (``x_1``, ``\theta_{\text{old}}``) unless the
family is declared as indexed or the subscript holds the index of a sum around it; a superscript is a power unless it
is a star or stands in brackets (``x^{(0)}``, ``w^{[2]}``), where it is an index when it holds the index of a sum around
it. What can be both is refused.
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
    return p.names.declares(found.plain) or p.names.applies(found)


def unmarked(p: Parser) -> Symbol:
    """A name with its font and accent only, as TeX takes it for an argument."""
    token = p.token
    if token.key in ("letter", "word"):
        p.take()
        return Symbol(token.text)
    if token.key in GREEK_COMMANDS:
        p.take()
        return Symbol(GREEK_COMMANDS[token.key])
    if token.key == "{" and p.key(2) == "}":
        p.take()
        found = unmarked(p)
        p.take()
        return found
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
        found = Symbol(p.take().text) if p.token.text in _VECTORS and p.key() == "}" else symbol(p)
        p.expect("}")
    else:
        found = unmarked(p)
    p.depth -= 1
    return found


_VECTORS = frozenset({"0", "1"})
r"""``\mathbf{1}`` and ``\mathbf{0}`` are the vectors of ones and of zeros."""


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
            _subscript_first(p, found)
        if p.token.key == "'" and not found.sup and _is_declared_prime(p, found):
            p.take()
            found = Symbol(found.name, found.sub, "'", found.accent, found.font)
        elif p.token.key == "_" and not found.sub:
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


def _is_declared_prime(p: Parser, found: Symbol) -> bool:
    """``s'`` as a name of its own."""
    primed = Symbol(found.name, found.sub, "'", found.accent)
    return p.names.declares(primed.plain) or p.names.applies(primed)


def _subscript_first(p: Parser, found: Symbol) -> None:
    """``f'_1`` and ``x^2_1`` are ``f_1'`` and ``x_1^2``."""
    at = p.at
    while p.tokens[at].key == "'":
        at += 1
    if p.tokens[at].key == "^":
        raised = [token.key for token in p.tokens[at : p.argument_end(at + 1)]]
        at = p.argument_end(at + 1)
        if p.tokens[at].key == "_" and found.plain in p.names.matrices and (r"\top" in raised or "-" in raised):
            hint = "write the subscript behind brackets, (A^{-1})_{ij}"
            raise p.fail("it is not clear whether an entry or the whole is raised", hint)
    if p.tokens[at].key == "_":
        end = p.argument_end(at + 1)
        p.tokens[p.at : end] = p.tokens[at:end] + p.tokens[p.at : at]
        p.go(p.at)


def _subscript(p: Parser, found: Symbol) -> str | None:
    """A subscript that is a label; None when it is an index expression."""
    if p.key() == "{":
        label, end = _label(p, p.at + 2, "}")
    else:
        if p.key() in FONTS:
            word, end = _upright_label(p)
            label = [word]
        else:
            label, end = [_single_label(p)], p.at + 2
    if not label or (p.names.indexed and p.names.counts(found)) or any(part in p.bound for part in label):
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
    raise p.fail("expected a subscript", token=token)


def _upright_label(p: Parser) -> tuple[str, int]:
    r"""``x_\mathrm{max}``."""
    word, end = word_in_braces(p, p.at + 2)
    if not word:
        raise p.fail("a subscript in another font needs braces: _{…}", token=p.tokens[p.at + 1])
    return word, end


def _is_star(token: Token) -> bool:
    """A star as a mark; the dot and the cross between factors are none."""
    return token.key == "*" and token.text in ("*", "∗", r"\ast", r"\star")


def _label(p: Parser, at: int, closing: str, marks: str = "") -> tuple[list[str], int]:
    """The parts of a label up to a closing sign, and the token behind it; nothing when something else occurs."""
    parts: list[str] = []
    open_ = 0
    while p.tokens[at].key != closing or open_:
        if parts and parts[-1] == "," and p.tokens[at].key == "{":  # z_{\\theta_{old}}
            open_, at = open_ + 1, at + 1
            continue
        if open_ and p.tokens[at].key == "}":
            open_, at = open_ - 1, at + 1
            continue
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
    if end == p.at + (4 if braced else 2):
        single = p.tokens[end - 1 - braced]
        label = "*" if _is_star(single) else _declared_above(p, found, single)
        if label:
            p.go(end)
            return label
    opening = p.key(2)
    return _bracketed_label(p, found, opening) if braced and opening in ("(", "[") else None


def _declared_above(p: Parser, found: Symbol, token: Token) -> str:
    r"""``V^\pi`` where ``V_sup_pi`` is declared, ``\mathbb{R}^+``."""
    if token.key in ("+", "-") and found.font == "bb":
        return token.key
    label = token.text if token.key == "letter" else GREEK_COMMANDS.get(token.key, "")
    if not label:
        return ""
    named = Symbol(found.name, found.sub, label, found.accent)
    return label if p.names.declares(named.plain) or p.names.applies(named) else ""


def _bracketed_label(p: Parser, found: Symbol, opening: str) -> str | None:
    closing = ")" if opening == "(" else "]"
    parts, end = _label(p, p.at + 3, closing, "+-")
    if not parts or is_constant(p, found) or (p.names.applies(found) and not _is_labelled(p, found, parts)):
        return None
    label, token = "".join(parts), p.tokens[p.at + 1]
    if p.tokens[end].key != "}":
        return _label_and_transpose(p, found, opening, end)
    indexed = Symbol(found.name, "", opening + closing, found.accent)
    if any(part in p.bound for part in parts) or indexed.plain in p.names.indexed:
        return opening + closing
    if opening == "(" and not p.names.labels and not p.names.declares(Symbol(found.name, found.sub, label).plain):
        applied = p.tokens[end + 1].key in ("(", "[", r"\left")
        hint = f"declare {found.plain} as a function" if applied else "declare the name in [symbols]"
        problem = f"the superscript ({label}) can be a label or a power"
        raise p.fail(problem, f"{hint}, or write ^{{{label}}}", token)
    p.go(end + 1)
    return f"{opening}{label}{closing}"


def _is_labelled(p: Parser, found: Symbol, parts: list[str]) -> bool:
    """Whether a function is declared with this label."""
    return p.names.applies(Symbol(found.name, found.sub, "".join(parts), found.accent))


def _label_and_transpose(p: Parser, found: Symbol, opening: str, end: int) -> str | None:
    """``x^{(i)T}`` is ``{x^{(i)}}^T``: the tokens behind the label become an exponent of their own."""
    brace = p.argument_end(p.at + 1) - 1
    behind = p.tokens[end:brace]
    if [token.text for token in behind] not in (["T"], [r"\top"]) or not (p.names.labels or opening == "["):
        return None
    closing = p.tokens[end - 1]
    mark = behind[0].at
    p.tokens[end : brace + 1] = [
        Token("}", "}", closing.at), Token("^", "^", mark), Token("{", "{", mark), *behind, Token("}", "}", mark)
    ]  # fmt: skip
    return superscript_label(p, found)


def sign_end(p: Parser, start: int) -> int:
    """The number of the token behind the sign of a transpose; 0 when none stands at a token."""
    braced = p.tokens[start].key == "{"
    at = start + braced
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
