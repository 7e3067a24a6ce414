"""Pictures: one kind of picture a file, drawn with Matplotlib.

Each file has ``draw(data, path)``, which writes a picture in the format that the suffix names (pdf, svg or png), and
``describe(data)``, the words for somebody who cannot see it. ``data`` is that of a :class:`derive.steps.Figure`; the
module's first paragraph says what it holds. A new picture is a new file. Files beginning with an underscore are
helpers.
"""
