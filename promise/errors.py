"""The one exception that is meant for people."""


class PromiseError(Exception):
    """Something a person can act on. The message says what happened, where, and what to do.

    The command line prints the message without a traceback; anything else that escapes is a fault of ours.
    """
