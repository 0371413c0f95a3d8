"""The duty desk: its page, what the page asks for, and what people do there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, jsonify, request
from markupsafe import Markup

from dashboard import desk_report
from dashboard.answers import Answers
from dashboard.desk_acts import Clerk, read_order
from dashboard.desk_board import STAGES, Board
from dashboard.errors import RefusedError, language
from dashboard.pages import page
from dashboard.sessions import current_account, current_scope
from dashboard.words import Words, languages, table
from stores import alert_rules, audit, notices, shifts
from stores.accounts import Accounts
from stores.audit import Act

if TYPE_CHECKING:
    from stores.desk import Desk, Row
    from stores.gate import Gate
    from stores.settings import Settings
    from stores.sign_ins import SignedIn
    from stores.store import Store

SECTIONS: Final = ("desk", "login", "app", "warn")
_BODY: Final = Markup(
    '<div id="desk" aria-busy="true"><p class="loading">{loading}</p></div><div id="dialogs"></div>'
)


def blueprint(desk: Desk, store: Store, gate: Gate, settings: Settings, channels: Sequence[str]) -> Blueprint:
    """Return /desk and what its page asks for."""
    routes = Blueprint("desk", __name__)
    facts = getattr(store, "facts", store)
    answers = Answers(store, gate, settings)
    board = Board(gate, answers, settings, lambda: facts.version, current_scope)
    office = Office(desk, board, gate, settings, channels)

    @routes.get("/desk")
    def show() -> Response:
        words = spoken()
        texts = json.dumps(
            {key: text for key, text in table(words.lang).items() if key.split(".")[0] in SECTIONS}
        )
        body = _BODY.format(loading=words("desk.loading"))
        return page("desk", words("desk.title"), body, words, {"words": texts, "lang": words.lang})

    @routes.get("/desk/data")
    def data() -> Response:
        version = f"{facts.version}.{desk.version}"
        if request.args.get("v") == version:
            return Response(status=204)
        return jsonify({"version": version, **office.board(spoken())})

    @routes.get("/desk/alert/<name>")
    def one(name: str) -> Response:
        return jsonify(office.alert(name, spoken()))

    @routes.get("/desk/matrix/<org>")
    def matrix(org: str) -> Response:
        return jsonify(office.matrix(org))

    @routes.post("/desk/act")
    def act() -> Response:
        order = read_order(request.get_json(silent=True))
        return jsonify({"alerts": office.act(order, spoken())})

    @routes.post("/desk/shift")
    def hand_over() -> Response:
        office.hand_over()
        return jsonify({"done": True})

    @routes.get("/desk/report.pdf")
    def report() -> Response:
        made = office.report(spoken())
        answer = Response(made, mimetype="application/pdf")
        day = office.today().isoformat()
        answer.headers["Content-Disposition"] = f'inline; filename="shift-{day}.pdf"'
        return answer

    @routes.get("/desk/notices")
    def letters() -> Response:
        return jsonify(notices.summary(desk))

    @routes.post("/desk/notices/<name>")
    def again(name: str) -> Response:
        return jsonify({"done": office.again(name)})

    return routes


def spoken() -> Words:
    """Return the words of the request's language."""
    wanted = request.args.get("lang", "")
    return Words(wanted if wanted in languages() else language())


def who() -> SignedIn:
    """Return who is at the desk; the guard's table lets nobody else through."""
    signed = current_account()
    assert signed is not None
    return signed


class Office:
    """Answer the desk's page for whoever is signed in, inside their scope."""

    def __init__(
        self, desk: Desk, board: Board, gate: Gate, settings: Settings, channels: Sequence[str]
    ) -> None:
        self._board, self._gate, self._settings, self._channels = board, gate, settings, channels
        self._desk = desk
        self._accounts = Accounts(desk)

    def today(self) -> Any:
        """Return the desk's day."""
        return self._board.now().day

    def board(self, words: Words) -> Row:
        """Return everything that stands on the desk."""
        orgs, now, me = self._orgs(), self._board.now(), who()
        shift = shifts.current(self._desk, me.account_id, now.at)
        rows = self._board.open_now()
        return {
            "now": now.at.isoformat(timespec="minutes"),
            "today": now.day.isoformat(),
            "demo": now.is_demo,
            "me": {"name": me.name, "role": me.role},
            "centre": self._centre(words),
            "scope": self._scope(words),
            "hands": self._hands(),
            "shift": {"from": shift.from_at, "since": shift.since},
            "since": self._board.since(shift.since),
            "groups": self._board.groups(rows, words, now),
            "ladder": self._board.ladder(rows, now),
            "map": self._board.map(rows, orgs, words),
            "week": self._board.week(now),
            "sources": self._board.sources(now),
            "notices": {
                key: value for key, value in notices.summary(self._desk, 0).items() if key != "letters"
            },
            "limits": {
                "open": self._settings.desk.remind_days,
                "notified": self._settings.desk.acknowledge_days,
                "acknowledged": self._settings.desk.promise_days,
            },
            "stages": STAGES,
            "urgings": alert_rules.URGINGS,
            "map_source": {"source": self._source(words), "approval": self._settings.map.approval_number},
        }

    def _centre(self, words: Words) -> str:
        district = self._settings.district
        return district.centre_en if words.lang == "en" else district.centre

    def _source(self, words: Words) -> str:
        return self._settings.map.source_en if words.lang == "en" else self._settings.map.source

    def _hands(self) -> list[str]:
        return [
            one.name for one in self._accounts.list() if one.role in ("duty", "admin") and not one.disabled_at
        ]

    def _scope(self, words: Words) -> str:
        """Name the places for which the person stands."""
        district = self._settings.district
        if self._orgs() is None:
            return district.name_en if words.lang == "en" else district.name
        names = self._board.names()
        scope = current_scope()
        nodes = sorted(node for _, node in scope.places) if scope else []
        return words("frame.list_separator").join(names.get(node, {}).get("name", node) for node in nodes)

    def _orgs(self) -> frozenset[str] | None:
        return self._gate.organisations(current_scope())

    def alert(self, name: str, words: Words) -> Row:
        """Return one warning with its steps, its urgings and how it was counted.

        Raises:
            RefusedError: 404, there is none in scope.
        """
        row = self._board.found(name[:40])
        if row is None:
            raise RefusedError(404, "desk_no_warning")
        steps, urgings = self._board.story(row["alert_id"])
        kept = ("at", "verb", "state", "severity", "actor", "note", "evidence", "approver", "value")
        told = ("kind", "at", "by_account", "due_on", "text", "reply_at", "result")
        return {
            "alert": self._board.one(row, words, self._board.now()),
            "steps": [{key: step[key] for key in kept} for step in steps],
            "urgings": [{key: urging[key] for key in told} for urging in urgings],
            "how": self._board.explained(row, words),
        }

    def matrix(self, org: str) -> Row:
        """Return the duties of the branches around an organisation; nothing outside the scope."""
        orgs = self._orgs()
        if orgs is not None and org not in orgs:
            raise RefusedError(404, "desk_no_warning")
        found = self._board.matrix(org[:40])
        if orgs is not None:
            found["rows"] = [row for row in found["rows"] if row["org"] in orgs]
        return found

    def act(self, order: Any, words: Words) -> list[Row]:
        """Do what was ordered; return the warnings as they are then."""
        now = self._board.now()

        def named(org: str, rows: Sequence[Row], kind: str, due_on: str) -> Mapping[str, Any]:
            name = self._board.names().get(org, {}).get("name", org)
            return {
                "text": Words("zh")("desk.notice_text", urging=Words("zh")(f"desk.urge_{kind}"), name=name),
                "urging": kind,
                "organisation": name,
                "organisation_id": org,
                "warnings": len(rows),
                "indicators": sorted({row["indicator"] for row in rows}),
                "due_on": due_on or None,
                "at": now.at.isoformat(timespec="minutes"),
            }

        clerk = Clerk(self._desk, self._accounts, who(), self._orgs(), now.at, self._channels, named)
        done = [self._board.found(row["alert_id"]) for row in clerk.do(order)]
        return [self._board.one(row, words, now) for row in done if row is not None]

    def hand_over(self) -> None:
        """End the shift."""
        me = who()
        shifts.hand_over(self._desk, me.account_id, self._board.now().at)
        self._note("shift handed over", None)

    def report(self, words: Words) -> bytes:
        """Set the shift's report."""
        board = self.board(words)
        about = {
            "centre": board["centre"],
            "scope": board["scope"],
            "from": board["shift"]["since"].replace("T", " ")[:16],
            "to": board["now"].replace("T", " "),
            "made": words("app.demo") if board["demo"] else "",
        }
        made = desk_report.pdf(
            desk_report.report(board, words, about), Path(self._settings.data_dir) / "cache" / "fonts"
        )
        self._note("report", board["today"])
        return made

    def again(self, name: str) -> bool:
        """Let a dead message be tried again."""
        from stores.accounts import clock

        done = notices.revive(self._desk, name[:40], clock())
        self._note("notice again", name[:40])
        return done

    def _note(self, action: str, target: str | None) -> None:
        me = who()
        with self._desk.writing(shown=False) as writer:
            audit.write(writer, Act(me.name, me.role, action, target, "done"))
