"""The templates of documents: Jinja2 with delimiters that neither TeX nor Typst uses.

``((* for … *))`` and ``((( value )))``; comments are ``((= … =))``. Nothing is escaped by itself (Jinja's own
escaping is for HTML): :data:`FILTERS` has the escape filters of each notation, which a template applies to words.

A style is a file: ``templates/<style>.tex.j2`` (``.typ.j2``, ``.html.j2``) extends ``document.tex.j2`` and overrides
some of its blocks; where a notation has no such file its ``document`` is used. One that sets narrower or wider lines
says so in a comment, ``((= line: 28em =))``, in em of its running text, and rows and tables are broken by that. One
that sets slides says how high they are, ``((= frame: 16em =))``: it is given frames (:mod:`._frames`) for pages.
A folder of somebody's own (``Options.template``) comes first: a file there replaces ours of the same name, or extends
it under the name ``derive/document.tex.j2``. Such a template is somebody else's program: it is run in a sandbox that
changes nothing and reaches nothing but what it is given, and its mistakes become a :class:`TemplateMistakeError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from traceback import walk_tb
from types import MappingProxyType
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateError, TemplateNotFound, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import Context, new_context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from derive import resources
from derive.documents import _escape
from derive.documents._languages import language
from derive.documents._remarks import remark
from derive.documents._rows import LINE, Rooms
from derive.documents._tree import Options
from derive.errors import DeriveError

OURS = "derive/"  # what stands before the name of one of derive's own templates, where a folder has the same name
SUFFIX = ".j2"
PLAIN = "document"
ARTICLE = "article"  # the style that is the plain document

FILTERS: Mapping[str, Mapping[str, Callable[[str], str]]] = MappingProxyType({
    "tex": {"tex": _escape.tex, "ascii": _escape.ascii_words},
    "typ": {"text": _escape.typst, "words": _escape.typst_words, "string": _escape.typst_string},
    "html": {"words": _escape.html},
})
"""The filters of each notation's templates."""


class TemplateMistakeError(DeriveError):
    """A template of somebody's own that cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Look:
    """A template that was found, and what there is room for on its pages.

    ``missing`` is what is to be said where somebody has templates of one's own, but none of them for this notation.
    """

    template: Template
    rooms: Rooms
    own: Path | None = None
    missing: str = ""

    def render(self, view: Mapping[str, Any]) -> str:
        """The document. Raises :class:`TemplateMistakeError` for what goes wrong in a template of somebody's own."""
        if self.own is None:
            return self.template.render(view)
        if self.missing:
            remark(self.missing)
        try:
            return self.template.render(view)
        except DeriveError:
            raise
        except Exception as error:  # whatever a template does wrong is the template's mistake
            raise _mistake(error, self.own, view) from error

    def macros(self, name: str) -> Any:
        """The macros of another template of the same folder and notation."""
        return self.template.environment.get_template(name).module


def look(kind: str, options: Options) -> Look:
    """The template of a notation (``tex``, ``typ``, ``html``) in the style and from the folder that were asked for.

    Raises DeriveError for a style that nothing is written for, :class:`TemplateMistakeError` for a template that
    cannot be read.
    """
    own = options.template
    return _look(kind, options.style, own, _stamp(own) if own is not None else ())


def checked(options: Options) -> Options:
    """The options, if there are such a language and such a style, and the templates can be read.

    Raises as :func:`look`.
    """
    language(options.language)
    for kind in FILTERS if options.template is not None else ():
        look(kind, options)
    if options.style not in styles(options.template):
        raise _no_style(options.style, options.template)
    return options


def _no_style(style: str, own: Path | None) -> DeriveError:
    return DeriveError(f"there is no style '{style}'", f"there are {', '.join(styles(own))}")


@cache
def _look(kind: str, style: str, own: Path | None, stamp: tuple[object, ...]) -> Look:
    templates = environment(own, **FILTERS[kind])
    name = _name(kind, style, own)
    try:
        lineage = list(_lineage(templates, name))
        _check_blocks(lineage)
        rooms = Rooms(_measure(lineage, _LINE, LINE), _measure(lineage, _FRAME, 0.0))
        return Look(templates.get_template(name), rooms, own, _missing(kind, own, lineage))
    except TemplateError as error:
        if own is None:
            raise
        raise _mistake(error, own, {}) from error


_MADE = {"tex": "LaTeX, and PDFs by TeX, have", "typ": "PDFs by Typst have", "html": "pages for browsers have"}
"""What is made by the templates of a notation."""


def _missing(kind: str, own: Path | None, lineage: list[tuple[Path, str, nodes.Template]]) -> str:
    """That nothing of this notation comes from a folder of somebody's own, in words; nothing where something does."""
    if own is None or any(path.parent == own.resolve() for path, _, _ in lineage):
        return ""
    if any((own / f"{part}.{kind}{SUFFIX}").is_file() for part in _PARTS):
        return ""
    return f"the template has no {PLAIN}.{kind}{SUFFIX}; {_MADE[kind]} derive's own look"


_LINE, _FRAME = (
    re.compile(rf"\(\(=\s*{name}:\s*(\d+(?:\.\d+)?)\s*em\s*=\)\)") for name in ("line", "frame")
)


def _measure(lineage: list[tuple[Path, str, nodes.Template]], said: re.Pattern[str], otherwise: float) -> float:
    """What the first template that says it says of its pages, in em."""
    return next((float(found[1]) for _, text, _ in lineage if (found := said.search(text))), otherwise)


def _stamp(folder: Path) -> tuple[object, ...]:
    """What changes when a file of the folder does. Raises DeriveError when there is no template in it."""
    try:
        files = sorted((path.name, path.stat().st_mtime_ns) for path in folder.glob(f"*{SUFFIX}"))
    except OSError as error:
        raise DeriveError(f"cannot read {folder}: {error.strerror}", "name a folder with templates") from error
    known = _shipped()
    if not any(_is_used(name) for name, _ in files):
        missing = f"there is no template in {folder}" if files else f"there are no templates (*{SUFFIX}) in {folder}"
        raise DeriveError(missing, f"write one of {', '.join(known)}, or <style>.tex.j2 and so on")
    return tuple(files)


def _is_used(name: str) -> bool:
    return any(name.endswith(f".{kind}{SUFFIX}") for kind in FILTERS)


@cache
def _shipped() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in resources.folder("templates").glob(f"*{SUFFIX}") if _is_used(path.name)))


def styles(own: Path | None = None) -> list[str]:
    """The styles that there are: the stems of the templates, and the plain one."""
    names = [*_shipped(), *(path.name for path in (own.glob(f"*{SUFFIX}") if own else ()) if _is_used(path.name))]
    stems = {name.split(".")[0] for name in names}
    return sorted({ARTICLE, *stems} - {PLAIN, *_PARTS})


_PARTS = ("chain", "gallery")  # templates that are no document


def _name(kind: str, style: str, own: Path | None) -> str:
    """The style's file of a notation, or that of the plain document."""
    if style not in styles(own):
        raise _no_style(style, own)
    file = f"{style}.{kind}{SUFFIX}"
    return file if file in _shipped() or (own is not None and (own / file).is_file()) else f"{PLAIN}.{kind}{SUFFIX}"


# --- reading ---------------------------------------------------------------------------------------


class _Loader(BaseLoader):
    """Templates of a folder first, then derive's own, which are also there under their longer name."""

    def __init__(self, own: Path | None) -> None:
        self.own = own
        self.parsed: dict[str, nodes.Template] = {}  # those that were looked at before they are compiled

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, its path, and that it does not change."""
        if self.own is not None and (path := _inside(self.own, template)) is not None:
            try:
                return path.read_text(encoding="utf-8"), str(path), _always
            except (OSError, UnicodeDecodeError) as error:
                raise TemplateMistakeError(f"{path}: cannot be read as UTF-8 text ({error})") from error
        name = template.removeprefix(OURS)
        path = _inside(resources.folder("templates"), name)
        if path is None:
            raise TemplateNotFound(template)
        return resources.template(name), str(path), _always

    def load(
        self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        """The compiled template; one that has been parsed is not parsed again."""
        tree = self.parsed.pop(name, None)
        if tree is None:
            return super().load(environment, name, globals)
        _, path, _ = self.get_source(environment, name)
        code = environment.compile(tree, name, path)
        return environment.template_class.from_code(environment, code, globals or {}, _always)


def _always() -> bool:
    return True


def _inside(folder: Path, name: str) -> Path | None:
    """The file of that name in a folder, if it lies there and not somewhere else by a link or by dots."""
    path = (folder / name).resolve()
    return path if path.parent == folder.resolve() and path.is_file() else None


class _Context(Context):
    """What a template is rendered with. Once it is, nobody changes its blocks, which Jinja copies for each of them."""

    def derived(self, locals: dict[str, Any] | None = None) -> Context:
        """The context of a block, with what is known where it stands."""
        inner = new_context(self.environment, self.name, {}, self.get_all(), True, None, locals)
        inner.eval_ctx, inner.blocks = self.eval_ctx, self.blocks
        return inner


class _Environment(Environment):
    """Looks the names of a view up where they are: a view is a dictionary, and no template of ours asks for methods."""

    context_class = _Context

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute, or of a dictionary what it has by that name."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def environment(own: Path | None = None, **filters: Callable[[str], str]) -> Environment:
    """An environment with TeX-safe delimiters and these filters: for a folder of somebody's own, a sandbox."""
    kind = _Environment if own is None else ImmutableSandboxedEnvironment
    made = kind(
        block_start_string="((*", block_end_string="*))", variable_start_string="(((", variable_end_string=")))",
        comment_start_string="((=", comment_end_string="=))", trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=False, undefined=StrictUndefined, loader=_Loader(own),
    )
    made.filters.update(filters)
    return made


# --- what may be wrong in a template -----------------------------------------------------------------


def _lineage(templates: Environment, name: str) -> Iterator[tuple[Path, str, nodes.Template]]:
    """A template and those that it extends, as text and as parsed."""
    seen: set[str] = set()
    while name and name not in seen:
        seen.add(name)
        loader = templates.loader
        assert isinstance(loader, _Loader)
        text, path, _ = loader.get_source(templates, name)
        tree = templates.parse(text, name, path)
        if loader.own is None:  # the mistakes of somebody's own are told with its text
            loader.parsed[name] = tree
        yield Path(path), text, tree
        extended = (node.template for node in tree.find_all(nodes.Extends))
        name = next((node.value for node in extended if isinstance(node, nodes.Const)), "")
    if name:
        raise TemplateMistakeError(f"{path}: the template extends itself",
                                   f"ours is called {OURS}{name.removeprefix(OURS)}")


def _check_blocks(lineage: list[tuple[Path, str, nodes.Template]]) -> None:
    """A block that the extended template does not have would never be shown."""
    for i, (path, _, tree) in enumerate(lineage[:-1]):
        known = {block.name for _, _, above in lineage[i + 1 :] for block in above.find_all(nodes.Block)}
        inner = {block.name for outer in tree.find_all(nodes.Block) for block in outer.find_all(nodes.Block)}
        for block in tree.find_all(nodes.Block):
            if block.name not in known | inner:
                near = get_close_matches(block.name, known, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(sorted(known))}"
                raise TemplateMistakeError(f"{path}:{block.lineno}: there is no block '{block.name}' to replace", hint)


def _mistake(error: Exception, own: Path, view: Mapping[str, Any]) -> DeriveError:
    """What went wrong in a template, with its file and line."""
    if isinstance(error, TemplateMistakeError):
        return error
    if isinstance(error, TemplateNotFound):
        place, said = _place(error, own), f"there is no template '{error.name}'"
        return TemplateMistakeError(f"{place}: {said}", f"derive's own are called {OURS}document.tex.j2 and so on")
    if isinstance(error, TemplateSyntaxError):
        return TemplateMistakeError(f"{error.filename or own}:{error.lineno}: {error.message}")
    said = (getattr(error, "message", None) or str(error) or type(error).__name__).splitlines()[0]
    missing = re.match(r"'(\w+)' is undefined", said)
    near = get_close_matches(missing[1], view, n=1) if missing else []
    known = f"known are {', '.join(sorted(view))}" if missing else ""
    return TemplateMistakeError(f"{_place(error, own)}: {said}", f"did you mean '{near[0]}'?" if near else known)


def _place(error: Exception, own: Path) -> str:
    """The last template that was being rendered, and the line of it: the frames of Jinja's own traceback."""
    places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    return next((f"{file}:{line}" for file, line in reversed(places) if file.endswith(SUFFIX)), str(own))
