"""The deployment file: everything that differs from one district to the next, checked once at the start."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Final

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


class Settings(_Table):
    """Hold one deployment; ``data_dir`` has store, keys and caches; a relative ``store.url`` starts there."""

    district: District = District()
    store: StoreAddress = StoreAddress()
    data_dir: Path = Path("data")
    map: MapSource = MapSource()
    gate: Publishing = Publishing()
    rules: Rules = Rules()


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
