"""A problem file to start from: what ``derive new KIND`` prints.

It is made from the kind's ``FIELDS``: required fields with their example, the others commented out, each
under what it is about; the first one stands for all where none is required. The text is a complete problem and can
be solved as it is; a kind for which these fields do not make one names those that do in ``STARTER``, a tuple of keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from derive import choices
from derive.declarations import WORDS
from derive.problem import Field
from derive.read.problems import example_line, title_of, toml_value

_TYPES = {
    "function": "a function", "functions": "a list of functions", "formula": "a formula",
    "formulas": "a list of formulas", "formula_table": "a table of names and formulas", "number": "a number",
    "numbers": "a list of numbers",
    "points": "a list of points", "symbol": "a name", "symbols": "a list of names", "integer": "a whole number",
    "boolean": "true or false", "text": "text", "choice": "one of", "choices_list": "a list of", "any": "",
}

WIDTH = 80

_HEAD = r"""{about}
# Solve it with: derive solve FILE
#
# Formulas are LaTeX in single quotes; numbers may be 3, 0.1, '1/3', '\sqrt{{2}}'.
# A line that begins with # is a comment; remove the # to use it.

title = "{title}"
kind  = "{kind}"

[given]
"""

_FOOT = """
{domains}
# [symbols]
# x = "real"
"""

_DOMAINS = (
    f'What the letters stand for, where it matters: {", ".join(WORDS[:10])}, an interval such as "(0, 1)"; '
    'vector n, matrix 3x2, density, function; x_i = "real" declares a family, "x^{(i)}" a labelled name.'
)


def problem_file(kind: str) -> str:
    """The text of a problem file of a kind. KeyError for an unknown kind."""
    module = choices.load("kinds", kind)
    about = _comment(f"{_sentence(module.SUMMARY)}.")
    head = _HEAD.format(about=about, kind=kind, title=title_of(kind))
    required = [row.key for row in module.FIELDS if row.required]
    starter = getattr(module, "STARTER", required or [module.FIELDS[0].key])
    ordered = sorted(module.FIELDS, key=lambda row: row.key not in starter)
    fields = "\n".join(line for row in ordered for line in field_lines(row, row.key in starter))
    return head + fields + _FOOT.format(domains=_comment(_DOMAINS))


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in wrap(text, WIDTH - 2))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


def field_lines(row: Field, used: bool) -> Iterator[str]:
    """A key with a comment that says what it is, its example commented out unless it is used."""
    what = _kind_of_value(row)
    yield _comment(_sentence(row.about) + (f" ({what})." if what else "."))
    line = example_line(row) if row.example else f"{row.key} = {_plain_default(row)}"
    yield line if used else f"# {line}"
    yield ""


def _kind_of_value(row: Field) -> str:
    """What the field takes, in words: type, choices, bounds, default."""
    words = [f"{_TYPES[row.type]} {', '.join(row.choices)}".strip()]
    if row.type == "integer":
        words.append(f"{row.least} to {row.most:,}")
    if not row.required and isinstance(row.default, bool | int | str) and row.default != "":
        words.append(f"without it: {_plain_default(row)}")
    return "; ".join(w for w in words if w)


def _plain_default(row: Field) -> str:
    default = row.default
    if isinstance(default, bool):
        return str(default).lower()
    return toml_value(str(default)) if isinstance(default, int | str) else "[]"
