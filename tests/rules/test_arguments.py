"""The rules of arguments: each does what it says, and each step without its side condition is refuted."""

import pytest

from derive.read.latex import Names, read
from derive.rules.arguments import ARGUMENTS
from derive.steps import Context, Status
from derive.tree import Symbol
from derive.verify import verify_step

DENSITIES = frozenset({"p", "q", "p_sup_star", "hat_p"})
NAMES = Names(labels=True, densities=DENSITIES, functions=DENSITIES | {"H", "h", "g"})
CONTEXT = Context({Symbol("p"): "density", Symbol("q"): "density", Symbol("p", sup="*"): "density",
                   Symbol("p", accent="hat"): "empirical density", Symbol("c"): "negative", Symbol("u"): "positive",
                   Symbol("w"): "probability vector K"})

APPLIED = {
    "increasing function": [
        (r"\arg\max_\theta \prod_{i=1}^n p(x_i | \theta)", r"\arg\max_\theta \log \prod_{i=1}^n p(x_i | \theta)"),
        (r"\arg\min_\theta p(\theta)", r"\arg\min_\theta \log p(\theta)"),
        (r"\arg\min_\theta (\theta^2 - \theta)", r"\arg\min_\theta e^{\theta^2 - \theta}"),
        (r"\arg\max_\theta p(\theta)", r"\arg\max_\theta \sqrt{p(\theta)}"),
        (r"\arg\min_\theta |\theta - a|", r"\arg\min_\theta (\theta - a)^2"),
    ],
    "constant term": [
        (r"\arg\min_\theta (E_{x \sim q}[\log q(x)] - \theta^2)", r"\arg\min_\theta (-\theta^2)"),
        (r"\arg\max_t (f - (t - 1)^2 + c)", r"\arg\max_t (-(t - 1)^2)"),
    ],
    "positive factor": [
        (r"\arg\max_\theta \frac{1}{n} \sum_{i=1}^n p(x_i | \theta)", r"\arg\max_\theta \sum_{i=1}^n p(x_i | \theta)"),
        (r"\arg\max_\theta \frac{p(x | \theta) p(\theta)}{p(x)}", r"\arg\max_\theta p(x | \theta) p(\theta)"),
        (r"\arg\min_t 3 t^2", r"\arg\min_t t^2"),
    ],
    "sign flipped": [
        (r"\arg\min_\theta (-p(\theta))", r"\arg\max_\theta p(\theta)"),
        (r"\arg\max_t (-t^2 - t^4)", r"\arg\min_t (t^2 + t^4)"),
    ],
    "logarithm of a product": [
        (r"\log \prod_{i=1}^n p(x_i)", r"\sum_{i=1}^n \log p(x_i)"),
        (r"\log(p(x) q(x))", r"\log(p(x)) + \log(q(x))"),
    ],
    "logarithm of a quotient": [(r"\log\frac{p(x)}{q(x)}", r"\log(p(x)) - \log(q(x))")],
    "logarithm of a power": [(r"\log(p(x)^y)", r"y \log(p(x))")],
    "linearity": [
        (r"E_{x \sim p}[x^2 - x]", r"E_{x \sim p}[x^2] - E_{x \sim p}[x]"),
        (r"E_{x \sim p}[a x]", r"a E_{x \sim p}[x]"),
        (r"E_{x \sim p}[-x]", r"-E_{x \sim p}[x]"),
        (r"\sum_{i=1}^n (x_i + a)", r"\sum_{i=1}^n x_i + \sum_{i=1}^n a"),
    ],
    "mean of a constant": [(r"E_{x \sim p}[a^2]", "a^2")],
    "definition of the divergence": [
        (r"KL(p \| q)", r"E_{x \sim p}[\log \frac{p(x)}{q(x)}]"),
        (r"KL(p^*(x) \| p(x | \theta))", r"E_{x \sim p^*}[\log \frac{p^*(x)}{p(x | \theta)}]"),
    ],
    "mean over the sample": [
        (r"\frac{1}{n} \sum_{i=1}^n \log q(x_i)", r"E_{x \sim \hat{p}}[\log q(x)]"),
        (r"\frac{1}{m} \sum_{i=1}^m (x^{(i)})^2", r"E_{x \sim \hat{p}}[x^2]"),
    ],
    "ratio turned round": [
        (r"\log\frac{p(x)}{q(x)}", r"-\log\frac{q(x)}{p(x)}"), (r"-\log\frac{p(x)}{q(x)}", r"\log\frac{q(x)}{p(x)}")],
    "logarithm of one": [(r"\log 1", "0")],
    "definition of the entropy": [
        ("H(p)", r"-E_{x \sim p}[\log p(x)]"), ("H(p, q)", r"-E_{x \sim p}[\log q(x)]"),
    ],
    "normalisation": [
        (r"\sum_x p(x)", "1"), (r"\int p(x) dx", "1"), (r"E_{x \sim p}[\frac{q(x)}{p(x)}]", "1"),
    ],
    "mean as a sum": [(r"E_{x \sim p}[x^2]", r"\sum_x p(x) x^2")],
    "mean as an integral": [(r"E_{x \sim p}[x^2]", r"\int p(x) x^2 dx")],
    "Bayes' rule": [(r"p(\theta | x)", r"\frac{p(x | \theta) p(\theta)}{p(x)}")],
    "product rule of probability": [(r"p(x, z)", r"p(z | x) p(x)"), (r"p(x, z)", r"p(x | z) p(z)")],
    "Jensen's inequality": [
        (r"E_{x \sim p}[\log x^2]", r"\log E_{x \sim p}[x^2]"),
        (r"\sum_{k=1}^K w_k \log \frac{1}{w_k}", r"\log \sum_{k=1}^K w_k \frac{1}{w_k}"),
        (r"\frac{1}{n} \sum_{i=1}^n \log u_i", r"\log(\frac{1}{n} \sum_{i=1}^n u_i)"),
        (r"E_{x \sim p}[x^2]", r"E_{x \sim p}[x]^2"),
        (r"E_{x \sim p}[|x|]", r"|E_{x \sim p}[x]|"),
        (r"E_{x \sim p}[e^{-x}]", r"e^{E_{x \sim p}[-x]}"),
    ],
    "logarithm below its tangent": [(r"\log t", "t - 1")],
    "law of large numbers": [
        (r"\frac{1}{n} \sum_{i=1}^n \log q(x_i)", r"E_{x \sim p^*}[\log q(x)]"),
    ],
    "open the bracket": [("a - (b - c)", "a - b + c"), ("a + (b - c)", "a + b - c"), ("-(-a)", "a")],
    "square of a sum": [("(a + b)^2", "a^2 + 2 a b + b^2"), ("(a - b)^2", "a^2 - 2 a b + b^2")],
    "factor zero": [("2 a \\cdot 0", "0")],
    "mean of a deviation": [(r"E_{x \sim p}[x - E_{x \sim p}[x]]", "0")],
    "terms cancel": [("a + b - a", "b")],
    "drop zeros": [("a + 0", "a")],
    "decreasing function": [(r"\arg\min_\theta \frac{1}{p(\theta)}", r"\arg\max_\theta p(\theta)")],
    "negative factor": [(r"\arg\min_\theta c p(\theta)", r"\arg\max_\theta p(\theta)")],
    "interchange": [
        (r"\frac{d}{d\theta} E_{x \sim q}[p(x | \theta)]", r"E_{x \sim q}[\frac{d}{d\theta} p(x | \theta)]"),
        (r"\nabla_\theta \sum_{i=1}^n \log p(x_i | \theta)", r"\sum_{i=1}^n \nabla_\theta \log p(x_i | \theta)"),
        (r"\frac{d}{d\theta} \int p(x | \theta) dx", r"\int \frac{d}{d\theta} p(x | \theta) dx"),
    ],
    "derivative of a logarithm": [
        (r"\frac{d}{d\theta} \log p(x | \theta)", r"\frac{\frac{d}{d\theta} p(x | \theta)}{p(x | \theta)}")],
    "derivative through the logarithm": [
        (r"\frac{d}{d\theta} p(x | \theta)", r"p(x | \theta) \frac{d}{d\theta} \log p(x | \theta)")],
    "constant factor": [
        (r"\frac{d}{d\theta} (p(x | \theta) x^2)", r"x^2 \frac{d}{d\theta} p(x | \theta)")],
    "derivative of a constant": [(r"\frac{d}{d\theta} (a + 1)", "0")],
    "mean of the score": [(r"E_{x \sim p(x | \theta)}[\frac{d}{d\theta} \log p(x | \theta)]", "0")],
    "log-derivative trick": [
        (r"\frac{d}{d\theta} E_{x \sim p(x | \theta)}[x^2]",
         r"E_{x \sim p(x | \theta)}[x^2 \frac{d}{d\theta} \log p(x | \theta)]")],
    "tower rule": [
        ("E[E[x | y]]", "E[x]"),
        (r"E_{y \sim p(y)}[E_{x \sim p(x | y)}[x^2]]", r"E_{x \sim p(x)}[x^2]"),
    ],
    "marginal density": [(r"\sum_y p(x, y)", "p(x)"), (r"\int p(x, y) dx", "p(y)")],
    "change of variable": [
        (r"\int_{-\infty}^{\infty} e^{-(x - a)^2} dx", r"\int_{-\infty}^{\infty} e^{-u^2} du"),
        (r"\int_0^1 \sin(2 x) dx", r"\frac{1}{2} \int_0^2 \sin u \, du"),
        (r"\int_0^2 2 x e^{x^2} dx", r"\int_0^4 e^u du"),
        (r"\int_1^3 \frac{h(\log x)}{x} dx", r"\int_0^{\log(3)} h(u) du"),
        (r"\int_0^1 h(x^3) x^2 dx", r"\int_0^1 \frac13 h(u) du"),
        (r"\int_{-\infty}^{\infty} e^x h(e^x) dx", r"\int_0^{\infty} h(u) du"),
    ],
    "reparametrisation": [
        (r"E_{x \sim N(m, s^2)}[h(x)]", r"E_{u \sim N(0, 1)}[h(m + s u)]"),
        (r"E_{x \sim N(0, 4^2)}[x^2]", r"E_{u \sim N(0, 1)}[(4 u)^2]"),
    ],
    "Lagrange multiplier": [
        (r"(x, y) = \arg\min_{x, y : x + y = 1} (x^2 + y^2)",
         r"\nabla_{x, y, \lambda} (x^2 + y^2 - \lambda (x + y - 1)) = 0"),
        (r"(x, y) = \arg\min_{x, y : x + y = 1} (x^2 + y^2)",
         r"\nabla_{x, y} (x^2 + y^2 + \lambda (x + y - 1)) = 0, x + y = 1"),
        (r"t = \arg\max_{t : t^2 = 4} t^3", r"\frac{\partial}{\partial t} (t^3 - \lambda (t^2 - 4)) = 0, t^2 = 4"),
    ],
    "factors cancel": [(r"p(x) \frac{q(x)}{p(x)}", "q(x)")],
    "sign in front": [(r"a \cdot (-b)", "-a b"), (r"(-a) \cdot (-b)", "a b")],
    "sum of a constant": [(r"\sum_{k=1}^K 1", "K"), (r"\sum_{i=1}^n a", "n a")],
    "Cauchy–Schwarz inequality": [
        (r"(\sum_{i=1}^n a_i b_i)^2", r"(\sum_{i=1}^n a_i^2) (\sum_{i=1}^n b_i^2)")],
    "square": [("(a - b)^2", "0"), (r"E_{x \sim p}[(x - a)^2]", "0")],
}  # fmt: skip

SURE = {Status.PROVED, Status.CHECKED, Status.ASSUMED}
RULES = {name: [rule for rule in ARGUMENTS if rule.name == name] for name in {rule.name for rule in ARGUMENTS}}


def _rows(table):
    return [(name, *row) for name, rows in table.items() for row in rows]


@pytest.mark.parametrize(("name", "before", "after"), _rows(APPLIED), ids=lambda v: v)
def test_a_rule_makes_what_it_says(name, before, after):
    start = read(before, NAMES)
    made = [rule.apply(start) for rule in RULES[name]]
    assert read(after, NAMES) in made


@pytest.mark.parametrize(("name", "before", "after"), _rows(APPLIED), ids=lambda v: v)
def test_what_a_rule_makes_stands_in_its_relation(name, before, after):
    start, end = read(before, NAMES), read(after, NAMES)
    relation = next(rule.relation for rule in RULES[name] if rule.apply(start) == end)
    verdict = verify_step(start, end, relation, CONTEXT)
    assert verdict.status in SURE, verdict


def test_every_rule_has_rows():
    assert {rule.name for rule in ARGUMENTS} - APPLIED.keys() <= {"logarithm of a reciprocal"}


FALSE = [
    ("the logarithm of a sum is no sum", r"\log(p(x) + q(x))", "=", r"\log p(x) + \log q(x)"),
    ("the dropped term holds θ", r"\arg\min_\theta (\theta^2 - 2 \theta)", "=", r"\arg\min_\theta \theta^2"),
    ("the dropped factor is negative", r"\arg\min_\theta (-2 p(\theta))", "=", r"\arg\min_\theta p(\theta)"),
    ("the sign is flipped on one side only", r"\arg\min_\theta (-p(\theta))", "=", r"\arg\min_\theta p(\theta)"),
    ("the function is not increasing", r"\arg\max_\theta \log p(\theta)", "=", r"\arg\max_\theta (\log p(\theta))^2"),
    ("the dropped factor holds θ", r"\arg\max_\theta p(x | \theta) p(\theta)", "=", r"\arg\max_\theta p(x | \theta)"),
    ("a quotient is no product", r"\log\frac{p(x)}{q(x)}", "=", r"\log p(x) + \log q(x)"),
    ("the mean of a product", r"E_{x \sim p}[x \cdot x^2]", "=", r"E_{x \sim p}[x] E_{x \sim p}[x^2]"),
    ("the mean of a logarithm", r"E_{x \sim p}[\log q(x)]", "=", r"\log E_{x \sim p}[q(x)]"),
    ("Jensen's inequality turned round", r"E_{x \sim p}[\log q(x)]", ">=", r"\log E_{x \sim p}[q(x)]"),
    ("the divergence is not symmetric", r"KL(p \| q)", "=", r"KL(q \| p)"),
    ("the divergence has a ratio, not a difference", r"KL(p \| q)", "=", r"E_{x \sim p}[p(x) - q(x)]"),
    ("the mean is under the first density", r"KL(p \| q)", "=", r"E_{x \sim q}[\log\frac{p(x)}{q(x)}]"),
    ("Bayes without the prior", r"p(\theta | x)", "=", r"\frac{p(x | \theta)}{p(x)}"),
    ("the condition is not turned round", r"p(x | z)", "=", r"p(z | x)"),
    ("a joint density is not a product of marginals", r"p(x, z)", "=", r"p(x) p(z)"),
    ("the average tends to another mean", r"\frac1n \sum_{i=1}^n \log q(x_i)", "~=", r"E_{x \sim p}[\log p(x)]"),
    ("the mean of a square", r"E_{x \sim p}[x^2]", "=", r"E_{x \sim p}[x]^2"),
    ("the tangent lies above", r"\log t", ">=", r"t - 1"),
    ("the law depends on θ as well", r"\frac{d}{d\theta} E_{x \sim p(x | \theta)}[x \theta]", "=",
     r"E_{x \sim p(x | \theta)}[x]"),
    ("a negative factor turns the optimum", r"\arg\max_\theta c p(\theta)", "=", r"\arg\max_\theta p(\theta)"),
    ("the square is not increasing", r"\arg\min_\theta (\theta - 1)", "=", r"\arg\min_\theta (\theta - 1)^2"),
    ("one over turns the optimum", r"\arg\min_\theta \frac{1}{p(\theta)}", "=", r"\arg\min_\theta p(\theta)"),
    ("the limits go with the variable", r"\int_0^1 e^{2 x} dx", "=", r"\frac{1}{2} \int_0^1 e^u du"),
    ("du is not dx", r"\int_0^1 e^{2 x} dx", "=", r"\int_0^2 e^u du"),
    ("the inner mean is conditional on y", r"E_{y \sim p(y)}[E_{x \sim p(x | y)}[x y]]", "=",
     r"E_{x \sim p(x)}[x] E_{y \sim p(y)}[y]"),
    ("the sum over a condition is no marginal", r"\sum_y p(x | y)", "=", "p(x)"),
    ("a convex function turns Jensen's inequality", r"E_{x \sim p}[x^2]", "<=", r"E_{x \sim p}[x]^2"),
    ("Cauchy–Schwarz turned round", r"E_{x \sim p}[x q(x)]^2", ">=", r"E_{x \sim p}[x^2] E_{x \sim p}[q(x)^2]"),
    ("a cube may be negative", r"E_{x \sim p}[(x - a)^3]", ">=", "0"),
    ("the sum does not start at one", r"\sum_{k=0}^K 1", "=", "K"),
    ("the constraint is forgotten", r"(x, y) = \arg\min_{x, y : x + y = 1} (x^2 + y^2)", "<=>",
     r"\nabla_{x, y} (x^2 + y^2 - \lambda (x + y - 1)) = 0"),
    ("the multiplier is missing", r"(x, y) = \arg\min_{x, y : x + y = 1} (x^2 + y^2)", "=>",
     r"\nabla_{x, y} (x^2 + y^2) = 0, x + y = 1"),
    ("the constraint is another", r"(x, y) = \arg\min_{x, y : x + y = 1} (x^2 + y^2)", "=>",
     r"\nabla_{x, y, \lambda} (x^2 + y^2 - \lambda (x - y - 1)) = 0"),
    ("du is not dx, for any map", r"\int_0^2 x h(x^2) dx", "=", r"\int_0^4 h(u) du"),
    ("the limits go with any map", r"\int_0^2 2 x h(x^2) dx", "=", r"\int_0^2 h(u) du"),
    ("a decreasing map turns the limits", r"\int_0^1 h(1 - x) dx", "=", r"-\int_0^1 h(u) du"),
    ("a density is divided by the slope of the map", r"\int_{-\infty}^{\infty} h(e^x) g(x) dx", "=",
     r"\int_0^{\infty} h(t) g(\log t) dt"),
    ("the standard deviation is the factor", r"E_{x \sim N(0, u^2)}[h(x)]", "=", r"E_{t \sim N(0, 1)}[h(u^2 t)]"),
    ("a constant is not dropped from the least value", r"\min_t (t^2 + 1)", "=", r"\min_t t^2"),
]


@pytest.mark.parametrize(("why", "before", "relation", "after"), FALSE, ids=lambda v: v)
def test_a_step_without_its_condition_is_refuted(why, before, relation, after):
    verdict = verify_step(read(before, NAMES), read(after, NAMES), relation, CONTEXT)
    assert verdict.status is Status.REFUTED, verdict


NOT_PROVED = [
    ("the limit of the integral depends on θ", r"\frac{d}{d\theta} \int_0^\theta e^{\theta x} dx", "=",
     r"\int_0^\theta x e^{\theta x} dx"),
    ("the score under another density", r"E_{x \sim q}[\frac{d}{d\theta} \log p(x | \theta)]", "=", "0"),
    ("u depends on θ in the log-derivative trick", r"\frac{d}{d\theta} E_{x \sim p(x | \theta)}[x \theta]", "=",
     r"E_{x \sim p(x | \theta)}[x \theta \frac{d}{d\theta} \log p(x | \theta)]"),
]


@pytest.mark.parametrize(("why", "before", "relation", "after"), NOT_PROVED, ids=lambda v: v)
def test_a_step_without_its_condition_is_neither_proved_nor_made_by_a_rule(why, before, relation, after):
    start, end = read(before, NAMES), read(after, NAMES)
    assert verify_step(start, end, relation, CONTEXT).status not in SURE
    assert end not in [rule.apply(start) for rule in ARGUMENTS]
