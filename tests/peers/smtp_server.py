"""A real mail server for tests: aiosmtpd, which keeps what it takes and tells it over HTTP.

    python3 smtp_server.py [--tls starttls|implicit --cert FILE --key FILE] [--login NAME:PASSWORD]

Prints `READY <SMTP port> <HTTP port>` once it listens, both on 127.0.0.1, and ends when its standard input closes.

    GET  /letters?count=N   waits until there are N letters; a JSON list of from, to, tls, login, raw (base64)
    POST /fail              {"at": "mail|rcpt|data", "reply": "451 …"} or {"at": …, "drop": true}, once
"""

import argparse
import asyncio
import base64
import json
import logging
import ssl
import sys
import threading
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, AuthResult

PATIENCE = 20
HERE = "127.0.0.1"

changed = threading.Condition()
letters = []
failures = []


def failure_at(stage):
    with changed:
        for at, failure in enumerate(failures):
            if failure["at"] == stage:
                return failures.pop(at)
    return None


def answered(server, stage):
    """The reply that was asked for, if one was."""
    failure = failure_at(stage)
    if failure is None:
        return None
    if failure.get("drop"):
        server.transport.abort()
        return "421 4.3.2 dropped"
    return failure["reply"]


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        reply = answered(server, "mail")
        if reply:
            return reply
        envelope.mail_from = address
        return "250 2.1.0 fine"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = answered(server, "rcpt")
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        reply = answered(server, "data")
        if reply:
            return reply
        with changed:
            letters.append(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "tls": server.transport.get_extra_info("ssl_object") is not None,
                    "login": session.auth_data if session.authenticated else None,
                    "raw": base64.b64encode(envelope.original_content).decode(),
                }
            )
            changed.notify_all()
        return "250 2.0.0 taken"


class Control(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def tell(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        count = int(parse_qs(urlsplit(self.path).query).get("count", ["0"])[0])
        end = time.monotonic() + PATIENCE
        with changed:
            while len(letters) < count and time.monotonic() < end:
                changed.wait(end - time.monotonic())
            self.tell(letters)

    def do_POST(self):
        failure = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with changed:
            failures.append(failure)
        self.tell({})


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tls", choices=["starttls", "implicit"])
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--login")
    return parser.parse_args()


async def serve(given):
    context = None
    if given.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.cert, given.key)
    is_implicit = given.tls == "implicit"
    login = {}
    if given.login:
        wanted = tuple(given.login.encode().split(b":", 1))

        def judge(server, session, envelope, mechanism, data):
            is_right = (data.login, data.password) == wanted
            return AuthResult(success=is_right, handled=False, auth_data=data.login.decode())

        login = {"authenticator": judge, "auth_required": True, "auth_require_tls": given.tls == "starttls"}
    loop = asyncio.get_running_loop()

    def protocol():
        return SMTP(
            Handler(),
            hostname="mail.example.org",
            loop=loop,
            require_starttls=given.tls == "starttls",
            tls_context=None if is_implicit else context,
            **login,
        )

    server = await loop.create_server(protocol, HERE, 0, ssl=context if is_implicit else None)
    control = ThreadingHTTPServer((HERE, 0), Control)
    control.daemon_threads = True
    threading.Thread(target=control.serve_forever, daemon=True).start()
    print("READY", server.sockets[0].getsockname()[1], control.server_port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
logging.getLogger("asyncio").setLevel(logging.CRITICAL)
asyncio.run(serve(arguments()))
