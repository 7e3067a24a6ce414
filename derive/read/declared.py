r"""Declarations put together: what each name is, where that was said, and what two of them say against each other.

Called by :mod:`derive.read.problems` for ``[symbols]``, by :mod:`derive.read.conditions` for ``--where`` and by
:mod:`derive.questions`. What a declaration means is :func:`derive.declarations.declaration`; here its name is read
(``x``, ``\theta_1``, the family ``x_i``, the label ``x^{(i)}``, ``f(x)``), and :class:`Declared` says what the reader
of formulas and the verifier must know. What is new in a declaration belongs into :meth:`Declared.names`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from derive.declarations import Declaration, declaration
from derive.errors import DeriveError, FormulaError
from derive.read.fields import symbol as read_symbol
from derive.read.latex import Names, read
from derive.steps import Definition
from derive.tree import Indexed, Matrix, Node, Symbol, Vector, free_symbols, numeric

INDICES = frozenset("ijklmnt")
"""Letters that, as a subscript, count: ``x_i`` is a member of a family, ``x_a`` a name of its own."""


class ConflictError(DeriveError):
    """Two statements about one name that cannot both hold; the message names both places."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is declared: a name, a family by its base, a function by its name."""

    symbol: Symbol
    family: bool = False
    applied: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """One declaration: of what, what it says, and where it stands (``file.toml:7``)."""

    subject: Subject
    says: Declaration
    place: str = ""

    def __str__(self) -> str:
        """``declared "positive" (file.toml:7)``."""
        return f'declared "{self.says.text}"' + (f" ({self.place})" if self.place else "")


# --- the name -------------------------------------------------------------------------------------------


_APPLIED = re.compile(r"(.*[^\s(^_{])\s*\(([^()]*)\)")


def subject(text: str) -> Subject:
    r"""What a declaration is about. DeriveError when it is no name.

    ``x``, ``theta_1``, ``\hat{y}`` and ``x^{(1)}`` are names, ``x_i`` and ``W_{ij}`` families, ``f(x)`` a function.
    """
    found = _APPLIED.fullmatch(text.strip())
    if found:
        for parameter in found[2].split(","):
            read_symbol(parameter.strip())
        return Subject(read_symbol(found[1].strip()), applied=True)
    plain = re.fullmatch(r"\s*[A-Za-z]+(?:_[A-Za-z0-9]+)?\s*", text)
    if text.strip().lstrip("\\") in ("e", "pi"):
        return Subject(Symbol(text.strip().lstrip("\\")))  # declared, it is a name and no constant
    node: Node = read_symbol(text) if plain else read(text, Names(labels=True))
    about = subject_of(node)
    if about is None:
        raise DeriveError(rf"expected one name such as x or \theta_1, found {text.strip()!r}")
    return about


def subject_of(node: Node) -> Subject | None:
    """What an expression names, as it was read without declarations; None where it is no name."""
    match node:
        case Symbol(sub=sub, sup=sup) if _counts(sub) or _counts(sup[1:-1]):
            return Subject(replace(node, sub="" if _counts(sub) else sub, sup=_emptied(sup)), family=True)
        case Symbol():
            return Subject(node)
        case Indexed(base, indices) if any(map(free_symbols, indices)):  # x_1 alone is not all of x_i
            return Subject(base, family=True)
    return None


def stated(name: str, says: str, place: str = "") -> Stated:
    """A declaration as it is written: ``stated("x_i", "positive")``. DeriveError where name and kind do not go."""
    return stated_of(subject(name), declaration(says), place)


def stated_of(about: Subject, says: Declaration, place: str = "") -> Stated:
    """A declaration of a name that has been read; errors as in :func:`stated`."""
    name = about.symbol.plain
    if about.family and says.kind != "number":
        hint = f"declare each by its own name, for instance {name}_1"
        raise DeriveError(f"the members of a family are numbers, not {says.text}", hint)
    if about.applied and says.kind not in ("function", "density"):
        raise DeriveError(f"what is applied is a function or a density, not {says.text}", f'{name} = "function"')
    return Stated(about, says, place)


def _counts(label: str) -> bool:
    """Whether a label is made of indices: of ``x_i``, of ``x^{(i)}``."""
    return bool(label) and INDICES.issuperset(label.replace(",", ""))


def _emptied(sup: str) -> str:
    """``(i)`` without its index: the label of the family ``x^{(i)}``."""
    return sup[0] + sup[-1] if _counts(sup[1:-1]) and sup[0] in "([" else sup


# --- all of them ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Declared:
    """What has been declared so far. ``single`` (names) and ``families`` hold each declaration by its symbol."""

    single: dict[Symbol, Stated] = field(default_factory=dict)
    families: dict[Symbol, Stated] = field(default_factory=dict)
    defined: dict[Symbol, tuple[Definition, str]] = field(default_factory=dict)

    def add(self, new: Stated, again: bool = False) -> None:
        """Declare; ConflictError when the name is declared already (with ``again``: otherwise than before)."""
        table = self.families if new.subject.family else self.single
        old = table.get(new.subject.symbol)
        if old is not None and not (again and old.says == new.says):
            raise ConflictError(f"{_shown(new.subject)} is {_twice(old, new)}")
        self._with_members(new)
        table[new.subject.symbol] = new

    def _with_members(self, new: Stated) -> None:
        """A vector and its entries may both be declared; the entries are real."""
        other = (self.single if new.subject.family else self.families).get(new.subject.symbol)
        if other is None:
            return
        whole, member = (other, new) if new.subject.family else (new, other)
        if whole.says != member.says and (whole.says.kind not in ("vector", "matrix") or member.says.text != "real"):
            name = new.subject.symbol.plain
            raise ConflictError(
                f'{name} itself is declared "{whole.says.text}" and its members {name}_i "{member.says.text}", '
                f"one here and the other {_at(other.place)}",
                "a vector or a matrix has real entries",
            )

    def names(self, base: Names | None = None) -> Names:
        """What the reader of formulas must know."""
        every, base = list(self.single.values()), base or Names()
        if not self.every():
            return base
        wholes = _plain(every, lambda kind: kind in ("vector", "matrix"))  # with entries: W_{ij}
        return replace(
            base,
            symbols=(base.symbols or frozenset()) | _plain(every, lambda kind: kind not in ("function", "density")),
            others=base.others or base.symbols is None,
            functions=base.functions | _plain(every, lambda kind: kind == "function"),
            densities=base.densities | _plain(every, lambda kind: kind == "density"),
            matrices=base.matrices | wholes,
            indexed=base.indexed | wholes | {s.plain for s in self.families},
        )

    def domains(self) -> dict[Symbol, str]:
        """What the verifier must know: the declarations in their normal spelling."""
        return {said.subject.symbol: said.says.text for said in self.every()}

    def find(self, letters: str) -> Stated | None:
        """The declaration of the name that a text begins with: of ``theta``, or of the x in ``xy``."""
        for said in self.every():
            if said.subject.symbol.name in (letters, letters[0]):
                return said
        return None

    def every(self) -> tuple[Stated, ...]:
        """All declarations."""
        return (*self.families.values(), *self.single.values())

    def copy(self) -> Declared:
        """The same declarations, to go on from."""
        return Declared(dict(self.single), dict(self.families), dict(self.defined))

    def define(self, definition: Definition, place: str = "") -> None:
        """Note a definition. ConflictError where it contradicts a declaration, or another definition."""
        self.check(definition)
        name = definition.name
        before = self.defined.get(name)
        if before is not None and before[0] != definition:
            raise ConflictError(f"{name.plain} is defined here, and in another way {_at(before[1])}", _CHOOSE)
        self.defined[name] = definition, place

    def check(self, definition: Definition) -> None:
        """Hold a definition against the declarations. ConflictError where they do not go together."""
        said = self.single.get(definition.name)
        against = _against(said.says, definition) if said else ""
        if against:
            raise ConflictError(f"{definition.name.plain} is {against} here, but {said}", _CHOOSE)

    def about(self, error: DeriveError) -> str:
        """What was declared of the name that a refused formula stumbles over; nothing when it is none."""
        while error.__cause__ is not None and not isinstance(error, FormulaError):
            if not isinstance(error.__cause__, DeriveError):
                return ""
            error = error.__cause__
        found = _NAME.match(error.text, error.position) if isinstance(error, FormulaError) else None
        said = self.find(found["name"]) if found else None
        return f"{said.subject.symbol.plain} is {said}" if said else ""


_NAME = re.compile(r"(?:\\(?:mathrm|mathbf|operatorname|text|mathcal)\s*\{\s*)?\\?(?P<name>[A-Za-z]+)")


def _at(place: str) -> str:
    return f"at {place}" if place else "before"


_CHOOSE = "change one of the two"


def _plain(every: Iterable[Stated], wanted: Callable[[str], bool]) -> frozenset[str]:
    return frozenset(said.subject.symbol.plain for said in every if wanted(said.says.kind))


def _shown(about: Subject) -> str:
    return f"the family {about.symbol.plain}" if about.family else about.symbol.plain


def _twice(old: Stated, new: Stated) -> str:
    if old.says == new.says:
        return f"declared here and {_at(old.place)}"
    return f'declared "{new.says.text}" here and "{old.says.text}" {_at(old.place)}'


# --- a declaration and a definition ---------------------------------------------------------------------


def _against(says: Declaration, definition: Definition) -> str:
    """What a definition makes of a name that its declaration does not allow; nothing when they go together."""
    if definition.parameters:
        return "" if says.kind in ("function", "density") else "defined as a function"
    return _against_value(says, definition.body)


def _against_value(says: Declaration, body: Node) -> str:
    shape = _shape(body)
    if shape is not None:
        return _against_shape(says, shape)
    value = numeric(body)
    if value is None:
        return ""
    if says.kind in ("vector", "matrix", "set", "density"):
        return "defined as a number"
    return "" if says.kind != "number" or says.allows(value) else f"defined as {value}"


def _shape(body: Node) -> tuple[int, int] | None:
    match body:
        case Matrix():
            return body.shape
        case Vector(items):
            return len(items), 1
    return None


def _against_shape(says: Declaration, shape: tuple[int, int]) -> str:
    defined = f"defined with {shape[0]} rows and {shape[1]} {'column' if shape[1] == 1 else 'columns'}"
    if says.kind == "vector":
        fits = shape[1] == 1 and _sides_fit(says.shape, shape[:1])
    elif says.kind == "matrix":
        fits = _sides_fit(says.shape, shape) and (shape[0] == shape[1] or not says.square)
    else:
        fits = says.kind in ("function", "set")
    return "" if fits else defined


def _sides_fit(declared: tuple[str, ...], given: tuple[int, ...]) -> bool:
    """Whether sides that are numbers are the given ones, and the same letter stands for the same number."""
    letters: dict[str, int] = {}
    for side, length in zip(declared, given, strict=False):
        if int(side) != length if side.isdecimal() else letters.setdefault(side, length) != length:
            return False
    return True
