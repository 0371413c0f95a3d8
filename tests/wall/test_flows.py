"""The transfers board by touch and by key: a tap is a trace, a link is the trace, nothing is cut."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.wall.conftest import SIZES, Wall, differing

BOARD = "?layers=transfers&board=transfers&span=quarter"
YEAR = "?layers=transfers&board=transfers&span=year"
TOWN, OTHER_TOWN = "320115002", "320115001"


def scene(wall: Wall, field: str) -> str:
    return str(wall.page.evaluate(f"ejia.mapState.scene.{field}"))


def where(wall: Wall, place: str) -> tuple[float, float]:
    """Return where a place's circle stands in the window."""
    x, y = wall.page.evaluate(
        """(id) => { const state = ejia.flows.state, n = state.byId[id];
        const c = state.layer.still.getBoundingClientRect();
        return [c.left + n.x, c.top + n.y]; }""",
        place,
    )
    return float(x), float(y)


def test_a_finger_traces_one_hop_and_one_more_and_back_takes_them_away(wall: Wall) -> None:
    wall.open(BOARD)
    wall.page.touchscreen.tap(*where(wall, TOWN))
    wall.ready()
    assert (scene(wall, "focus"), scene(wall, "hops")) == (TOWN, "1")
    assert wall.text("flow/centre") == "秣陵"
    assert wall.page.locator('[data-view="panel/flow_alluvial"] svg').count() == 1
    wall.page.touchscreen.tap(*where(wall, TOWN))
    wall.ready()
    assert scene(wall, "hops") == "2"
    assert wall.page.evaluate("ejia.flows.state.arcs.some((arc) => arc.hop === 2)")
    for focus, hops in ((TOWN, "1"), ("", "1")):
        wall.page.keyboard.press("Escape")
        wall.ready()
        assert (scene(wall, "focus"), scene(wall, "hops")) == (focus, hops)
    assert wall.place() == "320115"


def test_the_board_by_key_alone(wall: Wall) -> None:
    wall.open(BOARD)
    wall.page.locator(f'button[data-key="place/{TOWN}"]').focus()
    wall.page.keyboard.press("Enter")
    wall.ready()
    assert scene(wall, "focus") == TOWN
    wall.page.keyboard.press("Enter")  # the name keeps the focus
    wall.ready()
    assert scene(wall, "hops") == "2"
    wall.page.locator('[data-key="flow/noise"] [aria-checked="true"]').focus()
    for key, noise in (("ArrowRight", "10"), ("End", "20"), ("ArrowLeft", "10"), ("Home", "1")):
        wall.page.keyboard.press(key)
        wall.ready()
        assert scene(wall, "noise") == noise
    assert wall.page.evaluate("document.activeElement.dataset.key") == "noise/1"
    assert scene(wall, "month") == "2019-02"
    band = wall.page.locator('[data-view="panel/flow_alluvial"] g[data-verb="trace"]').first
    wanted = band.get_attribute("data-arg")
    band.focus()
    wall.page.keyboard.press("Enter")
    wall.ready()
    assert scene(wall, "focus") == wanted


def test_the_switch_leaves_one_direction(wall: Wall) -> None:
    wall.open(f"{YEAR}&focus={TOWN}")
    for way in ("in", "out"):
        wall.tap(f"way/{way}")
        ways = wall.page.evaluate("[...new Set(ejia.flows.state.arcs.map((arc) => arc.direction))]")
        assert ways == [way]
    wall.tap("flow/all")
    assert scene(wall, "focus") == ""


def test_the_slider_says_how_many_it_put_away(wall: Wall) -> None:
    wall.open(f"{YEAR}&focus={TOWN}&noise=3")
    before = wall.page.evaluate("ejia.flows.state.arcs.length")
    wall.tap("noise/20")
    after = wall.page.evaluate("ejia.flows.state.arcs.length")
    assert after < before
    assert f"收起{before - after}条" in wall.text("panel/flow_controls")
    assert wall.page.evaluate("Math.min(...ejia.flows.state.arcs.map((arc) => arc.n))") >= 20


def test_the_window_follows_a_finger(wall: Wall) -> None:
    wall.open(BOARD)
    months = wall.page.locator(".flow-months button")
    first, last = (months.nth(n).bounding_box() for n in (5, 11))
    assert first and last
    y = last["y"] + 20
    wall.page.mouse.move(last["x"] + last["width"] / 2, y)
    wall.page.mouse.down()
    wall.page.mouse.move(first["x"] + first["width"] / 2, y, steps=4)
    wall.page.mouse.up()
    wall.ready()
    assert scene(wall, "month") == "2018-08"
    grip = wall.page.locator(".flow-months .grip.first").bounding_box()
    far = months.nth(0).bounding_box()
    assert grip and far
    wall.page.mouse.move(grip["x"] + 3, y)
    wall.page.mouse.down()
    wall.page.mouse.move(far["x"] - 4, y, steps=4)
    wall.page.mouse.up()
    wall.ready()
    assert scene(wall, "span") in ("quarter", "year")


def test_what_is_drawn_ahead_is_what_the_server_sends(wall: Wall) -> None:
    wall.open(BOARD)
    for place in (TOWN, OTHER_TOWN, "ext:江苏"):
        ahead = wall.page.evaluate(
            """(id) => { const m = ejia.mapState;
            return ejia.flows.ahead(m.payloads.transfers, id, m.scene); }""",
            place,
        )
        wall.page.evaluate("(id) => ejia.send('trace', id)", place)
        wall.ready()
        sent = wall.page.evaluate("ejia.mapState.payloads.transfers")
        assert sent["arcs"] == ahead["arcs"] and sent["arcs"]
        plain = [{key: value for key, value in node.items() if key != "inside"} for node in ahead["nodes"]]
        assert sent["nodes"] == plain


def test_a_trace_walked_and_its_link_are_the_same_picture(chromium: Browser, served: str) -> None:
    pictures = []
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    walked = Wall(context.new_page(), served).open()
    walked.tap("preset/transfers").tap("flow/span/year").tap(f"place/{TOWN}").tap(f"place/{TOWN}").tap(
        "noise/10"
    )
    assert (scene(walked, "focus"), scene(walked, "hops"), scene(walked, "noise")) == (TOWN, "2", "10")
    walked.page.mouse.move(5, 1070)
    walked.page.evaluate("document.activeElement.blur()")
    walked.page.wait_for_timeout(300)
    pictures.append(walked.page.screenshot())
    linked = Wall(context.new_page(), served).open(walked.page.url.partition(served + "/")[2])
    linked.page.mouse.move(5, 1070)
    linked.page.wait_for_timeout(300)
    pictures.append(linked.page.screenshot())
    assert differing(linked.page, *pictures) == 0
    context.close()


def test_nobody_outside_is_dropped_and_all_stand_on_the_edge(wall: Wall) -> None:
    wall.open(f"{YEAR}&focus={TOWN}&noise=3")
    drawn = wall.page.evaluate("ejia.flows.state.nodes.filter((node) => node.outside)")
    asked = wall.page.evaluate("ejia.mapState.payloads.transfers.nodes.filter((node) => node.outside)")
    frame = wall.page.evaluate("ejia.flows.state.frame")
    assert len(drawn) == len(asked) > 3
    for node in drawn:
        on = {
            "left": node["x"] - frame["left"], "right": node["x"] - frame["right"],
            "top": node["y"] - frame["top"], "bottom": node["y"] - frame["bottom"],
        }  # fmt: skip
        assert abs(on[node["edge"]]) < 1, node["name"]
    names = wall.page.locator(".place-name.edge").all_inner_texts()
    assert len(names) == len(drawn)


def test_arcs_do_not_lie_on_each_other(wall: Wall) -> None:
    wall.open(f"{BOARD}&focus={TOWN}")
    worst = wall.page.evaluate(
        """() => { const { at } = ejia.flows.geometry, arcs = ejia.flows.state.arcs, out = [];
        const steps = Array.from({ length: 41 }, (_, i) => i / 40);
        const points = arcs.map((arc) => steps.map((t) => at(arc, arc.from + (arc.to - arc.from) * t)));
        const near = (p, q) => Math.hypot(p.x - q.x, p.y - q.y) < 2;
        for (let i = 0; i < arcs.length; i++) for (let j = 0; j < i; j++) {
          const close = points[i].filter((p) => points[j].some((q) => near(p, q))).length;
          out.push(close / 41);
        }
        return Math.max(...out); }"""
    )
    assert worst < 0.35


@pytest.mark.parametrize(
    "more", ["", f"&focus={TOWN}&hops=2", f"&focus={TOWN}&lang=en", f"&focus={OTHER_TOWN}"]
)
def test_names_do_not_lie_on_each_other(wall: Wall, more: str) -> None:
    wall.open(YEAR + more)
    overlaps = wall.page.evaluate(
        """() => { const rooms = ejia.flows.state.rooms, out = [];
        rooms.forEach((a, i) => rooms.slice(0, i).forEach((b) => {
          if (a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1]) out.push([a, b]);
        }));
        return out; }"""
    )
    assert overlaps == []


LIT = """() => { const all = (at) => [...document.querySelectorAll(at)];
  return {
    arcs: [...ejia.flows.litArcs()].map((arc) => [arc.a.id, arc.b.id]),
    ribbons: all('.flow-alluvial .ribbon.lit').map((one) => [one.dataset.from, one.dataset.to]),
    dim: all('.flow-alluvial.lit').length,
    cells: all('.flow-matrix td.lit').map((one) => [one.dataset.from, one.dataset.to]),
  }; }"""
MIDDLE = """() => { const state = ejia.flows.state, { at } = ejia.flows.geometry;
  const box = state.layer.still.getBoundingClientRect();
  const far = (p) => Math.min(...state.nodes.map((n) => Math.hypot(n.x - p.x, n.y - p.y) - n.r));
  const marks = [...document.querySelectorAll('.ribbon')];
  const buttons = [...document.querySelectorAll("#map button")].map((one) => one.getBoundingClientRect());
  const near = (x, y) => buttons.some((b) =>  // a finger beside a button is taken for one on it
    Math.hypot(Math.max(b.left - x, 0, x - b.right), Math.max(b.top - y, 0, y - b.bottom)) < 24);
  const named = new Set(marks.flatMap((one) => [one.dataset.from, one.dataset.to]));
  for (const arc of state.arcs) for (const t of [0.5, 0.4, 0.6, 0.3]) {
    const p = at(arc, arc.from + (arc.to - arc.from) * t), x = box.left + p.x, y = box.top + p.y;
    const found = ejia.flows.arcUnder(p.x, p.y, 7), top = document.elementFromPoint(x, y);
    const clear = far(p) > 40 && !top.closest("button") && !near(x, y);
    if (arc.hop === 1 && clear && named.has(arc.a.id) && named.has(arc.b.id) &&
        found.from === arc.a.id && found.to === arc.b.id) return { x, y, ends: [arc.a.id, arc.b.id] };
  } }"""


LEVELS = {
    "towns": "",
    "communities": f"&place={TOWN}",
    "buildings": f"&place={TOWN}005",
    "organisations": "&place=B001507",
    "committees": "&basis=affiliation",
    "below a committee": "&basis=affiliation&place=O00011",
}


@pytest.mark.parametrize("more", LEVELS.values(), ids=LEVELS.keys())
def test_every_level_is_a_picture_that_can_be_traced(wall: Wall, more: str) -> None:
    """Its places stand inside the frame and apart from one another's names; a tap traces, another goes on."""
    wall.open(YEAR + more)
    found = wall.page.evaluate(
        """() => { const s = ejia.flows.state, f = s.frame, inner = s.nodes.filter((n) => !n.outside);
        const out = inner.filter((n) => n.x < f.left || n.x > f.right || n.y < f.top || n.y > f.bottom);
        const rooms = s.rooms, meets = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
        const over = rooms.filter((a, i) => rooms.slice(0, i).some((b) => meets(a, b)));
        const stack = document.getElementById('stack');
        return { inner: inner.length, out: out.length, over: over.length, arcs: s.arcs.length,
          stack: stack.getClientRects().length,
          ids: inner.filter((n) => n.total && !n.rest).map((n) => n.id) }; }"""
    )
    assert found["inner"] and not found["out"] and not found["over"] and not found["stack"]
    assert found["arcs"]
    if not found["ids"]:  # to a visitor the organisations of a building are one, its rest
        assert "B0" in more
        return
    for hops in ("1", "2"):
        wall.page.evaluate("(id) => ejia.send('trace', id)", found["ids"][0])
        wall.ready()
        assert (scene(wall, "focus"), scene(wall, "hops")) == (found["ids"][0], hops)
        assert wall.page.locator('[data-view="panel/flow_alluvial"] svg .ribbon').count()


@pytest.mark.parametrize("context", ["wall", "long"], indirect=True)
def test_an_arc_and_its_ribbon_light_together_whichever_is_touched(wall: Wall) -> None:
    wall.open(f"{YEAR}&focus={TOWN}&noise=3")
    dark = wall.page.evaluate(LIT)
    assert dark == {"arcs": [], "ribbons": [], "dim": 0, "cells": []}
    spot = wall.page.evaluate(MIDDLE)
    ways = [
        lambda: wall.page.touchscreen.tap(spot["x"], spot["y"]),
        lambda: wall.page.evaluate(
            """([from, to]) => document.querySelector(`.ribbon[data-from="${from}"][data-to="${to}"]`)
               .dispatchEvent(new MouseEvent('click', { bubbles: true }))""",
            spot["ends"],
        ),
    ]
    shining = f"({LIT})().dim"
    for way in ways:
        way()
        wall.until(f"{shining} === 1")
        lit = wall.page.evaluate(LIT)
        assert (lit["arcs"], lit["ribbons"], lit["dim"]) == ([spot["ends"]], [spot["ends"]], 1)
        if wall.page.locator(".flow-matrix").count():
            assert lit["cells"] in ([spot["ends"]], [])  # a small place has no row of its own
        way()
        wall.until(f"{shining} === 0")
        assert wall.page.evaluate(LIT) == dark
        way()
        wall.until(f"{shining} === 1")
        wall.page.keyboard.press("Escape")
        assert wall.page.evaluate(LIT) == dark
        assert scene(wall, "focus") == TOWN


def test_newer_numbers_leave_the_light_and_another_scene_takes_it(wall: Wall) -> None:
    wall.open(f"{YEAR}&focus={TOWN}&noise=3")
    spot = wall.page.evaluate(MIDDLE)
    wall.page.touchscreen.tap(spot["x"], spot["y"])
    wall.until(f"({LIT})().dim === 1")
    lit = wall.page.evaluate(LIT)
    wall.page.evaluate("ejia.again(undefined, true)")  # what a new version of the store or a sign-in does
    wall.until("ejia.lacks().length > 0")
    wall.ready()
    assert wall.page.evaluate(LIT) == lit
    wall.page.evaluate("ejia.send('noise', '10')")
    wall.ready()
    assert wall.page.evaluate(LIT)["dim"] == 0


def test_flows_light_by_key_and_the_rest_of_a_row_is_many_arcs(wall: Wall) -> None:
    wall.open(f"{YEAR}&focus={TOWN}&noise=3&hops=2")
    wall.page.locator('[data-key="flow/arc"]').focus()
    said = wall.page.evaluate("document.activeElement.getAttribute('aria-label')")
    wall.page.keyboard.press("ArrowRight")
    assert wall.page.evaluate("document.activeElement.getAttribute('aria-label')") != said
    assert scene(wall, "month") == "2019-02"
    wall.page.keyboard.press("Enter")
    assert len(wall.page.evaluate(LIT)["arcs"]) == 1 == len(wall.page.evaluate(LIT)["ribbons"])
    wall.page.keyboard.press("Escape")
    wall.page.locator('.ribbon[tabindex="0"]').focus()
    together = []
    for _ in range(wall.page.locator(".ribbon").count()):
        wall.page.keyboard.press("Enter")
        lit = wall.page.evaluate(LIT)
        assert len(lit["ribbons"]) == 1
        together += lit["arcs"]
        wall.page.keyboard.press("ArrowRight")
    # every arc belongs to one ribbon
    assert sorted(together) == sorted(
        wall.page.evaluate("ejia.flows.state.arcs.map((arc) => [arc.a.id, arc.b.id])")
    )
    wall.page.keyboard.press("Escape")
    assert scene(wall, "hops") == "2" and wall.page.evaluate(LIT)["arcs"] == []
    wall.page.keyboard.press("Enter")
    wall.tap("way/in")  # another picture has nothing lit
    assert wall.page.evaluate(LIT)["arcs"] == []


def test_flows_say_that_they_do_not_follow_a_filter(wall: Wall) -> None:
    """All that is said of flows is read off one table, so no second one by domain is drawn beside it."""
    for board, seen in ((BOARD, ".flow_pipeline[data-note]"), ("?layers=transfers", "#legend .ramp-note")):
        wall.open(board)
        plain = wall.page.evaluate("ejia.mapState.payloads.transfers")
        assert wall.page.locator(seen).count() == 0
        wall.open(board + "&picks=domain:village")
        assert wall.page.locator(seen).count() == 1
        assert "不随筛选" in wall.page.evaluate(
            "(at) => { const one = document.querySelector(at); return one.dataset.note || one.textContent; }",
            seen,
        )
        assert wall.page.evaluate("ejia.mapState.payloads.transfers") == plain


def test_play_steps_through_the_months_and_stops(wall: Wall) -> None:
    wall.open(BOARD + "&month=2018-03")
    wall.page.locator(".play-button").click()
    wall.until("ejia.mapState.scene.month > '2018-03'")
    assert wall.page.locator(".play-button").get_attribute("aria-pressed") == "true"
    wall.page.locator(".play-button").click()
    assert wall.page.locator(".play-button").get_attribute("aria-pressed") == "false"


def test_dots_move_on_this_board_alone_and_never_for_those_who_want_stillness(
    chromium: Browser, served: str, wall: Wall
) -> None:
    wall.open(BOARD)
    assert wall.page.evaluate("ejia.flows.state.frames") == 0
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="no-preference")
    moving = Wall(context.new_page(), served).open(BOARD)
    moving.until("ejia.flows.state.frames > 3")
    moving.tap("preset/overview")
    assert moving.page.locator(".flow-canvas").count() == 0
    stopped = moving.page.evaluate("ejia.flows.state.frames")
    moving.page.wait_for_timeout(300)
    assert moving.page.evaluate("ejia.flows.state.frames") == stopped
    moving.tap("preset/transfers")
    moving.until(f"ejia.flows.state.frames > {stopped}")
    moving.sound()
    context.close()


def test_the_matrix_opens_and_a_name_in_it_is_the_next_centre(wall: Wall) -> None:
    wall.open(YEAR)
    wall.tap("open/matrix")
    assert wall.has("table/matrix")
    wall.tap(f"flow_matrix_table/{TOWN}")
    assert scene(wall, "focus") == TOWN


def test_no_unit_is_named_to_a_visitor(wall: Wall) -> None:
    wall.open(YEAR)
    wall.tap("open/overdue")
    assert wall.page.locator('[data-key="table/overdue"] td').count() == 0


def test_numbers_of_the_board_say_how_they_were_counted(wall: Wall) -> None:
    wall.open(f"{YEAR}&focus={TOWN}")
    for key in ("flow_net", "flow_open", "flow_days", "flow_returned"):
        wall.page.locator(f'button[data-key="how/{key}"]').first.click()
        wall.ready()
        assert wall.page.locator(f'[role="dialog"][data-key="how/{key}"]').count() == 1
        wall.page.keyboard.press("Escape")
        wall.ready()


@pytest.mark.parametrize("context", list(SIZES), indirect=True)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_cut_or_too_small_at_any_size(wall: Wall, lang: str) -> None:
    for query in (f"{YEAR}&lang={lang}", f"{YEAR}&focus={TOWN}&hops=2&lang={lang}"):
        wall.open(query)
        found = wall.page.evaluate(
            """() => { const sizeOf = (one) => parseFloat(getComputedStyle(one).fontSize);
            const u = sizeOf(document.documentElement) / 16, out = [];
            const shown = (one) => one.getClientRects().length && one.checkVisibility();
            for (const one of document.querySelectorAll('.column *, #stage .panel *, .place-name')) {
              const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
              if (!own || !shown(one)) continue;
              const box = one.getBoundingClientRect();
              const low = box.bottom > innerHeight + 1 || box.top < -1;
              if (low || box.right > innerWidth + 1 || box.left < -1) out.push('cut: ' + one.textContent);
              const size = sizeOf(one) / (one.ownerSVGElement ? 1 : u);
              if (size < 21.9) out.push('small: ' + one.textContent + ' ' + size);
            }
            return out; }"""
        )
        assert found == []
