"""Jobs in other processes: each gets its result, whatever happens to the process."""

import functools
import math
import operator
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derive import limits
from derive.errors import DeriveError
from derive.pool import cores, finished
from derive.read.latex import read


def results(function, arguments, **more):
    return {done.argument: done for done in finished(function, arguments, 2, **more)}


def test_every_job_has_its_result():
    found = results(math.factorial, range(30))
    assert {n: done.value for n, done in found.items()} == {n: math.factorial(n) for n in range(30)}


def test_functions_with_some_arguments_given_and_values_of_ours():
    assert results(functools.partial(operator.add, 5), [1, 2])[2].value == 7
    assert results(read, ["x^2 + 1"])["x^2 + 1"].value == read("x^2 + 1")


def test_in_this_process():
    here = os.getpid()
    assert [done.value for done in finished(lambda n: (n, os.getpid()), [1, 2], 0)] == [(1, here), (2, here)]
    assert {done.value for done in finished(_pid, [1], 1)} != {os.getpid()}


def _pid(_):
    return os.getpid()


def test_no_jobs():
    assert list(finished(math.factorial, [], 2)) == []


def test_an_error_is_that_of_its_job_with_message_hint_and_exit_code():
    found = results(read, ["x", r"\frac{1}"])
    assert found["x"].error is None
    try:
        read(r"\frac{1}")
    except DeriveError as error:
        expected = error
    bad = found[r"\frac{1}"].error
    assert (bad.message, bad.hint, bad.exit_code) == (expected.message, expected.hint, expected.exit_code)
    assert not found[r"\frac{1}"].lost


def test_an_error_of_the_program_is_said_to_be_one():
    found = results(math.sqrt, [4, -1])
    assert found[4].value == 2
    assert "error in derive itself (ValueError" in found[-1].error.message


def test_a_result_that_cannot_be_sent():
    found = results(_module_or_number, [1, 2])
    assert found[2].value == 2
    assert "cannot be sent" in found[1].error.message


def _module_or_number(number):
    return math if number == 1 else number


def test_a_job_that_ends_its_worker_is_a_failure_of_its_own():
    found = results(_leaves, [1, 7, 2, 3, 4, 5])
    assert found[7].lost
    assert "2 times" in found[7].error.message
    assert "exit code 7" in found[7].error.message
    assert sorted(a for a, d in found.items() if d.error is None) == [1, 2, 3, 4, 5]


def _leaves(code):
    return os._exit(code) if code == 7 else code


def test_a_worker_that_is_killed_from_outside_loses_nothing(tmp_path):
    found = results(functools.partial(_killed_once, str(tmp_path)), range(6))
    assert sorted(d.value for d in found.values()) == list(range(6))
    assert (tmp_path / "killed").exists()


def _killed_once(folder, number):
    """Kills its own process the first time that job 3 runs."""
    mark = Path(folder, "killed")
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_job_that_hangs_is_stopped():
    found = results(time.sleep, [0, 600], seconds=0.5, tries=1)
    assert found[0].error is None
    assert "stopped after 0.5 seconds" in found[600].error.message


def test_a_hang_that_holds_the_interpreter_is_stopped_too():
    found = results(functools.partial(pow, 10**6), [3, 10**8], seconds=0.5, tries=1)
    assert found[3].value == 10**18
    assert found[10**8].lost


def test_workers_are_replaced_when_they_have_grown(monkeypatch):
    monkeypatch.setattr(limits, "POOL_WORKER_BYTES", 1)
    pids = [done.value for done in finished(_pid, range(6), 2)]
    assert len(set(pids)) == 6


def test_closing_stops_the_workers():
    running = finished(_sleepy_pid, [0, 0, 600, 600], 2)
    pid = next(running).value
    running.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _sleepy_pid(seconds):
    time.sleep(seconds)
    return os.getpid()


def test_arguments_are_taken_as_workers_become_free():
    taken = []

    def arguments():
        for number in range(50):
            taken.append(number)
            yield number

    running = finished(math.factorial, arguments(), 2)
    next(running)
    assert len(taken) <= 4
    running.close()


def test_workers_leave_when_the_program_is_killed():
    code = """
import os, time
from derive.pool import finished
for done in finished(__import__("functools").partial(os.system), ["echo $PPID", "sleep 1; echo $PPID", "sleep 1"], 2):
    print("done", flush=True)
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    pids = [int(line) for line in done.stdout.split() if line.isdigit()]
    assert pids  # that there is an end to what we read shows that nobody who could write is left


def test_there_is_a_core():
    assert cores() >= 1


def test_a_script_is_not_run_again_by_the_workers(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("""
import math
from derive.pool import finished
print("begun")
print(sorted(done.value for done in finished(math.factorial, range(4), 2)))
""")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("begun\n[1, 1, 2, 6]\n", "")


def test_workers_find_modules_where_the_program_does(tmp_path):
    (tmp_path / "json.py").write_text("NAME = 'ours'\n\ndef name(_):\n    return NAME\n")
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from json import name
from derive.pool import finished
print([done.value for done in finished(name, range(2), 2, modules=["json"])])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("['ours', 'ours']\n", "")


def test_files_of_the_folder_one_works_in_are_not_run(tmp_path):
    for name in ("random", "sympy", "derive"):
        (tmp_path / f"{name}.py").write_text("print('run'); raise SystemExit(3)\n")
    script = tmp_path / "elsewhere" / "script.py"
    script.parent.mkdir()
    script.write_text("import math\nfrom derive.pool import finished\n"
                      "print([done.value for done in finished(math.factorial, [3], 1)])\n")
    command = [sys.executable, script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("[6]\n", "")


def test_a_job_that_leaves_in_peace_is_a_failure_too():
    found = results(_leaves_in_peace, [0, 1])
    assert found[1].value == 1
    assert "exit code 0" in found[0].error.message


def _leaves_in_peace(number):
    return number or os._exit(0)


def test_a_worker_that_is_killed_while_it_sends_stops_no_other():
    found = results(_killed_by_pickling, range(6))
    assert found[3].lost
    assert sorted(n for n, done in found.items() if done.error is None) == [0, 1, 2, 4, 5]


def _killed_by_pickling(number):
    return _Deadly() if number == 3 else number


class _Deadly:
    def __reduce__(self):
        os.kill(os.getpid(), signal.SIGKILL)
        return int, ()


def test_ctrl_c_while_workers_still_import_is_heard_by_the_program_alone(tmp_path):
    (tmp_path / "slowly.py").write_text(f"""
import pathlib, time
pathlib.Path({str(tmp_path / "begun")!r}).touch()
time.sleep(0.2)
pathlib.Path({str(tmp_path / "ended")!r}).touch()
""")
    script = f"""
import pathlib, sys, time
sys.path.insert(0, {str(tmp_path)!r})
from derive.pool import prepare
prepare(["slowly"])
try:
    pathlib.Path({str(tmp_path / "waits")!r}).touch()
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted")
"""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", script]
    program = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    _wait_for(tmp_path / "begun")
    _wait_for(tmp_path / "waits")
    os.killpg(program.pid, signal.SIGINT)
    assert program.communicate(timeout=60) == ("interrupted\n", "")
    _wait_for(tmp_path / "ended")


def _wait_for(path):
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.01)
