"""Files of pictures that are written straight: what is drawn is in them, in its place, and other programs read them."""

import io
import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.figures import _canvas, _letters, _outlines, _pdf, _style, _svg
from derive.figures._canvas import Fill, Pen, Text

SIGNS = _outlines.Signs("M%d %d ", "L%d %d ", "C%d %d %d %d %d %d ", "z")
NAN = math.nan


@pytest.mark.parametrize(
    ("points", "codes", "text"),
    [
        ([(0, 0), (1, 2.004)], None, "M0 0 L100 200 "),
        ([(0, 0), (NAN, 1), (1, 1), (2, 2)], None, "M0 0 M100 100 L200 200 "),
        ([(0, 0)] * 2, None, "M0 0 L0 0 "),  # a dot of a round pen
        ([(NAN, 0)], None, ""),
        ([(math.inf, 0), (0, 1e300)], None, "M0 2000000 "),
        ([(0, 0), (1, 0), (1, 1), (0, 0)], [1, 2, 2, 79], "M0 0 L100 0 L100 100 z"),
        ([(0, 0), (3, 3), (6, 0)], [1, 3, 3], "M0 0 C200 200 400 200 600 0 "),
        ([(0, 0), (1, 1), (2, 1), (3, 0)], [1, 4, 4, 4], "M0 0 C100 100 200 100 300 0 "),
    ],
)
def test_paths_as_text(points, codes, text):
    assert _outlines.written(np.array(points, dtype=float), codes, SIGNS) == text


def test_a_long_line_is_interrupted_where_a_short_one_is():
    points = np.column_stack([np.arange(20.0), np.arange(20.0) ** 2])
    points[7] = NAN
    text = _outlines.written(points, None, SIGNS)
    assert text.count("M") == 2 and "M800 6400 " in text and "L700" not in text


COORDINATES = st.floats(-500, 500).map(lambda x: round(x, 2))


@settings(max_examples=80, deadline=None)
@given(points=st.lists(st.tuples(COORDINATES, COORDINATES), min_size=9, max_size=60))
def test_points_that_are_left_out_lie_on_the_line(points):
    array = np.array(points)
    dense = np.concatenate([np.linspace(a, b, 7, endpoint=False) for a, b in pairwise(array)])
    text = _outlines.written(dense, None, SIGNS)
    kept = np.array([[int(x), int(y)] for x, y in re.findall(r"(-?\d+) (-?\d+)", text)]) / 100
    assert len(kept) <= len(dense)
    assert np.allclose(kept[[0, -1]], dense[[0, -1]], atol=0.006)
    assert max(_distance(point, kept) for point in dense) <= 0.01 + _outlines.PASSES * _outlines.NEAR / 100


def _distance(point, line):
    """How far a point is from a line of pieces."""
    start, along = line[:-1], np.diff(line, axis=0)
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((point - start) * along).sum(axis=1) / length, 0, 1)
    return np.hypot(*(start + share[:, None] * along - point).T).min()


def _draw(page):
    page.clip = (10.0, 10.0, 90.0, 90.0)
    page.area(np.array([(0, 0), (50, 0), (50, 50), (0, 0)]), Fill("red", 0.5, "///"), Pen("blue", 1.0, (3, 2)))
    page.clip = None
    page.markers(np.array([(20.0, 20.0), (NAN, 1.0)]), "o", 5.0, Fill("white"), Pen())
    Text(10, 60, r"$\frac{x_1}{2} + \sqrt{2}$ & <b>", 9.0).draw(page)
    Text(30, 20, "up fi", 9.0, upright=True, halo=2.0, ground="white").draw(page)


def _rendered(suffix, draw=_draw, alt="A picture (of 1 < 2) & more"):
    with _style.look():
        return _canvas.rendered(suffix, 2.0, 1.5, draw, alt, 100)


def test_an_svg_is_well_formed_and_refers_to_what_it_defines():
    root = ElementTree.fromstring(_rendered("svg"))
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    used = {value.removeprefix("url(").strip("#)") for node in root.iter() for key, value in node.attrib.items()
            if key == "href" or value.startswith("url(")}
    assert len(ids) == len(set(ids)) and used == set(ids)
    assert root.get("viewBox") == "0 0 144 108"
    assert root.find("{http://www.w3.org/2000/svg}desc").text == "A picture (of 1 < 2) & more"


def test_a_pdf_is_sound():
    with pikepdf.open(io.BytesIO(_rendered("pdf"))) as pdf:
        assert not pdf.check_pdf_syntax()
        assert str(pdf.docinfo.Subject) == "A picture (of 1 < 2) & more"
        (sheet,) = pdf.pages
        assert [float(side) for side in sheet.mediabox] == [0, 0, 144, 108]
        assert {"/Font", "/Pattern", "/ExtGState"} == set(sheet.Resources.keys())
        for font in sheet.Resources.Font.values():
            assert font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()


def test_a_pdf_can_be_searched():
    pypdf = pytest.importorskip("pypdf")
    reader = pypdf.PdfReader(io.BytesIO(_rendered("pdf")), strict=True)
    text = reader.pages[0].extract_text()
    assert "<b>" in text and "up" in text and "√" in text
    assert reader.metadata.subject == "A picture (of 1 < 2) & more"


@pytest.mark.parametrize("suffix", _style.FORMATS)
def test_equal_pages_give_equal_files(suffix):
    assert _rendered(suffix) == _rendered(suffix)


def test_an_alternative_text_with_control_characters_leaves_an_svg_well_formed():
    root = ElementTree.fromstring(_rendered("svg", alt="a\x00b\x1b[31m]]>"))
    assert root.find("{http://www.w3.org/2000/svg}desc").text == "a b [31m]]>"


def test_a_font_without_truetype_outlines_is_drawn(monkeypatch):
    _pdf._text.cache_clear()
    monkeypatch.setattr(_pdf._fonts, "metrics", lambda file: None)
    page = _pdf.PdfPage()
    with _style.look():
        Text(0, 0, "A", 9.0).draw(page)
    _pdf._text.cache_clear()
    assert not page.used and " c\n" in "".join(page.parts) and "BT" not in "".join(page.parts)


def test_a_text_is_as_wide_in_a_file_as_for_the_layout():
    with _style.look():
        for text in ("probability", "first coefficient", "AVATAR", "−0.25", r"$\theta_1 + x^2$"):
            points, _ = _letters.outlines(text)
            width = _letters.extent(text, 9.0)[0]
            assert points[:, 0].max() * 9.0 == pytest.approx(width, abs=0.9)
            last = _letters.setting(text).glyphs[-1]
            end = (last.x + _letters.advance(last.file, last.index) * last.size) * 9.0
            assert end == pytest.approx(width, abs=0.9)


def test_nothing_is_written_for_what_has_no_colour_and_no_width():
    for page in (_pdf.PdfPage(), _svg.SvgPage()):
        page.rectangle((0, 0, 1, 1), Fill("none"), Pen(width=0.0))
        page.line(np.array([(0.0, 0.0), (1.0, 1.0)]), Pen("none"))
        assert not page.parts
