"""Why a page could not be read: only once that is so are its rows looked at one by one."""

from __future__ import annotations

from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pyarrow as pa
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import PydanticCustomError

from toolkit.api.columns import times
from toolkit.api.refusals import one_line


def explain(body: bytes, reply: type[msgspec.Struct]) -> str | None:
    """The first row and field of a reply that are not as documented, and how; None if all are, or it is no JSON."""
    try:
        _model(reply).model_validate_json(body)
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
    else:
        return None
    if not first["loc"]:
        return None
    more = f", and {len(others):,} more such" if others else ""
    return f"{_place(body, first['loc'])} {_problem(first)}{more}"


def _is_time(text: str) -> str:
    try:
        times([text])
    except pa.ArrowInvalid as error:
        raise PydanticCustomError("time", "Input should be an ISO 8601 time") from error
    return text


_MODEL = ConfigDict(strict=True)
_Time = Annotated[str, AfterValidator(_is_time)]


def _model(struct: type[msgspec.Struct]) -> type[BaseModel]:
    """The pydantic model that accepts what a wire struct does, and times only where a field is named `…_time`."""
    fields: dict[str, Any] = {
        field.name: (
            _accepted(field.type, _Time if field.name.endswith("_time") else str),
            ... if field.required else None,
        )
        for field in msgspec.structs.fields(struct)
    }
    return create_model(struct.__name__, __config__=_MODEL, **fields)


def _accepted(kind: Any, text: Any) -> Any:
    if get_origin(kind) in {Union, UnionType}:
        return Union[tuple(_accepted(one, text) for one in get_args(kind))]  # noqa: UP007 — made of a tuple
    if get_origin(kind) is list:
        return GenericAlias(list, _accepted(get_args(kind)[0], text))
    if kind is str:
        return text
    if kind is msgspec.Raw:
        return Any
    return _model(kind) if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else kind


def _place(body: bytes, where: tuple[int | str, ...]) -> str:
    if len(where) < 2:
        return "the reply"
    row = msgspec.json.decode(body)["data"][where[1]]
    known = f" (id {one_line(str(row['id']))!r})" if isinstance(row, dict) and row.get("id") else ""
    return f"row {int(where[1]) + 1}{known}"


def _problem(error: Any) -> str:
    where = error["loc"][2:] if len(error["loc"]) > 1 else error["loc"]
    field = ".".join(part for part in where if isinstance(part, str)) or "it"
    if error["type"] == "missing":
        return f"has no {field}"
    wanted = error["msg"].removeprefix("Input should be ")
    return f"has {one_line(repr(error['input']))[:60]} where {field} should be {wanted}"
