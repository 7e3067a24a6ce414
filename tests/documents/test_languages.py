"""The fixed words: every language has all of them, and no format or template has any of its own."""

from __future__ import annotations

import json
import pickle
import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

from derive import choices, resources
from derive.cli import LANGUAGES as OFFERED
from derive.documents import _languages, _typst
from derive.documents._languages import ENGLISH, FRONT, LANGUAGES, Word, language
from derive.documents._tree import Options, Summary, document
from derive.errors import DeriveError
from derive.steps import Status

from .samples import descent, sigmoid, worksheet


def placeholders(words: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(words) if name is not None)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_word_with_its_placeholders(code: str) -> None:
    words = LANGUAGES[code].words
    assert words.keys() == ENGLISH.keys()
    assert {key: placeholders(said) for key, said in words.items()} == {
        key: placeholders(said) for key, said in ENGLISH.items()}
    assert all(said.strip() for said in words.values())
    assert {key for key, said in words.items() if said[:1].isspace() != ENGLISH[key][:1].isspace()} <= {"of these"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_twelve_months_and_a_way_to_write_dates(code: str) -> None:
    told = LANGUAGES[code]
    assert len(set(told.months)) == 12
    assert placeholders(told.date) == ["day", "month", "year"]


def test_what_is_counted_has_both_forms() -> None:
    forms = {key.rpartition(".")[0] for key in ENGLISH if key.endswith((".one", ".other"))}
    assert all({f"{key}.one", f"{key}.other"} <= ENGLISH.keys() for key in forms)
    assert {status.value for status in Status} <= forms
    assert set(FRONT) <= ENGLISH.keys()


def test_the_command_line_offers_all_of_them() -> None:
    assert tuple(LANGUAGES) == OFFERED


@pytest.mark.parametrize(
    ("code", "count", "said"),
    [("en", 0, "0 finer steps"), ("en", 1, "1 finer step"), ("de", 2, "2 feinere Schritte"),
     ("fr", 0, "0 étape détaillée"), ("fr", 2, "2 étapes détaillées"), ("es", 1, "1 paso más fino")],
)
def test_plural_forms(code: str, count: int, said: str) -> None:
    assert LANGUAGES[code].counted("finer", count) == said


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        ("en", "2026-11-21", "21 November 2026"), ("de", "2026-03-01", "1. März 2026"),
        ("fr", "2026-08-05", "5 août 2026"), ("es", " 2026-01-31 ", "31 de enero de 2026"),
        ("de", "autumn 2026", "autumn 2026"), ("en", "2026-13-41", "2026-13-41"),
    ],
)  # fmt: skip
def test_dates(code: str, words: str, said: str) -> None:
    assert LANGUAGES[code].day(words) == said


def test_the_verification_line() -> None:
    summary = Summary(3, ((Status.PROVED, 1), (Status.CHECKED, 2)), 1)
    def told(code: str) -> str:
        return "".join(part for part in summary.parts(LANGUAGES[code]) if not isinstance(part, Status))

    assert summary.text == (
        "Verification: 3 steps: 1 proved, 2 checked (agrees numerically, not proved), 1 not verified.")
    assert told("de").startswith("Prüfung: 3 Schritte: 1 bewiesen , 2 geprüft ")
    assert "1 démontrée" in told("fr") and "2 contrôlées" in told("fr")


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(DeriveError, match="there is no language 'xx'") as error:
        language("xx")
    assert "de (Deutsch)" in str(error.value)


def test_a_word_is_english_until_a_format_says_it() -> None:
    word = Word("where")
    assert word == "where "
    assert LANGUAGES["de"].said(word) == "wobei "
    assert LANGUAGES["de"].said("where ") == "where "
    assert {pickle.loads(pickle.dumps(word)).key, deepcopy(word).key, word.key} == {"where"}


# --- no format has a word of its own ------------------------------------------------------------------

_CODES = dict(zip(ENGLISH, (f"qz{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(len(ENGLISH))), strict=True))


def coded() -> _languages.Language:
    """A language in which every word is a code of four letters."""
    words = {key: re.sub(r"[^\W\d_]+(?![^{]*\})", _CODES[key], said) for key, said in ENGLISH.items()}
    return replace(LANGUAGES["en"], words=words)


def written(name: str, folder: Path, options: Options) -> str:
    """What a format writes of the samples, as text."""
    shown = worksheet()
    shown = replace(shown, pages=(*shown.pages, *document("x", [sigmoid(), descent()], "brief").pages))
    if name == "pdf":  # made of LaTeX or of this
        return _typst.source(shown, folder, "x", options)[0]
    return choices.load("documents", name).write_document(shown, folder, "x", options)[0].read_text(encoding="utf-8")


FIXED = ("Given", "Find", "Result", "Remark", "Table 1", "continued", "Verification", "finer steps", "not verified",
         "Name", "Number", "Points", "Derivation", "Problems", "page ")  # fmt: skip
SOURCES = sorted({*choices.names("documents")} - {"json", "docx"})  # programs read one, pandoc makes the other of HTML


@pytest.mark.parametrize("name", SOURCES)
def test_every_fixed_word_comes_from_the_table(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    english = _words(written(name, tmp_path, Options()))
    monkeypatch.setattr(_languages, "LANGUAGES", {**LANGUAGES, "qz": coded()})
    other = _words(written(name, tmp_path, Options(language="qz")))
    assert any(word in english for word in FIXED)
    assert [word for word in FIXED if word in other] == []
    assert sum(code in other for code in _CODES.values()) > 10


def _words(text: str) -> str:
    """What a person sees: no styles, comments, commands or definitions of the notation."""
    text = re.sub(r"<style>.*?</style>|<!--.*?-->", " ", text, flags=re.DOTALL)
    return re.sub(r"""(?<!\\)%.*$|^\s*//.*$|"language.*$|\\[A-Za-z@]+""", " ", text, flags=re.MULTILINE)


@pytest.mark.parametrize("path", sorted(resources.folder("templates").glob("*.j2")), ids=lambda path: path.name)
def test_no_template_has_a_word_of_its_own(path: Path) -> None:
    if path.name == "gallery.html.j2":
        pytest.skip("the index of the gallery is a page of derive itself, in English")
    tags = re.compile(r"\(\(\(.*?\)\)\)|\(\(\*.*?\*\)\)|\(\(=.*?=\)\)", re.DOTALL)
    bare = tags.sub(" ", path.read_text(encoding="utf-8"))
    words = set(re.findall(r"[^\W\d_]+", _words(bare)))
    assert words & {word for said in ENGLISH.values() for word in re.findall(r"[A-Z]\w{3,}", said)} == set()


def test_json_says_in_which_language_it_is_shown(tmp_path: Path) -> None:
    path, *_ = choices.load("documents", "json").write_document(worksheet(), tmp_path, "x", Options(language="de"))
    assert json.loads(path.read_text(encoding="utf-8"))["language"] == "de"
