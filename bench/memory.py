"""Whether judging leaks: ``python bench/memory.py [PAIRS.json]``.

The memory of a process (resident set) after 100 and after 10,000 judged pairs, at most 1.2 times as much is wanted.
No two pairs are alike, so that no cache can help: each takes a row of the file, gives its symbols other names, and
multiplies and shifts both sides by random numbers. Exit 1 when it grows more.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

from derive.read.latex import Names, read
from derive.steps import Context
from derive.tree import Indexed, Matrix, Node, Product, Sum, Symbol, free_symbols, number, substitute, walk
from derive.verify import equal

PAIRS = Path(__file__).resolve().parents[1] / "tests" / "verify" / "pairs.json"
FEW, MANY = 100, 10_000
WANTED = 1.2
LETTERS = "abcdghjkmnpqrstuvwxyz"

Statement = tuple[Node, Node, Context]


def statements(path: Path, seed: int = 0) -> Iterator[Statement]:
    """Without end: statements that are like those of the file and unlike each other."""
    random = Random(seed)
    rows = [row for row in json.loads(path.read_text(encoding="utf-8")) if _is_plain(row)]
    read_rows = [(read(row["a"], _names(row)), read(row["b"], _names(row)), row.get("domain", {})) for row in rows]
    usable = [(a, b, d) for a, b, d in read_rows if not any(isinstance(p, (Matrix, Indexed)) for p in walk(a))]
    while True:
        yield _varied(random, *random.choice(usable))


def _is_plain(row: dict[str, object]) -> bool:
    return not any(row.get(key) for key in ("definitions", "indexed", "functions"))


def _names(row: dict[str, object]) -> Names:
    return Names()


def _varied(random: Random, a: Node, b: Node, domain: dict[str, str]) -> Statement:
    """The statement with other names, its sides multiplied by one random number and shifted by another."""
    names: dict[Node, Node] = {}
    domains: dict[Symbol, str] = {}
    for symbol in sorted(free_symbols(a) | free_symbols(b), key=lambda s: s.plain):
        renamed = Symbol(random.choice(LETTERS), f"{random.randint(0, 10**6)}")
        names[symbol] = renamed
        if symbol.plain in domain:
            domains[renamed] = domain[symbol.plain]
    factor, shift = number(random.randint(2, 10**6)), number(random.randint(1, 10**6))
    sides = [Sum((Product((factor, substitute(side, names))), shift)) for side in (a, b)]
    return sides[0], sides[1], Context(domains)


def resident() -> float:
    """The resident set of this process in MB."""
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


def growth(few: int, many: int, path: Path = PAIRS) -> tuple[float, float]:
    """Megabytes after so few and after so many judged pairs."""
    source = statements(path)
    sizes = []
    for count in (few, many - few):
        for _ in range(count):
            a, b, context = next(source)
            equal(a, b, context)
        sizes.append(resident())
    return sizes[0], sizes[1]


def main() -> int:
    """Judge and print."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    before, after = growth(FEW, MANY, path)
    print(f"{before:.1f} MB after {FEW} pairs, {after:.1f} MB after {MANY}: {after / before:.2f} times as much "
          f"(at most {WANTED} is wanted)")
    return 0 if after <= WANTED * before else 1


if __name__ == "__main__":
    sys.exit(main())
