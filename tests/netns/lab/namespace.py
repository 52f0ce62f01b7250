# SPDX-License-Identifier: MIT
"""Network namespaces by name: commands, sockets and threads inside them."""

import ctypes
import os
import socket
import subprocess
import threading

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

COMMAND_SECONDS = 30


def run(*command, check=True, input_text=None, seconds=COMMAND_SECONDS):
    """Runs a command and returns the completed process; its output is in the error, if any."""
    done = subprocess.run(
        command, input=input_text, capture_output=True, text=True, timeout=seconds, check=False
    )
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done


def enter(name):
    """Moves the calling thread, and it alone, into a namespace."""
    handle = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(handle, _CLONE_NEWNET) != 0:
            error = ctypes.get_errno()
            raise OSError(error, f"setns {name}: {os.strerror(error)}")
    finally:
        os.close(handle)


def call_inside(name, function):
    """Calls a function in a thread inside the namespace and hands on its result or exception."""
    outcome = {}

    def body():
        try:
            enter(name)
            outcome["result"] = function()
        except BaseException as error:  # handed to the caller below
            outcome["error"] = error

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    thread.join(COMMAND_SECONDS)
    if thread.is_alive():
        raise RuntimeError(f"a call inside {name} took longer than {COMMAND_SECONDS} s")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


def open_socket(name, family, kind, protocol=0):
    """A socket that stays in the namespace wherever it is used."""
    return call_inside(name, lambda: socket.socket(family, kind | socket.SOCK_CLOEXEC, protocol))
