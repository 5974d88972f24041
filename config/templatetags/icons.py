"""The icons: a tag, since a template of its own for each would cost a third of the case page."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of icons.svg, for the eye alone: what it stands for is said beside it."""
    drawing = '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>'
    return format_html(drawing, static("icons.svg"), name)
