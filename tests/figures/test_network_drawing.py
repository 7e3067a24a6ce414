"""Pictures of networks: labels on the edges that cover nothing, values beside circles, words."""

from itertools import combinations, pairwise

import pytest

from derive.errors import DeriveError
from derive.figures import _drawn, network_drawing
from derive.figures._drawn import Room, overlap
from derive.read.latex import read
from derive.tree import Number, Symbol, number


def _data(sizes, weight=lambda k, j, i: number((-1) ** (i + j) * (k + 2 * j + i)), biases=False, last="0.25"):
    units = [[{"name": Symbol("x" if k == 0 else "h", f"{k}{j}"), "value": Number("1.5")} for j in range(n)]
             for k, n in enumerate(sizes)]
    for unit in units[-1]:
        unit["value"] = read(last)
    weights = [[[weight(k, j, i) for i in range(a)] for j in range(b)]
               for k, (a, b) in enumerate(pairwise(sizes))]
    shifts = [[Number("0.5")] * n if biases else [] for n in sizes[1:]]
    return {"units": units, "weights": weights, "biases": shifts, "titles": ["inputs", *["tanh"] * (len(sizes) - 1)]}


@pytest.mark.parametrize("sizes", [[3, 2, 2], [1, 1], [4, 4, 3], [2, 3, 3, 2]], ids=str)
def test_labels_cover_neither_each_other_nor_circles(sizes, tmp_path, monkeypatch):
    rooms, label = [], Room.label

    def recording(self, *args, **keywords):
        rooms.append(self)
        return label(self, *args, **keywords)

    monkeypatch.setattr(_drawn.Room, "label", recording)
    network_drawing.draw(_data(sizes), tmp_path / "n.png")
    taken = rooms[-1].taken
    assert len(taken) == sum(sizes) + sum(a * b for a, b in pairwise(sizes))
    circles, labels = taken[: sum(sizes)], taken[sum(sizes) :]
    assert not any(overlap(a, b) for a, b in combinations(labels, 2))
    assert not any(overlap(a, b) for a in circles for b in labels)


def test_many_edges_are_drawn_without_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(_drawn.Room, "label", lambda *_, **__: pytest.fail("a label was written"))
    network_drawing.draw(_data([7, 7]), tmp_path / "n.png")


def test_a_picture_is_no_wider_than_a_page():
    for sizes in ([2, 2], [6, 6, 6], [3] * 8):
        _, width, height = network_drawing._columns(_data(sizes, biases=True))
        assert width <= network_drawing.WIDEST + 0.2 and height < 6


def test_a_value_that_is_no_number_stands_beside_its_circle():
    assert network_drawing._beside({"value": read(r"\frac{1}{1 + e^{36}}")}).startswith("$= ")
    assert network_drawing._beside({"value": Number("0.25")}) == ""
    assert network_drawing._beside({"value": Symbol("q")}) == ""
    beside = network_drawing._columns(_data([2, 2], last=r"\frac{1}{1 + e^{36}}"))[1]
    assert beside > network_drawing._columns(_data([2, 2]))[1] + 0.3


def test_missing_edges_are_not_drawn(tmp_path):
    data = _data([2, 2], weight=lambda k, j, i: None if i == j else number(2))
    network_drawing.draw(data, tmp_path / "n.png")
    assert "into h₁₀: none, 2; into h₁₁: 2, none" in network_drawing.describe(data)


def test_the_words():
    assert network_drawing.describe(_data([2, 1])) == (
        "Network drawing. inputs: x₀₀ = 1.5, x₀₁ = 1.5. tanh: h₁₀ = 1/4. Weights into h₁₀: 0, -1."
    ).replace("1/4", "0.25")


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_equal_data_give_equal_files(tmp_path, suffix):
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    network_drawing.draw(_data([2, 2], biases=True), first)
    network_drawing.draw(_data([2, 2], biases=True), second)
    assert first.read_bytes() == second.read_bytes()


def test_data_without_units_are_refused(tmp_path):
    with pytest.raises(DeriveError, match="no 'units'"):
        network_drawing.draw({"weights": []}, tmp_path / "n.png")
