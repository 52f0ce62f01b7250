# SPDX-License-Identifier: MIT
"""The command line of metallbctl: exit codes, reports, the lock file, the speaker's socket."""

import json
import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
import threading

sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support")
)

from tap import Tap  # noqa: E402  (the path is set above)

PROGRAM = os.environ["METALLBCTL"]
POOL = """apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: lan}
spec: {addresses: [192.0.2.0/29]}
"""
ADVERTISEMENT = """---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: all}
"""
STATUS = {
    "node": "a",
    "addresses": [
        {
            "address": "192.0.2.1",
            "services": ["default/web"],
            "owner": "a",
            "ranking": ["a", "b"],
            "reason": None,
            "interfaces": ["eth0"],
            "counters": {"requests": 4711, "replies": 18446744073709551615},
        }
    ],
    "interfaces": [{"name": "eth0", "hardwareAddress": "02:00:00:00:00:01", "usable": True}],
    "errors": [{"message": "something is wrong"}],
}


def service(name, spec=""):
    return f"""---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{type: LoadBalancer{spec}}}
"""


def run(*arguments, text=None):
    return subprocess.run(
        [PROGRAM, *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def differs(what, found, expected):
    if found != expected:
        yield f"{what}: {found!r}, expected {expected!r}"


def exits(done, code, out="", error=""):
    yield from differs("exit", done.returncode, code)
    if out not in done.stdout:
        yield f"standard output lacks {out!r}: {done.stdout!r}"
    if error not in done.stderr:
        yield f"standard error lacks {error!r}: {done.stderr!r}"


def addresses(done):
    """Addresses by name of service."""
    return {
        entry["name"]: entry["addresses"] for entry in json.loads(done.stdout)["services"]
    }


class Directory:
    """A directory of manifests."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="metallbctl-")
        self.path = self.temporary.name

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def read(self, name):
        with open(os.path.join(self.path, name), encoding="utf-8") as file:
            return file.read()

    def allocate(self, *more):
        return run("allocate", "-f", self.path, "-o", "json", *more)


def usage():
    yield from exits(run(), 2, error="Usage:")
    yield from exits(run("--help"), 0, out="validate")
    yield from exits(run("--version"), 0, out="metallbctl 0.")
    yield from exits(run("nonsense"), 2, error="nonsense")
    for command in ("validate", "allocate", "elect", "status", "members", "drain", "undrain"):
        yield from exits(run(command, "--help"), 0, out=f"Usage: metallbctl {command}")
        yield from exits(run(command, "--nonsense"), 2, error="--help")
        yield from exits(run(command, "surplus", *PATHS.get(command, [])), 2, error="surplus")
    for command in ("validate", "allocate", "elect"):
        yield from exits(run(command), 2, error="-f PATH is missing")
        yield from exits(run(command, "-f", "-", "-o", "xml"), 2, error="xml")
    yield from exits(run("validate", "-f", "-", "--write", "x"), 2, error="--write")
    yield from exits(run("elect", "-f", "-", "--election", "x", text=POOL), 2, error="--election")


PATHS = {command: ["-f", "/dev/null"] for command in ("validate", "allocate", "elect")}


def reports():
    directory = Directory()
    path = directory.write("bad.yaml", POOL.replace("192.0.2.0/29", "192.0.2.0/33"))
    done = run("validate", "-f", path)
    yield from exits(done, 1, out="invalid: 1 error; 0 objects in order", error=f"{path}:")
    yield from exits(done, 1, error="IPAddressPool/default/lan: spec.addresses[0]: ")
    value = json.loads(run("validate", "-f", path, "-o", "json").stdout)
    yield from differs("members", list(value), ["valid", "errors", "warnings"])
    yield from differs("valid", value["valid"], False)
    error = value["errors"][0]
    yield from differs("members", list(error), ["file", "line", "object", "field", "message"])
    yield from differs("field", error["field"], "spec.addresses[0]")
    yield from exits(run("validate", "-f", "-", text=POOL + ADVERTISEMENT), 0, out="valid: 2 objects")
    value = json.loads(run("validate", "-f", "-", "-o", "json", text=POOL).stdout)
    yield from differs("valid", value["valid"], True)
    yield from differs("warnings", len(value["warnings"]), 1)
    yield from exits(run("validate", "-f", os.path.join(directory.path, "none")), 1)


def impossible_requests():
    text = POOL + ADVERTISEMENT + service("web", ", loadBalancerIP: 203.0.113.1")
    yield from exits(run("validate", "-f", "-", text=text), 0)
    done = run("allocate", "-f", "-", "-o", "json", text=text)
    yield from exits(done, 0)
    value = json.loads(done.stdout)
    yield from differs("members", list(value), ["services", "pools"])
    entry = value["services"][0]
    yield from differs(
        "members", list(entry), ["namespace", "name", "addresses", "pool", "error"]
    )
    yield from differs("addresses", entry["addresses"], [])
    yield from differs("pool", entry["pool"], None)
    if "203.0.113.1" not in (entry["error"] or ""):
        yield f"error: {entry['error']}"
    yield from differs(
        "pools",
        value["pools"],
        [
            {
                "name": "lan",
                "assignedIPv4": "0",
                "availableIPv4": "8",
                "assignedIPv6": "0",
                "availableIPv6": "0",
            }
        ],
    )


def lock_file(name):
    directory = Directory()
    lock = os.path.join(directory.path, name)
    directory.write("pool.yaml", POOL)
    directory.write("services.yaml", service("b") + service("c"))
    yield from exits(directory.allocate("--write", lock), 0)
    yield from differs("mode", stat.S_IMODE(os.stat(lock).st_mode) & 0o400, 0o400)
    directory.write("more.yaml", service("a"))
    wanted = {"a": ["192.0.2.2"], "b": ["192.0.2.0"], "c": ["192.0.2.1"]}
    yield from differs("read back", addresses(directory.allocate()), wanted)
    yield from differs("again", addresses(directory.allocate("--write", lock)), wanted)
    before = directory.read(name)
    yield from differs("once more", addresses(directory.allocate("--write", lock)), wanted)
    yield from differs("content", directory.read(name), before)
    left = sorted(os.listdir(directory.path))
    yield from differs("files", left, sorted([name, "pool.yaml", "services.yaml", "more.yaml"]))


def lock_file_apart():
    directory = Directory()
    apart = Directory()
    lock = os.path.join(apart.path, "lock.yaml")
    link = os.path.join(apart.path, "link.yaml")
    apart.write("lock.yaml", "")
    os.symlink("lock.yaml", link)
    directory.write("all.yaml", POOL + service("b"))
    directory.allocate("--write", link)
    directory.write("all.yaml", POOL + service("a") + service("b"))
    wanted = {"a": ["192.0.2.1"], "b": ["192.0.2.0"]}
    yield from differs("kept", addresses(directory.allocate("--write", link)), wanted)
    yield from differs("link", os.path.islink(link), True)
    read = run("allocate", "-f", directory.path, "-f", lock, "-o", "json")
    yield from differs("as input", addresses(read), wanted)
    read = run("allocate", "-f", directory.path, "-f", lock, "--write", lock, "-o", "json")
    yield from differs("as both", addresses(read), wanted)


def broken_objects_release_nothing():
    directory = Directory()
    lock = os.path.join(directory.path, "lock.yaml")
    directory.write("pool.yaml", POOL)
    directory.write("b.yaml", service("b"))
    directory.write("c.yaml", service("c"))
    directory.allocate("--write", lock)
    directory.write("b.yaml", service("b", ", ports: nonsense"))
    directory.write("a.yaml", service("a"))
    done = directory.allocate("--write", lock)
    yield from exits(done, 1, error="b.yaml:")
    wanted = {"a": ["192.0.2.2"], "c": ["192.0.2.1"]}
    yield from differs("without b", addresses(done), wanted)
    directory.write("b.yaml", service("b"))
    directory.write("pool.yaml", POOL.replace("/29", "/99"))
    done = directory.allocate("--write", lock)
    yield from exits(done, 1, error="pool.yaml:")
    wanted["b"] = ["192.0.2.0"]
    yield from differs("without pool", addresses(done), wanted)
    directory.write("pool.yaml", POOL)
    yield from differs("healed", addresses(directory.allocate("--write", lock)), wanted)
    os.unlink(os.path.join(directory.path, "b.yaml"))
    yield from exits(directory.allocate("--write", lock), 0)
    if "192.0.2.0" in directory.read("lock.yaml"):
        yield "a service that was removed is still recorded"


def a_broken_lock_file_stays():
    directory = Directory()
    directory.write("all.yaml", POOL + service("a"))
    for text in ("a: [", "apiVersion: v1\nkind: Service\nmetadata: {name: 7.}\n"):
        lock = directory.write("lock.yaml", text)
        yield from exits(directory.allocate("--write", lock), 1, error="left as it is")
        yield from differs("content", directory.read("lock.yaml"), text)


def unwritable_lock_file():
    directory = Directory()
    directory.write("all.yaml", POOL + service("a"))
    lock = os.path.join(directory.path, "none", "lock.yaml")
    yield from exits(directory.allocate("--write", lock), 1, error="No such file")
    fifo = os.path.join(directory.path, "fifo")
    os.mkfifo(fifo)
    yield from exits(directory.allocate("--write", fifo), 1, error="not a regular file")
    yield from differs("still a pipe", stat.S_ISFIFO(os.stat(fifo).st_mode), True)
    os.unlink(fifo)


def other_objects_are_not_overwritten():
    directory = Directory()
    text = POOL + service("a")
    deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
    path = directory.write("all.yaml", text)
    other = directory.write("other.yaml", deployment)
    for target, before in ((path, text), (other, deployment)):
        yield from exits(directory.allocate("--write", target), 1, error="other objects")
        yield from differs("content", directory.read(os.path.basename(target)), before)


def kept_assignments_stand_in_order():
    directory = Directory()
    lock = os.path.join(directory.path, "lock.yaml")
    directory.write("pool.yaml", POOL)
    for name in "abc":
        directory.write(f"{name}.yaml", service(name))
    directory.allocate("--write", lock)
    before = directory.read("lock.yaml")
    directory.write("a.yaml", service("a", ", ports: nonsense"))
    yield from exits(directory.allocate("--write", lock), 1, error="no Service of this name")
    yield from differs("content", directory.read("lock.yaml"), before)


def paths_to_one_file():
    directory = Directory()
    path = directory.write("all.yaml", POOL + ADVERTISEMENT + service("a"))
    wanted = {"a": ["192.0.2.0"]}
    detour = os.path.join(directory.path, "..", os.path.basename(directory.path), "all.yaml")
    done = directory.allocate("-f", path, "-f", directory.path, "-f", detour)
    yield from exits(done, 0)
    yield from differs("stderr", done.stderr, "")
    yield from differs("addresses", addresses(done), wanted)
    os.symlink("nothing.yaml", os.path.join(directory.path, "link.yaml"))
    yield from exits(directory.allocate(), 1, error="link.yaml: cannot be read: it is a link")


def notes():
    text = "\ufeff" + POOL.replace("IPAddressPool", "IPAddressPol")
    yield from exits(run("validate", "-f", "-", text=text), 0, error="note: kind IPAddressPol")


def an_empty_file():
    directory = Directory()
    lock = os.path.join(directory.path, "lock.yaml")
    directory.write("pool.yaml", POOL + ADVERTISEMENT)
    directory.write("a.yaml", service("a"))
    wanted = addresses(directory.allocate("--write", lock))
    directory.write("a.yaml", "")
    done = run("validate", "-f", directory.path, "-o", "json")
    yield from exits(done, 0)
    yield from differs("valid", json.loads(done.stdout)["valid"], True)
    yield from exits(directory.allocate("--write", lock), 0, error="a.yaml: note: is empty")
    directory.write("a.yaml", service("a"))
    yield from differs("kept", addresses(directory.allocate()), wanted)


def elections():
    text = POOL + ADVERTISEMENT + service("web", ", loadBalancerIP: 192.0.2.1")
    done = run("elect", "-f", "-", "-o", "json", "--alive", "a,b", text=text)
    yield from exits(done, 0)
    wanted = {
        "address": "192.0.2.1",
        "services": ["default/web"],
        "owner": None,
        "ranking": [],
        "reason": "noReadyEndpoint",
    }
    yield from differs("nobody", json.loads(done.stdout), {"addresses": [wanted]})
    done = run("elect", "-f", "-", "--alive", " , a ,", "--election", "speakers", text=text)
    yield from exits(done, 0, out="192.0.2.1  a")
    done = run("elect", "-f", "-", "-o", "json", text=text + "---\nkind: [")
    yield from exits(done, 1)
    yield from differs("goes on", len(json.loads(done.stdout)["addresses"]), 1)


def answer_once(listener, answer, seen):
    connection, _ = listener.accept()
    with connection:
        seen.append(connection.recv(4096))
        connection.sendall(answer)


def ask(answer, *options, command="status"):
    """What the tool does with an answer of a speaker."""
    directory = Directory()
    path = os.path.join(directory.path, "s")
    seen = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        thread = threading.Thread(target=answer_once, args=(listener, answer, seen))
        thread.start()
        done = run(command, "--control", path, *options)
        thread.join()
    return done, seen[0]


def status():
    answer = json.dumps(STATUS).encode() + b"\n"
    done, request = ask(answer, "-o", "json")
    yield from exits(done, 0)
    yield from differs("request", request, b'{"command":"status"}\n')
    yield from differs("document", done.stdout.encode(), answer)
    done, _ = ask(answer)
    for part in ("Node a", "192.0.2.1", "4711", "default/web", "eth0", "something is wrong"):
        yield from exits(done, 0, out=part)
    done, _ = ask(b'{"error":"unknown command"}')
    yield from exits(done, 1, error="unknown command")
    for garbage in (b"", b"nonsense", b"[1]", b"{"):
        done, _ = ask(garbage)
        yield from exits(done, 1, error="does not answer like a speaker")
    yield from exits(run("status", "--control", "/nonexistent"), 1, error="nobody listens")
    yield from exits(run("status", "--control", "/" + "x" * 200), 1, error="xxx")


MEMBERS = {
    "members": [
        {
            "name": "a",
            "endpoint": "192.0.2.1:7946",
            "state": "alive",
            "self": True,
            "facts": "read",
            "ready": True,
            "draining": False,
            "configuration": "0123456789abcdef",
            "interfaces": [{"name": "eth0", "subnets": []}, {"name": "eth1", "subnets": []}],
            "addresses": 4711,
            "moreAddresses": True,
            "differs": False,
        },
        {
            "name": "b",
            "endpoint": "[2001:db8::2]:7946",
            "state": "suspect",
            "self": False,
            "facts": "read",
            "ready": True,
            "draining": True,
            "configuration": "fedcba9876543210",
            "interfaces": [],
            "addresses": 0,
            "moreAddresses": False,
            "differs": True,
        },
        {
            "name": "c",
            "endpoint": "192.0.2.3:7946",
            "state": "failed",
            "self": False,
            "facts": "none",
            "differs": False,
        },
    ],
    "membership": {},
}
ROWS = (
    r"a \(this\) +192\.0\.2\.1:7946 +alive +ready +4711 or more +eth0, ?eth1 +01234567$",
    r"b +\[2001:db8::2\]:7946 +suspect +draining +0 +- +fedcba98 DIFFERS$",
    r"c +192\.0\.2\.3:7946 +failed +none +- +- +-$",
)


def members():
    answer = json.dumps(MEMBERS).encode() + b"\n"
    done, request = ask(answer, "-o", "json", command="members")
    yield from exits(done, 0)
    yield from differs("request", request, b'{"command":"members"}\n')
    yield from differs("document", done.stdout.encode(), answer)
    done, _ = ask(answer, command="members")
    for row in ROWS:
        yield from differs(row, bool(re.search(row, done.stdout, re.M)), True)
    # The status shows them too.
    done, _ = ask(json.dumps({**STATUS, **MEMBERS, "state": "running"}).encode())
    for part in ("Node a, running", "[2001:db8::2]:7946"):
        yield from exits(done, 0, out=part)
    done, _ = ask(b'{"members":null,"membership":null}', command="members")
    yield from exits(done, 1, error="without --members")


def drain():
    for command in ("drain", "undrain"):
        done, request = ask(b'{"state":"draining"}\n', command=command)
        yield from exits(done, 0, out="draining")
        yield from differs("request", request, b'{"command":"%s"}\n' % command.encode())
        done, _ = ask(b'{"error":"this speaker ends"}\n', command=command)
        yield from exits(done, 1, error="this speaker ends")


def main():
    tap = Tap()
    tap.check("usage", usage())
    tap.check("reports of broken objects", reports())
    tap.check("impossible requests", impossible_requests())
    for name in ("lock.yaml", "lock.yml", "lock.json"):
        tap.check(f"lock file {name}", lock_file(name))
    tap.check("lock file apart from the manifests", lock_file_apart())
    tap.check("broken objects release nothing", broken_objects_release_nothing())
    tap.check("a broken lock file stays", a_broken_lock_file_stays())
    tap.check("unwritable lock file", unwritable_lock_file())
    tap.check("other objects are not overwritten", other_objects_are_not_overwritten())
    tap.check("kept assignments stand in order", kept_assignments_stand_in_order())
    tap.check("paths to one file", paths_to_one_file())
    tap.check("notes", notes())
    tap.check("an empty file", an_empty_file())
    tap.check("elections", elections())
    tap.check("status", status())
    tap.check("members", members())
    tap.check("drain", drain())
    tap.finish()


main()
