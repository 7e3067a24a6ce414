r"""LaTeX, as people write it, into the written expression: or a refusal with a position, never a guess.

A recursive-descent parser over :mod:`derive.read.tokens`. The grammar, loosest first::

    statement   relation (=> | <=> relation)*
    relation    sum (= | < | <= | ... sum)*
    sum         [-] product ((+ | -) product)*
    product     factor ((\cdot | \times | * | /)? factor)*
    factor      primary (^ argument | _ label | ' | \big|_{x=0})*
    primary     number, name, function, \frac, \sqrt, bracket, |u|, d/dx, \int, \sum, \lim, matrix, cases

Brackets around a sum or a product inside a larger one stay as a nested node, so the tree says what was
written. Called by the readers of problem files, by the command line, by saved derivations and by the tables
of rules. A new construct is a row in one of the tables below and a method that parses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from derive import limits
from derive.errors import FormulaError, LimitError
from derive.functions import FUNCTIONS, SPELLINGS
from derive.read.budget import check
from derive.read.names import ACCENTS, FONTS, GREEK, Names
from derive.read.tokens import Token, tokens
from derive.steps import Definition
from derive.tree import (
    INFINITY,
    PI,
    At,
    Call,
    Cases,
    Derivative,
    E,
    Gradient,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Set,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    free_symbols,
    times,
    total,
    walk,
)

_T = TypeVar("_T")

__all__ = ["Names", "read", "read_definition"]

_RELATIONS = {
    "=": "=", "<": "<", ">": ">", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=", "geq": ">=",
    "geqslant": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "approx": "~=", "simeq": "~=", "propto": "propto",
    "equiv": "===", "in": "in", ":=": ":=", "coloneqq": ":=", "to": "->", "rightarrow": "->",
}
_IMPLICATIONS = {"Rightarrow": "=>", "implies": "=>", "Leftrightarrow": "<=>", "iff": "<=>"}
_TIMES = frozenset({"cdot", "times", "*", "ast"})
_CLOSING = {"(": ")", "[": "]", "{": "}", "lvert": "rvert", "lVert": "rVert", "langle": "rangle"}
_MATRICES = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "array", "smallmatrix"})


def read(text: str, names: Names | None = None) -> Node:
    """The expression that a LaTeX formula writes.

    FormulaError with the position where it cannot be read, LimitError where it is too large.
    """
    parser = _Parser(text, names or Names())
    node = parser.statement()
    parser.expect_end()
    return check(node)


def read_definition(text: str, names: Names | None = None) -> Definition | Node:
    r"""``C(\theta_1, \theta_2) = ...`` or ``f = ...`` as a definition; any other formula as an expression."""
    names = names or Names()
    declared = _Parser(text, names).head_of_definition() if "=" in text else None
    if declared is None:
        return read(text, names)
    name, parameters, position = declared
    parser = _Parser(text, names, position)
    body = parser.statement()
    parser.expect_end()
    if isinstance(body, Relation):
        raise FormulaError(text, position, "a definition has one = sign", "write the function's formula only")
    if any(isinstance(n, Call) and n.name == name.plain for n in walk(body)) or name in free_symbols(body):
        raise FormulaError(text, position, f"{name.plain} is defined by itself")
    return Definition(name, parameters, check(body))


@dataclass
class _Parser:
    """A position in the tokens of one formula, and what is open around it."""

    text: str
    names: Names
    start: int = 0
    tokens: list[Token] = field(init=False)
    at: int = 0
    depth: int = 0
    bars: int = 0  # open | whose partner is still to come
    differentials: int = 0  # open integrals waiting for their dx
    bound: list[str] = field(default_factory=list)  # indices of the sums around

    def __post_init__(self) -> None:
        self.tokens = tokens(self.text, self.names)
        if self.start:
            self.at = next(i for i, t in enumerate(self.tokens) if t.at >= self.start)

    # --- looking and taking -------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these signs or commands."""
        return self.token.kind in ("sign", "command") and self.token.text in texts

    def accept(self, *texts: str) -> bool:
        if self.sees(*texts):
            self.at += 1
            return True
        return False

    def fail(self, problem: str, hint: str = "", token: Token | None = None) -> FormulaError:
        return FormulaError(self.text, (token or self.token).at, problem, hint)

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.fail(f"expected {text!r} here, found {self._found()}")

    def _found(self) -> str:
        return "the end of the formula" if self.token.kind == "end" else repr(self.token.text)

    def expect_end(self) -> None:
        if self.token.kind != "end":
            hint = "a bracket is closed that was never opened" if self.token.text in (")", "]", "}", "right") else ""
            raise self.fail(f"unexpected {self._found()}", hint)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > limits.NESTING:
            raise LimitError(f"the formula is nested more than {limits.NESTING} levels deep")

    # --- statements and sums ------------------------------------------------------------------------

    def statement(self) -> Node:
        return self._chain(self.relation, _IMPLICATIONS)

    def relation(self) -> Node:
        return self._chain(self.sum, _RELATIONS)

    def _chain(self, part: Callable[[], Node], table: dict[str, str]) -> Node:
        sides, signs = [part()], []
        while self.token.kind in ("sign", "command") and self.token.text in table:
            signs.append(table[self.take().text])
            sides.append(self._set() if signs[-1] == "in" and self._at_set() else part())
        return Relation(tuple(sides), tuple(signs)) if signs else sides[0]

    def _at_set(self) -> bool:
        return self.token.kind == "command" and self.token.text == "{"

    def _set(self) -> Node:
        self.take()
        items = [self.sum()]
        while self.accept(","):
            items.append(self.sum())
        if not (self.token.kind == "command" and self.accept("}")):
            raise self.fail("expected \\} here")
        return Set(tuple(items))

    def sum(self) -> Node:
        terms = [self._signed()]
        while self.sees("+", "-"):
            terms.append(self._signed())
        return total(terms)

    def _signed(self) -> Node:
        if self.accept("-"):
            if self.sees("-", "+"):
                raise self.fail("two signs in a row", "put the second one in brackets")
            return Negative(self.product())
        self.accept("+")
        return self.product()

    def product(self) -> Node:
        factors = [self.factor()]
        divided = False
        while True:
            if self.sees(*_TIMES):
                self.take()
                factors.append(self._operand())
                divided = False
            elif self.sees("/", "div"):
                if divided:
                    raise self.fail("a/b/c can be read in two ways", "use \\frac or brackets")
                self.take()
                factors = [Quotient(times(factors), self._operand())]
                divided = True
            elif self.starts_factor():
                if divided:
                    raise self.fail("a/b c can be read in two ways", "use \\frac or brackets")
                self._refuse_two_numbers(factors[-1])
                factors.append(self.factor())
            else:
                return times(factors)

    def _operand(self) -> Node:
        """What follows a times or division sign; a minus sign may stand before it."""
        return Negative(self.factor()) if self.accept("-") else self.factor()

    def _refuse_two_numbers(self, before: Node) -> None:
        if self.token.kind == "number" and isinstance(before, (Number, Power)) and self._touches_number(before):
            raise self.fail("two numbers side by side", "write \\cdot between them, or braces around an exponent: x^{10}")

    def _touches_number(self, before: Node) -> bool:
        return isinstance(before, Number) or isinstance(before.exponent, Number)  # type: ignore[attr-defined]

    def starts_factor(self) -> bool:
        """Whether the next token begins another factor of the same product."""
        token = self.token
        if token.kind == "end" or (self.differentials and self._at_differential()):
            return False
        if token.kind in ("number", "letter", "word"):
            return True
        if token.kind == "sign":
            return token.text in "([{" or (token.text == "|" and not self.bars)
        if token.text in ("|", "vert", "mid", "Vert"):
            return not self.bars
        return token.text not in _STOPPING

    # --- factors ------------------------------------------------------------------------------------

    def factor(self) -> Node:
        opened_at = self.token
        node = self.primary()
        while True:
            if self.sees("^"):
                node = self._superscript(node)
            elif self.sees("!"):
                raise self.fail("factorials are not read")
            elif self.sees("'"):
                raise self.fail("a prime belongs to a function: f'(x)", "declare the function", opened_at)
            elif self.sees("|", "vert") and self._is_bar_with_place():
                self.take()
                node = self._bar(node)
            else:
                return node

    def _is_bar_with_place(self) -> bool:
        following = self.peek()
        return following.kind == "sign" and following.text == "_"

    def _bar(self, node: Node) -> Node:
        self.expect("_")
        where = self._in_group(self._places)
        return At(node, where)

    def _places(self) -> tuple[tuple[Symbol, Node], ...]:
        places = [self._place()]
        while self.accept(","):
            places.append(self._place())
        return tuple(places)

    def _place(self) -> tuple[Symbol, Node]:
        variable = self.primary()
        self.expect("=")
        if not isinstance(variable, Symbol):
            raise self.fail("expected a variable before =")
        return variable, self.sum()

    def _in_group(self, parse: Callable[[], _T]) -> _T:
        """Parse inside braces."""
        self.expect("{")
        self.deeper()
        value = parse()
        self.expect("}")
        self.depth -= 1
        return value

    def _superscript(self, node: Node) -> Node:
        self.take()
        if self.accept("top", "prime") or self._is_transpose(node):
            return Transpose(node)
        if isinstance(node, Power):
            raise self.fail("two exponents in a row", "put the first power in brackets or braces")
        return Power(node, self.argument())

    def _is_transpose(self, node: Node) -> bool:
        token = self.token
        braced = token.text == "{" and self.peek().text in ("T", "top") and self.peek(2).text == "}"
        bare = token.kind == "letter" and token.text == "T"
        shaped = isinstance(node, (Matrix, Vector, Transpose)) or (isinstance(node, Symbol) and node.font == "bold")
        if braced and (shaped or self.peek().text == "top"):
            self.at += 3
            return True
        if bare and shaped:
            self.at += 1
            return True
        return False

    def argument(self) -> Node:
        """What a command or a script takes: a group in braces, or one character as TeX takes it."""
        if self.sees("{"):
            return self._in_group(self.statement)
        token = self.token
        if token.kind == "number" and len(token.text) > 1:
            self._split_number()
            return Number(self.take().text)
        if token.kind == "end" or (token.kind == "sign" and token.text not in "*"):
            raise self.fail(f"expected {{…}} here, found {self._found()}")
        return self.primary()

    def _split_number(self) -> None:
        """TeX gives a command one digit: ``\\frac12`` is a half; ``x^10`` is then refused as two numbers."""
        token = self.token
        digit, rest = token.text[0], token.text[1:]
        if digit == ".":
            raise self.fail("a decimal after a script needs braces")
        self.tokens[self.at : self.at + 1] = [Token("number", digit, token.at), Token("number", rest, token.at + 1)]

    # --- primaries ----------------------------------------------------------------------------------

    def primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            return Number(self.take().text)
        if token.kind in ("letter", "word"):
            return self._named(token)
        if token.kind == "sign" and token.text in ("(", "["):
            return self._bracket(self.take().text)
        if token.kind == "sign" and token.text == "{":
            return self._in_group(self.statement)
        if token.kind in ("sign", "command") and token.text in ("|", "vert", "lvert"):
            return self._absolute()
        if token.kind == "command":
            return self._command(token)
        wanted = "a number, a name or a bracket"
        raise self.fail(f"expected {wanted} here, found {self._found()}")

    def _command(self, token: Token) -> Node:
        method = _PRIMARIES.get(token.text)
        if method is not None:
            self.take()
            return method(self)
        if "\\" + token.text in SPELLINGS or token.text in GREEK or token.text in ACCENTS or token.text in FONTS:
            return self._named(token)
        raise self.fail(f"unexpected \\{token.text}")

    def _bracket(self, opening: str, sized: bool = False) -> Node:
        """A bracket with one expression is that expression; with commas, coordinates."""
        self.deeper()
        bars, self.bars, waiting, self.differentials = self.bars, 0, self.differentials, 0
        items = [self.statement()]
        while self.accept(","):
            items.append(self.statement())
        self._close(_CLOSING[opening], sized)
        self.bars, self.differentials = bars, waiting
        self.depth -= 1
        return items[0] if len(items) == 1 else Vector(tuple(items))

    def _close(self, closing: str, sized: bool) -> None:
        if sized:
            self.expect("right")
        if self.token.kind == "end":
            raise self.fail(f"a bracket is not closed: expected {closing!r} before the end of the formula")
        if not self.accept(closing):
            raise self.fail(f"expected {closing!r} here, found {self._found()}")

    def _braced_set(self) -> Node:
        r"""``\{a + b\}`` is a bracket, ``\{1, 2\}`` a set."""
        node = self._bracket("{")
        return Set(node.items) if isinstance(node, Vector) else node

    def _absolute(self) -> Node:
        opening = self.take().text
        closing = ("rvert",) if opening == "lvert" else ("|", "vert")
        self.deeper()
        self.bars += 1
        inside = self.sum()
        self.bars -= 1
        if not self.accept(*closing):
            raise self.fail(f"expected | to close the absolute value, found {self._found()}")
        self.depth -= 1
        return _size_of(inside)

    def _left(self) -> Node:
        token = self.take()
        if token.text == ".":
            return self._evaluated()
        if token.text in ("|", "vert", "lvert"):
            return self._sized_bars()
        if token.text not in ("(", "[", "{"):
            raise self.fail("expected a bracket after \\left", token=token)
        if token.kind == "command":
            node = self._bracket("{", sized=True)
            return Set(node.items) if isinstance(node, Vector) else node
        return self._bracket(token.text, sized=True)

    def _sized_bars(self) -> Node:
        self.deeper()
        bars, self.bars = self.bars, 0
        inside = self.sum()
        self.expect("right")
        if not self.accept("|", "vert", "rvert"):
            raise self.fail("expected \\right|")
        self.bars = bars
        self.depth -= 1
        return _size_of(inside)

    def _evaluated(self) -> Node:
        r"""``\left. u \right|_{x = 0}``."""
        self.deeper()
        body = self.sum()
        self.expect("right")
        if not self.accept("|", "vert"):
            raise self.fail("expected \\right| with the place below it")
        self.depth -= 1
        return self._bar(body)

    # --- names --------------------------------------------------------------------------------------

    def _named(self, token: Token) -> Node:
        """A function that is applied, a constant, or a symbol with its marks."""
        spelled, after = self._spelling(token)
        if spelled in SPELLINGS and self._is_applied(SPELLINGS[spelled], after, token):
            self.at = after
            return self._call(SPELLINGS[spelled])
        if token.kind == "word" and token.text in SPELLINGS and token.text not in GREEK:
            raise self.fail(f"the function {token.text} needs its argument in brackets")
        symbol = self._symbol()
        if symbol.plain in self.names.functions:
            return self._declared(symbol, token)
        if symbol == Symbol("e") and not self._declares("e"):
            return E
        if symbol == Symbol("pi") and not self._declares("pi"):
            return PI
        return self._known(symbol, token)

    def _declares(self, name: str) -> bool:
        return self.names.symbols is not None and name in self.names.symbols

    def _spelling(self, token: Token) -> tuple[str, int]:
        r"""How a possible function is spelled (``\sin``, ``relu``, the content of ``\operatorname``) and where it ends."""
        if token.kind == "command" and token.text in FONTS and self.peek().text == "{":
            content, end = self._label_in_braces(self.at + 1)
            return content, end
        return ("\\" + token.text if token.kind == "command" else token.text), self.at + 1

    def _label_in_braces(self, at: int) -> tuple[str, int]:
        """The bare text between braces that begin at a token, and the place after them; empty when it is no text."""
        end = at + 1
        while self.tokens[end].kind in ("letter", "word", "number"):
            end += 1
        if self.tokens[end].text != "}":
            return "", at
        return "".join(t.text for t in self.tokens[at + 1 : end]), end + 1

    def _is_applied(self, name: str, after: int, token: Token) -> bool:
        """Whether a function's name is followed by an argument: always for sin, only with a bracket for sigma."""
        following = self.tokens[after]
        while following.text == "'" or (following.text == "^" and name not in ("sigma", "Phi")):
            after += 1 if following.text == "'" else 2
            following = self.tokens[after]
        if following.text == "^":  # sigma^2(x)
            return self.tokens[after + 1].kind == "number" and self.tokens[after + 2].text == "("
        bracket = following.text in ("(", "[", "left") or (following.kind == "command" and following.text == "{")
        return bracket or (token.kind == "command" and name not in ("sigma", "Phi"))

    def _call(self, name: str) -> Node:
        order, power, base = 0, None, None
        while self.sees("'", "^", "_"):
            if self.accept("'"):
                order += 1
            elif self.accept("_"):
                base = self.argument()
            else:
                self.take()
                power = self._function_power(name)
        if base is not None and name not in ("log", "det"):
            raise self.fail(f"a subscript at {name} is not read", "only logarithms have a base")
        args = self._arguments(name)
        self._check_arity(name, args)
        node: Node = Call(name, (*args, base) if base is not None else args, order)
        return node if power is None else Power(node, power)

    def _function_power(self, name: str) -> Node:
        power = self.argument()
        if power == Negative(Number("1")):
            raise self.fail(f"{name}^{{-1}} can be read in two ways", f"write arc{name}, or 1/{name}(x)")
        return power

    def _check_arity(self, name: str, args: tuple[Node, ...]) -> None:
        arity = FUNCTIONS[name].arity
        if arity and len(args) != arity:
            raise self.fail(f"{name} takes {arity} argument{'s' if arity > 1 else ''}, not {len(args)}")
        if name in ("log",) and len(args) != 1:
            raise self.fail("log takes 1 argument", "write the base as a subscript: \\log_2(x)")

    def _arguments(self, name: str) -> tuple[Node, ...]:
        """A bracket's content, or the bare factors up to the next sign or function: ``sin 2x``."""
        opening = self.token
        sized = self.accept("left")
        if self.token.kind == "command" and self.token.text == "{":
            self.take()
            return _items(self._bracket("{", sized))
        if self.token.kind == "sign" and self.token.text in ("(", "["):
            return _items(self._bracket(self.take().text, sized))
        if sized:
            self.at -= 1
        if self.token.kind == "sign" and self.token.text == "{":
            return (self.argument(),)
        if not self.starts_factor():
            raise self.fail(f"the function {name} needs an argument", token=opening)
        factors = [self.factor()]
        while self.starts_factor() and not self._at_function():
            factors.append(self.factor())
        return (times(factors),)

    def _at_function(self) -> bool:
        return (self.token.kind == "command" and "\\" + self.token.text in SPELLINGS) or self.token.text in SPELLINGS

    def _symbol(self) -> Symbol:
        """A letter with its font, accent, subscript and label."""
        token = self.take()
        accent = font = ""
        if token.text in ACCENTS and token.kind == "command":
            inner = self._inner_symbol()
            accent, name, font = ACCENTS[token.text], inner.name, inner.font
            symbol = Symbol(name, inner.sub, inner.sup, accent, font)
        elif token.text in FONTS and token.kind == "command":
            symbol = self._in_font(FONTS[token.text])
        else:
            symbol = Symbol(token.text)
        return self._marked(symbol)

    def _inner_symbol(self) -> Symbol:
        braced = self.accept("{")
        if self.token.kind == "end":
            raise self.fail("expected a name here")
        symbol = self._symbol()
        if braced:
            self.expect("}")
        return symbol

    def _in_font(self, font: str) -> Symbol:
        content, end = self._label_in_braces(self.at) if self.sees("{") else ("", self.at)
        if font == "rm" and len(content) > 1 and content.isalpha():
            self.at = end
            return Symbol(content, font="rm")
        inner = self._inner_symbol()
        return Symbol(inner.name, inner.sub, inner.sup, inner.accent, "" if font == "rm" else font)

    def _marked(self, symbol: Symbol) -> Symbol:
        """With its subscript and label superscript, when what follows is one."""
        while True:
            if self.sees("_") and not symbol.sub:
                label = self._subscript(symbol)
                if label is None:
                    return symbol
                symbol = Symbol(symbol.name, label, symbol.sup, symbol.accent, symbol.font)
            elif self.sees("^") and not symbol.sup:
                label = self._label(symbol)
                if label is None:
                    return symbol
                symbol = Symbol(symbol.name, symbol.sub, label, symbol.accent, symbol.font)
            else:
                return symbol

    def _subscript(self, symbol: Symbol) -> str | None:
        """A subscript that is a label; None when it is an index expression."""
        following = self.peek()
        if following.kind == "number" and len(following.text) > 1:
            self.at += 1
            self._split_number()
            self.at -= 1
            following = self.peek()
        if following.text != "{":
            if following.kind not in ("number", "letter", "word") and following.text not in GREEK:
                raise self.fail("expected a subscript", token=following)
            if self._is_index(symbol, following.text):
                return None
            self.at += 2
            return following.text
        label, end = self._label_at(self.at + 2, "}")
        if not label or any(self._is_index(symbol, part) for part in _letters(label)):
            return None
        self.at = end
        return label

    def _is_index(self, symbol: Symbol, part: str) -> bool:
        return part in self.bound or symbol.name in self.names.indexed

    def _label_at(self, at: int, closing: str) -> tuple[str, int]:
        """Letters, digits and commas up to a closing sign, and the place after it; empty when something else occurs."""
        parts = []
        while self.tokens[at].kind != "end" and self.tokens[at].text != closing:
            token = self.tokens[at]
            if token.text in FONTS and token.kind == "command":
                content, end = self._label_in_braces(at + 1)
                if not content:
                    return "", at
                parts.append(content)
                at = end
                continue
            if token.kind not in ("letter", "word", "number") and token.text not in (",", *GREEK):
                return "", at
            parts.append(token.text)
            at += 1
        return "".join(parts), at + 1

    def _label(self, symbol: Symbol) -> str | None:
        r"""A superscript that is part of the name: ``x^{(0)}``, ``w^{[2]}``, ``p^*``."""
        following = self.peek()
        if following.text in ("*", "ast", "star"):
            self.at += 2
            return "*"
        inside = self.peek(2)
        if following.text != "{" or inside.text not in ("(", "[", "*"):
            return None
        if inside.text == "*" and self.peek(3).text == "}":
            self.at += 4
            return "*"
        closing = _CLOSING.get(inside.text, "")
        label, end = self._label_at(self.at + 3, closing)
        if not label or self.tokens[end].text != "}" or symbol.plain in self.names.functions:
            return None
        if not self.names.labels and inside.text == "(" and f"{symbol.plain}_sup_{label}" not in self._symbols():
            raise self.fail(
                f"the superscript ({label}) can be a label or a power",
                f"declare the name in [symbols], or write ^{{{label}}}", following,
            )
        self.at = end + 1
        return f"{inside.text}{label}{closing}"

    def _symbols(self) -> frozenset[str]:
        return self.names.symbols or frozenset()

    def _known(self, symbol: Symbol, token: Token) -> Node:
        """A symbol that may be used here, with its index expressions."""
        if self.sees("_") and not symbol.sub:
            return self._indexed(symbol)
        if self._is_undeclared_function(symbol):
            raise self.fail(
                f"{symbol.plain} is applied to arguments but is not declared as a function",
                f"define it, or write {symbol.plain} \\cdot (…) for a product", token,
            )
        if self.names.symbols is not None and symbol.plain not in self.names.symbols:
            raise self.fail(f"the name {symbol.plain} is not declared", self._nearest(symbol.plain), token)
        return symbol

    def _nearest(self, name: str) -> str:
        import difflib

        near = difflib.get_close_matches(name, self._symbols(), 1)
        return f"did you mean {near[0]}?" if near else "declare it in [symbols]"

    def _indexed(self, symbol: Symbol) -> Node:
        self.take()
        if not self.sees("{"):
            return Indexed(symbol, (self.argument(),))
        return Indexed(symbol, self._in_group(self._index_list))

    def _index_list(self) -> tuple[Node, ...]:
        indices = [self.sum()]
        while self.accept(",") or self.starts_factor():
            indices.append(self.sum())
        return tuple(indices)

    def _is_undeclared_function(self, symbol: Symbol) -> bool:
        """``f(x)``, ``f'(x)`` and ``x(1, 2)`` are applications, not products."""
        if self.sees("'"):
            return True
        sized = 1 if self.sees("left") else 0
        if self.peek(sized).kind == "end" or self.tokens[self.at + sized].text != "(":
            return False
        return (symbol.name in ("f", "g", "h") and not self._declares(symbol.plain)) or self._has_comma(self.at + sized)

    def _has_comma(self, at: int) -> bool:
        depth = 0
        for token in self.tokens[at:]:
            depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
            if depth == 0:
                return False
            if depth == 1 and token.text == ",":
                return True
        return False

    def _declared(self, symbol: Symbol, token: Token) -> Node:
        """A declared function: applied, with primes or an order; without arguments it is its name."""
        order = 0
        while self.accept("'"):
            order += 1
        power = None
        if self.sees("^"):
            label_order = self._order()
            if label_order:
                order = label_order
            elif self._power_before_bracket():
                self.take()
                power = self.argument()
        if self.tokens[self.at + (1 if self.sees("left") else 0)].text not in ("(", "["):
            if order:
                raise self.fail(f"{symbol.plain} with a prime needs its argument", token=token)
            return symbol
        node: Node = Call(symbol.plain, self._arguments(symbol.plain), order)
        return node if power is None else Power(node, power)

    def _power_before_bracket(self) -> bool:
        if self.peek().text != "{":
            return self.peek(2).text in ("(", "left")
        depth, at = 0, self.at + 1
        while at < len(self.tokens) - 1:
            depth += (self.tokens[at].text == "{") - (self.tokens[at].text == "}")
            at += 1
            if depth == 0:
                break
        return self.tokens[at].text in ("(", "left")

    def _order(self) -> int:
        """``f^{(4)}``: the fourth derivative."""
        shape = [self.peek(i) for i in range(1, 6)]
        if [t.text for t in (shape[0], shape[1], shape[3], shape[4])] != ["{", "(", ")", "}"]:
            return 0
        if shape[2].kind != "number" or not shape[2].text.isdigit() or len(shape[2].text) > 3:
            return 0
        self.at += 6
        return int(shape[2].text)

    # --- commands with their own shape --------------------------------------------------------------

    def _fraction(self) -> Node:
        derivative = self._derivative()
        if derivative is not None:
            return derivative
        top = self.argument()
        return Quotient(top, self.argument())

    def _root(self) -> Node:
        if self.sees("["):
            self.take()
            degree = self.sum()
            self.expect("]")
            return Root(self.argument(), degree)
        return Root(self.argument())

    def _nabla(self) -> Node:
        symbol = self._symbol() if self.token.kind in ("letter", "word", "command") else None
        if symbol is None:
            raise self.fail("expected the name of a function after \\nabla")
        if self.tokens[self.at + (1 if self.sees("left") else 0)].text == "(":
            return Gradient(symbol.plain, self._arguments("the gradient"))
        return Gradient(symbol.plain)

    def _at_differential(self) -> bool:
        return self.token.kind == "letter" and self.token.text == "d" and self._is_name(self.peek())

    def _is_name(self, token: Token) -> bool:
        return token.kind == "letter" or (token.kind == "command" and token.text in (*GREEK, *ACCENTS, *FONTS))

    def _integral(self) -> Node:
        lower = upper = None
        while self.sees("_", "^"):
            if self.take().text == "_":
                lower = self.argument()
            else:
                upper = self.argument()
        self.differentials += 1
        body: Node = Number("1") if self._at_differential() else self.sum()
        self.differentials -= 1
        if not self._at_differential():
            raise self.fail("expected the differential, such as dx, that ends the integral")
        self.take()
        variable = self._symbol()
        return Integral(body, variable, lower, upper)

    def _sum_over(self) -> Node:
        return self._over(SumOver)

    def _product_over(self) -> Node:
        return self._over(ProductOver)

    def _over(self, node: type[SumOver] | type[ProductOver]) -> Node:
        lower = upper = index = None
        start = self.token
        while self.sees("_", "^"):
            if self.take().text == "_":
                index, lower = self._in_group(self._range) if self.sees("{") else (self._symbol(), None)
            else:
                upper = self.argument()
        if index is None:
            raise self.fail("expected the index below the sign", token=start)
        for bound in (lower, upper):
            if bound is not None and index in free_symbols(bound):
                raise self.fail(f"the index {index.plain} occurs in its own limit", token=start)
        self.bound.append(index.name)
        body = self.product()
        self.bound.pop()
        return node(body, index, lower, upper)

    def _range(self) -> tuple[Symbol, Node | None]:
        index = self._symbol()
        return index, self.sum() if self.accept("=") else None

    def _limit(self) -> Node:
        self.expect("_")
        variable, point, side = self._in_group(self._approach)
        return Limit(self.product(), variable, point, side)

    def _approach(self) -> tuple[Symbol, Node, str]:
        variable = self._symbol()
        if not self.accept("to", "rightarrow"):
            raise self.fail("expected \\to after the variable of the limit")
        negative = self.accept("-")
        self.accept("+")
        point = self.primary()
        return variable, Negative(point) if negative else point, self._side()

    def _side(self) -> str:
        if self.sees("^") and self.peek().text in ("+", "-"):
            self.at += 2
            return self.tokens[self.at - 1].text
        if self.sees("^") and self.peek().text == "{" and self.peek(2).text in ("+", "-"):
            self.at += 4
            return self.tokens[self.at - 2].text
        return ""

    def _infinity(self) -> Node:
        return INFINITY

    def _environment(self) -> Node:
        name = self._environment_name()
        self.deeper()
        if name == "array" and self.sees("{"):
            while not self.accept("}"):
                if self.take().kind == "end":
                    raise self.fail("the column description of the array is not closed")
        if name == "cases":
            node: Node = self._cases()
        elif name in _MATRICES:
            node = self._matrix(name)
        else:
            raise self.fail(f"the environment {name} is not read inside a formula")
        if self._environment_name() != name:
            raise self.fail(f"\\begin{{{name}}} is closed by another \\end")
        self.depth -= 1
        return node

    def _environment_name(self) -> str:
        if self.accept("end"):
            pass
        if not self.sees("{"):
            raise self.fail("expected the name of an environment in braces")
        name, end = self._label_in_braces(self.at)
        if not name:
            raise self.fail("expected the name of an environment in braces")
        self.at = end
        return name

    def _cell(self) -> Node:
        bars, self.bars = self.bars, 0
        node = self.statement()
        self.bars = bars
        return node

    def _at_row_end(self) -> bool:
        return self.token.kind == "command" and self.token.text in ("\\", "end")

    def _matrix(self, name: str) -> Node:
        rows: list[tuple[Node, ...]] = []
        while not self.sees("end"):
            row = [self._cell()]
            while self.accept("&"):
                row.append(self._cell())
            rows.append(tuple(row))
            if not self.accept("\\") and not self.sees("end"):
                raise self.fail(f"expected & or \\\\ in the matrix, found {self._found()}")
        if not rows or len({len(row) for row in rows}) != 1:
            raise self.fail("the rows of the matrix have different lengths")
        matrix = Matrix(tuple(rows))
        return Call("det", (matrix,)) if name == "vmatrix" else matrix

    def _cases(self) -> Node:
        branches: list[tuple[Node, Node | None]] = []
        while not self.sees("end"):
            value = self.sum()
            self.accept(",")
            condition = self._condition() if self.accept("&") else None
            branches.append((value, condition))
            if not self.accept("\\") and not self.sees("end"):
                raise self.fail(f"expected \\\\ in the cases, found {self._found()}")
        if not branches:
            raise self.fail("the cases are empty")
        return Cases(tuple(branches))

    def _condition(self) -> Node | None:
        while self.token.kind == "command" and self.token.text in ("text", "mathrm", "textrm"):
            content, end = self._words(self.at + 1)
            self.at = end
            if content.startswith(("otherwise", "else", "sonst")):
                return None
        if self.token.kind == "word" and self.token.text in ("if", "for"):
            self.take()
        return self.relation()

    def _words(self, at: int) -> tuple[str, int]:
        """The words inside the braces of a \\text, run together."""
        if self.tokens[at].text != "{":
            raise self.fail("expected {…} after \\text", token=self.tokens[at])
        end = at
        while self.tokens[end].text != "}":
            if self.tokens[end].kind == "end":
                raise self.fail("a \\text is not closed", token=self.tokens[end])
            end += 1
        return "".join(t.text for t in self.tokens[at + 1 : end]), end + 1

    # --- derivatives --------------------------------------------------------------------------------

    def _derivative(self) -> Node | None:
        r"""``\frac{d}{dx}``, ``\frac{\partial^2 C}{\partial x \partial y}``; None when it is an ordinary fraction."""
        begin = self.at
        head = self._derivative_head()
        if head is None:
            self.at = begin
            return None
        partial, order, body = head
        variables = self._derivative_variables(partial)
        if variables is None:
            if partial:
                raise self.fail("expected \\partial and a variable below the bar", token=self.tokens[begin])
            self.at = begin
            return None
        if order != len(variables):
            raise self.fail("the order above the bar is not that below it", token=self.tokens[begin])
        if body is None:
            body = self._derivative_body()
        return _nested(body, variables, partial)

    def _derivative_head(self) -> tuple[bool, int, Node | None] | None:
        """The numerator of a derivative: whether round, the order, and what stands behind the d."""
        if not self.accept("{"):
            return None
        if self.token.kind == "command" and self.token.text in ("mathrm", "text") and self.peek(2).text == "d":
            self.at += 3  # upright d
        partial = self.sees("partial")
        if not partial and not (self.token.kind == "letter" and self.token.text == "d") and self.token.text != "}":
            return None
        if self.token.text != "}" or partial or self.tokens[self.at - 1].text == "d":
            self.take()
        order = 1
        if self.accept("^"):
            power = self.argument()
            if not isinstance(power, Number) or not power.text.isdigit():
                return None
            order = int(power.text)
            if order > limits.DERIVATIVE_ORDER:
                raise LimitError(f"a derivative of order {order}; at most {limits.DERIVATIVE_ORDER} are taken")
        if self.accept("}"):
            return partial, order, None
        if not partial and not self._denominator_is_differential():
            return None
        body = self.sum()
        self.expect("}")
        return partial, order, body

    def _denominator_is_differential(self) -> bool:
        """Whether the group after the current one begins with d and a name: tells df/dx from the product d f over."""
        depth, at = 1, self.at
        while depth and at < len(self.tokens) - 1:
            depth += (self.tokens[at].text == "{") - (self.tokens[at].text == "}")
            at += 1
        opening, d, name = (self.tokens[min(at + i, len(self.tokens) - 1)] for i in range(3))
        return opening.text == "{" and d.text == "d" and d.kind == "letter" and self._is_name(name)

    def _derivative_variables(self, partial: bool) -> list[Symbol] | None:
        if not self.accept("{"):
            return None
        variables: list[Symbol] = []
        while not self.accept("}"):
            upright = self.token.text in ("mathrm", "text") and self.peek(2).text == "d"
            if upright:
                self.at += 4
            elif not (self.accept("partial") if partial else self._at_differential() and bool(self.take())):
                return None
            symbol = self._symbol()
            count = 1
            if self.accept("^"):
                power = self.argument()
                if not isinstance(power, Number) or not power.text.isdigit():
                    return None
                count = int(power.text)
                if count > limits.DERIVATIVE_ORDER:
                    raise LimitError(f"a derivative of order {count}; at most {limits.DERIVATIVE_ORDER} are taken")
            variables += [symbol] * count
        return variables or None

    def _derivative_body(self) -> Node:
        """The one factor or bracket that the operator applies to."""
        start = self.token
        bracketed = start.text in ("(", "[", "{", "left")
        if not self.starts_factor():
            raise self.fail("expected what is to be differentiated after the operator")
        body = self.factor()
        if not bracketed and self.starts_factor():
            raise self.fail(
                "it is not clear how far the derivative reaches", "put what is differentiated in square brackets", start
            )
        return body

    # --- definitions --------------------------------------------------------------------------------

    def head_of_definition(self) -> tuple[Symbol, tuple[Symbol, ...], int] | None:
        """The name and parameters before the = sign and the offset after it; None when it is no definition."""
        if self.token.kind not in ("letter", "word", "command") or not self._may_name(self.token):
            return None
        try:
            name = self._symbol()
            parameters = self._parameters()
        except FormulaError:
            return None
        if parameters is None or not self.sees("=", ":="):
            return None
        self.take()
        if self.token.kind == "end":
            raise self.fail("expected a formula after =")
        return name, parameters, self.token.at

    def _may_name(self, token: Token) -> bool:
        return token.kind != "command" or token.text in (*GREEK, *ACCENTS, *FONTS)

    def _parameters(self) -> tuple[Symbol, ...] | None:
        sized = self.accept("left")
        if not self.accept("("):
            return ()
        parameters = [self._symbol()]
        while self.accept(","):
            parameters.append(self._symbol())
        if sized:
            self.expect("right")
        return tuple(parameters) if self.accept(")") else None


_PRIMARIES: dict[str, Callable[[_Parser], Node]] = {
    "frac": _Parser._fraction, "dfrac": _Parser._fraction, "tfrac": _Parser._fraction, "cfrac": _Parser._fraction,
    "sqrt": _Parser._root, "left": _Parser._left, "nabla": _Parser._nabla, "int": _Parser._integral,
    "sum": _Parser._sum_over, "prod": _Parser._product_over, "lim": _Parser._limit, "infty": _Parser._infinity,
    "begin": _Parser._environment, "{": _Parser._braced_set,
}

_STOPPING = frozenset(
    {*_RELATIONS, *_IMPLICATIONS, *_TIMES, "right", "end", "}", "\\", "rvert", "rVert", "div", "top", "mid", "prime"}
)


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Vector) else (node,)


def _letters(label: str) -> list[str]:
    return [*label.split(","), *label]


def _size_of(inside: Node) -> Node:
    return Call("det", (inside,)) if isinstance(inside, Matrix) else Call("abs", (inside,))


def _nested(body: Node, variables: list[Symbol], partial: bool) -> Node:
    """Derivatives in the same variable together, the last variable innermost."""
    groups: list[tuple[Symbol, int]] = []
    for symbol in variables:
        if groups and groups[-1][0] == symbol:
            groups[-1] = (symbol, groups[-1][1] + 1)
        else:
            groups.append((symbol, 1))
    for symbol, count in reversed(groups):
        body = Derivative(body, symbol, count, partial)
    return body

