"""Neural networks as lists of layers: what a layer is, what it makes of a shape, how many numbers it holds.

:mod:`~derive.architectures.table` is the list of layer types, one small class each; a new type is a class there and
nothing else: the ``layers`` kind derives its shapes and counts, the listings print its code, a pasted table is checked
against it. :mod:`~derive.architectures.network` reads a definition and leads the shape through the layers,
:mod:`~derive.architectures.summary` reads the table that Keras prints.
"""
