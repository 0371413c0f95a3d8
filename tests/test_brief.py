"""A place's brief: one A4 page of what is published, with a map on it, for whoever asks and no more."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from typer.testing import CliRunner

from dashboard import brief_map, paper
from dashboard.answers import Answers
from dashboard.brief import Briefs, file_name
from dashboard.commands import app
from dashboard.commands_brief import found_place, write
from dashboard.geometry import Atlas
from dashboard.words import Words
from tests.gate_district import CANARY
from tests.secret_district import PID, SECRET
from tests.secret_wall import Wall, opened_wall
from tests.signing import signed_in

A4 = (595.28, 841.89)


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wall]:
    yield from opened_wall(tmp_path_factory.mktemp("brief"))


@pytest.fixture(scope="module")
def briefs(wall: Wall) -> Briefs:
    opened = wall.opened
    answers = Answers(opened.store, opened.gate, opened.settings)
    return Briefs(answers, Atlas(opened.store, opened.gate, opened.settings), wall.folder / "fonts")


def read(made: bytes) -> tuple[PdfReader, str]:
    """Read a page's text, without the spaces a reader of PDF guesses."""
    pdf = PdfReader(BytesIO(made))
    return pdf, re.sub(r"\s", "", "".join(page.extract_text() for page in pdf.pages))


def nodes_of(briefs: Briefs) -> list[str]:
    return [str(row["node_id"]) for row in briefs._answers.world.places()]


def one_a_level(briefs: Briefs) -> list[str]:
    """Give the first place of each level, and a building."""
    world = briefs._answers.world
    first = {str(row["level"]): str(row["node_id"]) for row in reversed(world.places())}
    inside = {"basis": "place", "node": first["community"], "month": world.months[-1]}
    children = briefs._answers.rows({"it": ("children_figures", inside)}, "visitor")["it"]
    return [*first.values(), *(str(row["node_id"]) for row in children[:1])]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_place_of_every_level_fits_on_one_page_of_a4(briefs: Briefs, lang: str) -> None:
    for node in one_a_level(briefs):
        scene = briefs.scene(node, lang=lang)
        pdf, text = read(briefs.pdf(scene, "visitor"))
        assert len(pdf.pages) == 1
        box = pdf.pages[0].mediabox
        assert (float(box.width), float(box.height)) == pytest.approx(A4, abs=0.1)
        words = Words(lang)
        told = briefs.told(scene, "visitor")
        for wanted in (told["place"], told["centre"], told["period"], told["source"], *told["sentences"]):
            assert re.sub(r"\s", "", wanted) in text, (node, wanted)
        assert re.sub(r"\s", "", words("app.no_approval")) in text
        assert len(told["sentences"]) == 3 and len(told["figures"]) == 8


def test_a_page_says_who_it_is_for_and_that_a_demo_is_one(briefs: Briefs) -> None:
    scene = briefs.scene("")
    told = briefs.told(scene, "visitor")
    fresh = briefs._answers.world.freshness
    assert (told["demo"] != "") == (fresh.get("data_label") == "demo")
    assert told["mode"] == Words("zh")("brief.mode_visitor")
    assert briefs.told(scene, "duty")["mode"] == Words("zh")("brief.mode_duty")


def test_nothing_of_a_person_and_nothing_marked_private_is_on_any_page(briefs: Briefs) -> None:
    for mode in ("visitor", "leader", "duty"):
        for node in nodes_of(briefs):
            scene = briefs.scene(node)
            whole = str(briefs.told(scene, mode))  # all that the typesetter ever gets
            whole += read(briefs.pdf(scene, mode))[1] if node == nodes_of(briefs)[-1] else ""
            for secret in (CANARY, PID, SECRET):
                assert secret not in whole, (mode, node)


def test_a_visitors_page_has_the_gates_figures_and_no_others(briefs: Briefs) -> None:
    answers = briefs._answers
    for node in nodes_of(briefs):
        scene = briefs.scene(node)
        row = answers.rows(
            {"it": ("headline", {"basis": "place", "node": node, "month": scene.month})}, "visitor"
        )
        told = briefs.told(scene, "visitor")["figures"][0]["value"]
        if row["it"]:
            from dashboard import parts

            assert told == Words("zh").figure(parts.as_figure(row["it"][0]["members"]))


def test_the_map_is_drawn_with_shapes_and_never_blank(briefs: Briefs) -> None:
    for node in nodes_of(briefs):
        drawn = briefs.told(briefs.scene(node), "visitor")["map"]
        tree = ET.fromstring(drawn["svg"])
        paths = [one for one in tree.iter() if one.tag.endswith("path") and len(one.get("d") or "") > 20]
        fills = {one.get("fill") for one in paths} - {"none", None}
        assert paths and fills, node
        assert not [one for one in tree.iter() if one.tag.endswith("image")]
        assert drawn["bar"] > 0 and drawn["bar_text"]


def test_names_on_a_map_lie_clear_of_one_another(briefs: Briefs) -> None:
    for node in nodes_of(briefs):
        told = briefs.told(briefs.scene(node), "visitor")["map"]
        rooms = []
        for one in told["labels"]:
            wide = one["size"] * 3.53 * sum(1.0 if ord(sign) > 255 else 0.55 for sign in one["text"]) / 2
            high = one["size"] * 3.53 * 0.5
            rooms.append((one["x"] - wide, one["y"] - high, one["x"] + wide, one["y"] + high))
        for i, a in enumerate(rooms):
            assert all(a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3] for b in rooms[i + 1 :])


@given(
    st.tuples(st.floats(100, 121), st.floats(20, 45), st.floats(0.001, 2), st.floats(0.001, 2)),
    st.tuples(st.floats(300, 2000), st.floats(300, 2000)),
)
def test_a_frame_holds_its_place_at_one_scale(box: Any, size: tuple[float, float]) -> None:
    west, south, wide, high = box
    frame = brief_map.Frame((west, south, west + wide, south + high), *size)
    corners = [frame.at(west + a * wide, south + b * high) for a in (0, 1) for b in (0, 1)]
    assert all(frame.holds(x, y, -1e-6) for x, y in corners)
    left, right = frame.at(west, south), frame.at(west + wide, south)
    middle = south + high / 2
    metres = (right[0] - left[0]) * frame.metres
    from math import cos, radians

    assert metres == pytest.approx(wide / 360 * brief_map.RIM * cos(radians(middle)), rel=1e-6)


@given(st.text(max_size=30))
def test_a_name_stays_text_in_a_drawing(name: str) -> None:
    drawn = paper.drawing(10, 10, [paper.element("path", d="M0 0L1 1", id=name)])
    if all(ord(sign) >= 32 and not 0xD800 <= ord(sign) <= 0xDFFF and sign not in "￾￿" for sign in name):
        assert next(iter(ET.fromstring(drawn))).get("id") == name


def test_paper_tokens_can_be_read_on_white() -> None:
    def shade(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for name in ("ink", "quiet"):
        assert 1.05 / (shade(paper.ink(name)) + 0.05) >= 4.5
    ramp = [shade(paper.ink(str(step))) for step in range(1, 6)]
    assert ramp == sorted(ramp, reverse=True)


def test_the_route_answers_a_page_and_refuses_what_is_not_there(wall: Wall) -> None:
    client = wall.visitor()
    answer = client.get("/brief.pdf")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF") and "attachment" in answer.headers["Content-Disposition"]
    for query in ("place=nowhere", "basis=friends", "place=%00", "place=" + "9" * 400):
        assert client.get(f"/brief.pdf?{query}").status_code == 404
    assert client.get("/brief.pdf?lang=xx&month=1999-01&measure=shoes").status_code == 200


def test_the_routes_mode_is_the_sessions_and_never_the_addresss(wall: Wall) -> None:
    _, text = read(wall.visitor().get("/brief.pdf?mode=duty").data)
    assert Words("zh")("brief.mode_visitor") in text
    duty = signed_in(wall.app, "duty")
    _, text = read(duty.get("/brief.pdf").data)
    assert Words("zh")("brief.mode_duty") in text


def test_a_picture_by_somebody_signed_in_leaves_a_line(wall: Wall) -> None:
    assert wall.visitor().post("/picture", json={"place": "x"}).status_code == 401
    duty = signed_in(wall.app, "duty")
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert duty.post("/picture", json={"place": "320115"}, headers=headers).status_code == 200


def test_a_place_is_found_by_code_and_by_its_whole_name(briefs: Briefs) -> None:
    world = briefs._answers.world
    town = next(row for row in world.places() if row["level"] == "town")
    assert found_place(town["node_id"], "place", world) == town["node_id"]
    assert found_place(town["name"], "place", world) == town["node_id"]
    with pytest.raises(ValueError, match="no place"):
        found_place("没有这个地方", "place", world)


def test_several_pages_go_into_a_folder_or_a_zip(tmp_path: Path) -> None:
    pages = [("a.pdf", b"%PDF-a"), ("b.pdf", b"%PDF-b")]
    write(pages, tmp_path / "all.zip")
    assert ZipFile(tmp_path / "all.zip").namelist() == ["a.pdf", "b.pdf"]
    assert write(pages, tmp_path / "folder") == [str(tmp_path / "folder" / name) for name, _ in pages]
    with pytest.raises(ValueError, match="do not go into one file"):
        write(pages, tmp_path / "one.pdf")


def test_a_file_name_holds_nothing_but_plain_signs(briefs: Briefs) -> None:
    world = briefs._answers.world
    for node in nodes_of(briefs):
        assert re.fullmatch(
            r"brief-[\w-]+-\d{4}-\d\d\.pdf", file_name(briefs.scene(node), world, Words("zh"))
        )


@pytest.mark.parametrize(
    "words", [["--lang", "de"], ["--basis", "x"], ["--mode", "boss"], ["a", "--all-towns"]]
)
def test_bad_usage_ends_with_two(words: list[str]) -> None:
    ended = CliRunner().invoke(app, ["brief", *words])
    assert ended.exit_code == 2 and "Error:" in ended.output


@pytest.mark.slow
def test_the_command_sets_all_towns_of_the_demo(loaded_data: Path, tmp_path: Path) -> None:
    target = tmp_path / "towns.zip"
    ended = CliRunner().invoke(
        app, ["brief", "--all-towns", "--data", str(loaded_data), "--out", str(target)]
    )
    assert ended.exit_code == 0, ended.output
    with ZipFile(target) as packed:
        assert len(packed.namelist()) == 11
        pdf, text = read(packed.read(packed.namelist()[0]))
    assert len(pdf.pages) == 1
    assert "62,498" in text and "演示数据" in text and "审图号" in text
