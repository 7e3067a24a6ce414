"""How long the shipped arguments take: the search for rules, and the verifier's look at every step.

For each problem of the kinds ``argument`` and ``inequality``: the time to find the rules between its lines, the same by
a search that looks at the shortest ways first and knows nothing of the goal (breadth first, the named alternative),
their ratio, and the time to verify the steps. The last lines are the sums and a line to which no rules lead.
Run: ``python bench/arguments.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from derive import arguing
from derive.arguing import route
from derive.kinds._argument_lines import given_chain
from derive.kinds._shared import context_of
from derive.read.latex import Names, read
from derive.read.problems import read_file
from derive.steps import Context
from derive.tree import Relation
from derive.verify import verify_step

PROBLEMS = Path(__file__).resolve().parent.parent / "problems"
Made = TypeVar("Made")


def timed(work: Callable[[], Made], repeats: int = 3) -> tuple[float, Made]:
    """The least of a few times, in seconds, and what came out."""
    found: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        made = work()
        found.append(time.perf_counter() - start)
    return min(found), made


def lines() -> list[tuple[str, Relation, Context]]:
    """Every claim of the shipped problems of these kinds, with its file and its context."""
    found = []
    for file in sorted(PROBLEMS.rglob("*.toml")):
        if 'kind  = "argument"' not in file.read_text() and 'kind  = "inequality"' not in file.read_text():
            continue
        for problem in read_file(file).problems:
            if problem.kind in ("argument", "inequality"):
                context = context_of(dict(problem.domains))
                found += [(file.stem, given_chain(claim), context) for claim in problem.given["claim"]]
    return found


def search(claim: Relation) -> list[Sequence[object] | None]:
    """The rules between all lines of a claim."""
    return [route(a, b, sign) for a, b, sign in zip(claim.sides, claim.sides[1:], claim.signs, strict=False)]


def verify(claim: Relation, context: Context) -> int:
    """How many steps the verifier looks at."""
    routes = [route(a, b, sign) for a, b, sign in zip(claim.sides, claim.sides[1:], claim.signs, strict=False)]
    steps = [step for found in routes for step in found or ()]
    return sum(verify_step(s.before, s.after, s.relation, context) is not None for s in steps)


def main() -> None:
    """Print the table."""
    sums = [0.0, 0.0, 0.0]
    print(f"{'claim':52} {'search':>8} {'breadth':>8} {'ratio':>6} {'verify':>8}  ms")
    for name, claim, context in lines():
        ours, routes = timed(partial(search, claim))
        with patch.object(arguing._Side, "_rank", lambda self, node, key: float(self.depth[key])):
            plain, others = timed(partial(search, claim), 1)
        both, _ = timed(partial(verify, claim, context), 1)
        missing = f"  not found breadth first: {sum(r is None for r in others) - sum(r is None for r in routes)}"
        checks = max(both - ours, 0.0)
        sums = [sums[0] + ours, sums[1] + plain, sums[2] + checks]
        print(f"{name:52} {ours * 1e3:8.1f} {plain * 1e3:8.1f} {plain / ours:6.1f} {checks * 1e3:8.1f}"
              + (missing if others.count(None) != routes.count(None) else ""))
    print(f"{'sum':52} {sums[0] * 1e3:8.1f} {sums[1] * 1e3:8.1f} {sums[1] / sums[0]:6.1f} {sums[2] * 1e3:8.1f}")
    densities = frozenset({"p", "q"})
    names = Names(labels=True, densities=densities, functions=densities)
    start, goal = (read(line, names) for line in (r"KL(p \| q)", r"KL(q \| p)"))
    print(f"{'a search that ends nowhere':52} {timed(partial(route, start, goal), 1)[0] * 1e3:8.1f}")


if __name__ == "__main__":
    main()
