"""What a person did that cannot be done; told in one message, without a traceback."""


class UserError(Exception):
    """A request that is refused; the text names the value, the rule and the remedy.

    The command line prints it and exits with status 2.
    """
