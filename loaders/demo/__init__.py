"""Write the demo district as an office would hand it over: a folder of source files, seeded."""

from __future__ import annotations

from loaders.demo.folder import write_demo
from loaders.demo.writer import DemoSummary

__all__ = ["DemoSummary", "write_demo"]
