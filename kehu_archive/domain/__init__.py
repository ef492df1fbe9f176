"""The rules of customer archives as pure functions.

Nothing in this package imports the framework, reads a clock, a file or a database. What a rule needs it is given; what it finds it returns.
Input that users get wrong comes back as `faults.Fault` values; an exception means that the calling code is wrong.
"""
