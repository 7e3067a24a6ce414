"""A sheet file to start from: what ``derive worksheet new`` prints.

The text is a complete sheet and can be made as it is. What can be drawn, which modes there are and what may be asked of
an answer come from the tables that know it.
"""

from __future__ import annotations

from textwrap import wrap

from derive import choices
from derive.documents import _languages, _template
from derive.read.problems import example_line
from derive.read.skeleton import field_lines
from derive.worksheets.conditions import PHRASES
from derive.worksheets.draws import DRAWS
from derive.worksheets.sheets import MODE, MODES

WIDTH = 80

_SHEET = """# A worksheet: problems, what is drawn for each student, and what is asked of them.
# Try it with:  derive worksheet check FILE
# Make it with: derive worksheet make FILE --roster class.csv -o DIR
#
# Formulas and words stand in single quotes; a line that begins with # is a comment.

# What stands at the head of every page. Course, author and date may be left out.
title = 'Worksheet 1: parabolas'
# course = 'Mathematics for machine learning'
# author = 'A. Lecturer'
# date   = 2026-11-02

# Everybody's numbers come from these words, the item and the student's id: the
# same words give the same numbers. Keep them from the students.
seed = 'change me'

{languages}
# language = 'en'
{styles}
# style = 'article'

# Which columns of the roster are the students' ids and names.
[roster]
id   = 'id'
name = 'name'       # or ['first name', 'last name']

# --- a problem ----------------------------------------------------------------

[[item]]
# The numbers depend on it; without it the name of the problem's file.
id = 'minimum'

# How many points it is worth; another version draws other numbers.
points  = 4
version = 1

# The problem's title and text in other words, where its own are about other
# numbers; {{a}} is what is drawn for a.
# title = 'A parabola'
# text  = 'Differentiate, and find the slope at 1 and at -2.'

# How it is handed out:
{modes}
mode = '{mode}'

# What this mode takes; another mode has other keys (derive worksheet list).
[item.options]
{options}
# A problem file beside this one, or a shipped problem (derive list), and which
# of its problems, by number or a part of the title:
# problem = 'parabola.toml'
# only    = 1
# or the problem itself:
[item.problem]
title = 'A parabola'
kind  = 'derivative'
[item.problem.given]
function = 'f(x) = a x^2 + b x + c'
at = ['1', '-2']
figure = false

# What is drawn, by the letter of the formulas that the number takes the place
# of, or the key of [given] that gets it. A letter that the formulas keep and
# that [given] has a value for is drawn by its place there: "values.w" = {{…}}.
{draws}
[item.draw]
a = {{integers = [2, 9]}}
b = {{choice = [3, 5, -4, -7]}}
c = {{integers = [1, 9]}}

# What must hold, each under a name of your own: a relation between what is
# drawn, or of the answer one of
{conditions}
# where {{name}} is what the result box calls a result; what is drawn may stand
# in it: det J{{at}} is not zero.
[item.when]
different = 'a != c'
"""


def sheet_file() -> str:
    """The text of a sheet file with a comment on every key."""
    return _SHEET.format(
        languages=_comment(f"The language of the fixed words: {', '.join(_languages.LANGUAGES)}."),
        styles=_comment(f"The look of the pages: {', '.join(_template.styles())}."),
        modes="\n".join(_row(name, choices.load(MODES, name).SUMMARY) for name in choices.names(MODES)),
        mode=MODE,
        options="\n".join(line for row in choices.load(MODES, MODE).FIELDS for line in field_lines(row, False)),
        draws="\n".join(_row(example_line(kind.fields[0]), kind.about) for kind in DRAWS.values()),
        conditions=_comment("; ".join(phrase.words for phrase in PHRASES) + ".", "  "),
    )


def _comment(words: str, indent: str = "") -> str:
    return "\n".join(f"# {indent}{line}" for line in wrap(words, WIDTH - 2 - len(indent)))


def _row(name: str, about: str) -> str:
    """A name and what it is, which goes on below itself."""
    lines = wrap(about, WIDTH - 2, initial_indent=f"  {name:<16} ", subsequent_indent=" " * 19)
    return "\n".join(f"# {line}" for line in lines)
