"""Documents: from verified derivations to pages, one format a file.

A format is a module whose name has no underscore. It holds ``SUFFIX`` and ``write_document(shown, folder, stem,
options) -> list[Path]``, which writes the file of a document tree and returns the paths written, the document first,
and ``write(sheet_title, derivations, folder, stem, options)``, which :func:`derive.documents._tree.writing` makes of it
where a format says no more of derivations than stands in the tree. One that needs a program has ``require(options)``,
which raises ``ToolMissingError`` without it, for whoever asks before there is anything to write. What is shown at which
detail is decided once, in ``_tree.py``; a new format takes its blocks from there, and one with a template subclasses
``_views.Views``. The words that documents have of their own are in ``_languages.py``; styles and templates of
somebody's own are found by ``_template.py``.
"""
