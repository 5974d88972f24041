"""Filters for the words of pipelines and libraries: {{ outcome.label|inside }}."""

from django import template
from django.template.defaultfilters import stringfilter

from reviews.presenting import words

register = template.Library()
register.filter("inside", stringfilter(words.inside))
register.filter("sentence_case", stringfilter(words.sentence_case))
