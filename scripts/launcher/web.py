"""Asking the web server how it is."""

import http.client
import json


def answers(port: int, path: str) -> bool:
    """Whether the page comes with status 200."""
    return status(port, path) == 200


def status(port: int, path: str) -> int:
    """The status of a page, 0 when nobody answers."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", path, headers={"Host": f"localhost:{port}"})
        return link.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        link.close()


def unready_parts(port: int) -> list[str]:
    """What `/readyz` says does not answer."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
        state = json.loads(link.getresponse().read())
        return [name for name, works in state.items() if not works and name != "ready"]
    except (OSError, http.client.HTTPException, ValueError):
        return ["web"]
    finally:
        link.close()
