"""What a printed formula says to somebody who sees its signs: the grammar that readings of each notation share.

A notation has a module that turns what was printed into :class:`Token`; :func:`value` gives the number of
:mod:`tests.write.meaning`. Nothing of the printers or of the product's own reader is used, groups that are not seen
have no effect, and what looks like two things raises :class:`MisreadError`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.write.meaning import mix, symbol


class MisreadError(Exception):
    """What was printed makes no sense, or two."""


@dataclass(frozen=True, slots=True)
class Token:
    """A sign. ``parts`` are what stands in a fraction, a root, a script or a table, each as tokens or None.

    The kinds: ``number name sign open close fraction binomial root script table cases big dots words apply times``.
    """

    kind: str
    text: str = ""
    parts: tuple[Any, ...] = ()
    accent: str = ""
    font: str = ""


Tokens = tuple[Token, ...]

RELATIONS = {
    "=": "=", "≠": "!=", "<": "<", "≤": "<=", ">": ">", "≥": ">=", "≈": "~=", "≔": ":=", "≡": "===", "∈": "in",
    "∝": "propto", "→": "->", "∼": "~", "≪": "<<", "≫": ">>", "⊆": "subset",
}  # fmt: skip
IMPLICATIONS = {"⇒": "=>", "⇔": "<=>"}
BARS = {"∣": "|", ";": ";", "∥": "||"}
PARTNER = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉", "at": "at"}
WORDS = frozenset({
    "sin", "cos", "tan", "exp", "log", "tanh", "softplus", "swish", "ReLU", "GELU", "arctan", "arsinh", "sinh", "erf",
    "max", "min", "softmax", "KL", "D_KL", "Var", "Cov", "abs",
})  # fmt: skip
LETTERS = frozenset({"C", "f", "p", "q", "sigma", "Phi"})
"""Letters that are functions where a bracket follows."""
SPELLED = {"ReLU": "relu", "GELU": "gelu"}
FAMILIES = frozenset({"r", "z"})
OPTIMA = frozenset({"argmin", "argmax", "min", "max", "inf", "sup"})


def value(tokens: Tokens) -> float:
    """The number of a formula. MisreadError when it has none."""
    return _within(tokens, Reading.statements)


def _within(tokens: Tokens, rule: Callable[[Reading], Any]) -> Any:
    reading = Reading(tokens)
    found = rule(reading)
    if reading.at < len(tokens):
        raise MisreadError(f"left over: {tokens[reading.at:]}")
    return found


def _plain(tokens: Tokens | None) -> str:
    """A label as it is seen."""
    return "".join(token.text for token in tokens or ())


class Reading:
    """A place in the tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens, self.at, self.integrals = tokens, 0, 0

    # --- the place -----------------------------------------------------------------------------------

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else Token("end")

    def take(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def accept(self, kind: str, text: str = "") -> bool:
        token = self.peek()
        found = token.kind == kind and (not text or token.text == text)
        self.at += found
        return found

    def expect(self, kind: str, text: str = "") -> Token:
        if not self.accept(kind, text):
            raise MisreadError(f"wanted {kind} {text}, found {self.peek()}")
        return self.tokens[self.at - 1]

    # --- statements ----------------------------------------------------------------------------------

    def statements(self) -> float:
        items, signs = [self.implication()], set()
        while self.peek().kind == "words" or (self.peek().kind == "sign" and self.peek().text == ","):
            signs.add(self.take().text)
            items.append(self.implication())
        return mix(f"statements {signs.pop()}", *items) if signs else items[0]

    def implication(self) -> float:
        return self.chain(self.relation, IMPLICATIONS)

    def relation(self) -> float:
        return self.chain(self.sum, RELATIONS)

    def chain(self, part: Callable[[], float], table: dict[str, str]) -> float:
        sides, signs = [part()], []
        while self.peek().kind == "sign" and self.peek().text in table:
            signs.append(table[self.take().text])
            sides.append(self.set() if signs[-1] == "in" else part())
        return mix(f"relation {' '.join(signs)}", *sides) if signs else sides[0]

    def set(self) -> float:
        """What a thing lies in: two numbers in brackets are an interval."""
        start = self.at
        if self.peek().kind == "open" and self.peek().text in "([" and self.peek(1).kind != "table":
            opening = self.take().text
            items = self.listed(self.sum)
            if len(items) == 2 and self.peek().kind == "close" and self.peek().text in ")]":
                closing = self.take().text
                return self.scripted(mix(f"interval {opening == '('} {closing == ')'}", *items))
        self.at = start
        return self.sum()

    def listed(self, part: Callable[[], float]) -> list[float]:
        items = [part()]
        while self.accept("sign", ","):
            items.append(part())
        return items

    # --- sums and products -----------------------------------------------------------------------------

    def sum(self) -> float:
        total = -self.term() if self.accept("sign", "-") else self.term()
        while self.peek().kind == "sign" and self.peek().text in "+-":
            total += self.term() if self.take().text == "+" else -self.term()
        return total

    def term(self) -> float:
        """Factors side by side, or entry by entry, never both without brackets."""
        factors, kinds = [self.factor()], set()
        while True:
            if self.accept("sign", "⊙"):
                kinds.add("entrywise")
            elif self.accept("times") or self.accept("sign", "⋅") or self.begins_factor():
                kinds.add("product")
            else:
                break
            factors.append(self.factor())
        if len(kinds) == 2:
            raise MisreadError("a product of both kinds")
        if kinds == {"entrywise"}:
            return mix("entrywise", *factors)
        product = 1.0
        for factor in factors:
            product *= factor
        return product

    def begins_factor(self) -> bool:
        token = self.peek()
        if token.kind == "name" and token.text == "d" and self.integrals:
            return False
        return token.kind in ("number", "name", "open", "fraction", "binomial", "root", "cases", "big", "dots")

    def factor(self) -> float:
        """Anything that can stand in a product, with its scripts."""
        token = self.peek()
        if token.kind == "big" or (token.kind == "name" and token.text == "∇"):
            return self.operator()
        self.take()
        match token.kind:
            case "number":
                return self.scripted(float(token.text)) if token.font != "bold" else self.indicator()
            case "name":
                return self.named(token)
            case "dots":
                return mix("dots")
            case "fraction":
                return self.fraction(token)
            case "binomial":
                return self.scripted(mix("binom 0", *(_within(part, Reading.sum) for part in token.parts)))
            case "root":
                radicand, degree = token.parts
                order = _within(degree, Reading.sum) if degree else 2.0
                return self.scripted(mix("root", _within(radicand, Reading.implication), order))
            case "cases":
                rows = [_within(v, Reading.sum) for v, _ in token.parts], [self.condition(c) for _, c in token.parts]
                return mix("cases", *(mix("case", v, c) for v, c in zip(*rows, strict=True)))
            case "open":
                return self.bracket(token.text)
        raise MisreadError(f"no factor: {token}")

    def condition(self, tokens: Tokens) -> float:
        if not tokens or tokens[0].kind != "words":
            raise MisreadError("a case without a condition")
        return 0.0 if tokens[0].text == "otherwise" else _within(tokens[1:], Reading.implication)

    def indicator(self) -> float:
        self.accept("apply")
        self.expect("open", "[")
        found = self.implication()
        self.expect("close", "]")
        return self.scripted(mix("indicator 0", found))

    # --- brackets ------------------------------------------------------------------------------------

    def bracket(self, opening: str) -> float:
        if opening == "[" and self.peek().kind == "table":
            found = self.matrix()
        else:
            outside, self.integrals = self.integrals, 0
            items = self.listed(self.implication)
            self.integrals = outside
            found = self.group(opening, items)
        self.expect("close", PARTNER[opening])
        if opening == "at":
            return self.scripted(mix("at", found, *self.script_list()))
        if opening == "‖" and self.peek().kind == "script" and self.peek().parts[0]:
            return self.norm(found)
        return self.scripted(mix("norm", found) if opening == "‖" else found)

    def group(self, opening: str, items: list[float]) -> float:
        match opening, len(items):
            case "{", _:
                return mix("set", *items)
            case "⟨", 2:
                return mix("inner", *items)
            case "(", count if count > 1:
                return mix("vector", *items)
            case "(" | "at" | "‖", 1:
                return items[0]
            case "|" | "⌊" | "⌈", 1:
                return mix({"|": "abs 0", "⌊": "floor 0", "⌈": "ceil 0"}[opening], *items)
        raise MisreadError(f"a bracket {opening} around {len(items)}")

    def matrix(self) -> float:
        rows = self.take().parts
        return mix(f"matrix {len(rows)}", *(_within(cell, Reading.implication) for row in rows for cell in row))

    def norm(self, inside: float) -> float:
        order, above = self.take().parts
        found = mix("norm", inside, _within(order, Reading.sum))
        return self.scripted(self.raised(found, above) if above else found)

    def script_list(self) -> list[float]:
        sub, sup = self.expect("script").parts
        if not sub or sup:
            raise MisreadError("a bar without what holds at it")
        return _within(sub, lambda r: r.listed(r.relation))

    # --- scripts -------------------------------------------------------------------------------------

    def scripted(self, base: float) -> float:
        """Indices of an entry, powers, transposes and factorials behind something whole."""
        while True:
            if self.accept("sign", "!"):
                base = mix("factorial 0", base)
            elif self.peek().kind == "script":
                sub, sup = self.take().parts
                base = mix("component", base, *_within(sub, lambda r: r.listed(r.sum))) if sub else base
                base = self.raised(base, sup) if sup else base
            else:
                return base

    def raised(self, base: float, sup: Tokens) -> float:
        if _plain(sup) == "⊤":
            return mix("transpose", base)
        if any(token.text == "×" for token in sup):
            return mix("shape", base, *_within(sup, Reading.sides))
        return mix("power", base, _within(sup, Reading.implication))

    def sides(self) -> list[float]:
        items = [self.factor()]
        while self.accept("sign", "×"):
            items.append(self.factor())
        return items

    # --- names and functions ---------------------------------------------------------------------------

    def named(self, token: Token) -> float:
        """A name with its marks, or a function with what it is applied to."""
        sub: Tokens | None = None
        sup: Tokens | None = None
        while self.peek().kind == "script" and not (sub and sup):
            below, above = self.peek().parts
            if (below and sub) or (above and sup):
                break
            sub, sup = sub or below, sup or above
            self.take()
        if token.font == "bb" and token.text in "EP" and self.applied(True):
            return self.expectation(token.text, sub)
        name = f"{token.text}_{_plain(sub)}" if token.text == "D" else token.text
        if self.applied(name in WORDS or name in LETTERS):
            return self.call(name, sub, sup)
        if name in WORDS:
            raise MisreadError(f"{name} of nothing")
        return self.symbol(token, sub, sup)

    def applied(self, function: bool) -> bool:
        """Whether what a name is applied to follows."""
        return self.accept("apply") or (function and self.peek().kind == "open" and self.peek().text in "([")

    def symbol(self, token: Token, sub: Tokens | None, sup: Tokens | None) -> float:
        labelled = bool(sup) and (self.enclosed(sup) or _plain(sup) in ("*", "∗"))
        if token.text in FAMILIES and (sub or labelled):
            return self.member(token, sub, sup)
        base = symbol(token.text, _plain(sub), _plain(sup) if labelled else "", token.accent, token.font)
        return self.scripted(self.raised(base, sup) if sup and not labelled else base)

    def enclosed(self, sup: Tokens) -> bool:
        """Whether one pair of brackets stands around all: then it is a label."""
        if sup[0].kind != "open" or sup[0].text not in "([":
            return False
        depth = 0
        for i, token in enumerate(sup):
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                return i == len(sup) - 1
        return False

    def member(self, token: Token, sub: Tokens | None, sup: Tokens | None) -> float:
        labelled = bool(sup) and self.enclosed(sup)
        above = [_within(sup[1:-1], Reading.sum)] if labelled else []
        below = _within(sub, lambda r: r.listed(r.sum)) if sub else []
        found = mix(f"member of {token.text}{'()' if labelled else ''}", *above, *below)
        return self.scripted(self.raised(found, sup) if sup and not labelled else found)

    def call(self, name: str, sub: Tokens | None, sup: Tokens | None) -> float:
        order = self.order(sup)
        if name in ("Var", "Cov"):
            return self.expectation(name, sub, sup)
        args = self.arguments()
        if sub and name == "log":
            args.append(_within(sub, Reading.sum))
        found = mix(f"{SPELLED.get(name, name)} {order}", *args)
        return self.scripted(found if order or not sup else self.raised(found, sup))

    def order(self, sup: Tokens | None) -> int:
        """How many primes there are, or the number in a bracket."""
        written = _plain(sup)
        if written and not written.strip("′"):
            return len(written)
        return int(written[1:-1]) if written.startswith("(") and written[1:-1].isdigit() else 0

    def arguments(self) -> list[float]:
        if self.peek().kind == "open" and self.peek().text == "[" and self.peek(1).kind == "table":
            self.take()
            matrix = self.matrix()
            self.expect("close", "]")
            return [matrix]
        self.expect("open", "(")
        items = self.given()
        self.expect("close", ")")
        return items

    def given(self) -> list[float]:
        """A list, or two with a bar between."""
        items = self.listed(self.implication)
        if self.peek().kind == "sign" and self.peek().text in BARS:
            sign = BARS[self.take().text]
            behind = self.listed(self.implication)
            return [mix(f"given {sign}", mix("list", *items), mix("list", *behind))]
        return items

    def expectation(self, name: str, sub: Tokens | None, sup: Tokens | None = None) -> float:
        over = _within(sub, lambda r: r.listed(r.relation)) if sub else []
        opening = self.expect("open", "[" if name == "E" else "(").text
        items = self.given()
        self.expect("close", PARTNER[opening])
        found = mix(f"expectation {name}", mix("list", *items), *over)
        return self.scripted(self.raised(found, sup) if sup else found)

    # --- operators -----------------------------------------------------------------------------------

    def fraction(self, token: Token) -> float:
        top, bottom = token.parts
        if top and bottom and top[0].kind == "name" and top[0].text in ("d", "∂") and bottom[0].text == top[0].text:
            return self.scripted(self.derivative(top, bottom))
        parts = (_within(part, Reading.implication) for part in token.parts)
        return self.scripted(mix("quotient", *parts))

    def derivative(self, top: Tokens, bottom: Tokens) -> float:
        above = Reading(top)
        sign = above.take().text
        above.accept("script")
        if above.at < len(top):
            found = _within(top[above.at :], Reading.sum)
        else:
            self.accept("apply")
            self.expect("open", "[")
            found = self.implication()
            self.expect("close", "]")
        for variable, order in reversed(_within(bottom, lambda r: r.differentials(sign))):
            found = mix(f"derivative {order} {sign == '∂'}", found, variable)
        return found

    def differentials(self, sign: str) -> list[tuple[float, int]]:
        found = []
        while self.accept("name", sign):
            token, order = self.take(), 1
            parts = self.take().parts if self.peek().kind == "script" else (None, None)
            while self.peek().kind == "script":
                parts = tuple(a or b for a, b in zip(parts, self.take().parts, strict=True))
            sub, sup = parts
            if sup:
                order = int(_plain(sup))
            read = self.member if token.text in FAMILIES else self.symbol
            found.append((read(token, sub, None), order))
        return found

    def operator(self) -> float:
        """A large sign or a nabla with what it takes in: the product that follows, or the factor."""
        sign = self.take()
        below, above = (None, None)
        while self.peek().kind == "script":
            sub, sup = self.take().parts
            below, above = below or sub, above or sup
        match sign.text:
            case "∇":
                return self.nabla(below, above)
            case "∫":
                return self.integral(below, above)
            case "lim":
                return self.limit(below)
        upper = [_within(above, Reading.sum) if above else 0.0] if sign.text in ("∑", "∏") else []
        under = _within(below, lambda r: r.listed(r.relation))
        name = {"∑": "sum", "∏": "product"}.get(sign.text, sign.text)
        return mix(name, self.term(), *upper, *under)

    def nabla(self, below: Tokens | None, above: Tokens | None) -> float:
        if not below and not above:
            name = self.expect("name").text
            return self.scripted(mix(f"nabla {name}", *(self.arguments() if self.applied(True) else [])))
        variables = _within(below, lambda r: r.listed(r.sum)) if below else []
        return mix(f"gradient {_plain(above) or 1}", self.factor(), *variables)

    def integral(self, below: Tokens | None, above: Tokens | None) -> float:
        bounds = [_within(part, Reading.sum) if part else 0.0 for part in (below, above)]
        self.integrals += 1
        body = self.term()
        self.integrals -= 1
        self.expect("name", "d")
        token = self.expect("name")
        return mix("integral", body, self.symbol(token, None, None), *bounds)

    def limit(self, below: Tokens | None) -> float:
        tokens, side = below or (), ""
        if tokens and tokens[-1].kind == "script" and _plain(tokens[-1].parts[1]) in ("+", "-"):
            tokens, side = tokens[:-1], _plain(tokens[-1].parts[1])
        where = next(i for i, token in enumerate(tokens) if token.text == "→")
        variable, point = (_within(part, Reading.sum) for part in (tokens[:where], tokens[where + 1 :]))
        return mix(f"limit {side}", self.term(), variable, point)
