"""Every family's row against numbers: normalised, with the mean and the variance that it states."""

import math
import random

import numpy as np
import pytest
from scipy.integrate import quad

from derive.distributions import FAMILIES, X, family_named
from derive.errors import DeriveError
from derive.numeric.evaluate import compile
from derive.tree import Symbol

_DRAWN = {
    "real": lambda r: r.uniform(-2, 2),
    "positive": lambda r: r.uniform(0.5, 3),
    "(0, 1)": lambda r: r.uniform(0.1, 0.9),
    "positive integer": lambda r: r.randint(1, 6),
}


def _drawn(family):
    source = random.Random(family.name)
    values = {p.symbol: float(_DRAWN[p.domain](source)) for p in family.parameters}
    return dict(zip(values, sorted(values.values()), strict=True)) if family.support == "interval" else values


def _mean(weight, density, low, high, centre):
    if isinstance(low, int):
        k = np.arange(low, 120 if high == math.inf else int(high) + 1)
        return float(np.sum(weight(k) * density(k)))
    return sum(quad(lambda x: float(weight(x) * density(x)), a, b)[0] for a, b in ((low, centre), (centre, high)))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda f: f.name)
def test_a_family_is_normalised_and_has_its_mean_and_variance(family):
    values = _drawn(family)
    names, numbers = list(values), list(values.values())
    low, high, mean, variance = (
        float(compile(f, names)(*numbers)) for f in (*family.bounds, family.mean_formula, family.variance_formula)
    )
    formula = compile(family.formula, [X, *names])
    about = values.get(Symbol("mu"), mean)
    ends = (int(low) if family.discrete else low, high, about)
    assert _mean(lambda x: 1, lambda x: formula(x, *numbers), *ends) == pytest.approx(1, abs=1e-7)
    assert _mean(lambda x: x, lambda x: formula(x, *numbers), *ends) == pytest.approx(mean, abs=1e-6)
    second = _mean(lambda x: (x - mean) ** 2, lambda x: formula(x, *numbers), *ends)
    assert second == pytest.approx(variance, abs=1e-6)


def test_a_family_is_found_by_its_spellings():
    assert family_named("Gaussian").name == "normal"
    assert family_named("Poisson distribution").name == "Poisson"


def test_an_unknown_family_names_the_known_ones():
    with pytest.raises(DeriveError, match="no family"):
        family_named("zeta")
