"""The words that documents have of their own, in every language: ``Given``, ``Result``, ``page 2 of 3``.

Formats and the document tree take them from here and have none themselves. A language is a row of
:data:`LANGUAGES`; to add one, write its :class:`Language` with every key of :data:`ENGLISH`, the same placeholders in
each, both forms of every word that is counted (keys that end in ``.one`` and ``.other``), and its months;
``tests/documents/test_languages.py`` says what is missing. The names of rules, the sentences that a derivation makes
and the words inside formulas (``if``, ``otherwise``) stay English in every language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from string import Formatter

from derive.errors import DeriveError


def _one(count: int) -> bool:
    return count == 1


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its name in itself, its words by their key, how it writes a date, and when it counts as one."""

    name: str
    words: Mapping[str, str]
    months: tuple[str, ...]
    date: str = "{day} {month} {year}"
    is_one: Callable[[int], bool] = _one

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def counted(self, key: str, count: int) -> str:
        """The words for a number of things: ``3 finer steps``."""
        return self.words[f"{key}.{'one' if self.is_one(count) else 'other'}"].format(count=count)

    def said(self, words: str) -> str:
        """A :class:`Word` in this language; any other words as they are."""
        return self.words[words.key] if isinstance(words, Word) else words

    def front(self, what: str) -> str:
        """The word for a line of a sheet's head: one of :data:`FRONT`, or the words that were given for it."""
        return self.words[what.casefold()] if what.casefold() in FRONT else what

    def parts(self, key: str) -> Iterator[tuple[str, str]]:
        """The words before each placeholder, and its name; the last name may be empty."""
        for before, name, _, _ in Formatter().parse(self.words[key]):
            yield before, name or ""

    def day(self, words: str) -> str:
        """A date that is written as ``2026-11-21`` in words; anything else as it is."""
        if not _DATE.fullmatch(words.strip()):
            return words
        try:
            day = date.fromisoformat(words.strip())
        except ValueError:
            return words
        return self.date.format(day=day.day, month=self.months[day.month - 1], year=day.year)


FRONT = ("name", "number", "course", "date", "author", "points")
"""What the lines of a sheet's head may be, besides words of somebody's own."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

ENGLISH: Mapping[str, str] = {
    # what stands before the parts of a problem
    "task": "Task", "given": "Given", "find": "Find", "result": "Result", "remark": "Remark.",
    "table": "Table {number}.", "figure": "Figure {number}.", "listing": "Listing {number}.",
    "continued": "continued", "where": "where ", "rounded": " Long values are rounded.", "yes": "yes", "no": "no",
    # the verification line
    "steps.one": "Verification: {count} step", "steps.other": "Verification: {count} steps",
    "proved.one": "{count} proved", "proved.other": "{count} proved",
    "checked.one": "{count} checked", "checked.other": "{count} checked",
    "assumed.one": "{count} assumed", "assumed.other": "{count} assumed",
    "undecided.one": "{count} undecided", "undecided.other": "{count} undecided",
    "refuted.one": "{count} refuted", "refuted.other": "{count} refuted",
    "unverified.one": "{count} not verified", "unverified.other": "{count} not verified",
    "not proved": " (agrees numerically, not proved)", "of these": ": ",
    # what a mark means
    "proved": "proved", "checked": "checked", "assumed": "assumed", "undecided": "undecided", "refuted": "refuted",
    # pages and their heads
    "page": "page {number}", "pages": "page {number} of {count}",
    "name": "Name", "number": "Number", "course": "Course", "date": "Date", "author": "Author", "points": "Points",
    # what can be unfolded, and what is read aloud
    "finer.one": "{count} finer step", "finer.other": "{count} finer steps", "of this line": " of this line",
    "finer steps": "Finer steps", "formula": "Formula", "derivation": "Derivation", "problems": "Problems",
    "ticked": "ticked", "not ticked": "not ticked", "room": "Room to write",
}

_GERMAN = {
    "task": "Aufgabe", "given": "Gegeben", "find": "Gesucht", "result": "Ergebnis", "remark": "Bemerkung.",
    "table": "Tabelle {number}.", "figure": "Abbildung {number}.", "listing": "Programm {number}.",
    "continued": "Fortsetzung", "where": "wobei ", "rounded": " Lange Werte sind gerundet.", "yes": "ja", "no": "nein",
    "steps.one": "Prüfung: {count} Schritt", "steps.other": "Prüfung: {count} Schritte",
    "proved.one": "{count} bewiesen", "proved.other": "{count} bewiesen",
    "checked.one": "{count} geprüft", "checked.other": "{count} geprüft",
    "assumed.one": "{count} angenommen", "assumed.other": "{count} angenommen",
    "undecided.one": "{count} unentschieden", "undecided.other": "{count} unentschieden",
    "refuted.one": "{count} widerlegt", "refuted.other": "{count} widerlegt",
    "unverified.one": "{count} nicht geprüft", "unverified.other": "{count} nicht geprüft",
    "not proved": " (stimmt numerisch, nicht bewiesen)", "of these": ": ",
    "proved": "bewiesen", "checked": "geprüft", "assumed": "angenommen", "undecided": "unentschieden",
    "refuted": "widerlegt",
    "page": "Seite {number}", "pages": "Seite {number} von {count}",
    "name": "Name", "number": "Nummer", "course": "Kurs", "date": "Datum", "author": "Verfasser", "points": "Punkte",
    "finer.one": "{count} feinerer Schritt", "finer.other": "{count} feinere Schritte",
    "of this line": " dieser Zeile", "finer steps": "Feinere Schritte", "formula": "Formel",
    "derivation": "Herleitung", "problems": "Aufgaben", "ticked": "angekreuzt", "not ticked": "nicht angekreuzt",
    "room": "Platz zum Schreiben",
}

_FRENCH = {
    "task": "Énoncé", "given": "Données", "find": "Cherché", "result": "Résultat", "remark": "Remarque.",
    "table": "Tableau {number}.", "figure": "Figure {number}.", "listing": "Programme {number}.",
    "continued": "suite", "where": "où ", "rounded": " Les valeurs longues sont arrondies.", "yes": "oui", "no": "non",
    "steps.one": "Vérification\u00a0: {count} étape", "steps.other": "Vérification\u00a0: {count} étapes",
    "proved.one": "{count} démontrée", "proved.other": "{count} démontrées",
    "checked.one": "{count} contrôlée", "checked.other": "{count} contrôlées",
    "assumed.one": "{count} admise", "assumed.other": "{count} admises",
    "undecided.one": "{count} indécise", "undecided.other": "{count} indécises",
    "refuted.one": "{count} réfutée", "refuted.other": "{count} réfutées",
    "unverified.one": "{count} non vérifiée", "unverified.other": "{count} non vérifiées",
    "not proved": " (accord numérique, sans démonstration)", "of these": "\u00a0: ",
    "proved": "démontrée", "checked": "contrôlée", "assumed": "admise", "undecided": "indécise", "refuted": "réfutée",
    "page": "page {number}", "pages": "page {number} sur {count}",
    "name": "Nom", "number": "Numéro", "course": "Cours", "date": "Date", "author": "Auteur", "points": "Points",
    "finer.one": "{count} étape détaillée", "finer.other": "{count} étapes détaillées",
    "of this line": " de cette ligne", "finer steps": "Étapes détaillées", "formula": "Formule",
    "derivation": "Calcul", "problems": "Exercices", "ticked": "coché", "not ticked": "non coché",
    "room": "Place pour écrire",
}

_SPANISH = {
    "task": "Enunciado", "given": "Datos", "find": "Se pide", "result": "Resultado", "remark": "Observación.",
    "table": "Tabla {number}.", "figure": "Figura {number}.", "listing": "Programa {number}.",
    "continued": "continuación", "where": "donde ", "rounded": " Los valores largos están redondeados.",
    "yes": "sí", "no": "no",
    "steps.one": "Verificación: {count} paso", "steps.other": "Verificación: {count} pasos",
    "proved.one": "{count} demostrado", "proved.other": "{count} demostrados",
    "checked.one": "{count} comprobado", "checked.other": "{count} comprobados",
    "assumed.one": "{count} supuesto", "assumed.other": "{count} supuestos",
    "undecided.one": "{count} sin decidir", "undecided.other": "{count} sin decidir",
    "refuted.one": "{count} refutado", "refuted.other": "{count} refutados",
    "unverified.one": "{count} sin verificar", "unverified.other": "{count} sin verificar",
    "not proved": " (coincide numéricamente, sin demostración)", "of these": ": ",
    "proved": "demostrado", "checked": "comprobado", "assumed": "supuesto", "undecided": "sin decidir",
    "refuted": "refutado",
    "page": "página {number}", "pages": "página {number} de {count}",
    "name": "Nombre", "number": "Número", "course": "Curso", "date": "Fecha", "author": "Autor", "points": "Puntos",
    "finer.one": "{count} paso más fino", "finer.other": "{count} pasos más finos", "of this line": " de esta línea",
    "finer steps": "Pasos más finos", "formula": "Fórmula", "derivation": "Desarrollo", "problems": "Problemas",
    "ticked": "marcado", "not ticked": "sin marcar", "room": "Espacio para escribir",
}

LANGUAGES: Mapping[str, Language] = {
    "en": Language("English", ENGLISH, (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December")),
    "de": Language("Deutsch", _GERMAN, (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember"), "{day}. {month} {year}"),
    "fr": Language("français", _FRENCH, (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre"), is_one=lambda count: count < 2),
    "es": Language("español", _SPANISH, (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre"), "{day} de {month} de {year}"),
}  # fmt: skip


def language(code: str) -> Language:
    """The language of a code such as ``de``. Raises DeriveError, which names those that there are."""
    found = LANGUAGES.get(code)
    if found is None:
        known = ", ".join(f"{known} ({row.name})" for known, row in LANGUAGES.items())
        raise DeriveError(f"there is no language '{code}'", f"there are {known}")
    return found


class Word(str):
    """One of :data:`ENGLISH` by its key: English wherever it is taken for a string, and else what a format says."""

    __slots__ = ("key",)
    key: str

    def __new__(cls, key: str) -> Word:
        word = super().__new__(cls, ENGLISH[key])
        word.key = key
        return word

    def __getnewargs__(self) -> tuple[str]:
        return (self.key,)
