"""What a training is given, in words: what all runs share in a few lines, what they differ in in a table.

Called by the kind ``train``. A setting is a row of :data:`SETTINGS`; it says which line it belongs to, how a table
heads it, and what is said of a configuration (nothing for one without it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derive.kinds._train_given import Configuration
from derive.kinds._train_told import feature_map, spoken
from derive.numeric.training import INITIALS
from derive.steps import Prose, Table
from derive.tree import Node
from derive.write.numbers import approximate

PRINTED = {"train": "printed training loss", "test": "printed test loss", "epochs": "printed epochs",
           "accuracy": "printed accuracy"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a training is given: the line it stands in, the head of its column, and its words."""

    line: str
    head: str
    told: Callable[[Configuration], Prose]


def stated(chosen: Sequence[Configuration]) -> tuple[Prose, ...]:
    """What all trainings have in common, a line for each group of settings."""
    lines: dict[str, list[str | Node]] = {}
    for setting in SETTINGS:
        told = setting.told(chosen[0])
        if told and all(setting.told(c) == told for c in chosen):
            line = lines.setdefault(setting.line, [f"{setting.line}: "])
            line += [", ", *told] if len(line) > 1 else told
    return tuple(tuple(line) for line in lines.values())


def differences(chosen: Sequence[Configuration]) -> list[Table]:
    """A table of what the runs differ in, and of what somebody printed of them; nothing for one run."""
    if len(chosen) < 2:
        return []
    columns = [s for s in SETTINGS if len({s.told(c) for c in chosen}) > 1]
    printed = [key for key in PRINTED if any(key in c.printed for c in chosen)]
    header: tuple[Prose, ...] = (("run",), *((s.head,) for s in columns), *((PRINTED[key],) for key in printed))
    rows = tuple(
        ((c.name,), *(s.told(c) or ("none",) for s in columns), *((c.printed.get(key, "–"),) for key in printed))
        for c in chosen
    )
    return [Table(header, rows, ("The runs.",), given=True)] if len(header) > 1 else []


# --- the settings -------------------------------------------------------------------------------------


def _layers(configuration: Configuration) -> Prose:
    names = [*(spoken(name) for _, name in configuration.hidden), f"{spoken(configuration.output)} output"]
    return (f"layers {'–'.join(map(str, configuration.sizes))} ({', '.join(names)})",)


def _penalty(key: str, title: str) -> Callable[[Configuration], Prose]:
    def told(configuration: Configuration) -> Prose:
        if not getattr(configuration.settings, key):
            return ()
        keeps = " that keeps zeros" if key == "l1" and configuration.settings.keep_zero else ""
        return (f"{title} penalty{keeps} with rate ", configuration.written[key])

    return told


def _batch(configuration: Configuration) -> Prose:
    size = configuration.settings.batch
    return (f"batches of {size}" if size else "all points in one batch",)


def _end(configuration: Configuration) -> Prose:
    settings = configuration.settings
    early = f", stopped after {settings.patience} without a smaller test loss" if settings.patience else ""
    low = f", stopped at a training loss of {settings.stop_loss:g}" if settings.stop_loss is not None else ""
    return (f"{'at most ' if early or low else ''}{settings.epochs} epochs{early}{low}",)


SETTINGS = (
    Setting("data", "data", lambda c: (c.samples,)),
    Setting("data", "points", lambda c: (f"{len(c.points):,} points",)),
    Setting("data", "noise", lambda c: ("noise ", c.written["noise"]) if "noise" in c.written else ()),
    Setting("data", "for training", lambda c: (f"a share of {c.split:g} for training",)),
    Setting("network", "features", lambda c: ("features ", feature_map(c.features))),
    Setting("network", "standardised", lambda c: ("standardised",) if c.standardise else ()),
    Setting("network", "network", _layers),
    Setting("loss", "loss", lambda c: (f"{c.loss.title}, its mean over the batch",)),
    Setting("loss", "L1", _penalty("l1", "L1")),
    Setting("loss", "L2", _penalty("l2", "L2")),
    Setting("training", "learning rate", lambda c: ("learning rate ", _rate(c))),
    Setting("training", "batches", _batch),
    Setting("training", "epochs", _end),
    Setting("start", "start", lambda c: (INITIALS[c.start].about,)),
    Setting("start", "seed", lambda c: (f"seed {c.seed}",)),
)


def _rate(configuration: Configuration) -> Node:
    return configuration.written.get("learning_rate") or approximate(configuration.settings.learning_rate)
