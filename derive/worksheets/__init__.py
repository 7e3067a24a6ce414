"""Worksheets: a problem written once becomes a personal sheet, its key and what a course system imports.

The flow goes one way: :mod:`~derive.worksheets.sheets` and :mod:`~derive.worksheets.rosters` read files,
:mod:`~derive.worksheets.drawing` draws a person's numbers and solves the problem with them, a mode (a file of
``modes/``) makes an exercise of the derivation, and documents, keys (:mod:`~derive.worksheets.keys`) and course
systems (a file of ``courses/``) show it. :mod:`~derive.worksheets.making` does that for a whole class. The values that
go from one to the next are those of :mod:`~derive.worksheets.model`.
"""
