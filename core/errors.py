"""Refusals: what a person is told when a rule says no."""


class Refused(Exception):
    """A write or a question that a rule forbids; the message is fit to show to a person."""
