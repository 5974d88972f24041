"""JSON pointers (RFC 6901) into a case's data, and into the schema that the data follows."""

from collections.abc import Iterator, Mapping
from typing import Any


def may_lead_somewhere(pointer: str, schema: Any) -> bool:
    """Whether data by a JSON Schema can have a value at a pointer, as far as closed objects tell.

    `*` in the pointer stands for every item of a list.
    """
    for part in pointer.split("/")[1:]:
        if not isinstance(schema, Mapping):
            return True
        key = part.replace("~1", "/").replace("~0", "~")
        properties = schema.get("properties", {})
        if key in properties:
            schema = properties[key]
        elif "items" in schema and (key == "*" or key.isdecimal()):
            schema = schema["items"]
        else:
            return schema.get("additionalProperties") is not False and schema.get("type") != "array"
    return True


def at_pointer(data: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901), or None where there is none."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, Mapping) and key in data:
            data = data[key]
        elif isinstance(data, list) and key.isdecimal() and int(key) < len(data):
            data = data[int(key)]
        else:
            return None
    return data


def all_at(data: Any, pointer: str) -> Iterator[Any]:
    """The values at a pointer in which `*` stands for every item of a list; what is absent is None."""
    head, star, rest = pointer.partition("/*")
    found = at_pointer(data, head) if head else data
    if not star:
        yield found
        return
    for item in found if isinstance(found, list) else ():
        yield from all_at(item, rest) if rest else (item,)
