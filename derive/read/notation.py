r"""The notation as a page: what is read, by example, what it means, and how its names are declared.

``derive notation`` shows :func:`text`, the README's reference is :func:`markdown`; both set what :func:`page` gives.
The page cannot lie: names, functions, signs and limits come from the tables that the reader itself uses, and tests
read every example, refuse every formula that is said to be refused, and find every command of the grammar on the
page. A new construct of the reader is a :class:`Construct` below, or the test of the commands fails.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from derive import limits
from derive.functions import FUNCTIONS
from derive.read import tokens
from derive.read._parser import IMPLICATIONS, RELATIONS
from derive.read._unread import UNREAD
from derive.read.declared import Declared, stated
from derive.read.latex import Names, read
from derive.read.names import ACCENTS, FONTS, GREEK
from derive.tree import Node

Shown = Callable[[Node], str]


@dataclass(frozen=True, slots=True)
class Construct:
    """A way of writing: its name, what it means, examples that are read, what must be declared for them.

    ``declare`` holds lines of ``[symbols]`` in a problem file; the examples are read under exactly these. ``refused``
    are similar formulas that are refused under them.
    """

    name: str
    meaning: str
    examples: tuple[str, ...]
    declare: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def names(self) -> Names:
        """The declarations as the reader takes them."""
        declared = Declared()
        for line in self.declare:
            name, _, says = line.partition(" = ")
            declared.add(stated(name.strip("'"), says.strip('"')))
        return declared.names(Names(labels=True))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: a heading, a paragraph, and its constructs or the rows of a table."""

    title: str
    about: str
    constructs: tuple[Construct, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def page() -> tuple[Part, ...]:
    """The parts of the page in order."""
    return (*_WRITTEN, *_generated())


# --- constructs ---------------------------------------------------------------------------------------------------

_ARITHMETIC = Part(
    "Arithmetic",
    "Factors side by side are a product; what can be read in two ways is refused.",
    (
        Construct(
            "numbers", "decimals are exact", ("12", "0.25", ".5", "1{,}000", r"\infty"), refused=("1,5", "1e5", "007")
        ),
        Construct("sums", "terms with signs; a second sign needs brackets", ("a + b - c", "a - (-b)"), (), ("a - -b",)),
        Construct(
            "products",
            "side by side, or with a dot, a cross or a star",
            ("2xy", r"a \cdot b", r"2 \times 3", "x * y"),
            refused=("x 2", r"2\frac{1}{2}"),
        ),
        Construct("brackets", "round, square or curly; of any size", ("2(x + 1)", "[x + 1]^2", r"\left\{ x \right\}")),
        Construct(
            "fractions",
            "a slash takes the factors before it, and one behind it",
            (r"\frac{a}{b}", r"\frac12", "a/b"),
            refused=("a/b c", "a/b/c"),
        ),
        Construct(
            "powers",
            "more than one character in the exponent needs braces",
            ("x^2", "x^{10}", "2^{n+1}", "e^{-x}"),
            refused=("x^10", "x^2^3"),
        ),
        Construct("roots", "square and other roots", (r"\sqrt{x + 1}", r"\sqrt[3]{x}")),
        Construct("factorial", "of whole numbers", ("n!", "(n - k)!")),
        Construct("binomial coefficient", "n over k", (r"\binom{n}{k}",)),
        Construct(
            "absolute value", "of a number", ("|x|", r"\left| x - y \right|", r"\lvert x \rvert"), (), ("|x|y|z|",)
        ),
        Construct("rounding", "down and up", (r"\lfloor x \rfloor", r"\left\lceil \frac{n}{2} \right\rceil")),
        Construct("dots", "left-out terms; never computed", (r"1 + x + x^2 + \dots", r"\{1, \ldots, n\}")),
    ),
)

_NAMES = Part(
    "Names",
    "A letter is a name; several letters are one name where they are declared or known, else a product.",
    (
        Construct("letters", "Latin or Greek; e and π are the constants", ("x", r"\theta", "e", r"\pi")),
        Construct("e as a name", "where it is declared", (r"\frac{\partial e}{\partial b}",), ('e = "real"',)),
        Construct("words", "upright, or declared", (r"\mathrm{loss}", r"\text{loss}"), (), ("loss",)),
        Construct("declared words", "may stand without a command", ("loss + 1",), ('loss = "real"',)),
        Construct(
            "subscripts", "a label of the name", ("x_1", r"\theta_{12}", r"w_{\text{old}}", "z_{2_1}"), (), ("x_12",)
        ),
        Construct(
            "superscripts", "a star or brackets make a label, all else a power", ("x^*", r"\theta^{(0)}", "W^{[l]}")
        ),
        Construct(
            "families", "a subscript that is an index", (r"x_i", r"\theta_{t-1}"), ('x_i = "real"', 'theta_t = "real"')
        ),
        Construct(
            "entries", "of a declared vector or matrix", (r"W_{ij}", "x_k"), ('W = "matrix m x n"', 'x = "vector n"')
        ),
        Construct("accents and fonts", "part of the name", (r"\hat{y}", r"\mathbf{w}", r"\mathcal{L}", r"\bar{x}_1")),
    ),
)

_FUNCTIONS = Part(
    "Functions",
    "Known functions need no declaration; others must be declared, or f(x) could be a product.",
    (
        Construct(
            "application", "a bracket, or the factors up to the next sign", (r"\log(x)", r"\sin 2x", r"\exp[-x]")
        ),
        Construct("powers of values", "the value is raised", (r"\sin^2(x)", r"\sin^2 x"), (), (r"\sin^{-1}(x)",)),
        Construct("logarithm", "natural unless a base is written", (r"\log x", r"\ln x", r"\log_2(x)")),
        Construct("logistic function", "σ before a bracket", (r"\sigma(wx + b)", r"\sigma'(z)")),
        Construct("σ as a number", "anywhere else, or declared", (r"\frac{x - \mu}{\sigma}", r"\sigma^2")),
        Construct("greatest and least", "of a list", (r"\max(0, x)", r"\min\{a, b\}")),
        Construct(
            "declared functions",
            "of one or more arguments",
            ("f(x)", r"C(\theta_1, \theta_2)"),
            ('f = "function"', 'C = "function"'),
        ),
        Construct("not declared", "refused", ("f x",), (), ("f(x)", "x(1)")),
        Construct(
            "indicator",
            "1 where the condition holds, else 0",
            (r"\mathbb{1}[x > 0]", r"\mathbf{1}_{\{x > 0\}}", r"\mathbb{I}(x > 0)"),
        ),
    ),
)

_CALCULUS = Part(
    "Calculus",
    "A derivative reaches one factor or bracket behind it; where more follows it is refused.",
    (
        Construct(
            "primes",
            "derivatives of a function of one variable",
            ("f'(x)", "f''(0)", "f^{(4)}(x)"),
            ('f = "function"',),
        ),
        Construct(
            "derivative",
            "by one variable",
            (r"\frac{dy}{dx}", r"\frac{d}{dx} [x^2 + 1]", r"\frac{d^2 y}{dx^2}"),
            (),
            (r"\frac{d}{dx} x y",),
        ),
        Construct(
            "partial derivative",
            "the rest is held fixed",
            (r"\frac{\partial L}{\partial w_1}", r"\frac{\partial^2 f}{\partial x \partial y}", r"\partial_x f"),
            (),
            (r"\frac{\partial b}{b}",),
        ),
        Construct(
            "by a member", "of a family, vector or matrix", (r"\frac{\partial L}{\partial x_k}",), ('x = "vector n"',)
        ),
        Construct("gradient", "of a function, at a point", (r"\nabla C(1, 9)", r"\nabla C"), ('C = "function"',)),
        Construct(
            "gradient by a name",
            "of an expression",
            (r"\nabla_w L", r"\nabla_{w,b} L", r"\nabla_x (x^\top A x)"),
            ('A = "matrix n x n"', 'x = "vector n"'),
        ),
        Construct("Hessian", "the second derivatives", (r"\nabla^2 f(x)", r"\nabla_\theta^2 L"), ('f = "function"',)),
        Construct(
            "at a place",
            "the bar with the place below",
            (r"f'(x)|_{x = 0}", r"\left. \frac{dy}{dx} \right|_{x = 1}"),
            ('f = "function"',),
        ),
        Construct(
            "integral",
            "with limits, without, or over a region",
            (
                r"\int_0^1 x^2 \,dx",
                r"\int \frac{dx}{1 + x^2}",
                r"\int_\Omega x \,dx",
                r"\iint xy \,dx\,dy",
                r"\iiint xyz \,dx\,dy\,dz",
            ),
        ),
        Construct(
            "limit",
            "from both sides or one",
            (
                r"\lim_{x \to 0} \frac{\sin x}{x}",
                r"\lim_{x \to 0^+} \log x",
                r"\lim_{x \downarrow 0} \log x",
                r"\lim_{x \searrow 0} x",
                r"\lim_{x \uparrow 0} x",
                r"\lim_{x \nearrow 0} x",
            ),
        ),
    ),
)

_SUMS = Part(
    "Sums and products over an index",
    "The sum takes the factors behind it; a bound index may not occur in its own limits.",
    (
        Construct(
            "with bounds",
            "from one number to another",
            (r"\sum_{i=1}^{n} x_i", r"\prod_{k=1}^{n} k"),
            (),
            (r"\sum_{m=1}^{m} m",),
        ),
        Construct("over all values", "no bounds", (r"\sum_i x_i", r"\sum_{i,j} x_i x_j")),
        Construct(
            "with a condition",
            "over what fulfils it",
            (r"\sum_{j \ne i} x_j", r"\sum_{x \in X} x^2", r"\sum_{i<j} a_{ij}"),
        ),
        Construct("labels with an index", "members of a family", (r"\sum_{i=1}^{m} (y^{(i)} - x^{(i)})",)),
    ),
)

_PROBABILITY = Part(
    "Probability",
    "Densities are declared; then they are applied, or stand alone behind ~ and in a divergence.",
    (
        Construct(
            "density",
            "a bar is 'given', a semicolon parts off the parameters",
            (r"p(x \mid \theta)", "p(x | z)", r"p(x; \theta)"),
            ('p = "density"',),
        ),
        Construct(
            "distributed as",
            "a relation",
            (r"x \sim p", r"x_i \sim N(\mu, \sigma^2)"),
            ('p = "density"', 'N = "density"'),
        ),
        Construct(
            "expectation",
            "below the sign, over what",
            (r"\mathbb{E}[X]", r"\mathbb{E}_{x \sim p}[\log p(x)]", r"\mathbb{E}[Y \mid X]", "E[X]"),
            ('p = "density"',),
            (r"\mathbb{E} X Y",),
        ),
        Construct(
            "variance, covariance",
            "of random quantities",
            (r"\operatorname{Var}(X)", r"\mathbb{V}[X]", r"\operatorname{Cov}(X, Y)"),
        ),
        Construct("probability", "of an event", (r"\mathbb{P}(X > 0)", r"\Pr(Y = 1 \mid X)")),
        Construct(
            "Kullback-Leibler divergence",
            "of two densities",
            (r"\mathrm{KL}(p \,\|\, q)", "KL(p || q)", r"D_{\mathrm{KL}}(p \parallel q)"),
            ('p = "density"', 'q = "density"'),
        ),
    ),
)

_OPTIMA = Part(
    "Optima",
    "The variable stands below; the function is what follows, up to where the variable last occurs.",
    (
        Construct(
            "argument of the least value",
            "where it is reached",
            (
                r"\arg\min_\theta L(\theta)",
                r"\operatorname*{argmin}_{w} L(w)",
                r"\argmin_w L(w)",
                r"\underset{\theta}{\operatorname{arg\,min}} L(\theta)",
                r"\mathop{\mathrm{argmin}}_w L(w)",
            ),
            ('L = "function"',),
        ),
        Construct(
            "argument of the greatest value",
            "where it is reached",
            (r"\arg\max_{x \in X} f(x)", r"\argmax_x f(x)", r"arg \max_x f(x)"),
            ('f = "function"',),
        ),
        Construct(
            "least and greatest value",
            "over a variable or an index",
            (r"\min_{w, b} L(w, b)", r"\max_i z_i", r"\sup_x f(x)", r"\inf_x f(x)", r"\max_{0 \le x \le 1} f(x)"),
            ('L = "function"', 'f = "function"'),
        ),
    ),
)

_MATRICES = Part(
    "Vectors and matrices",
    "A name stands for a whole vector or matrix where it is declared; bold letters are names like others.",
    (
        Construct("coordinates", "a column vector", ("(1, 9)", "[x, y]", "(1, 2)^T")),
        Construct(
            "matrix",
            "row by row",
            (
                r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
                r"\begin{pmatrix} x \\ y \end{pmatrix}",
                r"\begin{array}{cc} a & b \\ c & d \end{array}",
            ),
        ),
        Construct(
            "transpose", "T or ⊤", (r"A^\top x", "X^T X", r"(A x)^{\top}"), ('A = "matrix m x n"', 'X = "matrix n x d"')
        ),
        Construct(
            "inverse", "a power", (r"A^{-1} b", r"(X^T X)^{-1} X^T y"), ('A = "matrix n x n"', 'X = "matrix n x d"')
        ),
        Construct(
            "determinant, trace, rank",
            "of a square matrix",
            (r"\det(A)", "|A|", r"\operatorname{tr}(A B)", r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}"),
            ('A = "matrix n x n"', 'B = "matrix n x n"'),
        ),
        Construct("norm", "the order below", (r"\|x\|", r"\|x\|_2^2", r"\lVert w \rVert_1", "||x||", r"\|A\|_F")),
        Construct("inner product", "of two vectors", (r"\langle x, y \rangle",)),
        Construct(
            "product entry by entry",
            "Hadamard's",
            (r"a \odot b", r"A \circ B"),
            ('A = "matrix m x n"', 'B = "matrix m x n"'),
        ),
        Construct(
            "an entry",
            "of what is no mere name",
            (r"(A x)_i", r"\operatorname{softmax}(z)_i", "[A B]_{ij}"),
            ('A = "matrix m x n"', 'B = "matrix n x k"'),
        ),
        Construct(
            "bold vectors",
            "a dot between them is refused",
            (r"\mathbf{w}^\top \mathbf{x}",),
            (),
            (r"\mathbf{w} \cdot \mathbf{x}",),
        ),
    ),
)

_STATEMENTS = Part(
    "Relations and statements",
    "Relations may be chained; lines of an environment that go on with a sign are one chain.",
    (
        Construct("chain", "each side with the next", (r"0 \le x < 1", r"a = b \approx 0.5")),
        Construct("implication", "between relations", (r"x = 1 \Rightarrow x^2 = 1", r"a = b \iff b = a")),
        Construct(
            "in a set",
            "a set, an interval, a space",
            (r"x \in \{-1, 1\}", r"x \in [0, 1)", r"x \in \mathbb{R}", r"W \in \mathbb{R}^{m \times n}"),
        ),
        Construct(
            "assignment, definition", ":= or an arrow to the left", (r"w := w - \eta g", r"w \leftarrow w - \eta g")
        ),
        Construct(
            "several statements",
            "with commas, or, and, or line by line",
            ("x = 1, y = 2", r"x = -1 \text{ or } x = 1", r"x = 1 \vee x = 2", r"x > 0 \wedge y > 0"),
        ),
        Construct(
            "cases",
            "values with their conditions",
            (r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",),
        ),
        Construct(
            "lines",
            "aligned, align, split, gather, with numbers and remarks",
            (r"\begin{aligned} a &= b \\ &= c \quad \text{(why)} \tag{1} \end{aligned}",),
        ),
    ),
)

_LAYOUT = Part(
    "Layout",
    "What does not change the meaning is left out.",
    (
        Construct("words", "behind a formula or a line", (r"x = 1 \quad \text{by (2)}",), (), (r"x \text{ times } y",)),
        Construct(
            "notes at a part",
            "the part itself",
            (r"\underbrace{x + 1}_{\text{sum}}", r"\overbrace{x}^{n}", r"\boxed{x + 1}"),
        ),
        Construct("dollars around it", "as in a text", ("$x + 1$", "$$x + 1$$")),
    ),
)

_WRITTEN = (
    _ARITHMETIC,
    _NAMES,
    _FUNCTIONS,
    _CALCULUS,
    _SUMS,
    _PROBABILITY,
    _OPTIMA,
    _MATRICES,
    _STATEMENTS,
    _LAYOUT,
)


# --- what comes from the reader's own tables -------------------------------------------------------------------------


def _generated() -> Iterator[Part]:
    yield Part(
        "Known functions", "With what it means in u, where it is written with others.",
        head=("function", "written", "meaning"), rows=tuple(_functions()),
    )  # fmt: skip
    yield Part("Greek letters", "Also as the character itself.", head=("letter", "written"), rows=tuple(_greek()))
    yield Part("Accents and fonts", "Part of a name.", head=("mark", "written"), rows=tuple(_marks()))
    yield Part("Relation signs", "All spellings of one sign.", head=("sign", "written"), rows=tuple(_signs()))
    same = ("read as", "written")
    yield Part("Further spellings", "Read as the sign beside them.", head=same, rows=tuple(_spellings()))
    yield Part("Characters", "Read as the command beside them.", head=same, rows=tuple(_characters()))
    yield Part(
        "Left out", "Spacing, sizing, numbering and remarks.", head=("what", "written"),
        rows=(("by itself", _listed(_spelt(tokens._SILENT))), ("with its argument", _listed(_spelt(tokens._SKIPPED)))),
    )  # fmt: skip
    unread = ("written", "why", "instead")
    yield Part("Not read", "Refused, with what to write instead.", head=unread, rows=tuple(_unread()))
    yield Part("Limits", "What is larger is refused as too large.", head=("of what", "at most"), rows=_LIMITS)


def _functions() -> Iterator[tuple[str, ...]]:
    for row in FUNCTIONS.values():
        spellings = dict.fromkeys((row.text, row.name, *row.spellings))
        yield row.title, _listed(spellings), row.definition


def _greek() -> Iterator[tuple[str, ...]]:
    yield from ((letter, f"\\{name}, {name}") for name, letter in GREEK.items())


def _marks() -> Iterator[tuple[str, ...]]:
    for table in (ACCENTS, FONTS):
        for mark in dict.fromkeys(table.values()):
            yield _MARKS.get(mark, mark), _listed(command for command, made in table.items() if made == mark)


_MARKS = {"": "none", "rm": "upright", "cal": "script", "bb": "double-struck"}


def _signs() -> Iterator[tuple[str, ...]]:
    for written, sign in {**RELATIONS, **IMPLICATIONS}.items():
        yield sign, _listed((written, *_written_as(written)))


def _written_as(sign: str) -> Iterator[str]:
    yield from (other for other, same in {**tokens._SAME, **tokens._UNICODE}.items() if same == sign)


def _spellings() -> Iterator[tuple[str, ...]]:
    yield from _by_meaning(tokens._SAME)


def _characters() -> Iterator[tuple[str, ...]]:
    letters = GREEK.values()
    yield from _by_meaning({c: sign for c, sign in tokens._UNICODE.items() if c not in letters})


def _by_meaning(table: dict[str, str]) -> Iterator[tuple[str, ...]]:
    for sign in dict.fromkeys(table.values()):
        if sign not in RELATIONS and sign not in IMPLICATIONS:
            yield sign, _listed(written for written, same in table.items() if same == sign)


def _unread() -> Iterator[tuple[str, ...]]:
    yield from ((command, why, instead) for command, (why, instead) in UNREAD.items())


def _spelt(commands: Iterable[str]) -> list[str]:
    return sorted((c for c in commands if c[1:].strip()), key=lambda command: (command.lower(), command))


def _listed(items: Iterable[str]) -> str:
    return "  ".join(items)


_LIMITS = (
    ("characters of a formula", f"{limits.FORMULA_CHARACTERS:,}"),
    ("levels of brackets", f"{limits.NESTING}"),
    ("parts of a formula", f"{limits.PARTS:,}"),
    ("digits of a number", f"{limits.NUMBER_DIGITS}"),
    ("an exponent", f"{limits.NUMBER_EXPONENT:,}"),
    ("bits of a power", f"{limits.VALUE_BITS:,}"),
    ("rows and columns of a matrix", f"{limits.MATRIX_SIDE}"),
    ("order of a derivative", f"{limits.DERIVATIVE_ORDER}"),
)


# --- setting the page ---------------------------------------------------------------------------------------------


def _cells(construct: Construct, shown: Shown | None) -> Iterator[tuple[str, str, str]]:
    """A line for each example: the LaTeX, how it is shown when read, and what it needs."""
    names = construct.names()
    for example in construct.examples:
        yield example, shown(read(example, names)) if shown else "", ""
    for example in construct.refused:
        yield example, "", "refused"


def text(width: int = 80, shown: Shown | None = None) -> str:
    """The page for a terminal. ``shown`` writes a tree on a line, to stand beside each example."""
    return "\n\n".join("\n".join(_text_part(part, width, shown)) for part in page()) + "\n"


def _text_part(part: Part, width: int, shown: Shown | None) -> Iterator[str]:
    yield part.title
    yield from textwrap.wrap(part.about, width)
    for construct in part.constructs:
        yield ""
        yield from _wrapped(f"{construct.name}: {construct.meaning}", width, "  ")
        if construct.declare:
            yield from _wrapped(f"declare {', '.join(construct.declare)}", width, "    ")
        yield from _examples(construct, width, shown)
    if part.rows:
        yield ""
        yield from _table(part.rows, width)


def _examples(construct: Construct, width: int, shown: Shown | None) -> Iterator[str]:
    lines = list(_cells(construct, shown))
    column = min(max(len(latex) for latex, _, _ in lines), width // 2)
    for latex, meant, refused in lines:
        beside = meant or refused
        line = f"    {latex.ljust(column)}  {beside}".rstrip()
        yield from [line] if len(line) <= width else [f"    {latex}", f"      {beside}".rstrip()]


def _table(rows: tuple[tuple[str, ...], ...], width: int) -> Iterator[str]:
    column = min(max(len(row[0]) for row in rows), width // 3)
    for first, *rest in rows:
        cells = "  —  ".join(cell for cell in rest if cell)
        yield from _wrapped(f"{first.ljust(column)}  {cells}", width, "  ", " " * (column + 4))


def _wrapped(line: str, width: int, indent: str, later: str | None = None) -> list[str]:
    later = indent + "  " if later is None else later
    return textwrap.wrap(
        line, width, initial_indent=indent, subsequent_indent=later, break_long_words=False, break_on_hyphens=False,
        drop_whitespace=True, replace_whitespace=False,
    )  # fmt: skip


def markdown(shown: Shown | None = None, level: int = 3) -> str:
    """The page in Markdown, with headings of a level."""
    return "\n".join(line for part in page() for line in _markdown_part(part, shown, level))


def _markdown_part(part: Part, shown: Shown | None, level: int) -> Iterator[str]:
    yield from (f"{'#' * level} {part.title}", "", part.about, "")
    if part.constructs:
        yield from _markdown_table(("construct", "example", "meaning", "declare"), _construct_rows(part, shown))
    if part.rows:
        yield from _markdown_table(part.head, (_coded(part, row) for row in part.rows))


def _construct_rows(part: Part, shown: Shown | None) -> Iterator[tuple[str, ...]]:
    for construct in part.constructs:
        lines = _cells(construct, shown)
        examples = "<br>".join(_code(latex) + (f" {meant or refused}").rstrip() for latex, meant, refused in lines)
        yield construct.name, examples, construct.meaning, "<br>".join(map(_code, construct.declare))


def _coded(part: Part, row: tuple[str, ...]) -> tuple[str, ...]:
    """The cells that hold LaTeX as code; what is in words stays so."""
    coded = {"written", "read as", "sign"}
    return tuple(
        "  ".join(map(_code, cell.split("  "))) if head in coded and cell else _code(cell) if "\\" in cell else cell
        for head, cell in zip(part.head, row, strict=True)
    )


def _code(latex: str) -> str:
    """Inline code; backticks do not occur."""
    return f"`{latex}`"


def _markdown_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table; a bar in a cell would end it and is escaped."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
