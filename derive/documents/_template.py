"""The templates of documents: Jinja2 with delimiters that neither TeX nor Typst uses.

``((* for … *))`` and ``((( value )))``; comments are ``((= … =))``. Nothing is escaped by itself (Jinja's own
escaping is for HTML): a format gives its escape filter by name, and the template applies it to words.
"""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, StrictUndefined, Template

from derive import resources


class Templates(Environment):
    """An environment that reads derive's own templates."""

    def from_string_of(self, name: str) -> Template:
        """The template in a file of ``templates/``."""
        return self.from_string(resources.template(name))


def environment(**filters: Callable[[str], str]) -> Templates:
    """An environment with TeX-safe delimiters and these filters."""
    made = Templates(
        block_start_string="((*", block_end_string="*))", variable_start_string="(((", variable_end_string=")))",
        comment_start_string="((=", comment_end_string="=))", trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=False, undefined=StrictUndefined,
    )
    made.filters.update(filters)
    return made
