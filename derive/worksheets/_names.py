"""What the names of a person's files begin with: made from the id, safe on every system. Called by ``making.py``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from derive.worksheets._digests import digest
from derive.worksheets._manifest import KEY

STEM = 60  # characters of a file's name; names of figures are longer by theirs

_RESERVED = re.compile(r"(?i)con|prn|aux|nul|com\d|lpt\d")
_SUFFIX = 6  # hexadecimal digits that tell ids apart whose names of files would be the same


def stems(ids: Sequence[str]) -> dict[str, str]:
    """What the names of each person's files begin with: letters, digits and dashes, as short and as like as may be.

    No two are the same, also on a disk that does not tell capital letters apart. An id that is a name of a file as it
    is keeps it, whoever else there is; of others whose names would be the same each gets some digits of its hash.
    """
    groups: dict[str, list[str]] = {}
    for name in ids:
        groups.setdefault(cleaned(name).casefold(), []).append(name)
    found: dict[str, str] = {}
    for group in groups.values():
        literal = [name for name in group if cleaned(name) == name]
        for name in group:
            alone = len(group) == 1 or literal == [name]
            found[name] = cleaned(name) if alone and _free(cleaned(name)) else ""
    taken = {stem.casefold() for stem in found.values()}
    for name in sorted(name for name, stem in found.items() if not stem):
        found[name] = _told_apart(name, taken)
    return found


def cleaned(name: str) -> str:
    """Words as letters, digits and single dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:STEM].strip("-")


def _free(stem: str) -> bool:
    """Whether a name means nothing else: to a system, or as the name of someone's key or of the class's folder."""
    return bool(stem) and not _RESERVED.fullmatch(stem) and not stem.casefold().endswith(KEY)


def _told_apart(name: str, taken: set[str]) -> str:
    hashed = digest(name)
    length = _SUFFIX
    while (stem := "-".join(filter(None, (cleaned(name), hashed[:length])))).casefold() in taken:
        length += 1
    taken.add(stem.casefold())
    return stem
