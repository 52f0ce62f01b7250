# SPDX-License-Identifier: MIT
"""The whole lines of a log file that have come since it was last asked."""

import os


class Follower:
    """Begins behind what the file has already; it need not be there yet."""

    def __init__(self, path):
        self._path = path
        self._position = os.path.getsize(path) if os.path.exists(path) else 0

    def lines(self):
        with open(self._path, "rb") as log:
            log.seek(self._position)
            whole, newline, _ = log.read().rpartition(b"\n")
        self._position += len(whole) + len(newline)
        return whole.decode("utf-8", "replace").splitlines()
