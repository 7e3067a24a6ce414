"""Every picture with ordinary and extreme data: it is written, the same each time, and nothing in it is cut."""

import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from derive import choices
from derive.errors import DeriveError
from derive.figures import (
    _canvas,
    _style,
    clusters,
    confusion_matrix,
    contour_path,
    cost_curve,
    decision_boundary,
    decision_tree,
    distributions_plot,
    error_plot,
    fit_plot,
    function_plot,
    loss_curves,
    loss_surface,
    map_grid,
    metric_curves,
    neuron_boundaries,
    normal_ellipses,
    principal_axes,
)
from derive.numeric.evaluate import compile
from derive.numeric.optimisers import Plain, run
from derive.read.latex import read
from derive.tree import Symbol, Vector

X, Y, R, PHI = Symbol("x"), Symbol("y"), Symbol("r"), Symbol("phi")


def descent(cost, gradient, start, step_size, steps, stationary=((0, 0, "saddle"),), name="C"):
    trace = run(Plain(step_size), compile(Vector(tuple(map(read, gradient))), [X, Y]), start, steps)
    return {
        "function": read(cost),
        "variables": [X, Y],
        "path": trace.points.tolist(),
        "name": name,
        "stationary": [list(p) for p in stationary],
    }


SADDLE = "2x^2 + 3xy", ("4x + 3y", "3x")
BOWL = "x^2 + 10y^2", ("2x", "20y")
ROUND = "x^2 + y^2", ("2x", "2y")


def contour(cost, path, stationary=(), name="C"):
    return {"function": read(cost), "variables": [X, Y], "path": path, "name": name, "stationary": stationary}


def curves(*formulas, **more):
    return {"curves": [{"node": read(f), "label": read(f)} for f in formulas], "variable": X, "range": None, **more}


def errors(function, *polynomials, centre=0, span=None):
    return {
        "function": read(function),
        "polynomials": [read(p) for p in polynomials],
        "variable": X,
        "centre": centre,
        "range": span,
        "name": "f",
    }


def plane(first, second, point, variables=(X, Y), **more):
    return {"map": [read(first), read(second)], "variables": variables, "point": point, **more}


def fitted(points, *formulas, **more):
    return {"points": points, "curves": [{"node": read(f), "label": f"fit {f}"} for f in formulas], "variable": X,
            "target": "y", **more}


def leaf(*counts):
    return {"counts": list(counts), "impurity": "G = 0.48", "class": "a"}


def grown(depth, full):
    if not depth:
        return leaf(1, 3)
    below = grown(depth - 1, full)
    test = f"a feature with a very long name \N{LESS-THAN OR EQUAL TO} {depth}.5" if depth == 3 else f"x = {depth}"
    return {"counts": [3 * depth, 2**depth], "impurity": "H = 0.918", "test": test, "yes": below,
            "no": below if full else leaf(2, 0)}


def surface(function, low, high, marks=(), size=21, **more):
    grid = [low + k * (high - low) / (size - 1) for k in range(size)]
    values = [[function(x, y) for x in grid] for y in grid]
    return {"x": grid, "y": grid, "values": values, "marks": marks, "names": [X, Y], **more}


def plane_of(function, points=(), size=21, low=-5.0, high=5.0):
    grid = [low + k * (high - low) / (size - 1) for k in range(size)]
    values = [[function(x, y) for x in grid] for y in grid]
    return {"surface": {"x": [low, high], "y": [low, high], "values": values}, "points": points}


def dots(function, count=60):
    places = [[5 * math.cos(7.3 * k) * (k / count), 5 * math.sin(7.3 * k) * (k / count)] for k in range(count)]
    labels = [1 if function(*place) > 0 else -1 for place in places]
    return {"places": places, "labels": labels, "test": [k % 3 == 0 for k in range(count)],
            "classes": ["class 1", "class \N{MINUS SIGN}1"]}


def disc(x, y):
    return 6 - x * x - y * y


def slope(x, y):
    return x + y - 1


def falling(epochs, last=1e-3, **more):
    return {"train": [last + math.exp(-k / 20) for k in range(epochs + 1)],
            "test": [2 * last + math.exp(-k / 25) for k in range(epochs + 1)], **more}


LONG = r"\frac{x^3 + 3x^2 - 7x + 1 + 12\sin(x)}{x^2 + 4 + 12\sin(x)\cos(x)}"
CASES = r"\begin{cases} x & x > 0 \\ -x & x \le 0 \end{cases}"

SCENES = {
    "diverging descent": (contour_path, descent(*SADDLE, (1, 9), 1, 3)),
    "falling descent": (contour_path, descent(*SADDLE, (2, 9), 0.1, 3)),
    "growing by a million": (contour_path, descent(*SADDLE, (1, 9), 1, 10)),
    "growing without bounds": (contour_path, descent(*SADDLE, (1, 9), 1, 100)),
    "zigzag": (contour_path, descent(*BOWL, (10, 1), 0.09, 30, [(0, 0, "minimum")])),
    "converging": (contour_path, descent(*ROUND, (3, 4), 0.1, 10, [(0, 0, "minimum")])),
    "tiny steps": (contour_path, descent(*ROUND, (1, 1), 1e-9, 5)),
    "no movement": (contour_path, descent(*BOWL, (0, 0), 0.1, 3, [(0, 0, "minimum")])),
    "along a line": (contour_path, descent(*ROUND, (3, 0), 0.9, 6)),
    "a million steps": (contour_path, descent(*ROUND, (3, 1), 1e-3, 5000)),
    "lost path": (contour_path, contour("x^2 - y", [[1, 9], [5, 6], [math.inf, 3]])),
    "constant cost": (contour_path, contour("3", [[1, 2], [1.5, 2]])),
    "half defined": (contour_path, contour(r"\log(x) + y^2", [[1, 1], [0.5, 0.5], [0.1, 0.2]])),
    "undefined": (contour_path, contour(r"\log(-1 - x^2)", [[1, 1], [0.5, 0.5]])),
    "flat side": (contour_path, contour(r"\max(0, x)", [[1, 1], [-1, 0.5]])),
    "no path": (contour_path, contour("xy", [], [[0, 0, "saddle"]])),
    "nothing": (contour_path, contour("xy", [])),
    "far stationary point": (contour_path, contour("xy", [[200, 300], [201, 302]], [[0, 0, "saddle"]])),
    "two maxima": (contour_path, contour("-x^4 + 2x^2 - y^2", [], [[-1, 0, "maximum"], [1, 0, "maximum"]])),
    "rising cost": (cost_curve, {"costs": [29, 1260, 31104, 689472], "name": "C"}),
    "falling cost": (cost_curve, {"costs": [62, -33.3, -67.4, -95.1], "name": "C"}),
    "alternating cost": (cost_curve, {"costs": [(-3.0) ** k for k in range(20)], "name": "C"}),
    "infinite cost": (cost_curve, {"costs": [1, 10, 1e200, math.inf, math.nan], "name": "C"}),
    "no finite cost": (cost_curve, {"costs": [math.inf, math.nan], "name": "C"}),
    "constant costs": (cost_curve, {"costs": [3, 3, 3], "name": "C"}),
    "zero cost": (cost_curve, {"costs": [0.0, 0.0], "name": "C", "log": True}),
    "one cost": (cost_curve, {"costs": [3], "name": "J(θ) for $5"}),
    "late difference": (cost_curve, {"costs": [100000 + 1e-4 * k for k in range(10)], "name": "C"}),
    "large costs": (cost_curve, {"costs": [10**12 + 10**11 * k for k in range(5)], "name": "C"}),
    "several methods": (
        cost_curve,
        {"costs": {"plain": [1 / (k + 1) for k in range(5000)], "Adam": [0.99**k for k in range(900)]}, "log": True},
    ),
    "logistic function": (
        function_plot,
        curves(
            r"\sigma(x)",
            r"\sigma(x)(1 - \sigma(x))",
            points=[{"x": 0, "y": 0.5, "label": None}, {"x": 0, "y": 0.25, "label": read(r"\frac{1}{4}")}],
            horizontal=[0, 1],
        ),
    ),
    "kink": (function_plot, curves(r"\operatorname{ReLU}(x)", points=[{"x": 0, "y": 0, "label": "kink"}])),
    "logarithm": (function_plot, curves(r"\log x", r"\frac{1}{x}", points=[{"x": 1, "y": 0, "label": None}])),
    "poles": (function_plot, curves(r"\tan x")),
    "double pole": (function_plot, curves(r"\frac{1}{x^2}", vertical=[0])),
    "constant": (function_plot, curves("3")),
    "tiny range": (function_plot, curves("x^2", range=[1e-9, 2e-9])),
    "far range": (function_plot, curves("x^2", range=[1000, 1000.001])),
    "overflow": (function_plot, curves("e^{x^2}", range=[-30, 30])),
    "steep": (function_plot, curves("x^x", points=[{"x": 0.3679, "y": 0.6922, "label": "minimum"}])),
    "part of the range": (function_plot, curves(r"\sqrt{x}", r"\sqrt{1 - x^2}")),
    "far domain": (function_plot, curves(r"\sqrt{x - 40}")),
    "long labels": (function_plot, curves(LONG, CASES)),
    "one long label": (function_plot, curves(LONG)),
    "wild": (function_plot, curves(r"\sin(\frac{1}{x})")),
    "six curves": (
        function_plot,
        curves(*(rf"\operatorname{{{n}}}(x)" for n in ("GELU", "swish", "ELU", "softplus", "LeakyReLU")), r"\tanh x"),
    ),
    "many points": (
        function_plot,
        curves(r"\sin x", points=[{"x": k / 2, "y": math.sin(k / 2), "label": None} for k in range(12)]),
    ),
    "panels": (function_plot, {**curves(), "panels": [
        {**curves("x^2", r"\operatorname{softplus}(x)"), "name": "loss"},
        curves(r"\sigma(x)", range=[-1, 2], points=[{"x": 0, "y": 0.5, "label": None}]),
    ]}),
    "units": (function_plot, curves("2x", units={"x": "s", "y": "m"})),
    "sine": (error_plot, errors(r"\sin x", "x", r"x - \frac{x^3}{6}", r"x - \frac{x^3}{6} + \frac{x^5}{120}")),
    "no error": (error_plot, errors("x^2", "x^2", span=[-1, 1])),
    "large error": (error_plot, errors("e^{x}", r"1 + x + \frac{x^2}{2}", span=[-10, 10])),
    "error at a pole": (error_plot, errors(r"\frac{1}{1 - x}", "1 + x + x^2 + x^3", span=[-2, 2])),
    "error of a logarithm": (error_plot, errors(r"\log x", "x - 1", centre=1)),
    "polar": (map_grid, plane(r"r\cos(\phi)", r"r\sin(\phi)", [2, 0.785398], (R, PHI))),
    "singular": (map_grid, plane("x^2", "xy", [0, 1])),
    "constant map": (map_grid, plane("1", "2", [1, 1])),
    "map at an edge": (map_grid, plane(r"\log x", "xy", [0.01, 100])),
    "stretched map": (map_grid, plane("1000x", "y^2", [1, 1])),
    "softmax": (map_grid, plane(r"\frac{e^x}{e^x + e^y}", r"\frac{e^y}{e^x + e^y}", [0, 0])),
    "fit and truth": (fit_plot, fitted([[k / 50, k / 25 + 1] for k in range(100)], "2x + 1", "x^2", of=1_000_000,
                                       truth=read("2x + 1"))),
    "fit of few points": (fit_plot, fitted([[0, 1], [1, 2], [2, 4]], "1.5x + 0.8")),
    "fit without points": (fit_plot, fitted([], r"\tanh x")),
    "fit of one point": (fit_plot, fitted([[2, 3]], "3")),
    "fit with a pole": (fit_plot, fitted([[-1, -1], [1, 1], [2, 0.5]], r"\frac{1}{x}")),
    "fit of huge data": (fit_plot, fitted([[1e6, 1e9], [2e6, 3e9]], "1000x")),
    "valley": (loss_surface, surface(lambda x, y: 100 * (y - x * x) ** 2 + (1 - x) ** 2, -2, 2, [
        {"x": 1, "y": 1, "label": "A", "kind": "minimum"}, {"x": -1, "y": 0, "label": "start", "kind": "start"},
    ], paths=[[[-1, 0], [0, 0.5], [1, 1]]])),
    "negative loss": (loss_surface, surface(lambda x, y: x * y - 3, -1, 1, [
        {"x": 0, "y": 0, "label": "B", "kind": "saddle"}, {"x": 0.5, "y": 0.5, "label": "far", "kind": "plateau"}])),
    "loss without value": (loss_surface, surface(lambda x, y: math.log(x) + y if x > 0 else math.nan, -1, 1)),
    "no loss at all": (loss_surface, surface(lambda x, y: math.nan, -1, 1)),
    "constant loss": (loss_surface, surface(lambda x, y: 2.0, -1, 1)),
    "loss of many magnitudes": (loss_surface, surface(lambda x, y: 10.0 ** (20 * (x + y)), -1, 1)),
    "decision": (decision_boundary, {"panels": [plane_of(disc, dots(disc)) | {"wrong": 0}]}),
    "decisions": (decision_boundary, {"panels": [
        {**plane_of(f, dots(g)), "title": f"run {k}, with a name"}
        for k, (f, g) in enumerate([(disc, disc), (slope, disc), (disc, slope), (slope, slope), (slope, disc)])]}),
    "one class everywhere": (decision_boundary, {"panels": [plane_of(lambda x, y: -1.0, dots(disc))]}),
    "decision without points": (decision_boundary, {"panels": [plane_of(lambda x, y: math.nan if x > 4 else y)],
                                                    "names": [X, Y]}),
    "two coins": (distributions_plot, {"bars": [[0.5, 0.5], [0.9, 0.1]], "labels": [Symbol("p"), Symbol("q")],
                                       "outcomes": ["heads", "tails"], "terms": [-0.29, 0.8], "sum": "contribution"}),
    "infinite term": (distributions_plot, {"bars": [[0.5, 0.5], [1, 0]], "labels": ["p", "q"],
                                           "outcomes": ["1", "2"], "terms": [0.1, math.inf]}),
    "one distribution": (distributions_plot, {"bars": [[0.1] * 10], "outcomes": [f"outcome {k}" for k in range(10)]}),
    "many counts": (distributions_plot, {"bars": [[1 / 60] * 60], "outcomes": [str(k) for k in range(60)]}),
    "two densities": (distributions_plot, {
        "curves": [{"node": read(r"e^{-x^2}"), "label": "p"}, {"node": read(r"e^{-(x - 1)^2}"), "label": "q"}],
        "variable": X, "range": [-3, 4], "integrand": {"node": read("x e^{-x^2}"), "label": "integrand"}}),
    "a density without bound": (distributions_plot, {
        "curves": [{"node": read(r"\frac{1}{2 \sqrt{x}}"), "label": "p"}], "variable": X, "range": [0, 1]}),
    "measures": (metric_curves, {"curves": [{"name": "precision", "values": [0.5, 0.6, math.nan, 0.7]},
                                            {"name": "recall", "values": [1, 0, 0.25, 0.5]}], "rows": "epoch"}),
    "measures once": (metric_curves, {"curves": [{"name": "recall", "values": [0.5]}]}),
    "training": (loss_curves, {"panels": [falling(100, chosen=60)], "name": "L"}),
    "trainings": (loss_curves, {"panels": [falling(n, title=f"{n} epochs") for n in (40, 300, 64, 28, 760)]}),
    "no training": (loss_curves, {"panels": [{"train": [0.5], "test": []}]}),
    "training to zero": (loss_curves, {"panels": [{"train": [1, 1e-3, 0, 0], "test": [1, 1e-2, 1e-9, math.inf]}]}),
    "neurons": (neuron_boundaries, {
        "units": [{"name": Symbol("z", str(k)), **plane_of(lambda x, y, k=k: x * k - y + k - 2)} for k in range(1, 5)],
        "output": {"name": "output", **plane_of(disc)}, "points": dots(disc)}),
    "one neuron": (neuron_boundaries, {"units": [{"name": Symbol("z"), **plane_of(slope)}],
                                       "output": {"name": "output", **plane_of(slope)}}),
    "clusters": (clusters, {"points": [[1, 1], [2, 1], [5, 4], [6, 6]], "assigned": [0, 0, 1, 1],
                            "paths": [[[1, 1], [1.5, 1]], [[2, 1], [4, 3], [5.5, 5]]]}),
    "clusters on a line": (clusters, {"points": [[1, 0], [2, 0], [9, 0]], "assigned": [0, 0, 1], "line": True,
                                      "paths": [[[1, 0], [1.5, 0]], [[2, 0], [9, 0]]]}),
    "mixture": (clusters, {"points": [[k, 0] for k in (-2, -1, 3, 4)], "line": True,
                           "shares": [[1, 0], [0.9, 0.1], [0.5, 0.5], [0, 1]],
                           "densities": [[[0.5, -1, 1], [0.5, 1, 1]], [[0.4, -1.5, 0.2], [0.6, 3.5, 1e-3]]]}),
    "ellipses of a normal distribution": (normal_ellipses, {"points": [[k, (k * 7) % 5] for k in range(10)],
        "mean": [4.5, 2], "covariance": [[8, 0.5], [0.5, 2]]}),
    "ellipses far from zero, thin and tilted": (normal_ellipses, {"points": [[1e4 + k, 1e4 + k] for k in range(30)],
        "mean": [10014.5, 10014.5], "covariance": [[75, 74.9], [74.9, 75]], "distances": [0.5, 3]}),
    "principal axes": (principal_axes, {"points": [[k, k % 3] for k in range(9)], "mean": [4, 1], "shares": [0.9, 0.1],
                                        "axes": [[0.8, 0.6], [-0.6, 0.8]], "variances": [6, 0.5],
                                        "projections": True}),
    "axes of points on a line": (principal_axes, {"points": [[1, 1], [2, 2], [3, 3]], "mean": [2, 2],
                                                  "axes": [[0.7, 0.7], [-0.7, 0.7]], "variances": [2, 0],
                                                  "names": ["first component", "second component"]}),
    "two classes": (confusion_matrix, {"counts": [[41, 2], [39, 418]], "classes": ["fraud", "no fraud"]}),
    "an empty class": (confusion_matrix, {"counts": [[0, 0, 0], [0, 10**9, 6], [0, 1, 8]],
                                          "classes": ["never there", "a name that is far too long", "c"]}),
    "many classes": (confusion_matrix, {"counts": [[(j * k) % 97 for j in range(20)] for k in range(20)],
                                        "classes": [f"class {k}" for k in range(20)]}),
    "a leaf": (decision_tree, {"tree": leaf(3, 2), "classes": ["a", "b"]}),
    "a lopsided tree": (decision_tree, {"tree": grown(6, False), "classes": ["a", "b"]}),
    "a full tree": (decision_tree, {"tree": grown(5, True), "classes": ["a", "b"]}),
    "given Jacobian": (map_grid, plane("2x", "3y", [0, 0], jacobian=[[2, 0], [0, 3]], size=1, names=["u", "v"])),
}


@pytest.fixture
def figure_of(monkeypatch, tmp_path):
    """The figure that a picture draws, laid out, instead of its file."""

    def drawn(module, data):
        kept = []

        def keep(figure, suffix, alt):
            kept.append(figure)
            FigureCanvasAgg(figure).draw()
            return b""

        def keep_own(suffix, width, height, draw, metadata, dots):
            texts, write = [], _canvas.Text.draw
            monkeypatch.setattr(_canvas.Text, "draw", lambda text, page: (texts.append(text), write(text, page)))
            content = rendered(suffix, width, height, draw, metadata, dots)
            kept.append((draw.__self__, texts))
            return content

        rendered = _canvas.rendered
        monkeypatch.setattr(_style, "_rendered", keep)
        monkeypatch.setattr(_canvas, "rendered", keep_own)
        module.draw(data, tmp_path / "picture.png")
        return kept[0]

    return drawn


def _own_texts(figure, texts):
    """The words and boxes of all texts of a picture with axes of its own, and of the numbers of each of its axes."""
    numbers = [(axis, [text.box for text in side]) for axes in figure.axes
               for axis, side in zip("xy", figure.numbers(axes), strict=True)]
    return (0, 0, 72 * figure.width, 72 * figure.height), [(text.text, text.box) for text in texts], numbers


def _texts(figure):
    """The same of one of Matplotlib's."""
    shown = [(text.get_text(), box.extents) for text, box in _shown_texts(figure)]
    numbers = []
    for axes in figure.axes:
        for axis, side in ((axes.xaxis, "x"), (axes.yaxis, "y")):
            labels = [text for tick in axis._update_ticks() for text in (tick.label1, tick.label2)]
            boxes = [text.get_window_extent() for text in labels if text.get_visible() and text.get_text()]
            numbers.append((side, [box.extents for box in boxes]))
    return figure.bbox.extents, shown, numbers


def _shown_texts(figure):
    renderer = figure.canvas.get_renderer()
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text() and not _outside(text, figure):
            yield text, text.get_window_extent(renderer)


def _outside(text, figure):
    """Tick labels beyond the limits exist but are not drawn."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            if any(text in (tick.label1, tick.label2) for tick in ticks):
                return not any(text in (tick.label1, tick.label2) for tick in axis._update_ticks())
    return False


@pytest.mark.parametrize("name", SCENES)
def test_no_text_is_cut_and_no_tick_labels_overlap(name, figure_of):
    drawn = figure_of(*SCENES[name])
    whole, shown, numbers = _own_texts(*drawn) if isinstance(drawn, tuple) else _texts(drawn)
    assert shown
    for words, box in shown:
        assert box[0] >= whole[0] - 1 and box[2] <= whole[2] + 1, words
        assert box[1] >= whole[1] - 1 and box[3] <= whole[3] + 1, words
    for side, boxes in numbers:
        start = "xy".index(side)
        ends = sorted((box[start], box[start + 2]) for box in boxes)
        assert all(first[1] <= second[0] + 0.5 for first, second in pairwise(ends)), (side, ends)


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_is_described_in_one_sentence(name):
    module, data = SCENES[name]
    text = module.describe(data)
    assert text.endswith(".") and text[0].isupper()
    assert not set(text) & set("\\\n$")


@pytest.mark.parametrize("suffix", _style.FORMATS)
@pytest.mark.parametrize("name", ["falling descent", "rising cost", "logistic function", "sine", "polar"])
def test_equal_data_give_equal_files(name, suffix, tmp_path):
    module, data = SCENES[name]
    files = [tmp_path / f"{i}.{suffix}" for i in (1, 2)]
    for file in files:
        module.draw(data, file)
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert b"CreationDate" not in first and b"<dc:date>" not in first
    assert first.startswith({"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}[suffix])
    assert {p.name for p in tmp_path.iterdir()} == {file.name for file in files}


@pytest.mark.slow
def test_another_process_writes_the_same_file(tmp_path):
    program = (
        "import sys; from pathlib import Path; from derive.figures import cost_curve\n"
        "cost_curve.draw({'costs': {'b': [1, 2, 4], 'a': [3, 2, 1]}, 'name': 'C'}, Path(sys.argv[1]))"
    )
    files = [tmp_path / f"{seed}.{suffix}" for suffix in _style.FORMATS for seed in (1, 2)]
    for file in files:
        environment = {"PYTHONHASHSEED": file.stem, "MPLCONFIGDIR": str(tmp_path / "settings")}
        subprocess.run([sys.executable, "-c", program, str(file)], check=True, env=environment, timeout=60)
    for first, second in zip(files[::2], files[1::2], strict=True):
        assert first.read_bytes() == second.read_bytes()


def test_drawing_leaves_the_settings_of_matplotlib_alone(tmp_path):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    cost_curve.draw({"costs": [1, 2]}, tmp_path / "a.png")
    assert dict(mpl.rcParams) == before


def test_a_description_needs_no_plotting_library():
    program = (
        "import sys; from derive import choices; from derive.tree import *\n"
        "names = 'contour-path', 'cost-curve', 'error-plot', 'function-plot', 'map-grid'\n"
        "contour, cost, error, curves, plane = (choices.load('figures', n) for n in names)\n"
        "assert all(choices.load('figures', n).describe for n in choices.names('figures'))\n"
        "x, y = Symbol('x'), Symbol('y')\n"
        "contour.describe({'function': x, 'variables': [x, y], 'path': [[1, 2], [3, 4]]})\n"
        "cost.describe({'costs': [1, 2]})\n"
        "error.describe({'function': x, 'polynomials': [x], 'variable': x, 'centre': 0})\n"
        "curves.describe({'curves': [{'node': x, 'label': x}], 'variable': x})\n"
        "plane.describe({'map': [x, y], 'variables': [x, y], 'point': [0, 0]})\n"
        "print([m for m in ('sympy', 'scipy', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_every_picture_is_a_choice_with_both_functions():
    assert set(choices.names("figures")) == {
        "clusters", "confusion-matrix", "contour-path", "convolution-grid", "cost-curve", "decision-boundary",
        "decision-tree", "distributions-plot", "error-plot", "fit-plot",
        "function-plot", "graph-drawing", "loss-curves", "loss-surface", "map-grid", "metric-curves",
        "network-drawing", "neuron-boundaries", "normal-ellipses", "principal-axes",
    }
    for name in choices.names("figures"):
        module = choices.load("figures", name)
        assert callable(module.draw) and callable(module.describe)


@pytest.mark.parametrize(
    ("module", "data", "message"),
    [
        (cost_curve, {}, "no 'costs'"),
        (cost_curve, {"costs": []}, "no costs"),
        (cost_curve, {"costs": ["a"]}, "list of numbers"),
        (contour_path, {"variables": [X, Y]}, "no 'function'"),
        (contour_path, {"function": read("x"), "variables": [X], "path": []}, "two variables, not 1"),
        (contour_path, {"function": read("x"), "variables": [X, Y], "path": [[1, 2, 3]]}, "two coordinates"),
        (contour_path, {"function": read("z"), "variables": [X, Y], "path": []}, "z has no value"),
        (function_plot, curves(), "at least one curve"),
        (function_plot, curves("x", range=[1, 1]), "range"),
        (function_plot, curves("x", range=[0, math.inf]), "range"),
        (function_plot, curves(r"\log(-1 - x^2)"), "nothing to draw"),
        (function_plot, curves(r"\log x", range=[-2, -1]), "nothing to draw"),
        (error_plot, errors("x"), "at least one polynomial"),
        (error_plot, errors(r"\log x", "x", span=[-2, -1]), "nothing to draw"),
        (map_grid, plane(r"\log x", "y", [-1, 0]), "nothing to draw"),
        (map_grid, plane("x", "y", [1, 2, 3]), "two coordinates"),
        (decision_boundary, {"panels": []}, "no panels"),
        (decision_boundary, {"panels": [{}]}, "no 'surface'"),
        (decision_boundary, {"panels": [{"surface": {"x": [0, 1], "y": [0, 1], "values": [[1]]}}]},
         "at least two rows"),
        (decision_boundary, {"panels": [{"surface": {"x": [0, 1]}}]}, "ranges x and y"),
        (decision_boundary, {"panels": [plane_of(disc, {"places": [[1, 2]], "labels": []})]}, "1 points with 0 labels"),
        (clusters, {"points": [], "paths": [[[1, 1]]]}, "no points"),
        (clusters, {"points": [[1, 1]]}, "neither centres nor densities"),
        (clusters, {"points": [[1, 1]], "paths": [[[1, 1]]], "assigned": [1]}, "1 clusters and 1 centres"),
        (clusters, {"points": [[1, 1]], "densities": [[[1, 0, 1], [1, 1, 1]]]}, "two shares for each point"),
        (normal_ellipses, {"points": [], "mean": [0, 0], "covariance": [[1, 0], [0, 1]]}, "no points"),
        (normal_ellipses, {"points": [[1, 1]], "mean": [0, 0], "covariance": [[1, 2], [2, 1]]}, "positive definite"),
        (principal_axes, {"points": [], "axes": [], "mean": [0, 0], "variances": []}, "no points or no axes"),
        (principal_axes, {"points": [[1, 1]], "axes": [[1, 0]], "mean": [0, 0], "variances": []}, "1 axes with 0"),
        (distributions_plot, {"bars": [[0.5, 0.5], [1]], "outcomes": ["1", "2"]}, "for each outcome"),
        (metric_curves, {"curves": []}, "no values"),
        (metric_curves, {"curves": [{"values": [1]}, {"values": [1, 0]}]}, "different numbers"),
        (metric_curves, {"curves": [{"name": "a", "values": [1.2]}]}, "between 0 and 1"),
        (loss_curves, {"panels": []}, "no losses"),
        (loss_curves, {"panels": [{"train": [], "test": [1]}]}, "no losses"),
        (neuron_boundaries, {"units": [], "output": plane_of(disc)}, "no units"),
        (fit_plot, fitted([]), "neither points nor curves"),
        (fit_plot, fitted([[1, 2, 3]], "x"), "two coordinates"),
        (loss_surface, {"x": [0, 1], "y": [0, 1], "values": [[1, 2]]}, "a row of values for each y"),
        (map_grid, {"map": [X], "variables": [X], "point": [1]}, "two formulas"),
        (map_grid, plane("x", "y", [1, 2], size=0), "positive"),
    ],
)
def test_data_that_cannot_be_drawn_are_refused_and_nothing_is_written(module, data, message, tmp_path):
    with pytest.raises(DeriveError, match=message):
        module.draw(data, tmp_path / "a.svg")
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(DeriveError, match=r"'a\.gif'"):
        cost_curve.draw({"costs": [1, 2]}, tmp_path / "a.gif")


def test_a_file_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DeriveError, match="cannot write"):
        cost_curve.draw({"costs": [1, 2]}, tmp_path / "file" / "a.png")
    (tmp_path / "a.png").mkdir()
    with pytest.raises(DeriveError, match="cannot write"):
        cost_curve.draw({"costs": [1, 2]}, tmp_path / "a.png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "file"]


def test_missing_folders_are_made(tmp_path):
    file = tmp_path / "new" / "folder" / "a.png"
    cost_curve.draw({"costs": [1, 2]}, file)
    assert Path(file).stat().st_size > 1000
