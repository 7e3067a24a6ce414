"""What exercises and keys say in words of their own, in every language that documents have.

Every mode and key takes its words from :func:`words`, which are English strings that know what they say;
:func:`translated` makes a document of them in the worksheet's language. A sentence is a row of each language's table
with the same placeholders, and so is a sign between words and a formula: French has a space before it. What stands on
one line together, as a number and what it counts, has a no-break space between. Names of rules and slips stay English,
as in all documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from derive.documents._tree import Block, Choices, Document, Grid, Page, Room, Row, Rows, Section, Text
from derive.steps import Prose
from derive.tree import decimal, number
from derive.write.text import text

ENGLISH: Mapping[str, str] = {
    "points.one": "{count}\u00a0point", "points.other": "{count}\u00a0points",
    "worth": "({points})", "rule worth": "{rule} ({points})", "titled": "{title} ({points})",
    "work": "Your work",
    "gaps": "Fill in the numbered gaps.",
    "hint": "Hint for ({label}): ",
    "begins": "It begins: ",
    "starts": "Start from the first line: ",
    "rules": "The rules used, in this order: {rules}.",
    "where": "where ",
    "spot": "One line of the following derivation is wrong: it does not follow from the line before it. Lines after it "
            "may rest on it. Which is the first wrong line? ",
    "spot one": "Which is the first wrong line?",
    "correct": "What is wrong in it, and what should stand there? ",
    "line": "line {number}",
    "correction": "what line {number} should be",
    "order": "The lines of this derivation are out of order. Number them so that each follows from the one before it. ",
    "order start": "It starts from",
    "true": "true", "false": "false", "right is": "{answer}; right is ",
    "statements": "Tick the statements that are true. ",
    "choice": " Tick the one right answer. ",
    "what is": "What is ", "?": "?", ": ": ": ", "; ": "; ",
    "what follows": "What belongs in the gap?",
    "key": "{title}: key", "answers": "{title}: answers", "grading": "{title}: points",
    "errors": "{title}: mistakes to expect",
    "Answers": "Answers", "Points given": "Points given", "Mistakes": "Mistakes to expect", "Solution": "Solution",
    "number": "number", "name": "name", "gap": "gap", "answer": "answer", "points": "points", "sum": "sum",
    "written": "written", "in place of": "in place of", "slip": "slip", "sheets": "sheets",
    "of": "of {count}", "gap of": "({gap}) of {count}",
    "see the solution": "see the solution",
    "answer line": "{who} ({gap}) {points}", "mistake line": "{cell}: {slip}, {points}",
    "decimals": "Write numbers as decimals: whole ones exactly, others with at least three significant digits.",
    "asked here": "Answer here: ({label})",
    "marks": "Each question of this category is worth {points}: that is the mark to give its place in a quiz, where "
             "one is drawn at random.",
    "marks between": "The questions of this category are worth from {least} to {most}.",
    "marks scaled": "All marks in this file are {scale} times the points, since the fields of a question can only have "
                    "whole marks. In a quiz that takes them as they are, set the maximum grade to the points.",
}  # fmt: skip

_GERMAN = {
    "points.one": "{count}\u00a0Punkt", "points.other": "{count}\u00a0Punkte",
    "worth": "({points})", "rule worth": "{rule} ({points})", "titled": "{title} ({points})",
    "work": "Ihre Rechnung",
    "gaps": "Füllen Sie die nummerierten Lücken aus.",
    "hint": "Hinweis zu ({label}): ",
    "begins": "Es beginnt mit: ",
    "starts": "Die erste Zeile ist: ",
    "rules": "Die verwendeten Regeln in dieser Reihenfolge: {rules}.",
    "where": "wobei ",
    "spot": "Eine Zeile der folgenden Herleitung ist falsch: Sie folgt nicht aus der Zeile davor. Spätere Zeilen "
            "können auf ihr beruhen. Welche ist die erste falsche Zeile? ",
    "spot one": "Welche ist die erste falsche Zeile?",
    "correct": "Was ist daran falsch, und was müsste dort stehen? ",
    "line": "Zeile {number}",
    "correction": "wie Zeile {number} lauten müsste",
    "order": "Die Zeilen dieser Herleitung sind durcheinander. Nummerieren Sie sie so, dass jede aus der vorigen "
             "folgt. ",
    "order start": "Sie beginnt mit",
    "true": "wahr", "false": "falsch", "right is": "{answer}; richtig ist ",
    "statements": "Kreuzen Sie die wahren Aussagen an. ",
    "choice": " Kreuzen Sie die eine richtige Antwort an. ",
    "what is": "Was ist ", "?": "?", ": ": ": ", "; ": "; ",
    "what follows": "Was gehört in die Lücke?",
    "key": "{title}: Lösung", "answers": "{title}: Antworten", "grading": "{title}: Punkte",
    "errors": "{title}: zu erwartende Fehler",
    "Answers": "Antworten", "Points given": "Erreichte Punkte",
    "Mistakes": "Zu erwartende Fehler", "Solution": "Lösung",
    "number": "Nummer", "name": "Name", "gap": "Lücke", "answer": "Antwort", "points": "Punkte", "sum": "Summe",
    "written": "geschrieben", "in place of": "statt", "slip": "Fehler", "sheets": "Blätter",
    "of": "von {count}", "gap of": "({gap}) von {count}",
    "see the solution": "siehe Lösung",
    "answer line": "{who} ({gap}) {points}", "mistake line": "{cell}: {slip}, {points}",
    "decimals": "Schreiben Sie Zahlen als Dezimalzahlen: ganze genau, andere mit mindestens drei gültigen Stellen.",
    "asked here": "Hier ist gefragt: ({label})",
    "marks": "Jede Frage dieser Kategorie zählt {points}: Das ist die Bewertung für ihren Platz in einem Test, wo eine "
             "zufällig gezogen wird.",
    "marks between": "Die Fragen dieser Kategorie zählen verschieden: mindestens {least}, höchstens {most}.",
    "marks scaled": "Alle Bewertungen in dieser Datei sind das {scale}-Fache der Punkte, weil die Felder einer Frage "
                    "nur ganze Bewertungen haben können. In einem Test, der sie übernimmt, ist die beste Bewertung auf "
                    "die Punkte zu setzen.",
}  # fmt: skip

_FRENCH = {
    "points.one": "{count}\u00a0point", "points.other": "{count}\u00a0points",
    "worth": "({points})", "rule worth": "{rule} ({points})", "titled": "{title} ({points})",
    "work": "Votre calcul",
    "gaps": "Remplissez les blancs numérotés.",
    "hint": "Indication pour ({label})\u00a0: ",
    "begins": "Cela commence par\u00a0: ",
    "starts": "La première ligne est\u00a0: ",
    "rules": "Les règles utilisées, dans cet ordre\u00a0: {rules}.",
    "where": "où ",
    "spot": "Une ligne du calcul suivant est fausse\u00a0: elle ne découle pas de la précédente. Les lignes d'après "
            "peuvent en dépendre. Quelle est la première ligne fausse\u00a0? ",
    "spot one": "Quelle est la première ligne fausse\u00a0?",
    "correct": "Qu'est-ce qui y est faux, et que devrait-on y lire\u00a0? ",
    "line": "ligne {number}",
    "correction": "ce que devrait être la ligne {number}",
    "order": "Les lignes de ce calcul sont en désordre. Numérotez-les pour que chacune découle de la précédente. ",
    "order start": "Il commence par",
    "true": "vrai", "false": "faux", "right is": "{answer}\u00a0; on doit avoir ",
    "statements": "Cochez les énoncés vrais. ",
    "choice": " Cochez la seule bonne réponse. ",
    "what is": "Que vaut ", "?": "\u00a0?", ": ": "\u00a0: ", "; ": "\u00a0; ",
    "what follows": "Que faut-il mettre dans le blanc\u00a0?",
    "key": "{title}\u00a0: corrigé", "answers": "{title}\u00a0: réponses", "grading": "{title}\u00a0: points",
    "errors": "{title}\u00a0: erreurs attendues",
    "Answers": "Réponses", "Points given": "Points obtenus", "Mistakes": "Erreurs attendues", "Solution": "Solution",
    "number": "numéro", "name": "nom", "gap": "blanc", "answer": "réponse", "points": "points", "sum": "total",
    "written": "écrit", "in place of": "au lieu de", "slip": "erreur", "sheets": "feuilles",
    "of": "sur {count}", "gap of": "({gap}) sur {count}",
    "see the solution": "voir la solution",
    "answer line": "{who} ({gap}) {points}", "mistake line": "{cell}\u00a0: {slip}, {points}",
    "decimals": "Écrivez les nombres sous forme décimale\u00a0: les entiers exactement, les autres avec au moins "
                "trois chiffres significatifs.",
    "asked here": "Répondez ici\u00a0: ({label})",
    "marks": "Chaque question de cette catégorie vaut {points}\u00a0: c'est la note à donner à sa place dans un test, "
             "où une est tirée au hasard.",
    "marks between": "Les questions de cette catégorie valent de {least} à {most}.",
    "marks scaled": "Toutes les notes de ce fichier sont {scale} fois les points, car les champs d'une question n'ont "
                    "que des notes entières. Dans un test qui les reprend, mettez la note maximale aux points.",
}  # fmt: skip

_SPANISH = {
    "points.one": "{count}\u00a0punto", "points.other": "{count}\u00a0puntos",
    "worth": "({points})", "rule worth": "{rule} ({points})", "titled": "{title} ({points})",
    "work": "Su cálculo",
    "gaps": "Complete los huecos numerados.",
    "hint": "Pista para ({label}): ",
    "begins": "Empieza por: ",
    "starts": "La primera línea es: ",
    "rules": "Las reglas usadas, en este orden: {rules}.",
    "where": "donde ",
    "spot": "Una línea del siguiente desarrollo es falsa: no se sigue de la anterior. Las líneas posteriores pueden "
            "depender de ella. ¿Cuál es la primera línea falsa? ",
    "spot one": "¿Cuál es la primera línea falsa?",
    "correct": "¿Qué está mal en ella y qué debería decir? ",
    "line": "línea {number}",
    "correction": "lo que debería decir la línea {number}",
    "order": "Las líneas de este desarrollo están desordenadas. Numérelas de modo que cada una se siga de la "
             "anterior. ",
    "order start": "Empieza por",
    "true": "verdadero", "false": "falso", "right is": "{answer}; lo correcto es ",
    "statements": "Marque las afirmaciones verdaderas. ",
    "choice": " Marque la única respuesta correcta. ",
    "what is": "¿Cuánto vale ", "?": "?", ": ": ": ", "; ": "; ",
    "what follows": "¿Qué va en el hueco?",
    "key": "{title}: soluciones", "answers": "{title}: respuestas", "grading": "{title}: puntos",
    "errors": "{title}: errores esperables",
    "Answers": "Respuestas", "Points given": "Puntos obtenidos",
    "Mistakes": "Errores esperables", "Solution": "Solución",
    "number": "número", "name": "nombre", "gap": "hueco", "answer": "respuesta", "points": "puntos", "sum": "suma",
    "written": "escrito", "in place of": "en lugar de", "slip": "error", "sheets": "hojas",
    "of": "de {count}", "gap of": "({gap}) de {count}",
    "see the solution": "véase la solución",
    "answer line": "{who} ({gap}) {points}", "mistake line": "{cell}: {slip}, {points}",
    "decimals": "Escriba los números en forma decimal: los enteros exactamente, los demás con al menos tres cifras "
                "significativas.",
    "asked here": "Responda aquí: ({label})",
    "marks": "Cada pregunta de esta categoría vale {points}: es la puntuación que hay que dar a su lugar en un "
             "cuestionario, donde una se elige al azar.",
    "marks between": "Las preguntas de esta categoría valen de {least} a {most}.",
    "marks scaled": "Todas las puntuaciones de este archivo son {scale} veces los puntos, porque los campos de una "
                    "pregunta solo tienen puntuaciones enteras. En un cuestionario que las tome así, ponga la "
                    "calificación máxima en los puntos.",
}  # fmt: skip

WORDS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": _GERMAN, "fr": _FRENCH, "es": _SPANISH}
"""The sentences of each language; ``tests/worksheets/test_words.py`` says what one lacks."""


class Said(str):
    """One of the sentences with what stands in its placeholders: English as a string, and whatever is asked for."""

    __slots__ = ("key", "values")
    key: str
    values: Mapping[str, str]

    def __new__(cls, key: str, values: Mapping[str, str]) -> Said:
        made = super().__new__(cls, ENGLISH[key].format(**values))
        made.key, made.values = key, values
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, str]]:  # type: ignore[override]
        return self.key, self.values

    def told(self, language: str) -> str:
        """The same in a language."""
        values = {name: value.told(language) if isinstance(value, Said) else value
                  for name, value in self.values.items()}
        return WORDS.get(language, ENGLISH)[self.key].format(**values)


def words(key: str, **values: object) -> Said:
    """One of :data:`ENGLISH` with its placeholders filled in; what is said in one may be words of this kind too."""
    return Said(key, {name: value if isinstance(value, str) else str(value) for name, value in values.items()})


def points_text(points: Fraction) -> Said:
    """``1 point``, ``2.5 points``, ``6/7 points``."""
    return words("points.one" if points == 1 else "points.other", count=amount(points))


def worth(points: Fraction) -> Said:
    """``(2 points)``."""
    return words("worth", points=points_text(points))


def amount(points: Fraction) -> str:
    """A number of points: a decimal where it ends, else a fraction."""
    return text(decimal(points) or number(points))


# --- a document in a language -----------------------------------------------------------------------------


def translated(shown: Document, language: str) -> Document:
    """The document with its own words in a language; everything else stays as it is."""
    if language == "en":
        return shown
    pages = tuple(_page(page, language) for page in shown.pages)
    return replace(shown, title=_said(shown.title, language), pages=pages)


def _page(page: Page, language: str) -> Page:
    blocks = tuple(_block(block, language) for block in page.blocks)
    return replace(page, title=_said(page.title, language), blocks=blocks)


def _said(part: str, language: str) -> str:
    return part.told(language) if isinstance(part, Said) else part


def told(prose: Prose, language: str) -> Prose:
    """A line with its own words in a language."""
    return tuple(part.told(language) if isinstance(part, Said) else part for part in prose)


def _block(block: Block, language: str) -> Block:
    match block:
        case Text(prose, remark):
            return Text(told(prose, language), remark)
        case Section(prose):
            return Section(told(prose, language))
        case Room(lines, label):
            return Room(lines, told(label, language))
        case Choices(items):
            return replace(block, items=tuple(told(item, language) for item in items))
        case Rows(rows):
            return Rows(tuple(_row(row, language) for row in rows))
        case Grid(header, rows, caption):
            cells = tuple(tuple(told(cell, language) for cell in row) for row in rows)
            heads = tuple(told(head, language) for head in header)
            return replace(block, header=heads, rows=cells, caption=told(caption, language))
    return block


def _row(row: Row, language: str) -> Row:
    return replace(row, reason=_said(row.reason, language)) if isinstance(row.reason, Said) else row
