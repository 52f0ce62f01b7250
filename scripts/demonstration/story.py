# SPDX-License-Identifier: MIT
"""The steps of the demo."""

from demonstration.crash import show_crash
from demonstration.site import LATE_ADDRESS, LATE_PORTS, PORTS, Service, Site
from demonstration.text import heading, line, table
from lab.service import Watcher, ask
from lab.waiting import wait_for


def tell(lab, build):
    """Shows the whole story and returns the site, still running."""
    site = Site(lab, build)
    show_lan(site)
    services = show_addresses(site)
    show_group(site)
    rankings = show_owners(site)
    show_client(site, services)
    show_move(site, services, rankings)
    show_crash(site, services, rankings)
    show_controller(site)
    return site


def show_lan(site):
    heading("Three hosts and a client on one LAN; each host has only its own copy of the manifests")
    table(
        ["HOST", "ADDRESSES", "HARDWARE ADDRESS"],
        [
            [host.name, f"192.0.2.{number}  2001:db8::{number}", host.hardware_address()]
            for number, host in enumerate(site.hosts, 1)
        ]
        + [["client", "192.0.2.100  2001:db8::100", site.client.hardware_address()]],
    )


def show_addresses(site):
    result = site.allocate()
    ranges = site.pool_ranges()
    heading("Pools (metallbctl allocate)")
    table(
        ["POOL", "ADDRESSES", "IPV4 USED", "FREE", "IPV6 USED", "FREE"],
        [
            [
                pool["name"],
                ranges[pool["name"]],
                pool["assignedIPv4"],
                pool["availableIPv4"],
                pool["assignedIPv6"],
                pool["availableIPv6"],
            ]
            for pool in result["pools"]
        ],
    )
    heading("The address of each service, written once and copied to each host")
    services = []
    rows = []
    for entry in result["services"]:
        if entry["error"]:
            raise RuntimeError(f"{entry['name']}: {entry['error']}")
        port = PORTS[entry["name"]]
        rows.append([entry["name"], " ".join(entry["addresses"]), port, entry["pool"]])
        services += [Service(entry["name"], address, port) for address in entry["addresses"]]
    table(["SERVICE", "ADDRESS", "PORT", "POOL"], rows)
    return sorted(services, key=lambda service: list(PORTS).index(service.name))


def show_group(site):
    heading("The group of speakers, as the one on host a sees it (metallbctl members)")
    line("Each was started with the addresses of all three (--members) and the same secret key.")
    site.start_servers()
    site.start_speakers()
    site.rankings()
    for text in site.ask_speaker("a", "members"):
        line(text)


def show_owners(site):
    heading("Owner and standbys of each address, as all three speakers see it (metallbctl status)")
    rankings = site.rankings()
    print_owners(rankings)
    return rankings


def print_owners(rankings):
    table(
        ["ADDRESS", "OWNER", "STANDBYS", "SERVICES"],
        [
            [address, owner, " ".join(ranking[1:]) or "none", " ".join(services)]
            for address, (services, owner, ranking) in sorted(rankings.items())
        ],
    )


def show_client(site, services):
    heading("What the client sees: its neighbour entry and the HTTP answer")
    rows = []
    for service in services:
        answer = wait_for(
            lambda s=service: ask(site.client, s.address, s.port), f"answer of {service.name}"
        )
        hardware = site.client.neighbour(service.address)
        rows.append([url(service), hardware or "none", site.host_with(hardware), answer])
    table(["URL", "NEIGHBOUR ENTRY", "OF HOST", "ANSWER"], rows)


def url(service):
    address = f"[{service.address}]" if ":" in service.address else service.address
    return f"http://{address}:{service.port}/"


def show_move(site, services, rankings):
    owner = rankings[services[0].address][1]
    moving = [service for service in services if rankings[service.address][1] == owner]
    heading(f"A planned move: host {owner} is to be serviced (metallbctl drain, there)")
    line("The client asks all the time, each time over a new connection, while others take over.")
    watchers = {service: Watcher(site.client, service.address, service.port) for service in moving}
    try:
        wait_for_requests(watchers.values(), 100)
        site.ask_speaker(owner, "drain")
        for service, watcher in watchers.items():
            wait_for(
                lambda w=watcher: w.last() and not w.last().endswith(f" host {owner}"),
                f"an answer of {service.name} from another host",
                20,
            )
        wait_for_requests(watchers.values(), 100)
    finally:
        for watcher in watchers.values():
            watcher.stop()
    table(
        ["URL", "REQUESTS", "UNANSWERED", "OUTAGE", "LONGEST PAUSE (USUAL)", "ANSWER NOW"],
        [
            [
                url(service),
                watcher.count,
                watcher.lost,
                f"{outage(watcher):.0f} ms",
                f"{watcher.longest_pause():.0f} ms ({watcher.usual_pause():.0f} ms)",
                watcher.last(),
            ]
            for service, watcher in watchers.items()
        ],
    )
    if any(watcher.lost for watcher in watchers.values()):
        line("(A connection that is open at that moment breaks: the next host does not know it.)")
    heading("The new owners")
    print_owners(site.rankings())
    for service in moving:
        hardware = site.client.neighbour(service.address)
        host = site.host_with(hardware)
        line(f"The client now has {service.address} at {hardware}, host {host}.")


def wait_for_requests(watchers, more):
    """Until each watcher has asked some times more."""
    for watcher in watchers:
        target = watcher.count + more
        wait_for(lambda w=watcher, t=target: w.count >= t, f"{more} requests more", 20)


def outage(watcher):
    """Milliseconds without service: 0 where no request went unanswered."""
    return watcher.longest_pause() if watcher.lost else 0.0


def show_controller(site):
    heading("A controller gives addresses while services come and go (metallb-controller)")
    line("It runs on host a; its state directory is one more directory of manifests for all")
    line(f"speakers. Its pool has one address, {LATE_ADDRESS}, for two services.")
    controller = site.start_controller()
    site.add_late("blog")
    show_late(site, "blog")
    site.add_late("wiki")
    wait_for(lambda: site.late_address("wiki") == "none", "the word that wiki must wait")
    line("")
    line("wiki must wait; metallbctl why-not default/wiki says:")
    for text in site.ask_controller("why-not", "default/wiki"):
        line("    " + text)
    line("")
    line("blog is removed:")
    site.remove_late("blog")
    show_late(site, "wiki")
    line("")
    line("metallbctl events:")
    for text in site.ask_controller("events"):
        line("    " + text.split(" ", 1)[1])
    controller.stop()


def show_late(site, name):
    """Waits until the client gets an answer from a service at its new address."""
    port = LATE_PORTS[name]
    wait_for(lambda: site.late_address(name) == LATE_ADDRESS, f"the address of {name}")
    answer = wait_for(
        lambda: (ask(site.client, LATE_ADDRESS, port) or "").startswith(name)
        and ask(site.client, LATE_ADDRESS, port),
        f"answer of {name}",
    )
    line(f"{name} has {LATE_ADDRESS}; the client asks port {port} there: {answer}")
