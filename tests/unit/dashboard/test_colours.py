"""The segments' colours as a colour-blind reader sees them.

Simulation: F. Viénot, H. Brettel & J. D. Mollon (1999), "Digital video colourmaps for checking the legibility of
displays by dichromats", Color Research & Application 24(4), on linear RGB with the matrices that libDaltonLens (N.
Burrus) computes for sRGB. Difference: CIE 1976 L*a*b* (CIE 15:2004); 10 is plain to see at a glance.
"""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from streams.dashboard.pages import ASSETS

SEGMENTS = ("retain", "nurture", "expand", "streamline")
PLAIN = 10.0
SEES = {
    "trichromat": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanope": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranope": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}
# sRGB to XYZ and the white of D65: IEC 61966-2-1.
TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)

Triple = tuple[float, float, float]


def times(matrix: tuple[Triple, ...], vector: Triple) -> Triple:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def linear(colour: str) -> Triple:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    first, second, third = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return first, second, third


def lab(rgb: Triple) -> Triple:
    scaled = (max(part, 0.0) / white for part, white in zip(times(TO_XYZ, rgb), WHITE, strict=True))
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in scaled)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: str, other: str, eye: str) -> float:
    seen = [lab(times(SEES[eye], linear(colour))) for colour in (one, other)]
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


def themes() -> dict[str, dict[str, str]]:
    """The first colours in the style sheet are the light ones, the next the dark ones."""
    text = (ASSETS / "css" / "base.css").read_text()
    found = {name: re.findall(rf"--{name}: (#[0-9a-f]{{6}})", text) for name in SEGMENTS}
    assert all(len(colours) == 3 and colours[1] == colours[2] for colours in found.values())
    return {theme: {name: found[name][at] for name in SEGMENTS} for at, theme in enumerate(("light", "dark"))}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("eye", SEES)
def test_the_segments_can_be_told_apart(theme: str, eye: str) -> None:
    colours = themes()[theme]
    close = {
        pair: round(found, 1)
        for pair in combinations(SEGMENTS, 2)
        if (found := difference(colours[pair[0]], colours[pair[1]], eye)) < PLAIN
    }
    assert close == {}


def test_the_measure_knows_what_a_deuteranope_confuses() -> None:
    assert difference("#d92b2b", "#8a7a00", "trichromat") > 40
    assert difference("#d92b2b", "#8a7a00", "deuteranope") < difference("#d92b2b", "#8a7a00", "trichromat") / 2
    assert difference("#777777", "#777777", "protanope") == 0
