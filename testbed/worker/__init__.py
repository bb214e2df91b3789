"""The side that runs the code under test: started by path with the target's own interpreter.

Depends on nothing but the standard library, the target environment's pytest and, where present, its
Hypothesis; works on Python 3.9 and later; never imports `testbed`. docs/protocol.md says how it is
spoken to.
"""
