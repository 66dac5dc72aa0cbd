"""Which offset from UTC has a time zone at a moment, and which one was written?"""

import functools
import re
import zoneinfo
from datetime import datetime

import numpy as np
import pandas as pd

from outages.registry.files import alike_rows


def wrong_offsets(moment: np.ndarray, minutes: np.ndarray, zone: np.ndarray, zones: list[str]) -> np.ndarray:
    """Return which moments (minutes since 1970) were written with another offset (minutes) than their zone has then, by its place among zones, -1 where unknown."""
    wrong = np.zeros(len(moment), dtype=bool)
    for rows in alike_rows(np.where(np.isnan(moment), -1, zone)):
        if (name := zones[zone[rows[0]]]) in zones_known():
            wrong[rows] = ahead_of_utc(moment[rows], name) != minutes[rows]
    return wrong


def ahead_of_utc(moment: np.ndarray, zone: str) -> np.ndarray:
    """Return how many minutes a zone is ahead of UTC at some moments (minutes since 1970)."""
    stamps = pd.DatetimeIndex((moment * 60).astype("int64").view("M8[s]"), tz="UTC")
    local = stamps.tz_convert(zone).tz_localize(None).to_numpy().astype("M8[s]").astype("int64")
    return local / 60 - moment


def offset_minutes(end: str) -> float:
    """Return the offset at the end of a written time in minutes."""
    if not re.fullmatch(r"[+-]\d{2}:\d{2}", end):
        return 0.0
    return (int(end[1:3]) * 60 + int(end[4:])) * (-1 if end[0] == "-" else 1)


def offset_of(cell: str) -> str:
    """Return the offset of a written time, `+00:00` for Z."""
    return "+00:00" if cell.endswith("Z") else cell[-6:]


def local_offset(cell: str, zone: str) -> str | None:
    """Return the offset that a zone has at a written local time, None when either cannot be read."""
    try:
        moment = datetime.fromisoformat(cell).replace(tzinfo=zoneinfo.ZoneInfo(zone))
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        return None
    first, second = moment.isoformat()[-6:], moment.replace(fold=1).isoformat()[-6:]
    return offset_of(cell) if offset_of(cell) in (first, second) else first


@functools.cache
def zones_known() -> frozenset[str]:
    """Return the names of the IANA database."""
    return frozenset(zoneinfo.available_timezones())
