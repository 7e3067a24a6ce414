"""Sheet files: what they say, and every mistake in one reading with its line and a hint."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from derive import choices, resources
from derive.documents._template import styles
from derive.errors import ProblemError
from derive.read.problems import read_file
from derive.worksheets.model import Condition, Draw, Item, Worksheet
from derive.worksheets.sheets import SheetError, read_sheet

PROBLEM = """title = "A coin"
kind = "kl-divergence"
[given]
p = ['a', '1 - a']
q = ['1/2', '1/2']
"""
MANY = """title = "Two of them"
[symbols]
a = "(0, 1)"
[[problem]]
title = "First coin"
kind = "kl-divergence"
[problem.given]
p = ['a', '1 - a']
q = ['1/2', '1/2']
[[problem]]
title = "Second coin"
kind = "kl-divergence"
[problem.given]
p = ['a', '1 - a']
q = ['1/3', '2/3']
"""
DRAW = "[item.draw]\na = {rationals = [1, 3], denominators = [2, 5], without = [1, '3/2']}\n"


def sheet(text: str, folder: Path) -> Worksheet:
    for name, content in (("coin.toml", PROBLEM), ("many.toml", MANY), ("sheet.toml", seeded(text))):
        (folder / name).write_text(content, encoding="utf-8")
    return read_sheet(folder / "sheet.toml")


def seeded(text: str) -> str:
    """The sheet with a seed on a line before it, where it has none of its own."""
    return text if "seed" in text else f"seed = 'test'\n{text}"


def mistakes(text: str, folder: Path) -> list[tuple[str, int, str, str]]:
    """File, line, message and hint of every mistake."""
    with pytest.raises(SheetError) as caught:
        sheet(text, folder)
    before = seeded(text).count("\n") - text.count("\n")
    places = [(Path(e.file).name, e.line) for e in caught.value.errors]
    return [(file, line - before * (file == "sheet.toml"), e.message, e.hint)
            for (file, line), e in zip(places, caught.value.errors, strict=True)]


# --- what is said ------------------------------------------------------------------------------------------


def test_everything_that_a_sheet_may_say(tmp_path: Path) -> None:
    found = sheet(f"""
title    = "Worksheet 3"
seed     = "ml-2026"
course   = "ML"
author   = "A. Lecturer"
date     = 2026-11-23
language = "de"
style    = "handout"
[roster]
id   = "number"
name = ["first", "last"]
[[item]]
id      = "coin-a"
problem = "coin.toml"
points  = 1.5
version = 2
mode    = "worked"
{DRAW}
[item.when]
small = 'a < 1/2'
""", tmp_path)
    assert (found.title, found.seed, found.language, found.style) == ("Worksheet 3", "ml-2026", "de", "handout")
    assert found.front == (("course", "ML"), ("author", "A. Lecturer"), ("date", "2026-11-23"))
    assert (found.id_column, found.name_columns) == ("number", ("first", "last"))
    [item] = found.items
    assert (item.id, item.points, item.version, item.mode) == ("coin-a", Fraction(3, 2), 2, "worked")
    assert item.conditions == (Condition("small", "a < 1/2", 22),)
    [draw] = item.draws
    assert (draw.name, draw.kind, draw.line) == ("a", "rationals", 19)
    assert item.source.table["title"] == "A coin" and item.source.file.endswith("coin.toml")


@pytest.mark.parametrize(("lines", "points"), [
    ('mode = "worked"', 0), ('mode = "worked"\npoints = 3', 3), ('mode = "blank"', 1), ('points = 0', 0),
])
def test_what_asks_for_nothing_is_worth_nothing_unless_it_is_said(lines: str, points: int, tmp_path: Path) -> None:
    found = sheet(f'[[item]]\nproblem = "coin.toml"\n{lines}\n{DRAW}', tmp_path)
    assert found.items[0].points == points


def test_what_holds_when_nothing_is_said(tmp_path: Path) -> None:
    found = sheet(f'[[item]]\nproblem = "coin.toml"\n{DRAW}', tmp_path)
    [item] = found.items
    assert (found.title, found.seed, found.id_column, found.name_columns) == ("sheet", "test", "id", ("name",))
    assert (found.front, found.language, found.style) == ((), "en", "article")
    assert (item.id, item.points, item.version, item.mode, item.line) == ("coin", 1, 1, "blank", 2)


def test_a_problem_in_the_sheet_is_called_by_its_id(tmp_path: Path) -> None:
    inline = "[item.problem]\nkind = 'entropy'\n{}[item.problem.given]\np = ['1/2', '1/2']\n"
    text = f"""
[[item]]
id = "two-coins"
{inline.format("")}
[[item]]
{inline.format("")}
[[item]]
id = "other"
{inline.format("title = 'A coin'")}
[[item]]
id = "last"
title = "Own words"
{inline.format("title = 'A coin'")}
""".replace("'[item", "'\n[item")
    titles = [item.source.table["title"] for item in sheet(text, tmp_path).items]
    assert titles == ["Two coins", "Entropy", "A coin", "Own words"]


def test_empty_titles_and_ids_are_as_if_nothing_was_said(tmp_path: Path) -> None:
    found = sheet(f'title = ""\n[[item]]\nid = " "\nproblem = "coin.toml"\n{DRAW}', tmp_path)
    assert (found.title, found.items[0].id) == ("sheet", "coin")


def test_one_of_many_problems(tmp_path: Path) -> None:
    text = f'[[item]]\nproblem = "many.toml"\nonly = 2\n{DRAW}[[item]]\nproblem = "many.toml"\nonly = "first"\n{DRAW}'
    found = sheet(text, tmp_path).items
    assert [(item.id, item.source.table["title"]) for item in found] == [
        ("many-2", "Second coin"), ("many-1", "First coin"),
    ]
    assert found[0].source.symbols == {"a": "(0, 1)"} and found[0].source.line == 10


def test_a_shipped_problem_by_its_name(tmp_path: Path) -> None:
    [item] = sheet('[[item]]\nproblem = "s0-p3-2-jacobian"\n', tmp_path).items
    assert item.id == "s0-p3-2-jacobian" and item.source.table["kind"] == "jacobian"


def test_a_shipped_problem_whose_letters_are_drawn(tmp_path: Path) -> None:
    text = '[[item]]\nproblem = "gradient-descent"\n[item.draw]\na = {integers = [1, 2]}\nstart = {choice = [[1, 1]]}\n'
    [item] = sheet(text, tmp_path).items
    assert Path(item.source.file).parent == resources.worksheets()


def test_a_sheet_is_no_problem_file() -> None:
    with pytest.raises(ProblemError, match=r"worksheet-3.toml:\d+: this is a worksheet") as caught:
        read_file(resources.worksheets() / "worksheet-3.toml")
    assert "derive worksheet" in caught.value.hint


def test_a_problem_in_the_sheet_itself(tmp_path: Path) -> None:
    text = '[[item]]\nid = "x"\n[item.problem]\nkind = "derivative"\n[item.problem.given]\nfunction = "f(x) = a x^2"\n'
    [item] = sheet(text + "[item.draw]\na = {integers = [2, 5]}\n", tmp_path).items
    assert (item.id, item.source.line, item.draws) == ("x", 4, (Draw("a", "integers", [2, 5], 9),))


def test_a_dotted_name_however_it_is_written(tmp_path: Path) -> None:
    for name in ('"p.0"', "p.0"):
        text = '[[item]]\nproblem = "s0-p4b-divergence-not-symmetric"\nonly = 1\n[item.draw]\n'
        [item] = sheet(text + f'{name} = {{choice = ["1/3"]}}\n', tmp_path).items
        assert [(d.name, d.kind, d.options) for d in item.draws] == [("p.0", "choice", ["1/3"])]


TITLES = [r"\input{/etc/passwd}", "<script>alert(1)</script>", "#eval(1)", "50 % & more", "مثال", r"\write18{rm}",
          "{a} $x$"]


@pytest.mark.parametrize("title", TITLES)
def test_titles_are_text(title: str, tmp_path: Path) -> None:
    assert sheet(f"title = '{title}'\n[[item]]\nproblem = 'coin.toml'\n{DRAW}", tmp_path).title == title


def test_the_shipped_sheet() -> None:
    found = read_sheet(resources.worksheets() / "worksheet-3.toml")
    assert [item.id for item in found.items] == ["gradient-descent", "jacobian", "divergence"]
    assert sum(item.points for item in found.items) == 15


def test_the_shipped_sheet_with_every_mode_has_each_once() -> None:
    found = read_sheet(resources.worksheets() / "all-modes.toml")
    assert sorted(item.mode for item in found.items) == sorted(choices.names("worksheets.modes"))
    assert all(item.draws for item in found.items)


def test_a_problem_file_is_no_worksheet() -> None:
    with pytest.raises(ProblemError, match=r"relu\.toml: this is a problem file, not a worksheet") as caught:
        read_sheet(resources.folder("problems") / "gallery" / "relu.toml")
    assert "problem = 'relu.toml'" in (caught.value.hint or "")


def test_shipped_worksheets_are_no_problem_files() -> None:
    assert not any("worksheet" in name for name in resources.problem_files())
    assert all(path.suffix in (".toml", ".csv") for path in resources.worksheets().iterdir())


# --- mistakes ----------------------------------------------------------------------------------------------

ITEM = f'[[item]]\nproblem = "coin.toml"\n{DRAW}'
MISTAKES = [
    ("titel = 'x'\n" + ITEM, 1, 'unknown key "titel"', "title"),
    ("points = 3\n" + ITEM, 1, 'unknown key "points"', "belongs under [[item]]"),
    ("title = 3\n" + ITEM, 1, "title: expected text", ""),
    ("language = 'dee'\n" + ITEM, 1, 'no language "dee"', 'did you mean "de"'),
    ("style = 'slide'\n" + ITEM, 1, 'no style "slide"', 'did you mean "slides"'),
    ("seed = [1]\n" + ITEM, 1, "seed: expected text", ""),
    ("[roster]\nids = 'x'\n" + ITEM, 2, 'unknown key "ids"', "id"),
    ("[roster]\nname = [1]\n" + ITEM, 2, "name: expected text", ""),
    ("title = 'x'\n", 0, "no items", "[[item]]"),
    ("[item]\nproblem = 'coin.toml'\n", 1, "items are tables", "two brackets"),
    ("[[item]]\npoints = 2\n", 1, 'key "problem" is missing', "FILE.toml"),
    ("[[item]]\nproblem = 3\n", 2, "expected the name of a file", ""),
    ("[[item]]\nproblem = 'coins.toml'\n", 2, "no such file", 'did you mean "coin.toml"'),
    ("[[item]]\nproblem = 'sheet.toml'\n", 2, "this is a worksheet", ""),
    ("[[item]]\nproblem = 'many.toml'\n", 2, "has 2 problems, and one of them is wanted", "2 'Second coin'"),
    ("[[item]]\nproblem = 'many.toml'\nonly = 3\n", 3, "'3' is none of them", "1 'First coin'"),
    ("[[item]]\nproblem = 'many.toml'\nonly = 'coin'\n", 3, "'coin' is more than one of them", ""),
    (ITEM + ITEM, 5, 'the item of line 2 has the id "coin" too', "id ="),
    (ITEM.replace("[item.draw]", "kind = 'x'\n[item.draw]"), 3, 'unknown key "kind"', "belongs to the problem"),
    (ITEM.replace("[item.draw]", "points = -1\n[item.draw]"), 3, "points: expected a number", "points = 6"),
    (ITEM.replace("[item.draw]", "points = 'x'\n[item.draw]"), 3, "points: expected a number", ""),
    (ITEM.replace("[item.draw]", "version = 0\n[item.draw]"), 3, "version", "new numbers"),
    (ITEM.replace("[item.draw]", "mode = 'fadeing'\n[item.draw]"), 3, 'no mode "fadeing"', "fading"),
    (ITEM.replace("[item.draw]", "[item.options]\nlevle = 3\n[item.draw]"), 4, 'unknown key "levle"', ""),
    (ITEM.replace("rationals =", "rational ="), 4, 'no draw "rational"', 'did you mean "rationals"'),
    (ITEM.replace("[2, 5]", "[0, 5]"), 4, "denominators: expected numbers from 1", ""),
    (ITEM + "b = {integers = [1, 2]}\n", 5, '"b" is neither a key of [given] nor a letter', "letters are a"),
    (ITEM + "b = 3\n", 5, "b: expected what is drawn", "integers"),
    (ITEM + "q = {integers = [1, 2], choice = [1]}\n", 5, "cannot both be drawn", ""),
    (ITEM + "[item.when]\nx = 'a > '\n", 6, "x: 'a >' is no relation", "drawn are a"),
    (ITEM + "[item.when]\nx = 'a > b'\n", 6, "x: b is not drawn", "drawn are a"),
    (ITEM + "[item.when]\nx = '1 > 2'\n", 6, "x: names nothing that is drawn", "drawn are a"),
    (ITEM + "[item.when]\nx = 'costs fall'\n", 6, "no condition that is known", "cost falls"),
    (ITEM + "[item.when]\nx = 3\n", 6, "x: expected text", ""),
    (ITEM + "[item.when]\n'' = 'a > 1'\n", 6, "a condition needs a name", "nice = 'a > 1'"),
    (ITEM + f"[item.when]\nx = '{' and '.join(['a > 0'] * 10)}'\n", 6, "10 conditions are too many in one", "a line"),
    (ITEM + f"[item.when]\nx = '{'(' * 400}a > 0'\n", 6, "(( …' is no relation between drawn numbers", "a"),
    (ITEM + "q = {}\n", 5, "q: nothing says what is drawn", "q = {integers = [1, 5]}"),
    ("seed = ' '\n" + ITEM, 1, 'the key "seed" is empty', "words of your own"),
]


@pytest.mark.parametrize(("text", "line", "says", "hint"), MISTAKES)
def test_mistakes(text: str, line: int, says: str, hint: str, tmp_path: Path) -> None:
    [(file, found, message, hinted)] = mistakes(text, tmp_path)
    assert (file, found) == ("sheet.toml", line)
    assert says in message and hint in hinted


def test_a_seed_is_needed_for_a_default_would_be_known_to_everybody(tmp_path: Path) -> None:
    (tmp_path / "coin.toml").write_text(PROBLEM, encoding="utf-8")
    (tmp_path / "sheet.toml").write_text(ITEM, encoding="utf-8")
    with pytest.raises(SheetError, match='"seed" is missing'):
        read_sheet(tmp_path / "sheet.toml")


def test_an_item_says_its_problem_anew(tmp_path: Path) -> None:
    own = ITEM.replace("[[item]]\n", '[[item]]\ntitle = "Mine"\ntext = "Evaluate at {a}."\n')
    [item] = sheet(own, tmp_path).items
    assert (item.source.table["title"], item.source.table["text"]) == ("Mine", "Evaluate at {a}.")
    assert item.source.table["kind"] == sheet(ITEM, tmp_path).items[0].source.table["kind"]
    [(_, line, message, _)] = mistakes(ITEM.replace("[[item]]\n", "[[item]]\ntext = 3\n"), tmp_path)
    assert line == 2 and "text" in message


def test_every_mistake_in_one_reading(tmp_path: Path) -> None:
    text = "titel = 'x'\n[[item]]\nproblem = 'none.toml'\npoints = -1\n"
    text += ITEM.replace("[2, 5]", "[0, 5]") + "[[item]]\n"
    found = mistakes(text, tmp_path)
    assert [line for _, line, _, _ in found] == [1, 3, 4, 8, 9]
    with pytest.raises(SheetError, match=r"(?s)sheet.toml:2: unknown key.*and 4 more"):
        read_sheet(tmp_path / "sheet.toml")


def test_mistakes_of_a_problem_are_told_with_its_own_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("kind = 'derivative'\n[given]\nfunction = 'f(x) = a x +'\nvariabel = 'x'\n")
    text = "[[item]]\nproblem = 'bad.toml'\n[item.draw]\na = {integers = [1, 2]}\n"
    assert [(file, line) for file, line, _, _ in mistakes(text, tmp_path)] == [("bad.toml", 3), ("bad.toml", 4)]


def test_mistakes_of_a_problem_in_the_sheet(tmp_path: Path) -> None:
    text = '[[item]]\n[item.problem]\nkind = "derivative"\n[item.problem.given]\nfunction = "f(x) ="\n'
    [(file, line, message, _)] = mistakes(text, tmp_path)
    assert (file, line) == ("sheet.toml", 5) and "function" in message
    [(_, line, message, hint)] = mistakes(text.replace('"derivative"', '"derivativ"'), tmp_path)
    assert line == 3 and 'no kind "derivativ"' in message and "derivative" in hint


@pytest.mark.parametrize(("data", "says"), [(b"\xff", "UTF-8"), (b"title = x", "not TOML"), (b"seed = 1", "no items")])
def test_files_that_are_no_sheets(data: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "sheet.toml").write_bytes(data)
    with pytest.raises(ProblemError, match=says):
        read_sheet(tmp_path / "sheet.toml")
    with pytest.raises(ProblemError, match="no such file"):
        read_sheet(tmp_path / "none.toml")


def test_an_item_is_a_value(tmp_path: Path) -> None:
    import pickle

    found = sheet(ITEM, tmp_path)
    assert pickle.loads(pickle.dumps(found)) == found
    assert isinstance(found.items[0], Item)


def test_a_style_of_ones_own_is_known_with_its_folder(tmp_path: Path) -> None:
    text = f"style = 'mine'\n{ITEM}"
    [(_, _, says, hint)] = mistakes(text, tmp_path)
    assert says.endswith('there is no style "mine"') and hint.endswith("a style of your own comes with --template DIR")
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.tex.j2").write_text("((* extends 'document.tex.j2' *))")
    (own / "mine.docx.j2").write_text("")
    assert read_sheet(tmp_path / "sheet.toml", own).style == "mine"
    (own / "mine.tex.j2").rename(own / "mein.tex.j2")
    with pytest.raises(SheetError) as caught:
        read_sheet(tmp_path / "sheet.toml", own)
    assert 'did you mean "mein"' in caught.value.hint and "--template" not in caught.value.hint


@pytest.mark.parametrize("style", styles())
def test_every_style_that_there_is_may_be_asked_for(style: str, tmp_path: Path) -> None:
    assert sheet(f"style = '{style}'\n{ITEM}", tmp_path).style == style
