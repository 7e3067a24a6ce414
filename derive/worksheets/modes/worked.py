"""The whole derivation as an example to read: nothing is asked, and no points can be earned."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from derive.documents._tree import page as whole_page
from derive.worksheets.model import Exercise, Variant
from derive.worksheets.modes._lines import DETAIL, filled, page, sheet, unmarked_outcome

SUMMARY = "everything shown"
ASKS = False

FIELDS = (DETAIL,)


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """The derivation of a variant with every line, without marks and verdicts."""
    derivation, detail = variant.derivation, filled(options, FIELDS)["detail"]
    outcome = unmarked_outcome(whole_page(derivation, detail).outcome)
    return Exercise(variant, "worked", page(derivation, sheet(derivation, detail).blocks, outcome), ())
