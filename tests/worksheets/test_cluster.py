"""The same work on a Dask cluster of this machine: the same files, and nothing lost when a worker is killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from derive.worksheets.making import make
from derive.worksheets.rosters import anonymous
from tests.worksheets.classes import QUICK, contents, sheet

pytest.importorskip("distributed")

MANY = 24
SECONDS = 240  # of patience with a busy machine


@contextlib.contextmanager
def program(*arguments):
    """A program of Dask that runs while the block does."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler on loopback and its two workers."""
    file = tmp_path / "scheduler.json"
    common = ("--scheduler-file", str(file), "--no-dashboard")
    worker = ("distributed.cli.dask_worker", *common, "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1",
              "--local-directory", str(tmp_path / "dask"))
    with program("distributed.cli.dask_scheduler", *common, "--host", "127.0.0.1", "--port", "0"):
        end = time.monotonic() + SECONDS
        while not file.exists() or not file.read_text():
            assert time.monotonic() < end
            time.sleep(0.05)
        with program(*worker) as first, program(*worker) as second:
            yield json.loads(file.read_text())["address"], [first, second]


def command(out, address, *more):
    return [sys.executable, "-m", "derive", "worksheet", "make", str(out.parent / "parabolas.toml"), "--variants",
            str(MANY), "-o", str(out), "--format", "text,markdown", "--scheduler", address, *more]


@pytest.mark.slow
def test_a_worker_of_the_cluster_is_killed_and_nothing_is_lost(cluster, tmp_path):
    address, workers = cluster
    out, whole = tmp_path / "out", tmp_path / "whole"
    make(sheet(tmp_path), anonymous(MANY), whole, replace(QUICK, formats=("text", "markdown")))
    pipe = subprocess.PIPE
    with subprocess.Popen(command(out, address, "--json"), stdout=pipe, stderr=pipe, text=True) as process:
        end = time.monotonic() + SECONDS
        while not (out / "manifest.jsonl").exists() or (out / "manifest.jsonl").read_bytes().count(b"\n") < 4:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.01)
        os.kill(workers[0].pid, signal.SIGKILL)
        shown, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors
    assert len(json.loads(shown)["made"]) == MANY
    assert contents(out) == contents(whole)


@pytest.mark.slow
def test_a_scheduler_that_is_not_there(tmp_path):
    sheet(tmp_path)
    done = subprocess.run(command(tmp_path / "out", "tcp://127.0.0.1:9"), capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "dask scheduler" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_one_student_fails_and_the_others_are_made(cluster, tmp_path):
    address, _ = cluster
    (tmp_path / "class.csv").write_text("id,name\na,Ada\nb,\n,Nobody\n")
    sheet(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "derive", "worksheet", "make", str(tmp_path / "parabolas.toml"), "--roster",
         str(tmp_path / "class.csv"), "-o", str(tmp_path / "out"), "--format", "text", "--scheduler", address],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )
    assert done.returncode == 5, done.stderr
    assert "class.csv:4" in done.stderr
    assert (tmp_path / "out" / "b.txt").exists()


@pytest.mark.slow
def test_a_job_that_hangs_is_given_up_and_an_error_is_that_of_its_job(cluster):
    address, _ = cluster
    code = f"""
import math, time
from functools import partial
from derive.worksheets._cluster import finished
for done in finished(time.sleep, [0.1, 600, 0.2, 0.1], {address!r}, seconds=2):
    print(done.argument, done.error is None, done.lost)
for done in finished(math.sqrt, [-1], {address!r}):
    print(done.error.message)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=SECONDS,
                          check=True)
    *slept, failed = done.stdout.splitlines()
    assert sorted(slept) == ["0.1 True False", "0.1 True False", "0.2 True False", "600 False True"]
    assert failed == "an error in derive itself (ValueError: math domain error)"
