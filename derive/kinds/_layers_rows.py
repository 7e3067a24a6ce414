"""What the ``layers`` kind says of a network: each layer's derivation, the table, totals, memory, work, updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from derive.architectures.counts import Count, count, evaluated, value_of
from derive.architectures.network import Network, Place, shape_node
from derive.architectures.table import BatchNormalization
from derive.errors import DeriveError
from derive.goals import end_of
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import ZERO, Node, Product, Relation, Symbol, free_symbols, number, numeric, times, total
from derive.write.numbers import approximate

Told = tuple[list[Part], list[Result]]

BYTES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
"""How many bytes a number of each type takes."""


# --- what is given ------------------------------------------------------------------------------------


def stated(net: Network) -> Table:
    """The layers as they are applied, each with its options, and those that are declared and never applied."""
    header: tuple[Prose, ...] = (("",), ("layer",), ("options",))
    rows = [((str(i),), (_label(p),), ("the same layer again",) if p.again else _options(p)) for i, p in _numbered(net)]
    rows += [((str(i),), (_label(p),), (*_options(p), *_never(p))) for i, p in enumerate(net.unused, len(rows) + 1)]
    name = f" {net.name}" if net.name else ""
    return Table(header, tuple(rows), (f"The definition of the network{name}.",), given=True)


def _never(place: Place) -> Prose:
    """What is known of a layer that nothing comes to."""
    return ("; " if _options(place) else "", "for inputs of shape ", shape_node(place.shape), ", never applied")


def _options(place: Place) -> Prose:
    """The options of a layer without those that say nothing: ``filters 8, kernel size 3, relu``."""
    words: list[str | Node] = []
    for option in place.layer.options:
        value = place.layer.values[option.key]
        usual = value == option.default and (option.type != "sizes" or value == (1,))
        if value is not None and not usual:
            words += [", "] if words else []
            words += _option(option.key.replace("_", " "), value)
    return tuple(words)


def _option(name: str, value: Any) -> Prose:
    match value:
        case bool():
            return (name if value else f"no {name}",)
        case Node():
            return (f"{name} ", value)
        case tuple():
            return (f"{name} {' × '.join(map(str, value))}",)
    return (str(value) if name == "activation" else f"{name} {value}",)


# --- layer by layer ---------------------------------------------------------------------------------


def described(net: Network) -> list[Part]:
    """Each layer that changes the shape or holds numbers, with its formulas; the others in one sentence."""
    parts: list[Part] = [Heading(("Layer by layer",)), Paragraph((_CONVENTION,))]
    quiet: list[tuple[int, Place]] = []
    for i, place in _numbered(net):
        if place.again:
            words = f"{i}. {place.name} is applied again: its weights are the same, so they are counted once."
            parts.append(Paragraph((words,)))
        elif _tells(place):
            parts += _one(i, place, net.mark)
        else:
            quiet.append((i, place))
    parts += [part for k, place in enumerate(net.unused, len(net.places) + 1) for part in _apart(k, place, net.mark)]
    return [*parts, *_quiet(quiet)]


_CONVENTION = "Shapes are those of one input, without the batch."


def _numbered(net: Network) -> list[tuple[int, Place]]:
    return list(enumerate(net.places, 1))


def _tells(place: Place) -> bool:
    """Whether there is anything to derive."""
    return place.trained is not None or any(c.letters for c in place.output)


def _one(i: int, place: Place, mark: str) -> list[Part]:
    words: Prose = (f"{i}. {place.name}{_type_words(place)} takes ", shape_node(place.shape), " to ",
                    shape_node(place.outputs), *_with_letters(place), ".")
    return [Paragraph(words), *_extents(place), *_counts(i, place, mark)]


def _with_letters(place: Place) -> Prose:
    """What the letters of a layer's formulas stand for; said here, it is not repeated below each chain."""
    counts = [c for c in (*place.output, place.trained, place.untrained) if c is not None]
    relations = list(dict.fromkeys(Relation(pair, ("=",)) for c in counts for pair in c.letters))
    return tuple(word for i, relation in enumerate(relations) for word in (", " if i else ", with ", relation))


def _type_words(place: Place) -> str:
    activation = "" if place.layer.activation == "linear" else f", {place.layer.activation}"
    padding = place.layer.values.get("padding")
    padded = "" if padding in (None, "valid") else f", padding {padding}"
    return f" ({place.layer.type}{padded}{activation})"


def _extents(place: Place) -> list[Part]:
    """The chains of the output's axes; axes with the same derivation share one."""
    parts: list[Part] = []
    names = {1: ("n",), 2: ("L", "C"), 3: ("H", "W", "C")}[len(place.outputs)]
    seen: dict[tuple[Node, ...], str] = {}
    for axis, made in zip(names, place.output, strict=True):
        if not made.letters:
            continue
        key = (made.substituted, made.value)
        if key in seen:
            same = Relation((_out(axis), made.value), ("=",))
            parts.append(Paragraph(("In the same way ", same, ".")))
            continue
        seen[key] = axis
        parts.append(_chain(_out(axis), made))
    return parts


def _out(axis: str) -> Symbol:
    return Symbol(axis, "out")


def _chain(left: Node, made: Count) -> Part:
    first, *rest = made.steps
    named = Step(first.before, first.after, made.law or first.rule, first.reason, level=Level.ALGEBRA)
    return Chain((named, *rest), left, made.where)


def _counts(i: int, place: Place, mark: str) -> list[Part]:
    """The chains of the trained and the untrained numbers."""
    parts: list[Part] = []
    if place.trained is not None:
        parts.append(_chain(_trained(i, mark), place.trained))
    if place.untrained is not None:
        parts.append(_chain(_untrained(i, mark), place.untrained))
    return parts


def _trained(i: int, mark: str) -> Symbol:
    return Symbol("P", str(i), accent=mark)


def _untrained(i: int, mark: str) -> Symbol:
    return Symbol("Q", str(i), accent=mark)


def definitions(net: Network) -> tuple[Definition, ...]:
    """What the letters of the counts stand for."""
    places = [(i, p) for i, p in enumerate((*net.places, *net.unused), 1) if not p.again]
    trained = [Definition(_trained(i, net.mark), (), p.trained.value) for i, p in places if p.trained is not None]
    others = [Definition(_untrained(i, net.mark), (), p.untrained.value) for i, p in places if p.untrained is not None]
    return (*trained, *others)


def _apart(i: int, place: Place, mark: str) -> list[Part]:
    """A layer that is declared and never applied."""
    words = f"{i}. {place.name}{_type_words(place)} is declared"
    end = ". It is never applied, so it gets no gradient."
    return [Paragraph((words, *_with_letters(place), end)), *_counts(i, place, mark)]


def _quiet(quiet: Sequence[tuple[int, Place]]) -> list[Part]:
    if not quiet:
        return []
    types = list(dict.fromkeys(place.layer.type for _, place in quiet))
    numbers = _listed([str(i) for i, _ in quiet])
    if len(quiet) == 1:
        text = f"Layer {numbers} ({types[0]}) keeps the shape and has no parameters."
    else:
        text = f"Layers {numbers} ({_listed(types)}) have no parameters"
        same = all(place.shape == place.outputs for _, place in quiet)
        text += " and keep the shape." if same else "; their shapes are in the table."
    return [Paragraph((text,))]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


# --- the table --------------------------------------------------------------------------------------


def table(net: Network) -> list[Part]:
    """Layer, output shape, formula with numbers, parameters."""
    header: tuple[Prose, ...] = (("",), ("layer",), ("output shape",), ("formula",), ("parameters",))
    rows = [_row(i, p) for i, p in _numbered(net)]
    rows += [_row(i, p, "never applied") for i, p in enumerate(net.unused, len(net.places) + 1)]
    name = f" of the network {net.name}" if net.name else ""
    return [Heading(("Table",)), Table(header, tuple(rows), (f"The layers{name}.",))]


def _row(i: int, place: Place, instead: str = "") -> tuple[Prose, ...]:
    shape: Prose = (instead,) if instead else (shape_node(place.outputs),)
    if place.again:
        return ((str(i),), (_label(place),), shape, ("as before",), ("0",))
    formulas = [c.substituted for c in (place.trained, place.untrained) if c is not None]
    words: list[str | Node] = []
    for k, node in enumerate(formulas):
        words += [" and " if k else "", node]
    cell: Prose = tuple(w for w in words if w)
    return ((str(i),), (_label(place),), shape, cell, (place.parameters(),))


def _label(place: Place) -> str:
    """The name of a layer, with its type where the name does not say it."""
    says = place.name.replace("_", "").casefold().startswith(place.layer.type.casefold())
    return place.name if says else f"{place.name} ({place.layer.type})"


# --- totals -----------------------------------------------------------------------------------------


def totals(net: Network) -> Told:
    """Trained, untrained and all numbers, each as a sum; with layers never applied, also what gets a gradient."""
    declared = [(i, p) for i, p in _numbered(net) if not p.again]
    apart = list(enumerate(net.unused, len(net.places) + 1))
    every = [*declared, *apart]
    trained = [(i, p.trained) for i, p in every if p.trained is not None]
    untrained = [(i, p.untrained) for i, p in every if p.untrained is not None]
    parts: list[Part] = [Heading(("Totals",))]
    t_parts, t = _sum(_named("trained", net), [(_trained(i, net.mark), c.value) for i, c in trained])
    u_parts, u = _sum(_named("untrained", net), [(_untrained(i, net.mark), c.value) for i, c in untrained])
    all_parts, p = _all(net, t, u)
    parts += [*t_parts, *u_parts, *all_parts]
    results = [
        Result("parameters per layer", tuple(q.parameters() for _, q in every if q.trained is not None), shown=False),
        Result("total parameters", p, Symbol("P", accent=net.mark)),
        Result("trainable parameters", t, _named("trained", net), shown=bool(untrained)),
        Result("non-trainable parameters", u, _named("untrained", net), shown=bool(untrained)),
    ]
    if any(isinstance(q.layer, BatchNormalization) for _, q in every):
        parts.append(Paragraph((_MOVING,), remark=True))
    if apart:
        more, found = _with_gradient(net, declared)
        parts, results = parts + more, results + found
    return parts, [*results, *_shapes(net)]


_MOVING = ("Batch normalization holds four numbers for each channel: scale and shift are trained by gradients, the "
           "moving mean and variance are only averaged, so they are not.")


def _shapes(net: Network) -> list[Result]:
    return [Result(f"output shape of {p.name}", p.outputs, shown=False) for p in net.places if not p.again]


def _named(word: str, net: Network) -> Symbol:
    return Symbol("P", word, accent=net.mark)


def _sum(left: Symbol, terms: Sequence[tuple[Symbol, Node]]) -> tuple[list[Part], Node]:
    """A total: the names of the terms, their values, the sum."""
    if not terms:
        return [], ZERO
    names, values = total([s for s, _ in terms]), total([v for _, v in terms])
    put = Step(names, values, "put in the counts of the layers")
    steps = evaluated(values) if len(terms) > 1 else []
    return [Chain((put, *steps), left)], end_of(values, steps)


def _all(net: Network, trained: Node, untrained: Node) -> tuple[list[Part], Node]:
    """All numbers: a chain where some are not trained."""
    if untrained == ZERO:
        return [Formula(Relation((Symbol("P", accent=net.mark), _named("trained", net), trained), ("=", "=")))], trained
    start = total([trained, untrained])
    steps = evaluated(start)
    return [Chain(tuple(steps), Symbol("P", accent=net.mark))], end_of(start, steps)


def _with_gradient(net: Network, declared: Sequence[tuple[int, Place]]) -> Told:
    """What is trained where layers are declared and never applied."""
    terms = [(_trained(i, net.mark), p.trained.value) for i, p in declared if p.trained is not None]
    names = _listed([p.name for p in net.unused])
    left = _named("gradient", net)
    chain, value = _sum(left, terms)
    subject = f"The layers {names} are" if len(net.unused) > 1 else f"The layer {names} is"
    words = (f"{subject} declared, and so counted above, but never applied. The parameters that get a "
             "gradient are fewer:")
    return [Paragraph((words,)), *chain], [Result("parameters with a gradient", value, left)]


# --- memory, work, updates --------------------------------------------------------------------------


def memory(net: Network, dtype: str) -> Told:
    """Bytes of the parameters and of one input's outputs, each number of the type taking its bytes."""
    size = number(BYTES[dtype])
    stored = value_of(total([p.parameters() for p in (*net.once, *net.unused)]))
    numbers = value_of(total([value_of(times(list(p.outputs))) for p in net.places]))
    parts: list[Part] = [Heading(("Memory and work",))]
    parts.append(Paragraph((f"A number of type {dtype} takes {BYTES[dtype]} bytes. The bytes of the parameters:",)))
    first, weights = _product(Symbol("M", "parameters"), stored, size)
    second, outputs = _product(Symbol("M", "outputs"), numbers, size)
    parts += [*first, Paragraph(("The bytes of the outputs of all layers, stored for one input:",)), *second]
    results = [Result("memory of the parameters in bytes", weights, Symbol("M", "parameters"), shown=False),
               Result("memory of the outputs in bytes", outputs, Symbol("M", "outputs"), shown=False)]
    return parts, results


def _product(left: Symbol, amount: Node, size: Node) -> tuple[list[Part], Node]:
    start = Product((amount, size))
    steps = evaluated(start)
    value = end_of(start, steps)
    exact = numeric(value)
    if exact is not None and exact >= _KIBIBYTE and not free_symbols(value):
        unit, name = (_KIBIBYTE**2, "MiB") if exact >= _KIBIBYTE**2 else (_KIBIBYTE, "KiB")
        about: list[Part] = [Paragraph(("That is about ", approximate(exact / unit, 4), f" {name}."))]
        return [Chain(tuple(steps), left), *about], value
    return [Chain(tuple(steps), left)], value


_KIBIBYTE = 1024


def work(net: Network) -> Told:
    """Multiply-adds with weights in one forward pass of one input, layer by layer and in all."""
    found = [(i, p, p.work) for i, p in _numbered(net) if p.work is not None]
    if not found:
        return [], []
    laws = [c for _, _, c in found if c is not None]
    start = total([c.substituted for c in laws])
    left = Symbol("A", accent=net.mark)
    parts: list[Part] = [Paragraph((_WORK,))]
    if len(found) > 1:
        rows = tuple(((str(i),), (p.name,), (c.substituted,), (c.value,)) for i, p, c in found if c is not None)
        header: tuple[Prose, ...] = (("",), ("layer",), ("formula",), ("multiply-adds",))
        parts.append(Table(header, rows, ("Multiply-adds in one forward pass of one input.",)))
    steps = evaluated(start)
    parts.append(Chain(tuple(steps), left) if steps else Formula(Relation((left, start), ("=",))))
    return parts, [Result("multiply-adds", end_of(start, steps), left, shown=False)]


_WORK = ("A dense layer multiplies once for each weight, a convolution once for each weight and place of its output. "
         "Biases, activations, normalization and pooling are not counted.")


_UPDATES = "The weights are changed once for each batch, the last of which may be smaller. In an epoch, with "


def _said(made: Count) -> Prose:
    return tuple(w for i, pair in enumerate(made.letters) for w in (", " if i else "", Relation(pair, ("=",))) if w)


def updates(given: Mapping[str, Any]) -> Told:
    """Weight updates: one for each batch, the last of which may be smaller."""
    samples, batch = given["samples"], given["batch"]
    if samples is None or batch is None:
        return [], []
    share: Node | None = given["training_share"]
    if share is not None and not 0 < (numeric(share) or 0) <= 1:
        raise DeriveError("training_share: expected a number above 0, at most 1")
    law = "number of batches"
    if share is None:
        made = count(law, r"\lceil\frac{N}{B}\rceil", N=samples, B=batch)
    else:
        made = count(law, r"\lceil\frac{r N}{B}\rceil", r=share, N=samples, B=batch)
    left = Symbol("U")
    parts: list[Part] = [Heading(("Weight updates",)), Paragraph((_UPDATES, *_said(made), ".")),
                         _chain(left, made)]
    results = [Result("weight updates per epoch", made.value, left)]
    if given["epochs"] is not None:
        start = Product((made.value, number(given["epochs"])))
        steps = evaluated(start)
        every = Symbol("U", "all")
        parts += [Paragraph((f"In {given['epochs']} epochs:",)), Chain(tuple(steps), every)]
        results.append(Result("weight updates", end_of(start, steps), every))
    return parts, results
