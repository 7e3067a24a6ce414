"""One kind of problem, one file.

A kind is a module with these names, called by ``derive.solve`` for problems whose ``kind`` is its file
name (``gradient_descent.py`` is ``gradient-descent``):

* ``SUMMARY``: one line for ``derive list``;
* ``FIELDS``: what its ``[given]`` table takes, as :class:`derive.problem.Field` rows; ``derive new`` and the
  reader of problem files work from them;
* ``TITLE``, where the file name is no title (``pca``): what a problem without one is called;
* ``solve(problem) -> Derivation``: the derivation, steps without verdicts; the verifier adds those.

Steps come from the engine and its rules: a kind chooses the order and the words, never an answer. Helpers
shared by kinds are in files whose names begin with an underscore.
"""
