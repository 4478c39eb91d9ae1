"""What is no bug: the people who run a program can correct it."""


class Mistake(Exception):
    """The message is for these people: what is wrong and what to do. They see it without a stack trace."""
