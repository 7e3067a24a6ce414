"""Files are written whole or not at all; shipped files are found."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from derive import files, resources
from derive.errors import DeriveError
from derive.files import OutputError


def test_a_file_and_its_folders(tmp_path: Path) -> None:
    path = files.write_text(tmp_path / "a" / "b.txt", "θ\n")
    assert path.read_bytes() == "θ\n".encode()
    assert [p.name for p in path.parent.iterdir()] == ["b.txt"]


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x"
    files.write_bytes(path, b"old")
    files.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ValueError])
def test_an_interruption_leaves_the_old_file_alone(interruption: type[BaseException], tmp_path: Path) -> None:
    path = files.write_bytes(tmp_path / "x.txt", b"old")
    with pytest.raises(interruption), files.replacing(path) as temporary:
        assert temporary.suffix == ".txt"
        temporary.write_bytes(b"half")
        raise interruption
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    written = files.write_bytes(tmp_path / "written", b"")
    assert stat.S_IMODE(written.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write") as caught:
        files.write_text(tmp_path / "file" / "x", "")
    assert caught.value.exit_code == 2
    assert "-o DIR" in str(caught.value)


def test_a_target_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        files.write_text(tmp_path / "folder", "")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser writes everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        files.write_text(tmp_path / "x", "")


# --- resources -------------------------------------------------------------------------------------------


def test_templates_are_found() -> None:
    assert r"\documentclass" in resources.template("document.tex.j2")
    with pytest.raises(DeriveError, match="template 'none' is missing"):
        resources.template("none")


def test_a_missing_folder() -> None:
    with pytest.raises(DeriveError, match="incomplete"):
        resources.folder("nowhere")


def test_shipped_problems_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sheets/one", "gallery/two", "gallery/same", "sheets/same"):
        files.write_text(tmp_path / "problems" / f"{name}.toml", "")
    monkeypatch.setattr(resources, "_PLACES", (tmp_path,))
    assert list(resources.problem_files()) == ["gallery/same", "gallery/two", "sheets/one", "sheets/same"]
    assert resources.problem_file("one") == tmp_path / "problems/sheets/one.toml"
    assert resources.problem_file("gallery/two.toml") == tmp_path / "problems/gallery/two.toml"
    assert resources.problem_file("same") is None
    assert resources.problem_file("none") is None
    assert resources.problem_file("../../etc/passwd") is None
