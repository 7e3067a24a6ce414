"""Computational graphs: the sheet's question, all derivatives against differences, paths, both modes, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.api import solve_problem
from derive.errors import DeriveError, LimitError, MathError
from derive.kinds import computational_graph
from derive.numeric.evaluate import compile as compiled
from derive.read.latex import read
from derive.read.problems import make
from derive.steps import Chain, Figure, Status, Table
from derive.tree import E, Number, Symbol, size, substitute
from derive.verify import equal
from derive.write.text import text

SHEET = {"nodes": ["c = a + b", "d = b + 1", "e = c d"], "values": {"a": 2, "b": 1}}
STEP = 1e-5


def solved(**given):
    return solve_problem(make("computational-graph", {"figure": False, **given}))


def quick(**given):
    """Without the verifier."""
    return computational_graph.solve(make("computational-graph", {"figure": False, **given}))


def value(derivation, name):
    return text(next(r.value for r in derivation.results if r.name == name))


def number(derivation, start):
    """The number of the result whose name begins so, with nothing rounded where it is known so."""
    found = next(r for r in derivation.results if r.name.startswith(start))
    return float(found.number if found.number is not None else compiled(found.value, ())())


def chains(derivation, left):
    return [c for c in derivation.parts if isinstance(c, Chain)
            and text(c.left if c.left is not None else c.steps[0].before) == left]


# --- the sheet ---------------------------------------------------------------------------------------


def test_the_sheet_question():
    derivation = solved(**SHEET)
    expected = {
        "c": "3", "d": "2", "e": "6", "dc/da on the edge": "1", "dc/db on the edge": "1", "dd/db on the edge": "1",
        "de/dc on the edge": "2", "de/dd on the edge": "3", "de/da": "b + 1", "de/da in stored values": "d",
        "de/da at (2, 1)": "2", "de/db in stored values": "d + c", "de/db at (2, 1)": "5",
    }
    assert {name: value(derivation, name) for name in expected} == expected
    assert equal(next(r.value for r in derivation.results if r.name == "de/db"), read("a + 2b + 1"),
                 derivation.context).status is Status.PROVED
    assert derivation.status() is Status.PROVED


def test_the_fan_out_is_a_sum_over_users_and_over_paths():
    derivation = solved(**SHEET)
    sweep, by_paths, at_once = chains(derivation, "∂e/∂b")
    assert [text(s.after) for s in sweep.steps[:2]] == [
        "(∂e/∂c)·(∂c/∂b) + (∂e/∂d)·(∂d/∂b)", "d·1 + c·1",
    ]  # fmt: skip
    assert [text(s.after) for s in by_paths.steps[1:]] == ["2·1 + 3·1", "2 + 3", "5"]
    assert text(at_once.steps[-1].after) == "2b + 1 + a"
    paths = [p for p in derivation.parts if isinstance(p, Table)][1]
    assert [[text(cell[0]) for cell in row[1:]] for row in paths.rows] == [
        ["a → c → e", "d·1", "2"], ["b → c → e", "d·1", "2"], ["b → d → e", "c·1", "3"],
    ]  # fmt: skip


def test_e_is_a_node_where_it_is_one_and_a_number_elsewhere():
    assert Symbol("e") in {r.label for r in solved(**SHEET).results}
    derivation = quick(nodes=["g = e a", "h = g + 1"])
    assert value(derivation, "dh/da") == "e"
    assert E in {r.value for r in derivation.results}


def test_the_order_in_which_nodes_are_given_does_not_matter():
    turned = quick(nodes=["e = c d", "d = b + 1", "c = a + b"], values=SHEET["values"])
    assert number(turned, "de/db at") == 5 and number(turned, "de/da at") == 2


# --- against differences -------------------------------------------------------------------------------

GRAPHS = [
    (["z = w x + b", r"h = \sigma(z)", r"E = \frac{1}{2} (h - y)^2"], {"w": "0.5", "x": "1.5", "b": "0.1", "y": 1}),
    (["z = w x", r"h = \tanh(z)", "r = x + h", r"L = (r - t)^2"], {"w": 2, "x": "0.5", "t": 1}),
    (["q = x + y", "f = q z"], {"x": -2, "y": 5, "z": -4}),
    (["c = a b", "d = c + a", "f = c d"], {"a": "1/2", "b": 3}),
    (["u = e^{x}", r"v = \sqrt{u + 1}", r"f = \frac{v}{u}"], {"x": "0.3"}),
    (["z_1 = w_1 x", "z_2 = w_2 x", r"h_1 = \operatorname{ReLU}(z_1)", r"h_2 = \operatorname{ReLU}(z_2)",
      "s = h_1 - h_2", "f = s^2"], {"x": 2, "w_1": "0.7", "w_2": "-0.4"}),
]


def by_differences(nodes, values):
    """The derivatives of the last node by each input, by central differences of the nodes' formulas."""
    names = {name: Symbol(*name.split("_")) for name in values}
    point = {names[k]: float(compiled(read(str(v)), ())()) for k, v in values.items()}

    def output(at):
        known = dict(at)
        for node in nodes:
            name, body = read(node).sides
            known[name] = float(compiled(body, list(known))(*known.values()))
        return known[name]

    return {k: (output({**point, s: point[s] + STEP}) - output({**point, s: point[s] - STEP})) / (2 * STEP)
            for k, s in names.items()}


@pytest.mark.parametrize(("nodes", "values"), GRAPHS, ids=lambda v: v[0] if isinstance(v, list) else "")
@pytest.mark.parametrize("given", [{"mode": "reverse", "check": False}, {"notation": "bar"}, {"mode": "forward"}])
def test_the_derivatives_are_those_of_differences_and_every_step_is_proved(nodes, values, given):
    if given == {"notation": "bar"} and len(nodes) > 4:
        given = {**given, "paths": False, "check": False}
    derivation = solved(nodes=nodes, values=values, **given)
    assert derivation.status() is Status.PROVED
    output = nodes[-1].split(" ")[0]
    for name, slope in by_differences(nodes, values).items():
        assert number(derivation, f"d{output}/d{name} at") == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_what_is_rounded_says_so_and_is_near_the_unrounded_result():
    derivation = quick(nodes=GRAPHS[0][0], values=GRAPHS[0][1])
    found = next(r for r in derivation.results if r.name.startswith("dE/dw at"))
    shown = float(compiled(found.value, ())())
    assert shown != found.number and shown == pytest.approx(found.number, rel=1e-5)
    assert any("rounded to six significant digits" in str(p) for p in derivation.parts)


# --- letters -------------------------------------------------------------------------------------------


def test_derivatives_are_written_in_stored_values():
    derivation = solved(nodes=GRAPHS[0][0], by=["w", "b"])
    assert value(derivation, "dE/dw") == "h x (h - y) (1 - h)"
    assert value(derivation, "dh/dz on the edge") == "h·(1 - h)"
    assert not any("σ" in text(r.value) for r in derivation.results)
    assert derivation.status() is Status.PROVED


def test_cross_entropy_behind_a_sigmoid_gives_the_difference():
    nodes = ["z = w x", r"p = \sigma(z)", r"L = -y \log(p) - (1 - y) \log(1 - p)"]
    assert value(quick(nodes=nodes, by=["z", "w"], paths=False, check=False), "dL/dz") == "p - y"


def test_a_name_that_reaches_a_node_in_two_ways_gets_bars():
    nodes = ["c = a b", "d = c + 1", "f = c d"]
    derivation = solved(nodes=nodes, values={"a": 2, "b": 3})
    assert {text(c.left) for c in chains(derivation, "c̄")} == {"c̄"}
    assert value(derivation, "df/dc at (2, 3)") == "13"  # 2 c + 1
    assert value(derivation, "df/dc on the edge") == "7"  # d alone
    assert derivation.status() is Status.PROVED
    assert solved(nodes=nodes, notation="derivative").status() is Status.PROVED


def test_one_expression_is_split():
    derivation = solved(expression=r"f(x, y) = \ln(x) + x y - \sin(y)", values={"x": 2, "y": 5}, mode="both")
    assert value(derivation, "df/dx at (2, 5)") == "11/2"
    assert number(derivation, "df/dy at") == pytest.approx(2 - np.cos(5))
    assert [text(q[0]) for q in derivation.given[:4]] == [
        "v₁ = ln(x)", "v₂ = x y", "v₃ = sin(y)", "f = v₁ + v₂ - v₃",
    ]  # fmt: skip


def test_only_what_is_asked_for_is_differentiated():
    derivation = quick(**GRAPH_OF_THREE, by=["b"])
    assert not any(r.name.startswith("dc/da") for r in derivation.results)
    assert value(derivation, "df/db at (1, 2)") == "4"


GRAPH_OF_THREE = {"nodes": ["c = a^2", "d = b^2", "f = c + d"], "values": {"a": 1, "b": 2}}


def test_a_node_that_does_not_lead_to_the_output_is_left_out():
    derivation = quick(nodes=["c = a b", "s = a + 1"], output="c")
    assert "s" not in {r.name for r in derivation.results} and value(derivation, "dc/da") == "b"


# --- size ----------------------------------------------------------------------------------------------


def _chain(depth):
    nodes = []
    for k in range(1, depth + 1):
        below = "x" if k == 1 else f"h_{{{k - 1}}}"
        nodes += [f"z_{{{k}}} = w_{{{k}}} {below}", rf"h_{{{k}}} = \sigma(z_{{{k}}})"]
    return {"nodes": nodes, "by": ["w_1"], "paths": False}


def test_a_deep_network_is_never_expanded():
    largest, lines = [], []
    for depth in (9, 18):
        derivation = quick(**_chain(depth))
        steps = list(derivation.all_steps())
        assert value(derivation, f"dh_{depth}/dw_1") == "z̄₁ x"
        largest.append(max(size(s.after) for s in steps))
        lines.append(len(steps))
    assert largest[0] == largest[1] < 30
    assert lines[1] < 2.2 * lines[0]


def test_a_deep_network_with_numbers_is_checked_by_differences():
    given = _chain(4)
    values = {"x": 1, **{f"w_{k}": "0.5" for k in range(1, 5)}}
    (table,) = [p for p in quick(**given, values=values).parts if isinstance(p, Table) and len(p.header) == 3][1:]
    (row,) = table.rows
    sweep, difference = (float(compiled(cell[0], ())()) for cell in row[1:])
    assert sweep == pytest.approx(difference, rel=1e-4) and sweep > 0


def test_too_many_paths_are_counted_and_not_listed():
    stages = ((f"y_{k} = 2 x_{k}", f"x_{k + 1} = x_{k} + y_{k}") for k in range(7))
    derivation = quick(nodes=[line for stage in stages for line in stage], values={"x_0": 1})
    assert any("more than 64 paths" in str(p) for p in derivation.parts)
    assert number(derivation, "dx_7/dx_0 at") == 3**7


# --- laws ----------------------------------------------------------------------------------------------


@st.composite
def _graphs(draw):
    """Polynomial graphs: each node a sum or a product of two names before it."""
    names, nodes = ["a", "b"], []
    for k in range(1, draw(st.integers(2, 6)) + 1):
        first, second = draw(st.sampled_from(names)), draw(st.sampled_from(names))
        sign = draw(st.sampled_from([" + ", " ", " - 2 "]))
        nodes.append(f"v_{k} = {first}{sign}{second}")
        names.append(f"v_{k}")
    return nodes


@settings(max_examples=25)
@given(_graphs(), st.integers(-3, 3), st.integers(-3, 3))
def test_reverse_and_forward_mode_agree_and_are_exact(nodes, a, b):
    formulas = {}
    for node in nodes:
        name, body = read(node).sides
        formulas[name] = substitute(body, formulas)
    inputs = {str(s.name) for node in nodes for s in (Symbol("a"), Symbol("b")) if s.name in node.split("=")[1]}
    last = read(nodes[-1]).sides[0]
    used = [n for n in ("a", "b") if n in inputs and Symbol(n) in _letters(formulas[last])]
    if not used:
        return
    values = {n: v for n, v in (("a", a), ("b", b)) if n in used}
    passes = [quick(nodes=nodes, values=values, mode=mode, paths=False, check=False) for mode in ("reverse", "forward")]
    for name in used:
        found = [number(p, f"d{last.plain}/d{name} at") for p in passes]
        assert found[0] == found[1]
        at = {Symbol(n): v for n, v in values.items()}
        other = {s: v for s, v in at.items() if s != Symbol(name)}
        polynomial = compiled(formulas[last], [Symbol(name), *other])
        high, low = (float(polynomial(at[Symbol(name)] + h, *other.values())) for h in (1e-4, -1e-4))
        assert found[0] == pytest.approx((high - low) / 2e-4, rel=1e-4, abs=1e-4)


def _letters(node):
    from derive.tree import free_symbols

    return free_symbols(node)


# --- the figure ----------------------------------------------------------------------------------------


def test_the_figure_has_every_node_and_edge():
    derivation = solve_problem(make("computational-graph", SHEET))
    (figure,) = [p for p in derivation.parts if isinstance(p, Figure)]
    assert [(text(n["name"]), text(n["value"]), text(n["adjoint"])) for n in figure.data["nodes"]] == [
        ("a", "2", "2"), ("b", "1", "5"), ("c", "3", "2"), ("d", "2", "3"), ("e", "6", "1"),
    ]  # fmt: skip
    assert [text(e["label"]) for e in figure.data["edges"]] == ["1", "1", "1", "2", "3"]
    assert "b = 1, derivative of e by it 5" in figure.alt


# --- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({}, DeriveError, "either by its nodes or by one expression"),
        ({"nodes": ["c = a"], "expression": "f(x) = x"}, DeriveError, "either by its nodes or by one expression"),
        ({"nodes": ["c = d + 1", "d = c + 1"]}, DeriveError, "cycle: c → d → c"),
        ({"nodes": ["c = a + b", "c = a b"]}, DeriveError, "c is defined twice"),
        ({"nodes": ["a + b"]}, DeriveError, "is no node: it has no name"),
        ({"nodes": ["a b = c"]}, DeriveError, "named by one letter, not by a b"),
        ({"nodes": ["c = 3"]}, DeriveError, "depends on no input"),
        ({"nodes": ["c = a"], "output": "q"}, DeriveError, "output q is no node"),
        ({"nodes": ["c = a"], "output": "a"}, DeriveError, "output a is an input"),
        ({"nodes": ["c = a"], "by": ["q"]}, DeriveError, "does not depend on q"),
        ({"nodes": ["c = a + b"], "values": {"a": 1}}, DeriveError, "no value is given for b"),
        ({"nodes": ["c = a"], "values": {"a": 1, "q": 1}}, DeriveError, "given for q, which is no input"),
        ({"nodes": ["c = a"], "values": {"a": 1, "c": 1}}, DeriveError, "c has a value and a formula"),
        ({"nodes": ["c = a"], "values": {"a": "x"}}, DeriveError, "values: a: expected a number"),
        ({"nodes": ["c = a"], "values": [1]}, DeriveError, "expected a table"),
        ({"nodes": ["e = c a", "c = e^{a}"]}, DeriveError, "e is a node, and a power of e stands in the formula of c"),
        ({"nodes": [r"c = \log(a)"], "values": {"a": -1}}, MathError, r"c = log\(a\) has no value"),
        ({"nodes": [r"h = \operatorname{ReLU}(z)"], "values": {"z": 0}}, MathError, "dh/dz has no value"),
        ({"nodes": [r"h = \lfloor z \rfloor"]}, DeriveError, "no rule differentiates a part of h"),
        ({"nodes": [f"x_{{{k + 1}}} = 2 x_{{{k}}}" for k in range(70)]}, LimitError, "71 nodes is too large"),
    ],
)
def test_what_is_no_graph_is_refused(given, kind, said):
    with pytest.raises(kind, match=said):
        quick(**given)


def test_a_number_is_never_taken_for_a_node():
    assert Number("1") not in {r.label for r in quick(**SHEET).results}
