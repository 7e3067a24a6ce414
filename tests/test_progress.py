"""How far a long computation is: told to whoever listens, drawn as a bar on a terminal."""

from derive import progress
from derive.messages import Progress


def test_nobody_has_to_listen():
    progress.report("nothing", 1, 2)
    progress.interrupt()
    assert not progress.interrupted()


def test_who_listens_is_told():
    told = []
    with progress.heard(lambda *what: told.append(what)) as course:
        progress.report("epoch", 1, 2)
        assert not progress.interrupted()
        progress.interrupt()
        assert progress.interrupted()
    assert told == [("epoch", 1, 2)] and course.interrupted
    assert not progress.interrupted()


def test_without_a_spinner_there_is_no_bar(capsys):
    shown = Progress()
    shown.bar("epoch", 1, 2)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_the_bar_says_what_and_how_far():
    from rich.console import Console

    class Spinner:
        def update(self, what):
            self.what = what

    shown = Progress()
    shown.spinner = Spinner()
    shown.bar("run 1 of 2: epoch", 1500, 3000)
    console = Console(width=80)
    with console.capture() as capture:
        console.print(shown.spinner.what)
    assert "run 1 of 2: epoch" in capture.get() and "1,500 of 3,000" in capture.get()
