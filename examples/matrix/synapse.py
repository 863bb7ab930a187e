#!/usr/bin/env python3
"""A real Matrix homeserver (Synapse) on loopback, to put Countersign in front of.

    synapse.py up    [--dir DIR] [--venv DIR]   install what is missing, start, seed; prints JSON
    synapse.py start [--dir DIR] [--venv DIR]   the same without seeding
    synapse.py where [--dir DIR]                prints the JSON again
    synapse.py stop  [--dir DIR]                stop it; what it stored stays
    synapse.py clean [--dir DIR]                stop it and remove what it stored

It needs Python 3.10 or newer and nothing else: Synapse goes into a virtual environment of its own. All that is made
lies in --dir and --venv. Nobody but this host can reach the server, and it calls no other server.
"""

import argparse
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time

VERSION = "1.163.2"  # of matrix-synapse; the answers of other versions may differ
SERVER_NAME = "social.example"
HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 60  # seconds for the server to answer after it was started


class Trouble(Exception):
    """Something that whoever runs this can do something about."""

    code = 1


class NotToBeHad(Trouble):
    """No Synapse on this machine: there is nothing to install it from, or nothing to install it with."""

    code = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["up", "start", "where", "stop", "clean"])
    parser.add_argument("--dir", type=pathlib.Path, default=HERE / ".venv" / "server", help="what the server stores")
    parser.add_argument("--venv", type=pathlib.Path, default=HERE / ".venv", help="the virtual environment")
    args = parser.parse_args()
    directory, venv = args.dir.resolve(), args.venv.resolve()
    try:
        if args.command in ("up", "start"):
            install(venv)
            start(directory, venv)
        if args.command == "up":
            seed(directory)
        if args.command in ("stop", "clean"):
            stop(directory)
        if args.command == "clean":
            shutil.rmtree(directory, ignore_errors=True)
        if args.command in ("up", "start", "where"):
            print(json.dumps(where(directory), indent=2, ensure_ascii=False))
    except Trouble as trouble:
        say(trouble)
        sys.exit(trouble.code)


def install(venv):
    """Synapse in the virtual environment, in exactly the version that is pinned above."""
    python = venv / "bin" / "python"
    asked = "from importlib.metadata import version; print(version('matrix-synapse'))"
    if python.exists():
        known = subprocess.run([python, "-c", asked], capture_output=True, text=True)
        if known.stdout.strip() == VERSION:
            return
    say(f"installing matrix-synapse {VERSION} in {venv} (about a minute)")
    run([sys.executable, "-m", "venv", venv], "could not make a virtual environment (on Debian: python3-venv)", NotToBeHad)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"matrix-synapse=={VERSION}"]
    run(pip, "could not install Synapse: is the package index reachable?", NotToBeHad)


def start(directory, venv):
    """The server on a free port, running when this returns."""
    if running(directory):
        return
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    configure(directory, port)
    python = venv / "bin" / "python"
    synapse = [python, "-m", "synapse.app.homeserver", "-c", directory / "homeserver.json"]
    run([*synapse, "--generate-keys"], "Synapse did not accept its configuration")
    with open(directory / "output.log", "ab") as output:
        # A session of its own: an interrupt at the terminal is not meant for the server.
        process = subprocess.Popen(synapse, stdout=output, stderr=output, cwd=directory, start_new_session=True)
    write(directory / "server.json", {"pid": process.pid, "upstream": f"http://127.0.0.1:{port}"})
    for _ in range(PATIENCE * 10):
        if process.poll() is not None:
            raise Trouble(f"Synapse ended at once; see {directory / 'output.log'}")
        if answers(port):
            return
        time.sleep(0.1)
    raise Trouble(f"Synapse does not answer after {PATIENCE} s; see {directory / 'output.log'}")


def configure(directory, port):
    """The homeserver's configuration, and the application service that the gateway is to it."""
    tokens = directory / "tokens.json"
    if not tokens.exists():
        write(tokens, {name: secrets.token_hex(24) for name in ("as", "hs", "form", "macaroon")}, secret=True)
    token = json.loads(tokens.read_text())
    service = {
        "id": "countersign",
        "url": None,  # the server pushes nothing
        "as_token": token["as"],
        "hs_token": token["hs"],
        "sender_localpart": "countersign",
        "rate_limited": False,
        "namespaces": {"users": [{"exclusive": False, "regex": f"@.*:{SERVER_NAME.replace('.', '[.]')}"}]},
    }
    write(directory / "service.json", service, secret=True)
    write(directory / "homeserver.json", homeserver(directory, port, token), secret=True)
    # What the gateway's configuration names as `[platform] token`.
    (directory / "platform-token").write_text(token["as"] + "\n")
    os.chmod(directory / "platform-token", 0o600)
    write(directory / "logging.json", {
        "version": 1,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "root": {"level": "WARNING", "handlers": ["console"]},
        "disable_existing_loggers": False,
    })


def homeserver(directory, port, token):
    """JSON is YAML, so this needs no library."""
    return {
        "server_name": SERVER_NAME,
        "listeners": [{
            "port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "tls": False,
            "resources": [{"names": ["client"]}],
        }],
        "database": {"name": "sqlite3", "args": {"database": str(directory / "homeserver.db")}},
        "log_config": str(directory / "logging.json"),
        "media_store_path": str(directory / "media"),
        "signing_key_path": str(directory / "signing.key"),
        "form_secret": token["form"],
        "macaroon_secret_key": token["macaroon"],
        "app_service_config_files": [str(directory / "service.json")],
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "report_stats": False,
        "enable_registration": False,
        "user_directory": {"enabled": True, "search_all_users": True},
        "presence": {"enabled": True},
        # The application service is not limited; what remains is a limit per room and person.
        "rc_message": {"per_second": 10000, "burst_count": 10000},
        "rc_invites": {name: {"per_second": 10000, "burst_count": 10000} for name in
                       ("per_room", "per_user", "per_issuer")},
        "rc_joins": {"local": {"per_second": 10000, "burst_count": 10000}},
        "rc_joins_per_room": {"per_second": 10000, "burst_count": 10000},
        "rc_presence": {"per_user": {"per_second": 10000, "burst_count": 10000}},
    }


def seed(directory):
    """Invented people and rooms, once."""
    if (directory / "seeded.json").exists():
        return
    import seed as world  # beside this file

    at = where(directory)
    say("seeding (some ten seconds)")
    token = pathlib.Path(at["token_file"]).read_text().strip()
    write(directory / "seeded.json", world.plant(at["upstream"], token, SERVER_NAME))


def where(directory):
    if not running(directory):
        raise Trouble(f"no server runs from {directory}; `synapse.py start` starts one")
    at = json.loads((directory / "server.json").read_text())
    seeded = directory / "seeded.json"
    return {
        "upstream": at["upstream"],
        "server_name": SERVER_NAME,
        "version": VERSION,
        "pid": at["pid"],
        "token_file": str(directory / "platform-token"),
        "seeded": str(seeded) if seeded.exists() else None,
    }


def stop(directory):
    if not running(directory):
        return
    pid = json.loads((directory / "server.json").read_text())["pid"]
    os.kill(pid, signal.SIGTERM)
    for _ in range(100):
        if not running(directory):
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)


def running(directory):
    """Whether the server that was started from here still runs, and no other program has its number."""
    try:
        pid = json.loads((directory / "server.json").read_text())["pid"]
        os.waitpid(pid, os.WNOHANG)  # a child that has ended is gone after this
    except ChildProcessError:
        pass
    except (OSError, ValueError, KeyError):
        return False
    try:
        os.kill(pid, 0)
        knows = pathlib.Path("/proc/self").exists()
        return not knows or b"synapse" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_matrix/client/versions")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(command, otherwise, trouble=Trouble):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise trouble(f"{otherwise}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def write(path, value, secret=False):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False))
    if secret:
        os.chmod(path, 0o600)


def say(text):
    print(f"synapse.py: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
