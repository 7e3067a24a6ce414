"""What is kept of a person's exercises: every value of ours comes back as it was."""

import inspect
import sys
from dataclasses import fields, is_dataclass

import pytest

from derive import api, resources
from derive.worksheets import _papers
from derive.worksheets.model import Item, Source, Student, Variant

LARGEST = 20  # files in one test, so that they share out among processes


def values():
    """A value of each dataclass of ours, whatever its fields are to hold."""
    for name, module in sorted(sys.modules.items()):
        kinds = vars(module).values() if name.startswith("derive.") else ()
        for kind in kinds:
            if isinstance(kind, type) and is_dataclass(kind) and not inspect.isabstract(kind):
                value = object.__new__(kind)
                for i, field in enumerate(fields(kind)):
                    object.__setattr__(value, field.name, i)
                yield value


def test_every_dataclass_is_taken_apart_into_its_class_and_its_fields():
    taken = 0
    for value in values():
        try:
            reducer = _papers._REDUCERS[type(value)]
        except KeyError:
            continue
        assert reducer(value) == (type(value), tuple(range(len(fields(value)))))
        taken += 1
    assert taken > 100


def shipped():
    folder = resources.folder("problems")
    return sorted(path for part in ("gallery", "sheets") for path in (folder / part).glob("*.toml"))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(-(-len(shipped()) // LARGEST)))
def test_every_shipped_derivation_comes_back(part):
    for path in shipped()[part * LARGEST : (part + 1) * LARGEST]:
        for problem in api.read(str(path)).problems:
            made = Variant(Item(path.stem, Source({})), Student("a"), {}, problem, api.solve_problem(problem))
            data = _papers.sealed([made], "x")
            assert _papers.unpacked(data, "x", whole=False) == made, path.stem
