"""Computed questions, one file each: PARAMS, PUBLISH and rows(store, **params)."""
