"""Docstrings as they are written here, for Sphinx: one backtick marks code, and nothing else is markup.

Signatures of models show the types of their fields, without what pydantic checks of them. The packages are imported
before Sphinx does it, which sets TYPE_CHECKING meanwhile and so breaks models that are defined then.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring

import toolkit

_HANDED_OUT = {"Audience", "Column", "Contacts", "Mirror", "SeaxAccessor", "Split", "Workspace"}
_CODE = re.compile(r"`+([^`]+)`+")
_MARKUP = re.compile(r"([\\*|]|_(?!\w)|(?<!\w)_)")


def as_rst(line: str) -> str:
    """One line with its code in double backticks and everything else as plain text."""
    parts = _CODE.split(line)
    for at, part in enumerate(parts):
        parts[at] = f"``{part.strip()}``" if at % 2 else _MARKUP.sub(r"\\\1", part)
    return "".join(parts)


def read_docstring(app: Sphinx, what: str, name: str, obj: object, options: Any, lines: list[str]) -> None:
    """Turn the lines, joined by paragraph first, as code may run over the end of a line."""
    paragraphs: list[str] = []
    for paragraph in "\n".join(lines).split("\n\n"):
        if "├──" in paragraph:
            paragraphs.append("::\n\n" + "\n".join(f"    {line}" for line in paragraph.splitlines()))
        else:
            paragraphs.append(as_rst(paragraph))
    lines[:] = "\n\n".join(paragraphs).splitlines()
    if what not in {"attribute", "property"}:  # of whose sentences with a colon it would make a type
        lines[:] = GoogleDocstring(lines, Config(), app, what, name, obj, options).lines()


def sign_class(
    app: Sphinx, what: str, name: str, obj: object, options: Any, signature: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    """The fields of a model as its arguments; none for what is handed out and never made by hand."""
    if not inspect.isclass(obj):
        return None
    if obj.__name__ in _HANDED_OUT:
        return "", None
    if not issubclass(obj, BaseModel):
        return None
    fields = ", ".join(_argument(name, field) for name, field in obj.model_fields.items())
    return f"(*, {fields})", None


def _argument(name: str, field: FieldInfo) -> str:
    typed = f"{name}: {_plain(field.annotation)}"
    if field.default_factory is not None:
        made = field.default_factory
        return f"{typed} = {made()!r}" if made in {dict, list, tuple} else f"{typed} = ..."
    return typed if field.default is PydanticUndefined else f"{typed} = {field.default!r}"


def _plain(annotation: Any) -> str:
    """A type as it is written, by its last name, without what `Annotated` adds."""
    if annotation is None or annotation is NoneType:
        return "None"
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _plain(inside[0])
    if origin in {Union, UnionType}:
        return " | ".join(map(_plain, inside))
    if origin is Literal:
        return f"Literal[{', '.join(map(repr, inside))}]"
    if inside:
        return f"{_plain(origin)}[{', '.join(map(_plain, inside))}]"
    return "..." if annotation is Ellipsis else getattr(annotation, "__name__", str(annotation))


def setup(app: Sphinx) -> dict[str, Any]:
    for module in pkgutil.walk_packages(toolkit.__path__, "toolkit."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    app.connect("autodoc-process-docstring", read_docstring)
    app.connect("autodoc-process-signature", sign_class)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
