"""Program text for a network, one framework a file.

A listing is a module whose name has no underscore, with ``TITLE`` (the framework's name) and ``write(network, training)
-> str``, which raises :class:`~derive.errors.DeriveError` where the framework cannot say it. Code of single layers
comes from the layer types (:mod:`derive.architectures.table`); a listing puts it together into a program that runs.
"""
