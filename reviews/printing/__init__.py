"""Printing PDFs: the letters, and sheets with a title, a language, bookmarks and page numbers.

The same content gives the same bytes.
"""
