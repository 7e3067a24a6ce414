r"""What a fit is given: models with parameters, a loss, data, starts and a method; checked, and made into one value.

Called by the fit kind. A model's formula is split into named quantities here: every function of something that holds a
parameter is a hidden quantity h_1, h_2, …, so that the derivatives can be written in stored values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError
from derive.graph import Graph, graph
from derive.kinds._fit_run import Asked, check
from derive.losses import UNIT, Loss, loss_named, written
from derive.numeric import data
from derive.numeric.data import Column
from derive.problem import Field, Problem
from derive.read import fields
from derive.read.columns import read_columns
from derive.read.fields import nearest, parameters, type_name
from derive.steps import Definition
from derive.tree import (
    Call,
    E,
    Node,
    Number,
    Power,
    Relation,
    Symbol,
    children,
    free_symbols,
    map_children,
)
from derive.write.text import text

Array = NDArray[np.float64]

METHODS = ("BFGS", "L-BFGS-B", "CG", "Newton-CG", "TNC", "SLSQP")
"""The methods of ``scipy.optimize.minimize`` that take a gradient and no Hessian."""

FINITE = "finite differences"
ROWS_MOST = 1_000_000
PARAMETERS_MOST = 30

FIELDS = (
    Field("model", "formulas", "the model, or several to compare; the letters that are no data are its parameters",
          required=True, example=r"'\hat{y} = w_2 \sigma(w_1 \sigma(w_0 x))'"),
    Field("names", "any", "names of the models, where there are several", example="['1-layer', '2-layer']"),
    Field("parameters", "symbols", "the parameters in order; all letters that are no data when not given", default=(),
          example="['w_0', 'w_1', 'w_2']"),
    Field("target", "symbol", "the column that is predicted", default=Symbol("y"), example="'y'"),
    Field("loss", "text", "the loss of one point; its mean over the data is minimised", default="squared error",
          example='"squared error"'),
    Field("data", "any", "a table: n, seed, generator and a line for each column; or file, the name of a CSV file",
          required=True, example=r"{n = 1000, seed = 3, x = 'normal', y = '\sigma(x)'}"),
    Field("truth", "formula", "the formula behind the data, for the figure", example=r"'\sigma(x)'"),
    Field("starts", "any", "starts, each a list of numbers, or one number for all parameters; else zeros",
          example="[0, [1, 1, 1]]"),
    Field("random_starts", "integer", "how many more starts are drawn", default=0, most=500, example="20"),
    Field("start_seed", "integer", "the seed of these starts", default=0, most=data.SEED_MOST, example="1"),
    Field("start_reach", "number", "they are drawn evenly from minus this to this", default=Number("3"), example="3"),
    Field("subsample", "integer", "how many rows the drawn starts are tried on; what they find is then refined on all",
          default=5_000, least=1, most=ROWS_MOST, example="5_000"),
    Field("method", "choice", "the method of scipy.optimize.minimize", default="BFGS", choices=METHODS,
          example='"BFGS"'),
    Field("tolerance", "number", "the tolerance handed to the method; its own when not given", example="'10^{-8}'"),
    Field("iterations", "integer", "how many iterations at most; the method's own bound when not given", least=1,
          example="200"),
    Field("options", "any", "further options of the method, a table of numbers", example="{gtol = 1e-10}"),
    Field("compare", "choice", "another way to get the gradient, run from the first start too", choices=(FINITE,),
          example=f'"{FINITE}"'),
    Field("figure", "boolean", "whether to draw fits, courses and loss surface", default=True, example="true"),
)


@dataclass(frozen=True, eq=False)
class Model:
    """A model with named quantities: hidden ones, the prediction, the loss of one point.

    ``body`` is the formula as given; ``loss`` the name of the loss of a point.
    """

    title: str
    name: Symbol
    body: Node
    parameters: tuple[Symbol, ...]
    graph: Graph
    loss: Symbol
    starts: tuple[tuple[float, ...], ...]
    drawn: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class Setup:
    """Everything a fit is given. ``columns`` are the data by their names, each of n numbers."""

    models: tuple[Model, ...]
    columns: tuple[Column, ...]
    inputs: tuple[Symbol, ...]
    target: Symbol
    loss: Loss
    data_words: str
    truth: Node | None
    subsample: int
    asked: Asked
    compare: str | None
    figure: bool

    @property
    def arrays(self) -> Mapping[Symbol, Array]:
        """The columns by their names."""
        return {column.name: column.values for column in self.columns}

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self.columns[0].values)


def setup(problem: Problem) -> Setup:
    """The checked value.

    DeriveError for data that cannot be made or read, a model that is no equation or holds the target, a loss without a
    form for one output, starts of another length than the parameters, too many parameters.
    """
    given = problem.given
    columns, words = _data(given["data"], problem.file)
    arrays = {c.name: c.values for c in columns}
    if given["method"] == "Newton-CG" and given["compare"]:
        raise DeriveError("Newton-CG does not run without a gradient, so there is nothing to compare",
                          "leave out compare, or choose another method")
    target = given["target"]
    if target not in arrays:
        raise DeriveError(f"the data have no column {target.plain}", _columns_hint(arrays))
    loss = loss_named(given["loss"])
    titles = _titles(given["names"], len(given["model"]))
    drawn = _Drawn(given["random_starts"], given["start_seed"], _positive(given["start_reach"], "start_reach"))
    asked = tuple(given["parameters"])
    models = tuple(
        _model(node, title, asked, arrays, target, loss, _starts(given["starts"]), drawn)
        for node, title in zip(given["model"], titles, strict=True)
    )
    _used(asked, models)
    _checked_targets(arrays[target], target, loss)
    inputs = tuple(s for s in arrays if any(s in free_symbols(m.body) for m in models))
    truth = given["truth"] or _truth(columns, target, inputs)
    return Setup(
        models, columns, inputs, target, loss, words, truth, given["subsample"], _asked(given),
        given["compare"], given["figure"],
    )


def _asked(given: Mapping[str, Any]) -> Asked:
    """Method, tolerance and options. DeriveError for an option that the method does not have."""
    tolerance = None if given["tolerance"] is None else _positive(given["tolerance"], "tolerance")
    table = given["options"] or {}
    if not isinstance(table, Mapping):
        raise DeriveError(f"options: expected a table of numbers, found {type_name(table)}", "options = {gtol = 1e-10}")
    options: dict[str, float] = {key: _option(value) for key, value in table.items()}
    if given["iterations"] is not None:
        options[_BOUND.get(given["method"], "maxiter")] = given["iterations"]
    made = Asked(given["method"], tolerance, options)
    if options:
        check(made)
    return made


_BOUND = {"TNC": "maxfun"}
"""The option that bounds the iterations, where it is called otherwise; TNC counts evaluations."""


def _option(value: Any) -> float:
    """A whole number stays one: SciPy counts with some of them."""
    return value if isinstance(value, int) else data.as_float(value)


def _positive(node: Node, what: str) -> float:
    from derive.numeric.value import value_of

    value = value_of(node)
    if value <= 0:
        raise DeriveError(f"{what}: expected a positive number, found {text(node)}")
    return value


# --- data -------------------------------------------------------------------------------------------


def _data(given: Any, file: str) -> tuple[tuple[Column, ...], str]:
    """The columns, and in words where they come from."""
    table = dict(data.listed(given, "data"))
    if "file" in table:
        return _from_file(table, file)
    n, seed = table.pop("n", None), table.pop("seed", 0)
    generator = table.pop("generator", data.DEFAULT)
    for key, value in (("n", n), ("seed", seed)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise DeriveError(f"data: {key}: expected a whole number, found {type_name(value)}")
    made = data.columns(table, n, data.source(str(generator), seed))
    if not made:
        raise DeriveError("the data have no columns", r"x = 'normal' and y = '\sigma(x)', for instance")
    drawn = any(c.origin[0] == c.name for c in made)
    how = {data.DEFAULT: f"numpy.random.default_rng({seed})", data.LEGACY: f"numpy.random.seed({seed})"}[str(generator)]
    rows = len(made[0].values)
    return made, f"{rows:,} rows" + (f", drawn after {how}" if drawn else "")


def _from_file(table: dict[str, Any], problem_file: str) -> tuple[tuple[Column, ...], str]:
    """Columns of a CSV file, under their own names or under those that ``columns`` gives them."""
    name, renamed = table.pop("file"), table.pop("columns", None)
    if table:
        raise DeriveError(f"data: {', '.join(table)} beside a file", "a file needs file and columns only")
    if not isinstance(name, str):
        raise DeriveError(f"data: file: expected a name in quotes, found {type_name(name)}")
    path = Path(name) if Path(name).is_absolute() else Path(problem_file).parent / name
    read = read_columns(path)
    if renamed is None:
        renamed = {column: column for column in read.names if _is_name(column)}
        if not renamed:
            raise DeriveError(f"{name}: no column has a name that can stand in a formula",
                              "columns = {x = 'first', y = 'second'} gives letters to the file's columns")
    made = [_file_column(key, column, read, name) for key, column in data.listed(renamed, "data: columns").items()]
    return tuple(made), f"{len(read):,} rows of the file {path.name}"


def _file_column(key: str, column: Any, read: Any, name: str) -> Column:
    values = np.array(read.column(str(column)))
    return Column(fields.symbol(key), values, (fields.symbol(key), f": the column “{column}” of {Path(name).name}"))


def _is_name(word: str) -> bool:
    try:
        return isinstance(fields.symbol(word), Symbol)
    except DeriveError:
        return False


def _columns_hint(arrays: Mapping[Symbol, Any]) -> str:
    return f"its columns are {', '.join(s.plain for s in arrays)}"


def _checked_targets(values: Array, target: Symbol, loss: Loss) -> None:
    """DeriveError, naming the row, for targets that the loss cannot be asked about."""
    low, high = _TARGETS.get(loss.name, (-np.inf, np.inf))
    wrong = np.flatnonzero((values < low) | (values > high))
    if len(wrong):
        where = f"{target.plain} is {values[wrong[0]]:g} in row {wrong[0] + 1:,}"
        raise DeriveError(f"{where}: the {loss.title} wants {loss.targets}")


_TARGETS = {"binary cross-entropy": (0, 1), "binary cross-entropy with logits": (0, 1), "hinge": (-1, 1)}


def _truth(columns: Sequence[Column], target: Symbol, inputs: Sequence[Symbol]) -> Node | None:
    """The formula by which the target was made, where it is one in the inputs alone."""
    for column in columns:
        match column.origin:
            case (Relation((Symbol() as name, body), ("=",)),) if name == target and free_symbols(body) <= set(inputs):
                return body
    return None


# --- models -----------------------------------------------------------------------------------------


def _titles(given: Any, count: int) -> list[str]:
    if given is None:
        return [""] if count == 1 else [f"model {k}" for k in range(1, count + 1)]
    if not isinstance(given, list) or not all(isinstance(t, str) for t in given) or len(given) != count:
        raise DeriveError("names: expected a name in quotes for each model", "names = ['1-layer', '2-layer']")
    return given


@dataclass(frozen=True)
class _Drawn:
    """How many starts are drawn, from which seed, and from where."""

    count: int
    seed: int
    reach: float

    def points(self, dimension: int) -> tuple[tuple[float, ...], ...]:
        rows = np.random.default_rng(self.seed).uniform(-self.reach, self.reach, (self.count, dimension))
        return tuple(tuple(map(float, row)) for row in rows)


def _model(
    node: Node, title: str, asked: tuple[Symbol, ...], arrays: Mapping[Symbol, Array], target: Symbol, loss: Loss,
    starts: Sequence[Any], drawn: _Drawn,
) -> Model:
    match node:
        case Relation((Symbol() as name, body), ("=",)):
            pass
        case Relation():
            raise DeriveError(f"{text(node)} is no model", r"write it as an equation, '\hat{y} = w x + b'")
        case _:
            name, body = Symbol(target.name, target.sub, target.sup, "hat", target.font), node
    if target in free_symbols(body):
        raise DeriveError(f"the model holds {target.plain}, which it is to predict",
                          "a model is a formula in the inputs")
    if name in arrays:
        raise DeriveError(f"the model and a column of the data are both called {name.plain}",
                          rf"call the model \hat{{{name.plain}}}")
    letters = [s for s in parameters(body) if s not in arrays]
    ordered = tuple(s for s in asked if s in letters) if asked else tuple(letters)
    if unknown := [s.plain for s in letters if s not in ordered]:
        hint = nearest(unknown[0], (s.plain for s in (*asked, *arrays))) or _columns_hint(arrays)
        raise DeriveError(f"{', '.join(unknown)} in the model is neither a parameter nor a column of the data", hint)
    if not ordered:
        raise DeriveError(f"the model {text(node)} has no parameters", "a letter that is no column is a parameter")
    if len(ordered) > 1 and not asked and free_symbols(body).isdisjoint(arrays):
        raise DeriveError(f"no column of the data stands in the model {text(node)}",
                          f"{_columns_hint(arrays)}; parameters = ['{ordered[0].plain}', …] says that it is meant so")
    if len(ordered) > PARAMETERS_MOST:
        raise DeriveError(f"{len(ordered)} parameters are too many for this kind: at most {PARAMETERS_MOST}",
                          "larger networks are for the kind train")
    made, point = _quantities(name, body, ordered, target, loss, frozenset(arrays))
    chosen = tuple(start for s in starts if (start := _start(s, ordered, len(starts))) is not None)
    if not chosen and not drawn.count:
        chosen = ((0.0,) * len(ordered),)
    return Model(title, name, body, ordered, made, point, chosen, drawn.points(len(ordered)))


def _used(asked: Sequence[Symbol], models: Sequence[Model]) -> None:
    for symbol in asked:
        if not any(symbol in m.parameters for m in models):
            raise DeriveError(f"the parameter {symbol.plain} stands in no model")


def _starts(given: Any) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, list):
        return [given]
    return given


def _start(given: Any, ordered: Sequence[Symbol], several: int) -> tuple[float, ...] | None:
    """A start as numbers; None for a list that is meant for a model with another number of parameters."""
    if not isinstance(given, list):
        return (data.as_float(given),) * len(ordered)
    if len(given) != len(ordered):
        if several > 1:
            return None
        names = ", ".join(s.plain for s in ordered)
        raise DeriveError(f"a start with {len(given)} numbers for {len(ordered)} parameters ({names})",
                          "give a number for each, or one number for all")
    return tuple(data.as_float(item) for item in given)


# --- quantities -------------------------------------------------------------------------------------


def _quantities(
    name: Symbol, body: Node, own: Sequence[Symbol], target: Symbol, loss: Loss, taken: frozenset[Symbol],
) -> tuple[Graph, Symbol]:
    """Hidden quantities, the prediction, the loss of one point; and the name of the last."""
    taken = taken | {name, *own}
    splitter = _Splitter(frozenset(own), taken)
    made = splitter.top(body)
    point = _free((Symbol("ell"), Symbol("C"), Symbol("q")), taken | set(splitter.named.values()))
    formula = written(loss, UNIT, {"prediction": name, "target": target})
    quantities = [*(Definition(s, (), f) for f, s in splitter.named.items()), Definition(name, (), made),
                  Definition(point, (), formula)]
    return graph(quantities), point


def _free(wanted: Sequence[Symbol], taken: frozenset[Symbol]) -> Symbol:
    return next((s for s in wanted if s not in taken), Symbol("ell", "0"))


class _Splitter:
    """Names every function of something that holds a parameter, the inner ones first."""

    def __init__(self, own: frozenset[Symbol], taken: frozenset[Symbol]) -> None:
        self.own, self.taken = own, taken
        self.named: dict[Node, Symbol] = {}

    def top(self, node: Node) -> Node:
        """The formula of the prediction; the argument of an outermost function has a name of its own."""
        if not isinstance(node, Call) or len(node.args) != 1:
            return map_children(node, self.inside)
        argument = map_children(node.args[0], self.inside)
        if isinstance(argument, Symbol):
            return Call(node.name, (argument,))
        z = _free((Symbol("z"), Symbol("a"), Symbol("s")), self.taken | set(self.named.values()))
        self.named[argument] = z
        return Call(node.name, (z,))

    def inside(self, node: Node) -> Node:
        """A part of the formula with the functions in it named."""
        if not children(node) or not self.own & free_symbols(node):
            return node
        made = map_children(node, self.inside)
        if not self._is_function(made):
            return made
        if made not in self.named:
            self.named[made] = self._name()
        return self.named[made]

    def _is_function(self, node: Node) -> bool:
        return isinstance(node, Call) or (isinstance(node, Power) and node.base == E)

    def _name(self) -> Symbol:
        k = 1
        used = self.taken | set(self.named.values())
        while Symbol("h", str(k)) in used:
            k += 1
        return Symbol("h", str(k))

