"""Fonts cut to some of their signs: other libraries read them, and the outlines are those of the whole font."""

from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.font_manager import get_font

from derive.figures import _fonts, _letters

FILE = _letters._file()
WHOLE = TTFont(FILE)


@settings(max_examples=25, deadline=None)
@given(wanted=st.sets(st.integers(0, len(WHOLE.getGlyphOrder()) - 1), min_size=1, max_size=12))
def test_a_cut_font_has_the_outlines_and_widths_of_the_whole_one(wanted):
    part = TTFont(BytesIO(_fonts.cut(FILE, wanted)), checkChecksums=2)
    for index in wanted:
        name, mine = WHOLE.getGlyphOrder()[index], part.getGlyphOrder()[index]
        expected, found = (
            font["glyf"][one].getCoordinates(font["glyf"])[0] for font, one in ((WHOLE, name), (part, mine))
        )
        assert list(expected) == list(found)
        assert part["hmtx"][mine] == WHOLE["hmtx"][name]


def test_only_the_wanted_outlines_are_left():
    assert len(_fonts.cut(FILE, [36])) < len(_fonts.cut(FILE, range(60))) < Path(FILE).stat().st_size / 4


def test_equal_cuts_have_equal_bytes():
    assert _fonts.cut(FILE, [36, 40]) == _fonts.cut(FILE, [40, 36])


def test_what_is_no_truetype_font_is_not_cut(tmp_path):
    other = tmp_path / "other.otf"
    other.write_bytes(b"OTTO" + bytes(30))
    assert _fonts.metrics(str(other)) is None


def test_one_digit_brings_all_of_them():
    digits = frozenset(get_font(FILE).get_char_index(ord(c)) for c in _fonts.NUMBERS)
    assert _fonts.rounded(FILE, frozenset([get_font(FILE).get_char_index(ord("7"))])) == digits
    assert _fonts.rounded(FILE, frozenset([36])) == {36}
