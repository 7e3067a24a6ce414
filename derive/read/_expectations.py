r"""Operators on random quantities: expectations, variances, covariances, probabilities; indicators.

``\mathbb{E}_{x \sim p}[u]``, ``E[X \mid Y]``, ``\operatorname{Var}(X)``, ``\operatorname{Cov}(X, Y)``, ``\Pr(X > 0)``,
``\mathbb{1}[x > 0]``. A plain ``E`` is one only before square brackets (or below it stands over what), and only where E
is nothing else in the formula; a plain ``P`` before a bracket with a relation.
"""

from __future__ import annotations

from derive.read import _brackets as brackets
from derive.read import _evidence as evidence
from derive.read import _given as given
from derive.read._parser import Parser
from derive.read.names import FONTS
from derive.read.tokens import Token
from derive.tree import Call, Expectation, Node, Number, Power, Relation, drawn

OPERATORS = {
    "E": "E", "V": "Var", "Var": "Var", "var": "Var", "Cov": "Cov", "cov": "Cov", "P": "P", "Pr": "P", r"\Pr": "P",
}  # fmt: skip
"""How the operators are spelled, and the name of each; one letter counts only in blackboard or upright letters."""

_ARITY = {"E": (1,), "Var": (1,), "Cov": (1, 2), "P": (1, 2, 3, 4)}
_FONTS = frozenset(key for key, font in FONTS.items() if font in ("bb", "rm"))


def operator(p: Parser, spelled: str, after: int) -> Node | None:
    """An operator whose name ends before a token, applied; None when the name is something else here."""
    start = p.token
    name = OPERATORS[spelled]
    blackboard = FONTS.get(start.key) == "bb"
    if not blackboard and (p.names.declares(spelled) or spelled in p.names.functions | p.names.densities):
        return None
    if len(spelled) == 1 and not _is_operator(p, spelled, after):
        return None
    p.go(after)
    since = len(p.undeclared)
    power = _power(p)
    over = _over(p)
    if p.token.key == "^" and power is None:
        power = _power(p)
    if not brackets.opens(p, p.at, braces=True):
        hint = rf"write \mathbb{{{spelled}}}[…]" if len(spelled) == 1 else f"write {spelled}(…)"
        raise p.fail(f"{spelled} needs its argument in brackets", hint, start)
    args = given.arguments(p)
    if len(args) not in _ARITY[name]:
        raise p.fail(f"{spelled} takes {_ARITY[name][0]} argument, not {len(args)}", token=start)
    for random in drawn(over):
        p.binds(random, since)
    node: Node = Expectation(name, args, over)
    return node if power is None else Power(node, power)


def _is_operator(p: Parser, spelled: str, after: int) -> bool:
    """Whether one letter is the operator: by its font, or where it can be nothing else."""
    if p.token.key in _FONTS:
        at = after if p.tokens[after].key not in ("_", "^") else p.argument_end(after + 1)
        return FONTS[p.token.key] == "bb" or brackets.opens(p, at)
    if spelled == "P":
        return brackets.opens(p, after) and evidence.holds_relation(p, after) and not given.parts(p, after)
    return spelled == "E" and _is_expectation(p, after)


def _is_expectation(p: Parser, after: int) -> bool:
    """``E[…]``, ``E_{x \\sim p}(…)``; refused where E stands for something else as well."""
    end = after
    if p.tokens[after].key == "_":
        end = p.argument_end(after + 1)
    opening = end + (p.tokens[end].key == r"\left")
    drawn = any(token.key == r"\sim" for token in p.tokens[after:end])
    if p.tokens[opening].key != "[" and not (drawn and p.tokens[opening].key == "("):
        return False
    if not drawn and any(_is_bare(p, at) for at in range(len(p.tokens) - 1)):
        raise p.fail("E stands for an expectation and for something else", r"write \mathbb{E}[…] for the expectation")
    return True


def _is_bare(p: Parser, at: int) -> bool:
    """Whether an E stands here that has no bracket and no index."""
    if p.tokens[at].text != "E" or p.tokens[at].key != "letter" or p.tokens[at - 1].key == "{":
        return False
    following = p.tokens[at + 1].key
    return following not in ("[", r"\left", "_", "^")


def _power(p: Parser) -> Node | None:
    """``\\mathbb{E}^2[X]``."""
    if p.token.key != "^":
        return None
    token = p.take()
    power = p.argument()
    if not isinstance(power, Number):
        raise p.fail("an operator is raised to a whole number only", token=token)
    return power


def _over(p: Parser) -> tuple[Node, ...]:
    r"""``_{x \sim p}``, ``_x``, ``_{p(x)}``, ``_{Z | X}``."""
    if not p.accept("_"):
        return ()
    if p.token.key != "{":
        return (p.argument(),)
    given.mark(p.tokens, p.at + 1, p.argument_end(p.at) - 1)
    p.take()
    found = p.enclosed(lambda: given.content(p))
    p.expect("}")
    return _together(found)


def _together(found: tuple[Node, ...]) -> tuple[Node, ...]:
    """``x, y \\sim p``: each of the names is drawn from p."""
    last = found[-1]
    if isinstance(last, Relation) and last.signs == ("~",):
        return tuple(
            Relation((item, last.sides[1]), ("~",)) if not isinstance(item, Relation) else item for item in found
        )
    return found


# --- indicators ------------------------------------------------------------------------------------------------------


def indicator(p: Parser, after: int, start: Token) -> Node:
    r"""``\mathbb{1}[x > 0]``, ``\mathbf{1}_{\{x > 0\}}``, ``1_{x > 0}``; the sign ends before a token."""
    p.go(after)
    if p.accept("_"):
        condition = _condition_below(p)
    elif brackets.opens(p, p.at, braces=True):
        condition = _only(p, brackets.enclosed(p, given.several))
    else:
        hint = "for a vector of ones declare a name"
        raise p.fail("an indicator needs its condition", hint, start)
    if not isinstance(condition, Relation):
        raise p.fail("an indicator needs a condition such as x > 0", token=start)
    return Call("indicator", (condition,))


def _condition_below(p: Parser) -> Node:
    p.expect("{")
    if brackets.opens(p, p.at, braces=True):
        condition = _only(p, brackets.enclosed(p, given.several))
    else:
        condition = p.enclosed(p.relation)
    p.expect("}")
    return condition


def _only(p: Parser, found: tuple[Node, ...]) -> Node:
    if len(found) != 1:
        raise p.fail("an indicator has one condition")
    return found[0]


def is_indicator(p: Parser, spelled: str, after: int) -> bool:
    r"""Whether ``\mathbb{1}``, ``\mathbf{1}`` or an I before a relation stands here."""
    if spelled not in ("1", "I") or p.names.declares(spelled) or spelled in p.names.functions:
        return False
    if FONTS.get(p.token.key) == "bb" and spelled == "1":
        return True
    if p.tokens[after].key == "_" and p.tokens[after + 1].key == "{":
        braced = after + 2 if brackets.opens(p, after + 2, braces=True) else after + 1
        return evidence.holds_relation(p, braced)
    return brackets.opens(p, after, braces=True) and evidence.holds_relation(p, after)
