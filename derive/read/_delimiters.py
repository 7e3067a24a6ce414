r"""Where the formulas of a Markdown or LaTeX text stand: from delimiter to delimiter.

Called by :mod:`derive.read.texts` alone. :class:`Scanner` goes over the text once; code, comments, escaped dollars and
verbatim text are passed over. Its time grows with the length of the text only: where a closing sign was looked for in
vain is remembered. A new delimiter is a row of :data:`_OPENERS` and one of :data:`_TAKERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

ENVIRONMENTS = frozenset({
    "equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray", "displaymath", "math",
})  # fmt: skip
"""Environments that are formulas by themselves, each also with a star."""

_VERBATIM = r"verbatim\*?|Verbatim|lstlisting|minted|alltt|comment|tikzpicture"


@dataclass(frozen=True, slots=True)
class Span:
    """A formula: from where to where with its delimiters, and without them; its environment; why it is none."""

    start: int
    end: int
    inner: int
    inner_end: int
    display: bool
    environment: str = ""
    problem: str = ""


_OPENERS = re.compile(
    rf"""
    (?P<verbatim> \\begin\s*\{{\s*(?P<kept>{_VERBATIM})\s*\}} )
  | (?P<environment> \\begin\s*\{{\s*(?P<name>(?:{"|".join(sorted(ENVIRONMENTS))})\*?)\s*\}} )
  | (?P<verb> \\verb\*?(?P<mark>[^A-Za-z\s*])[^\n]{{0,1000}}?(?P=mark) )
  | (?P<doubled> \\\\[(\[] )
  | (?P<bracket> \\[(\[] )
  | (?P<escaped> \\. )
  | (?P<fence> ^[ \t>]*(?P<ticks>`{{3,}}|~{{3,}})(?P<info>[^\n`]*)$ )
  | (?P<quoted> \$`(?!`) )
  | (?P<code> `+ )
  | (?P<markup> <!--|<(?:pre|code)\b )
  | (?P<comment> % )
  | (?P<display> \$\$ )
  | (?P<dollar> \$ )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
"""What may begin a formula, or something in which no formula is looked for."""

WORDS = r"\\(?:text[a-z]*|mbox|intertext|shortintertext)\s*\{[^{}]*\}"
_BLANK = r"\n[ \t\r]*\n|\r[ \t]*\r"
_INSIDE = {
    "$": re.compile(rf"{WORDS}|\\.|(?P<end>\$)|(?P<blank>{_BLANK})", re.DOTALL),
    "$$": re.compile(rf"{WORDS}|\\.|(?P<end>\$\$)|(?P<blank>{_BLANK})", re.DOTALL),
    "`$": re.compile(rf"(?P<end>`\$)|(?P<blank>{_BLANK})"),
    r"\)": re.compile(rf"(?P<end>\\\))|\\.|(?P<blank>{_BLANK})", re.DOTALL),
    r"\]": re.compile(rf"(?P<end>\\\])|\\.|(?P<blank>{_BLANK})", re.DOTALL),
    r"\\)": re.compile(rf"(?P<end>\\\\\))|\\.|(?P<blank>{_BLANK})", re.DOTALL),
    r"\\]": re.compile(rf"(?P<end>\\\\\])|\\.|(?P<blank>{_BLANK})", re.DOTALL),
}
"""What stands inside a formula with each closing sign; a blank line ends the search, as it does in TeX."""

_MARKUP_ENDS = {"<!--": "-->", "<pre": "</pre>", "<code": "</code>"}
_LONGEST_TICKS = 16


class Scanner:
    """Finds the formulas of a text; ``hopeless`` says up to where a closing sign was looked for in vain."""

    def __init__(self, text: str, latex: bool) -> None:
        self.text, self.latex = text, latex
        self.hopeless: dict[str, int] = {}

    def spans(self) -> Iterator[Span]:
        """The formulas in order."""
        at, end = self._body()
        while found := _OPENERS.search(self.text, at, end):
            span, at = _TAKERS[str(found.lastgroup if found.lastgroup in _TAKERS else _kind(found))](self, found)
            if span is not None:
                yield span

    def _body(self) -> tuple[int, int]:
        """Where formulas are looked for: in LaTeX between the beginning and the end of the document."""
        begin = re.search(r"\\begin\s*\{document\}", self.text) if self.latex else None
        finish = self.text.find(r"\end{document}", begin.end()) if begin else -1
        return (begin.end() if begin else 0), (finish if finish >= 0 else len(self.text))

    def _close(self, closing: str, at: int) -> int:
        """Where the closing sign begins; -1 when a blank line or the end comes first."""
        if at < self.hopeless.get(closing, 0):
            return -1
        for found in _INSIDE[closing].finditer(self.text, at):
            if found.lastgroup == "end":
                return found.start()
            if found.lastgroup == "blank":
                self.hopeless[closing] = found.start()
                return -1
        self.hopeless[closing] = len(self.text)
        return -1

    def _after(self, mark: str, at: int) -> int:
        """The place behind a mark, or the end of the text."""
        found = self.text.find(mark, at)
        return len(self.text) if found < 0 else found + len(mark)

    # --- what is no formula ---

    def skip(self, found: re.Match[str]) -> tuple[None, int]:
        return None, found.end()

    def verbatim(self, found: re.Match[str]) -> tuple[None, int]:
        return None, self._after(rf"\end{{{found['kept']}}}", found.end())

    def comment(self, found: re.Match[str]) -> tuple[None, int]:
        return None, self._after("\n", found.end()) if self.latex else found.end()

    def code(self, found: re.Match[str]) -> tuple[None, int]:
        ticks = found[0]
        if self.latex or len(ticks) > _LONGEST_TICKS or found.start() < self.hopeless.get(ticks, 0):
            return None, found.end()
        closing = re.compile(rf"(?<!`){ticks}(?!`)|{_BLANK}").search(self.text, found.end())
        if closing is None or closing[0] != ticks:
            self.hopeless[ticks] = closing.start() if closing else len(self.text)
            return None, found.end()
        return None, closing.end()

    def markup(self, found: re.Match[str]) -> tuple[None, int]:
        return None, found.end() if self.latex else self._after(_MARKUP_ENDS[found[0]], found.end())

    def fence(self, found: re.Match[str]) -> tuple[Span | None, int]:
        if self.latex:
            return None, found.end()
        ticks = found["ticks"]
        closing = re.compile(rf"^[ \t>]*{ticks}{ticks[0]}*[ \t\r]*$", re.MULTILINE).search(self.text, found.end())
        inner_end, end = (closing.start(), closing.end()) if closing else (len(self.text), len(self.text))
        if found["info"].strip() == "math" and closing:
            return Span(found.start(), end, found.end(), inner_end, True), end
        return None, end

    # --- formulas ---

    def environment(self, found: re.Match[str]) -> tuple[Span, int]:
        name = found["name"]
        at = found.end()
        closing = None
        if at >= self.hopeless.get(name, 0):
            closing = re.compile(rf"\\end\s*\{{\s*{re.escape(name)}\s*\}}").search(self.text, at)
        if closing is None:
            self.hopeless[name] = len(self.text)
            return self._unclosed(found, rf"\begin{{{name}}} is never closed"), at
        plain = name.rstrip("*")
        return Span(found.start(), closing.end(), at, closing.start(), plain != "math", plain), closing.end()

    def bracket(self, found: re.Match[str]) -> tuple[Span | None, int]:
        closing = r"\)" if found[0][-1] == "(" else r"\]"
        return self._between(found, closing, display=closing[-1] == "]", required=self.latex)

    def doubled(self, found: re.Match[str]) -> tuple[Span | None, int]:
        r"""``\\(``: in Markdown a way to write ``\(``, in LaTeX the end of a line."""
        if self.latex:
            return None, found.end() - 1
        closing = r"\\)" if found[0][-1] == "(" else r"\\]"
        return self._between(found, closing, display=closing[-1] == "]", required=False)

    def display(self, found: re.Match[str]) -> tuple[Span | None, int]:
        return self._between(found, "$$", display=True, required=True)

    def quoted(self, found: re.Match[str]) -> tuple[Span | None, int]:
        return (None, found.start() + 1) if self.latex else self._between(found, "`$", display=False, required=False)

    def dollar(self, found: re.Match[str]) -> tuple[Span | None, int]:
        at = found.end()
        closing = self._close("$", at)
        if closing < 0 or not self._is_formula(at, closing):
            return None, at
        return Span(found.start(), closing + 1, at, closing, False), closing + 1

    def _is_formula(self, start: int, end: int) -> bool:
        """Whether a formula stands between two dollars, and not the words between two prices."""
        inside = self.text[start:end]
        if self.latex:
            return bool(inside.strip())
        if not inside.strip() or self.text[end + 1 : end + 2].isdecimal():
            return False
        return inside[0].isspace() == inside[-1].isspace() or re.search(r"[\\^_=+<>]", inside) is not None

    def _between(
        self, found: re.Match[str], closing: str, *, display: bool, required: bool,
    ) -> tuple[Span | None, int]:
        at = found.end()
        end = self._close(closing, at)
        if end >= 0:
            return Span(found.start(), end + len(closing), at, end, display), end + len(closing)
        return (self._unclosed(found, f"{found[0]} is never closed") if required else None), at

    def _unclosed(self, found: re.Match[str], problem: str) -> Span:
        return Span(found.start(), found.end(), found.end(), found.end(), True, problem=problem)


Taker = Callable[[Scanner, "re.Match[str]"], "tuple[Span | None, int]"]

_TAKERS: dict[str, Taker] = {
    "verbatim": Scanner.verbatim, "environment": Scanner.environment, "verb": Scanner.skip,
    "doubled": Scanner.doubled, "bracket": Scanner.bracket, "escaped": Scanner.skip, "fence": Scanner.fence,
    "quoted": Scanner.quoted, "code": Scanner.code, "markup": Scanner.markup, "comment": Scanner.comment,
    "display": Scanner.display, "dollar": Scanner.dollar,
}  # fmt: skip


def _kind(found: re.Match[str]) -> str:
    """Which row of :data:`_OPENERS` matched."""
    return next(name for name, value in found.groupdict().items() if value is not None and name in _TAKERS)
