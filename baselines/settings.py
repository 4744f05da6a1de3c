"""Settings that are part of a name: ``ewc:strength=100``, ``ppo:ent_coef=0.02:gamma=0.9``."""

import math
from typing import Any


def split(text: str) -> tuple[str, dict[str, Any]]:
    """The name before the first colon, and the settings after it: numbers, or true and false.

    Raises ValueError for a setting that is not written as ``name=value``, is given twice, or has another value.

    >>> split("ewc:strength=100")
    ('ewc', {'strength': 100})
    """
    name, *given = text.split(":")
    settings: dict[str, Any] = {}
    for part in given:
        key, equals, value = part.partition("=")
        if not equals or not key.isidentifier():
            raise ValueError(f"setting {part!r} in {text!r} must be written as name=value, such as strength=100")
        if key in settings:
            raise ValueError(f"setting {key!r} is given twice in {text!r}; give it once")
        settings[key] = _value(value, text)
    return name, settings


def _value(text: str, where: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if math.isfinite(number):
            return number
    raise ValueError(f"value {text!r} in {where!r} must be a finite number, true or false")
