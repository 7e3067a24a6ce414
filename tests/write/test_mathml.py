import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings

from derive.tree import Call, Hole, Negative, Number, Power, Product, Quotient, Relation, Root, Sum, Symbol, Transpose
from derive.write.mathml import NAMESPACE, mathml
from derive.write.text import text
from tests.trees import expressions
from tests.write.rows import GAPS, ROWS, x, y

two = Number("2")
SIZES = {"mfrac": 2, "msqrt": 1, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2,
         "munderover": 3}  # fmt: skip
IN_BRACKETS = (
    '<mrow><mo form="prefix" fence="true" stretchy="false">(</mo>%s'
    '<mo form="postfix" fence="true" stretchy="false">)</mo></mrow>'
)
LEAVES = {"mi", "mn", "mo", "mtext", "mspace"}
KNOWN = {*SIZES, *LEAVES, "math", "mrow", "mtable", "mtr", "mtd"}


@pytest.mark.parametrize(
    ("node", "inside"),
    [
        (x, "<mi>x</mi>"),
        (Number(".25"), "<mn>.25</mn>"),
        (Symbol("theta", "1"), "<msub><mi>θ</mi><mn>1</mn></msub>"),
        (Symbol("Theta"), '<mi mathvariant="normal">Θ</mi>'),
        (Symbol("w", font="bold"), "<mi>𝐰</mi>"),
        (Symbol("R", font="bb"), "<mi>ℝ</mi>"),
        (Symbol("y", accent="hat"), '<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>'),
        (Symbol("w", "ij"), "<msub><mi>w</mi><mrow><mi>i</mi><mo>&#x2063;</mo><mi>j</mi></mrow></msub>"),
        (Product((two, x)), "<mrow><mn>2</mn><mo>&#x2062;</mo><mi>x</mi></mrow>"),
        (Sum((Negative(x), y)), "<mrow><mo>−</mo><mi>x</mi><mo>+</mo><mi>y</mi></mrow>"),
        (Quotient(x, y), "<mfrac><mi>x</mi><mi>y</mi></mfrac>"),
        (Power(Symbol("theta", "1"), two), "<msubsup><mi>θ</mi><mn>1</mn><mn>2</mn></msubsup>"),
        (Root(x), "<msqrt><mi>x</mi></msqrt>"),
        (Root(x, Number("3")), "<mroot><mi>x</mi><mn>3</mn></mroot>"),
        (Transpose(Symbol("A")), "<msup><mi>A</mi><mo>⊤</mo></msup>"),
        (Relation((x, y), ("<",)), "<mrow><mi>x</mi> <mo>&lt;</mo> <mi>y</mi></mrow>"),
        (Hole(2, "a"), '<munder><mrow><mspace height="1.4em"/><mtext>_____</mtext></mrow><mtext>a</mtext></munder>'),
        (Call("f", (x,)), f"<mrow><mi>f</mi><mo>&#x2061;</mo>{IN_BRACKETS % '<mi>x</mi>'}</mrow>"),
    ],
)  # fmt: skip
def test_elements(node, inside):
    assert mathml(node).endswith(f">{inside}</math>")


def test_a_complete_element_with_what_is_read_aloud():
    written = mathml(Relation((x, Call("log", (y,))), ("<",)), display=True)
    root = ET.fromstring(written)
    assert root.tag == f"{{{NAMESPACE}}}math"
    assert root.attrib == {"display": "block", "alttext": "x < log(y)"}
    assert "display" not in ET.fromstring(mathml(x)).attrib


@pytest.mark.parametrize("row", (*ROWS, *GAPS), ids=lambda row: row[1])
def test_rows_are_well_formed(row):
    _check(ET.fromstring(mathml(row[0])))


@given(expressions())
@settings(max_examples=50)
def test_every_element_has_as_many_parts_as_it_takes(tree):
    root = ET.fromstring(mathml(tree))
    assert root.get("alttext") == text(tree)
    _check(root)


def _check(element):
    tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    assert tag in KNOWN
    if tag in SIZES:
        assert len(element) == SIZES[tag], tag
    if tag in LEAVES:
        assert len(element) == 0
        assert (element.text or "").strip() or tag == "mspace" or element.text
    else:
        assert not (element.text or "").strip(), tag
    for part in element:
        assert not (part.tail or "").strip()
        _check(part)
