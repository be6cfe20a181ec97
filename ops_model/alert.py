"""Telling people: one message to one address, and why it did not get there.

The address carries what lets one send, so that no text here ever repeats it.
"""

import logging
import warnings
from dataclasses import dataclass
from typing import Literal

from ops_model.errors import AlertError

Grave = Literal["info", "warning", "failure"]


@dataclass(frozen=True)
class Message:
    """What is told; `grave` is how a channel may colour it."""

    title: str
    body: str
    grave: Grave = "info"


def send(address: str, message: Message) -> str:
    """Send a message; empty when the channel took it, otherwise why it did not.

    Args:
        address: where to, in the form of apprise, such as `json://host/path`.
        message: what is told.

    Raises:
        AlertError: the extra `alerts` is not installed.
    """
    # What apprise logs of a failure may hold the address, and lands on the terminal.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            # Some of its hundred channels use what Python will drop; that is theirs to mend.
            warnings.simplefilter("ignore", DeprecationWarning)
            import apprise

            channel = apprise.Apprise()
            if not channel.add(address):
                return "its address is none that apprise knows"
            sent = channel.notify(
                body=message.body, title=message.title, notify_type=message.grave
            )
    except ImportError:
        raise AlertError(
            "alerts are sent by apprise, which is not installed",
            remedy='install the extra: pip install "ops-model[alerts]"',
        ) from None
    return "" if sent else "the channel did not take it"
