"""The gallery: every shipped problem has a card; what fails is named on the index and not left out."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from derive import choices, cli, gallery, resources
from derive.errors import DeriveError
from derive.pool import Done

NAME = "inequality-entropy-of-equal-probabilities"


def job(tmp_path, name=NAME, formats=("html", "text"), path=None):
    path = path or resources.problem_file(name)
    return gallery.Job(f"gallery/{name}", path, tmp_path, formats)


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for key, value in attrs if key in ("href", "src") and not value.startswith("#")]

    def handle_data(self, data):
        self.words.append(data)


def index(tmp_path, *entries):
    return Links(gallery.write_index(tmp_path, entries).read_text(encoding="utf-8"))


def test_there_is_a_job_for_every_shipped_problem_and_every_format(tmp_path):
    found = gallery.jobs(tmp_path)
    assert [j.name for j in found] == list(resources.problem_files())
    assert all(j.formats == tuple(choices.names("documents")) for j in found)
    assert {j.name for j in gallery.jobs(tmp_path, ["html"], [NAME[:-1]])} == {f"gallery/{NAME}"}
    with pytest.raises(DeriveError, match="no shipped problem is called nothing-like-it"):
        gallery.jobs(tmp_path, only=["nothing-like-it"])


def test_a_card_links_to_files_that_are_there(tmp_path):
    entry = gallery.build(job(tmp_path))
    assert not entry.errors
    assert entry.verdicts == {"proved": sum(entry.verdicts.values())}
    assert (tmp_path / entry.page).read_bytes().startswith(b"\x89PNG")
    page = index(tmp_path, entry)
    assert all((tmp_path / link).is_file() for link in page.found)
    assert {Path(link).suffix for link in page.found} == {".html", ".txt", ".png"}


def test_what_cannot_be_solved_is_named_and_words_are_only_words(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text('kind = "derivative"\n[given]\nfunction = "x +"\n')
    entry = gallery.build(job(tmp_path, "bad", path=bad))
    assert entry.errors
    assert not entry.documents
    lost = gallery.entry_of(Done(job(tmp_path), error=DeriveError("the work was stopped"), lost=True))
    page = index(tmp_path, entry, lost, gallery.Entry("a", "<script>alert(1)</script>", ("derivative",)))
    words = " ".join(page.words)
    assert "<script>alert(1)</script>" in words
    assert "bad.toml:3" in words
    assert "the work was stopped" in words


def test_the_command_ends_with_the_code_of_a_batch(tmp_path, monkeypatch, capsys):
    assert cli.main(["gallery", "-o", str(tmp_path), "--only", NAME, "--format", "text"]) == 0
    assert "1 problem file" in capsys.readouterr().out
    assert cli.main(["gallery", "-o", str(tmp_path), "--only", "nothing-like-it"]) == 2


def test_a_format_without_its_program_is_left_out_and_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(gallery.shutil, "which", lambda tool: None)
    monkeypatch.setattr(gallery, "choices", _FewFormats())
    assert {j.formats for j in gallery.jobs(tmp_path)} == {("text",)}
    assert gallery.tool_missing("docx") == "pandoc"
    assert gallery.tool_missing("text") == ""


class _FewFormats:
    """The formats of the gallery in a small."""

    def names(self, folder):
        return ["docx", "text"]

    def load(self, folder, name):
        return choices.load(folder, name)
