import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from derive import braced, choices, limits
from derive.errors import DeriveError, ProblemError
from derive.problem import Field
from derive.read import fields, mistakes, problems
from derive.read.skeleton import problem_file
from derive.tree import Call, E, Indexed, Negative, Number, Product, Quotient, Root, Sum, Symbol, number

FIELDS = (
    Field("function", "function", "the cost", required=True, example=r"'C(\theta_1, \theta_2) = 2\theta_1^2'"),
    Field("start", "numbers", "where to begin", required=True, example="[1, 9]"),
    Field("step_size", "number", "the step size", default=number(1), example="0.1"),
    Field("steps", "integer", "how many", default=3, least=1, most=1000),
    Field("method", "choice", "how", default="plain", choices=("plain", "momentum", "adam")),
    Field("at", "points", "where", default=()),
    Field("also", "functions", "further functions", default=()),
    Field("target", "formula", "the form to reach"),
    Field("forms", "formulas", "parts", default=()),
    Field("variable", "symbol", "by what"),
    Field("variables", "symbols", "by what", default=()),
    Field("figure", "boolean", "whether to draw", default=True),
    Field("note", "text", "a remark", default=""),
    Field("wanted", "choices_list", "what", default=(), choices=("extrema", "symmetry")),
    Field("other", "any", "anything", default=None),
)


@pytest.fixture(autouse=True)
def one_kind(monkeypatch):
    """A kind with a field of every type, so that these tests depend on no kind that exists."""
    known = ["descent", "jacobian"]
    module = SimpleNamespace(FIELDS=FIELDS, SUMMARY="a kind for tests")
    monkeypatch.setattr(choices, "names", lambda folder: known)
    monkeypatch.setattr(choices, "load", lambda folder, name: dict.fromkeys(known, module)[name])


HEAD = """title = "A title"
kind = "descent"
[given]
function = 'C(x, y) = x^2 + y'
start = [1, 9]
"""


def given(lines, head=HEAD):
    sheet = problems.read_text(head + lines, "file.toml")
    assert sheet.errors == ()
    return sheet.problems[0].given


def refusals(text):
    try:
        return [str(error) for error in problems.read_text(text, "file.toml").errors]
    except ProblemError as error:
        return [str(error)]


# --- what is read --------------------------------------------------------------------------------


def test_a_problem_with_all_its_parts():
    sheet = problems.read_text(HEAD + "[symbols]\n'\\theta_1' = \"positive\"\nx = '( 0,1 )'\n", "file.toml")
    (problem,) = sheet.problems
    assert (sheet.title, problem.title, problem.kind) == ("A title", "A title", "descent")
    assert problem.domains == {Symbol("theta", "1"): "positive", Symbol("x"): "(0, 1)"}
    assert (problem.file, problem.line, problem.lines["start"]) == ("file.toml", 1, 5)
    assert problem.given["steps"] == 3
    assert problem.given["start"] == (Number("1"), Number("9"))


def test_a_sheet_of_problems():
    one = "[[problem]]\ntitle = 'One'\nkind = 'descent'\n[problem.given]\nfunction = 'x^2'\nstart = [1]\n"
    sheet = problems.read_text(f"title = 'Sheet'\n{one}{one.replace('One', 'Two')}", "file.toml")
    assert (sheet.title, [p.title for p in sheet.problems]) == ("Sheet", ["One", "Two"])
    assert [p.line for p in sheet.problems] == [2, 8]
    assert [p.title for p in problems.read_text(f"{one}{one.replace('One', 'Two')}", only=["two"]).problems] == ["Two"]
    assert [p.title for p in problems.read_text(f"{one}{one.replace('One', 'Two')}", only=["1"]).problems] == ["One"]


def test_a_title_is_made_where_there_is_none():
    assert problems.read_text(HEAD.partition("\n")[2]).problems[0].title == "Descent"
    assert problems.read_text(HEAD.partition("\n")[2], stem="my-sheet").problems[0].title == "my sheet"


@pytest.mark.parametrize(("written", "read"), [
    ("3", Number("3")), ("-2", Negative(Number("2"))), ("0.1", Number("0.1")), ("0.10", Number("0.10")),
    ("-1.5", Negative(Number("1.5"))), ("1_000.5", Number("1000.5")), ("1e-3", Number("0.001")),
    ("2E3", Number("2000")), ("+4", Number("4")), ("-0.0", Number("0.0")), ("0x10", Number("16")),
    ("'1/3'", Quotient(Number("1"), Number("3"))), (r"'\frac{1}{3}'", Quotient(Number("1"), Number("3"))),
    (r"'\sqrt{2}'", Root(Number("2"))), ("'e'", E), ("'0.25'", Number("0.25")), ("'-3'", Negative(Number("3"))),
])
def test_numbers_are_exact_and_keep_their_spelling(written, read):
    assert given(f"step_size = {written}")["step_size"] == read


@pytest.mark.parametrize(("value", "read"), [
    (0.1, Number("0.1")), (-2.5, Negative(Number("2.5"))), (1e-3, Number("0.001")), (3, Number("3")),
])
def test_numbers_of_python_are_the_decimals_that_it_writes(value, read):
    assert fields.number(value) == read


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True])
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(fields.MisfitError):
        fields.number(value)


@pytest.mark.parametrize(("written", "read"), [
    ("[1, [2, 3], '(4, 5)']", (("1",), ("2", "3"), ("4", "5"))), ("0", (("0",),)), ("[]", ()),
])
def test_points(written, read):
    assert given(f"at = {written}")["at"] == tuple(tuple(map(Number, point)) for point in read)


def test_functions_may_be_named_or_bare():
    named = given("")["function"]
    assert (named.name, named.parameters) == (Symbol("C"), (Symbol("x"), Symbol("y")))
    bare = given("also = ['x_{10} x_2 f']")["also"][0]
    assert bare.name == Symbol("g")
    assert [s.plain for s in bare.parameters] == ["f", "x_2", "x_10"]


def test_formulas_may_apply_the_functions_given_with_them():
    values = given("also = ['g(t) = C(t, t)', 'h(t) = g(g(t))']\ntarget = 'h(2) + C(1, 2)'")
    assert [d.name.plain for d in values["also"]] == ["g", "h"]


@pytest.mark.parametrize("written", ["theta_1", r"\\theta_1", r"\\theta_{1}"])
def test_names_in_latex_and_plain(written):
    written = written.replace("\\\\", "\\")
    assert given(f"variable = '{written}'")["variable"] == Symbol("theta", "1")


def test_other_types():
    values = given("figure = false\nnote = 'x'\nwanted = ['symmetry']\nother = {a = [0.10]}\nvariables = ['x', 'y']")
    assert values["figure"] is False
    assert values["wanted"] == ("symmetry",)
    assert values["other"] == {"a": ["0.10"]}
    assert values["variables"] == (Symbol("x"), Symbol("y"))


@pytest.mark.parametrize("change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n")])
def test_what_editors_do_to_files(change):
    assert problems.read_text(change(HEAD)).errors == ()


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "at", "says"), [
    ("stepsize = 1", 6, ['unknown key "stepsize" in [given]', 'did you mean "step_size"?']),
    ("zzz = 1", 6, ['unknown key "zzz"', "known are function, start"]),
    ("title = 'x'", 6, ['"title" belongs outside [given]']),
    ("steps = 0", 6, ["steps: expected a whole number from 1 to 1_000, found 0"]),
    ("steps = 1000000000", 6, ["found 1000000000"]),
    ("steps = true", 6, ["found true or false"]),
    ("steps = 2.0", 6, ["expected a whole number, found a decimal '2.0'"]),
    ("steps = '3'", 6, ["expected a whole number, found text '3'"]),
    ("step_size = nan", 6, ["expected a finite number"]),
    ("step_size = inf", 6, ["expected a finite number"]),
    ("step_size = 1e999999999999999999999", 6, ["too large"]),
    ("step_size = 1e300", 6, ["too large"]),
    (f"step_size = {'9' * 100}", 6, ["too large"]),
    (f"step_size = {'9' * 5000}", 0, ["not TOML"]),
    (f"step_size = 0x{'f' * 5000}", 6, ["too large"]),
    ("step_size = 'x'", 6, ["found a formula in x"]),
    ("step_size = 'x = 1'", 6, ["expected a number"]),
    ("step_size = [1]", 6, ["expected a number, found a list", "for instance: step_size = 0.1"]),
    ("step_size = 2024-01-01", 6, ["found a date"]),
    ("method = 'adom'", 6, ["'adom' is not one of: plain, momentum, adam", 'did you mean "adam"?']),
    ("at = [\n  1,\n  'x',\n]", 8, ["at: item 2: expected a number"]),
    ("at = [[1, 2],\n [3, {}]]", 7, ["at: item 2: item 2: expected a number, found a table"]),
    ("target = '2 + '", 6, ["target: ", "  2 + ", "    ^"]),
    ("target = \"\\frac{1}{2}\"", 6, [r'"\frac" in double quotes is a form feed', "use single quotes"]),
    ("target = \"\\theta\"", 6, ["a tab", "use single quotes"]),
    ("target = \"\\nabla x\"", 6, ["a new line", "use single quotes"]),
    ("forms = ['x', \"\\beta\"]", 6, ["a backspace", "use single quotes"]),
    ("target = \"\\sigma(x)\"", 6, ["not TOML", "use single quotes"]),
    ("target = \"\\underset{x}{y}\"", 6, ["not TOML", "use single quotes"]),
    ("target = x^2", 6, ["not TOML", "put formulas and words in single quotes"]),
    ("target = 'f'(x)'", 6, ["not TOML", "three quotes"]),
    ("target = ‘x’", 6, ["not TOML", "straight quotes"]),
    ("target = 2024-01-01", 6, ["expected a formula in single quotes"]),
    ("variable = 'x + 1'", 6, ["expected one name"]),
    ("also = ['x = y = 2']", 6, ["also: item 1"]),
    ("figure = 'yes'", 6, ["expected true or false, found text 'yes'"]),
    ("[symbols]\nx = 'positve'", 7, ["x: 'positve' is not a domain", 'did you mean "positive"?']),
    ("[symbols]\nx = 3", 7, ["expected a domain in quotes"]),
    ("[symbols]\n'x + y' = 'real'", 7, ["expected one name"]),
    ("[symbols]\n'x }' = 'real'", 7, ["x }"]),
    ("[more]", 6, ['unknown key "more"', "known are title, kind"]),
    ("start = [1]", 6, ["not TOML", "Cannot overwrite a value"]),
])
def test_a_mistake_is_told_with_its_place_and_a_hint(line, at, says):
    (message,) = refusals(HEAD + line)
    assert message.startswith(f"file.toml:{at}: " if at else "file.toml: ")
    for part in says:
        assert part in message


@pytest.mark.parametrize(("text", "says"), [
    ("", ['the key "kind" is missing']),
    ("kind = 'decent'", ['there is no kind "decent"', 'did you mean "descent"?']),
    ("kind = 3", ["kind: expected text"]),
    ("kind = 'Jacobian'\n", ['did you mean "jacobian"?']),
    ("kind = 'descent'\ngiven = 3", ["given: expected a table"]),
    ("problem = 3", ["write [[problem]] with two brackets"]),
    ("[problem]\nkind = 'descent'", ["write [[problem]] with two brackets"]),
    ("[[problem]]\n" * (limits.PROBLEMS_IN_FILE + 1), ["too many"]),
    ("a = " + "[" * 100_000, ["nested too deeply"]),
    (".".join("a" * 300_000) + " = 1", ["nested too deeply"]),
    ("[" + ".".join(['"a"'] * 200_000) + "]", ["nested too deeply"]),
    ("x" * (limits.FILE_BYTES + 1), ["too large"]),
    ('title = "unclosed', ["not TOML"]),
])
def test_a_file_that_is_wrong_as_a_whole(text, says):
    messages = "\n".join(refusals(text))
    for part in says:
        assert part in messages


def test_missing_keys_are_told_with_an_example():
    messages = refusals("kind = 'descent'\n\n[given]\nsteps = 1")
    assert [m.partition(": ")[0] for m in messages] == ["file.toml:3", "file.toml:3"]
    assert 'the key "start" is missing from [given]' in messages[1]
    assert "for instance: start = [1, 9]" in messages[1]


def test_a_key_in_the_wrong_place():
    *_, message = refusals("kind = 'descent'\nstart = [1]")
    assert '"start" belongs under [given]' in message
    messages = refusals("kind = 'descent'\n[[problem]]")
    assert '"kind" belongs under [[problem]]' in messages[0]


def test_every_mistake_is_told_and_the_right_problems_are_kept():
    right = "[[problem]]\nkind = 'descent'\n[problem.given]\nfunction = 'x'\nstart = [1]\n"
    wrong = "[[problem]]\nkind = 'descent'\n[problem.given]\nfunction = 'x +'\nstart = true\n"
    sheet = problems.read_text(right + wrong + right + wrong, "file.toml")
    assert len(sheet.problems) == 2
    assert [error.line for error in sheet.errors] == [9, 10, 19, 20]


def test_a_flood_of_mistakes_is_counted():
    messages = refusals(HEAD + "\n".join(f"k{i} = 1" for i in range(20_000)))
    assert len(messages) < 100
    assert messages[0].startswith("file.toml:6: ")
    assert messages[-1] == f"file.toml: and {20_000 - mistakes.MISTAKES_TOLD:,} more mistakes"


def test_a_title_with_eaten_latex():
    assert "use single quotes" in refusals(HEAD.replace("A title", r"The angle \theta"))[0]


@pytest.mark.parametrize(("content", "says"), [
    (b"\xff\xfe\x00", "not UTF-8"), (b"title = 'ok'\nx = '\xe9'", ":2: the file is not UTF-8"), (b"\x00", "not TOML"),
])
def test_files_that_are_not_text(tmp_path, content, says):
    path = tmp_path / "file.toml"
    path.write_bytes(content)
    with pytest.raises(ProblemError, match=says):
        problems.read_file(path)


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(ProblemError, match="no such file"):
        problems.read_file(tmp_path / "missing.toml")
    with pytest.raises(ProblemError, match="a folder"):
        problems.read_file(tmp_path)


def test_a_large_file_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "file.toml"
    with path.open("wb") as stream:
        stream.truncate(10**12)  # a sparse file
    with pytest.raises(ProblemError, match="too large"):
        problems.read_file(path)


# --- [symbols] -----------------------------------------------------------------------------------

INDEX, OTHER = Symbol("i"), Symbol("j")


def target(symbols, formula, also="[]"):
    return given(f"also = {also}\ntarget = '{formula}'\n[symbols]\n{symbols}")["target"]


@pytest.mark.parametrize(("symbols", "formula", "node"), [
    ("f = 'function'", "f(1)", Call("f", (Number("1"),))),
    ("'f(x)' = 'function'", "f(1)", Call("f", (Number("1"),))),
    ("p = 'density'", "p(1)", Call("p", (Number("1"),))),
    ("x_i = 'real'", "x_i", Indexed(Symbol("x"), (INDEX,))),
    ("'A_{ij}' = 'real'", "A_{ij}", Indexed(Symbol("A"), (INDEX, OTHER))),
    ("W = 'matrix 3x2'", "W_{ij}", Indexed(Symbol("W"), (INDEX, OTHER))),
    ("'x^{(1)}' = 'real'", "x^{(1)}", Symbol("x", sup="(1)")),
    ("e = 'real'", "e", Symbol("e")),
    ("'\\theta_1' = 'real'", r"\theta_1", Symbol("theta", "1")),
    ("a = 'real'", "a(b + 1)", Product((Symbol("a"), Sum((Symbol("b"), Number("1")))))),
])
def test_declarations_reach_every_formula(symbols, formula, node):
    assert target(symbols, formula) == node


def test_what_is_declared_does_not_forbid_the_rest():
    assert target("x = 'positive'", "x + y") == Sum((Symbol("x"), Symbol("y")))


def test_a_definition_declares_what_it_defines():
    assert target("x = 'real'", "g(2)", also="['g(t) = t^2']") == Call("g", (Number("2"),))
    assert target("x = 'real'", "v_1", also="['v = (1, 2)']") == Indexed(Symbol("v"), (Number("1"),))


def test_the_domains_of_all_kinds():
    text = "x = 'real'\nW = 'matrix 3x2'\nv = 'vector n'\np = 'density'\nx_i = 'real'\na = '(0, 1]'\n"
    (problem,) = problems.read_text(f"{HEAD}[symbols]\n{text}", "file.toml").problems
    assert {symbol.plain: says for symbol, says in problem.domains.items()} == {
        "x": "real", "W": "matrix 3 x 2", "v": "vector n", "p": "density", "a": "(0, 1]",
    }


SHEET = """title = "Sheet"
[symbols]
x = "positive"
[[problem]]
kind = "descent"
[problem.given]
function = 'f(x) = x^2'
start = [1]
"""


def test_a_sheet_declares_for_all_its_problems():
    again = SHEET[SHEET.index("[[") :]
    sheet = problems.read_text(f"{SHEET}[problem.symbols]\ny = 'real'\nx = 'positive'\n{again}", "file.toml")
    assert sheet.errors == ()
    assert [{s.plain: d for s, d in p.domains.items()} for p in sheet.problems] == [
        {"x": "positive", "y": "real"}, {"x": "positive"},
    ]


@pytest.mark.parametrize(("text", "at", "says"), [
    (SHEET + "[problem.symbols]\nx = 'real'", 10, 'declared "real" here and "positive" at file.toml:3'),
    (HEAD + "[symbols]\ntheta_1 = 'real'\n'\\theta_1' = 'real'", 8, "declared here and at file.toml:7"),
    (HEAD + "[symbols]\ntheta_1 = 'real'\n'\\theta_1' = 'positive'", 8, 'here and "real" at file.toml:7'),
    (HEAD + "[symbols]\nC = 'real'", 4, 'C is defined as a function here, but declared "real" (file.toml:7)'),
    (HEAD + "target = 'k(1, 2)'\n[symbols]\nk = 'real'", 6, 'k is declared "real" (file.toml:8)'),
    (HEAD + "also = [\n'y',\n'k(t) = t']\n[symbols]\nk = 'real'", 8, 'declared "real" (file.toml:10)'),
    (HEAD + "also = ['W = \\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}']\n[symbols]\nW = 'matrix 3x2'", 6,
     'W is defined with 2 rows and 2 columns here, but declared "matrix 3 x 2" (file.toml:8)'),
    (HEAD + "also = ['v = 3']\n[symbols]\nv = 'vector n'", 6, "v is defined as a number here"),
    (HEAD + "forms = ['x = 1', 'y = -1']\n[symbols]\ny = 'positive'", 6, "y is defined as -1 here"),
    (HEAD + "also = ['k(t) = t',\n'k(t) = 2 t']", 7, "k is defined here, and in another way at file.toml:6"),
    (HEAD + "also = ['C(t) = t']", None, "C is defined here, and in another way at file.toml:4"),
    (HEAD + "[symbols]\nx = 'positive'\nx_i = 'real'", 8, "one here and the other at file.toml:7"),
    (HEAD + "[symbols]\nx_i = 'vector 3'", 7, "the members of a family are numbers"),
    (HEAD + "[symbols]\n'k(x)' = 'real'", 7, "a function or a density"),
    (HEAD + "[symbols]\n'k(x + 1)' = 'function'", 7, "expected one name"),
    (HEAD + "[symbols]\nW = 'matrix 3'", 7, "a matrix has two sides"),
])
def test_a_contradiction_is_told_with_both_places(text, at, says):
    (message,) = refusals(text)
    assert message.startswith("file.toml:" if at is None else f"file.toml:{at}: ")
    assert says in message


README = Path(problems.__file__).parent.parent.parent / "README.md"


@pytest.mark.skipif(not README.exists(), reason="the README is not here")
def test_the_declarations_of_the_readme_are_read():
    blocks = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = (text for text in blocks if text.startswith("[symbols]"))
    (problem,) = problems.read_text(HEAD + block, "README").problems
    assert len(problem.domains) == block.count("=")


@pytest.mark.parametrize("line", [
    "also = ['W = \\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}']\n[symbols]\nW = 'matrix n x n'",
    "also = ['v = (1, 2)']\n[symbols]\nv = 'vector 2'", "also = ['p(x) = x']\n[symbols]\np = 'density'",
    "forms = ['y = 1']\n[symbols]\ny = 'positive'", "also = ['x^2', 'x^3']", "also = ['k(t) = t', 'k(t) = t']",
    "[symbols]\nx = 'vector n'\nx_i = 'real'", "[symbols]\nC = 'function'",
])
def test_what_goes_together_is_not_refused(line):
    assert problems.read_text(HEAD + line, "file.toml").errors == ()


# --- without a file ------------------------------------------------------------------------------


def test_a_problem_made_in_python():
    problem = problems.make("descent", {"function": "x^2", "start": [1]}, {"x": "positive"})
    assert (problem.given["steps"], problem.domains) == (3, {Symbol("x"): "positive"})
    with pytest.raises(DeriveError, match=r"^start: expected a number"):
        problems.make("descent", {"function": "x^2", "start": {}})


def test_the_file_to_start_from_is_a_problem():
    text = problem_file("descent")
    sheet = problems.read_text(text)
    assert sheet.errors == ()
    assert sheet.problems[0].given["steps"] == 3
    assert all(f"{row.key} = " in text for row in FIELDS)


@pytest.mark.parametrize(("kind", "title"), [
    ("pca", "PCA"), ("kl-divergence", "KL divergence"), ("gradient-descent", "Gradient descent"),
    ("no-kind", "No kind"),
])
def test_a_problem_without_a_title_is_called_after_its_kind(kind, title, monkeypatch):
    monkeypatch.undo()
    assert problems.title_of(kind) == title


# --- values in words -------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "says"), [
    ("from {start} on", "from (1, 9) on"), ("{start.1} first", "9 first"), ("by {step_size}", "by 0.50"),
    ("{function} falls", "C(x, y) = x² + y falls"), ("{target}", "x² + 1"), ("{at}", "((1, 1/2), (0, 2))"),
    ("{method}, {figure}", "adam, false"), ("{note}", "Müller's a_1"), ("{other.a} of {other}", "2.0 of {other}"),
    ("a set {1, 2}, {nothing}, {start.2}, {steps}, {}", "a set {1, 2}, {nothing}, {start.2}, {steps}, {}"),
])  # fmt: skip
def test_what_is_given_stands_in_title_and_text_by_its_name(text, says):
    lines = """step_size = 0.50
target = 'x^2 + 1'
at = [[1, '1/2'], [0, 2]]
method = "adam"
figure = false
note = "Müller's a_1"
other = {a = 2.0}
"""
    head = HEAD.replace('"A title"', f'"{text}"').replace("[given]", f'text = "{text}"\n[given]')
    sheet = braced.told_all(problems.read_text(head + lines, "file.toml"))
    assert sheet.errors == ()
    assert sheet.title == says
    assert (sheet.problems[0].title, sheet.problems[0].text) == (says, says)
