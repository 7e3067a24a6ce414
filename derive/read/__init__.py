"""Reading: text that people write, into values, or a refusal that says where and what to change.

``latex`` reads formulas into :mod:`derive.tree`; ``problems`` reads problem files into
:class:`derive.problem.Problem`, by the converters of ``fields``; ``declared`` and ``conditions``
read what is said of the letters; ``texts`` finds and reads the formulas of a whole text; ``skeleton`` writes a problem
file to start from.
Called by :mod:`derive.api`, the command line, the tables of rules and saved derivations. Nothing here computes, and no
text is ever evaluated.
"""
