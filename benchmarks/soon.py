"""A time zone made for a measurement: of a fixed offset, so that its next local midnight is when it is wanted.

Processes find it through PYTHONTZPATH. It must not know what happens then.
"""

from __future__ import annotations

import struct
import zoneinfo
from pathlib import Path

DAY_S = 86_400
NAME = "Etc/Benchmark"


def make_zone(folder: Path, name: str, midnight_s: int) -> None:
    """Write the file of a zone; `midnight_s` (epoch s) is the beginning of a local day. RFC 8536, version 1."""
    offset_s = -midnight_s % DAY_S
    offset_s -= DAY_S if offset_s > DAY_S // 2 else 0
    head = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(head + struct.pack(">lBB", offset_s, 0, 0) + b"BEN\0")
    zoneinfo.reset_tzpath([folder, *zoneinfo.TZPATH])
