"""The deployment file: everything that differs from one district to the next, checked once at the start."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stores.errors import StoreError

FILE_NAME: Final = "district.toml"
FILE_VARIABLE: Final = "EJIA_DISTRICT"


class SettingsError(StoreError):
    """Say what is wrong in the deployment file."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class District(_Table):
    """Name the district; ``code`` is the root of both hierarchies."""

    code: str = Field(default="320115", pattern=r"^\d{6}$")
    name: str = "江宁区"
    name_en: str = "Jiangning District"
    centre: str = "江宁党建e家大数据中心"
    centre_en: str = "Jiangning e-Home Centre"
    code_system: str = Field(default="nbs", pattern=r"^(nbs|mca|local)$")


class StoreAddress(_Table):
    """Say where the facts are.

    ``web_url``: of a PostgreSQL store, the address by which `ejia serve` connects: a role that reads roll-ups
    and keeps the desk's records, and cannot read facts; empty = the same as ``url``. A password belongs in
    neither.
    """

    url: str = "duckdb:///data/ejia.duckdb"
    web_url: str = ""
    memory: str = Field(default="1GB", pattern=r"^\d+(\.\d+)?\s?[KMGT]i?B$")
    threads: int = Field(default=2, ge=1, le=256)


class MapSource(_Table):
    """Name the base map and the number under which it was approved (审图号); empty = none yet."""

    approval_number: str = ""
    source: str = "天地图"
    source_en: str = "Tianditu"


class Publishing(_Table):
    """Hold the thresholds of publishing; a lower number shows more.

    ``least_*``: smallest count of members or of members' attributes that is shown, by mode.
    ``rare_leader``, ``conduct_leader``: the same for rare, sensitive counts and for sums of conduct.
    ``rate_least*``: smallest denominator of a rate; ``rate_side``: smallest numerator and remainder.
    ``flow_edge``, ``flow_place``: smallest number of transfers on an arc and at one place.
    """

    least_visitor: int = Field(default=10, ge=3)
    least_leader: int = Field(default=10, ge=3)
    least_duty: int = Field(default=5, ge=0)
    rare_leader: int = Field(default=5, ge=3)
    conduct_leader: int = Field(default=5, ge=3)
    rate_least: int = Field(default=10, ge=3)
    rate_least_leader: int = Field(default=5, ge=3)
    rate_side: int = Field(default=3, ge=1)
    flow_edge: int = Field(default=3, ge=2)
    flow_place: int = Field(default=10, ge=2)


class Rules(_Table):
    """Hold the district's own counting rules.

    ``transfer_step_workdays``: workdays a step of a transfer may take before it counts as overdue.
    ``study_hours_year``: hours of study a member owes a year (32 by the Regulations of 2019).
    ``unified_day_share``: share of a month's theme days on one date that makes this date the unified day.
    """

    transfer_step_workdays: int = Field(default=5, ge=1)
    study_hours_year: float = Field(default=32, gt=0)
    unified_day_share: float = Field(default=0.3, gt=0, le=1)


class Screen(_Table):
    """Describe the wall.

    ``grid``: its panels as columns x rows, '3x2'; '' = one seamless screen.
    ``margin``: pixels that stay free of text at each edge.
    ``address``: where tablets find this server; '' = where the wall does.
    """

    grid: str = Field(default="", pattern=r"^(|[1-9]\d?x[1-9]\d?)$")
    margin: int = Field(default=0, ge=0, le=400)
    address: str = Field(default="", pattern=r"^(|https?://[\w.\-:\[\]]+/?)$")


class DeskRules(_Table):
    """Say how long sessions last and how long the logs are kept.

    ``session_hours``: most a session may last, one shift in the duty room.
    ``idle_minutes``: a session nobody uses ends after so long.
    ``log_days``: how long who looked at what is kept (the network-security law asks for six months at least).
    ``remind_days``, ``acknowledge_days``, ``promise_days``: days within which a new warning is reminded of, a
    reminder acknowledged, and a day promised after that.
    """

    session_hours: float = Field(default=12, gt=0, le=72)
    idle_minutes: float = Field(default=120, gt=0, le=1440)
    log_days: int = Field(default=366, ge=184)
    remind_days: int = Field(default=1, ge=0, le=60)
    acknowledge_days: int = Field(default=3, ge=0, le=60)
    promise_days: int = Field(default=7, ge=0, le=60)


class Notices(_Table):
    """Say where messages of the desk go; nothing named, nothing is sent.

    ``webhook``: address that takes JSON by POST; ``webhook_hosts``: the hosts (with port, where it is not the
    usual one) that may be posted to at all. The signing key lies in the data folder, webhook.key.
    ``mail_server``: host:port; ``mail_security``: 'tls', 'starttls' or 'none'; the password lies in a file.
    ``drop_folder``: folder into which each message is written as a file of JSON.
    ``per_minute``: messages a channel may send a minute; ``tries``: attempts until a message is given up.
    """

    webhook: str = Field(default="", pattern=r"^(https?://[^\s/@]+(/\S*)?)?$")
    webhook_hosts: tuple[str, ...] = ()
    mail_server: str = Field(default="", pattern=r"^([\w.\-]+:\d+)?$")
    mail_security: str = Field(default="starttls", pattern=r"^(tls|starttls|none)$")
    mail_from: str = Field(default="", pattern=r"^[^\r\n]*$")
    mail_to: tuple[str, ...] = ()
    mail_user: str = ""
    mail_password_file: str = ""
    drop_folder: str = ""
    per_minute: int = Field(default=30, ge=1, le=600)
    tries: int = Field(default=8, ge=1, le=20)


More = Literal["fixed_study_day", "dues_day", "transparency", "dual_life", "secretary_report"]
Period = Literal["month", "quarter", "year"]


class Warnings(_Table):
    """Hold what all warnings share; each one's own parameters stand under ``parameters.W01`` and so on."""

    enabled: tuple[str, ...] = Field(
        default=(*(f"W{number:02}" for number in range(1, 16)), "R5"),
        description="Indicators that are evaluated; the reserves R1 to R7 may be swapped in.",
    )
    grace_days: int = Field(
        default=5,
        ge=0,
        le=60,
        description="Days after a period's end until it is closed; readers upload late.",
    )
    counting_hours: int = Field(
        default=72, ge=0, le=720, description="Hours after an activity's end until its attendance counts."
    )
    make_up_days: int = Field(
        default=30, ge=0, le=120, description="Days after a period's end within which it can be made up for."
    )
    make_up_lesson_days: int = Field(
        default=15, ge=0, le=60, description="Days after an activity within which a missed lesson is made up."
    )
    silent_days: int = Field(
        default=7,
        ge=1,
        le=90,
        description="Days without data from a reader, after which nothing is inferred.",
    )
    periods_again: int = Field(
        default=3, ge=1, le=12, description="Closed periods that are judged anew after each load."
    )
    coming_days: int = Field(
        default=30, ge=1, le=120, description="Days ahead that are looked at for duties."
    )
    more_institutions: Mapping[More, Period] = Field(
        default={"fixed_study_day": "month"},
        description="The district's own institutions beside the eight, each with how often it is due.",
    )
    campaigns_since: str = Field(
        default="2017-01-01",
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="Day from which members found again are counted.",
    )
    parameters: Mapping[str, Mapping[str, bool | int | float]] = Field(
        default_factory=dict, description="Thresholds that differ from an indicator's own, by its key."
    )


class Radar(_Table):
    """Hold the zero marks and floors of the radar's axes."""

    least_due: int = Field(default=10, ge=1, description="Fewest heads due, liable or eligible for a ratio.")
    least_members: int = Field(default=50, ge=1, description="Fewest members for the axis of management.")
    management_zero: float = Field(
        default=0.02, gt=0, le=1, description="Share of members out of hand at which management is nought."
    )
    volunteer_share: float = Field(
        default=0.4, gt=0, le=1, description="Share of members in voluntary work that is full marks."
    )
    least_peers: int = Field(default=8, ge=3, description="Fewest organisations of a kind to compare with.")
    noise: float = Field(default=1.64, gt=0, description="Standard errors a change must exceed.")
    least_change: float = Field(default=2.0, ge=0, description="Points a change must reach.")


class Settings(_Table):
    """Hold one deployment; ``data_dir`` has store, keys and caches; a relative ``store.url`` starts there."""

    district: District = District()
    store: StoreAddress = StoreAddress()
    data_dir: Path = Path("data")
    map: MapSource = MapSource()
    gate: Publishing = Publishing()
    rules: Rules = Rules()
    screen: Screen = Screen()
    desk: DeskRules = DeskRules()
    notices: Notices = Notices()
    warnings: Warnings = Warnings()
    radar: Radar = Radar()


def load_settings(path: Path | None = None) -> Settings:
    """Read the deployment file.

    Args:
        path: the file; None = $EJIA_DISTRICT, else district.toml in the working folder, else the one beside
            the program.  Where there is none, the defaults hold.

    Raises:
        SettingsError: the file cannot be read, or a key is unknown or has an impossible value.
    """
    chosen = path or _find()
    if chosen is None:
        return Settings()
    try:
        table = tomllib.loads(chosen.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{chosen}: cannot be read: {error}") from error
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        raise SettingsError(f"{chosen}: {_sentence(error)}") from error
    return settings.model_copy(update={"data_dir": _beside(chosen, settings.data_dir)})


def _find() -> Path | None:
    """Look for the deployment file where it may stand."""
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return Path(named)
    places = (Path.cwd(), Path(__file__).resolve().parent.parent)
    return next((place / FILE_NAME for place in places if (place / FILE_NAME).is_file()), None)


def _beside(file: Path, folder: Path) -> Path:
    """Take a relative folder from the deployment file's own folder."""
    return folder if folder.is_absolute() else file.resolve().parent / folder


def _sentence(error: ValidationError) -> str:
    """Write the first mistakes as 'key: reason'."""
    parts = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3]]
    return "; ".join(parts)
