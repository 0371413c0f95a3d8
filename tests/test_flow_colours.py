"""In and out stay apart for every eye."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

ASSETS = Path(__file__).resolve().parent.parent / "assets"
TEXT = (ASSETS / "flows.css").read_text("utf-8") + (ASSETS / "tokens.css").read_text("utf-8")
# Machado, Oliveira and Fernandes 2009, full severity, on linear RGB.
EYES = {
    "all": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_LMS = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
          [0.0883024619, 0.2817188376, 0.6299787005]]  # fmt: skip
TO_LAB = [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
          [0.0259040371, 0.7827717662, -0.808675766]]  # fmt: skip


def linear(name: str) -> np.ndarray:
    """Return a token's colour as linear RGB, 0..1."""
    found = re.search(rf"--{name}: #([0-9a-f]{{6}})", TEXT)
    assert found, name
    rgb = np.array([int(found[1][i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def seen(name: str, eye: str) -> np.ndarray:
    """Return a token's colour as an eye sees it, in OKLab."""
    rgb = np.clip(np.array(EYES[eye]) @ linear(name), 0, 1)
    return np.array(TO_LAB) @ np.cbrt(np.array(TO_LMS) @ rgb)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(
    ("one", "other"), [("in", "out"), ("in-far", "out-far"), ("in", "within"), ("out", "within")]
)
def test_directions_are_told_apart(eye: str, one: str, other: str) -> None:
    assert np.linalg.norm(seen(one, eye) - seen(other, eye)) > 0.085


@pytest.mark.parametrize("eye", EYES)
def test_every_direction_stands_out_from_the_ground(eye: str) -> None:
    for name in ("in", "out", "within", "in-far", "out-far"):
        assert seen(name, eye)[0] - seen("ground", eye)[0] > 0.25, name
