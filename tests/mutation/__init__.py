"""What would the tests notice? Changes planted into the promises' modules, one at a time.

`changes.py` makes them on the tree of a module that `tree.py` walks, `mutants.py` names them,
`planting.py` puts one into a running process, `rounds.py` lets pytest try them in forks of one warm
process, `choosing.py` says which tests, and `__main__.py` what came of it. Nothing is ever written
to the tree.
"""
