# SPDX-License-Identifier: MIT
"""The controller is killed again and again while its manifests are torn about.

Services of two kinds: steady ones never change what they wish, and nothing that is done to the
manifests takes away what they have; churning ones come, go, ask for other things and compete for
the same pool. At every moment that anybody can see, also after a crash, no address is recorded by
two services that may not share it, and each steady service has the address that it always had.
"""

import ctypes
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]

from daemon import ADVERTISEMENT, Daemon, pool, service  # noqa: E402
from tap import Tap  # noqa: E402

KILLS = int(os.environ.get("SURVIVAL_KILLS", "500"))
SEED = int(os.environ.get("SURVIVAL_SEED", str(random.randrange(2**32))))
DISK_SIZE = "768k"

STEADY = 12
CHURNING = 12
KEY = {"metallb.io/allow-shared-ip": "together"}
MAIN = ["192.0.2.0/28", "192.0.2.64-192.0.2.71", "2001:db8::/120"]
SPARE = ["198.51.100.0/29"]


def steady_text(number):
    """What a steady service is: plain, of two families, or sharing one address."""
    name = f"steady-{number}"
    if number % 4 == 0:
        return service(name, ipFamilyPolicy="RequireDualStack")
    if number % 4 == 1:
        return service(name, ports=(8000 + number,), annotations=KEY)
    return service(name)


class Desk:
    """What an administrator does to the manifests, from a seed."""

    def __init__(self, daemon, chance):
        self.daemon = daemon
        self.chance = chance
        self.churning = {}  # file name -> text, as it is whole on disk
        self.write("pools.yaml", self.pools())
        for number in range(STEADY):
            self.write(f"steady-{number}.json", steady_text(number))

    def pools(self):
        return pool("main", MAIN) + "---\n" + pool("spare", SPARE) + ADVERTISEMENT

    def path(self, name):
        return os.path.join(self.daemon.manifests, name)

    def write(self, name, text):
        self.daemon.write(name, text)

    def in_place(self, name, text):
        """Empties a file and writes it in pieces, as a careless editor does."""
        cut = self.chance.randrange(len(text) + 1)
        with open(self.path(name), "w", encoding="utf-8") as file:
            if self.chance.random() < 0.5:
                time.sleep(self.chance.random() * 0.03)
            file.write(text[:cut])
            file.flush()
            time.sleep(self.chance.random() * 0.03)
            file.write(text[cut:])

    def steady_file(self):
        number = self.chance.randrange(STEADY)
        return f"steady-{number}.json", steady_text(number)

    def rewrite_pools(self):
        self.in_place("pools.yaml", self.pools())

    def rewrite_steady(self):
        self.in_place(*self.steady_file())

    def touch_steady(self):
        self.write(*self.steady_file())

    def break_steady(self):
        """A broken version for a moment; then the whole one again."""
        name, text = self.steady_file()
        self.write(name, text[: self.chance.randrange(1, len(text) - 2)])
        time.sleep(self.chance.random() * 0.05)
        self.write(name, text)

    def break_pools(self):
        text = self.pools()
        self.write("pools.yaml", text.replace("192.0.2.0/28", "192.0.2.0/99"))
        time.sleep(self.chance.random() * 0.05)
        self.write("pools.yaml", text)

    def move_steady(self):
        """Into another file and back: for a moment it stands in both."""
        name, text = self.steady_file()
        self.write(f"other-{name}", text)
        os.unlink(self.path(name))
        time.sleep(self.chance.random() * 0.04)
        os.rename(self.path(f"other-{name}"), self.path(name))

    def exchange_directory(self):
        """A new directory takes the place of the old one, in one step."""
        fresh = self.daemon.manifests + ".new"
        shutil.copytree(self.daemon.manifests, fresh)
        libc = ctypes.CDLL(None, use_errno=True)
        result = libc.renameat2(
            -100, fresh.encode(), -100, self.daemon.manifests.encode(), 2  # RENAME_EXCHANGE
        )
        if result != 0:
            raise OSError(ctypes.get_errno(), "renameat2")
        shutil.rmtree(fresh)

    def vanish_directory(self):
        """The directory is away for a moment."""
        away = self.daemon.manifests + ".away"
        os.rename(self.daemon.manifests, away)
        time.sleep(self.chance.random() * 0.04)
        os.rename(away, self.daemon.manifests)

    def churn(self):
        name = f"churn-{self.chance.randrange(CHURNING)}"
        file = f"{name}.json"
        if file in self.churning and self.chance.random() < 0.4:
            os.unlink(self.path(file))
            del self.churning[file]
            return
        annotations = {}
        if self.chance.random() < 0.3:
            annotations["metallb.io/address-pool"] = self.chance.choice(["main", "spare"])
        elif self.chance.random() < 0.3:
            last = self.chance.randrange(16)
            annotations["metallb.io/loadBalancerIPs"] = f"192.0.2.{last}"
        if self.chance.random() < 0.3:
            annotations.update(KEY)
        text = service(name, ports=(self.chance.randrange(1, 4),), annotations=annotations)
        self.write(file, text)
        self.churning[file] = text

    def shrink_spare(self):
        """Only the pool that no steady service uses."""
        text = self.pools()
        smaller = text.replace(SPARE[0], "198.51.100.0/30")
        self.write("pools.yaml", smaller)
        time.sleep(self.chance.random() * 0.04)
        self.write("pools.yaml", text)

    def fill_disk(self):
        """Nothing more fits for a while on the disk of the state."""
        filler = os.path.join(self.daemon.state, "filler")
        try:
            with open(filler, "wb") as file:
                while True:
                    file.write(b"\0" * 4096)
                    file.flush()
        except OSError:
            pass
        self.churn()
        time.sleep(self.chance.random() * 0.1)
        os.unlink(filler)

    def act(self):
        common = [self.churn] * 6 + [self.rewrite_pools, self.rewrite_steady, self.touch_steady]
        rare = [
            self.break_steady, self.break_pools, self.move_steady, self.exchange_directory,
            self.vanish_directory, self.shrink_spare, self.fill_disk,
        ]  # fmt: skip
        self.chance.choice(common * 2 + rare)()


class Observer(threading.Thread):
    """Reads the state directory all the time, as a speaker does."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.subject = daemon
        self.steady = {}  # name -> the addresses that it must have
        self.problems = []
        self.looks = 0
        self.ended = threading.Event()

    def listing(self):
        directory = os.path.join(self.subject.state, "services", "default")
        found = {}
        try:
            for entry in os.scandir(directory):
                if entry.name.endswith(".json") and not entry.name.startswith("."):
                    status = entry.stat()
                    found[entry.name[:-5]] = (status.st_ino, status.st_mtime_ns)
        except FileNotFoundError:
            pass
        return found

    def read(self):
        """Everything as it was at one moment, or None while it changes."""
        before = self.listing()
        documents = {}
        for name in before:
            path = os.path.join(self.subject.state, "services", "default", f"{name}.json")
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read()
            except FileNotFoundError:
                return None
            try:
                documents[name] = json.loads(text)
            except ValueError:
                self.complain(f"{name}.json is no JSON: {text!r}")
        return documents if self.listing() == before else None

    def complain(self, text):
        if len(self.problems) < 20:
            self.problems.append(f"{time.monotonic():.3f}: {text}")

    def look(self):
        documents = self.read()
        if documents is None:
            return
        self.looks += 1
        holders = {}
        for name, document in documents.items():
            addresses = [item["ip"] for item in document["status"]["loadBalancer"]["ingress"]]
            terms = document["metadata"].get("annotations", {}).get("metallb.io/ip-sharing-terms")
            for address in addresses:
                holders.setdefault(address, []).append((name, terms))
            if name in self.steady and addresses != self.steady[name]:
                self.complain(f"{name} had {self.steady[name]}, has {addresses}")
        for name in self.steady:
            if name not in documents:
                self.complain(f"{name} has lost its record")
        for address, names in holders.items():
            if len(names) > 1 and not may_share(names):
                self.complain(f"{address} is doubled: {names}")

    def run(self):
        while not self.ended.is_set():
            self.look()
            time.sleep(0.002)


def may_share(holders):
    """Whether these may have one address together: one key, ports of their own."""
    if any(terms is None for _, terms in holders):
        return False
    parts = [terms.split(" ") for _, terms in holders]
    ports = [port for part in parts for port in part[0].split(",")]
    return len({(part[1], part[2]) for part in parts}) == 1 and len(ports) == len(set(ports))


def idle_waiters(records, desk, status):
    """Services without an address although they may have any and there are free ones."""
    free = [item["name"] for item in status["pools"] if item["availableIPv4"] != "0"]
    for name, addresses in records.items():
        text = desk.churning.get(f"{name}.json", "")
        asks = "loadBalancerIPs" in text or "address-pool" in text
        if free and not addresses and not asks:
            yield f"{name} waits although {free} have free addresses"


def check_settled(daemon, desk, problems):
    """Once it is quiet each service is recorded, and waits only where nothing is free."""
    expected = {f"steady-{number}" for number in range(STEADY)}
    expected |= {file[:-5] for file in desk.churning}

    def is_settled(subject):
        status = subject.status()
        records = subject.records()
        return (
            status and status["ready"] and set(records) == expected
            and not list(idle_waiters(records, desk, status))
        )  # fmt: skip

    if daemon.wait(is_settled):
        return
    status = daemon.status()
    if status is None:
        problems.append(f"does not answer; ended with {daemon.process.poll()}")
        return
    records = daemon.records()
    problems.append(f"records {sorted(records)}, expected {sorted(expected)}")
    problems += idle_waiters(records, desk, status)


def torment(base):
    chance = random.Random(SEED)
    daemon = Daemon(base)
    desk = Desk(daemon, chance)
    observer = Observer(daemon)
    problems = []
    daemon.start()
    if not daemon.wait_ready():
        return observer, ["it is not ready: " + daemon.log()[-2000:]]
    check_settled(daemon, desk, problems)
    for number in range(STEADY):
        observer.steady[f"steady-{number}"] = daemon.record(f"steady-{number}")
    observer.start()
    for kill in range(KILLS):
        end = time.monotonic() + chance.random() * 0.12
        while time.monotonic() < end:
            desk.act()
        if kill % 50 == 49:
            check_settled(daemon, desk, problems)
        daemon.kill()
        observer.look()
        if observer.problems or problems:
            problems.append(f"at kill {kill + 1}")
            break
        if chance.random() < 0.3:
            desk.act()
        daemon.start()
    daemon.wait_ready()
    check_settled(daemon, desk, problems)
    daemon.stop()
    observer.ended.set()
    observer.join()
    if problems or observer.problems:
        problems += [line for line in daemon.log().splitlines()[-150:] if "kept" not in line]
    return observer, problems


def run_in_small_disk():
    """Mounts a disk of its own in a namespace of its own, and runs the test in there."""
    base = tempfile.mkdtemp(prefix="metallb-survival-")
    try:
        os.mkdir(os.path.join(base, "state"))
        mount = f"mount -t tmpfs -o size={DISK_SIZE} state {base}/state"
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec", f'{mount}; exec "$@"', "sh",
             sys.executable, os.path.abspath(__file__), base],
            check=False,
        ).returncode  # fmt: skip
    finally:
        shutil.rmtree(base)


def main():
    if len(sys.argv) < 2:
        if os.geteuid() != 0:
            print("1..0 # SKIP needs root for a disk of its own")
            return 0
        return run_in_small_disk()
    tap = Tap()
    print(f"# seed {SEED}, {KILLS} kills; again with SURVIVAL_SEED={SEED}")
    observer, problems = torment(sys.argv[1])
    print(f"# {observer.looks} looks at the state")
    tap.check("no observed state is wrong", observer.problems)
    tap.check(f"nothing is lost, doubled or moved by {KILLS} kills", problems)
    tap.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
