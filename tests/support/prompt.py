"""`matcher-stream` for a shell that calls it often: forked from a process that has imported it.

The same code runs in a process of its own, with the caller's arguments, folder, environment and
streams; only the second that each start spends on imports is saved.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Final

_CLIENT: Final = """#!{python} -IS
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(server, [len(asked).to_bytes(4, "big")], [0, 1, 2])
server.sendall(asked)
sys.exit(server.recv(1)[0])
"""


def write_client(program: Path, address: Path) -> None:
    """Put a program on the path that asks the server at an address."""
    program.write_text(_CLIENT.format(python=sys.executable, address=str(address)))
    program.chmod(0o755)


def serve(address: Path) -> None:
    """Answer until killed."""
    from matcher_stream.cli.group import COMMANDS

    for module, _ in COMMANDS.values():
        importlib.import_module(f"matcher_stream.cli.{module}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(address))
    listener.listen()
    while True:
        caller, _ = listener.accept()
        if os.fork() == 0:
            _answer(caller)
        caller.close()


def _answer(caller: socket.socket) -> None:
    """Be the command that somebody called; ends this process."""
    from matcher_stream.cli.group import run

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(caller, 4, 3)
    asked = caller.makefile("rb").read(int.from_bytes(size, "big"))
    arguments, folder, environment = json.loads(asked)
    for stream, number in zip(streams, (0, 1, 2), strict=True):
        os.dup2(stream, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = 1
    try:
        code = run(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        caller.sendall(bytes([code]))
        os._exit(code)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
