"""The course systems, one a file: exercises in the form that a system imports.

A course system is a module whose name has no underscore. It holds ``SUMMARY`` and ``write(sheet, papers, folder,
stem) -> list[Path]``, where ``papers`` are ``(student, exercises)`` pairs, walked one by one, and returns the files
written. What each gap becomes is decided for all of them in ``_questions.py``; ``_pages.py`` puts fields into the page,
``_xml.py`` writes elements and packages.
"""
