"""XML and packages for course systems: elements as text, a whole file, a zip with the same bytes every time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from derive import files
from derive.documents import _escape

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest date of a zip: equal input gives equal bytes
_MODE = 0o644
_HERE = "\0"  # no XML holds it
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, /, *inside: str, **attributes: str) -> str:
    """An element around finished XML. An attribute whose name is a word of Python ends with an underscore."""
    said = "".join(f" {key.rstrip('_').replace('__', ':')}={quoteattr(plain(value))}"
                   for key, value in attributes.items())
    content = "".join(inside)
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def around(name: str, *inside: str, **attributes: str) -> tuple[str, str]:
    """What stands before and after the rest of an element that begins with ``inside``."""
    before, _, after = element(name, *inside, _HERE, **attributes).rpartition(_HERE)
    return before, after


def said(name: str, words: str, /, **attributes: str) -> str:
    """An element that holds words; markup in them is words, too."""
    return element(name, escape(plain(words)), **attributes)


def plain(words: str) -> str:
    """Words without characters that XML cannot have."""
    return _NO_CHARACTER.sub("", words)


def title(words: str) -> str:
    """Words of a person in one line, without what cannot be seen."""
    return plain(_escape.visible(" ".join(words.split())))


class Package:
    """A zip that is being written: files in the order they are added, all of the same date."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names: list[str] = []

    def add(self, name: str, data: bytes) -> None:
        """A file of the package."""
        self._archive.writestr(self._entry(name), data)

    def add_xml(self, name: str, pieces: Iterable[str]) -> None:
        """A file of XML, piece by piece, so that a long one is never whole in memory."""
        with self._archive.open(self._entry(name), "w") as stream:
            for piece in chain((HEAD,), pieces, ("\n",)):
                stream.write(plain(piece).encode())

    def _entry(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, _FIRST_DAY)
        info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, _MODE << 16, 3
        self.names.append(name)
        return info


@contextmanager
def package(path: Path) -> Iterator[Package]:
    """A package that takes its place at ``path`` when the block ends well. Raises OutputError."""
    with files.replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        yield Package(archive)
