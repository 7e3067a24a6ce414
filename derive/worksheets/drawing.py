"""A person's numbers: drawn until they satisfy the conditions, put into the problem, solved and verified.

Called for every person and item of a worksheet. :func:`chance` says where the numbers come from: the sheet's seed, the
item's id and version and the person's id, and nothing else, so that another item or another person changes nobody's.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import Random

from derive import api, limits
from derive.braced import in_words
from derive.errors import DeriveError
from derive.steps import Value
from derive.worksheets import placing
from derive.worksheets.conditions import Case, MissingError, Test, condition, holds
from derive.worksheets.draws import DRAWS, Drawn, drawer
from derive.worksheets.model import Condition, Item, Student, Variant, Worksheet

SOLVING = ""
"""What a draw failed at whose problem cannot be solved, in the place of a condition's name, which is never empty."""


class DrawError(DeriveError):
    """No numbers were found for a person; says which condition failed most, and how often, and not who that is.

    ``cause`` is the item with what its draws failed at, the same for everybody whose draws fail at it, so that whoever
    reports it can tell it once; it is empty where the person's own row of the roster is the reason.
    """

    cause = ""


def chance(sheet: Worksheet, item: Item, student: Student, purpose: str = "") -> Random:
    """The chance that belongs to this person and item alone; another ``purpose`` is other chance.

    The seed is SHA-256 of the parts, each behind its length, so that no two different lists of parts run together.
    """
    parts = (sheet.seed, item.id, str(item.version), student.id, purpose)
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    digest = hashlib.sha256(b"".join(len(part).to_bytes(8) + part for part in encoded))
    return Random(int.from_bytes(digest.digest()))


def variant(
    sheet: Worksheet, item: Item, student: Student, seconds: float | None = limits.PROBLEM_SECONDS
) -> Variant:
    """A person's problem with its verified derivation, which may have steps that are not proved.

    Numbers are drawn until the conditions hold; those on numbers alone are tried before anything is solved. DrawError,
    naming the condition that failed most, where none are found within :data:`derive.limits.WORKSHEET_TRIES` draws of
    which :data:`derive.limits.WORKSHEET_SOLVED` are solved. ``seconds`` bounds each solving.
    """
    search = _Search(sheet, item, student, seconds)
    for tries in range(1, limits.WORKSHEET_TRIES + 1):
        found = search.attempt(tries)
        if found is not None:
            return found
        if search.ended:
            break
    raise search.refusal()


class _Search:
    """The draws for one person and item: what was tried, and what each failed at."""

    def __init__(self, sheet: Worksheet, item: Item, student: Student, seconds: float | None) -> None:
        self.item, self.student, self.seconds = item, student, seconds
        self.random = chance(sheet, item, student)
        self.drawers: dict[str, Callable[[Random, Student], Drawn]] = {}
        self.tests: list[tuple[Condition, Test]] = []
        self.failed: Counter[str] = Counter()
        self.early: dict[str, str | None] = {}
        self.solved: dict[str, str] = {}
        self.reasons: dict[str, tuple[str, str, str, bool]] = {}
        self.values: Mapping[str, Value] = {}
        self.tries = 0

    @property
    def ended(self) -> bool:
        """Whether no further draw helps: enough were solved, or there is no chance in them."""
        alike = len(self.reasons) == len(self.solved) and len(set(self.reasons.values())) == 1
        enough = limits.WORKSHEET_ALIKE if alike else limits.WORKSHEET_SOLVED
        return len(self.solved) >= enough or all(DRAWS[draw.kind].personal for draw in self.item.draws)

    def attempt(self, tries: int) -> Variant | None:
        """One draw: the variant, or None when it failed at something."""
        self.tries = tries
        values = self._drawn()
        self.values = {name: made.value for name, made in values.items()}
        case = Case(self.values)
        if not self.tests:
            self.tests = _tests(self.item, case.values)
        key = repr(values)
        if key not in self.early:
            self.early[key] = next((c.name for c, test in self.tests if test.early and not holds(test, case)), None)
        failed = self.early[key]
        if failed is not None:
            self.failed[failed] += 1
            return None
        if key not in self.solved:
            found = self._solved(case, values, key)
            if isinstance(found, Variant):
                return found
            self.solved[key] = found
        self.failed[self.solved[key]] += 1
        return None

    def _drawn(self) -> dict[str, Drawn]:
        """The numbers. DrawError where a cell of the roster cannot be used: another draw would not help."""
        try:
            if not self.drawers:
                self.drawers = {draw.name: drawer(draw) for draw in self.item.draws}
            return {name: draw(self.random, self.student) for name, draw in self.drawers.items()}
        except DeriveError as error:
            raise DrawError(f"{self.item.id}: {error.message}", error.hint) from error

    def _solved(self, case: Case, values: Mapping[str, Drawn], key: str) -> Variant | str:
        """The variant, or the name of what these numbers failed at; ``reasons`` then has why, where there is a why.

        The answer is judged before it is verified, for most of the draws of a hard condition are refused.
        """
        name = SOLVING
        try:
            problem = placing.problem_with(self.item.source, values)
            derivation = api.derived(problem, self.seconds)
            for at_last in (False, True):
                case = Case(case.values, problem, derivation)
                for wanted, test in self.tests:
                    name = wanted.name
                    if not test.early and test.at_last == at_last and not holds(test, case):
                        return name
                name = SOLVING
                derivation = derivation if at_last else api.verified(derivation, self.seconds)
        except placing.PlaceError:
            raise
        except DeriveError as error:
            self.reasons[key] = name, error.message, error.hint, isinstance(error, MissingError)
            return name
        return Variant(self.item, self.student, case.values, problem, derivation, self.tries)

    def refusal(self) -> DrawError:
        """What failed most, in words, and why; how often only where there is chance in it."""
        name = self.failed.most_common(1)[0][0]
        why, help_, missing = next((row[1:] for row in self.reasons.values() if row[0] == name), ("", "", False))
        if missing:  # speaks of what there is not: how often says nothing
            told, hint = f"{self._what(name)} cannot be judged: {why}", help_
        elif any(not DRAWS[draw.kind].personal for draw in self.item.draws):
            told = f"no numbers were found: {self._what(name)} {self._often(name)}{f' ({why})' if why else ''}"
            hint = "draw from other ranges" if name == SOLVING else "draw from a larger range, or ask for less"
        else:
            told = self._what(name) + (" could not be solved" if name == SOLVING else " does not hold")
            told += f" for {self._cells()}" if self.item.draws else ""
            told += f": {why}" if why else ""
            own = "" if name == SOLVING else "nothing is drawn: change the problem or the condition"
            hint = "the numbers are those of the roster" if self.item.draws else help_ or own
        error = DrawError(f"{self.item.id}: {told}", hint)
        error.cause = "" if any(DRAWS[draw.kind].personal for draw in self.item.draws) else f"{self.item.id}: {name}"
        return error

    def _what(self, name: str) -> str:
        """What failed: a condition, as the sheet file says it, or the problem."""
        text = next((condition.text for condition in self.item.conditions if condition.name == name), None)
        return "the problem" if text is None else f'the condition "{name}" ({text})'

    def _often(self, name: str) -> str:
        """How often it failed, and at what the other draws did."""
        times, always = self.failed[name], self.failed[name] == self.tries
        counts = [f"{other or 'not solved'} {count}" for other, count in self.failed.most_common() if other != name]
        counted = "; ".join((f"{times} of {self.tries} draws", *counts))
        if name == SOLVING:
            return "could be solved with no draw" if always else f"could not be solved with {counted}"
        return f"failed in {'every draw' if always else counted}"

    def _cells(self) -> str:
        """The numbers that the roster gave."""
        return " and ".join(f"{name} = {in_words(value)}" for name, value in self.values.items())


def _tests(item: Item, values: Mapping[str, Value]) -> list[tuple[Condition, Test]]:
    """The conditions of an item, those on the numbers alone first; each part of an ``and`` is one by itself."""
    found = [(c, part) for c in item.conditions for part in _parts(condition(c.text, values))]
    return sorted(found, key=lambda pair: not pair[1].early)


def _parts(test: Test) -> Iterator[Test]:
    if not test.parts:
        yield test
    for part in test.parts:
        yield from _parts(part)
