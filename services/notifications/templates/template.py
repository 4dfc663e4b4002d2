"""A notice in words, before its facts are filled in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    title: Mapping[str, str]
    body: Mapping[str, str]
