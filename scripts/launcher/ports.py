"""Free ports. The choice is a race, so whoever uses one checks who answers there."""

import errno
import socket

TAKEN = (errno.EADDRINUSE, errno.EACCES)


def is_free(port: int) -> bool:
    """Whether nobody listens on the port, on either loopback address."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if family == socket.AF_INET6 and error.errno not in TAKEN:
                continue
            return False
    return True


def random_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def keep_or_choose(port: int | None) -> int:
    """The port of the last run while it is free, else a new one."""
    return port if port and is_free(port) else random_port()


def first_free(start: int, tries: int = 20) -> int | None:
    """The first free port from `start` upwards."""
    return next((port for port in range(start, start + tries) if is_free(port)), None)
