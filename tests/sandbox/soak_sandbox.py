"""Two processes on one file, processes killed at any instant, and the guide's commands: `soak_sandbox.py [seconds]`.

The two work for that long, 60 seconds unless said; the status is 1 if anything is lost or wrong.
"""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.sandbox.busy import NOON, check, start
from toolkit.sandbox import Sandbox

KILLS = 40
FOR_EVER = 1_000_000
CURLS, EXAMPLES = (Path(__file__).parents[1] / "guide" / name for name in ("curls.sh", "examples.json"))


def two_processes(folder: Path, seconds: float) -> None:
    path = folder / "shared.db"
    Sandbox(path, contacts=500, now=lambda: NOON).close()
    processes = [start(path, f"busy {name}", FOR_EVER) for name in ("a", "b")]
    acknowledged = [first_of(process) for process in processes]
    time.sleep(seconds)
    still_run = [process.poll() is None for process in processes]
    for process in processes:
        process.kill()
        said, errors = process.communicate()
        acknowledged += said.splitlines()
        assert errors == "", errors
    assert still_run == [True, True]
    tell(f"two processes for {seconds:.0f} s", acknowledged, check(path, acknowledged))


def kills(folder: Path) -> None:
    path = folder / "killed.db"
    Sandbox(path, contacts=20_000, now=lambda: NOON).close()
    acknowledged: list[str] = []
    chance = random.Random(7)
    for turn in range(KILLS):
        process = start(path, f"busy {turn}", FOR_EVER)
        acknowledged.append(first_of(process))
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        acknowledged += process.communicate()[0].splitlines()
        kept = check(path, acknowledged)
    tell(f"{KILLS} processes killed", acknowledged, kept)


def first_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def guide(folder: Path) -> None:
    """Run every command of the guide as it stands, but for the host, against the served workspace."""
    (folder / "contacts.csv").write_text(
        "name,phone,labels,City\nAda Lovelace,+12125550142,newsletter,London\n", encoding="utf-8"
    )
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    seax = [str(Path(sys.executable).with_name("seax")), "sandbox", "--port", str(port)]
    commands = CURLS.read_text("utf-8").replace("https://seax.seasalt.ai", f"http://127.0.0.1:{port}")
    one_a_line = 'curl() { command curl --silent --fail --retry 20 --retry-connrefused --write-out "\\n" "$@"; }\n'
    with subprocess.Popen(seax, env={**os.environ, "SEAX_HOME": str(folder)}, stdout=subprocess.DEVNULL) as server:
        try:
            said = subprocess.check_output(
                ["bash", "-e"], input=one_a_line + commands, cwd=folder, text=True, encoding="utf-8"
            )
        finally:
            server.terminate()
    replies = [json.loads(line) for line in said.splitlines()]
    documented = [example["response"] for example in json.loads(EXAMPLES.read_text("utf-8"))["examples"]]
    documented.insert(4, documented[3])  # the guide shows no reply to its MMS campaign
    assert [keys(reply) for reply in replies] == [keys(response) for response in documented]
    sys.stdout.write(f"the guide: {len(replies)} commands, each with the documented keys\n")


def keys(value: Any) -> Any:
    """Return the keys of a JSON value, of a list those of its first item; field data may hold any."""
    if isinstance(value, list):
        return [keys(value[0])]
    if isinstance(value, dict):
        return {key: None if key == "contact_field_data" else keys(inside) for key, inside in value.items()}
    return None


def tell(what: str, acknowledged: list[str], kept: Counter[str]) -> None:
    said = Counter(line.partition(" ")[0] for line in acknowledged)
    sys.stdout.write(f"{what}: acknowledged {dict(said)}, kept {dict(kept)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="seax-soak-") as name:
        guide(Path(name))
        two_processes(Path(name), float(sys.argv[1]) if sys.argv[1:] else 60)
        kills(Path(name))
