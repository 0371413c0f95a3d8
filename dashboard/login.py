"""Signing in and out, and switching the wall to what a visitor sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, cast

from flask import Blueprint, Response, g, jsonify, redirect, request
from markupsafe import Markup

from dashboard import sessions
from dashboard.errors import RefusedError, language, wants_json
from dashboard.pages import page, said
from dashboard.sessions import current_account, current_mode
from dashboard.words import Words, languages
from stores.accounts import plain_name
from stores.audit import Act, Recorder
from stores.settings import Settings
from stores.sign_ins import SignIns

_BODY: Final = Markup(
    """<main><h1>{centre}</h1>{alert}{form}
<nav><a href="/">{home}</a><a href="?{other_query}" lang="{other}">{other_name}</a>
</nav></main>"""
)
_FORM: Final = Markup(
    """<form method="post" action="/login"><h2>{title}</h2>
<input type="hidden" name="next" value="{next}"><input type="hidden" name="lang" value="{lang}">
<label>{name}<input name="name" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="60" required autofocus value="{typed}"></label>
<label>{password}<input name="password" type="password"
 autocomplete="current-password" maxlength="200" required></label>
<button type="submit">{submit}</button><p class="note">{note}</p></form>"""
)
_FIRST: Final = Markup(
    """<section class="first"><h2>{title}</h2><p>{text}</p><pre>ejia user add duty1 --role duty
ejia user add leader1 --role leader</pre><p class="note">{note}</p></section>"""
)


def blueprint(signs: SignIns, recorder: Recorder, settings: Settings) -> Blueprint:
    """Return /login, /logout, /session and /session/mode."""
    routes = Blueprint("login", __name__)
    lasts = timedelta(hours=settings.desk.session_hours)

    @routes.get("/login")
    def ask() -> Response:
        if current_account() is not None:
            return _led(_safe_next(request.args.get("next", "")))
        return form(signs, settings, "", "", 200)

    @routes.post("/login")
    def sign_in() -> Response:
        name, password = request.form.get("name", ""), request.form.get("password", "")
        account, wait = signs.attempt(name, password, request.remote_addr or "")
        if account is None:
            recorder.act(Act(None, None, "sign-in", _named(name), "refused", "waiting" if wait else None))
            return _not_in(signs, settings, name, wait)
        token = signs.open(account, sessions.token())
        recorder.act(Act(plain_name(name), None, "sign-in", None, "done"))
        return sessions.give_cookie(_led(_safe_next(request.form.get("next", ""))), token, lasts)

    @routes.post("/logout")
    def sign_out() -> Response:
        signed, mine = current_account(), sessions.token()
        if mine:
            signs.end(mine)
        if signed:
            recorder.act(Act(signed.name, signed.role, "sign-out", None, "done"))
        answer = jsonify({"mode": sessions.VISITOR}) if wants_json() else _led("/")
        return sessions.give_cookie(answer, "", None)

    @routes.get("/session")
    def session() -> Response:
        return jsonify(_state())

    @routes.post("/session/mode")
    def switch() -> Response:
        signed = current_account()
        assert signed is not None  # the guard's table says so
        wanted = request.get_json(silent=True)
        if not isinstance(wanted, dict) or not isinstance(wanted.get("as_visitor"), bool):
            raise RefusedError(400, "bad_request")
        signs.show(sessions.token(), as_visitor=wanted["as_visitor"])
        target = sessions.VISITOR if wanted["as_visitor"] else signed.role
        recorder.act(Act(signed.name, signed.role, "mode", target, "done"))
        g.pop("signed_in", None)
        return jsonify(_state())

    return routes


def form(signs: SignIns, settings: Settings, typed: str, alert: str, status: int) -> Response:
    """Return the page that asks for name and password, or that says how the first account is made."""
    wanted = request.form.get("lang", "") or request.args.get("lang", "")
    words = Words(wanted if wanted in languages() else language())
    following = request.form.get("next", "") or request.args.get("next", "")
    if signs.accounts.is_empty():
        inner = _FIRST.format(
            title=said(words, "login.first"),
            text=said(words, "login.first_text"),
            note=said(words, "login.first_note"),
        )
    else:
        inner = _FORM.format(
            title=said(words, "login.title"),
            next=_safe_next(following),
            lang=words.lang,
            name=said(words, "login.name"),
            password=said(words, "login.password"),
            submit=said(words, "login.submit"),
            note=said(words, "login.note", hours=f"{settings.desk.session_hours:g}"),
            typed=typed[:60],
        )
    other = "en" if words.lang == "zh" else "zh"
    centre = settings.district.centre_en if words.lang == "en" else settings.district.centre
    shown = Markup('<p class="alert" role="alert">{}</p>').format(words(alert)) if alert else ""
    body = _BODY.format(
        centre=centre,
        alert=shown,
        form=inner,
        home=said(words, "login.home"),
        other=other,
        other_name="English" if other == "en" else "中文",
        other_query=f"lang={other}",
    )
    answer = page("login", words("login.title"), body, words)
    answer.status_code = status
    return answer


def _not_in(signs: SignIns, settings: Settings, name: str, wait: int) -> Response:
    """Answer an attempt that failed; whether the name exists cannot be seen from it."""
    if wants_json():
        raise RefusedError(429, "too_many") if wait else RefusedError(401, "not_signed_in")
    answer = form(signs, settings, name, "login.wait" if wait else "login.wrong", 429 if wait else 401)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _state() -> dict[str, Any]:
    """Say who the browser's session is, for the header's controls."""
    signed = current_account()
    if signed is None:
        return {"signed": False, "mode": sessions.VISITOR}
    return {
        "signed": True,
        "mode": current_mode(),
        "role": signed.role,
        "name": signed.name,
        "as_visitor": signed.as_visitor,
        "desk": signed.role in ("duty", "admin"),
        "ends_at": signed.ends_at,
    }


def _safe_next(wanted: str) -> str:
    """Return an address inside this server, '/' for anything else.

    A path of ours is plain ASCII that begins with one slash; browsers read '//' and '/\\' as another server.
    """
    fits = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and wanted.isprintable()
        and wanted.isascii()
    )
    return wanted if fits and len(wanted) < 1000 and "\\" not in wanted else "/"


def _led(where: str) -> Response:
    return cast(Response, redirect(where, 303))


def _named(name: str) -> str:
    """Return the name of an attempt for the log, cut and without what is no character."""
    return plain_name(name)[:40].encode("utf-8", "ignore").decode()
