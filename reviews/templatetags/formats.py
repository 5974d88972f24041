"""Filters that write values as the reader's locale does: {{ page.due.at|moment }}."""

from django import template

from reviews.presenting import formats

register = template.Library()
register.filter("count", formats.count)
register.filter("decimals", formats.decimals)
register.filter("money", formats.money)
register.filter("day", formats.day)
register.filter("short_day", formats.short_day)
register.filter("clock", formats.clock)
register.filter("short_moment", formats.short_moment)
register.filter("moment", formats.moment)
register.filter("zone", formats.zone)
