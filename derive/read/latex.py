r"""LaTeX, as people write it, into the written expression: or a refusal with a position, never a guess.

Called by the readers of problem files, by the command line, by saved derivations and by the tables of rules. It is a
recursive-descent parser over :mod:`derive.read.tokens`; the grammar, loosest first::

    formula     statement ((, | \text{and} | \\ | ...) statement)*
    statement   relation ((=> | <=>) relation)*
    relation    sum ((= | < | <= | \in | \sim | ...) sum)*
    sum         [- | +] entrywise ((+ | -) entrywise)*
    entrywise   product (\odot product)*
    product     factor ((\cdot | /)? factor)*
    factor      primary (^ argument | _ index | ! | |_{x=0})*
    primary     number, name, function, \frac, \sqrt, bracket, |u|, \|u\|, d/dx, \nabla, \int, \sum, \lim, \max_x,
                \arg\min_x, \mathbb{E}[u], \binom, matrix, cases
    application name ( arguments [(| | ; | \|) arguments] )

Tokens are made (``tokens``), annotations and wide spaces settled (``_layout``), lines put in one row
(``_environments``), then read; at the end labels and indices of one family are made one (``_families``). The tables
below are the notation: what a primary begins with and who reads it. A new construct is a function in one of the modules
beside this one and a row here; what is known and not read is a row of ``_unread.py``.
"""

from __future__ import annotations

from functools import lru_cache

from derive.errors import FormulaError, LimitError
from derive.read import _bars as bars
from derive.read import _brackets as brackets
from derive.read import _collections as collections
from derive.read import _derivatives as derivatives
from derive.read import _environments as environments
from derive.read import _expectations as expectations
from derive.read import _gradients as gradients
from derive.read import _large as large
from derive.read import _members as members
from derive.read import _names as naming
from derive.read import _scripts as scripts
from derive.read._definitions import Head, head
from derive.read._families import settled
from derive.read._layout import in_line
from derive.read._optima import OPERATORS, arg
from derive.read._parser import Grammar, Parser, Reader
from derive.read._statements import statements
from derive.read._symbols import GREEK_COMMANDS
from derive.read._unread import UNREAD, refuse
from derive.read.budget import check
from derive.read.names import ACCENTS, FONTS, KNOWN, Names
from derive.steps import Definition
from derive.tree import INFINITY, Call, Dots, Node, Number, Relation, Statements, Symbol, free_symbols, walk

__all__ = ["Names", "read", "read_definition"]

REMEMBERED = 256  # formulas: those of a worksheet are read for everybody of a class


@lru_cache(maxsize=REMEMBERED)
def read(text: str, names: Names | None = None) -> Node:
    """The expression that a LaTeX formula writes.

    FormulaError with the position where it cannot be read, LimitError where it is too large.
    """
    try:
        return _whole(_parser(text, names))
    except RecursionError as error:
        raise LimitError("the formula is nested too deeply") from error


@lru_cache(maxsize=REMEMBERED)
def read_definition(text: str, names: Names | None = None) -> Definition | Node:
    r"""``C(\theta_1, \theta_2) = ...`` or ``f = ...`` as a definition; any other formula as an expression.

    Errors as in :func:`read`; also for a definition by itself, or with a second relation sign.
    """
    try:
        parser = _parser(text, names)
        found = head(parser)
        return read(text, names) if found is None else _definition(parser, found)
    except RecursionError as error:
        raise LimitError("the formula is nested too deeply") from error


def _parser(text: str, names: Names | None) -> Parser:
    parser = Parser(text, names or Names(), _GRAMMAR)
    parser.tokens = in_line(parser.tokens)
    environments.unaligned(parser)
    if parser.token.key == "end":
        raise FormulaError(text, 0, "the formula is empty")
    return parser


def _whole(parser: Parser) -> Node:
    node = statements(parser)
    parser.finish()
    node = check(node)
    return settled(node) if parser.families else node


def _definition(parser: Parser, found: Head) -> Definition:
    (name, parameters), start = found, parser.token
    body = _whole(parser)
    if isinstance(body, Relation | Statements):
        raise parser.fail("a definition has one = sign", "write the function's formula only", start)
    if _occurs(name, body):
        raise parser.fail(f"{name.plain} is defined by itself", token=start)
    return Definition(name, parameters, body)


def _occurs(name: Symbol, body: Node) -> bool:
    return name in free_symbols(body) or any(isinstance(n, Call) and n.name == name.plain for n in walk(body))


# --- the tables ------------------------------------------------------------------------------------------------


def _number(p: Parser) -> Node:
    token = p.take()
    if p.token.key == "_" and expectations.is_indicator(p, token.text, p.at):
        return expectations.indicator(p, p.at, token)
    return Number(token.text)


def _dots(p: Parser) -> Node:
    p.take()
    p.families = True
    return Dots()


def _binom(p: Parser) -> Node:
    p.take()
    upper = p.argument()
    return Call("binom", (upper, p.argument()))


def _infinity(p: Parser) -> Node:
    p.take()
    return INFINITY


def _group(p: Parser) -> Node:
    return p.group()


def _boxed(p: Parser) -> Node:
    p.take()
    return p.argument()


_NAMES = ("letter", "word", *GREEK_COMMANDS, *ACCENTS, *FONTS)
_SHARED: dict[str, Reader] = {
    "number": _number, r"\infty": _infinity, r"\frac": derivatives.fraction, r"\sqrt": derivatives.root,
}  # fmt: skip

_GRAMMAR = Grammar(
    starts={
        **dict.fromkeys(UNREAD, refuse),
        **_SHARED,
        **dict.fromkeys((*_NAMES, *(spelling for spelling in KNOWN if spelling[0] == "\\")), naming.name),
        **dict.fromkeys((*(key for key in OPERATORS if key[0] == "\\"), r"\Pr"), naming.name),
        **dict.fromkeys(("(", "["), brackets.bracket),
        **dict.fromkeys(("|", r"\lvert"), bars.absolute),
        "{": _group,
        r"\{": brackets.braces,
        r"\left": bars.left,
        **dict.fromkeys((r"\|", r"\lVert"), bars.norm),
        r"\langle": bars.inner,
        **dict.fromkeys((r"\lfloor", r"\lceil"), bars.rounding),
        r"\dots": _dots,
        r"\binom": _binom,
        r"\arg": arg,
        r"\nabla": gradients.gradient,
        r"\partial": derivatives.partial_sign,
        r"\int": large.integral,
        **dict.fromkeys((r"\iint", r"\iiint"), large.several_integrals),
        r"\sum": large.sum_over,
        r"\prod": large.product_over,
        r"\lim": large.limit,
        r"\boxed": _boxed,
        "begin": environments.environment,
        "differential": derivatives.upright,
    },
    endings={
        "^": scripts.superscript,
        **dict.fromkeys(("|", r"\rvert"), scripts.bar),
        "'": scripts.prime,
        "!": scripts.factorial,
        "_": scripts.subscript,
    },
    singles={**_SHARED, **dict.fromkeys(_NAMES, members.bare)},
    sides={"in": collections.collection},
    others=frozenset({
        r"\right", r"\rvert", r"\rVert", r"\rangle", r"\rfloor", r"\rceil", r"\top", r"\begin", r"\end", r"\cdot",
        r"\times", r"\underset", r"\underbrace", r"\overbrace", r"\mathop", r"\vee", r"\wedge", *large.TENDS_TO,
    }),
)  # fmt: skip
