"""The API describes itself: one OpenAPI document, made from the lists that the routes check against."""

from __future__ import annotations

from typing import Any, Final

from dashboard.words import Words
from layers.scene import BASES, DAYS, MEASURES, SPANS

PLACE_PARAMETERS: Final = ("basis", "period")
LAYER_PARAMETERS: Final = ("place", "period", "basis", "span", "measure", "day", "hours", "per", "format")

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string"}
_FIGURE: Final[Schema] = {
    "type": "object",
    "description": "A published number: v its value, s how it is published, lo and hi the bounds of a band.",
    "required": ["s"],
    "properties": {
        "v": {"type": "number"},
        "s": {"enum": ["exact", "rounded", "band", "hidden", "no_data", "not_due", "not_applicable"]},
        "lo": {"type": "integer"},
        "hi": {"type": "integer"},
    },
}
_ERROR: Final[Schema] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["status", "code", "message", "message_en"],
            "properties": {
                "status": {"type": "integer"},
                "code": _TEXT,
                "message": _TEXT,
                "message_en": _TEXT,
            },
        }
    },
}
_PLACE: Final[Schema] = {
    "type": "object",
    "required": ["id", "name", "level", "parent"],
    "properties": {
        "id": _TEXT,
        "name": _TEXT,
        "name_en": {"type": ["string", "null"]},
        "level": _TEXT,
        "kind": {"type": ["string", "null"]},
        "parent": {"type": ["string", "null"]},
        "wall_url": {"type": "string", "format": "uri"},
    },
}


def document(layers: tuple[str, ...], months: tuple[str, ...], district: str) -> Schema:
    """Return the OpenAPI 3.1 document of the API over a store with these layers, months and district."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": Words("en")("api.title"),
            "version": "1",
            "description": Words("en")("api.summary"),
        },
        "servers": [{"url": "/api/v1"}],
        "paths": _paths(layers, months, district),
        "components": {
            "schemas": {"Figure": _FIGURE, "Error": _ERROR, "Place": _PLACE},
            "securitySchemes": {"reader": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths(layers: tuple[str, ...], months: tuple[str, ...], district: str) -> Schema:
    period = _parameter(
        "period", {"type": "string", "enum": list(months)}, "The month; the last one by default."
    )
    basis = _parameter("basis", {"enum": list(BASES)}, "Which tree: by place or by affiliation.")
    level = _parameter("level", {"enum": ["district", "town", "community"]}, "Only places of this level.")
    place = _parameter("place", _TEXT, "Id of a place or organisation.", example=district)
    return {
        "/places": _get(
            "places", "Districts, towns and communities.", [level, _parameter("parent", _TEXT, "Parent.")]
        ),
        "/places/{id}": _get(
            "place", "One place with children and head counts.", [_in_path("id", _TEXT), basis, period]
        ),
        "/layers": _get("layers", "The keys of the layers.", []),
        "/layers/{key}": _get(
            "layer",
            "The tables behind a layer of the map.",
            [_in_path("key", {"enum": list(layers)}), place, period, basis, *_choices()],
            {"application/geo+json": {}, "text/csv": {}},
        ),
        "/search": _get("search", "Find by characters, pinyin or initials.", _search_parameters()),
        **_spatial_paths(period),
        "/openapi.json": _get("openapi", "This document.", []),
        "/swipes": {"post": _post_swipes()},
    }


def _post_swipes() -> Schema:
    """Describe the one POST: sign-ins in, counts and reasons out."""
    swipe = {
        "type": "object",
        "required": ["activity", "at"],
        "properties": {
            "activity": _TEXT,
            "member": {"type": "string", "description": "The source's number; only its keyed hash is kept."},
            "pseudonym": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "at": {"type": "string", "format": "date-time", "description": "Without a zone, China's."},
            "channel": {"enum": ["card", "qr", "app", "manual", "visit"]},
            "reader": _TEXT,
        },
    }
    most = {"type": "array", "minItems": 1, "maxItems": 1000, "items": swipe}
    body = {"type": "object", "required": ["swipes"], "properties": {"swipes": most}}
    refused = {
        "type": "object",
        "properties": {"index": {"type": "integer"}, "why": _TEXT},
    }
    told = {
        "type": "object",
        "properties": {
            "taken": {"type": "integer"},
            "known": {"type": "integer"},
            "refused": {"type": "array", "items": refused},
        },
    }
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    refusals = {
        status: {"description": "Refused, with a sentence", "content": problem}
        for status in ("400", "401", "413", "429", "503")
    }
    good = {"description": "Written", "content": {"application/json": {"schema": told}}}
    return {
        "operationId": "swipes",
        "summary": "Post sign-ins as a reader; posting them again changes nothing.",
        "security": [{"reader": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": good, **refusals},
    }


def _spatial_paths(period: Schema) -> Schema:
    lon, lat = (
        {"type": "number", "minimum": -180, "maximum": 180},
        {"type": "number", "minimum": -85, "maximum": 85},
    )
    count = {"type": "integer", "minimum": 1, "maximum": 50}
    metres = {"type": "integer", "minimum": 0, "maximum": 20_000}
    return {
        "/spatial/buildings": _get(
            "spatialBuildings",
            "Buildings that touch a box, or that lie in a place's shape; one of the two is given.",
            [
                _parameter("bbox", _TEXT, "west,south,east,north in degrees of WGS84."),
                _parameter("within", _TEXT, "Id of a place."),
                period,
            ],
        ),
        "/spatial/nearest": _get(
            "spatialNearest",
            "The organisations nearest to a point, with whole metres.",
            [
                _parameter("lon", lon, "Degrees of WGS84.") | {"required": True},
                _parameter("lat", lat, "Degrees of WGS84.") | {"required": True},
                _parameter("count", count, "How many; 5 by default."),
                period,
            ],
        ),
        "/spatial/gaps": _get(
            "spatialGaps",
            "Buildings where three or more members work without an organisation, far from any branch.",
            [_parameter("metres", metres, "No branch within so many metres; 500 by default."), period],
        ),
    }


def _choices() -> list[Schema]:
    hours = {"type": "string", "pattern": r"^\d{1,2}-\d{1,2}$"}
    return [
        _parameter("span", {"enum": list(SPANS)}, "How many months end with the period."),
        _parameter("measure", {"enum": list(MEASURES)}, "What the member layer shows."),
        _parameter("day", {"enum": list(DAYS)}, "Kind of day, for activity."),
        _parameter("hours", hours, "Hours of the day from-to, for activity."),
        _parameter("per", {"enum": ["members"]}, "Activity per member."),
        _parameter("format", {"enum": ["json", "geojson", "csv"]}, "Goes before the Accept header."),
    ]


def _search_parameters() -> list[Schema]:
    most = {"type": "integer", "minimum": 1, "maximum": 50}
    query = _parameter("q", {"type": "string", "minLength": 1, "maxLength": 60}, "What to look for.")
    return [query | {"required": True}, _parameter("limit", most, "Most hits.")]


def _parameter(name: str, schema: Schema, text: str, **more: Any) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": text, **more}


def _in_path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _get(name: str, text: str, parameters: list[Schema], more: Schema | None = None) -> Schema:
    """Describe one GET: its parameters, its JSON, and the sentence a bad request gets."""
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    refusals = {
        status: {"description": "Refused, with a sentence", "content": problem}
        for status in ("400", "404", "429")
    }
    body = {"application/json": {"schema": {"type": "object"}}, **(more or {})}
    good = {"200": {"description": "Found", "content": body}}
    return {
        "get": {
            "operationId": name,
            "summary": text,
            "parameters": parameters,
            "responses": {**good, **refusals},
        }
    }
