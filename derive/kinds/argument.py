r"""Arguments: lines that follow from one another by named rules, under argmin, expectations, sums over data.

The lines are those of a chain of relations, or statements with arrows between them; the rules from one to the next are
found by :mod:`derive.arguing`. Every step is judged by the verifier like any other, so a wrong line ends with a
counter-example and not with a proof.
"""

from __future__ import annotations

from derive.arguing import ARROWS
from derive.errors import DeriveError
from derive.kinds._argument_instance import INSTANCE, instance_of, told
from derive.kinds._argument_lines import (
    RULES,
    between,
    first_to_last,
    given_chain,
    given_rules,
    overall,
    reasons,
    result,
    untold,
)
from derive.kinds._shared import context_of
from derive.problem import Field, Problem
from derive.steps import Chain, Derivation, Part, Result, Step

SUMMARY = "an argument, line by line, with the rule and the condition of every line"

FIELDS = (
    Field("claim", "formulas", "the claim as a chain: first line, lines in between if wanted, last line, with =, ≈, ≤ "
          "or ≥ between them; statements with ⇒ or ⇔", required=True,
          example=r"'\arg\max_\theta p(\theta | x) = \arg\max_\theta (\log p(x | \theta) + \log p(\theta))'"),
    RULES,
    INSTANCE,
)


def solve(problem: Problem) -> Derivation:
    """Each claim as one derivation from its first line to its last.

    RefutedError, with a model in which it fails, for a line that does not follow; DeriveError for a claim that is no
    chain, and for names of rules that there are not.
    """
    context = context_of(dict(problem.domains))
    table = given_rules(problem.given["rules"])
    claims = [given_chain(node) for node in problem.given["claim"]]
    parts: list[Part] = []
    results: list[Result] = []
    used: list[Step] = []
    for claim in claims:
        steps = [step for k in range(len(claim.signs)) for step in between(claim, k, table, context)]
        used += steps
        parts += [Chain(tuple(steps)), *untold(steps)]
        name = f"claim {len(results) + 1}" if len(claims) > 1 else "claim"
        results.append(Result(name, result(claim)))
    parts += reasons(used)
    if problem.given["instance"] is not None:
        if any(overall(c.signs) in ARROWS for c in claims):
            raise DeriveError("instance: numbers are put into lines with =, ≈, ≤ or ≥, not into statements",
                              "leave it out")
        parts += told(claims, instance_of(problem.given["instance"], problem.domains))
    asked = tuple(("to show: ", *first_to_last(c)) for c in claims)
    return Derivation(problem.title, problem.kind, (), asked, tuple(parts), tuple(results), context)
