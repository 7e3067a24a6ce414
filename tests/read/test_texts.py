import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import limits
from derive.errors import LimitError, ProblemError
from derive.read import texts
from derive.read.latex import Names, read
from derive.read.texts import Formula, Prose, read_text
from derive.tree import Relation
from derive.write.text import text

HERE = Path(__file__).parent / "texts"


def shown(source, file="a.md", names=None):
    """Each line: its place, its sign and what it says."""
    found = read_text(source, names, file)
    assert found.source() == source
    return [(f"{x.line}:{x.column}", f"{x.sign} {text(x.node)}".strip() if x.node else "✗") for x in found.lines()]


def says(source, file="a.md", names=None):
    return [said for _, said in shown(source, file, names)]


def chains(source, file="a.md"):
    return [[f"{x.sign} {x.latex}".strip() for x in chain.lines] for chain in read_text(source, None, file).chains]


# --- real texts -------------------------------------------------------------------------------------------


SAMPLES = {
    "homework.md": [
        ("3:6", "C(θ₁, θ₂) = 2θ₁² + 3θ₁ θ₂"), ("8:1", "∂C/∂θ₁ = 4θ₁ + 3θ₂"), ("11:26", "∂C/∂θ₂ = 3θ₁"),
        ("13:25", "α = 1"), ("13:48", "(1, 9)"), ("16:1", "θ_new = (1, 9) - ∇C(1, 9)"),
        ("17:14", "= (1, 9) - (31, 3)"), ("18:14", "= (-30, 6)"), ("22:3", "= -6 (5, -1)"),
        ("34:29", "σ(x) = 1/(1 + e^(-x))"), ("35:19", "σ'(x) = σ(x) (1 - σ(x))"), ("39:3", "σ(-x) = 1 - σ(x)"),
        ("45:4", "✗"), ("47:28", "x² ≥ 0"),
    ],
    "report.tex": [
        ("6:9", "f(x) = 1/(1 + e^(-x))"), ("9:3", "f'(x) = d/dx[1/(1 + e^(-x))]"),
        ("10:12", "= e^(-x)/(1 + e^(-x))²"), ("11:12", "= f(x) (1 - f(x))"), ("19:3", "f(0) = 1/2"),
        ("20:3", "f(1) ≈ 0.731"), ("24:3", "(a + b)³ = a³ + 3a² b + 3a b² + b³"), ("29:3", "x = 1"), ("29:13", "y = 2"),
        ("30:3", "u = 3"), ("30:13", "v = 4"), ("33:3", "s = x + y"), ("34:11", "= 3"),
        ("38:3", "|x| = {x if x ≥ 0; -x otherwise}"), ("41:6", "= 4"),
    ],
    "scanned.md": [
        ("4:1", "y = Σ[x] p x"), ("7:6", "p = (1/2, 1/2)"), ("7:52", "q = (1/4, 3/4)"),
        ("11:2", "= (1/2) log((1/2)/(1/4)) + (1/2) log((1/2)/(3/4))"), ("12:9", "~= 0.1438"),
        ("20:3", "d/dx[σ(x)] = d/dx[1/(1 + e^(-x))]"), ("21:4", "= e^(-x)/(1 + e^(-x))²"),
        ("22:4", "= σ(x) (1 - σ(x))"), ("26:2", "h₁ = max(0, 3·2 + 1·1 - 1·(-2)) = 9"),
    ],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_real_looking_homework(name):
    found = shown((HERE / name).read_text(encoding="utf-8"), name)
    assert found == SAMPLES[name]


def test_the_chains_of_a_homework():
    found = texts.read_file(HERE / "report.tex")
    assert found.source() == (HERE / "report.tex").read_text(encoding="utf-8")
    assert [len(chain.lines) for chain in found.chains] == [1, 3, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1]
    assert [d.name.plain for d in found.definitions] == ["f"]


# --- what is a formula, and what is not -------------------------------------------------------------------


@pytest.mark.parametrize(("source", "formulas"), [
    ("a $x$ b", ["x"]), ("$$x$$", ["x"]), (r"\(x\) \[y\]", ["x", "y"]), (r"\\(x\\) and \\[y\\]", ["x", "y"]),
    ("$x$$y$", ["x", "y"]), ("$ x $", ["x"]), ("$`x`$", ["x"]), ("```math\nx\n```", ["x"]),
    (r"\begin{equation*} x \end{equation*}", ["x"]), ("> $$\n> x +\n> y\n> $$", ["x + y"]),
    ("costs $5 and $10", []),
    ("pays $5 or $ 10", []), ("$x + 1 $", ["x + 1"]), (r"costs \$5 and \$10", []),
    ("$5", []), ("a $ b", []), ("$$", ["✗"]), ("$$ x", ["✗"]),
    ("`$x$` ``a ` $x$``", []), ("```\n$x$\n```\n$y$", ["y"]), ("~~~\n$x$\n~~~", []), ("```\n$x$", []),
    ("<!-- $x$ --> $y$", ["y"]), ("<pre>$x$</pre>", []), ("a $x\n\ny$ b", []), ("$x % y$", ["✗"]),
    (r"\verb|$x$| $y$", ["y"]), ("\\begin{verbatim}\n$x$\n\\end{verbatim}", []), (r"$x \text{ if $y$}$", ["✗"]),
    (r"\\ $x$", ["x"]), ("$x\\$y$", ["✗"]), ("", []), ("no formula", []),
])
def test_what_is_a_formula_in_markdown(source, formulas):
    assert says(source) == formulas


@pytest.mark.parametrize(("source", "formulas"), [
    ("% $x$\n$y$", ["y"]), (r"50\% of $x$", ["x"]), (r"a \\[2pt] $x$", ["x"]), ("$5$ and $10$", ["5", "10"]),
    ("`$x$'", ["x"]), ("\\begin{lstlisting}\n$x$\n\\end{lstlisting} $y$", ["y"]), (r"\[ x", ["✗"]), (r"\( x", ["✗"]),
    (r"\begin{align} x", ["✗"]), ("\\[ x % and\n + y \\]", ["x + y"]),
    (r"$a$ \begin{document} $x$ \end{document} $y$", ["x"]), (r"\begin{math}x\end{math}", ["x"]),
])
def test_what_is_a_formula_in_latex(source, formulas):
    assert says(source, "a.tex") == formulas


def test_the_name_or_else_the_text_says_whether_it_is_latex():
    source = "% $x$\n\\documentclass{article} $y$"
    assert says(source, "a.tex") == says(source, "") == ["y"]
    assert says(source, "a.md") == ["x", "y"]


# --- lines and chains -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("inside", "lines"), [
    (r"x &= y \\ &= z", ["x = y", "= z"]), (r"x &= y \\ z &= w", ["x = y", "z = w"]),
    (r"x &= y \\ &\le z \tag{1} \\", ["x = y", "<= z"]), (r"x &= y && \text{why} \\ &= z", ["x = y", "= z"]),
    (r"x &= a \\ &\quad + b", ["x = a + b"]), (r"x &= a \\ &- b", ["x = a - b"]),
    (r"x = a \\ -y = b", ["x = a", "-y = b"]),
    (r"x = \\ y", ["x = y"]), (r"x = \\ = y", ["x = y"]), (r"x &= 1, & y &= 2", ["x = 1", "y = 2"]),
    (r"x &= \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} \\ &= y", ["x = [[1, 2], [3, 4]]", "= y"]),
    (r"\text{first} \\ x", ["x"]), (r"x \\[2pt] \intertext{so $y$} = z", ["x", "= z"]),
    (r"x &= 1 \\ \Rightarrow x + 1 &= 2", ["x = 1", "=> x + 1 = 2"]),
    (r"x \label{eq} \nonumber", ["x"]), (r"\frac{1}{ \\ x", ["✗"]), (r"x &= (1 \\ &= z", ["✗", "= z"]),
])
def test_the_lines_of_an_aligned_formula(inside, lines):
    for source in (rf"\begin{{align*}}{inside}\end{{align*}}", rf"$$\begin{{aligned}}{inside}\end{{aligned}}$$"):
        assert says(source) == lines


@pytest.mark.parametrize(("source", "expected"), [
    ("$$x = y$$\n\n$$= z$$", [["x = y", "= z"]]), ("$$x = y$$ so that $$= z$$", [["x = y", "= z"]]),
    ("$$x = y$$\n# Next\n$$= z$$", [["x = y"], ["= z"]]), ("$x = y$ $= z$", [["x = y", "= z"]]),
    ("$x = y$, thus $= z$", [["x = y"], ["= z"]]), ("$$x = y$$ with $u = 1$ $$= z$$", [["x = y", "= z"], ["u = 1"]]),
    (r"\begin{gather} x = 1 \\ y = 2 \end{gather}", [["x = 1"], ["y = 2"]]), ("$$= z$$", [["= z"]]),
    (r"\begin{array}{l} x = 1 \\ = y \end{array}", []), (r"$$\begin{array}{rcl} x & = & 1 \\ & = & y \end{array}$$",
                                                        [["x   =   1", "= y"]]),
])
def test_what_continues_what(source, expected):
    assert chains(source) == expected


def test_a_table_of_values_is_no_stack_of_lines():
    assert says(r"$$\begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array}$$") == ["[[1, 2], [3, 4]]"]


# --- names ------------------------------------------------------------------------------------------------


def test_a_function_that_the_text_defines_may_be_applied_everywhere():
    assert says("$C(1, 2)$ where $C(x, y) = x y$") == ["C(1, 2)", "C(x, y) = x y"]
    assert says("$C(1, 2)$ where $C(x, y) = \\frac{x$") == ["C(1, 2)", "✗"]
    assert says("$C(1, 2)$") == ["✗"]
    assert says("$C(1, 2)$", names=Names(functions=frozenset("C"))) == ["C(1, 2)"]


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "line", "column", "says"), [
    ("a\nb $x + $ c", 2, 7, "expected"), ("$$\nx = \\frac{1}{2\n$$", 2, 15, "expected '}'"),
    ("\\begin{align}\n x &= y \\\\\n &= z + )\n\\end{align}", 3, 9, ""), ("text $$ x", 1, 6, "$$ is never closed"),
    ("$x = а$", 1, 6, "CYRILLIC SMALL LETTER A"), ("\ufeff$x = \x00$", 1, 6, "U+0000"), ("$$ $$", 1, 1, "empty"),
    ("one\r\ntwo $x +$", 2, 9, "expected"), ("\t$x +$", 1, 6, "expected"), ("one\rtwo $x +$", 2, 9, "expected"),
])
def test_a_refusal_has_the_place_in_the_file(source, line, column, says):
    (error,) = read_text(source, None, "work.md").errors()
    assert (error.file, error.line, error.column) == ("work.md", line, column)
    assert says in error.problem
    assert str(error).startswith(f"work.md:{line}:{column}: ")


def test_the_picture_shows_the_line_of_the_file():
    (error,) = read_text("one\nx, $a + \\foo$ two", None, "a.md").errors()
    shown, caret = error.picture.splitlines()
    assert shown == "  x, $a + \\foo$ two"
    assert caret.index("^") == shown.index("\\foo")


def test_the_others_are_read_all_the_same():
    found = read_text("$x$ $x +$ $y$")
    assert [line.error is None for line in found.lines()] == [True, False, True]


def test_limits(monkeypatch):
    with pytest.raises(LimitError, match="too large"):
        read_text("x" * (limits.FILE_BYTES + 1))
    monkeypatch.setattr(limits, "FORMULAS_IN_TEXT", 3)
    with pytest.raises(LimitError, match="4 formulas"):
        read_text("$x$ " * 4)
    (error,) = read_text("$" + "x + " * limits.FORMULA_CHARACTERS + "x$").errors()
    assert "characters" in error.problem


def test_files_that_are_not_text(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(b"one\n$x$ \xe9")
    with pytest.raises(ProblemError, match=r"a\.md:2: the file is not UTF-8"):
        texts.read_file(path)
    with pytest.raises(ProblemError, match="no such file"):
        texts.read_file(tmp_path / "b.md")


@pytest.mark.parametrize("piece", [
    "$", "$$", "\\[", "\\(", "`", "``", "```", "\\begin{align}", "\\begin{verbatim}", "\\verb|", "<!--", "\\text{",
    "\\\\[", "~~~\n", "$ $\n\n", "$`", "\\end{align}", "{", "%", "\\verb", "`" * 40 + "x",
])
def test_the_time_grows_with_the_length_only(piece, monkeypatch):
    monkeypatch.setattr(limits, "FORMULAS_IN_TEXT", 10**9)
    monkeypatch.setattr(texts._Reader, "formula", lambda reader, span, pieces: Formula("x", 1, 1, True, ()))
    # eight times the text may take eight times as long, and with all the noise of a machine not the square of it
    assert _seconds(piece * (160_000 // len(piece))) < 24 * _seconds(piece * (20_000 // len(piece))) + 0.2


def _seconds(text: str) -> float:
    """Processor time, the least of three runs."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        read_text(text)
        taken.append(time.process_time() - began)
    return min(taken)


# --- laws -------------------------------------------------------------------------------------------------

PIECES = st.sampled_from([
    "$", "$$", r"\(", r"\)", r"\[", r"\]", "`", "```", "~~~", "\n", "\n\n", "\r\n", " ", "\\", r"\\", "%", "{", "}",
    "&", "x", "=", "= y", "1", r"\$", r"\begin{align}", r"\end{align}", r"\begin{aligned}", r"\end{aligned}",
    r"\text{a $b$}", "# H", r"\begin{verbatim}", r"\end{verbatim}", r"\verb|", "|", "<!--", "-->", "> ", "+",
    r"\begin{array}{l}", r"\end{array}", r"\tag{1}", "f(x) = 2", "é", "\ufeff", "\t", r"\begin{equation}",
    r"\end{equation}", r"\intertext{", r"\label{a}",
])
SOURCES = st.lists(PIECES, max_size=24).map("".join)


@settings(max_examples=400)
@given(SOURCES, st.sampled_from(["a.md", "a.tex", ""]))
def test_prose_and_formulas_together_are_the_text(source, file):
    found = read_text(source, None, file)
    assert found.source() == source
    assert all(isinstance(part, Prose | Formula) and part.source for part in found.parts)
    ordered = [line for line in found.lines() if line.node is not None or line.error is not None]
    assert len(ordered) == len(found.lines()) == sum(len(chain.lines) for chain in found.chains)
    for chain in found.chains:
        assert all(line.sign for line in chain.lines[1:])


@given(SOURCES, st.sampled_from(["a.md", "a.tex"]))
def test_every_place_is_where_the_line_stands(source, file):
    rows = source.replace("\r\n", "\n").split("\n")
    for line in read_text(source, None, file).lines():
        row = rows[line.line - 1].removeprefix("\ufeff") if line.line == 1 else rows[line.line - 1]
        start = line.latex.split(" ")[0].split("\n")[0]
        assert not line.latex or row[line.column - 1 :].startswith(start[:1])


FORMULAS = st.sampled_from([r"\frac{1}{x}", "a + b", r"\sigma(x) = 1", r"x^2 \ge 0", r"\sum_{i=1}^n i"])
WORDS = st.text(alphabet="abc ,.\n", min_size=1, max_size=12).map(lambda words: f" {words} ")


DELIMITERS = st.sampled_from([("$", "$"), ("$$", "$$"), (r"\(", r"\)"), (r"\[", r"\]")])


@given(st.lists(st.tuples(WORDS, FORMULAS, DELIMITERS)))
def test_every_formula_among_words_is_found_and_read(parts):
    source = "".join(f"{words}{opening}{formula}{closing}" for words, formula, (opening, closing) in parts)
    found = read_text(source, None, "a.md")
    assert [line.node for line in found.lines()] == [read(formula) for _, formula, _ in parts]
    assert [part.source for part in found.formulas()] == [f"{a}{formula}{b}" for _, formula, (a, b) in parts]


def test_a_chain_in_one_formula_is_one_relation():
    (line,) = read_text("$a = b \\le c$").lines()
    assert isinstance(line.node, Relation)
    assert line.node.signs == ("=", "<=")
