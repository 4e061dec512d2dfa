from __future__ import annotations

import subprocess
import sys

import pytest

# 200 MB in pieces that one kept at the end holds in place
FREED = """
from pathlib import Path
from toolkit.platform_support import release_memory
import pyarrow
def used():
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * 4096
pieces, last = [bytearray(2_000) for _ in range(100_000)], bytearray(2_000)
del pieces
before = used()
release_memory()
print(before - used())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems show it in other ways")
def test_memory_that_is_free_is_given_back_to_the_system() -> None:
    given = subprocess.run([sys.executable, "-c", FREED], check=True, capture_output=True, encoding="utf-8").stdout

    assert int(given) > 100_000_000
