from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
import stamina
from pydantic import SecretStr

from toolkit.errors import SettingsError, ToolkitError
from toolkit.settings import EMBEDDED_WORKSPACE, LIVE_URL, Settings
from toolkit.workspace import connect

KEY = "0" * 64


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_environment({"SEAX_HOME": str(tmp_path), **env})


def test_without_a_key_the_workspace_is_the_embedded_one(tmp_path: Path) -> None:
    assert settings(tmp_path, SEAX_WORKSPACE_ID="w").api_key is None


def test_a_key_and_a_workspace_id_make_it_live(tmp_path: Path) -> None:
    live = settings(tmp_path, SEAX_API_KEY=KEY, SEAX_WORKSPACE_ID="3fa85f64-5717-4562-b3fc-2c963f66afa6")

    assert live.base_url == LIVE_URL
    assert KEY not in repr(live)
    assert KEY not in live.model_dump_json()


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"SEAX_API_KEY": KEY}, "SEAX_WORKSPACE_ID is not: set it"),
        ({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "../other"}, "is not an id"),
        ({"SEAX_API_KEY": "two words", "SEAX_WORKSPACE_ID": "w"}, "copy it again"),
        ({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "seax"}, "is not an address"),
        ({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "https://[::1"}, "is not an address"),
        ({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "http://example.com"}, "use https"),
        ({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "https://a.example/?b"}, "is not an address"),
        ({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "https://a:port"}, "is not an address"),
        ({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "https://a\tb"}, "is not an address"),
        ({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "https://a:b@c.example"}, "user name"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_says_what_to_do(tmp_path: Path, env: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        settings(tmp_path, **env)

    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_home_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(SettingsError, match="set SEAX_HOME"):
        Settings.from_environment({"SEAX_HOME": str(tmp_path / "file" / "home")})


def test_plain_http_is_for_this_machine_only(tmp_path: Path) -> None:
    local = settings(tmp_path, SEAX_API_KEY=KEY, SEAX_WORKSPACE_ID="w", SEAX_BASE_URL="http://127.0.0.1:8765/x/")

    assert local.base_url == "http://127.0.0.1:8765/x"


def test_the_embedded_workspace_is_where_the_settings_say(tmp_path: Path) -> None:
    here = settings(tmp_path)

    with connect(here) as ws:
        assert ws._address == here.workspace == EMBEDDED_WORKSPACE


def test_a_key_is_in_no_pickle(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, api_key=SecretStr("0" * 64), workspace_id="w")

    with pytest.raises(SettingsError, match="from_environment"):
        pickle.dumps(settings)

    assert copy.deepcopy(settings) == settings
    embedded = Settings(home=tmp_path)
    assert pickle.loads(pickle.dumps(embedded)) == embedded


def test_a_key_alone_makes_no_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="workspace id"):
        Settings(home=tmp_path, api_key=SecretStr(KEY))


def test_a_key_that_no_header_takes_is_refused_in_code_too(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="copy it again"):
        Settings(home=tmp_path, api_key=SecretStr(f"{KEY}\n"), workspace_id="w")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"workspace_id": "a/../b"}, "SEAX_WORKSPACE_ID 'a/../b' is not an id"),
        ({"workspace_id": "ä"}, "is not an id"),
        ({"base_url": "seax"}, "is not an address"),
        ({"base_url": "https://[::1"}, "is not an address"),
        ({"base_url": "http://example.com"}, "use https"),
        ({"api_key": SecretStr("schlüssel")}, "copy it again"),
    ],
    ids=str,
)
def test_settings_made_in_code_are_checked_as_those_of_the_environment(
    tmp_path: Path, wrong: dict[str, object], says: str
) -> None:
    right: dict[str, object] = {"home": tmp_path, "api_key": SecretStr(KEY), "workspace_id": "w"}

    assert Settings(**right, base_url="https://seax.example/api/").base_url == "https://seax.example/api"  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=says):
        Settings(**right | wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address",
    [
        "https://SeaX.example/seax-api",
        "https://seax.example:443/bulk-sms-api/",
        "https://seax.example.",
        "https://seax.example",
    ],
)
def test_a_workspace_is_its_host_and_id_whatever_its_address(tmp_path: Path, address: str) -> None:
    settings = Settings(home=tmp_path, api_key=SecretStr(KEY), workspace_id="w", base_url=address)

    assert settings.workspace == "seax.example/w"


def test_another_port_of_a_machine_is_another_host(tmp_path: Path) -> None:
    there = [
        Settings(home=tmp_path, api_key=SecretStr(KEY), workspace_id="w", base_url=f"http://localhost{port}").workspace
        for port in ("", ":80", ":8765", ":8766")
    ]

    assert there == ["localhost/w", "localhost/w", "localhost:8765/w", "localhost:8766/w"]


@pytest.mark.parametrize("address", ["https://a..b", "https://xn--/", "https://" + "a" * 300 + ".example"])
def test_an_address_that_leads_nowhere_is_a_sentence_when_it_is_used(tmp_path: Path, address: str) -> None:
    settings = Settings(home=tmp_path, api_key=SecretStr(KEY), workspace_id="w", base_url=address)

    with (
        stamina.set_testing(True, attempts=1),
        pytest.raises(ToolkitError, match="SEAX_BASE_URL"),
        connect(settings) as ws,
    ):
        ws.phones()
