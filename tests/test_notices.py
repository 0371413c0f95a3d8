"""Messages leave by every channel, signed and once; what is refused is tried later, then recorded."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from hashlib import sha256
from hmac import compare_digest, digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from stores import notices
from stores.desk import SqliteDesk
from stores.notices import Drop, Mail, NoticeError, Post, Webhook
from stores.settings import Notices, Settings

KEY = b"a key for tests only, long enough"
BODY = {"text": "提醒：东山社区第一党支部有事项待办理", "organisation": "东山社区第一党支部", "warnings": 2}
NOON = datetime(2019, 3, 6, 12)


class Clock:
    """Give a time that a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def queued(desk: SqliteDesk, *channels: str, n: int = 1) -> None:
    """Queue some messages."""
    with desk.writing(shown=False) as writer:
        for _ in range(n):
            notices.enqueue(writer, channels, "urging", BODY, NOON)


class Hook(ThreadingHTTPServer):
    """A real web server that answers as told and keeps what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204

    @property
    def host(self) -> str:
        """Return host and port."""
        return f"127.0.0.1:{self.server_address[1]}"


class HookHandler(BaseHTTPRequestHandler):
    """Take one message."""

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Hook)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.got.append((dict(self.headers), body))
        self.send_response(server.status)
        if server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Serve a webhook."""
    with Hook() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class Mailbox(socketserver.ThreadingTCPServer):
    """A real mail server, as much of RFC 5321 as taking a message needs."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.got: list[bytes] = []
        self.refuse = b""


class MailHandler(socketserver.StreamRequestHandler):
    """Speak one conversation."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Mailbox)
        self.wfile.write(b"220 ready\r\n")
        for raw in self.rfile:
            verb = raw.strip().upper()
            if verb.startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (line := self.rfile.readline()).strip() != b".":
                    lines.append(line)
                server.got.append(b"".join(lines))
                self.wfile.write(b"250 taken\r\n")
            elif verb.startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(
                    server.refuse if server.refuse and verb.startswith(b"RCPT") else b"250 fine\r\n"
                )


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Serve a mailbox."""
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_webhook_gets_signed_json_once(hook: Hook) -> None:
    desk = SqliteDesk(None)
    post = Post(desk, {"webhook": Webhook(f"http://{hook.host}/in?x=1", [hook.host], KEY)})
    queued(desk, "webhook")
    assert (post.run_once(), post.run_once()) == (1, 0)
    heads, body = hook.got[0]
    assert json.loads(body) == {"kind": "urging", **BODY}
    signed = digest(KEY, heads["X-Ejia-Time"].encode() + b"." + body, sha256).hex()
    assert compare_digest(heads["X-Ejia-Signature"], f"sha256={signed}")
    assert notices.summary(desk)["sent"] == 1


@pytest.mark.parametrize("allowed", [[], ["other:80"], ["127.0.0.1"]])
def test_a_host_that_is_not_allowed_gets_nothing(hook: Hook, allowed: list[str]) -> None:
    with pytest.raises(NoticeError, match="webhook_hosts"):
        Webhook(f"http://{hook.host}/", allowed, KEY)
    assert hook.got == []


def test_a_redirect_is_not_followed(hook: Hook) -> None:
    hook.status = 302
    with pytest.raises(NoticeError, match="302"):
        Webhook(f"http://{hook.host}/", [hook.host], KEY)("id", "urging", "{}")
    assert len(hook.got) == 1


def test_what_fails_is_tried_later_and_later_and_then_recorded(hook: Hook) -> None:
    desk, clock = SqliteDesk(None), Clock()
    post = Post(desk, {"webhook": Webhook(f"http://{hook.host}/", [hook.host], KEY)}, tries=3, now=clock)
    hook.status = 500
    queued(desk, "webhook")
    waits = []
    for _ in range(2):
        assert post.run_once() == 0
        assert post.run_once() == 0, "it waits"
        row = desk.read("select next_at, state, error from notice")[0]
        assert row["state"] == "waiting"
        waits.append(datetime.fromisoformat(row["next_at"]) - clock.now)
        clock.now = datetime.fromisoformat(row["next_at"])
    post.run_once()
    assert waits == [timedelta(seconds=30), timedelta(seconds=60)]
    assert len(hook.got) == 3
    told = notices.summary(desk)
    assert (told["dead"], told["letters"][0]["error"]) == (1, "the webhook answered 500")
    hook.status = 200
    assert notices.revive(desk, told["letters"][0]["notice_id"], clock.now)
    assert not notices.revive(desk, "nothing", clock.now)
    assert post.run_once() == 1
    assert notices.summary(desk)["dead"] == 0


def test_gone_is_gone(hook: Hook) -> None:
    desk = SqliteDesk(None)
    hook.status = 410
    queued(desk, "webhook")
    Post(desk, {"webhook": Webhook(f"http://{hook.host}/", [hook.host], KEY)}).run_once()
    assert notices.summary(desk)["dead"] == 1


def test_nobody_listening_is_a_failure_and_no_crash() -> None:
    desk = SqliteDesk(None)
    queued(desk, "webhook")
    assert Post(desk, {"webhook": Webhook("http://127.0.0.1:9/", ["127.0.0.1:9"], KEY)}).run_once() == 0
    assert "refused" in desk.read("select error from notice")[0]["error"].lower()


def test_so_many_a_minute(hook: Hook) -> None:
    desk, clock = SqliteDesk(None), Clock()
    post = Post(desk, {"webhook": Webhook(f"http://{hook.host}/", [hook.host], KEY)}, per_minute=3, now=clock)
    queued(desk, "webhook", n=5)
    assert (post.run_once(), post.run_once()) == (3, 0)
    clock.now += timedelta(seconds=61)
    assert post.run_once() == 2


def mail_to(mailbox: Mailbox, **more: Any) -> Notices:
    port = mailbox.server_address[1]
    given = {
        "mail_server": f"127.0.0.1:{port}",
        "mail_from": "wall@example.cn",
        "mail_to": ("desk@example.cn",),
    }
    return Notices(**{**given, "mail_security": "none", **more})


def test_a_mail_says_what_it_is_about(mailbox: Mailbox) -> None:
    desk = SqliteDesk(None)
    queued(desk, "mail")
    assert Post(desk, notices.senders(mail_to(mailbox), KEY)).run_once() == 1
    mail = message_from_bytes(mailbox.got[0])
    assert str(make_header(decode_header(mail["Subject"]))) == BODY["text"]
    assert mail["To"] == "desk@example.cn"
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert "东山社区第一党支部" in payload.decode()


def test_a_refused_recipient_is_tried_again(mailbox: Mailbox) -> None:
    desk = SqliteDesk(None)
    mailbox.refuse = b"451 later\r\n"
    queued(desk, "mail")
    post = Post(desk, {"mail": Mail(mail_to(mailbox))})
    assert post.run_once() == 0
    row = desk.read("select state, tries, error from notice")[0]
    assert (row["state"], row["tries"]) == ("waiting", 1)
    assert "example.cn" not in row["error"]


def test_no_line_break_gets_into_a_head(mailbox: Mailbox) -> None:
    body = json.dumps({"kind": "urging", "text": "a\r\nBcc: x@evil.example\r\n\r\nb"})
    Mail(mail_to(mailbox))("id", "urging", body)
    mail = message_from_bytes(mailbox.got[0])
    assert mail["Bcc"] is None
    assert mail["Subject"] == "a Bcc: x@evil.example b"


def test_a_file_is_complete_or_not_there(tmp_path: Path) -> None:
    desk = SqliteDesk(None)
    queued(desk, "file")
    assert Post(desk, {"file": Drop(tmp_path / "out")}).run_once() == 1
    files = list((tmp_path / "out").iterdir())
    assert [file.suffix for file in files] == [".json"]
    assert json.loads(files[0].read_text("utf-8"))["organisation"] == BODY["organisation"]


@pytest.mark.parametrize("beyond", [{"note": "张三欠费"}, {"members": 3}, {"name": "x"}])
def test_a_message_holds_nothing_else(beyond: dict[str, Any]) -> None:
    desk = SqliteDesk(None)

    def put() -> None:
        with desk.writing(shown=False) as writer:
            notices.enqueue(writer, ["file"], "urging", {**BODY, **beyond}, NOON)

    with pytest.raises(NoticeError):
        put()
    assert desk.read("select * from notice") == []


def test_nothing_named_nothing_sent() -> None:
    assert notices.senders(Settings().notices, KEY) == {}
    with pytest.raises(NoticeError, match="mail_from"):
        notices.senders(Notices(mail_server="127.0.0.1:25"), KEY)


@pytest.mark.parametrize("address", ["ftp://x/", "http://user@x/", "javascript:1", "http://x/ y"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="webhook"):
        Notices(webhook=address)


def test_an_evaluation_is_told_of_once(tmp_path: Path) -> None:
    desk = SqliteDesk(None)
    add = """insert into evaluation (as_of, ran_at, facts_version, opened, escalated, closed)
        values ($day, $ran, 1, $opened, 1, 0)"""

    def ran(day: str, opened: int) -> None:
        with desk.writing() as writer:
            writer.run(add, day=day, ran=f"{day}T06:00:00", opened=opened)

    ran("2019-03-01", 900)
    assert notices.announce(desk, ["file"], NOON) == 0, "what was open before is no news"
    ran("2019-03-02", 4)
    assert notices.announce(desk, ["file"], NOON) == 1
    assert notices.announce(desk, ["file"], NOON) == 0
    told = json.loads(desk.read("select body from notice")[0]["body"])
    assert (told["new"], told["escalated"]) == (4, 1)


def test_the_wait_doubles_up_to_two_hours() -> None:
    waits = [notices.waiting_after(n) for n in range(1, 20)]
    assert waits[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
    assert waits == sorted(waits)
    assert waits[-1] == notices.LONGEST_WAIT
