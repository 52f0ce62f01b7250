# SPDX-License-Identifier: MIT
"""The controller as a user runs it: options, records, events, failures, its end."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]

from daemon import ADVERTISEMENT, CONTROLLER, METALLBCTL, Daemon, pool, service  # noqa: E402
from tap import Tap  # noqa: E402

SMALL = pool("lan", ["192.0.2.0/31"]) + ADVERTISEMENT


class Fixture:
    """A directory and a controller that ends with the test."""

    def __init__(self, manifests=SMALL):
        self.base = tempfile.mkdtemp(prefix="metallb-controller-")
        self.daemon = Daemon(self.base)
        if manifests:
            self.daemon.write("lan.yaml", manifests)

    def __enter__(self):
        return self.daemon

    def __exit__(self, *_):
        process = self.daemon.process
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(self.base)


def expect(condition, text):
    if not condition:
        yield text


def start(daemon, *arguments):
    daemon.start(*arguments)
    yield from expect(daemon.wait_ready(), "is not ready: " + daemon.log())


def record_becomes(daemon, name, addresses):
    held = daemon.wait(lambda d: d.record(name) == addresses)
    yield from expect(held, f"{name} has {daemon.record(name)}, not {addresses}: {daemon.log()}")


def events(daemon):
    done = daemon.ctl("events", "-o", "json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(daemon, kind, name):
    """Whether such an event comes: it does once the record, which can be read before, is durable."""
    return daemon.wait(
        lambda d: any((event["kind"], event["name"]) == (kind, name) for event in events(d))
    )


def check_waiting():
    """one that must wait gets the address that another gives back, and the events say why"""
    with Fixture() as daemon:
        for name in "abc":
            daemon.write(f"{name}.json", service(name))
        yield from start(daemon)
        yield from record_becomes(daemon, "a", ["192.0.2.0"])
        yield from record_becomes(daemon, "c", [])
        done = daemon.ctl("why-not", "default/c")
        yield from expect("all its 2 IPv4 addresses are in use" in done.stdout, done.stdout)
        daemon.remove("a.json")
        yield from record_becomes(daemon, "c", ["192.0.2.0"])
        yield from expect(daemon.record("a") is None, "the record of a stays")
        yield from expect(told(daemon, "assigned", "c"), f"no event: {events(daemon)}")
        kinds = [(event["kind"], event["name"]) for event in events(daemon)]
        wanted = [("refused", "c"), ("released", "a"), ("assigned", "c")]
        yield from expect([one for one in kinds if one in wanted] == wanted, kinds)
        refused = next(event for event in events(daemon) if event["kind"] == "refused")
        yield from expect("no pool that the service may use" in refused["reason"], refused)
        text = daemon.ctl("events").stdout
        yield from expect(re.search(r"released +default/a +\(was 192.0.2.0\)", text), text)


def check_follow():
    """metallbctl events --follow shows what happens while it runs"""
    with Fixture() as daemon:
        yield from start(daemon)
        follower = subprocess.Popen(
            [METALLBCTL, "events", "--follow", "-o", "json", "--control", daemon.control],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        daemon.write("a.json", service("a"))
        event = json.loads(follower.stdout.readline())
        follower.terminate()
        follower.wait()
        follower.stdout.close()
        yield from expect(
            (event["kind"], event["name"], event["addresses"]) == ("assigned", "a", ["192.0.2.0"]),
            event,
        )


def check_moves():
    """a service that asks for another pool moves, and is told why"""
    manifests = SMALL + "---\n" + pool("other", ["198.51.100.0/30"])
    with Fixture(manifests) as daemon:
        daemon.write("a.json", service("a"))
        yield from start(daemon)
        daemon.write("a.json", service("a", annotations={"metallb.io/address-pool": "other"}))
        yield from record_becomes(daemon, "a", ["198.51.100.0"])
        yield from expect(told(daemon, "moved", "a"), f"no event: {events(daemon)}")
        moved = [event for event in events(daemon) if event["kind"] == "moved"]
        yield from expect(
            moved and moved[0]["former"] == ["192.0.2.0"]
            and "asks for the pool other" in moved[0]["reason"],
            moved,
        )  # fmt: skip


def check_restart():
    """what is held stays through a stop and through SIGKILL, whatever else would come first"""
    with Fixture() as daemon:
        daemon.write("z.json", service("z"))
        yield from start(daemon)
        daemon.kill()
        daemon.write("a.json", service("a"))
        yield from start(daemon)
        yield from record_becomes(daemon, "a", ["192.0.2.1"])
        yield from record_becomes(daemon, "z", ["192.0.2.0"])
        yield from expect(daemon.stop() == 0, "its exit status is not 0")
        daemon.write("0.json", service("0"))
        yield from start(daemon)
        yield from record_becomes(daemon, "z", ["192.0.2.0"])
        yield from expect("kept" in daemon.ctl("events").stdout, daemon.ctl("events").stdout)


def check_broken():
    """while a manifest is broken nothing is released or moved; what is new still gets its address"""
    with Fixture(pool("lan", ["192.0.2.0/29"]) + ADVERTISEMENT) as daemon:
        daemon.write("a.json", service("a"))
        daemon.write("b.json", service("b"))
        yield from start(daemon)
        daemon.write("broken.yaml", "kind: [")
        yield from expect(daemon.wait(lambda d: d.status()["errors"]), "no error is shown")
        daemon.remove("a.json")
        daemon.write("b.json", service("b", annotations={"metallb.io/loadBalancerIPs": "192.0.2.5"}))
        daemon.write("c.json", service("c"))
        yield from record_becomes(daemon, "c", ["192.0.2.2"])
        yield from expect(daemon.record("a") == ["192.0.2.0"], "a has lost its address")
        yield from expect(daemon.record("b") == ["192.0.2.1"], "b has moved")
        daemon.remove("broken.yaml")
        yield from record_becomes(daemon, "b", ["192.0.2.5"])
        yield from expect(daemon.record("a") is None, "a is still recorded")


def check_vanished():
    """manifests that vanish take nothing away"""
    with Fixture() as daemon:
        daemon.write("a.json", service("a"))
        yield from start(daemon)
        os.rename(daemon.manifests, daemon.manifests + ".away")
        yield from expect(daemon.wait(lambda d: d.status()["errors"]), "no error is shown")
        yield from expect(daemon.record("a") == ["192.0.2.0"], "a has lost its address")
        os.rename(daemon.manifests + ".away", daemon.manifests)
        yield from expect(daemon.wait(lambda d: not d.status()["errors"]), "the error stays")
        yield from expect(daemon.record("a") == ["192.0.2.0"], "a has lost its address")


def check_lock():
    """a second controller of one state says who has it, and touches nothing"""
    with Fixture() as daemon:
        yield from start(daemon)
        done = subprocess.run(
            [CONTROLLER, "--manifests", daemon.manifests, "--state", daemon.state,
             "--control", daemon.control + "2"],
            check=False, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        yield from expect(done.returncode == 1, f"exit status {done.returncode}")
        yield from expect(f"process {daemon.process.pid} on " in done.stderr, done.stderr)


def check_unreadable_record():
    """a record that cannot be read stays as it is, and no new address is given"""
    with Fixture() as daemon:
        daemon.write("a.json", service("a"))
        yield from start(daemon)
        daemon.stop()
        path = os.path.join(daemon.state, "services", "default", "a.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write("{")
        daemon.write("b.json", service("b"))
        yield from start(daemon)
        yield from expect(path in daemon.log(), daemon.log())
        yield from record_becomes(daemon, "b", [])
        waiting = {one["name"]: one["reason"] for one in daemon.status()["waiting"]}
        yield from expect("default/a" in waiting.get("b", ""), waiting)
        with open(path, encoding="utf-8") as file:
            yield from expect(file.read() == "{", "the record was written over")


def get(port, path, method="GET"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


METRIC = re.compile(
    r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\S+)'
)


def parse_metrics(text):
    """Values by name and labels; everything must be announced by HELP and TYPE."""
    values = {}
    typed = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:4]
            assert kind in ("gauge", "counter"), line
            typed.add(name)
        elif not line.startswith("# HELP "):
            match = METRIC.fullmatch(line)
            assert match, f"no metric: {line}"
            assert match.group(1) in typed, f"no type: {line}"
            key = match.group(1) + (match.group(2) or "")
            assert key not in values, f"twice: {line}"
            values[key] = float(match.group(3))
    return values


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_metrics():
    """metrics count what is in use, /readyz tells whether the last result is durable"""
    with Fixture() as daemon:
        port = free_port()
        for name in "abc":
            daemon.write(f"{name}.json", service(name))
        yield from start(daemon, "--metrics", f"127.0.0.1:{port}")
        yield from expect(get(port, "/healthz") == (200, "ok\n"), "it is not healthy")
        yield from expect(get(port, "/readyz") == (200, "ok\n"), "it is not ready")
        yield from expect(get(port, "/nothing")[0] == 404, "a path that is not there")
        yield from expect(get(port, "/metrics", "DELETE")[0] == 405, "a method that is not served")
        values = parse_metrics(get(port, "/metrics")[1])
        for name, value in {
            'metallb_allocator_addresses_total{pool="lan"}': 2,
            'metallb_allocator_ipv4_addresses_in_use_total{pool="lan"}': 2,
            'metallb_allocator_ipv6_addresses_total{pool="lan"}': 0,
            'metallb_allocator_services_allocated_total{pool="lan"}': 2,
            'metallb_controller_services{state="waiting"}': 1,
            "metallb_k8s_client_config_loaded_bool": 1,
            "metallb_k8s_client_config_stale_bool": 0,
        }.items():
            yield from expect(values.get(name) == value, f"{name} is {values.get(name)}")
        daemon.write("broken.yaml", "kind: [")
        stale = "metallb_k8s_client_config_stale_bool"
        seen = daemon.wait(lambda _: parse_metrics(get(port, "/metrics")[1])[stale] == 1)
        yield from expect(seen, "a broken manifest does not show")


def check_read_only():
    """a state that cannot be written is reported until it can be, and loses nothing"""
    with Fixture() as daemon:
        port = free_port()
        daemon.write("a.json", service("a"))
        yield from start(daemon, "--metrics", f"127.0.0.1:{port}")
        place = os.path.join(daemon.state, "services", "default")
        subprocess.run(["chattr", "+i", place], check=False, capture_output=True)
        daemon.write("b.json", service("b"))
        reported = daemon.wait(lambda d: "cannot be written" in d.ctl("status").stdout)
        status = get(port, "/readyz")[0]
        subprocess.run(["chattr", "-i", place], check=True)
        yield from expect(reported, daemon.ctl("status").stdout)
        yield from expect(status == 503, f"/readyz is {status}")
        yield from expect("assigned default/b" not in daemon.ctl("events").stdout, "told too early")
        yield from record_becomes(daemon, "b", ["192.0.2.1"])
        yield from expect(daemon.wait_ready(), "it does not become ready again")
        yield from expect("over: cannot be written" in daemon.log(), daemon.log())


def can_be_immutable():
    with tempfile.NamedTemporaryFile() as file:
        done = subprocess.run(["chattr", "+i", file.name], check=False, capture_output=True)
        subprocess.run(["chattr", "-i", file.name], check=False, capture_output=True)
        return done.returncode == 0


def check_lost_state():
    """a state directory that somebody removed is written anew"""
    with Fixture() as daemon:
        daemon.write("a.json", service("a"))
        yield from start(daemon)
        shutil.rmtree(daemon.state)
        daemon.write("b.json", service("b"))
        yield from record_becomes(daemon, "a", ["192.0.2.0"])
        yield from record_becomes(daemon, "b", ["192.0.2.1"])


def check_usage():
    """wrong arguments are explained with exit status 2, help and version with 0"""
    cases = [
        (["--help"], 0, "--state DIR"),
        (["--version"], 0, "metallb-controller "),
        ([], 2, "--manifests"),
        (["--manifests", "x"], 2, "--state"),
        (["--manifests", "/tmp", "--state", "/tmp"], 2, "is also among --manifests"),
        (["--manifests", "/tmp", "--state", "/tmp/x", "--log-level", "loud"], 2, "--log-level"),
        (["--manifests", "/tmp", "--state", os.path.join(tempfile.gettempdir(), f"metallb-{os.getpid()}"), "--control", "/tmp/mlb-c",
          "--metrics", "nowhere"], 1, "'nowhere' is not ADDRESS:PORT"),
        (["--manifests", "/tmp", "--state", "/dev/null/x", "--control", "/tmp/mlb-c"], 1, "/dev/null/x"),
    ]  # fmt: skip
    for arguments, status, text in cases:
        done = subprocess.run(
            [CONTROLLER, *arguments], check=False, capture_output=True, text=True, timeout=30
        )
        output = done.stdout + done.stderr
        yield from expect(done.returncode == status and text in output, f"{arguments}: {output}")


def check_why_not():
    """why-not names the rule for each pool, with a controller and without one"""
    manifests = (
        pool("closed", ["198.51.100.0/31"], ", serviceAllocation: {namespaces: [other]}")
        + "---\n" + pool("explicit", ["198.51.100.2/31"], ", autoAssign: false")
        + "---\n" + pool("full", ["192.0.2.0/32"])
        + "---\n" + pool("six", ["2001:db8::/127"]) + ADVERTISEMENT
    )  # fmt: skip
    with Fixture(manifests) as daemon:
        daemon.write("a.json", service("a"))
        daemon.write("b.json", service("b"))
        yield from start(daemon)
        answers = [
            daemon.ctl("why-not", "default/b", "-o", "json").stdout,
            subprocess.run(
                [METALLBCTL, "why-not", "default/b", "-f", daemon.manifests, "-o", "json"],
                check=False, capture_output=True, text=True,
            ).stdout,
        ]  # fmt: skip
        for answer in answers:
            reasons = {one["name"]: one["reason"] for one in json.loads(answer)["pools"]}
            for name, part in {
                "closed": "serviceAllocation does not take this service",
                "explicit": "autoAssign is false",
                "full": "all its 1 IPv4 addresses are in use",
                "six": "has no IPv4 address",
            }.items():
                yield from expect(part in reasons.get(name, ""), answer)
        done = daemon.ctl("why-not", "default/nobody")
        yield from expect(done.returncode == 1 and "no Service" in done.stderr, done.stderr)


def check_notification():
    """the service manager hears when it is ready, while it works and when it ends"""
    with Fixture() as daemon:
        place = os.path.join(daemon.state + ".notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(place)
            manager.settimeout(15)
            os.environ.update(NOTIFY_SOCKET=place, WATCHDOG_USEC="100000")
            daemon.start()
            del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
            heard = [manager.recv(64)]
            while b"READY=1" not in heard or heard.count(b"WATCHDOG=1") < 2:
                heard.append(manager.recv(64))
            daemon.stop()
            while heard[-1] != b"STOPPING=1":
                heard.append(manager.recv(64))
        yield from expect(heard.count(b"READY=1") == 1, heard)


def check_signals():
    """SIGTERM writes what waits and ends with 0, also when it comes at once"""
    with Fixture() as daemon:
        for number in range(3):
            daemon.start()
            # It has just read its records: signals wait for the loop by then.
            daemon.wait(lambda d, n=number: d.log().count("records\"") == n + 1)
            yield from expect(daemon.stop() == 0, daemon.log())
        socket_path = daemon.control
        yield from expect(not os.path.exists(socket_path), "the control socket stays")


def main():
    tap = Tap()
    checks = [
        check_waiting, check_follow, check_moves, check_restart, check_broken, check_vanished,
        check_lock, check_unreadable_record, check_metrics, check_lost_state, check_usage,
        check_why_not, check_notification, check_signals,
    ]  # fmt: skip
    if os.geteuid() == 0 and can_be_immutable():
        checks.append(check_read_only)
    for check in checks:
        tap.check(check.__doc__, check())
    tap.finish()


if __name__ == "__main__":
    main()
