"""Pictures inside a page: an SVG file as an element of HTML.

The HTML format calls :func:`inline` for each figure. What several pictures on one page may not share is made their
own: every ``id`` and whatever refers to it gets a prefix.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_OUTSIDE = (f"{{{_SVG}}}metadata", f"{{{_SVG}}}title", f"{{{_SVG}}}desc")  # what a page says by other means


def inline(source: str, prefix: str, alt: str) -> str:
    """The ``svg`` element of a picture, as large as its place and described by ``alt``.

    ``source`` is a file that derive has drawn. The ids on a page stay different as long as the prefixes are.
    """
    root = ElementTree.fromstring(source)
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag in _OUTSIDE]:
            parent.remove(child)
        _renamed(parent, prefix)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.attrib.update({"role": "img", "aria-label": alt})
    for node in root.iter():
        node.tag = node.tag.removeprefix(f"{{{_SVG}}}")
    return ElementTree.tostring(root, encoding="unicode")


def _renamed(node: ElementTree.Element, prefix: str) -> None:
    """The element's own id and what it refers to, with the prefix."""
    target = node.attrib.pop(_XLINK, None)
    if target is not None:
        node.set("href", target)
    for name, value in node.attrib.items():
        if name == "id":
            node.set(name, prefix + value)
        elif name == "href" and value.startswith("#"):
            node.set(name, f"#{prefix}{value[1:]}")
        elif "url(#" in value:
            node.set(name, _REFERENCE.sub(rf"url(#{prefix}\1)", value))
