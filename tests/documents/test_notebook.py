"""The notebook: valid, complete in one file, and its cells run and print the numbers of the derivation."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from derive import api
from derive.documents import notebook
from derive.documents._tree import Options
from derive.steps import Derivation, Figure, Listing, Program, Table
from derive.tree import Negative, Node, Number

from .samples import X, descent, sigmoid

PICTURE = Figure("cost_curve", {"costs": [2.0, 1.0], "name": "C"}, ("The cost.",), "falls", "costs")


def cells(derivations: list[Derivation], folder: Path) -> list[dict[str, Any]]:
    (path,) = notebook.write("The sheet", derivations, folder, "x", Options())
    assert list(folder.iterdir()) == [path]
    made: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return made


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def printed(found: list[dict[str, Any]]) -> list[str]:
    """What the code cells print, one after another in a clean namespace, with warnings as errors."""
    names: dict[str, Any] = {"__name__": "__main__"}
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("error")
        for cell in found:
            if cell["cell_type"] == "code":
                exec(compile(source(cell), "cell", "exec"), names)
    return out.getvalue().splitlines()


def test_the_file_has_the_form_of_a_notebook(tmp_path: Path) -> None:
    (path,) = notebook.write("The sheet", [sigmoid(), descent()], tmp_path, "x")
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    assert whole["metadata"]["kernelspec"]["name"] == "python3"
    names = [cell["id"] for cell in whole["cells"]]
    assert len(names) == len(set(names)) and all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names)
    for cell in whole["cells"]:
        needed = {"id", "cell_type", "metadata", "source"}
        assert set(cell) - {"attachments"} == needed | ({"execution_count", "outputs"} & set(cell))
        assert ("outputs" in cell) == (cell["cell_type"] == "code")
        assert source(cell).strip()
        assert all(line.endswith("\n") for line in cell["source"][:-1])


def test_it_is_valid_for_its_library(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    (path,) = notebook.write("T", [replace(sigmoid(), parts=(PICTURE, Program("x = 1", ("Run:",))))], tmp_path, "x")
    nbformat.validate(nbformat.read(path, as_version=4))


def test_the_same_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (notebook.write("T", [descent()], tmp_path / name, "x")[0].read_bytes() for name in "ab")
    assert first == second


def test_figures_are_inside(tmp_path: Path) -> None:
    found = cells([replace(sigmoid(), parts=(PICTURE,))], tmp_path)
    (cell,) = [c for c in found if "attachments" in c]
    ((name, data),) = cell["attachments"].items()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert f"![falls](attachment:{name})" in source(cell)


def test_programs_run_and_other_listings_are_shown(tmp_path: Path) -> None:
    long = "x = " + " + ".join(["1"] * 60)
    parts = (Listing("import no_such_module", ("Shown.",)), Program(long, ("Run ", X, ":")),
             Listing("print(x)", ("Run as well.",), runs=True))
    found = cells([replace(sigmoid(), parts=parts)], tmp_path)
    assert [source(c) for c in found if c["cell_type"] == "code"] == [long, "print(x)"]
    assert printed(found) == ["60"]
    texts = [source(c) for c in found if c["cell_type"] == "markdown"]
    assert any("```python\nimport no_such_module\n```" in text for text in texts)
    assert "Run $x$:" in texts


def test_a_program_is_not_printed_elsewhere(tmp_path: Path) -> None:
    from derive.documents import html, markdown, tex, text

    derivation = replace(sigmoid(), parts=(Program("secret = 1", ("Run it now:",)),))
    for module in (html, markdown, tex, text):
        path, *_ = module.write("T", [derivation], tmp_path, "x")
        shown = path.read_text(encoding="utf-8")
        assert "secret" not in shown and "Run it now" not in shown


# --- the numbers of the shipped problems ---------------------------------------------------------------


def number(cell: tuple[str | Node, ...]) -> float | None:
    match cell:
        case (str(words),):
            return float(words) if re.fullmatch(r"-?\d+(\.\d+)?", words) else None
        case (Number(words),):
            return float(words)
        case (Negative(Number(words)),):
            return -float(words)
    return None


DESCENTS = (
    "s0-p3-1-gradient-descent", "s1-p3-1-gradient-descent", "gradient-descent-momentum", "gradient-descent-nesterov",
    "gradient-descent-adagrad", "gradient-descent-rmsprop", "gradient-descent-adam", "gradient-descent-newton",
    "gradient-descent-line-search", "gradient-descent-decaying-steps", "gradient-descent-logistic-loss",
    "gradient-descent-quartic", "gradient-descent-thousand-steps", "gradient-descent-line-fit",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", DESCENTS)
def test_the_cell_of_an_iteration_prints_its_table(name: str, tmp_path: Path) -> None:
    (derivation,) = api.solve(name)
    tables = [part for part in derivation.parts if isinstance(part, Table) and part.header[0] == ("step",)]
    lines = {int(line.split()[0]): [float(x) for x in line.split()[1:]]
             for line in printed(cells([derivation], tmp_path))}
    compared = 0
    for table in tables:
        assert len(table.header) in (4, len(lines[0]) + 1, len(lines[0]))
        for first, *row in table.rows:
            step = int(first[0])  # type: ignore[arg-type]
            values = lines[step] if len(row) == len(lines[step]) else _without_length(lines[step], len(row))
            for cell, value in zip(row, values, strict=True):
                wanted = number(cell)
                if wanted is not None:
                    assert value == pytest.approx(wanted, rel=1e-4, abs=1e-7)
                    compared += 1
    assert compared >= 2 * len(lines)


def _without_length(values: list[float], count: int) -> list[float]:
    """Without the length of the gradient, which a table of one variable or of exact numbers leaves out."""
    return [*values[:-2], values[-1]] if count == len(values) - 1 else values


@pytest.mark.slow
@pytest.mark.parametrize("name", ["s3-p1i-backpropagation", "s4-3-bce-backpropagation", "backpropagation-xor",
                                  "backpropagation-softmax-three-classes", "backpropagation-l2-neuron"])
def test_the_cell_of_backpropagation_prints_the_derivatives(name: str, tmp_path: Path) -> None:
    (derivation,) = api.solve(name)
    lines = [line.split() for line in printed(cells([derivation], tmp_path))]
    results = {result.name: result.number for result in derivation.results}
    wanted = [value for name, value in results.items() if name.endswith(" in numbers") and value is not None]
    found = [float(line[-1]) for line in lines[1:]]
    assert len(found) >= 2
    assert all(any(value == pytest.approx(w, rel=1e-6, abs=1e-12) for w in wanted) for value in found)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fit-line", "fit-cubic", "fit-exponential-decay", "fit-logistic-regression"])
def test_the_cells_of_a_fit_find_its_minimum(name: str, tmp_path: Path) -> None:
    (derivation,) = api.solve(name)
    losses = [float(line.split()[0]) for line in printed(cells([derivation], tmp_path))]
    results = [r.number for r in derivation.results if "loss" in r.name and isinstance(r.number, float)]
    assert losses
    assert all(any(loss == pytest.approx(found, rel=1e-5, abs=1e-12) for found in results) for loss in losses)


@pytest.mark.slow
def test_jupyter_runs_it(tmp_path: Path) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    (path,) = notebook.write("T", api.solve("s0-p3-1-gradient-descent"), tmp_path, "x")
    made = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(made, timeout=60).execute()
    assert [cell.outputs[0].output_type for cell in made.cells if cell.cell_type == "code"] == ["stream"]
