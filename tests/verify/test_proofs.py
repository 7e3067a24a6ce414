"""What the exact zero test proves: one row for each law of each kind of generator."""

import pytest

from derive.tree import Relation
from derive.write.text import text
from tests.verify.statements import verdict

RATIONAL = [
    (r"(x+y)^2", "x^2+2xy+y^2"),
    (r"\frac{1}{x}+\frac{1}{y}", r"\frac{x+y}{xy}"),
    (r"\frac{a}{b}\cdot\frac{c}{d}", r"\frac{ac}{bd}"),
    (r"\frac{\frac{1}{a}+\frac{1}{b}}{\frac{1}{a}-\frac{1}{b}}", r"\frac{b+a}{b-a}"),
    (r".25 x + 0.75 x", "x"),
    (r"\frac{x^2-1}{x-1}", "x+1"),
]
EXPONENTIAL = [
    (r"e^{x/2} e^{x/3}", r"e^{5x/6}"),
    (r"e^{-\frac{(x-y)^2}{2}}", r"e^{-x^2/2} e^{xy} e^{-y^2/2}"),
    (r"\frac{e^{x+c}}{e^{x+c}+e^{y+c}}", r"\frac{e^x}{e^x+e^y}"),
    (r"2^x \cdot 2^y", r"2^{x+y}"),
    (r"4^x", r"2^{2x}"),
    (r"e^{x/(x+1)}", r"e \cdot e^{-1/(x+1)}"),
    (r"\sigma(-x)", r"1-\sigma(x)"),
    (r"\tanh(x)", r"2\sigma(2x)-1"),
    (r"\cosh^2(x)-\sinh^2(x)", "1"),
    (r"\operatorname{GELUtanh}(x)", r"x\sigma(2\sqrt{\frac{2}{\pi}}(x+0.044715x^3))"),
]
LOGARITHM = [
    (r"\log(e^x e^y)", "x+y"),
    (r"\log(e^x)", "x"),
    (r"e^{\log(x)}", "x"),
    (r"\log(\frac{x}{y})", r"\log(x)-\log(y)"),
    (r".25\log(.5)+.75\log(3/2)", r"\frac{3}{4}\log(3)-\log(2)"),
    (r"\log_2(x)", r"\frac{\log(x)}{\log(2)}"),
    (r"\log\frac{\sigma(x)}{1-\sigma(x)}", "x"),
    (r"m+\log(e^{a-m}+e^{b-m})", r"\log(e^a+e^b)"),
    (r"\log(1+e^x)-\log(1+e^{-x})", "x"),
    (r"\log(x^2-1)", r"\log(x-1)+\log(x+1)"),
    (r"\log(x^2)", r"2\log(x)"),
]
ROOT = [
    (r"\sqrt{12}", r"2\sqrt{3}"),
    (r"\sqrt{2}\sqrt{3}", r"\sqrt{6}"),
    (r"\frac{1}{\sqrt2}", r"\frac{\sqrt2}{2}"),
    (r"\frac{1}{\sqrt{x}-1}", r"\frac{\sqrt{x}+1}{x-1}"),
    (r"x^{1/2} x^{1/3}", r"x^{5/6}"),
    (r"\sqrt{xy}", r"\sqrt{x}\sqrt{y}"),
    (r"\sqrt{\frac{x}{y}}", r"\frac{\sqrt{xy}}{|y|}"),
    (r"\sqrt{x^2}", "|x|"),
    (r"\sqrt{x^2 y^2}", "|x| |y|"),
    (r"\sqrt[3]{-8}", "-2"),
    (r"(\sqrt[3]{x})^3", "x"),
    (r"\log(\sqrt{2}+1)", r"-\log(\sqrt{2}-1)"),
    (r"\operatorname{arsinh}(-x)", r"-\operatorname{arsinh}(x)"),
]
TRIGONOMETRIC = [
    (r"\cos(2x)", r"1-2\sin(x)^2"),
    (r"\sin(3x)", r"3\sin(x)-4\sin^3(x)"),
    (r"\cos(x+y)", r"\cos(x)\cos(y)-\sin(x)\sin(y)"),
    (r"\sin(\frac{x}{2})^2", r"\frac{1-\cos(x)}{2}"),
    (r"\tan^2(x)+1", r"\frac{1}{\cos^2(x)}"),
    (r"\sin(\frac{\pi}{3})", r"\frac{\sqrt{3}}{2}"),
    (r"\cos(x+\pi)", r"-\cos(x)"),
    (r"\sin(\arcsin(x))", "x"),
    (r"\cos(\arctan(x))", r"\frac{1}{\sqrt{1+x^2}}"),
    (r"\arctan(-x)+\arctan(x)", "0"),
    (r"\arcsin(1)", r"\frac{\pi}{2}"),
    (r"\arctan(-\sqrt{3})", r"-\frac{\pi}{3}"),
    (r"\Phi(x)+\Phi(-x)", "1"),
]
CASES = [
    (r"\max(0,x)", r"\frac{x+|x|}{2}"),
    (r"\max(0,x)+\max(0,-x)", "|x|"),
    (r"\max(0,x-5)+\max(0,5-x)", "|x-5|"),
    (r"\operatorname{LeakyReLU}(x)", r"\max(x,\frac{x}{100})"),
    (r"|x|^2", "x^2"),
    (r"|xy|", "|x||y|"),
    (r"\operatorname{sign}(x)|x|", "x"),
    (r"\sqrt{1-\sin^2(x)}", r"|\cos(x)|"),
    (r"\min(x,y)+\max(x,y)", "x+y"),
    (r"|x-1|+|x+1|", r"\begin{cases}-2x&x<-1\\2&-1\le x\le 1\\2x&x>1\end{cases}"),
]
LINEAR = [
    (r"\det\begin{bmatrix}2&-2\\2+e&2\end{bmatrix}", "8+2e"),
    (r"\begin{bmatrix}a&b\\c&d\end{bmatrix}^{-1}", r"\frac{1}{ad-bc}\begin{bmatrix}d&-b\\-c&a\end{bmatrix}"),
    (r"\begin{bmatrix}1&2\\3&4\end{bmatrix}^T", r"\begin{bmatrix}1&3\\2&4\end{bmatrix}"),
    (r"\det\begin{bmatrix}\cos(x)&-r\sin(x)\\\sin(x)&r\cos(x)\end{bmatrix}", "r"),
    (r"\operatorname{rank}\begin{bmatrix}1&2\\2&4\end{bmatrix}", "1"),
    (r"(1,9)-1\cdot(31,3)", "(-30,6)"),
    (r"\begin{bmatrix}1&2\\3&4\end{bmatrix}\begin{bmatrix}x\\y\end{bmatrix}", "(x+2y,3x+4y)"),
    (r"\det\begin{bmatrix}1&x&x^2\\1&y&y^2\\1&z&z^2\end{bmatrix}", "(y-x)(z-x)(z-y)"),
]
SUMS = [
    (r"\sum_{i=1}^4 i^2", "30"),
    (r"\sum_{i=1}^n(x_i-m)^2", r"\sum_{i=1}^n x_i^2-2m\sum_{i=1}^n x_i+n m^2"),
    (r"\sum_{i=1}^n\sum_{j=1}^n x_i x_j", r"(\sum_{i=1}^n x_i)^2"),
    (r"\sum_{i=1}^n x_i", r"\sum_{k=1}^n x_k"),
    (r"\prod_{i=1}^n e^{-x_i}", r"e^{-\sum_{i=1}^n x_i}"),
    (r"\frac{\partial}{\partial m}\sum_{i=1}^n(x_i-m)^2", r"-2\sum_{i=1}^n(x_i-m)"),
    (r"\int_0^1 (x^2+e^{x})\,dx", r"\int_0^1 x^2\,dx+\int_0^1 e^u\,du"),
    (r"\int 2x\,dx", "x^2"),
    (r"\int x e^x\,dx", "x e^x-e^x"),
]
LIMITS = [
    (r"\lim_{x\to 0}\frac{\sin(x)}{x}", "1"),
    (r"\lim_{x\to 1}\frac{x^2-1}{x-1}", "2"),
    (r"\lim_{x\to\infty}\frac{2x+1}{x}", "2"),
]


@pytest.mark.parametrize(
    ("before", "after"),
    RATIONAL + EXPONENTIAL + LOGARITHM + ROOT + TRIGONOMETRIC + CASES + LINEAR + SUMS + LIMITS,
)
def test_proved(before, after):
    found = verdict(before, "=", after)
    assert found.status == "proved", found


@pytest.mark.parametrize(
    ("before", "after", "domains"),
    [
        (r"\sqrt{x^2}", "x", "x: positive"),
        (r"\max(x,ax)", r"\begin{cases}x&x>0\\ax&x\leq 0\end{cases}", "a: (0, 1)"),
        (r"\max(0,wx)", r"w\max(0,x)", "w: positive"),
        (r"x^{n+1}", r"x\cdot x^n", "n: integer"),
        (r"(-1)^{2n}", "1", "n: integer"),
        (r"(-1)^{2n+1}", "-1", "n: integer"),
        (r"(-x)^{2n}", "x^{2n}", "n: integer"),
        (r"\log(a^3b^2)", r"3\log(a)+2\log(b)", "a: positive; b: positive"),
        (r"|x-2|", "2-x", "x: (0, 1)"),
        (r"\log\prod_{i=1}^n x_i", r"\sum_{i=1}^n\log(x_i)", "x: positive"),
    ],
)
def test_proved_in_the_declared_domain(before, after, domains):
    found = verdict(before, "=", after, domains)
    assert found.status == "proved", found
    assert not found.condition


def test_identical_trees_are_proved_without_reading_them():
    assert verdict("9^{99}", "=", "9^{99}").method == "identical"


@pytest.mark.parametrize(
    ("before", "after", "conditions"),
    [
        (r"\log(x^2)", r"2\log(x)", ("x > 0",)),
        (r"\frac{x}{x}", "1", ("x ≠ 0",)),
        (r"\frac{x^2-1}{x-1}", "x+1", ("x - 1 ≠ 0",)),
        (r"\log(\frac{x}{y})", r"\log(x)-\log(y)", ("x > 0", "y > 0")),
        (r"\sqrt{xy}", r"\sqrt{x}\sqrt{y}", ("x ≥ 0", "y ≥ 0")),
        (r"\sin(\arcsin(x))", "x", ("1 - x² ≥ 0",)),
        (r"\frac{d}{dx}\sqrt{x}", r"\frac{1}{2\sqrt{x}}", ()),
        (r"\frac{1}{x}+\frac{1}{y}", r"\frac{x+y}{xy}", ()),
        (r"\frac{d}{dx}\operatorname{arsinh}(x)", r"\frac{1}{\sqrt{1+x^2}}", ()),
        (r"\log(e^x+1)", r"x+\log(1+e^{-x})", ()),
    ],
)
def test_conditions_are_what_only_one_side_needs(before, after, conditions):
    found = verdict(before, "=", after)
    assert found.status == "proved"
    assert found.condition == conditions
    for condition in found.condition:
        (formula,) = condition.prose
        assert isinstance(formula, Relation)
        assert text(formula) == condition


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        (r"\lim_{x\to\infty}\sigma(x)", "1"),
        (r"\lim_{x\to-\infty}\sigma(x)", "0"),
        (r"\lim_{x\to\infty}x^5e^{-x}", "0"),
        (r"\lim_{x\to\infty}\frac{e^{2x}+e^x}{3e^{2x}+x}", r"\frac{1}{3}"),
        (r"\lim_{x\to 0^+}x\log(x)", "0"),
        (r"\lim_{x\to\infty}\frac{\log(x)}{x}", "0"),
        (r"\lim_{x\to 0^+}x^x", "1"),
        (r"\lim_{x\to 0}\frac{1-\cos(x)}{x^2}", r"\frac{1}{2}"),
        (r"\lim_{x\to 0^-}\frac{|x|}{x}", "-1"),
        (r"\lim_{h\to 0}\frac{(x+h)^2-x^2}{h}", "2x"),
        (r"\lim_{n\to\infty}(1+\frac{x}{n})^n", "e^x"),
        (r"\lim_{x\to 0}(1+x)^{1/x}", "e"),
        (r"\lim_{x\to\infty}[\log(1+e^x)-x]", "0"),
        (r"\lim_{x\to\infty}[\log(3e^{2x}+e^x)-2x]", r"\log(3)"),
        (r"\lim_{x\to\infty}\frac{\log(1+e^x)}{x}", "1"),
        (r"\lim_{x\to-\infty}\arctan(x)", r"-\frac{\pi}{2}"),
        (r"\lim_{x\to-\infty}\operatorname{GELU}(x)", "0"),
        (r"\lim_{x\to\infty}\frac{1}{1+e^{-x}}", r"\lim_{t\to 0^+}\frac{1}{1+t}"),
        (r"\lim_{x\to\infty}e^x", r"\infty"),
        (r"\lim_{x\to 0^+}\log(x)", r"-\infty"),
        (r"\lim_{x\to 0^-}\frac{1}{x}", r"-\infty"),
        (r"\lim_{x\to 0^+}\frac{1}{x}", r"\infty"),
        (r"\lim_{x\to 0}\frac{1}{x^2}", r"\infty"),
        (r"\lim_{x\to 0}\frac{1}{|x|}", r"\infty"),
        (r"\lim_{x\to 0}\frac{1}{\sqrt{x}}", r"\infty"),  # it has values on one side only
        (r"\lim_{x\to 0}\frac{\sqrt{x}}{x}", r"\infty"),
        (r"\lim_{x\to 0}\log|x|", r"-\infty"),
        (r"\lim_{x\to\infty}\sqrt{x}", r"\infty"),
        (r"\lim_{x\to 2^-}\frac{x}{x-2}", r"-\infty"),
        (r"\lim_{x\to 0^+}\frac{\sqrt{x}-x}{x^2}", r"\infty"),
        (r"\lim_{x\to\infty}e^{-\sqrt{x}}", "0"),
        (r"\lim_{x\to\infty}[\sqrt{x+1}-\sqrt{x}]", "0"),
        (r"\lim_{x\to 0}|x|", "0"),
        (r"\lim_{x\to 0}x\arctan(1/x)", "0"),
        (r"\lim_{x\to 0}\frac{x}{1+e^{1/x}}", "0"),
        (r"\lim_{x\to 0^-}\lfloor x\rfloor", "-1"),
        (r"\lim_{x\to 0^+}\lceil x\rceil", "1"),
        (r"\lim_{x\to 0}\lfloor-x^2\rfloor", "-1"),
        (r"\lim_{x\to 1}\lfloor\frac{x}{2}\rfloor", "0"),
        (r"\lim_{t\to 0}\int_0^1\cos(tx^3)dx", "1"),
    ],
)
def test_limits_are_exact(limit, value):
    found = verdict(limit, "=", value)
    assert found.status == "proved", found


@pytest.mark.parametrize(
    ("limit", "value", "status"),
    [
        (r"\lim_{x\to\infty}\frac{1}{x(2+\sin(x))}", "0", "undecided"),  # it is 0: waves are not judged by values
        (r"\lim_{x\to\infty}e^x[\log(1+e^x)-x]", "1", "undecided"),
        (r"\lim_{x\to 0}\frac{(1+x)^{1/x}-e}{x}", "0", "undecided"),
        (r"\lim_{x\to\infty}[\log(1+e^x)-x]", "1", "refuted"),
        (r"\lim_{n\to\infty}(1+\frac{x}{n})^{2n}", "e^x", "refuted"),
        (r"\lim_{x\to 0}\frac{|x|}{x}", "1", "refuted"),  # the limits from both sides differ
        (r"\lim_{x\to 0}\frac{|x|}{x}", "0", "refuted"),
        (r"\lim_{x\to 0}\frac{1}{1+e^{1/x}}", "0", "refuted"),
        (r"\lim_{x\to 0}\frac{\sqrt{x^2+x^4}}{x}", "1", "refuted"),
        (r"\lim_{x\to 0}\lfloor x\rfloor", "0", "refuted"),
        (r"\lim_{x\to 0^-}\lfloor x\rfloor", "0", "refuted"),
        (r"\lim_{x\to 0^+}\lceil x\rceil", "0", "refuted"),
        (r"\lim_{x\to a}\lfloor x\rfloor", r"\lfloor a\rfloor", "undecided"),
        (r"\lim_{h\to 0}\frac{\log(x+h)-\log(x)}{h}", r"\frac{1}{|x|}", "proved"),  # it has values where x > 0 only
        (r"\lim_{h\to 0}\frac{\log|x+h|-\log|x|}{h}", r"\frac{1}{|x|}", "refuted"),
        (r"\lim_{h\to 0}\frac{\log(x+h)-\log(x)}{h}", r"\frac{2}{x}", "refuted"),
        (r"\lim_{x\to 0}\frac{1}{x}", r"\infty", "refuted"),
        (r"\lim_{x\to 0}\frac{1}{x^2}", r"-\infty", "refuted"),
        (r"\lim_{x\to 0}e^{1/x}", r"\infty", "refuted"),
        (r"\lim_{x\to 2^-}\frac{x}{x-2}", r"\infty", "refuted"),
        (r"\lim_{x\to 0}\frac{\log|x|}{x}", r"\infty", "refuted"),
        (r"\lim_{a\to 0^+}\int_{-\infty}^\infty\frac{a}{(a^2+x^2)(1+x^4)}dx", "0", "undecided"),  # it is pi
        (r"\lim_{n\to\infty}\int_0^1\frac{n}{1+n^2x^2+x^4}dx", "0", "undecided"),  # it is pi/2
        (r"\lim_{a\to 0^+}a\int_a^1\frac{\cos(x)}{x^3}dx", "0", "undecided"),  # it is infinite
        (r"\lim_{a\to 0^+}a\sum_{k=1}^\infty\frac{1}{k^{1+a}}", "0", "undecided"),  # it is 1
        (r"\lim_{x\to\infty}\sigma(x)", "0", "refuted"),
        (r"\lim_{x\to\infty}\frac{e^x}{x}", r"-\infty", "refuted"),
        (r"\lim_{x\to-\infty}e^x", r"-\infty", "refuted"),
        (r"\lim_{x\to\infty}e^{-x}", r"\infty", "refuted"),
        (r"\lim_{x\to 0^+}x\log(x)", r"-\infty", "refuted"),
        (r"\lim_{x\to\infty}e^x", "0", "refuted"),
        (r"\lim_{x\to 0^+}\log(x)", "0", "refuted"),
        (r"\lim_{x\to\infty}\sin(x)", r"\infty", "undecided"),
        (r"\lim_{x\to\infty}\frac{1-\operatorname{erf}(x)}{1-\operatorname{erf}(2x)}", "1", "undecided"),
    ],
)
def test_other_limits_are_honest(limit, value, status):
    assert verdict(limit, "=", value).status == status


@pytest.mark.parametrize(
    ("limit", "value", "domains", "status"),
    [
        (r"\lim_{x\to 0}\frac{1}{x}", r"\infty", "x: positive", "proved"),  # from the only side there is
        (r"\lim_{p\to 1}\frac{1}{1-p}", r"\infty", "p: (0, 1)", "proved"),
        (r"\lim_{x\to 0}\frac{1}{x}", r"\infty", "x: nonzero", "refuted"),
        (r"\lim_{x\to 1}\frac{1}{1-x}", r"\infty", "x: positive", "refuted"),  # 1 is within the domain
        (r"\lim_{x\to\infty}ax", r"\infty", "a: positive", "proved"),
        (r"\lim_{x\to\infty}ax", r"\infty", "", "undecided"),
        (r"\lim_{x\to\infty}x^a", r"\infty", "a: positive", "proved"),
        (r"\lim_{x\to\infty}x^a", "0", "a: positive", "refuted"),
        (r"\lim_{x\to\infty}\frac{\log(x)}{x^a}", "0", "a: positive", "proved"),
        (r"\lim_{x\to\infty}\frac{x^a}{1+x^a}", "1", "a: positive", "proved"),
        (r"\lim_{x\to\infty}\frac{x^a}{1+x^a}", "1", "a: negative", "refuted"),
        (r"\lim_{q\to 0^+}p\log\frac{p}{q}", r"\infty", "p: positive", "proved"),
        (r"\lim_{q\to 0^+}p\log\frac{p}{q}", r"-\infty", "p: positive", "refuted"),
        (r"\lim_{t\to\infty}(1-a)^t", "0", "a: (0, 1)", "proved"),
        (r"\lim_{t\to\infty}(1-a)^t", r"\infty", "a: (0, 1)", "refuted"),
    ],
)
def test_limits_depend_on_the_domain(limit, value, domains, status):
    assert verdict(limit, "=", value, domains).status == status


@pytest.mark.parametrize(
    ("limit", "value", "domains", "condition"),
    [
        (r"\lim_{n\to\infty}e^{-na^2}", "0", "", ("a ≠ 0",)),
        (r"\lim_{n\to\infty}e^{-na^2}", "0", "a: nonzero", ()),
        (r"\lim_{x\to 0}\frac{x}{a+x}", "0", "", ("a ≠ 0",)),
        (r"\lim_{x\to 0}\frac{x}{a+x}", "0", "a: positive", ()),
        (r"\lim_{x\to\infty}\frac{1}{1+ae^x}", "0", "a: nonnegative", ("a ≠ 0",)),
        (r"\lim_{x\to\infty}\arctan(ax)", r"\frac{\pi}{2}", "a: nonnegative", ("a ≠ 0",)),
        (r"\lim_{x\to\infty}\frac{x}{ax+1}", r"\frac{1}{a}", "", ("a ≠ 0",)),
        (r"\lim_{h\to 0}\frac{(x+h)^2-x^2}{h}", "2x", "", ()),
        (r"\lim_{x\to\infty}a^2x", r"\infty", "a: nonzero", ()),
    ],
)
def test_limits_that_are_others_for_a_value_of_a_letter_say_so(limit, value, domains, condition):
    found = verdict(limit, "=", value, domains)
    assert (found.status, tuple(map(str, found.condition))) == ("proved", condition)


@pytest.mark.parametrize("domains", ["", "a: nonnegative"])
def test_an_infinite_limit_that_is_none_for_a_value_of_a_letter_is_not_proved(domains):
    assert verdict(r"\lim_{x\to\infty}a^2x", "=", r"\infty", domains).status == "undecided"
