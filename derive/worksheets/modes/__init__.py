"""The modes of an exercise, one a file: what of a derivation is shown and what is to be filled in.

A mode is a module whose name has no underscore. It holds ``SUMMARY``, ``FIELDS`` (rows of
:class:`derive.problem.Field`, the keys of the item's ``[item.options]``) and ``exercise(variant, options, random) ->
Exercise``. It takes all chance from ``random``, which belongs to this person and item alone. A mode whose exercises
have no gaps says ``ASKS = False``: they are worth nothing.
"""
