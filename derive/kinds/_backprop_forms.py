r"""Other forms of gradients that a problem asks to see shown: the compact form of batch normalisation and the like.

A form is a chain of equations such as ``\nabla_x L = \bar{c} - m \mathbf{1} = \frac{1}{s} (\dots)`` in stored
quantities and in the letters of the sweep. Every equality is a step of its own, so the verifier judges each. Called by
the backpropagation kind once the gradients are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from derive.backward import Backward
from derive.errors import DeriveError
from derive.kinds._shared import listed
from derive.steps import Chain, Heading, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import Node, Relation, Symbol, free_symbols
from derive.write.text import text

_WORDS = "What was found can be written in other ways, by what the stored quantities are."
_REASON = "By the formulas of the stored quantities and the gradients found."


def other_forms(forms: Sequence[Node], back: Backward) -> tuple[list[Part], list[Result]]:
    """Each form as a chain, and its last side as a result.

    DeriveError for what is no chain of equations, and for a letter with a bar or a hat that nothing has.
    """
    if not forms:
        return [], []
    parts: list[Part] = [Heading(("Other forms",)), Paragraph((_WORDS,))]
    results: list[Result] = []
    for form in forms:
        if not isinstance(form, Relation) or set(form.signs) != {"="}:
            raise DeriveError(f"{text(form)} is no equation", r"a form is written '\nabla_x L = \frac{1}{s} (u - m)'")
        _letters_of(form, back)
        steps = [Step(a, b, "another form", _REASON, level=Level.ALGEBRA) for a, b in pairwise(form.sides)]
        parts.append(Chain(tuple(steps)))
        results.append(Result(f"{text(form.sides[0])} in another form", form.sides[-1], form.sides[0]))
    return parts, results


def _letters_of(form: Node, back: Backward) -> None:
    letters = [f.letter for f in back.found if f.letter is not None]
    families = {Symbol(s.name, "", s.sup, s.accent, s.font) for s in (*letters, *back.graph.names) if s.sub}
    for symbol in sorted(free_symbols(form), key=lambda s: s.plain):
        if symbol.accent and symbol not in (*letters, *back.graph.names, *families):
            known = f"letters are {', '.join(map(text, letters))}; " if letters else ""
            raise DeriveError(f"{text(form)} names {text(symbol)}, which stands for nothing here",
                              f"{known}a gradient is also written \\nabla_x L")


def asked_forms(forms: Sequence[Node]) -> tuple[Prose, ...]:
    """What is asked for, where there are any."""
    shown = [Relation((f.sides[0], f.sides[-1]), ("=",)) for f in forms if isinstance(f, Relation)]
    return (("to show: ", *listed(shown)),) if shown else ()
