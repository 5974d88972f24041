"""How cases, queues and history are shown to people: rows in, words and figures out.

Nothing in here asks the database or a clock; `reviews.casefile` and `reviews.queues` do the asking.
"""
