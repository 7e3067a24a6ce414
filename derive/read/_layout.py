r"""What stands around, above and below signs, put in line before a formula is read: tokens in, tokens out.

Called by :mod:`derive.read.latex` right after the tokens are made. ``\overset{!}{=}`` becomes ``=``,
``\underset{\theta}{\operatorname{argmin}}`` its operator with a subscript, ``\underbrace{u}_{\text{why}}`` becomes
``u``; a wide space stays only where it parts two statements. A new annotation is a row of :data:`_ANNOTATIONS`.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.read._parser import IMPLICATIONS, RELATIONS
from derive.read.tokens import Token

_RELATION_KEYS = frozenset({*RELATIONS, *IMPLICATIONS})


def in_line(found: list[Token]) -> list[Token]:
    """The tokens without annotations and without wide spaces that part nothing."""
    keys = {token.key for token in found}
    if keys & _ANNOTATIONS.keys():
        found = _without_annotations(found)
    if keys & _OLD_FONTS.keys():
        found = _with_new_fonts(found)
    return _without_gaps(_without_number(found)) if "gap" in keys else found


def _without_number(found: list[Token]) -> list[Token]:
    """Without the number of the equation before it: ``(2) \\quad x = 1``."""
    numbered = [token.key for token in found[:4]] == ["(", "number", ")", "gap"]
    return found[4:] if numbered else found


def argument(found: list[Token], at: int) -> tuple[list[Token], int]:
    """The tokens of a TeX argument without its braces, and the number of the token behind it."""
    if at >= len(found) or found[at].key == "end":
        return [], at
    if found[at].key != "{":
        return [found[at]], at + 1
    depth = 0
    for i in range(at, len(found)):
        depth += (found[i].key == "{") - (found[i].key == "}")
        if not depth:
            return found[at + 1 : i], i + 1
    return [], at  # not closed: the parser says so


# --- annotations ---------------------------------------------------------------------------------------------------


def _without_annotations(found: list[Token]) -> list[Token]:
    made: list[Token] = []
    at = 0
    while at < len(found):
        reader = _ANNOTATIONS.get(found[at].key)
        result = reader(found, at) if reader else None
        if result is None:
            made.append(found[at])
            at += 1
        else:
            inner, at = result
            made += _without_annotations(inner)
    return made


_OLD_FONTS = {r"\bf": r"\mathbf", r"\rm": r"\mathrm", r"\cal": r"\mathcal", r"\it": r"\mathit", r"\sf": r"\mathsf"}


def _with_new_fonts(found: list[Token]) -> list[Token]:
    r"""``{\bf x}`` is ``\mathbf{x}``."""
    made: list[Token] = []
    for token in found:
        if token.key in _OLD_FONTS and made and made[-1].key == "{":
            made.insert(-1, token._replace(key=_OLD_FONTS[token.key]))
        else:
            made.append(token)
    return made


Line = tuple[list[Token], int] | None


def _above(found: list[Token], at: int) -> Line:
    r"""``\overset{\text{def}}{=}`` and ``\stackrel{!}{=}``: the sign, which a definition makes ``:=``."""
    note, middle = argument(found, at + 1)
    sign, end = argument(found, middle)
    if len(sign) != 1 or sign[0].key not in _RELATION_KEYS:
        return None
    words = "".join(token.text for token in note if token.key not in ("{", "}")).lower()
    if words in ("d", "p", "\\mathrmd", "\\mathcald"):  # equality of distributions, convergence
        return None
    is_definition = any(word in words for word in ("def", "\\triangle", "\\delta"))
    return [sign[0]._replace(key=":=") if is_definition and sign[0].key == "=" else sign[0]], end


def _below(found: list[Token], at: int) -> Line:
    r"""``\underset{x}{\mathrm{argmin}}`` is ``\mathrm{argmin}_{x}``; below a relation sign stands a remark."""
    note, middle = argument(found, at + 1)
    inner, end = argument(found, middle)
    if not inner:
        return None
    if len(inner) == 1 and inner[0].key in _RELATION_KEYS:
        return inner, end
    mark = found[at].at
    return [*_unwrapped(inner), Token("_", "_", mark), Token("{", "{", mark), *note, Token("}", "}", mark)], end


def _brace(found: list[Token], at: int) -> Line:
    r"""``\underbrace{u}_{\text{why}}`` is ``{u}``."""
    inner, end = argument(found, at + 1)
    if not inner:
        return None
    if end < len(found) and found[end].key in ("_", "^"):
        _, end = argument(found, end + 1)
    mark = found[at].at
    return [Token("{", "{", mark), *inner, Token("}", "}", mark)], end


def _operator(found: list[Token], at: int) -> Line:
    r"""``\mathop{\mathbb{E}}`` is ``\mathbb{E}``."""
    inner, end = argument(found, at + 1)
    return (_unwrapped(inner), end) if inner else None


def _boxed(found: list[Token], at: int) -> Line:
    r"""``\boxed{a = b}`` is the statement in the box."""
    inner, end = argument(found, at + 1)
    if not inner or not any(token.key in _RELATION_KEYS for token in inner):
        return None
    return inner, end


def _stacked(found: list[Token], at: int) -> Line:
    r"""``\substack{i = 1 \\ i \ne j}`` is ``i = 1, i \ne j``."""
    inner, end = argument(found, at + 1)
    return ([t._replace(key=",", text=",") if t.key == "\\\\" else t for t in inner], end) if inner else None


def _unwrapped(inner: list[Token]) -> list[Token]:
    """Without braces around the whole."""
    while inner and inner[0].key == "{" and argument(inner, 0)[1] == len(inner):
        inner = inner[1:-1]
    return inner


_ANNOTATIONS: dict[str, Callable[[list[Token], int], Line]] = {
    r"\overset": _above, r"\stackrel": _above, r"\underset": _below, r"\underbrace": _brace, r"\overbrace": _brace,
    r"\mathop": _operator, r"\mathrel": _operator, r"\mathbin": _operator, r"\substack": _stacked,
    r"\boxed": _boxed,
}  # fmt: skip


# --- wide spaces ---------------------------------------------------------------------------------------------------


def _without_gaps(found: list[Token]) -> list[Token]:
    """Without the wide spaces, but for those between two operands that part two statements."""
    made = [token for i, token in enumerate(found) if token.key != "gap" or between_operands(found, i)]
    parts = _parting(made)
    return [token for i, token in enumerate(made) if token.key != "gap" or i in parts]


def between_operands(found: list[Token], at: int) -> bool:
    """Whether an operand ends before a token and another begins behind it."""
    if at + 1 >= len(found):
        return False
    before, after = found[at - 1].key if at else "end", found[at + 1]
    differential = after.key == "differential" or (after.text == "d" and len(after.run) == 2)
    return not (before in _NO_OPERAND | {"begin"} or after.key in _NO_OPERAND | {"close"} or differential)


_NO_OPERAND = frozenset({
    *_RELATION_KEYS, "+", "-", "*", "/", ",", ";", ".", ":", "text", "gap", "&", "\\\\", "end", "^",
    "_", r"\vee", r"\wedge",
})  # fmt: skip


def _parting(found: list[Token]) -> set[int]:
    """The numbers of the wide spaces outside all brackets behind which a relation follows.

    In cases every one parts a value from its condition.
    """
    parts: set[int] = set()
    waiting: set[int] = set()
    depth = cases = 0
    for i, token in enumerate(found):
        if token.text.endswith(("cases", "cases*")):
            cases += (token.key == "begin") - (token.key == "close")
        depth += (token.key in _OPENING) - (token.key in _CLOSING)
        if cases and token.key == "gap":
            parts.add(i)
        elif depth or cases:
            continue
        elif token.key == "gap":
            waiting.add(i)
        elif token.key in _RELATION_KEYS:
            parts |= waiting
            waiting.clear()
        elif token.key in (",", "\\\\"):
            waiting.clear()
    return parts


_OPENING = frozenset({"(", "[", r"\{", "{", r"\langle"})
_CLOSING = frozenset({")", "]", r"\}", "}", r"\rangle"})
