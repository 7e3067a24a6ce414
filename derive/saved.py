"""Derivations that were saved: reading them back, and judging them again without the rules that made them.

``derive verify FILE.json`` calls :func:`reverify` on what ``derive.documents.json`` wrote: the LaTeX of each step
is read by the formula reader, the verifier judges it anew, and the verdicts in the file are not believed. Beside
that, :func:`pack` and :func:`unpack` carry a whole :class:`~derive.steps.Derivation` through JSON unchanged; a new
dataclass in ``derive.tree`` or ``derive.steps`` is carried without a word here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

from derive.declarations import declaration
from derive.errors import DeriveError, LimitError
from derive.read.latex import Names, read, read_definition
from derive.steps import Chain, Condition, Context, Definition, Derivation, Status, Step, Verdict, Witness
from derive.tree import Symbol

SCHEMA = "derive/1"
FILE_BYTES = 64 * 2**20  # a thousand pages of steps

Data = Mapping[str, Any]


class SavedError(DeriveError):
    """A file that is no saved derivation, or one that was changed so that it cannot be read."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One problem of a saved file: its steps as chains, and which of them are too large to be read back.

    ``derivation`` has neither its prose nor its listings and figures. ``unread`` says for each step left out why.
    """

    derivation: Derivation
    unread: tuple[str, ...] = ()

    def verdicts(self) -> dict[str, int]:
        """How many steps carry each verdict; those that could not be read are undecided."""
        counts = self.derivation.verdicts()
        counts[Status.UNDECIDED.value] += len(self.unread)
        return counts


def load(path: Path) -> list[Saved]:
    """The problems of a file written by ``derive.documents.json``, with the verdicts that stand in it.

    Raises :class:`SavedError` for a file that is not of this schema and for a formula that cannot be read.
    """
    data = _json(path)
    if data.get("schema") != SCHEMA:
        raise SavedError(f"{path}: not a saved derivation (schema {data.get('schema')!r}, not {SCHEMA!r})")
    try:
        return [_problem(problem, str(path)) for problem in data["problems"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SavedError(f"{path}: not a saved derivation ({type(error).__name__}: {error})") from error


def reverify(path: Path) -> list[Saved]:
    """The problems of a file, each step judged anew by the verifier alone. Raises as :func:`load`."""
    from derive.verify import verify

    return [replace(saved, derivation=verify(saved.derivation)) for saved in load(path)]


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > FILE_BYTES:
            raise LimitError(f"{path} is larger than {FILE_BYTES // 2**20} MB")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SavedError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise SavedError(f"{path}: no JSON ({error})", "write it with --format json") from error
    if not isinstance(data, dict):
        raise SavedError(f"{path}: not a saved derivation")
    return data


def _problem(data: Data, file: str) -> Saved:
    names = _names(data["context"])
    reader = _Reader(f"{file}: {data['title']}", names)
    chains = tuple(_chains(data["steps"], reader))
    derivation = Derivation(data["title"], data["kind"], (), (), chains, (), _context(data["context"], reader))
    return Saved(derivation, tuple(reader.unread))


def _names(context: Data) -> Names:
    """What the formulas of a problem may use; what is no name or no domain there is refused when it is read."""
    kinds: dict[str, set[str]] = {"vector": set(), "matrix": set(), "density": set()}
    for text, domain in context["domains"].items():
        with suppress(DeriveError):
            kind, node = declaration(str(domain)).kind, read(text, Names(labels=True))
            if kind in kinds and isinstance(node, Symbol):
                kinds[kind].add(node.plain)
    return Names(
        functions=frozenset(map(str, context.get("functions", ()))),
        indexed=frozenset(map(str, context.get("indexed", ()))), labels=True,
        matrices=frozenset(kinds["vector"] | kinds["matrix"]), densities=frozenset(kinds["density"]),
    )


def _context(data: Data, reader: _Reader) -> Context:
    domains = {reader.symbol(name): str(domain) for name, domain in data["domains"].items()}
    return Context(domains, tuple(reader.definition(text) for text in data["definitions"]))


def _chains(steps: Iterable[Data], reader: _Reader) -> Iterable[Chain]:
    """Consecutive steps under the same definitions are one chain."""
    run: list[Step] = []
    where: tuple[str, ...] = ()
    for number, data in enumerate(steps, 1):
        step = reader.step(data, number)
        here = tuple(data.get("where", ()))
        if run and here != where:
            yield Chain(tuple(run), where=tuple(reader.definition(text) for text in where))
            run = []
        where = here
        run += [step] if step is not None else []
    if run:
        yield Chain(tuple(run), where=tuple(reader.definition(text) for text in where))


class _Reader:
    """Reads the formulas of one problem, and remembers which steps are too large."""

    def __init__(self, place: str, names: Names) -> None:
        self.place, self.names = place, names
        self.unread: list[str] = []

    def step(self, data: Data, number: int) -> Step | None:
        """A step, or None when it is larger than the reader takes. Rule, reason and verdict may be missing."""
        try:
            before, after = read(data["before"], self.names), read(data["after"], self.names)
        except LimitError as error:
            self.unread.append(f"step {number}: {error.message}")
            return None
        except DeriveError as error:
            raise SavedError(f"{self.place}, step {number}: {error.message}", error.hint) from error
        finer = [self.step(fine, number) for fine in data.get("steps", ())]
        rule, reason = (str(data.get(key, "")) for key in ("rule", "reason"))
        return Step(
            before, after, rule, reason, data["relation"], verdict=_verdict(data.get("verdict")),
            steps=tuple(fine for fine in finer if fine is not None),
        )

    def definition(self, text: str) -> Definition:
        """``f(x) = ...`` or ``s = ...``."""
        try:
            found = read_definition(text, self.names)
        except DeriveError as error:
            raise SavedError(f"{self.place}, definition: {error.message}", error.hint) from error
        if not isinstance(found, Definition):
            raise SavedError(f"{self.place}: {text} is no definition")
        return found

    def symbol(self, text: str) -> Symbol:
        """A name with its marks."""
        try:
            node = read(text, self.names)
        except DeriveError as error:
            raise SavedError(f"{self.place}, domains: {error.message}", error.hint) from error
        if not isinstance(node, Symbol):
            raise SavedError(f"{self.place}: the domain of {text} is declared, which is no name")
        return node


def _verdict(data: Data | None) -> Verdict | None:
    if data is None:
        return None
    told = data.get("witness")
    witness = Witness(tuple(told["point"].items()), told["left"], told["right"]) if told else None
    return Verdict(
        Status(data["status"]), data["method"], data.get("detail", ""), tuple(data.get("condition", ())), witness,
    )


# --- a whole derivation, unchanged -----------------------------------------------------------------------

_TYPES: dict[str, type[Any]] = {
    name: thing
    for module in map(import_module, ("derive.tree", "derive.steps"))
    for name, thing in vars(module).items()
    if isinstance(thing, type) and (is_dataclass(thing) or issubclass(thing, Enum | Condition))
}


def pack(value: object) -> Any:
    """A derivation, or any part of one, as JSON values. TypeError for what is neither that nor JSON."""
    match value:
        case Condition(prose=prose):
            return {"is": "Condition", "text": str(value), "prose": pack(prose)}
        case Enum():
            return {"is": type(value).__name__, "value": value.value}
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [pack(part) for part in value]
        case list():
            return {"list": [pack(part) for part in value]}
        case Mapping():
            return {"map": [[pack(k), pack(v)] for k, v in value.items()]}
    name = type(value).__name__
    if _TYPES.get(name) is not type(value):
        raise TypeError(f"a {name} is no part of a derivation")
    return {"is": name} | {f.name: pack(getattr(value, f.name)) for f in fields(value)}  # type: ignore[arg-type]


def unpack(data: Any) -> Any:
    """What :func:`pack` was given. Raises :class:`SavedError` for anything that it does not make."""
    match data:
        case None | bool() | int() | float() | str():
            return data
        case list():
            return tuple([unpack(part) for part in data])
        case {"list": list(items)}:
            return [unpack(part) for part in items]
        case {"map": list(pairs)}:
            return {unpack(k): unpack(v) for k, v in pairs}
        case {"is": str(name)} if name in _TYPES:
            return _made(_TYPES[name], {key: part for key, part in data.items() if key != "is"})
    raise SavedError("not a packed derivation")


def _made(kind: type[Any], parts: Mapping[str, Any]) -> Any:
    try:
        return kind(**{name: unpack(part) for name, part in parts.items()})
    except (TypeError, ValueError) as error:
        raise SavedError(f"not a packed {kind.__name__}: {error}") from error
