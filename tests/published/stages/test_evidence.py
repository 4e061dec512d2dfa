"""What was rehearsed is kept beside how the service answers, and is nothing where it cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import KEY, Clock
from toolkit.api.dialect_detection import ServiceChoice
from toolkit.sending.evidence import Evidence, EvidenceFile
from toolkit.settings import Settings


def test_asking_a_service_again_keeps_what_was_rehearsed(tmp_path: Path, clock: Clock) -> None:
    environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path)}
    settings = Settings.from_environment(environ)
    file = EvidenceFile(settings.service_path, settings.workspace)
    choice = ServiceChoice(settings, clock)
    choice.ask(lambda base_url, call: b'{"data": [], "total": 0}')
    file.keep("two stages", Evidence(on="2026-03-02", seen=("It did.",)))
    file.keep("cancel", Evidence(on="2026-03-03"))
    choice.ask(lambda base_url, call: b'{"data": [], "total": 0}')

    assert file.of("two stages") == Evidence(on="2026-03-02", seen=("It did.",))
    assert file.of("cancel").on == "2026-03-03"
    known = choice.known()
    assert known is not None
    assert known.seen == "2026-03-03"
    assert EvidenceFile(settings.service_path, "another/workspace").of("two stages") == Evidence()


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"w": 3}', '{"w": {"rehearsed": []}}', '{"w": {"rehearsed": {"two stages": {"on": 3}}}}'],
)
def test_what_cannot_be_read_was_not_rehearsed(tmp_path: Path, content: str) -> None:
    path = tmp_path / "service.json"
    path.write_text(content, encoding="utf-8")
    file = EvidenceFile(path, "w")

    assert file.of("two stages") == Evidence()
    file.keep("two stages", Evidence(on="2026-03-02"))
    assert file.of("two stages").on == "2026-03-02"
    assert list(json.loads(path.read_text(encoding="utf-8"))) == ["w"]
