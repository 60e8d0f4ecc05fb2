"""A node of Sallyport and those it has to do with, for every suite of tests: the program as a process, its file, clients and
servers that speak SIP and TURN with it, the authorities whose certificates they show.

Nothing here remembers anything between two tests, and nothing waits without a bound. Where the program is, the variable
SALLYPORT_BINARY says.
"""
