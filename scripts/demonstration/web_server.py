# SPDX-License-Identifier: MIT
"""A web server for both families that tells its service and host.

Usage: web_server.py HOST SERVICE=PORT…
"""

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6  # takes IPv4 too
    request_queue_size = 128

    def __init__(self, host, service, port):
        self.answer = f"{service} on host {host}\n".encode()
        super().__init__(("::", port), Handler)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_):
        """Says nothing."""


def main(host, *services):
    servers = []
    for service in services:
        name, port = service.split("=")
        servers.append(Server(host, name, int(port)))
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
