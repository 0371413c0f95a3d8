"""What can go wrong in a store, each in one sentence that says what to do."""

from __future__ import annotations


class StoreError(Exception):
    """Say why a store cannot do what was asked."""


class StoreAddressError(StoreError):
    """Say why an address does not name a store."""


class StoreBusyError(StoreError):
    """Say that another process holds the store's file."""


class SchemaVersionError(StoreError):
    """Say that a store was written by a program of another schema version."""


class QuestionError(StoreError):
    """Say why a question is unknown, badly written or asked with the wrong parameters."""


class LoadError(StoreError):
    """Say why a load was refused; the store is as it was."""


class StoreDownError(StoreError):
    """Say that a database server does not answer; it may come back."""
