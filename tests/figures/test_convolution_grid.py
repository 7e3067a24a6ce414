"""Pictures of convolutions: every cell is inside, the window is shaded, words say what is shown."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from derive.errors import DeriveError
from derive.figures import _style, convolution_grid
from derive.kinds import convolution
from derive.read.problems import make
from derive.steps import Figure


def data(**given):
    derivation = convolution.solve(make("convolution", {"matrix": False, "backward": False, **given}))
    return next(p.data for p in derivation.parts if isinstance(p, Figure))


SCENES = {
    "line": data(input=[1, -2, 30, 4], kernel=[1, -1], bias=3),
    "padded": data(input=[1, 2, 3], kernel=["f", 5, 6], padding=2, stride=2),
    "letters": data(input_size=4, kernel_size=2),
    "image": data(input=[[1, 2, 3], [4, 5, 6]], kernel=[[1, 0], [0, -1]], padding=1),
    "channels": data(input=[[1, 2, 3], [4, 5, 6]], kernel=[[[1, 0], [0, -1]], [[1, 1], [2, 2]]]),
    "wide": data(input=[[0] * 14] * 2, kernel=[[1, 1]]),
}


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """The laid out figure instead of its file."""

    def draw(scene):
        kept = []

        def keep(figure, suffix, alt):
            FigureCanvasAgg(figure).draw()
            kept.append(figure)
            return b""

        monkeypatch.setattr(_style, "_rendered", keep)
        convolution_grid.draw(scene, tmp_path / "picture.png")
        return kept[0]

    return draw


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_cut_and_the_picture_fits_a_page(name, drawn):
    figure = drawn(SCENES[name])
    assert figure.get_size_inches()[0] <= convolution_grid.WIDEST + 0.01
    renderer = figure.canvas.get_renderer()
    for part in (*figure.findobj(Text), *(p for p in figure.findobj(Rectangle) if p.get_zorder() in (1, 2))):
        if isinstance(part, Text) and not part.get_text():
            continue
        box = part.get_window_extent(renderer)
        assert box.x0 >= -1 and box.x1 <= figure.bbox.x1 + 1 and box.y0 >= -1 and box.y1 <= figure.bbox.y1 + 1


def test_the_covered_cells_and_the_output_are_shaded(drawn):
    figure = drawn(SCENES["line"])
    shaded = [p for p in figure.findobj(Rectangle) if p.get_facecolor()[:3] != (1, 1, 1) and p.get_zorder() == 2]
    assert len(shaded) == 3  # two inputs, one output


@pytest.mark.parametrize("name", SCENES)
def test_words(name):
    words = convolution_grid.describe(SCENES[name])
    assert words.startswith("Convolution as grids: input") and words.endswith(".")
    assert not set(words) & set("\\\n$")


def test_words_say_the_numbers():
    assert convolution_grid.describe(SCENES["line"]) == (
        "Convolution as grids: input 1 -2 30 4; kernel 1 -1; output 6 -29 29; the kernel is shown at output 1.")


def test_data_that_are_missing_are_refused(tmp_path):
    with pytest.raises(DeriveError, match="no 'windows'"):
        convolution_grid.draw({"input": {}}, tmp_path / "a.svg")
    assert not list(tmp_path.iterdir())
