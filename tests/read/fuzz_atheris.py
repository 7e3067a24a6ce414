"""Coverage-guided fuzzing of the reader: ``python tests/read/fuzz_atheris.py [-max_total_time=60] [CORPUS]``.

Needs atheris (``pip install atheris``) and says so where it is missing. Any exception but the reader's own refusal,
and any formula that takes too long twice, ends the run with the input. The formulas of ``unseen.json`` are the seeds.
"""

import importlib
import importlib.util
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Fuzz until stopped or told to stop."""
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: pip install atheris")
        return
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["derive.read"]):
        fuzz = importlib.import_module("test_fuzz")  # beside this file
    labelled = fuzz.Names(labels=True, functions=frozenset({"f", "g", "C"}), densities=frozenset({"p", "q"}))

    def one(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        declared = labelled if provider.ConsumeBool() else fuzz.Names()
        fuzz.survives(provider.ConsumeUnicode(300), declared)

    with tempfile.TemporaryDirectory() as folder:
        for number, row in enumerate(fuzz.ROWS):
            (Path(folder) / str(number)).write_bytes(row["latex"].encode("utf-8"))
        atheris.Setup([*sys.argv, folder], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
