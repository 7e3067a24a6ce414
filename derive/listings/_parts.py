"""What listings share: the letters that stand for sizes, comments with shapes, names that are free."""

from __future__ import annotations

from collections.abc import Sequence

from derive.architectures.network import Network, Place, shape_text
from derive.architectures.python import variable

COMMENT_COLUMN = 52  # comments stand here where the code leaves the room
LINE = 76


def letters(network: Network) -> list[str]:
    """Assignments for the letters that stand for sizes; whoever runs the program changes them."""
    return [f"{variable(s)} = 10  # any size" for s in network.letters]


def commented(line: str, comment: str) -> str:
    """A line with a comment behind it where both fit, else above it."""
    if not comment:
        return folded(line)
    padded = f"{line.ljust(COMMENT_COLUMN)}  # {comment}"
    if len(padded) <= LINE:
        return padded
    if len(short := f"{line}  # {comment}") <= LINE:
        return short
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}# {comment}\n{folded(line)}"


def shape_comment(place: Place) -> str:
    """The shape after a layer."""
    return shape_text(place.outputs)


def wrapped(opening: str, items: Sequence[str], closing: str) -> str:
    """A call or a list, on one line where it fits, else in lines of its own."""
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) <= LINE:
        return line
    rows, current = [], "   "
    for item in items:
        if len(current) + len(item) + 2 > LINE:
            rows.append(current)
            current = "   "
        current += f" {item},"
    return "\n".join([opening, *rows, current, closing])


def folded(line: str) -> str:
    """A call that is too long for a line, with its arguments on the next ones; breaks come after commas."""
    if len(line) <= LINE or "(" not in line:
        return line
    indent = line[: len(line) - len(line.lstrip())] + "    "
    head, _, rest = line.partition("(")
    rows = [f"{head}("]
    current = indent
    for piece in rest.replace(", ", ", \0").split("\0"):
        if len(current) + len(piece.rstrip()) > LINE and current.strip():
            rows.append(current.rstrip())
            current = indent
        current += piece
    return "\n".join([*rows, current])
