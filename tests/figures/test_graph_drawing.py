"""Pictures of graphs: layers, boxes and labels that do not cover each other, words, files."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.figures import _drawn, _layers, graph_drawing
from derive.figures._drawn import Room, overlap
from derive.read.latex import read
from derive.tree import Number, Symbol

A, B, C, D, G = (Symbol(n) for n in "abcdg")
EDGES = [(A, C), (B, C), (B, D), (C, G), (D, G)]


def _data(edges, formulas=None, label="2"):
    names = list(dict.fromkeys(n for edge in edges for n in edge))
    order = [n for n in names if all(b != n for _, b in edges)]
    while len(order) < len(names):
        order += [n for n in names if n not in order and all(a in order for a, b in edges if b == n)]
    nodes = [{"name": n, "formula": (formulas or {}).get(n), "value": Number("3"), "adjoint": Number("1.234567")}
             for n in order]
    lines = [{"from": a, "to": b, "label": read(label)} for a, b in edges]
    return {"nodes": nodes, "edges": lines, "output": order[-1]}


LONG = [(A, B), (B, C), (C, D), (A, D), (D, G), (A, G)]
WIDE = [(Symbol("x", str(i)), Symbol("z", str(j))) for i in range(4) for j in range(3)]
WIDE += [(Symbol("z", str(j)), G) for j in range(3)]


def test_inputs_stand_before_their_first_user_and_the_others_behind_their_longest_path():
    layout = _layers.layout([A, B, C, D, G], [(A, B), (B, C), (D, G), (C, G)])
    assert [[n for n in layer if isinstance(n, Symbol)] for layer in layout.layers] == [[A], [B], [C, D], [G]]


def test_an_edge_that_passes_layers_has_a_place_in_each():
    layout = _layers.layout([A, B, C, D, G], LONG)
    assert layout.dummies[A, D] == [(A, D, 1), (A, D, 2)] and layout.dummies[A, B] == []
    assert all(key in layout.places for inner in layout.dummies.values() for key in inner)


def test_crossings_that_can_be_avoided_are():
    x, y = Symbol("x"), Symbol("y")
    layout = _layers.layout([A, B, x, y], [(A, y), (B, x)])
    first, second = layout.layers
    assert (first.index(A) < first.index(B)) == (second.index(y) < second.index(x))


@pytest.mark.parametrize("edges", [EDGES, LONG, WIDE], ids=["diamond", "long", "wide"])
def test_nothing_covers_anything_and_nothing_is_cut_off(edges, tmp_path, monkeypatch):
    rooms = []
    monkeypatch.setattr(_drawn.Room, "label", _recorded(rooms, Room.label))
    data = _data(edges, {C: read("a + b")})
    graph_drawing.draw(data, tmp_path / "g.png")
    scene = graph_drawing._scene(data)
    room = rooms[-1]
    boxes = [item.box for item in scene.items.values()]
    assert len(room.taken) == 2 * len(boxes) + len(edges)
    assert not any(overlap(a, b) for a, b in combinations(room.taken, 2))
    assert min(min(box[:2]) for box in room.taken) >= 0
    assert all(box[2] <= scene.width and box[3] <= scene.height for box in room.taken)
    assert scene.width * scene.scale <= graph_drawing.WIDEST + 1e-9


def _recorded(rooms, label):
    def recording(self, *args, **keywords):
        rooms.append(self)
        return label(self, *args, **keywords)

    return recording


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=16, unique=True))
def test_the_places_of_a_layer_are_apart_and_in_order(pairs):
    edges = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]})
    if not edges:
        return
    names = [Symbol("v", str(k)) for k in sorted({k for edge in edges for k in edge})]
    layout = _layers.layout(names, [(Symbol("v", str(a)), Symbol("v", str(b))) for a, b in edges])
    for layer in layout.layers:
        for a, b in pairwise(layer):
            least = 1 if isinstance(a, Symbol) and isinstance(b, Symbol) else 0.75
            assert layout.places[b] - layout.places[a] >= least - 1e-9
    rank = {key: k for k, layer in enumerate(layout.layers) for key in layer}
    assert all(rank[a] < rank[b] for a, b in layout.dummies)


def test_a_deep_graph_stands_upright_and_a_flat_one_lies():
    chain = [(Symbol("v", str(k)), Symbol("v", str(k + 1))) for k in range(9)]
    assert not graph_drawing._scene(_data(chain)).across
    assert graph_drawing._scene(_data(EDGES)).across


def test_decimals_are_short_in_pictures():
    assert _drawn.math(Number("1.234567"), 1.0) == "$1.235$"
    assert _drawn.math(Number("0.5"), 1.0) == "$0.5$"
    assert _drawn.math(read("x + b"), 0.01) == ""


def test_the_words():
    text = graph_drawing.describe(_data(EDGES[:2]))
    assert text == (
        "Computational graph. Nodes: a = 3, derivative of c by it 1.234567; b = 3, derivative of c by it 1.234567; "
        "c = 3, derivative of c by it 1.234567. Edges with local derivatives: a to c: 2, b to c: 2."
    )


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_equal_data_give_equal_files(tmp_path, suffix):
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    graph_drawing.draw(_data(EDGES), first)
    graph_drawing.draw(_data(EDGES), second)
    assert first.read_bytes() == second.read_bytes()


def test_data_without_nodes_are_refused(tmp_path):
    with pytest.raises(DeriveError, match="no 'nodes'"):
        graph_drawing.draw({"edges": []}, tmp_path / "g.png")
