r"""What convexity says: Jensen's inequality, the tangent below or above, and both under a mean.

The mean of a convex function is at least the function of the mean; a concave function lies below its tangents, the
logarithm below its tangent at 1; and what holds at every point holds for the means over the same law.

Called by :func:`derive.verify.verify_step` for ``≤`` and ``≥`` before the general methods, which know only finite
models of an unnamed law. A function whose curvature has one sign on its whole domain is a row of :data:`CURVED`. The
means must be over the same law, and one side's function of the mean must be that of the other's argument, as written.

Source: Cover and Thomas, Elements of Information Theory (2nd ed., 2006), theorem 2.6.2.
"""

from __future__ import annotations

from derive.steps import Status, Verdict
from derive.tree import ONE, Call, E, Expectation, Given, Negative, Node, Number, Power, Sum

METHOD = "Jensen's inequality"
TANGENT = "tangent of a concave function"
CURVED = {"log": -1, "ln": -1, "exp": 1, "softplus": 1, "abs": 1}
"""Functions that are convex (1) or concave (-1) wherever they are defined."""
_FLIPPED = {"<=": ">=", ">=": "<="}


def by_convexity(before: Node, after: Node, relation: str) -> Verdict | None:
    """Proved where ``before relation after`` is one of these laws as written, else None."""
    match before, after:
        case Negative(left), Negative(right) if relation in _FLIPPED:
            return by_convexity(left, right, _FLIPPED[relation])
        case Expectation("E", (left,), over), Expectation("E", (right,), same) if over == same and over:
            found = by_convexity(left, right, relation)
            if found is not None:
                return found
    if relation == ">=":
        before, after = after, before
    if relation in _FLIPPED and _tangent(before) == after:
        return Verdict(Status.PROVED, TANGENT)
    return jensen(before, after, "<=") if relation in _FLIPPED else None


def _tangent(node: Node) -> Node | None:
    """The tangent at 1 of a logarithm."""
    match node:
        case Call("log" | "ln", (u,), 0):
            return Sum((u, Negative(ONE)))
    return None


def jensen(before: Node, after: Node, relation: str) -> Verdict | None:
    """Proved where ``before relation after`` is Jensen's inequality."""
    for mean, image, sign in ((before, after, relation), (after, before, _FLIPPED.get(relation, ""))):
        match mean:
            case Expectation("E", (body,), over) if not isinstance(body, Given):
                found = _curved(body)
                if found is not None and sign == ("<=" if found[0] < 0 else ">="):
                    inner = Expectation("E", (found[1],), over)
                    if _curved(image) == (found[0], inner) and type(image) is type(body):
                        return Verdict(Status.PROVED, METHOD)
    return None


def _curved(node: Node) -> tuple[int, Node] | None:
    """The sign of the curvature of the outermost function, and its argument."""
    match node:
        case Call(name, (argument,), 0) if name in CURVED:
            return CURVED[name], argument
        case Power(base, exponent) if base == E:
            return 1, exponent
        case Power(base, Number("2")):
            return 1, base
    return None
