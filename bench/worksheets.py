"""Worksheets for a class: ``python bench/worksheets.py [--quick] [--workers 2] [--only PART,...]``.

100 students with three problems each (gradient descent with its contour figure, a Jacobian, a Kullback–Leibler
divergence with its figure), all drawn for the student, verified, sheet and key: as ``.tex``, as PDFs with Typst, as
PDFs with TeX. Then 1,000 students, once each: the time a student takes against that at 100, and the memory of all
processes together (the sum of what each has for itself and its share of what they share, where the system tells).
10,000 are estimated from the two; ``--students 10000 --only 10000-tex`` makes them. ``parts`` shows where one student's
time goes, in this process: drawing, deriving and verifying; the mode; the two documents; figures; and the PDFs. Beside
the seconds on the clock stand those that the processors worked, which say more where others use the machine.

Each figure for 100 is the median of five runs, of one with ``--quick``. Another program that makes such sheets is run
in the same breath where it is installed (R/exams: none of its exercises has a verified derivation).
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from startup import compiling

ROUNDS = 5
CLASS, LARGE, HUGE = 100, 1_000, 10_000
WANTED = {"tex": 10.0, "typst": 15.0, "pdflatex": 30.0}  # seconds for 100 students on two cores
MEMORY = 600  # MB in all
QUIET: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
POLL = 0.1  # seconds between two looks at the processes
RARELY = 20  # of so many looks one is at the memory too: it takes 30 ms from what is measured

SHEET = r"""
title = "Worksheet: gradient descent, a Jacobian, a divergence"
seed  = "bench"
[roster]
id = "number"
name = "name"

[[item]]
id     = "descent"
points = 6
[item.problem]
title = "Three steps of gradient descent"
kind  = "gradient-descent"
text  = "Make three steps of gradient descent from {start}."
[item.problem.given]
function  = 'C(\theta_1, \theta_2) = a\theta_1^2 + b\theta_1\theta_2 + c\theta_2^2'
step_size = 0.1
steps     = 3
[item.draw]
a     = {integers = [1, 4]}
b     = {integers = [-3, 3], without = [0]}
c     = {choice = [1, 2, 3]}
start = {birthday = "birthday"}
[item.when]
convex = '4 a c > b^2'

[[item]]
id     = "jacobian"
points = 5
[item.problem]
title = "Jacobian of a map of the plane"
kind  = "jacobian"
text  = "Compute the Jacobian of the map (u, w) and evaluate it at the two points."
[item.problem.given]
functions = ['u(x, y) = x^2 + a y^2', 'w(x, y) = b x y + e^x']
figure    = false
[item.draw]
a  = {integers = [-9, 9], without = [0]}
b  = {integers = [2, 9]}
at = {points = 2, in = [[0, 1], [-2, 2]]}

[[item]]
id     = "divergence"
points = 4
[item.problem]
title = "The divergence of two coins"
kind  = "kl-divergence"
text  = "Compute the Kullback–Leibler divergence in both directions."
[item.problem.given]
p = []
q = []
[item.draw]
p = {distribution = 2, denominator = 12}
q = {distribution = 2, denominator = 10}
[item.when]
different = 'p_1 != q_1'
"""


def _files(folder: Path, students: int) -> tuple[Path, Path]:
    """The sheet and a roster of so many students with birthdays."""
    sheet, roster = folder / "sheet.toml", folder / f"class-{students}.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    with roster.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["number", "name", "birthday"])
        for k in range(students):
            rows.writerow([10_000 + k, f"Student {k}", f"{1990 + k % 17}-{1 + k * 7 % 12:02}-{1 + k * 11 % 28:02}"])
    return sheet, roster


# --- whole runs -----------------------------------------------------------------------------------


class Watch(threading.Thread):
    """The most memory that a process and all its descendants had together, in MB, and the seconds they worked."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.most, self.ended = process, 0.0, threading.Event()
        self.worked: dict[int, float] = {}

    def run(self) -> None:
        looks = 0
        while not self.ended.wait(POLL):
            family, looks = _family(self.process), looks + 1
            if looks % RARELY == 0:
                self.most = max(self.most, sum(map(_megabytes, family)))
            self.worked |= {process: max(_worked(process), self.worked.get(process, 0.0)) for process in family}


def _family(process: int) -> list[int]:
    """A process and its descendants."""
    found = [process]
    for name in found:
        for path in Path("/proc").glob(f"{name}/task/*/children"):
            with suppress(OSError):
                found += map(int, path.read_text().split())
    return found


def _worked(process: int) -> float:
    """Seconds of processor time of a process, and of those it has seen the end of."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _megabytes(process: int) -> float:
    """What a process has for itself and its share of what it shares with others."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


FORMS = {"tex": ("tex", "auto"), "typst": ("pdf", "typst"), "pdflatex": ("pdf", "tex")}
"""The format and the engine of what is made, by the name of a run."""


@dataclass(frozen=True)
class Run:
    """A class that is made, so many students in one of :data:`FORMS`."""

    form: str
    students: int

    @property
    def name(self) -> str:
        """How ``--only`` calls it: ``tex``, ``1000-tex``."""
        return self.form if self.students < LARGE else f"{self.students}-{self.form}"


@dataclass(frozen=True)
class Taken:
    """Seconds on the clock, MB of all processes together, and seconds that the processors worked."""

    seconds: float
    memory: float
    worked: float


def made(run: Run, workers: int, compiled: str) -> Taken:
    """One whole run of the command into a new folder. ``compiled`` is where compiled modules are kept."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sheet, roster = _files(folder, run.students)
        form, engine = FORMS[run.form]
        command = [
            sys.executable, "-m", "derive", "worksheet", "make", str(sheet), "--roster", str(roster),
            "-o", str(folder / "out"), "--format", form, "--engine", engine, "--workers", str(workers), "--accept",
        ]
        start = time.perf_counter()
        environment = compiling(compiled)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) as process:
            watch = Watch(process.pid)
            watch.start()
            assert process.stderr is not None
            said = process.stderr.read().decode()
        seconds = time.perf_counter() - start
        watch.ended.set()
        count = len(list((folder / "out").glob(f"*.{form}")))
        assert process.returncode in (0, 3), said[-2000:]
        assert count >= 2 * run.students, f"{count} files for {run.students} students"
        return Taken(seconds, watch.most, sum(watch.worked.values()))


def whole_runs(rounds: int, workers: int, only: Sequence[str], number: int = CLASS) -> None:
    """A class in each format, and, once, one of 1,000."""
    forms = [form for form in FORMS if form != "pdflatex" or shutil.which("pdflatex")]
    runs = [Run(form, number) for form in forms] + [Run(form, LARGE) for form in forms]
    runs = [run for run in runs if not only or run.name in only]
    taken: dict[Run, list[Taken]] = {run: [] for run in runs}
    with tempfile.TemporaryDirectory() as compiled:
        if runs:
            made(Run("tex", 2), workers, compiled)  # not counted: it compiles the modules, as installing does
        for k in range(rounds):
            for run in runs:
                if not k or run.students < LARGE:
                    taken[run].append(made(run, workers, compiled))
    found = {run: _middle(values) for run, values in taken.items()}
    for run, middle in found.items():
        _show(run, middle, found.get(Run(run.form, number)) if run.students >= LARGE else None, number)


def _middle(values: Sequence[Taken]) -> Taken:
    """The medians of the times, and the most memory."""
    return Taken(statistics.median(v.seconds for v in values), max(v.memory for v in values),
                 statistics.median(v.worked for v in values))


def _show(run: Run, taken: Taken, class_of_it: Taken | None, number: int) -> None:
    each = taken.seconds / run.students
    goal = (f"{WANTED[run.form]:g} s wanted, ratio {taken.seconds / WANTED[run.form]:.2f}"
            if run.students == CLASS else "")
    print(f"{run.students:6} students, {run.form:9}{taken.seconds:8.1f} s  {each * 1e3:6.0f} ms each, "
          f"processors {taken.worked / run.students * 1e3:.0f} ms each,{taken.memory:5.0f} MB  {goal}")
    if run.students == LARGE:
        print(f"       memory {taken.memory:.0f} MB, at most {MEMORY} is wanted")
    if run.students == LARGE and class_of_it is not None:
        before = class_of_it.seconds / number
        print(f"       a student takes {each / before:.2f} of the time at {number}, at most 1 is wanted; "
              f"10,000 students, estimated: {_estimate(taken, class_of_it, number) / 60:.1f} minutes")


def _estimate(large: Taken, small: Taken, number: int) -> float:
    """Seconds for 10,000: the line through the times for a class and for 1,000."""
    slope = (large.seconds - small.seconds) / (LARGE - number)
    return large.seconds + slope * (HUGE - LARGE)


# --- parts ----------------------------------------------------------------------------------------


class Clock:
    """Seconds of work of this process by the name of the part; parts may be nested, each counts its own only."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self.stack: list[tuple[str, float]] = []

    def counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time added to a part."""
        def timed(*args: Any, **keywords: Any) -> Any:
            start = time.process_time()
            self.stack.append((name, 0.0))
            try:
                return function(*args, **keywords)
            finally:
                taken = time.process_time() - start
                _, inner = self.stack.pop()
                self.parts[name] = self.parts.get(name, 0.0) + taken - inner
                if self.stack:
                    outer, before = self.stack.pop()
                    self.stack.append((outer, before + taken))

        return timed


def parts(students: int) -> None:
    """Where the time of a student goes, after one student that is not counted."""
    from derive import api, choices, verify
    from derive.documents import _figures, pdf, tex
    from derive.documents._many import many_pdfs
    from derive.documents._tree import Options
    from derive.worksheets import drawing, keys
    from derive.worksheets.rosters import read_roster
    from derive.worksheets.sheets import read_sheet

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, roster = _files(folder, students + 1)
        sheet = read_sheet(path)
        people = read_roster(roster, sheet).students
        clock = Clock()
        solving: Any = api
        solving.verify = clock.counted("verifying", verify.verify)
        drawing_figures: Any = _figures
        draw = drawing_figures._draw
        drawing_figures._draw = lambda figure, file: clock.counted(f"figures as {file.suffix}", draw)(figure, file)
        variant = clock.counted("drawing and deriving", drawing.variant)
        write = clock.counted("documents as .tex", tex.write_document)
        source = clock.counted("sources for Typst", pdf.source)
        for k, student in enumerate(people):
            if k == 1:
                clock.parts.clear()
            exercises = []
            for item in sheet.items:
                drawn = variant(sheet, item, student)
                mode = clock.counted(f"mode {item.mode}", choices.load("worksheets.modes", item.mode).exercise)
                exercises.append(mode(drawn, item.options, drawing.chance(sheet, item, student, "mode")))
            pair = [(f"{k}", clock.counted("document trees", keys.paper_document)(sheet, student, exercises)),
                    (f"{k}-key", clock.counted("document trees", keys.key_document)(sheet, student, exercises))]
            for stem, shown in pair:
                write(shown, folder, stem)
            for engine in ("typst", "tex") if shutil.which("pdflatex") else ("typst",):
                sources = [source(shown, folder, stem, Options(engine=engine)) for stem, shown in pair]
                start = time.perf_counter()
                many_pdfs(sources)
                part = f"PDFs with {engine}, two at a time"
                clock.parts[part] = clock.parts.get(part, 0.0) + time.perf_counter() - start
    print(f"\none student, mean of {students}:")
    for part, seconds in clock.parts.items():
        print(f"  {part:32}{seconds / students * 1e3:8.0f} ms")


# --- another program ------------------------------------------------------------------------------


def peers() -> None:
    """R/exams on three of its own exercises, where R and the package are installed."""
    program = shutil.which("Rscript")
    script = (
        "library(exams); set.seed(1); t <- system.time(exams2pdf(list('deriv', 'swisscapital', 'ttest'), "
        f"n = {CLASS}, dir = tempdir(), template = c('plain', 'solution'))); cat(t[['elapsed']])"
    )
    if program is None or subprocess.run([program, "-e", "library(exams)"], check=False, **QUIET).returncode:
        print("R/exams is not installed; 100 students x 3 problems took it 118 s on this kind of machine")
        return
    done = subprocess.run([program, "-e", script], capture_output=True, text=True, check=True)
    print(f"R/exams, {CLASS} students x 3 problems: {float(done.stdout.split()[-1]):.1f} s")


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="one run instead of five")
    options.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    options.add_argument("--students", type=int, default=CLASS, help="fewer for a short look (100)")
    names = ", ".join([*FORMS, *(f"{LARGE}-{form}" for form in FORMS), "parts", "peers"])
    options.add_argument("--only", default="", help=names)
    given = options.parse_args()
    only = [part for part in given.only.split(",") if part]
    whole_runs(1 if given.quick else ROUNDS, given.workers, only, given.students)
    if not only or "parts" in only:
        parts(5)
    if not only or "peers" in only:
        peers()


if __name__ == "__main__":
    main()
