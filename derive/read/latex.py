r"""LaTeX, as people write it, into the written expression: or a refusal with a position, never a guess.

Called by the readers of problem files, by the command line, by saved derivations and by the tables of rules. It is a
recursive-descent parser over :mod:`derive.read.tokens`; the grammar, loosest first::

    statement   relation ((=> | <=>) relation)*
    relation    sum ((= | < | <= | ...) sum)*
    sum         [- | +] product ((+ | -) product)*
    product     factor ((\cdot | /)? factor)*
    factor      primary (^ argument | |_{x=0})*
    primary     number, name, function, \frac, \sqrt, bracket, |u|, d/dx, \int, \sum, \lim, matrix, cases

The tables below are the notation: what a primary begins with and who reads it. A new construct is a function in one
of the modules beside this one and a row here; what is known and not read is a row of ``_unread.py``.
"""

from __future__ import annotations

from derive.errors import FormulaError, LimitError
from derive.read import _brackets as brackets
from derive.read import _derivatives as derivatives
from derive.read import _environments as environments
from derive.read import _functions as functions
from derive.read import _large as large
from derive.read import _names as naming
from derive.read import _scripts as scripts
from derive.read._definitions import Head, head
from derive.read._parser import Grammar, Parser, Reader
from derive.read._symbols import GREEK_COMMANDS
from derive.read._unread import UNREAD, refuse
from derive.read.budget import check
from derive.read.names import ACCENTS, FONTS, KNOWN, Names
from derive.steps import Definition
from derive.tree import INFINITY, Call, Node, Number, Relation, Symbol, free_symbols, walk

__all__ = ["Names", "read", "read_definition"]


def read(text: str, names: Names | None = None) -> Node:
    """The expression that a LaTeX formula writes.

    FormulaError with the position where it cannot be read, LimitError where it is too large.
    """
    try:
        return _whole(_parser(text, names))
    except RecursionError as error:
        raise LimitError("the formula is nested too deeply") from error


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
    environments.unaligned(parser)
    if parser.token.key == "end":
        raise FormulaError(text, 0, "the formula is empty")
    return parser


def _whole(parser: Parser) -> Node:
    node = parser.statement()
    parser.finish()
    return check(node)


def _definition(parser: Parser, found: Head) -> Definition:
    (name, parameters), start = found, parser.token
    body = _whole(parser)
    if isinstance(body, Relation):
        raise parser.fail("a definition has one = sign", "write the function's formula only", start)
    if _occurs(name, body):
        raise parser.fail(f"{name.plain} is defined by itself", token=start)
    return Definition(name, parameters, body)


def _occurs(name: Symbol, body: Node) -> bool:
    return name in free_symbols(body) or any(isinstance(n, Call) and n.name == name.plain for n in walk(body))


# --- the tables ------------------------------------------------------------------------------------------------


def _number(p: Parser) -> Node:
    return Number(p.take().text)


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
        **dict.fromkeys(("(", "["), brackets.bracket),
        **dict.fromkeys(("|", r"\lvert"), brackets.absolute),
        "{": _group,
        r"\{": brackets.braces,
        r"\left": brackets.left,
        r"\nabla": functions.gradient,
        r"\int": large.integral,
        r"\sum": large.sum_over,
        r"\prod": large.product_over,
        r"\lim": large.limit,
        r"\boxed": _boxed,
        "begin": environments.environment,
        "differential": derivatives.upright,
    },
    endings={
        "^": scripts.superscript,
        "|": scripts.bar,
        "'": scripts.prime,
        "!": scripts.factorial,
        "_": scripts.subscript,
    },
    singles={**_SHARED, **dict.fromkeys(_NAMES, naming.bare)},
    sides={"in": brackets.collection},
    others=frozenset({r"\right", r"\rvert", r"\top", r"\begin", r"\end", r"\cdot", r"\times", *large.TENDS_TO}),
)
