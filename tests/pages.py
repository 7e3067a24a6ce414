"""Every shipped problem set by pdflatex and by Typst, and the two PDFs compared: ``python tests/pages.py [NAME ...]``.

Run by ``.ci/run``; needs pdflatex, latexmk and pdftotext. For each file of ``problems/`` it compiles the ``.tex`` as a
person would, looks through TeX's log (errors, undefined references, boxes more than 5 pt too wide or too high), sets
the document with Typst, and compares what both PDFs say character by character: the same letters, digits and signs, as
often.
Prints one line for each file and every complaint; exits 1 when there is one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from derive import api, resources
from derive.documents import pdf, tex
from derive.documents._engines import run_tex
from derive.documents._tree import Options, Row, Rows, document
from derive.errors import DeriveError
from derive.steps import Derivation, Figure

WIDEST = 5.0  # pt that a box may stick out
STEM = "sheet"
TITLE = "Pages"  # of the documents that are compared: one that every page header shows in full
_OVERFULL = re.compile(r"Overfull \\[hv]box \(([\d.]+)pt too (?:wide|high)\)[^\n]*")
_BAD_LINES = re.compile(r"^(?:! .*|LaTeX Warning: .*(?:undefined|multiply defined).*)$", re.MULTILINE)
_PAGE_NUMBER = re.compile(r"page \d+(?: of \d+)?")


def main(names: Sequence[str]) -> int:
    """Check the named problem files, or all, one on each processor; the exit code."""
    chosen = [path for name, path in resources.problem_files().items()
              if not names or name in names or path.stem in names]
    failed = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for path, (complaints, seconds) in zip(chosen, pool.map(_checked, chosen), strict=True):
            failed += bool(complaints)
            print(f"{'BAD ' if complaints else 'ok  '} {path.stem} ({seconds:.1f} s)", flush=True)
            for complaint in complaints:
                print(f"     {complaint}", flush=True)
    return 1 if failed else 0


def _checked(path: Path) -> tuple[list[str], float]:
    """The complaints about one file, and how long it took."""
    start = time.monotonic()
    return list(check(path)), time.monotonic() - start


def check(path: Path) -> Iterator[str]:
    """What is wrong with the pages of one problem file."""
    try:
        sheet = api.read(path)
        yield from map(str, sheet.errors)
        derivations = [api.solve_problem(problem) for problem in sheet.problems]
        with tempfile.TemporaryDirectory() as folder:
            yield from check_log(sheet.title, derivations, Path(folder))
            yield from compare([without_figures(d) for d in derivations], Path(folder))
    except DeriveError as error:
        yield str(error)


# --- TeX's log -----------------------------------------------------------------------------------


def check_log(title: str, derivations: Sequence[Derivation], folder: Path) -> Iterator[str]:
    """Complaints about the ``.tex`` file, compiled untouched in its own folder."""
    source, *_ = tex.write(title, derivations, folder, STEM)
    command = ["latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "-silent", source.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=180, check=False)
    log = folder / f"{STEM}.log"
    if done.returncode or not log.exists():
        yield f"latexmk ended with {done.returncode}"
    if log.exists():
        yield from complaints_of(log.read_text(encoding="utf-8", errors="replace"))


def complaints_of(log: str) -> Iterator[str]:
    """Errors, undefined references, wide and high boxes in a log."""
    yield from _BAD_LINES.findall(log)
    for found in _OVERFULL.finditer(log):
        if float(found[1]) > WIDEST:
            yield found[0]


# --- the same formulas ---------------------------------------------------------------------------


def without_figures(derivation: Derivation) -> Derivation:
    """Figures hold their labels as drawings in one format and as letters in the other."""
    return replace(derivation, parts=tuple(part for part in derivation.parts if not isinstance(part, Figure)))


def compare(derivations: Sequence[Derivation], folder: Path) -> Iterator[str]:
    """Complaints about characters that one PDF has more often than the other."""
    by_tex, by_typst = (characters(derivations, folder, engine) for engine in ("tex", "typst"))
    for name, more, fewer in (("pdflatex", by_tex, by_typst), ("Typst", by_typst, by_tex)):
        if surplus := more - fewer:
            shown = ", ".join(f"{count} {character}" for character, count in surplus.most_common(12))
            yield f"only in the PDF by {name}: {shown}"
    rows = equations(derivations)
    if by_tex["="] < rows:
        yield f"the document has {rows} equations, the PDFs only {by_tex['=']} equals signs"


def equations(derivations: Sequence[Derivation]) -> int:
    """How many lines of the document's derivations and results are equations."""
    pages = document(TITLE, derivations).pages
    rows = [row for page in pages for block in page.blocks if isinstance(block, Rows) for row in block.rows]
    rows += [row for page in pages if page.outcome for row in page.outcome.rows if isinstance(row, Row)]
    return sum(row.sign == "=" for row in rows)


def characters(derivations: Sequence[Derivation], folder: Path, engine: str) -> Counter[str]:
    """How often each character stands in the PDF of an engine, page headers left out."""
    if engine == "tex":
        file = folder / "by-tex.pdf"
        file.write_bytes(_named_glyphs(*tex.write(TITLE, derivations, folder / engine, STEM)))
    else:
        file, *_ = pdf.write(TITLE, derivations, folder / engine, STEM, Options(engine=engine))
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, timeout=60, check=True)
    return count(done.stdout.decode("utf-8"))


def _named_glyphs(source: Path, *figures: Path) -> bytes:
    """The PDF with a Unicode name for every glyph; else a tall bracket reads as whatever letter has its place."""
    names = "".join(rf"\pdfglyphtounicode{{{name}}}{{{code}}}" for name, code in _TALL.items())
    begin = r"\begin{document}"
    named = rf"\input{{glyphtounicode}}\pdfgentounicode=1{names}{begin}"
    source.write_text(source.read_text(encoding="utf-8").replace(begin, named, 1), encoding="utf-8")
    return run_tex(source, figures)


_TALL = {
    f"{glyph}{size}": code
    for glyph, code in {
        "parenleft": "0028", "parenright": "0029", "bracketleft": "005B", "bracketright": "005D", "braceleft": "007B",
        "braceright": "007D", "angbracketleft": "27E8", "angbracketright": "27E9", "radical": "221A",
    }.items()
    for size in ("big", "Big", "bigg", "Bigg", "tp", "mid", "ex", "bt", "vertex")
} | {
    f"{glyph}{style}": code
    for glyph, code in {"integral": "222B", "summation": "2211", "product": "220F"}.items()
    for style in ("text", "display")
}
"""The glyphs of TeX's extension font that the list of Unicode names leaves out."""


def count(text: str) -> Counter[str]:
    """The letters, digits and signs of a page's text; brackets and rules are drawn in pieces and left out."""
    lines = (line for line in text.splitlines() if line.strip() != TITLE)
    plain = unicodedata.normalize("NFKD", _PAGE_NUMBER.sub("", "\n".join(lines))).translate(_SAME)
    return Counter(c for c in plain if c.isalnum() or (unicodedata.category(c) == "Sm" and c not in _DRAWN))


_SAME = str.maketrans("·∙∆∇⊤", "⋅⋅Δ∇T")  # a transpose written in words is a raised T in one of the two
_DRAWN = "|‖∥√∘⎛⎜⎝⎞⎟⎠⎡⎢⎣⎤⎥⎦⎧⎨⎩⎫⎬⎭⎪⏐"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
