"""Derivations as JSON, for other programs: schema ``derive/1``; a document tree: schema ``derive-document/1``.

The command line prints :func:`as_json` for ``--json`` and writes it with :func:`write`; ``derive.saved`` reads it
back and verifies it again. :func:`write_document` writes what stands on the pages of somebody's worksheet: its blocks
by their kind. Formulas are LaTeX that the reader reads back; results also have text for SymPy and,
where they have no letters, numbers. A key is added, never renamed, without a new schema number.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from derive import files
from derive.documents._tree import (
    Block,
    Cell,
    Choices,
    Code,
    Document,
    Grid,
    Options,
    Page,
    Picture,
    Room,
    Row,
    Rows,
    Section,
    Text,
    as_node,
    plain,
    refuse_refuted,
)
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.numeric.value import value_of
from derive.steps import Chain, Context, Definition, Derivation, Listing, Prose, Result, Step, Value, Verdict
from derive.tree import Call, Gradient, Indexed, Matrix, Node, Relation, Vector, free_symbols, numeric, walk
from derive.write import sympy
from derive.write.latex import latex

SUFFIX = ".json"
SCHEMA = "derive/1"
DOCUMENT_SCHEMA = "derive-document/1"

Data = dict[str, Any]


def as_json(derivations: Sequence[Derivation], files: Iterable[Path | str] = ()) -> Data:
    """Derivations as JSON values; ``files`` are the paths written for them."""
    written = [str(file) for file in files]
    return {"schema": SCHEMA, "problems": [_problem(d, written) for d in derivations]}


def dumps(data: Data) -> str:
    """JSON text: UTF-8 characters as they are, no NaN, two blanks of indentation."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def write(
    sheet_title: str, derivations: Sequence[Derivation], folder: Path, stem: str, options: Options | None = None,
) -> list[Path]:
    """Write ``<stem>.json``; returns its path. Raises as ``tex.write``."""
    for derivation in derivations:
        refuse_refuted(derivation)
    path = folder / f"{stem}{SUFFIX}"
    front = (options or Options()).front
    told = {**as_json(derivations, [path]), "title": sheet_title, **({"front": dict(front)} if front else {})}
    return [files.write_text(path, dumps(told))]


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write the tree of a document; returns its path."""
    told = document_data(shown, (options or Options()).language)
    return [files.write_text(folder / f"{stem}{SUFFIX}", dumps(told))]


def _problem(derivation: Derivation, written: list[str]) -> Data:
    context = _context(derivation)
    functions = frozenset(context["functions"])
    return {
        "title": derivation.title,
        "kind": derivation.kind,
        "results": [_result(r) for r in derivation.results],
        "steps": [_step(s, functions) | _where(chain) for chain in derivation.chains() for s in chain.steps],
        "listings": [_listing(part) for part in derivation.parts if isinstance(part, Listing)],
        "verdicts": {name: count for name, count in derivation.verdicts().items() if count},
        "files": written,
        "context": context,
    }


def _listing(listing: Listing) -> Data:
    return {"caption": plain(listing.caption), "language": listing.language, "code": listing.code}


# --- steps ---------------------------------------------------------------------------------------------


def _step(step: Step, functions: frozenset[str]) -> Data:
    """A step; the functions of the derivation are told, so that a name before a bracket is read back as it is."""
    return {
        "before": latex(step.before, functions),
        "after": latex(step.after, functions),
        "relation": step.relation,
        "rule": step.rule,
        "reason": step.reason,
        "verdict": verdict_data(step.verdict) if step.verdict is not None else None,
        "steps": [_step(fine, functions) for fine in step.steps],
    }


def verdict_data(verdict: Verdict) -> Data:
    """A verdict, its conditions and its counter-example."""
    data: Data = {"status": verdict.status.value, "method": verdict.method}
    if verdict.detail:
        data["detail"] = verdict.detail
    if verdict.condition:
        data["condition"] = list(verdict.condition)
    if verdict.witness is not None:
        data["witness"] = {
            "point": dict(verdict.witness.point), "left": verdict.witness.left, "right": verdict.witness.right,
        }
    return data


def _where(chain: Chain) -> Data:
    """The definitions that hold in a chain only."""
    return {"where": [definition_text(d) for d in chain.where]} if chain.where else {}


def _context(derivation: Derivation) -> Data:
    """What a reader must know to read the steps back: domains, definitions, and which names are what."""
    context: Context = derivation.context
    nodes = list(_all_nodes(derivation))
    return {
        "domains": {latex(symbol): domain for symbol, domain in context.domains.items()},
        "definitions": [definition_text(d) for d in context.definitions],
        "functions": sorted({n.name for n in nodes if isinstance(n, (Call, Gradient)) and n.name not in FUNCTIONS}),
        "indexed": sorted({n.base.plain for n in nodes if isinstance(n, Indexed)}),
    }


def _all_nodes(derivation: Derivation) -> Iterator[Node]:
    definitions = [*derivation.context.definitions, *(d for chain in derivation.chains() for d in chain.where)]
    for definition in definitions:
        yield from walk(definition.body)
    for step in derivation.all_steps():
        yield from walk(step.before)
        yield from walk(step.after)


def definition_text(definition: Definition) -> str:
    """``f(x) = ...`` or ``s = ...``, in LaTeX."""
    return latex(definition.equation)


# --- the document tree -----------------------------------------------------------------------------------


def document_data(shown: Document, language: str = "en") -> Data:
    """A document tree as JSON values; running text is a list of words and ``{"latex": …}``."""
    return {
        "schema": DOCUMENT_SCHEMA, "title": shown.title, "language": language,
        "front": [{"what": what, "words": words} for what, words in shown.front],
        "pages": [_page(page) for page in shown.pages],
    }


def _page(page: Page) -> Data:
    return {
        "title": page.title,
        "statements": [{"label": s.label, "items": [_prose(i) for i in s.items]} for s in page.statements],
        "blocks": [_block(block) for block in page.blocks],
        "outcome": [_block(row) for row in page.outcome.rows] if page.outcome is not None else [],
        "summary": page.summary.text if page.summary is not None else "",
    }


def _prose(words: Prose) -> list[Any]:
    return [{"latex": latex(part)} if isinstance(part, Node) else part for part in words]


def _block(block: Block | Row) -> Data:
    """A block by its kind; what a figure is drawn from is left out."""
    match block:
        case Section(words):
            return {"kind": "section", "text": _prose(words)}
        case Text(words, remark):
            return {"kind": "remark" if remark else "text", "text": _prose(words)}
        case Row():
            return {"kind": "row", **_row(block)}
        case Rows(rows):
            return {"kind": "rows", "rows": [_row(row) for row in rows]}
        case Grid(header, rows, caption, number):
            cells = [[_prose(cell) for cell in row] for row in rows]
            return {"kind": "table", "number": number, "caption": _prose(caption),
                    "header": [_prose(head) for head in header], "rows": cells}
        case Picture(figure, number):
            return {"kind": "figure", "number": number, "caption": _prose(figure.caption), "alt": figure.alt}
        case Code(lines, caption, number, language):
            return {"kind": "listing", "number": number, "caption": _prose(caption), "language": language,
                    "code": "\n".join(lines)}
        case Cell(code, words):
            return {"kind": "program", "text": _prose(words), "code": code}
        case Room(lines, label):
            return {"kind": "room", "lines": lines, "label": _prose(label)}
        case Choices(items, ticked, numbered, numbers):
            return {"kind": "choices", "items": [_prose(item) for item in items], "ticked": sorted(ticked),
                    "numbered": numbered, "numbers": list(numbers)}


def _row(row: Row) -> Data:
    return {
        "left": latex(row.left) if row.left is not None else None, "relation": row.sign, "right": latex(row.right),
        "reason": plain(row.why), "verdict": row.mark.value if row.mark is not None else None,
    }


# --- results -------------------------------------------------------------------------------------------


def _result(result: Result) -> Data:
    node = as_node(result.value)
    number = result.number if result.number is not None else result.value
    data: Data = {
        "name": result.name,
        "latex": latex(node) if node is not None else None,
        "sympy": _nested(result.value, _sympy),
        "value": _nested(number, _number),
    }
    if isinstance(result.number, str):  # an answer in words, such as "saddle point"
        data["text"] = result.number
    return data


def _parts(value: object) -> list[object] | None:
    """The components of a vector or the rows of a matrix, however it is given; None for a single quantity."""
    match value:
        case Vector(items):
            return list(items)
        case Matrix(rows) if len(rows[0]) == 1:
            return [row[0] for row in rows]
        case Matrix(rows):
            return list(rows)
        case tuple() | list():
            return list(value)
    return list(value.tolist()) if hasattr(value, "tolist") and getattr(value, "ndim", None) else None


def _nested(value: object, leaf: Any) -> Any:
    """Nested lists of leaves. Numbers that are missing anywhere are missing as a whole."""
    parts = _parts(value)
    if parts is None:
        return leaf(value)
    made = [_nested(part, leaf) for part in parts]
    return None if leaf is _number and None in made else made


def _sympy(value: Value | None) -> str | None:
    """Text for SymPy, or None for what SymPy has no words for."""
    if not isinstance(value, Node):
        return None
    try:
        return sympy.to_text(value)
    except ValueError:
        return None


def _number(value: object) -> int | float | bool | None:
    """A number as JSON has it: whole numbers exact, others in double precision; None where there is none."""
    match value:
        case bool() | int():
            return value
        case Fraction():
            return value.numerator if value.denominator == 1 else _finite(value)
        case Node():
            return _node_number(value)
    item = getattr(value, "item", None)
    return _finite(item() if callable(item) else value)


def _finite(value: Any) -> int | float | None:
    """A finite number, or None for what is too large for a float, not finite or no number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _node_number(node: Node) -> int | float | None:
    exact = numeric(node)
    if exact is not None:
        return exact.numerator if exact.denominator == 1 else _finite(exact)
    if isinstance(node, Relation) or free_symbols(node):
        return None
    try:
        return _finite(value_of(node))
    except (DeriveError, ArithmeticError, ValueError, TypeError, KeyError):
        return None
