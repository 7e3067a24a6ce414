"""The common look of all pictures, and how they are saved: fonts, colours, dashes, labels, reproducible files.

Sizes suit 0.8 of the text width of an A4 page, where a picture stands at its natural size. Colours are those of
Okabe and Ito (Color Universal Design, 2008), always together with a dash or a marker, so that a copy in grey keeps
the curves apart. The figure class is used directly: ``pyplot`` would only add import time and global state.

Matplotlib takes half a second to import, so functions here and in the pictures import it when they draw; describing a
picture never does.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive import files
from derive.errors import DeriveError
from derive.figures import _axes, _canvas, _letters
from derive.tree import Node, Symbol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 5.0  # inches: 0.8 of a text width of 16 cm
DOTS = 200  # per inch, of a PNG
FONT = 9.0  # points, just under the text's 10 to 11
LABEL_WIDTH = 0.42 * WIDTH * 72  # points; a wider formula is no label any more

BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
)  # fmt: skip
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, BLACK, SKY)
DASHES: tuple[Any, ...] = (
    "solid", (0, (5, 2)), (0, (1, 1.3)), (0, (6, 2, 1, 2)), (0, (9, 3)), (0, (3, 1.5, 1, 1.5, 1, 1.5)), (0, (2, 2)),
)  # fmt: skip
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
MINUS = "\N{MINUS SIGN}"
GUIDE = "0.55"  # the grey of guide lines

LOOK: Any = {
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": FONT,
    "axes.titlesize": FONT,
    "axes.labelsize": FONT + 0.5,
    "xtick.labelsize": FONT - 1,
    "ytick.labelsize": FONT - 1,
    "legend.fontsize": FONT,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "axes.formatter.limits": (-9, 9),
    "axes.formatter.useoffset": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "derive",
    "path.simplify": True,
}

FORMATS = ("pdf", "png", "svg")


@contextmanager
def look() -> Iterator[None]:
    """Matplotlib's settings for our pictures, whatever a person's own are; those are back at the end."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(LOOK)
        yield


TEXTS = ("mathtext.", "text.", "font.")
"""What the settings are called that :func:`sheet` needs, which draws without Matplotlib's figures."""


@contextmanager
def _texts_look() -> Iterator[None]:
    """As :func:`look`, of the settings for texts only, and only those that are another way are touched."""
    import matplotlib as mpl

    changed = {key: value for key, value in _texts().items() if mpl.rcParams[key] != value}
    before = {key: mpl.rcParams[key] for key in changed}
    mpl.rcParams.update(changed)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


@cache
def _texts() -> dict[Any, Any]:
    """The settings for texts, as Matplotlib holds them."""
    import matplotlib as mpl

    with look():
        return {key: mpl.rcParams[key] for key in mpl.rcParams if key.startswith(TEXTS)}


# --- pages ------------------------------------------------------------------------------------------


@contextmanager
def page(path: Path, alt: str, height: float = 3.2, width: float = WIDTH) -> Iterator[Figure]:
    """A new figure of ``width`` x ``height`` inches, saved to ``path`` when the block ends well.

    The file holds no date and no random number: equal data give equal bytes. ``alt`` goes into its metadata.

    Errors: DeriveError for a suffix that is not in :data:`FORMATS` and for a file that cannot be written.
    """
    suffix = _suffix(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with look():
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)  # measures text, whatever the format
        yield figure
        content = _rendered(figure, suffix, alt)
    files.write_bytes(path, content)


@contextmanager
def sheet(path: Path, alt: str, height: float = 3.2, width: float = WIDTH) -> Iterator[_axes.Figure]:
    """As :func:`page`, with the figure of :mod:`._axes`, which is ten times faster and can do less."""
    suffix = _suffix(path)
    with _texts_look():
        figure = _axes.Figure(width, height)
        yield figure
        content = _canvas.rendered(suffix, width, height, figure.draw, alt, DOTS)
    files.write_bytes(path, content)


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower().lstrip(".")
    if suffix not in FORMATS:
        raise DeriveError(f"a picture cannot be written as '{path.name}'", f"use {', '.join(FORMATS)}")
    return suffix


def _rendered(figure: Figure, suffix: str, alt: str) -> bytes:
    """The picture's file. The backend is called directly, for ``savefig`` draws everything once more in advance."""
    buffer = io.BytesIO()
    if suffix == "pdf":
        from matplotlib.backends.backend_pdf import FigureCanvasPdf

        FigureCanvasPdf(figure).print_pdf(buffer, metadata=_metadata(suffix, alt))  # type: ignore[no-untyped-call]
    elif suffix == "svg":
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        FigureCanvasSVG(figure).print_svg(buffer, metadata=_metadata(suffix, alt))  # type: ignore[no-untyped-call]
    else:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure.dpi = DOTS
        FigureCanvasAgg(figure).print_png(buffer, metadata=_metadata(suffix, alt))  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def _metadata(suffix: str, alt: str) -> dict[str, Any]:
    match suffix:
        case "pdf":
            return {"CreationDate": None, "Subject": alt}
        case "svg":
            return {"Date": None, "Description": alt}
    return {"Description": alt}


def settle(figure: Figure) -> None:
    """Lay the figure out now and keep it so: afterwards data coordinates have their final place on the page."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.apply_aspect()


def halo(text: Any, width: float) -> None:
    """A white outline around a text that stands over other things."""
    if isinstance(text, _axes.Note):
        text.set_halo(width)
        return
    from matplotlib.patheffects import withStroke

    text.set_path_effects([withStroke(linewidth=width, foreground="white")])


# --- labels -----------------------------------------------------------------------------------------

MATHTEXT = (
    (r"\\dfrac|\\tfrac", r"\\frac"),
    (r"\\displaystyle|\\textstyle|\\limits|\\nolimits", ""),
    (r"\\bigl|\\bigr|\\Bigl|\\Bigr|\\big|\\Big", ""),
    (r"\\[lr]vert", "|"),
    (r"\\boldsymbol|\\bm\b", r"\\mathbf"),
    (r"\\text\{", r"\\mathrm{"),
    ("'", "\N{PRIME}"),  # as a character: mathtext would shrink it until it is hard to see
    # TeX puts a thin space between a factor and a function's name
    (r"(?<=[A-Za-z0-9)}])\s*(\\(?:operatorname|arc|sin|cos|tan|cot|sec|csc|exp|log|ln|max|min|det))", r"\\,\1"),
)
"""LaTeX that Matplotlib's mathtext spells otherwise."""


@lru_cache(maxsize=4096)
def _width(text: str) -> float | None:
    """The width of a label in points; None when mathtext cannot set it."""
    try:
        return _letters.formula_width(text, FONT)
    except ValueError:
        return None


def math_text(node: Node) -> str | None:
    """A formula for Matplotlib, or None when mathtext lacks what it needs (cases, matrices)."""
    from derive.write.latex import latex

    text = latex(node)
    for pattern, replacement in MATHTEXT:
        text = re.sub(pattern, replacement, text)
    text = f"${_display(text)}$"
    return text if "\n" not in text and _width(text) is not None else None


def _display(text: str) -> str:
    r"""The fractions that are not inside anything in full size: ``\dfrac``."""
    depth, parts = 0, []
    for part in re.split(r"([{}]|\\frac)", text):
        depth += {"{": 1, "}": -1}.get(part, 0)
        parts.append(r"\dfrac" if part == r"\frac" and depth == 0 else part)
    return "".join(parts)


def plain_text(text: str) -> str:
    r"""Text for Matplotlib: ``$...$`` where mathtext can set it, everything else taken literally."""
    text = " ".join(text.split())
    if text.count("$") - text.count(r"\$") >= 2 and _width(text) is not None:
        return text
    return text.replace(r"\$", "$").replace("$", r"\$")


def label(item: object, fallback: str, widest: float = LABEL_WIDTH) -> str:
    """A label from a formula, a text or nothing; ``fallback`` where it cannot be set or is too wide."""
    if isinstance(item, Node):
        text = math_text(item)
        return text if text and (_width(text) or 0) <= widest else plain_text(fallback)
    return plain_text(str(item)) if item else plain_text(fallback)


def symbol_label(symbol: Symbol, unit: object = None) -> str:
    """An axis label: the symbol, and its unit where it has one."""
    return with_unit(label(symbol, symbol.plain), unit)


def with_unit(text: str, unit: object) -> str:
    """A label with its unit, if it has one."""
    return f"{text} in {plain_text(str(unit))}" if unit else text


def short(text: str) -> bool:
    """Whether a label reads well when it is turned along a vertical axis: short, and one line of signs."""
    return "frac" not in text and (_width(text) or 0) <= 60


def name_label(name: object) -> str:
    """A function's name as it is set: a formula, one letter in italics with its index, a word upright."""
    if isinstance(name, Node):
        return label(name, "value")
    text = str(name or "value")
    if indexed := re.fullmatch(r"([A-Za-z])_([A-Za-z0-9]+)", text):
        return f"${indexed[1]}_{{{indexed[2]}}}$"
    letter = re.fullmatch(r"([A-Za-z])('{0,3})", text)
    return "$" + letter[1] + len(letter[2]) * "\N{PRIME}" + "$" if letter else plain_text(text)


def number_label(value: float, digits: int = 4) -> str:
    """A number for a picture: few digits, powers of ten set as such."""
    text = f"{value + 0.0:.{digits}g}"  # adding 0 takes the sign from -0
    if not math.isfinite(value):
        return r"$\infty$" if value > 0 else r"$-\infty$" if value < 0 else "undefined"
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text.replace("-", MINUS)  # no mathematics: setting that takes a hundred times as long
    mantissa = {"1": "", "-1": "-"}.get(mantissa, rf"{mantissa} \cdot ")
    return rf"${mantissa}10^{{{int(exponent)}}}$"


def point_label(point: Sequence[float]) -> str:
    """A point for a picture."""
    return f"({', '.join(number_label(x, 3) for x in point)})"


# --- legends and labels beside points -----------------------------------------------------------------


def legend(figure: Any, axes: Any, handle: float = 2.6) -> None:
    """A legend above the axes, where it hides nothing; as many columns as fit. ``handle`` is a sample's length."""
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        return
    widths = [(_width(text) or 0) + (handle + 2.8) * FONT for text in labels]
    fitting = max(1, int(WIDTH * 72 // max(widths)))
    columns = min(fitting, len(labels), 4)
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, handlelength=handle)
