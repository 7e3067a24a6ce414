"""Axes laid out in one go: ticks, places, legends; fonts that are cut once; files that depend on the picture alone."""

import re
import sys
import zlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.figures import _axes, _letters, _pdf, cost_curve
from derive.figures._axes import Axis, Figure, Handle
from derive.figures._canvas import Pen

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([0, 1, 2], ["0", "1", "2"]),
        ([-1, -0.5, 0, 0.5], [f"{MINUS}1.0", f"{MINUS}0.5", "0.0", "0.5"]),
        ([0, 0.25, 0.5], ["0.00", "0.25", "0.50"]),
        ([0.1 * k for k in range(4)], ["0.0", "0.1", "0.2", "0.3"]),
        ([20000, 30000], ["20000", "30000"]),
        ([1e-17, 1.0], ["0", "1"]),
        ([], []),
    ],
)
def test_ticks_are_written_with_the_fewest_decimals(ticks, labels):
    assert _axes._decimals(ticks) == labels


ENDS = st.floats(-1e4, 1e4, allow_subnormal=False)


@settings(max_examples=60, deadline=None)
@given(low=ENDS, length=st.floats(1e-2, 1e4), points=st.floats(30, 400))
def test_ticks_lie_between_the_limits_and_their_labels_do_not_touch(low, length, points):
    axis = Axis(low, low + length)
    ticks, labels = axis.ticks(points, 24.0, side_by_side=True)
    slack = 1e-9 * length
    assert all(low - slack <= t <= low + length + slack for t in ticks)
    places = [points * float(axis.share(t)) for t in ticks]
    halves = [_letters.extent(label, _axes.SMALL)[0] / 2 for label in labels]
    spans = [(p - h, p + h) for p, h in zip(places, halves, strict=True)]
    assert len(ticks) <= 2 or all(a[1] < b[0] for a, b in pairwise(spans))


def _figure(rows=1, columns=1, **more):
    figure = Figure(5.0, 3.0)
    for axes in figure.subplots(rows, columns, **more):
        axes.set_xlim(0, 10)
        axes.set_ylim(0, 5)
        axes.set_xlabel("x")
        axes.set_ylabel("y")
    return figure


def test_axes_in_rows_and_columns_are_aligned_and_do_not_overlap():
    figure = _figure(2, 2, height_ratios=(3, 1))
    figure.axes[0].set_ylim(0, 1e6)
    figure.settle()
    (a, b), (c, d) = (axes.box for axes in figure.axes[:2]), (axes.box for axes in figure.axes[2:])
    assert a[0] == c[0] and b[2] == d[2] and a[1] == b[1]
    assert a[2] < b[0] and c[3] < a[1]
    assert a[3] - a[1] == pytest.approx(3 * (c[3] - c[1]))


def test_equal_units_are_equally_long_and_inside():
    figure = _figure()
    figure.settle()
    before = figure.axes[0].box
    figure.axes[0].set_aspect("equal")
    figure.settle()
    left, low, right, high = figure.axes[0].box
    assert (right - left) / 10 == pytest.approx((high - low) / 5)
    assert left >= before[0] - 1e-9 and high <= before[3] + 1e-9


def test_a_logarithmic_axis_and_points_without_a_place():
    axes = _figure().axes[0]
    axes.set_yscale("log")
    axes.set_ylim(1, 100)
    places = axes.places([[0, 1], [0, 10], [0, 100], [0, 0], [0, -1]])
    assert places[1, 1] == pytest.approx((places[0, 1] + places[2, 1]) / 2)
    assert not np.isfinite(places[3:, 1]).any()


def test_a_legend_takes_room_above_and_is_filled_column_by_column():
    figure = _figure()
    figure.settle()
    bare = figure.axes[0].box[3]
    handles = [Handle(f"curve {k}", Pen()) for k in range(5)]
    figure.legend(handles, [], loc="outside upper center", ncols=2, handlelength=2.6)
    figure.settle()
    assert figure.above.height > 3 * _axes.USUAL
    assert figure.axes[0].box[3] == pytest.approx(bare - figure.above.height - 2 * _axes.MARGIN)


def _draw(path, costs, label="C"):
    cost_curve.draw({"costs": costs, "name": label}, path)
    return path.read_bytes()


def _forget():
    for known in (_pdf._packed, _pdf._text, _letters.setting, _letters.advance):
        known.cache_clear()


def test_a_file_does_not_depend_on_what_was_drawn_before(tmp_path):
    _forget()
    alone = _draw(tmp_path / "a.pdf", [1, 2, 3])
    _forget()
    _draw(tmp_path / "b.pdf", [1e-3, 4567.891], "Jabc")
    assert _draw(tmp_path / "c.pdf", [1, 2, 3]) == alone


def test_pictures_with_other_numbers_share_their_fonts(tmp_path):
    _forget()
    _draw(tmp_path / "a.pdf", [1, 2, 3])
    _draw(tmp_path / "b.pdf", [45, 67, 8])
    assert _pdf._packed.cache_info().misses <= 2


def test_every_sign_of_a_picture_is_in_its_fonts(tmp_path):
    """The maps from the codes in the text to Unicode name each sign of the labels."""
    content = _draw(tmp_path / "a.pdf", [-20, 10], "Qz")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    maps = [text for s in streams if b"beginbfchar" in (text := _inflated(s))]
    named = {bytes.fromhex(code.decode()).decode("utf-16-be") for text in maps
             for code in re.findall(rb"<[0-9a-f]{4}> <([0-9a-f]+)>", text)}
    assert set("stepQz012" + MINUS) <= named


def _inflated(data):
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data


def test_importing_what_makes_ready_draws_and_leaves_the_settings():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    from derive.figures import _ready

    assert set(_ready.LIBRARIES) <= set(sys.modules)
    assert dict(mpl.rcParams) == before
