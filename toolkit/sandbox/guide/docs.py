"""The page at /docs: the OpenAPI document as plain HTML, readable without a network."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from toolkit.sandbox.world.planted import TRUTHS

# Names of campaigns on the page come from others: nothing on it may run or load anything.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h2 { margin-top: 2.5rem; font-size: 1.1rem } code, pre { font: 14px/1.4 ui-monospace, monospace }
pre { background: #f5f5f5; padding: .8rem; overflow-x: auto }
.method { color: #fff; background: #0b6; padding: 0 .4rem }
table { border-collapse: collapse; width: 100% }
dt { font-weight: bold; margin-top: .6rem }
td, th { border: 1px solid #ddd; padding: .3rem .5rem; text-align: left }
"""


def page(document: dict[str, Any], *, campaigns: Mapping[str, str], api_key: str, origin: str) -> str:
    """Return the HTML page of an OpenAPI document, with a curl command for every operation and the file's content."""
    info = document["info"]
    operations = "".join(
        _operation(document, method, path, operation, api_key, origin)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])}</title>"
        f"<style>{_STYLE}</style><h1>{escape(info['title'])}</h1><p>{escape(info['description'])}</p>"
        f"<p>The key is <code>{api_key}</code>. The document itself: <a href=/openapi.json>openapi.json</a>.</p>"
        f"<p>The same workspace answers as SeaX publishes its API at <code>{origin}/seax-api</code>: see its "
        f"<a href=/seax-api/openapi.json>openapi.json</a>.</p>"
        f"{operations}{_holdings(campaigns)}</html>"
    )


def _holdings(campaigns: Mapping[str, str]) -> str:
    truths = "".join(f"<dt>{escape(title)}<dd>{escape(text)}" for title, text in TRUTHS)
    rows = "".join(f"<tr><td>{escape(name)}<td><code>{escape(own_id)}</code>" for own_id, name in campaigns.items())
    return (
        f"<h2 id=planted>Planted in this workspace, with known answers</h2><dl>{truths}</dl>"
        f"<h2 id=campaigns>Campaigns in this workspace, oldest first</h2><table><tr><th>Name<th>Id{rows}</table>"
    )


def _operation(
    document: dict[str, Any], method: str, path: str, operation: dict[str, Any], api_key: str, origin: str
) -> str:
    parameters = [
        (one["name"], one["in"], one["schema"], one.get("required", False), one.get("description", ""))
        for one in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {})
    schema = next((_resolve(document, one["schema"]) for one in body.values()), {})
    fields = [
        (name, "body", field, name in schema.get("required", ()), field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
    ]
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{place}<td>{escape(_kind(document, field))}"
        f"<td>{'yes' if is_required else ''}<td>{escape(text)}"
        for name, place, field, is_required, text in parameters + fields
    )
    replies = ", ".join(f"{status} {escape(one['description'])}" for status, one in operation["responses"].items())
    return (
        f"<h2 id={operation['operationId']}><span class=method>{method.upper()}</span> <code>{escape(path)}</code></h2>"
        f"<p>{escape(operation['description'])}</p><table><tr><th>Name<th>In<th>Type<th>Required<th>Meaning{rows}</table>"
        f"<p>Replies: {replies}</p><pre>{escape(_curl(method, origin + path, body, schema, parameters, api_key))}</pre>"
    )


def _curl(
    method: str,
    url: str,
    body: dict[str, Any],
    schema: dict[str, Any],
    parameters: list[tuple[str, str, dict[str, Any], bool, str]],
    api_key: str,
) -> str:
    for name, place, field, _, _ in parameters:
        if place == "path":
            url = url.replace(f"{{{name}}}", field["const"] if "const" in field else field["examples"][0])
    lines = [f"curl -X {method.upper()} '{url}'", f"-H 'X-API-KEY: {api_key}'"]
    if "multipart/form-data" in body:
        lines.append("-F 'file=@contacts.csv'")
    elif body:
        lines += [
            "-H 'Content-Type: application/json'",
            f"-d '{json.dumps(schema['examples'][0], ensure_ascii=False)}'",
        ]
    return " \\\n  ".join(lines)


def _kind(document: dict[str, Any], field: dict[str, Any]) -> str:
    field = _resolve(document, field)
    if "const" in field:
        return str(field["const"])
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "anyOf" in field:
        return " | ".join(_kind(document, one) for one in field["anyOf"])
    if field["type"] == "array":
        return f"list of {_kind(document, field['items'])}"
    return str(field.get("format") or field["type"])


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
