"""What the gate samples, at length: `soak_twins.py [workspaces] [seed]`; 2,000 random workspaces unless said otherwise.

The status is 1 if somebody who opted out would be texted, or somebody who did not would not be.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.audience.opt_out_duplicates import Twins, check


def main(count: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        twins, began = Twins(Path(folder)), time.monotonic()
        left_out = check(twins, seed, count)
        twins.close()
    sys.stdout.write(f"{count:,} workspaces, {left_out:,} people left out ({time.monotonic() - began:.0f} s)\n")


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:], *("2000", "7")[len(sys.argv) - 1 :])))
