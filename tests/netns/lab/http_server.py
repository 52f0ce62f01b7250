# SPDX-License-Identifier: MIT
"""A web server for both families that tells which host it is on.

Usage: http_server.py HOST [SERVICE=]PORT…
"""

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6  # takes IPv4 too
    request_queue_size = 128

    def __init__(self, host, service):
        name, _, port = service.rpartition("=")
        text = f"{name} on host {host}" if name else host
        self.answer = text.encode() + b"\n"
        super().__init__(("::", int(port)), Handler)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_):
        """Says nothing."""


def main(host, *services):
    threads = [threading.Thread(target=Server(host, one).serve_forever) for one in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
