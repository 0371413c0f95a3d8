"""Messages out of the desk: queued, sent by webhook, mail and file, tried again, recorded.

No message names a person, tells a count of members or carries what somebody typed: it says which
organisation has which warnings and by when an answer is due. Whoever may know more opens the desk.
"""

from __future__ import annotations

import http.client
import json
import logging
import secrets
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256
from hmac import digest
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Final
from urllib.parse import urlsplit

from stores.accounts import clock
from stores.desk import Desk, Row, Writer
from stores.errors import StoreError
from stores.settings import Notices

FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=2)
TIMEOUT: Final = 10.0  # seconds another server may take
LOOK_EVERY: Final = 5.0  # seconds between looks at the queue
KEYS: Final = frozenset(
    "kind urging organisation organisation_id warnings indicators due_on at new escalated text".split()
)
"""What a message may hold."""
_PUT: Final = """
insert into notice (notice_id, made_at, channel, kind, body, state, tries, next_at)
values ($id, $at, $channel, $kind, $body, 'waiting', 0, $at)"""
_DUE: Final = """
select * from notice where state = 'waiting' and channel = $channel and next_at <= $now
order by next_at, notice_id limit $most"""
_SENT: Final = (
    "select count(*) as n from notice where channel = $channel and state = 'sent' and done_at > $since"
)
_MARK: Final = """
insert into desk_meta (key, value) values ('notices_told', $at)
on conflict (key) do update set value = excluded.value"""
_log = logging.getLogger(__name__)
Sender = Callable[[str, str, str], None]
"""Send (id, kind, body); raises NoticeError, OSError or an error of the mail library when it did not work."""


class NoticeError(StoreError):
    """Say why a message was not taken."""

    def __init__(self, sentence: str, *, for_good: bool = False) -> None:
        super().__init__(sentence)
        self.for_good = for_good


def enqueue(writer: Writer, channels: Sequence[str], kind: str, body: Mapping[str, Any], at: datetime) -> int:
    """Queue a message for each channel, in the transaction of the act it tells of; return how many.

    Raises:
        NoticeError: the message holds something that does not belong in one.
    """
    if beyond := set(body) - KEYS:
        raise NoticeError(f"a message does not hold {', '.join(sorted(beyond))}")
    text = json.dumps({"kind": kind, **body}, ensure_ascii=False, sort_keys=True)
    for channel in channels:
        stamp = at.isoformat(timespec="seconds")
        writer.run(_PUT, id=secrets.token_hex(8), at=stamp, channel=channel, kind=kind, body=text)
    return len(channels)


def waiting_after(tries: int) -> timedelta:
    """Return how long a message waits after so many failed tries: 30 s, 1 min, 2 min, … two hours at most."""
    wait: timedelta = FIRST_WAIT * (1 << min(max(tries - 1, 0), 16))
    return min(LONGEST_WAIT, wait)


def summary(desk: Desk, most: int = 50) -> dict[str, Any]:
    """Return how many messages wait, were sent and are dead, and the last dead ones with their reasons."""
    counts = dict.fromkeys(("waiting", "sent", "dead"), 0)
    for row in desk.read("select state, count(*) as n from notice group by state"):
        counts[row["state"]] = row["n"]
    sql = """select notice_id, made_at, channel, kind, tries, error from notice where state = 'dead'
        order by made_at desc limit $most"""
    return {**counts, "letters": desk.read(sql, most=most)}


def revive(desk: Desk, notice_id: str, now: datetime) -> bool:
    """Let a dead message be tried again from the beginning; tell whether there was one."""
    with desk.writing(shown=False) as writer:
        sql = """update notice set state = 'waiting', tries = 0, next_at = $now, done_at = null, error = null
            where notice_id = $id and state = 'dead' returning notice_id"""
        return bool(writer.run(sql, now=now.isoformat(timespec="seconds"), id=notice_id))


def announce(desk: Desk, channels: Sequence[str], now: datetime) -> int:
    """Queue one message for the evaluations that ran since the last one told of, if they opened anything.

    The very first time nothing is sent: what has been open for long is no news.
    """
    last = desk.read("select max(ran_at) as at from evaluation")[0]["at"]
    told = desk.read("select value from desk_meta where key = 'notices_told'")
    if last is None or (told and told[0]["value"] >= last):
        return 0
    found = desk.read(
        """select coalesce(sum(opened), 0) as new, coalesce(sum(escalated), 0) as escalated, max(as_of) as day
        from evaluation where ran_at > $told""",
        told=told[0]["value"] if told else last,
    )[0]
    with desk.writing(shown=False) as writer:
        writer.run(_MARK, at=last)
        if not found["new"] and not found["escalated"]:
            return 0
        text = f"预警研判 {found['day']}：新增 {found['new']} 条，升级 {found['escalated']} 条"
        body = {"text": text, "new": found["new"], "escalated": found["escalated"], "at": found["day"]}
        return enqueue(writer, channels, "evaluation", body, now)


def senders(settings: Notices, key: bytes) -> dict[str, Sender]:
    """Return the channels a deployment has named.

    Args:
        settings: where messages go.
        key: signs what goes to the webhook.

    Raises:
        NoticeError: the webhook's host is not among those allowed, or mail lacks a sender or a recipient.
    """
    found: dict[str, Sender] = {}
    if settings.webhook:
        found["webhook"] = Webhook(settings.webhook, settings.webhook_hosts, key)
    if settings.mail_server:
        found["mail"] = Mail(settings)
    if settings.drop_folder:
        found["file"] = Drop(Path(settings.drop_folder))
    return found


def signature(key: bytes, stamp: str, body: bytes) -> str:
    """Return what proves to a webhook that a message is ours: HMAC-SHA-256 of 'stamp.body', in hex."""
    return digest(key, stamp.encode() + b"." + body, sha256).hex()


class Webhook:
    """Post messages as signed JSON to one address, whose host the deployment allows; follow no redirect."""

    def __init__(self, address: str, allowed: Sequence[str], key: bytes) -> None:
        parts = urlsplit(address)
        if parts.netloc not in allowed:
            raise NoticeError(f"the webhook's host '{parts.netloc}' is not among webhook_hosts")
        self._parts, self._key = parts, key

    def __call__(self, notice_id: str, kind: str, body: str) -> None:
        """Send one message; anything but a 2xx answer is a failure, and 410 is one for good.

        Raises:
            NoticeError, OSError: it was not taken.
        """
        data, stamp = body.encode(), str(int(datetime.now().timestamp()))
        heads = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "ejia",
            "X-Ejia-Id": notice_id,
            "X-Ejia-Time": stamp,
            "X-Ejia-Signature": f"sha256={signature(self._key, stamp, data)}",
        }
        kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
        connection = kinds[self._parts.scheme](self._parts.netloc, timeout=TIMEOUT)
        try:
            path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
            connection.request("POST", path, data, heads)
            status = connection.getresponse().status
        except http.client.HTTPException as error:
            raise NoticeError(f"the webhook does not speak HTTP: {type(error).__name__}") from error
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise NoticeError(f"the webhook answered {status}", for_good=status == 410)


class Mail:
    """Send messages by mail, one each."""

    def __init__(self, settings: Notices) -> None:
        if not settings.mail_from or not settings.mail_to:
            raise NoticeError("mail needs mail_from and mail_to")
        self._settings = settings

    def __call__(self, notice_id: str, kind: str, body: str) -> None:
        """Send one message.

        Raises:
            NoticeError, OSError, smtplib.SMTPException: it was not taken.
        """
        told = json.loads(body)
        mail = EmailMessage()
        mail["From"], mail["To"] = self._settings.mail_from, ", ".join(self._settings.mail_to)
        mail["Subject"] = " ".join(str(told.get("text", kind)).split())[:120]
        mail["Message-ID"] = f"<{notice_id}@ejia>"
        mail.set_content(as_text(told))
        host, _, port = self._settings.mail_server.rpartition(":")
        secure = ssl.create_default_context()
        with self._connect(host, int(port), secure) as server:
            if self._settings.mail_security == "starttls":
                server.starttls(context=secure)
            if self._settings.mail_user:
                password = Path(self._settings.mail_password_file).read_text("utf-8").strip()
                server.login(self._settings.mail_user, password)
            server.send_message(mail)

    def _connect(self, host: str, port: int, secure: ssl.SSLContext) -> smtplib.SMTP:
        if self._settings.mail_security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=secure)
        return smtplib.SMTP(host, port, timeout=TIMEOUT)


class Drop:
    """Write each message as a file into a folder, complete or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, notice_id: str, kind: str, body: str) -> None:
        """Write one message.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{notice_id}.part"
        draft.write_text(body, "utf-8")
        draft.replace(self._folder / f"{notice_id}.json")


def as_text(told: Mapping[str, Any]) -> str:
    """Write a message for people, one thing a line."""
    lines = [str(told.get("text", told.get("kind", "")))]
    names = ("organisation", "warnings", "due_on", "at")
    lines += [f"{name}: {told[name]}" for name in names if told.get(name) not in (None, "")]
    return "\n".join(lines) + "\n"


@dataclass
class Post:
    """Send what waits: so many a minute for each channel, failures later and later, and in the end recorded.

    Args:
        desk: holds the queue.
        channels: name → sender.
        per_minute: messages a channel may send a minute.
        tries: attempts until a message is dead.
        now: gives the present time.
    """

    desk: Desk
    channels: Mapping[str, Sender]
    per_minute: int = 30
    tries: int = 8
    now: Callable[[], datetime] = clock

    def __post_init__(self) -> None:
        self._one = Lock()
        self._stopped = Event()

    def run_once(self) -> int:
        """Try what is due; return how many were sent. One thread at a time."""
        with self._one:
            announce(self.desk, tuple(self.channels), self.now())
            return sum(self._empty(name, sender) for name, sender in self.channels.items())

    def _empty(self, name: str, sender: Sender) -> int:
        now = self.now()
        since = (now - timedelta(minutes=1)).isoformat(timespec="seconds")
        left = self.per_minute - self.desk.read(_SENT, channel=name, since=since)[0]["n"]
        due = self.desk.read(_DUE, channel=name, now=now.isoformat(timespec="seconds"), most=max(left, 0))
        return sum(self._send(row, sender) for row in due)

    def _send(self, row: Row, sender: Sender) -> bool:
        """Try one message and write down what became of it."""
        try:
            sender(row["notice_id"], row["kind"], row["body"])
        except (NoticeError, OSError, smtplib.SMTPException) as error:
            over = getattr(error, "for_good", False) or row["tries"] + 1 >= self.tries
            self._note(row, "dead" if over else "waiting", _sentence(error))
            return False
        self._note(row, "sent", None)
        return True

    def _note(self, row: Row, state: str, error: str | None) -> None:
        now = self.now()
        following = now + waiting_after(row["tries"] + 1)
        with self.desk.writing(shown=False) as writer:
            writer.run(
                """update notice set state = $state, tries = tries + 1, error = $error, next_at = $next,
                done_at = $done where notice_id = $id""",
                state=state,
                error=error,
                next=following.isoformat(timespec="seconds"),
                done=None if state == "waiting" else now.isoformat(timespec="seconds"),
                id=row["notice_id"],
            )

    def start(self) -> None:
        """Send from a thread of its own for as long as the process lives."""
        if self.channels:
            Thread(target=self._work, name="notices", daemon=True).start()

    def stop(self) -> None:
        """Let the thread end after what it is sending."""
        self._stopped.set()

    def _work(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            try:
                self.run_once()
            except StoreError as error:
                _log.error("messages wait: %s", error)


def _sentence(error: Exception) -> str:
    """Say in short why a message was not taken, without what the other side wrote back."""
    if isinstance(error, NoticeError):
        return str(error)
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}"
    reason = getattr(error, "strerror", None)
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__
