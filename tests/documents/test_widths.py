"""Estimated widths against those TeX measures: never much too small, seldom much too large."""

from __future__ import annotations

import random
import re
import shutil
import statistics
import subprocess
from pathlib import Path

import pytest

from derive.documents._widths import height, text_width, width
from derive.tree import Call, Matrix, Node, Symbol, walk
from derive.write.latex import latex
from tests.documents.samples import ALL, LONG, SIGMOID, X, add, frac, n, power
from tests.trees import random_tree

EM = 10.95  # pt


def measured(nodes: list[Node], folder: Path) -> list[float]:
    boxes = "\n".join(rf"\setbox0\hbox{{$\displaystyle {latex(node)}$}}\typeout{{W:\the\wd0}}" for node in nodes)
    (folder / "w.tex").write_text(
        r"\documentclass[11pt]{article}\usepackage[T1]{fontenc}\usepackage{lmodern,amsmath,amssymb}\begin{document}"
        + boxes + r"\end{document}", encoding="utf-8",
    )  # fmt: skip
    command = ["pdflatex", "-interaction=nonstopmode", "w.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    return [float(w) / EM for w in re.findall(rb"W:([\d.]+)pt", done.stdout)]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_estimates_are_those_of_tex(tmp_path: Path) -> None:
    parts = {part for make in ALL for step in make().all_steps() for part in walk(step.after)}
    grown = {random_tree(random.Random(seed)) for seed in range(400)}
    nodes = sorted(parts | grown, key=latex)
    widths = measured(nodes, tmp_path)
    assert len(widths) == len(nodes)
    ratios = sorted(width(node) / w for node, w in zip(nodes, widths, strict=True) if 8 < w < 60)
    assert len(ratios) > 50
    assert ratios[len(ratios) // 50] > 0.94
    assert 0.98 < statistics.median(ratios) < 1.1
    assert ratios[-len(ratios) // 20] < 1.25


def test_heights() -> None:
    assert [height(node) for node in (X, power(X, 2), SIGMOID, frac(SIGMOID, X), Matrix(((X,),)))] == [0, 1, 2, 3, 3]
    assert height(Call("sin", (SIGMOID,))) == 2


def test_a_sum_is_wider_than_its_terms() -> None:
    assert width(LONG) > sum(width(term) for term in LONG.terms)
    assert width(add(X, n(1)), 2) < width(add(X, n(1)))


def test_words_are_wider_in_capitals() -> None:
    assert text_width("MMM") > text_width("mmm") * 0.9 > text_width("iii")
    assert width(Symbol("loss")) > width(Symbol("l"))
