"""Who runs a command, as the ledger names them."""

import os
import pwd

from proxy.domain.actor import Actor, operator_actor


def operator() -> Actor:
    """Give the login of the operating system."""
    try:
        return operator_actor(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:  # in a container whoever runs it may have a number only
        return operator_actor(str(os.getuid()))
