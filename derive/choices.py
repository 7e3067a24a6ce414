"""What can be chosen on the command line is what exists: the files of a folder are its list.

``names("kinds")`` are the kinds of problem, ``names("documents")`` the formats, ``names("figures")`` the
pictures, ``names("worksheets.modes")`` the modes of an exercise. A file whose name begins with an underscore is a
helper, not a choice. Nothing is imported to make a list; :func:`load` imports one.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

_HERE = Path(__file__).parent


def names(folder: str) -> list[str]:
    """The choices of a folder of ``derive/``, in order, with dashes for underscores. The folder is looked at once."""
    return list(_found(folder))


@cache
def _found(folder: str) -> tuple[str, ...]:
    found = pkgutil.iter_modules([str(_HERE.joinpath(*folder.split(".")))])
    return tuple(sorted(m.name.replace("_", "-") for m in found if not m.name.startswith("_")))


def load(folder: str, name: str) -> ModuleType:
    """Import one choice. KeyError when there is no such file."""
    if name.replace("_", "-") not in names(folder):
        raise KeyError(name)
    return import_module(f"derive.{folder}.{name.replace('-', '_')}")
