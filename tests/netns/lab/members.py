# SPDX-License-Identifier: MIT
"""What makes the speakers of several hosts a group: the list of members and their secret key."""

import base64
import os


def write_key(directory):
    """A new secret key in a file that only root may read; returns its path."""
    path = os.path.join(directory, "secretkey")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(16)))
    return path


def member_options(members, key, address=None, profile=None):
    """Options of a speaker whose group these members are, as --members names them, itself among
    them; it talks to them from the address."""
    options = ["--members", members, "--ml-secret-key-path", key]
    options += ["--ml-bindaddr", address] if address else []
    return options + (["--ml-profile", profile] if profile else [])
