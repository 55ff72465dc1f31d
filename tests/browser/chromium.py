"""Which Chromium the tests drive, and how; it must not know what they look at."""

from __future__ import annotations

import os
import shutil

# Nothing of these reaches out; the sandbox needs rights that test machines lack, and only our own pages are opened.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
MISSING = (
    "no Chromium was found, and the page's tests need one. On Debian and Ubuntu: sudo apt-get install chromium; "
    "elsewhere install Chromium or Chrome and set CHROMIUM to the path of the program."
)


def path() -> str:
    """$CHROMIUM, or what the PATH has.

    Raises:
        FileNotFoundError: There is none; the message names how to install one.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found or not shutil.which(found):
        raise FileNotFoundError(MISSING if not found else f"CHROMIUM is {found!r}, which cannot be run. {MISSING}")
    return found
