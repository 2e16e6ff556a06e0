"""How Segue starts from a fresh checkout.

Runs before anything is installed: the standard library only, and syntax that Python 3.7 parses, so that an old Python
can still look for a newer one.
"""
