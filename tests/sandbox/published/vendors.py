"""The vendor's document as schemathesis asks by it: what it allows, of ids that the workspace has and of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import schemathesis
from schemathesis import checks
from schemathesis.schemas import BaseSchema

from tests.judge import BASE, relaxed
from tests.sandbox.conftest import client_of
from toolkit.sandbox import Sandbox

CONFIG = schemathesis.Config.from_path(Path(__file__).parents[1] / "schemathesis.toml")
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
_PREFIX = "/api/v1/workspace/{workspace_id}"
_REFUSED = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}


def document(sandbox: Sandbox) -> dict[str, Any]:
    """The vendor's document of the calls that the face has, with the ids of that workspace among the examples."""
    vendors = relaxed()
    ours = httpx.Client(transport=sandbox.transport()).get(f"{sandbox.published_url}/openapi.json").json()["paths"]
    ids = _ids(sandbox)
    paths: dict[str, Any] = {}
    for path, operations in vendors["paths"].items():
        for method, operation in operations.items():
            if method not in ours.get(BASE + path, {}):
                continue
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and parameter["name"] in ids:
                    parameter["schema"] = {"type": "string", "enum": ids[parameter["name"]]}
            operation["parameters"] = [one for one in operation["parameters"] if one["in"] != "header"]
            for status in ("400", "404"):  # the vendor documents none of these
                content = {"application/json": {"schema": _REFUSED}}
                operation["responses"][status] = {"description": "Refused", "content": content}
            paths.setdefault(BASE + path, {})[method] = operation
    vendors["paths"] = paths
    schemas = vendors["components"]["schemas"]
    _guide_to_replies(schemas)
    for name in ("NewCampaign", "UpdateCampaign", "UpdateContact"):
        for field in schemas[name]["properties"]:
            if field in ids:
                one = {"type": "string", "enum": ids[field]}
                schemas[name]["properties"][field] = (
                    {"type": "array", "items": one, "maxItems": 3} if field.endswith("ids") else one
                )
            elif field in ("relative_time_config", "contact_file_url", "overwrite_phone_recipient"):
                schemas[name]["properties"][field] = {"type": "null"}  # of which this service knows nothing
            elif field in ("mode", "stage"):
                schemas[name]["properties"][field] = {"enum": ["WEB"] if field == "mode" else ["DRAFT", "INSTANCE"]}
    return vendors


def _guide_to_replies(schemas: dict[str, Any]) -> None:
    """Narrow requests to what may be sent, as otherwise nearly all are refused."""
    new = schemas["NewCampaign"]
    new["required"] = [*new["required"], "message", "any_contact_label_ids"]
    new["properties"]["type"] = {"enum": ["SMS"]}
    for name in ("NewCampaign", "UpdateCampaign"):
        fields = schemas[name]["properties"]
        fields["message"] = {"type": "string", "pattern": "^[a-zA-Z{} ]*[a-z]$"}
        fields["is_timezone_aware"] = fields["whatsapp_phone_only"] = {"enum": [False]}
        fields["all_contact_label_ids"] = fields["exclude_any_contact_label_ids"] = {"type": "null"}
    text = {"type": "string", "pattern": "^[a-z]{1,20}$"}
    for name in ("SMSMessage", "CreateCampaignSMS", "CampaignSMS", "CampaignSMSDestination"):
        fields = schemas[name]["properties"]
        for field, schema in (
            ("sender_phone_number", {"enum": ["+1234567890"]}),
            ("destination", {"enum": ["+12345678900", "+19876543210", "12"]}),
            ("message", text),
            ("channel", {"enum": ["sms"]}),
        ):
            if field in fields:
                fields[field] = schema
    schemas["CampaignSMS"]["required"] = ["destinations", "message"]
    schemas["CampaignSMS"]["properties"]["destinations"].update(minItems=1, maxItems=2)
    file = next(schema for name, schema in schemas.items() if name.startswith("Body_import_contacts"))
    content = ["name,phone\nAda,+12125550142\n", "x"]
    file["properties"]["file"] = {"type": "string", "format": "binary", "enum": content}


def schema(sandbox: Sandbox) -> BaseSchema:
    """That document, asked of the face."""
    loaded = schemathesis.openapi.from_dict(document(sandbox), config=CONFIG)
    loaded.app = sandbox.app
    return loaded


def _ids(sandbox: Sandbox) -> dict[str, list[str]]:
    with client_of(sandbox, base=sandbox.published_url) as face:
        first = {path: face.get(path).json()["data"][0] for path in ("/campaigns", "/contacts", "/contact_labels")}
        service = face.get("/messaging_services").json()["data"][0]["id"]
        phones = [one["id"] for one in face.get("/phones").json()["data"] if one["phone_capability"]["sms"]]
        job = face.get("/jobs").json()["data"][0]["job_id"]
        draft = {"name": "d", "type": "SMS", "message": "d", "phone_ids": phones[:1], "message_service_id": service,
                 "mode": "WEB", "stage": "DRAFT",
                 "any_contact_label_ids": [first["/contact_labels"]["id"]]}  # fmt: skip
        campaigns = [first["/campaigns"]["id"], face.post("/campaigns", json=draft).json()["id"]]
    labels, contacts = [first["/contact_labels"]["id"]], [first["/contacts"]["id"]]
    return {
        "workspace_id": [sandbox.workspace_id],
        "campaign_id": [*campaigns, "unknown"],
        "contact_id": [*contacts, "unknown"],
        "job_id": [job, "unknown"],
        "messaging_service_id": [service, "unknown"],
        "message_service_id": [service],
        "phone_ids": phones,
        **{f"{kind}_contact_label_ids": labels for kind in ("any", "all", "exclude_any", "exclude_all", "attach")},
        "contact_label_ids": labels,
        "addition_contact_ids": contacts,
        "exclude_contact_ids": contacts,
    }
