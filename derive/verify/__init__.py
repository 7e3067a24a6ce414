"""The verifier: is a step of a derivation true?

It sees what stands before and after, the relation between them, the declared domains and definitions, and
nothing of the rules. Layers of rising cost, first answer wins: identical trees; the exact zero test over a
differential field (:mod:`field`, :mod:`kernels`, :mod:`differential`, by cases of signs in :mod:`cases`);
refutation with number balls at points of the domain (:mod:`balls`, :mod:`refute`); SymPy's opinion in a bounded
process (:mod:`worker`). Whatever exceeds a limit is "too large" or "too slow", never "wrong".
"""

from __future__ import annotations

from derive.limits import CHECK_SECONDS
from derive.steps import Context, Status, Verdict
from derive.tree import Node
from derive.verify.equality import equality
from derive.verify.matrices import written_out
from derive.verify.meaning import Meaning
from derive.verify.signals import Clock, Undecidable


def equal(a: Node, b: Node, context: Context) -> Verdict:
    if a == b:
        return Verdict(Status.PROVED, "identical")
    clock = Clock(CHECK_SECONDS)
    m = Meaning(context, clock)
    m.note(a, b)
    try:
        x, y = (written_out(m.unfold(n)) for n in (a, b))
    except Undecidable as o:
        return Verdict(Status.UNDECIDED, detail=str(o))
    return equality(x, y, context.domains, clock)
