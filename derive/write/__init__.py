"""The written expression as text: one notation, one file.

``latex.latex``, ``typst.typst``, ``mathml.mathml`` and ``text.text`` map a :class:`derive.tree.Node` to a string for
people; ``sympy.to_text`` to one that SymPy reads back, ``sympy.to_sympy`` and ``sympy.from_sympy`` to SymPy's objects
and from them; ``numbers`` writes decimals. Documents, figures, the terminal and JSON call these.

Printing is a table and one precedence rule. The rule is :class:`_walk.Printer`: it brackets what binds more
loosely than its place demands, and wherever two signs would meet. A notation is a subclass that fills in the
table; a new one is a file with such a subclass and a function. A new kind of node is a method of the walk or a
function of ``_operators.py``, a line in the table of rows there and, where the notations differ, a line in the table
of each. Printing computes nothing and reorders nothing, and every word in the output comes from a fixed list or is
letters in a name's marks.
"""
