"""Memory for operations, and the calls that do them: buffers are shared by values that never live together.

A :class:`Schedule` is made once for what is wanted; :meth:`Schedule.bind` puts in arrays and gives calls without
arguments, to be made one after another as often as one likes. Nothing is allocated when they are made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from derive.numeric._operations import KERNELS, SUMS, VIEWS, Array, Form, Operation, Operations, ufunc

Call = Callable[[], Any]
_Kind = tuple[Form, bool]
_FROM_OUTSIDE = ("input", "constant")


class Schedule:
    """What has to be done for some operations, in order, each with the number of its buffer.

    ``given`` are operations whose values will be put in, besides the inputs.
    """

    def __init__(self, operations: Operations, wanted: Sequence[int], given: Iterable[int] = ()) -> None:
        self.operations = operations
        self.given = frozenset(given)
        self.order = self._needed(wanted)
        self.buffers: list[_Kind] = []
        self.buffer: dict[int, int] = {}
        self._wanted = {self.base(w) for w in wanted}
        self._allocate()

    def _needed(self, wanted: Iterable[int]) -> list[int]:
        found: set[int] = set()
        stack = list(wanted)
        while stack:
            at = stack.pop()
            if at not in found:
                found.add(at)
                if at not in self.given:
                    stack.extend(self.operations[at].args)
        return sorted(found, key=self._turn)

    def _turn(self, at: int) -> tuple[int, int]:
        """As they were made, but sums as soon as they can be done: then their arguments need no memory any more."""
        operation = self.operations[at]
        return (max(operation.args), at) if operation.name in SUMS and at not in self.given else (at, at)

    def base(self, at: int) -> int:
        """The operation whose memory a view shows."""
        while self.operations[at].name in VIEWS and at not in self.given:
            at = self.operations[at].args[0]
        return at

    def _computed(self, at: int) -> bool:
        name = self.operations[at].name
        return at not in self.given and name not in VIEWS and name not in _FROM_OUTSIDE

    def _allocate(self) -> None:
        """A buffer for each computed value; operations on entries may write over an argument that nobody else needs."""
        last = {self.base(a): at for at in self.order if self._computed(at) for a in self.operations[at].args}
        free: dict[_Kind, list[int]] = {}
        for at in self.order:
            if not self._computed(at):
                continue
            operation = self.operations[at]
            ends = [b for b in dict.fromkeys(map(self.base, operation.args)) if last[b] == at and self._shared(b)]
            early = [b for b in ends if self._in_place(at, b)]
            self._release(early, free)
            self.buffer[at] = self._take((operation.form, operation.truth), free)
            self._release([b for b in ends if b not in early], free)

    def _shared(self, at: int) -> bool:
        return at in self.buffer and at not in self._wanted

    def _in_place(self, at: int, argument: int) -> bool:
        operation = self.operations[at]
        return ufunc(operation.name) is not None and self.operations[argument].form == operation.form

    def _release(self, values: Iterable[int], free: dict[_Kind, list[int]]) -> None:
        for at in values:
            free.setdefault(self.buffers[self.buffer[at]], []).append(self.buffer[at])

    def _take(self, kind: _Kind, free: dict[_Kind, list[int]]) -> int:
        if free.get(kind):
            return free[kind].pop()
        self.buffers.append(kind)
        return len(self.buffers) - 1

    # --- running --------------------------------------------------------------------------------------

    def memory(self) -> list[Array]:
        """New buffers."""
        return [np.empty(form, dtype=bool if truth else float) for form, truth in self.buffers]

    def bind(
        self, memory: list[Array], given: Mapping[int, Array], out: Sequence[tuple[int, Array]] = (),
        length: int | None = None,
    ) -> tuple[list[Call], dict[int, Array]]:  # fmt: skip
        """The calls, and where each value will stand.

        ``given`` holds the arrays of inputs, ``out`` those into which values are to be written. With ``length`` only
        that many entries of every buffer are used: the last block of data is shorter.
        """
        direct = {self.base(at): target for at, target in reversed(out) if self._as_stored(at)}
        arrays = dict(given)
        calls: list[Call] = []
        for at in self.order:
            if at in arrays:
                continue
            operation = self.operations[at]
            if operation.name == "constant":
                arrays[at] = np.full(operation.form, operation.detail)
            elif operation.name in VIEWS:
                arrays[at] = VIEWS[operation.name](arrays[operation.args[0]], operation.detail)
            else:
                arrays[at] = self._target(at, memory, direct.get(at), length)
                calls.append(_call(operation, [arrays[a] for a in operation.args], arrays[at]))
        calls.extend(
            partial(np.copyto, target, arrays[at]) for at, target in out if not np.may_share_memory(arrays[at], target)
        )
        return calls, arrays

    def _as_stored(self, at: int) -> bool:
        """Whether a value is its buffer read in order."""
        while self.operations[at].name in ("number", "turn"):
            at = self.operations[at].args[0]
        return self.operations[at].name not in VIEWS

    def _target(self, at: int, memory: list[Array], wanted: Array | None, length: int | None) -> Array:
        """Where a value is written: straight to where it is wanted, if it is as large."""
        form = self.operations[at].form
        if wanted is not None and wanted.size == math.prod(form):
            return wanted.reshape(form)
        buffer = memory[self.buffer[at]]
        return buffer[:length] if length is not None and form else buffer


def _call(operation: Operation, args: list[Array], out: Array) -> Call:
    """The call that does an operation."""
    function = ufunc(operation.name) or KERNELS[operation.name](operation)
    if function in (np.maximum, np.minimum):  # which do not take the array for the result by its place
        return partial(function, *args, out=out)
    return partial(function, *args, out)
