"""The Windows build under Wine, with clients that run under Linux.

Usage: smoke.py WINE PROGRAM.EXE OUR-OWN-PROGRAM
"""

import json
import os
import pty
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

MODES = ["serial", "blocking", "nonblocking", "selector", "tasks"]
SIZE = 300_000
LIMIT = 120
GRACE = 1
ROUNDS = 5
CTRL_C = b"\x03"

# What our own clients say: two of them at once, but in `serial`.
CLIENTS = f"""
title = "Clients under Linux, a server under Wine"
time-limit = "{LIMIT} s"
[[clients]]
name = "linux"
count = 2
steps = ["connect", {{ send = "{SIZE} B" }}, "await-echo", "half-close", "await-end"]
"""


class Server:
    """A mode under Wine, in a terminal of its own."""

    def __init__(self, wine, program, mode, report):
        options = ["--scenario", "none", "--ui", "none", "--grace", f"{GRACE}s"]
        options += ["--report", "json", "-o", report]
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ["TERM"] = "xterm"
            os.execv(wine, [wine, program, mode] + options)
        self.said = b""
        self.port = int(self.wait_for(rb"listening on 127\.0\.0\.1:(\d+)\r"))
        # Whoever does not read what it is told holds it up.
        threading.Thread(target=self.drain, daemon=True).start()

    def wait_for(self, pattern):
        end = time.monotonic() + LIMIT
        while not (found := re.search(pattern, self.said)):
            left = max(0, end - time.monotonic())
            if not select.select([self.terminal], [], [], left)[0]:
                raise AssertionError(f"no {pattern} in {self.said}")
            self.said += os.read(self.terminal, 65536)
        return found[1]

    def drain(self):
        try:
            while more := os.read(self.terminal, 65536):
                self.said += more
        except OSError:
            pass  # What a terminal says at its end.

    def press(self, key):
        os.write(self.terminal, key)

    def status(self):
        """Its exit status."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        os.kill(self.process, 9)
        raise AssertionError(f"it does not end: {self.said}")


def run(command, **options):
    return subprocess.run(
        command, timeout=LIMIT, check=True, stdout=subprocess.PIPE, **options
    ).stdout


def echoed(command):
    """The bytes come back unchanged through a client that is not ours."""
    said = os.urandom(SIZE)
    heard = run(command, input=said)
    assert heard == said, f"{command}: {len(heard)} B came back, or others"


def listens(port):
    """Whether anybody listens there: to connect would be one client more."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        sockets = [line.split() for line in table]
    return any(
        address.endswith(f":{port:04X}") and state == "0A"
        for _, address, _, state, *_ in sockets
    )


def wait_for_refusal(port):
    end = time.monotonic() + LIMIT
    while listens(port):
        assert time.monotonic() < end, "the listener stays open"
        time.sleep(0.01)


def smoke(wine, program, ours, mode, folder):
    report = os.path.join(folder, f"{mode}.json")
    server = Server(wine, program, mode, report)
    port = server.port
    echoed(["nc", "-N", "127.0.0.1", str(port)])
    echoed(["socat", "-t", "30", "-", f"TCP:127.0.0.1:{port}"])
    clients = os.path.join(folder, "clients.toml")
    with open(clients, "w", encoding="utf-8") as file:
        file.write(CLIENTS)
    load = [ours, "load", f"127.0.0.1:{port}", "--scenario", clients]
    result = json.loads(run(load + ["--report", "json"]))["clients"]["total"]
    assert result["echoes"] == 2 and result["missing"] == 0, result

    idle = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
    idle.sendall(b"hello")
    assert idle.recv(5) == b"hello"
    server.press(CTRL_C)
    pressed = time.monotonic()
    if mode != "serial":
        # Its only thread is asleep with the client until the deadline, and
        # only Linux lets another one shut the listening socket down.
        wait_for_refusal(port)
    assert idle.recv(1) == b"", "an idle client finds the end of file"
    took = time.monotonic() - pressed
    assert took > GRACE * 0.9, f"no grace period: {took} s"
    assert server.status() == 0, server.said
    check(report)
    print(f"{mode}: {SIZE} B through nc, socat and load; Ctrl-C: ended", flush=True)


def check(report):
    with open(report, encoding="utf-8") as file:
        report = json.load(file)
    conditions, server = report["conditions"], report["server"]
    assert conditions["os"] == "windows", conditions
    on = "IOCP" if conditions["mode"] in ["selector", "tasks"] else None
    assert conditions["mechanism"] == on, conditions
    assert report["outcome"] == "SIGINT", report["outcome"]
    assert server["connections"] == 5, server["connections"]
    for unknown in ["cpu", "context_switches", "peak_memory_bytes"]:
        assert server[unknown] is None, f"{unknown}: {server[unknown]}"


def two_clients(program, folder):
    """The scenario, but for how often a busy loop turns in its two seconds:
    a call through Wine takes a hundred times as long, so a tenth will do."""
    show = [program, "scenario", "show", "two-clients"]
    text = subprocess.run(
        show, check=True, timeout=LIMIT, stdout=subprocess.PIPE, text=True
    ).stdout
    slower = re.sub(r"(at-least\s*=\s*)([12])0_?000\b", r"\g<1>\g<2>000", text)
    assert slower != text, "two-clients expects no spinning"
    path = os.path.join(folder, "two-clients.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(slower)
    return path


def check_two_clients(wine, program, scenario):
    """Its figures suppose an idle machine, too."""
    command = [wine, program, "scenario", "check", scenario, "--jobs", "1"]
    for _ in range(ROUNDS):
        checked = subprocess.run(
            command, timeout=LIMIT, stdout=subprocess.PIPE, text=True
        )
        print(checked.stdout, end="", flush=True)
        if checked.returncode == 0:
            return checked.stdout.splitlines()[-1]
    raise AssertionError(f"two-clients does not hold, {ROUNDS} times")


def main(wine, program, ours):
    with tempfile.TemporaryDirectory() as folder:
        for mode in MODES:
            smoke(wine, program, ours, mode, folder)
        scenario = two_clients(ours, folder)
        held = check_two_clients(wine, program, scenario)
    version = run([wine, "--version"], text=True).strip()
    print(
        f"wine: smoke test of IOCP under {version}: {SIZE // 1000} kB echoed"
        f" in {', '.join(MODES)}; each ended by Ctrl-C; two-clients: {held}"
    )


main(*sys.argv[1:])
