"""A fit as a program: loss and derived gradient in NumPy, handed to SciPy.

Called by the fit kind. The lines of the function are the formulas of the derivation, in its order.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.backward import Backward
from derive.listings._slopes import in_numpy
from derive.tree import Symbol, free_symbols
from derive.write.sympy import identifier

SIGMOID = "def sigmoid(u):\n    return 1 / (1 + np.exp(-u))\n\n\n"


def write(made: Backward, columns: Sequence[Symbol], start: Sequence[float], method: str) -> str | None:
    """The program, in which the data's columns are arrays; None where a formula has no NumPy code."""
    gradients = made.gradients
    used = {s for node in (*(d.body for d in made.program), *gradients.values()) for s in free_symbols(node)}
    names = {s: identifier(s) for s in {*used, *(d.name for d in made.program)}}
    if len(set(names.values())) < len(names):
        return None
    try:
        lines = [f"    {names[d.name]} = {in_numpy(d.body, names)}" for d in made.program]
        entries = [f"        np.mean({in_numpy(g, names)})," for g in gradients.values()]
    except (KeyError, TypeError):
        return None
    helper = SIGMOID if any("sigmoid(" in line for line in (*lines, *entries)) else ""
    unpacked = ", ".join(names[p] for p in gradients)
    alone = "," if len(gradients) == 1 else ""
    data = ", ".join(names[c] for c in columns if c in used)
    return "\n".join([
        "import numpy as np", "from scipy.optimize import minimize", "", f"# {data}: arrays with the data", "", "",
        f"{helper}def loss_and_gradient(parameters):", f"    {unpacked}{alone} = parameters", *lines,
        f"    return np.mean({names[made.output]}), np.array([", *entries, "    ])", "", "",
        f"start = {[float(v) for v in start]}",
        f'found = minimize(loss_and_gradient, start, jac=True, method="{method}")',
        "print(found.fun, found.x, found.nit, found.nfev)", "",
    ])  # fmt: skip

