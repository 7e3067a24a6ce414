"""Derivations made by hand, as the kinds make them, for all tests of documents."""

from __future__ import annotations

from dataclasses import replace

from derive.documents._languages import Word
from derive.documents._tree import Choices, Document, Page, Room, Row, Rows, Statement, Text
from derive.steps import (
    Chain,
    Condition,
    Context,
    Definition,
    Derivation,
    Formula,
    Heading,
    Level,
    Paragraph,
    Prose,
    Result,
    Status,
    Step,
    Table,
    Verdict,
    Witness,
)
from derive.tree import (
    At,
    Call,
    Derivative,
    E,
    Hole,
    Integral,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    number,
)

X, Y, S = Symbol("x"), Symbol("y"), Symbol("s")
T1, T2 = Symbol("theta", "1"), Symbol("theta", "2")
THETA = Symbol("theta")

PROVED = Verdict(Status.PROVED, "exact")
CHECKED = Verdict(Status.CHECKED, "number balls", "agrees at 24 points to 15 digits")
ASSUMED = Verdict(Status.ASSUMED, "stated")
UNDECIDED = Verdict(Status.UNDECIDED, "", "too slow")
REFUTED = Verdict(Status.REFUTED, "number balls", witness=Witness((("x", "0.5"),), "1.25", "0.75"))


def n(value: int | str) -> Node:
    if isinstance(value, str):
        return Negative(Number(value[1:])) if value.startswith("-") else Number(value)
    return number(value)


def neg(node: Node) -> Node:
    return Negative(node)


def mul(*factors: Node) -> Node:
    return Product(factors)


def add(*terms: Node) -> Node:
    return Sum(terms)


def frac(top: Node, bottom: Node) -> Node:
    return Quotient(top, bottom)


def power(base: Node, exponent: Node | int) -> Node:
    return Power(base, n(exponent) if isinstance(exponent, int) else exponent)


def eq(*sides: Node) -> Relation:
    return Relation(sides, ("=",) * (len(sides) - 1))


def column(*entries: Node) -> Matrix:
    return Matrix(tuple((entry,) for entry in entries))


def steps(start: Node, *moves: tuple[str, Node], verdict: Verdict | None = PROVED) -> tuple[Step, ...]:
    found = []
    for rule, after in moves:
        level = Level.CALCULUS if "rule" in rule else Level.ALGEBRA
        found.append(Step(start, after, rule, level=level, verdict=verdict))
        start = after
    return tuple(found)


ENEG = Power(E, neg(X))
SIGMOID = frac(n(1), add(n(1), ENEG))


def sigmoid() -> Derivation:
    """The derivative of the logistic function, to s(1 - s)."""
    start = Derivative(SIGMOID, X)
    square = power(add(n(1), ENEG), 2)
    fine = steps(
        Derivative(add(n(1), ENEG), X),
        ("sum rule", add(Derivative(n(1), X), Derivative(ENEG, X))),
        ("constant rule", Derivative(ENEG, X)),
        ("chain rule", neg(ENEG)),
    )
    chain = steps(
        start,
        ("reciprocal rule", neg(frac(Derivative(add(n(1), ENEG), X), square))),
        ("derivative of a sum", neg(frac(neg(ENEG), square))),
        ("two minus signs", frac(ENEG, square)),
        ("split the fraction", mul(SIGMOID, frac(ENEG, add(n(1), ENEG)))),
        ("add and subtract 1 in the numerator", mul(SIGMOID, frac(add(n(1), ENEG, neg(n(1))), add(n(1), ENEG)))),
        ("definition of the logistic function", mul(Call("sigma", (X,)), add(n(1), neg(Call("sigma", (X,)))))),
    )
    chain = (chain[0], Step(chain[1].before, chain[1].after, chain[1].rule, "", level=Level.CALCULUS,
                            verdict=PROVED, steps=fine), *chain[2:])
    value = steps(
        At(mul(Call("sigma", (X,)), add(n(1), neg(Call("sigma", (X,))))), ((X, n(0)),)),
        ("put in x = 0", mul(frac(n(1), n(2)), add(n(1), neg(frac(n(1), n(2)))))),
        ("arithmetic", frac(n(1), n(4))),
    )
    definition = Definition(Symbol("sigma"), (X,), SIGMOID)
    return Derivation(
        "Derivative of the logistic function", "derivative",
        (("the logistic function ", eq(Call("sigma", (X,)), SIGMOID)),),
        (("its derivative ", Call("sigma", (X,), 1), " in terms of ", Call("sigma", (X,))),
         ("its value at ", eq(X, n(0)))),
        (
            Chain(chain, Call("sigma", (X,), 1)),
            Paragraph(("The derivative is positive everywhere and falls off on both sides like ",
                       Power(E, neg(Call("abs", (X,)))), ", so that learning slows down where the unit is saturated."),
                      remark=True),
            Heading(("Value at ", eq(X, n(0)))),
            Chain(value, Call("sigma", (n(0),), 1)),
        ),
        (
            Result("sigma'(x)", chain[-1].after, Call("sigma", (X,), 1)),
            Result("sigma'(0)", frac(n(1), n(4)), Call("sigma", (n(0),), 1)),
        ),
        Context({X: "real"}, (definition,)),
    )


COST = add(mul(n(2), power(T1, 2)), mul(n(3), T1, T2))


def descent() -> Derivation:
    """Gradient descent with vectors, tables of numbers, a checked and an assumed step."""
    theta = [Symbol("theta", sup=f"({i})") for i in range(4)]
    points = [("1", "9"), ("-30", "6"), ("72", "96"), ("-504", "-120")]
    gradients = [("31", "3"), ("-102", "-90"), ("576", "216")]
    parts: list[object] = [
        Heading(("Gradient",)),
        Chain(steps(
            Derivative(COST, T1, partial=True),
            ("sum rule", add(Derivative(mul(n(2), power(T1, 2)), T1, partial=True),
                             Derivative(mul(n(3), T1, T2), T1, partial=True))),
            ("power rule", add(mul(n(4), T1), mul(n(3), T2))),
        )),
        Chain(steps(Derivative(COST, T2, partial=True), ("constant factor rule", mul(n(3), T1)))),
        Paragraph(("Each step goes against the gradient, ",
                   eq(theta[1], add(theta[0], neg(mul(Symbol("alpha"), Symbol("g"))))), ".")),
        Formula(eq(Call("C", (T1, T2)), COST), "the cost"),
    ]
    for i in range(3):
        before, gradient, after = (column(*map(n, p)) for p in (points[i], gradients[i], points[i + 1]))
        a, b = map(n, points[i])
        start = add(column(a, b), neg(mul(n(1), column(add(mul(n(4), a), mul(n(3), b)), mul(n(3), a)))))
        parts += [
            Heading((f"Step {i + 1}",)),
            Chain(steps(start, ("evaluate", add(before, neg(mul(n(1), gradient)))),
                        ("subtract", after), verdict=CHECKED if i == 2 else PROVED), theta[i + 1]),
        ]
    sizes = [("31.1448", "29"), ("136.0294", "1260"), ("615.1683", "31104"), ("2106.8", "689472.25")]
    rows = [
        ((f"{i}",), (n(points[i][0]),), (n(points[i][1]),), (n(norm),), (n(cost),))
        for i, (norm, cost) in enumerate(sizes)
    ]
    parts += [
        Table((("step",), (T1,), (T2,), ("norm of ", Symbol("g")), ("cost ", Symbol("C"))), tuple(rows),
              ("Iterates of gradient descent with step size ", eq(Symbol("alpha"), n(1)), ".")),
        Paragraph(("The Hessian has the eigenvalues ", Relation((Symbol("lambda"), n("5.606")), ("~=",)),
                   " and −1.606: the stationary point is a saddle, and the cost is not bounded below.",), remark=True),
        Chain((Step(Symbol("J"), add(Symbol("J"), n(0)), "modelling assumption", verdict=ASSUMED),
               Step(add(Symbol("J"), n(0)), Symbol("J"), "", "nothing is known", "~=", verdict=UNDECIDED))),
    ]
    return Derivation(
        "Three steps of gradient descent", "gradient-descent",
        ((eq(Call("C", (T1, T2)), COST),), ("start ", eq(theta[0], column(n(1), n(9)))),
         ("step size ", eq(Symbol("alpha"), n(1)))),
        (("three steps of gradient descent",),),
        tuple(parts),  # type: ignore[arg-type]
        (
            Result("gradient", (add(mul(n(4), T1), mul(n(3), T2)), mul(n(3), T1)),
                   Call("g", (T1, T2))),
            Result("theta(3)", column(n(-504), n(-120)), theta[3]),
            Result("costs", ((n(29), n(1260)), (n(31104), n(689472))), None, shown=False),
            Result("converges", None, None, number=False),
        ),
    )


def jacobian() -> Derivation:
    """A Jacobian, its determinant, a wide matrix and a wide left side."""
    u = add(power(X, 2), neg(power(Y, 2)))
    w = add(mul(n(2), X, Y), Power(E, X))
    symbols = Matrix(tuple(tuple(Derivative(Symbol(f), v, partial=True) for v in (X, Y)) for f in "uw"))
    written = Matrix(tuple(tuple(Derivative(f, v, partial=True) for v in (X, Y)) for f in (u, w)))
    matrix = Matrix(((mul(n(2), X), neg(mul(n(2), Y))), (add(mul(n(2), Y), Power(E, X)), mul(n(2), X))))
    det = steps(
        Call("det", (matrix,)),
        ("determinant of a 2 × 2 matrix",
         add(mul(n(2), X, n(2), X), neg(mul(neg(mul(n(2), Y)), add(mul(n(2), Y), Power(E, X)))))),
        ("expand", add(mul(n(4), power(X, 2)), mul(n(4), power(Y, 2)), mul(n(2), Y, Power(E, X)))),
    )
    wide = Matrix(tuple(tuple(frac(add(power(X, 2), mul(n(12345), Y)), power(add(X, Y, n(1)), 2)) for _ in range(7))
                        for _ in range(2)))
    return Derivation(
        "Jacobian of a map of the plane", "jacobian",
        ((eq(Call("u", (X, Y)), u),), (eq(Call("w", (X, Y)), w),)),
        (("the Jacobian matrix ", Symbol("J"), " and its determinant",),),
        (
            Chain(steps(symbols, ("insert", written), ("differentiate each entry", matrix)), Symbol("J")),
            Chain(det, Call("det", (Symbol("J"),))),
            Formula(eq(Symbol("M"), wide)),
            Formula(eq(mul(Transpose(Symbol("A")), Symbol("A")), Matrix(((n(1), n(0)), (n(0), n(1)))))),
        ),
        (Result("J", matrix, Symbol("J")), Result("det J", det[-1].after, Call("det", (Symbol("J"),)))),
    )


def monomial(i: int) -> Node:
    term = mul(n(i + 2), power(X, i + 1), Call("sin", (mul(n(i + 1), Y),)))
    return neg(term) if i % 3 == 1 else term


LONG = add(*(monomial(i) for i in range(14)))
WORDY = ("this step uses a rule whose explanation is much longer than the margin has room for, because it says in "
         "full why the order of differentiation does not matter here")


def long_rows() -> Derivation:
    """Rows that must break: sums, products, brackets, fractions, integrals, functions, digits, left sides."""
    factors = mul(*(add(power(X, i + 1), mul(n(i + 1), Y), n(7)) for i in range(8)))
    inside = mul(n(2), X, LONG)
    fraction = frac(LONG, add(n(1), power(X, 2)))
    chain = steps(
        Derivative(LONG, X),
        ("sum rule", factors), ("bracket", inside), ("quotient", fraction),
        (WORDY, power(LONG, 2)), ("logarithm", Call("log", (LONG,))), ("integral", Integral(LONG, X, n(0), n(1))),
        ("sum over an index", SumOver(LONG, Symbol("i"), n(1), Symbol("n"))), ("point", At(LONG, ((X, n(0)),))),
        ("vector", Vector(tuple(monomial(i) for i in range(9)))), ("digits", Number("1234567890" * 16)),
        ("a row as wide as the page but for its reason",
         add(*(power(Symbol("a", str(i)), 2) for i in range(1, 15)))),
    )
    return Derivation(
        "Rows that are too long: 50 % & more_of {this} $x$ #1 \\input{x} ~^ “θ₁ ≤ é” 中", "test",
        (("a wide formula in a statement ", eq(Call("f", (X,)), LONG), " that goes on",),),
        (("something",),),
        (
            Paragraph(("Running text with a formula that is too wide for it, ", eq(Symbol("q"), LONG), ", and after.")),
            Chain(chain, Call("f", (X,), 1)),
            Chain(steps(LONG, ("leave out", add(X, Y)), ("again", LONG))),
            Chain((Step(eq(add(mul(n(4), X), mul(n(3), Y)), n(0)), eq(X, neg(frac(mul(n(3), Y), n(4)))),
                        "solve for x", relation="<=>", verdict=PROVED),)),
            Formula(eq(Call("f", (X,)), LONG, factors), "stated"),
            Table(tuple((f"column {i}",) for i in range(14)),
                  tuple(tuple((n(f"{j}." + "5" * (1 + (i + j) % 4)),) for i in range(14)) for j in range(4)),
                  ("Wide.",)),
            Table((("k",), ("value",)), tuple(((n(i),), (n(f"-{i}.25"),)) for i in range(45)), ("Long.",)),
        ),
        (Result("f", LONG, Call("f", (X,))), Result("a number only", None, number=0.125)),
    )


NEEDS = (
    Condition("x - 1 ≠ 0", (Relation((add(X, n(-1)), n(0)), ("!=",)),)),
    Condition("the square of A_1 is invertible", ("the square of ", Symbol("A", "1"), " is invertible")),
    "50 % of y_1 ≠ 0",
)
"""Conditions: a formula, a formula among words, and words only."""

LARGE = Relation((mul(*(add(power(X, i + 2), neg(Y)) for i in range(16))), n(0)), (">",))


def conditional() -> Derivation:
    """Steps that hold under conditions: short ones, one beside a long formula, one that no margin has room for."""
    square = add(power(X, 2), n(-1))
    wide = Condition("a product > 0", (LARGE,))
    (first,) = steps(frac(square, add(X, n(-1))), ("cancel", add(X, n(1))), verdict=replace(PROVED, condition=NEEDS))
    (named,) = steps(square, ("", mul(add(X, n(1)), add(X, n(-1)))), verdict=replace(CHECKED, condition=NEEDS[:1]))
    too_wide = replace(PROVED, condition=(wide, NEEDS[0]))
    (long,) = steps(LONG, ("the logarithm of a product", add(X, Y)), verdict=too_wide)
    return Derivation("Conditions", "test", (), (), tuple(Chain((step,)) for step in (first, named, long)), ())


ALL = (sigmoid, descent, jacobian, long_rows, conditional)


def worksheet() -> Document:
    """A personal sheet: a head, gaps in formulas, possibilities to tick and to order, room to write in, and keys."""
    gap = Hole(6, "a")
    tangent = Call("tanh", (X,))
    words: tuple[Prose, ...] = (("the value ", frac(n(1), n(2))), ("nothing",), (tangent, " at ", eq(X, n(0))))
    exercise = Page(
        "Fill in & choose",
        (Statement(Word("given"), ((eq(Call("f", (X,)), tangent),),)), Statement("Hint", (("the chain rule",),))),
        (
            Rows((Row(Call("f", (X,), 1), "=", gap, "chain rule"), Row(None, "=", add(n(1), neg(power(tangent, 2)))))),
            Text(("Then ", eq(Symbol("y"), Hole(3, "b")), " follows.")),
            Choices(words), Choices(words, frozenset({0, 2})),
            Choices(words, numbered=True), Choices(words, numbered=True, numbers=(2, 3, 1)),
            Room(3, ("Your answer, ", eq(Call("f", (n(0),)), Hole(4)), " (2 points)")),
        ),
        None, None,
    )
    front = (("name", "Ada Lovelace"), ("number", "4711"), ("course", "Learning 1"), ("date", "2026-11-21"),
             ("author", "E. Noether"), ("Group", "7"), ("points", ""))
    return Document("Worksheet 3", (exercise,), front)
