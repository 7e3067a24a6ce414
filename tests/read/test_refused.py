r"""What is refused: every limit just over it, characters that are no mathematics, and what can be read in two ways.

In ``PLACES`` the mark ``‸`` stands before the character that the refusal points at; beside it words of its message.
"""

import pytest

from derive import limits
from derive.errors import FormulaError, LimitError, ProblemError
from derive.read.latex import Names, read
from derive.read.problems import read_file
from derive.read.sources import decoded

NAMES = Names(functions=frozenset({"f", "g"}), densities=frozenset({"p", "q"}), labels=True)

# --- characters ---------------------------------------------------------------------------------------------------

CHARACTERS = {
    "\x00": "U+0000",
    "\x01": "U+0001",
    "\x7f": "U+007F",
    "\u200b": "ZERO WIDTH SPACE",
    "\u200c": "ZERO WIDTH NON-JOINER",
    "\u200d": "ZERO WIDTH JOINER",
    "\u200e": "LEFT-TO-RIGHT MARK",
    "\u200f": "RIGHT-TO-LEFT MARK",
    "\u202a": "LEFT-TO-RIGHT EMBEDDING",
    "\u202e": "RIGHT-TO-LEFT OVERRIDE",
    "\u2066": "LEFT-TO-RIGHT ISOLATE",
    "\u2067": "RIGHT-TO-LEFT ISOLATE",
    "\u2060": "WORD JOINER",
    "\u2061": "FUNCTION APPLICATION",
    "\u2062": "INVISIBLE TIMES",
    "\u00ad": "SOFT HYPHEN",
    "\ufeff": "ZERO WIDTH NO-BREAK SPACE",
    "\ufe0f": "VARIATION SELECTOR-16",
    "\u0301": "COMBINING ACUTE ACCENT",
    "\u0430": "CYRILLIC SMALL LETTER A",
    "\u0435": "CYRILLIC SMALL LETTER IE",
    "\u043e": "CYRILLIC SMALL LETTER O",
    "\u0440": "CYRILLIC SMALL LETTER ER",
    "\u0441": "CYRILLIC SMALL LETTER ES",
    "\u0445": "CYRILLIC SMALL LETTER HA",
    "\u0455": "CYRILLIC SMALL LETTER DZE",
    "\u0456": "CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I",
    "\u0391": "GREEK CAPITAL LETTER ALPHA",
    "\u039f": "GREEK CAPITAL LETTER OMICRON",
    "\u03bf": "GREEK SMALL LETTER OMICRON",
    "\u13aa": "CHEROKEE LETTER GO",
    "\U0001d465": "MATHEMATICAL ITALIC SMALL X",
    "\uff58": "FULLWIDTH LATIN SMALL LETTER X",
    "\uff0b": "FULLWIDTH PLUS SIGN",
    "\uff08": "FULLWIDTH LEFT PARENTHESIS",
    "\u0663": "ARABIC-INDIC DIGIT THREE",
    "\u0967": "DEVANAGARI DIGIT ONE",
    "\ufb01": "LATIN SMALL LIGATURE FI",
    "\u00df": "LATIN SMALL LETTER SHARP S",
    "\u00e9": "LATIN SMALL LETTER E WITH ACUTE",
    "\u2014": "EM DASH",
    "\u2010": "HYPHEN",
    "\u201c": "LEFT DOUBLE QUOTATION MARK",
    "\u2028": "LINE SEPARATOR",
    "\u20ac": "EURO SIGN",
    "\ue000": "U+E000",
    "\ud800": "U+D800",
    "\U0010ffff": "U+10FFFF",
    "\U0001f600": "GRINNING FACE",
}


@pytest.mark.parametrize("character", CHARACTERS, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize("before", ["", "x + ", r"\frac{1}{2} \cdot \theta_1"])
def test_a_character_that_is_no_mathematics_is_named_and_pointed_at(character, before):
    with pytest.raises(FormulaError) as refusal:
        read(f"{before}{character} + y", NAMES)
    assert CHARACTERS[character] in refusal.value.problem
    assert f"U+{ord(character):04X}" in refusal.value.problem
    assert refusal.value.position == len(before)


@pytest.mark.parametrize("character", [c for c in CHARACTERS if not c.isprintable()], ids=ascii)
def test_the_message_itself_can_be_printed(character):
    with pytest.raises(FormulaError) as refusal:
        read(f"x{character}y", NAMES)
    assert all(c.isprintable() or c == "\n" for c in str(refusal.value))
    assert str(refusal.value).encode("utf-8")


@pytest.mark.parametrize("character", ["\u0430", "\u043e", "\u0391", "\u03bf"])
def test_a_letter_that_looks_latin_is_said_to(character):
    with pytest.raises(FormulaError, match="looks like a Latin letter"):
        read(f"2{character}", NAMES)


@pytest.mark.parametrize(
    "places", ["f_{‸}", r"\hat{‸}", r"\mathrm{‸}", r"\operatorname{KL‸}(p)", r"\begin{pmatrix} ‸ \end{pmatrix}"]
)
@pytest.mark.parametrize("character", ["\u0430", "\u200b", "\u202e", "\x00"], ids=ascii)
def test_nor_does_a_strange_character_pass_inside_names_and_environments(places, character):
    with pytest.raises(FormulaError) as refusal:
        read(places.replace("‸", character), NAMES)
    assert f"U+{ord(character):04X}" in refusal.value.problem


EATEN = ("\theta", "\tfrac12", "\frac12", "\beta", "\nabla f", "\rho", "\x07lpha", "\x0barphi")


@pytest.mark.parametrize("eaten", EATEN, ids=ascii)
def test_a_backslash_that_a_string_has_eaten_is_explained(eaten):
    with pytest.raises(FormulaError, match=r"was meant|is not mathematics"):
        read(f"x + {eaten}", NAMES)


# --- encodings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le"])
def test_a_file_in_another_encoding(tmp_path, encoding):
    path = tmp_path / "problem.toml"
    path.write_bytes("# Grüße\n[[problem]]\nkind = 'derivative'\nfunction = 'x²'\n".encode(encoding))
    with pytest.raises(ProblemError) as refusal:
        read_file(path)
    assert "problem.toml" in str(refusal.value)


def test_the_line_of_the_first_byte_that_is_not_utf_8():
    with pytest.raises(ProblemError, match=r"notes\.md:3: the file is not UTF-8"):
        decoded(b"a\nb\nc\xff\n\xfe", "notes.md")


def test_a_nul_byte_in_a_problem_file(tmp_path):
    path = tmp_path / "problem.toml"
    path.write_bytes(b"kind = 'derivative'\nfunction = 'x\x00'\n")
    with pytest.raises(ProblemError) as refusal:
        read_file(path)
    assert "problem.toml:2" in str(refusal.value)


# --- limits -------------------------------------------------------------------------------------------------------

ROW, COLUMN = r"\begin{matrix}%s\end{matrix}", r"\\"
AT_AND_OVER = {
    "characters": ("x" + " " * (limits.FORMULA_CHARACTERS - 1), "x" + " " * limits.FORMULA_CHARACTERS),
    "round brackets": tuple("(" * n + "x" + ")" * n for n in (limits.NESTING, limits.NESTING + 1)),
    "braces": tuple("{" * n + "x" + "}" * n for n in (limits.NESTING, limits.NESTING + 1)),
    "roots": tuple(r"\sqrt{" * n + "x" + "}" * n for n in (limits.NESTING - 1, limits.NESTING + 1)),
    "fractions": tuple(r"\frac{1}{" * n + "x" + "}" * n for n in (limits.NESTING - 1, limits.NESTING + 1)),
    "exponents": tuple("x^{" * n + "x" + "}" * n for n in (limits.NESTING // 2 - 1, limits.NESTING + 1)),
    "parts": ("n!" * (limits.PARTS // 2 - 1), "n!" * (limits.PARTS // 2)),
    "digits": ("9" * limits.NUMBER_DIGITS, "9" * (limits.NUMBER_DIGITS + 1)),
    "an exponent": (f"x^{{{limits.NUMBER_EXPONENT}}}", f"x^{{{limits.NUMBER_EXPONENT + 1}}}"),
    "a root's degree": (rf"\sqrt[{limits.NUMBER_EXPONENT}]{{x}}", rf"\sqrt[{limits.NUMBER_EXPONENT + 1}]{{x}}"),
    "bits": (f"{2 ** (limits.VALUE_BITS // 2048)}^{{2048}}", f"{2 ** (limits.VALUE_BITS // 2048) + 1}^{{2048}}"),
    "a tower": ("2^{2^{11}}", "2^{2^{12}}"),
    "a high tower": ("2^{2^{2}}", "9^{9^{9^{9}}}"),
    "a factorial": (f"{limits.FACTORIAL}!", f"{limits.FACTORIAL + 1}!"),
    "columns": (ROW % "&".join("x" * limits.MATRIX_SIDE), ROW % "&".join("x" * (limits.MATRIX_SIDE + 1))),
    "rows": (ROW % COLUMN.join("x" * limits.MATRIX_SIDE), ROW % COLUMN.join("x" * (limits.MATRIX_SIDE + 1))),
    "primes": tuple("f" + "'" * n + "(x)" for n in (limits.DERIVATIVE_ORDER, limits.DERIVATIVE_ORDER + 1)),
    "an order": tuple(f"f^{{({n})}}(x)" for n in (limits.DERIVATIVE_ORDER, limits.DERIVATIVE_ORDER + 1)),
    "a derivative": tuple(
        rf"\frac{{d^{{{n}}}}}{{dx^{{{n}}}}} x" for n in (limits.DERIVATIVE_ORDER, limits.DERIVATIVE_ORDER + 1)
    ),
}


@pytest.mark.parametrize("row", AT_AND_OVER)
def test_a_limit_is_reached_and_not_passed(row):
    at, over = AT_AND_OVER[row]
    read(at, NAMES)
    with pytest.raises(LimitError) as refusal:
        read(over, NAMES)
    assert any(c.isdigit() for c in refusal.value.message)


@pytest.mark.parametrize(
    "text", ["(" * 1_999, "{" * 2_000, r"\left(" * 300, r"\frac{" * 300, "x^{" * 600, "[" * 2_000, r"\sqrt{" * 300]
)
def test_brackets_that_never_close(text):
    with pytest.raises((FormulaError, LimitError)):
        read(text, NAMES)


# --- places -------------------------------------------------------------------------------------------------------

PLACES = {
    # no value
    r"p(‸\cdot)": "no value",
    r"p(‸\cdot \mid x)": "no value",
    r"p(x, ‸\cdot | y)": "no value",
    r"f(‸\cdot) + 1": "write a letter for it",
    r"\|‸\cdot\|": "no value",
    r"f(x \cdot ‸)": "expected a number",
    r"(‸\cdot x)": "expected a number",
    # in two ways
    "a/b ‸c": "two ways",
    "a/b‸/c": "two ways",
    "1/2 ‸x": "two ways",
    "x^‸10": "braces",
    "x_‸12": "braces",
    "2‸\\frac{1}{2}": "mixed number",
    "x ‸2": "beside",
    r"\sin‸^{-1}(x)": "two ways",
    r"\frac{d}{dx} ‸x y": "how far",
    "x‸^2^3": "two exponents",
    "x - ‸- y": "two signs",
    "‸|x|y|z|": "two ways",
    # what is not declared
    "‸h(x)": "not declared",
    "x + ‸loss": "not declared",
    "‸sofmax(z)": "softmax",
    "‸sinx": "",
    "x^‸{(i)}": "label or a power",
    # malformed
    r"\frac{‸\partial b}{b}": "variable below the bar",
    r"\frac{‸\partial f}{\partial x \partial y}": "the order above",
    r"‸\sum_{m=1}^{m} x": "its own limit",
    r"\int_0^x x‸": "differential",
    r"\frac{1}{‸": "",
    r"\sqrt{‸}": "",
    r"‸\log": "argument",
    r"x +‸": "",
    "‸= 3": "",
    "x =‸": "",
    "x = ‸= y": "",
    # brackets
    "(x + 1‸": "",
    "x + 1‸)": "never opened",
    "(x + 1‸]": "",
    r"\left( x + 1 ‸": "",
    r"x + 1 ‸\right)": "",
    r"\begin{matrix} x ‸": "",
    r"\begin{matrix} x ‸\end{pmatrix}": "",
    "{x + 1‸": "",
    # relations inside
    "x ‸+ (y = 2)": "a relation",
    r"\frac{x ‸= 1}{2}": "",
    # commands
    r"x + ‸\frob{y}": r"\frob",
    r"‸\alhpa": r"\alpha",
    r"‸\begin{tikzpicture} x \end{tikzpicture}": "tikzpicture",
    r"x ‸\text{ times } y": "words",
    "x ‸# y": "",
    'x ‸" y': "",
    "‸": "empty",
    "‸   ": "empty",
}
UNLABELLED = Names(functions=NAMES.functions, densities=NAMES.densities)


@pytest.mark.parametrize("row", PLACES)
def test_a_refusal_points_at_its_reason(row):
    with pytest.raises(FormulaError) as refusal:
        read(row.replace("‸", ""), UNLABELLED)
    assert PLACES[row] in str(refusal.value)
    assert (refusal.value.position, refusal.value.text) == (row.index("‸"), row.replace("‸", ""))
