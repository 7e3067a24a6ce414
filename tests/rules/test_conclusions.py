"""How a line leads to the next where no single rule does: told by the shape of both lines."""

import pytest

from derive.read.latex import Names, read
from derive.rules.conclusions import conclusion

NAMES = Names(labels=True, functions=frozenset({"f", "h"}))


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (r"\nabla_{x, y} (x^2 + y^2) = 0", "(2 x, 2 y) = (0, 0)", "derivatives"),
        (r"\frac{d}{dx} x^2 = 0, y = 1", "2 x = 0, y = 1", "derivatives"),
        ("2 x = 4, x + y = 3", "x = 2, x + y = 3", "solve"),
        ("2 x + y = 4, x + y = 3", "(x, y) = (1, 2)", "solve"),
        ("x = 2, x + y = 3", "x = 2, 2 + y = 3", "put in"),
        ("x + y = 3", "y + x = 3", "same equations"),
        (r"\int_0^1 h(e^x) dx", r"\int_1^e \frac{h(u)}{u} du", "change of variable"),
        (r"\int_1^e \frac{h(u)}{u} du", r"2 \int_0^{1/2} h(e^{2 x}) dx", "change of variable"),
        (r"\int_0^1 e^{x^2} x dx", r"\frac12 \int_0^1 e^u du", "change of variable"),
        (r"\frac{d}{dt} \int_0^{t^2} f(x) dx", "2 t f(t^2)", "derivative by a limit"),
        (r"\int_0^1 f(x) (\frac{d}{dx} x^2) dx", r"\int_0^1 2 x f(x) dx", "derivatives"),
    ],
)
def test_a_step_is_named(before, after, name):
    found = conclusion(read(before, NAMES), read(after, NAMES))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"x = \arg\min_x (x - 1)^2", "x = 1"),
        ("x > 1", "x^2 > 1"),
        ("x = 1", "x^2"),
        ("2 x", "x + x"),
        (r"\int_0^1 f(x) dx", r"\int_0^1 f(u) du"),
        (r"\frac{d}{dt} \int_0^1 f(t x) dx", r"\int_0^1 x f'(t x) dx"),
        (r"\frac{d}{dt} \int_0^1 f(x) dx", "0"),
    ],
)
def test_a_step_is_not_named(before, after):
    assert conclusion(read(before, NAMES), read(after, NAMES)) is None
