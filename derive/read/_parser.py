r"""The parser's core: a place in the tokens of one formula, and the grammar of sums and products.

How a primary is read is a row of the :class:`Grammar`, by the key of its first token; the modules beside this one
hold the rows, :mod:`derive.read.latex` puts them together and says the whole grammar. A reader takes the parser
standing on that token and returns the node with the parser behind it, or raises what :meth:`Parser.fail` makes.
Brackets around a sum or a product inside a larger one stay as a nested node, so the tree says what was written.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from derive import limits
from derive.errors import FormulaError, LimitError
from derive.read._cursor import Cursor
from derive.read.names import Names
from derive.read.tokens import Token, tokens
from derive.tree import (
    Constant,
    Derivative,
    Entrywise,
    Indexed,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    times,
)

T = TypeVar("T")
Reader = Callable[["Parser"], Node]
Ending = Callable[["Parser", Node, Token], "Node | None"]

RELATIONS = {
    "=": "=", "<": "<", ">": ">", r"\le": "<=", r"\ge": ">=", r"\ne": "!=", r"\approx": "~=", r"\propto": "propto",
    r"\equiv": "===", r"\in": "in", ":=": ":=", r"\to": "->", r"\sim": "~", r"\ll": "<<", r"\gg": ">>",
    r"\subset": "subset",
}  # fmt: skip
"""The signs between the sides of a relation, and how :class:`derive.tree.Relation` names them."""

ENTRYWISE = frozenset({r"\odot", r"\circ"})
IMPLICATIONS = {r"\Rightarrow": "=>", r"\Leftrightarrow": "<=>"}
"""The signs between relations."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """The tables of the grammar, by the key of the token that decides.

    ``starts`` read a primary; ``endings`` what may follow one, or return None when it does not belong to it;
    ``singles`` the one token that TeX takes as an argument without braces; ``sides`` the side of a relation after a
    sign that wants something else than a sum; ``others`` are keys that occur only inside other constructs.
    """

    starts: Mapping[str, Reader]
    endings: Mapping[str, Ending]
    singles: Mapping[str, Reader]
    sides: Mapping[str, Reader]
    others: frozenset[str]

    def commands(self) -> frozenset[str]:
        """Every command that is read somewhere."""
        keys = {*self.starts, *self.singles, *RELATIONS, *IMPLICATIONS, *ENTRYWISE, *self.others}
        return frozenset(key for key in keys if key[0] == "\\" and len(key) > 2)


class Parser(Cursor):
    """A place in the tokens of one formula, and what is open around it.

    ``bars`` counts the open ``|`` whose partner is still to come, ``norms`` the open ``\\|``, ``integrals`` the
    integrals that wait for their differential; ``differential`` is one that was met above a fraction bar. ``bound`` are
    the indices of the sums around. ``undeclared`` are names that were met without a declaration and may yet turn out to
    be bound. ``families`` tells that a member of a family or dots were met, ``joined`` how the factors of the last
    product were joined: with a ``sign``, only ``beside`` each other, or nothing for a single one; ``begun`` is where
    the last sum began; ``evidence`` is what :mod:`derive.read._evidence` has found in the whole formula.
    """

    __slots__ = (
        "approaching", "bars", "begun", "bound", "depth", "differential", "evidence", "families", "grammar",
        "integrals", "joined", "names", "norms", "undeclared",
    )  # fmt: skip

    def __init__(self, text: str, names: Names, grammar: Grammar) -> None:
        super().__init__(text, tokens(text, names))
        self.names, self.grammar = names, grammar
        self.depth = self.bars = self.norms = self.integrals = self.begun = 0
        self.families, self.joined = False, ""
        self.evidence: dict[str, frozenset[str]] = {}
        self.approaching = False  # inside what a limit's variable tends to
        self.differential: Symbol | None = None
        self.bound: list[str] = []
        self.undeclared: list[tuple[Symbol, Token]] = []

    # --- refusing -----------------------------------------------------------------------------------

    def expect(self, key: str) -> None:
        """Take a token that must stand here."""
        if not self.accept(key):
            raise self.unexpected(f"'{key}'")

    def unexpected(self, wanted: str) -> FormulaError:
        """The refusal of the token that stands here instead of what is wanted."""
        key = self.token.key
        if key[0] == "\\" and key[1:].isalpha() and key not in self.grammar.commands():
            return self.fail(f"the command {key} is not read", _nearest_command(key, self.grammar.commands()))
        if key in RELATIONS or key in IMPLICATIONS:
            return self.fail(f"expected {wanted} here, found the relation sign {self.found()}")
        return self.fail(f"expected {wanted} here, found {self.found()}")

    def finish(self) -> None:
        """Refuse whatever is left but remarks and a full stop, and names that nothing declares."""
        while self.token.key in (".", ",", ";", "gap") and self.key() in ("end", "text"):
            self.take()
        self.remarks()
        if self.token.key in _CLOSING:
            raise self.fail(f"unexpected {self.found()}", "a bracket is closed that was never opened")
        if self.token.key != "end":
            raise self.unexpected("a sign or the end of the formula")
        self._refuse_undeclared()

    def remarks(self) -> None:
        """Leave out words behind a formula or a row."""
        at = self.at
        while self.tokens[at].key == "text":
            at += 1
        if at > self.at and self.tokens[at].key not in ("end", "\\\\", "close"):
            raise self.fail("words inside a formula are not read")
        self.go(at)

    def _refuse_undeclared(self) -> None:
        if not self.undeclared:
            return
        symbol, token = min(self.undeclared, key=lambda found: found[1].at)
        near = difflib.get_close_matches(symbol.plain, sorted(self.names.symbols or ()), 1)
        hint = f"did you mean {near[0]}?" if near else "declare it in [symbols]"
        raise self.fail(f"the name {symbol.plain} is not declared", hint, token)

    def binds(self, symbol: Symbol, since: int) -> None:
        """A symbol is bound in what was read since so many undeclared names had been met."""
        if self.undeclared:
            self.undeclared[since:] = [found for found in self.undeclared[since:] if found[0] != symbol]

    def deeper(self) -> None:
        """One level deeper; whoever calls it takes it back when the level has been read."""
        self.depth += 1
        if self.depth > limits.NESTING + 1:
            raise LimitError(f"the formula is nested more than {limits.NESTING} levels deep")

    # --- statements ---------------------------------------------------------------------------------

    def statement(self) -> Node:
        """Relations with implications between them."""
        return self._chain(self.relation, IMPLICATIONS)

    def relation(self) -> Node:
        """Sums with relation signs between them."""
        return self._chain(self.sum, RELATIONS)

    def _chain(self, part: Callable[[], Node], table: Mapping[str, str]) -> Node:
        first = part()
        if self.token.key not in table:
            return first
        sides, signs = [first], []
        while self.token.key in table:
            signs.append(table[self.take().key])
            reader = self.grammar.sides.get(signs[-1])
            sides.append(part() if reader is None else reader(self))
        return Relation(tuple(sides), tuple(signs))

    def expression(self) -> Node:
        """A sum that is a value: a bracketed relation is refused."""
        token = self.token
        return self.value(self.sum(), token)

    def value(self, node: Node, token: Token) -> Node:
        """The node, unless it is a bare relation, which is refused where it began."""
        if isinstance(node, Relation):
            raise self.fail("a relation cannot stand inside an expression", token=token)
        return node

    # --- sums and products --------------------------------------------------------------------------

    def sum(self) -> Node:
        """Terms with signs; one term is itself."""
        self.begun = self.at
        first = self.term()
        if self.token.key not in _SIGNS or self.differential is not None:
            return first
        terms = [first]
        start = self.token
        while self.token.key in _SIGNS and self.differential is None:
            token = self.token
            terms.append(self.value(self.term(), token))
        self.value(first, start)
        return Sum(tuple(terms))

    def term(self) -> Node:
        """A product, with a sign before it or not."""
        if self.token.key not in _SIGNS:
            return self.product()
        sign = self.take()
        if self.token.key in _SIGNS:
            raise self.fail("two signs in a row", "put the second one in brackets")
        product = self.value(self.product(), sign)
        return Negative(product) if sign.key == "-" else product

    def product(self) -> Node:
        """Products, and between them signs of the product entry by entry, which bind less than no sign."""
        start = self.token
        first = self._product()
        if self.token.key not in ENTRYWISE:
            return first
        groups, clear = [self.value(first, start)], self.joined != "sign"
        while self.token.key in ENTRYWISE:
            sign = self.take()
            groups.append(self.value(self._product(), sign))
            if not clear or self.joined == "sign" or (self.joined and not isinstance(groups[-1], Number)):
                raise self.fail("a product with two signs can be read in two ways", "use brackets", sign)
            if sign.key == r"\circ" and any(isinstance(g, Symbol) and self.names.applies(g) for g in groups):
                raise self.fail("compositions are not read", "write f(g(x))", sign)
        return Entrywise(tuple(groups))

    def _product(self) -> Node:
        """Factors side by side, with times signs, or divided by a slash."""
        start = self.token
        factors = [self.factor()]
        divided, joined = False, ""
        while True:
            key = self.token.key
            self.joined = joined
            if key == "*":
                factors.append(self._times(factors[-1]))
                divided, joined = False, "sign"
            elif key == "/":
                factors = [self._quotient(times(factors), divided)]
                divided, joined = True, "sign"
            elif self.starts_factor():
                if divided:
                    raise self.fail("a/b c can be read in two ways", "use \\frac or brackets")
                factors.append(self._beside(factors[-1]))
                joined = joined or "beside"
            elif len(factors) == 1:
                return factors[0]
            else:
                for factor in factors:
                    self.value(factor, start)
                return Product(tuple(factors))

    def _quotient(self, top: Node, divided: bool) -> Node:
        slash = self.take()
        if divided:
            raise self.fail("a/b/c can be read in two ways", "use \\frac or brackets", slash)
        return Quotient(self.value(top, slash), self.value(self._operand(), slash))

    def _times(self, before: Node) -> Node:
        sign = self.take()
        factor = self._operand()
        if _is_vector_name(before) and _is_vector_name(factor):
            raise self.fail("a product of vectors can be read in several ways", r"write u^{\top} v", sign)
        return factor

    def _operand(self) -> Node:
        """What follows a times or division sign; a minus sign may stand before it."""
        if self.token.key == "*":
            raise self.fail("two times signs in a row", "a power is written x^{2}")
        return Negative(self.factor()) if self.accept("-") else self.factor()

    def _beside(self, before: Node) -> Node:
        """Another factor without a sign before it; what looks like something else than a product is refused."""
        token, previous = self.token, self.tokens[self.at - 1].key
        if token.key == "number" and (previous not in _CLOSING or _ends_small(before)):
            raise self.fail(
                "a number beside another name or number",
                "write \\cdot between them, x_2 for an index, x^{10} for an exponent",
            )
        opening = self.key() if token.key == r"\left" else token.key
        if opening == "(" and isinstance(before, Derivative) and isinstance(before.body, Symbol):
            raise self.fail("a derivative at a point or a product", r"write \cdot, or |_{x = 0} behind the derivative")
        factor = self.factor()
        if token.key == r"\text" and isinstance(factor, Symbol):
            self.refuse_words(factor, token)
        if token.key == r"\frac" and isinstance(before, Number) and _is_plain_fraction(factor):
            raise self.fail("a mixed number or a product", "write \\cdot or + between them", token)
        return factor

    def refuse_words(self, name: Symbol, token: Token) -> None:
        r"""A long name in ``\text`` beside something else may be a remark."""
        if len(name.name) > 1 and not self.names.declares(name.plain):
            raise self.fail("words inside a formula are not read", f"for a name write \\mathrm{{{name.name}}}", token)

    def starts_factor(self) -> bool:
        """Whether the token begins another factor of the same product."""
        key = self.token.key
        if key not in self.grammar.starts:
            return False
        if key == "|":
            return not self.bars and self.key() != "_"
        if key == r"\|":
            return not self.norms
        return not (self.integrals and self.at_differential())

    def at_differential(self) -> bool:
        """Whether ``dx`` stands here; a d that is declared as a symbol must be upright to be one."""
        return self.looks_differential() and (self.token.key == "differential" or not self.names.declares("d"))

    def looks_differential(self) -> bool:
        """Whether a d and a name stand here."""
        key = self.token.key
        if key == "differential":
            return self.names_something(self.at + 1)
        if key != "letter" or self.token.text != "d":
            return False
        following = self.tokens[self.at + 1]
        doubled = following.text == "d" and self.names_something(self.at + 2)
        return self.names_something(self.at + 1) and not doubled

    def names_something(self, at: int) -> bool:
        """Whether a name begins at a token."""
        key = self.tokens[min(at, len(self.tokens) - 1)].key
        return key in ("letter", "word") or (key in self.grammar.singles and key not in _NAMELESS)

    # --- factors ------------------------------------------------------------------------------------

    def factor(self) -> Node:
        """A primary with its exponent and whatever else may follow it."""
        self.deeper()
        opening = self.token
        node = self.primary()
        ending = self.grammar.endings.get(self.token.key)
        while ending is not None:
            longer = ending(self, node, opening)
            if longer is None:
                break
            node, ending = longer, self.grammar.endings.get(self.token.key)
        self.depth -= 1
        return node

    def primary(self) -> Node:
        """What the first token's row of the grammar reads."""
        reader = self.grammar.starts.get(self.token.key)
        if reader is None and self._is_left_open():
            raise self.fail("a dot in place of an argument stands for a function, which has no value", _ARGUMENT)
        if reader is None:
            raise self.unexpected("a number, a name or a bracket")
        return reader(self)

    def _is_left_open(self) -> bool:
        """Whether a multiplication sign stands alone between commas, bars or ends of brackets: ``p(\\cdot | x)``."""
        before, after = self.tokens[max(self.at - 1, 0)].key, self.key()
        return self.token.key in _DOTS and before in _OPENS_ARGUMENT and after in _CLOSES_ARGUMENT

    def argument(self) -> Node:
        """What a command or a script takes: a group in braces, or one token as TeX takes it."""
        if self.token.key == "{":
            return self.group()
        reader = self.grammar.singles.get(self.token.key)
        if reader is None:
            raise self.unexpected("{…}")
        self.deeper()
        node = reader(self)
        self.depth -= 1
        return node

    def group(self) -> Node:
        """An expression in braces."""
        self.expect("{")
        if self.token.key == ",":
            raise self.fail("a comma cannot stand here", "a decimal is written with a point, 1.5")
        node = self.enclosed(self.expression)
        self.expect("}")
        return node

    def enclosed(self, parse: Callable[[], T]) -> T:
        """Read inside a bracket of any sort: bars and integrals outside do not count there."""
        outside = self.bars, self.norms, self.integrals, self.approaching, self.differential
        self.bars = self.norms = self.integrals = 0
        self.approaching, self.differential = False, None
        node = parse()
        self.bars, self.norms, self.integrals, self.approaching, self.differential = outside
        return node


_ARGUMENT = r"write a letter for it, as in p(x \mid \theta), or the name alone"
_DOTS = frozenset({"*", r"\cdot"})
_OPENS_ARGUMENT = frozenset({"(", "[", "{", ",", ";", "|", "given", r"\|", "divides"})
_CLOSES_ARGUMENT = frozenset({")", "]", "}", ",", ";", "|", "given", r"\|", "divides", r"\right"})
_SIGNS = frozenset({"+", "-"})
_CLOSING = frozenset({")", "]", "}", r"\}", r"\right", r"\rvert", "close"})
_NAMELESS = frozenset({"number", r"\frac", r"\sqrt", r"\infty"})


def _nearest_command(key: str, commands: frozenset[str]) -> str:
    """A hint with a command that differs in a letter or two, or nothing."""
    similar = sorted(c for c in commands if c[1] == key[1] and abs(len(c) - len(key)) < 2)
    near = difflib.get_close_matches(key, similar, 1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else ""


def _ends_small(node: Node) -> bool:
    """Whether a number right behind the node would seem to belong to its index or exponent."""
    return isinstance(node, (Symbol, Indexed, Constant, Number)) or (
        isinstance(node, Power) and isinstance(node.exponent, Number)
    )


def _is_vector_name(node: Node) -> bool:
    return isinstance(node, Symbol) and (node.font == "bold" or node.accent == "vec")


def _is_plain_fraction(node: Node) -> bool:
    return isinstance(node, Quotient) and isinstance(node.numerator, Number) and isinstance(node.denominator, Number)
