"""The floor that the product's web side is measured against: bare Django and REST framework.

The same server and database; a table for what waits, one for what was posted with it, one for what
was decided, and nothing else: nobody signs in, nothing is sealed, checked or recorded.
"""
