"""Problem files solved one after another, for the command line: what came out, what went wrong, which exit code.

:class:`Batch` is told what to do once and then handed file after file. It prints nothing: messages go to the
``tell`` it is given, so that the command line decides how they look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from derive import api, limits, progress
from derive.documents._tree import refuse_refuted
from derive.errors import DeriveError, RefutedError
from derive.problem import Problem
from derive.steps import Derivation, Status

Tell = Callable[[DeriveError], None]
Progress = Callable[[str], None]

UNDECIDED = 3
FAILURES = 5


@dataclass(slots=True)
class Solved:
    """One file: its sheet's title, the derivations in which no step is refuted, the files written for it."""

    path: Path
    title: str
    derivations: list[Derivation] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


@dataclass(slots=True)
class Batch:
    """A run over files.

    ``unsolved`` are the mistakes in files and the problems that could not be solved, ``refuted`` those with a
    false step, ``unwritten`` what went wrong afterwards (a folder that cannot be written, a missing tool).
    """

    tell: Tell
    progress: Progress = lambda text: None
    only: Sequence[str] = ()
    seconds: float | None = limits.PROBLEM_SECONDS
    solved: list[Solved] = field(default_factory=list)
    unsolved: list[DeriveError] = field(default_factory=list)
    refuted: list[DeriveError] = field(default_factory=list)
    unwritten: list[DeriveError] = field(default_factory=list)

    def solve(self, path: Path) -> Solved:
        """Solve the problems of one file, telling every mistake on the way."""
        solved = Solved(path, path.stem)
        self.solved.append(solved)
        try:
            sheet = api.read(path, self.only)
        except DeriveError as error:
            self._note(self.unsolved, error)
            return solved
        solved.title = sheet.title
        for mistake in sheet.errors:
            self._note(self.unsolved, mistake if isinstance(mistake, DeriveError) else DeriveError(str(mistake)))
        for number, problem in enumerate(sheet.problems, 1):
            self.progress(f"{path.name}, problem {number} of {len(sheet.problems)}: {problem.title}")
            self.solve_problem(problem, solved)
            if progress.interrupted():
                break
        return solved

    def solve_problem(self, problem: Problem, solved: Solved) -> None:
        """Solve one problem; a derivation with a refuted step is told and not kept."""
        try:
            derivation = api.solve_problem(problem, self.seconds)
            refuse_refuted(derivation)
            solved.derivations.append(derivation)
        except RefutedError as error:
            self._note(self.refuted, _placed(error, problem))
        except DeriveError as error:
            self._note(self.unsolved, _placed(error, problem))

    def failed_to_write(self, error: DeriveError) -> None:
        """Remember and tell that something could not be written; two formats may fail for the same reason."""
        if str(error) not in map(str, self.unwritten):
            self._note(self.unwritten, error)

    def _note(self, errors: list[DeriveError], error: DeriveError) -> None:
        errors.append(error)
        self.tell(error)

    def errors(self) -> list[DeriveError]:
        """Everything that went wrong."""
        return [*self.refuted, *self.unsolved, *self.unwritten]

    def derivations(self) -> list[Derivation]:
        """Everything that was solved, over all files."""
        return [d for solved in self.solved for d in solved.derivations]

    def verdicts(self) -> dict[str, int]:
        """How many steps carry each verdict, over all files."""
        counts: Counter[str] = Counter()
        for derivation in self.derivations():
            counts.update(derivation.verdicts())
        return {status.value: counts[status.value] for status in Status if counts[status.value]}

    def exit_code(self) -> int:
        """What the command ends with: the worst thing that happened, in the order false, unsolved, unwritten."""
        if self.refuted:
            return RefutedError.exit_code
        if self.unsolved:
            return FAILURES if self.derivations() else self.unsolved[0].exit_code
        if self.unwritten:
            return self.unwritten[0].exit_code
        return exit_code(self.verdicts())


def exit_code(verdicts: Iterable[str]) -> int:
    """What verdicts alone amount to."""
    present = set(verdicts)
    if Status.REFUTED in present:
        return RefutedError.exit_code
    return UNDECIDED if Status.UNDECIDED in present else 0


def _placed(error: DeriveError, problem: Problem) -> DeriveError:
    """The same error with the place of its key, or of the problem, before it, unless it says it itself."""
    if problem.file and not error.message.startswith(problem.file):
        key = error.key or error.message.partition(":")[0]  # messages begin with the key that they are about
        line = problem.lines.get(key) or problem.line
        error.message = f"{problem.file}:{line}: {error.message}"
    return error
