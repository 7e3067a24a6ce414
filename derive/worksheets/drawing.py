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
from derive.errors import DeriveError
from derive.steps import Value
from derive.worksheets import placing
from derive.worksheets.conditions import Case, MissingError, Test, condition, holds
from derive.worksheets.draws import DRAWS, Drawn, drawer
from derive.worksheets.model import Condition, Item, Student, Variant, Worksheet

SOLVING = "solving"
"""What a draw failed at whose problem cannot be solved, in the place of a condition's name."""


class DrawError(DeriveError):
    """No numbers were found for a person; says which condition failed most, and how often, and not who that is.

    A condition that never holds is told in the same words for everybody, so that whoever reports it can tell it once.
    """


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
        self.solved: dict[str, str] = {}
        self.reasons: dict[str, tuple[str, str, str]] = {}
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
        case = Case({name: made.value for name, made in values.items()})
        if not self.tests:
            self.tests = _tests(self.item, case.values)
        failed = next((c.name for c, test in self.tests if test.early and not holds(test, case)), "")
        if failed:
            self.failed[failed] += 1
            return None
        key = repr(values)
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
            self.reasons[key] = name, error.message, error.hint if isinstance(error, MissingError) else ""
            return name
        return Variant(self.item, self.student, case.values, problem, derivation, self.tries)

    def refusal(self) -> DrawError:
        """What failed most, in words."""
        (name, times), *others = self.failed.most_common()
        texts = {condition.name: condition.text for condition in self.item.conditions}
        what = f'the condition "{name}" ({texts[name]})' if name in texts else "the problem could not be solved"
        verb = "failed " if name in texts else ""
        every = "every draw" if self.tries > 1 else "the only draw"
        counted = every if times == self.tries else f"{times} of {self.tries} draws"
        rest = f"; {', '.join(f'{n or SOLVING} {count}' for n, count in others)}" if others else ""
        why, help_ = next((row[1:] for row in self.reasons.values() if row[0] == name), ("", ""))
        reason = f": {why}" if why else ""
        if help_:  # speaks of what there is not: how often says nothing
            return DrawError(f"{self.item.id}: no numbers were found. {what} cannot be judged{reason}", help_)
        message = f"{self.item.id}: no numbers were found. {what} {verb}in {counted}{rest}{reason}"
        hint = "draw from a larger range, or ask for less" if name in texts else "draw from other ranges"
        return DrawError(message, help_ or hint)


def _tests(item: Item, values: Mapping[str, Value]) -> list[tuple[Condition, Test]]:
    """The conditions of an item, those on the numbers alone first; each part of an ``and`` is one by itself."""
    found = [(c, part) for c in item.conditions for part in _parts(condition(c.text, values))]
    return sorted(found, key=lambda pair: not pair[1].early)


def _parts(test: Test) -> Iterator[Test]:
    if not test.parts:
        yield test
    for part in test.parts:
        yield from _parts(part)
