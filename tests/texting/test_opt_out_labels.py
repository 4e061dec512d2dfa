"""What the names of labels mean, in many words and writings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.texting.opt_out_words import label_meaning

OPTED_OUT = [
    "Opt Out/Unsubscribe",
    "DNC_do_not_call",
    "Opted out via STOP",
    "no more texts",
    "unsuscribed",
    "wants off list",
    "sin sms",
    "no desea recibir mensajes",
    "SMS declined",
    "Do not contact again",
    "DNC",
    "dnc",
    "D.N.C.",
    "DNС",  # its last letter is Cyrillic
    "SТOP",
    "d n c",
    "Do Not Contact",
    "do-not-call",
    "Do Not Text",
    "do not message",
    "Opted Out",
    "opt-out",
    "optout",
    "SMS opt out",
    "unsubscribed",
    "unsubscribe",
    "STOP",
    "stopped",
    "suppressed",
    "suppression list",
    "blacklist",
    "blacklisted",
    "blocklist",
    "Black List",
    "remove me",
    "no sms",
    "no texts",
    "baja",
    "desuscrito",
    "désabonné",
    "désinscrite",
    "abgemeldet",
    "disiscritto",
    "não perturbe",
    "отписан",
    "退订",
    "DO_NOT_CONTACT",
    "DoNotContact",
    "OptedOut",
    "ＤＮＣ",
    "D\u200bNC",
    "do\u00a0not\u00a0call",
    "Don’t text",
    "don't contact",
    "DNC list",
    "National DNC Registry",
    "Unsubscribed (SMS)",
    "opted_out_2024",
    "SMSOptOut",
    "HasOptedOut",
    "STOP SMS",
    "replied STOP",
    "Opt Out Date",
    "unsubscribed_at",
    "opted out: yes",
    "ne pas contacter",
    "nicht kontaktieren",
    "keine SMS",
    "no llamar",
    "dado de baja",
    "Darse de baja",
    "lista negra",
    "non contattare",
    "não ligar",
    "Чёрный список",
    "не звонить",
    "не беспокоить",
    "수신거부",
    "配信停止",
    "请勿打扰",
    "הסר",
    "إلغاء الاشتراك",
    "hủy đăng ký",
    "wypisany",
    "avregistrerad",
    "afmeldt",
    "leiratkozott",
    "dezabonat",
    "abonelikten çıktı",
    "unsub",
    "TCPA litigator",
    "consent revoked",
    "no consent",
    "unsubbed",
    "Desinscrito",
    "descadastrado",
    "S T O P",
    "🚫 DNC",
    "[DNC]",
    "*opt out*",
    "Opt Out?",
]
UNREACHABLE = [
    "invalid number",
    "Invalid_Number",
    "unreachable",
    "wrong number",
    "hard bounce",
    "landline",
    "bad phone number",
    "Number not in service",
    "undeliverable",
    "falsche Nummer",
    "numéro invalide",
    "número equivocado",
    "deceased",
    "wrong-number",
    "空号",
]
DOUBTFUL = [
    "do not conact",
    "opted-ou",
    "TPS",
    "not interested",
    "DNC - winter",
    "opt",
    "dnd",
    "stop list",
    "do not mail",
    "email unsubscribed",
    "removed",
    "blocked",
    "complained",
    "previously unsubscribed, resubscribed",
    "inactive",
    "no email",
    "bounced",
    "newsletter opt-out",
    "removed from DNC",
    "ex-DNC",
    "fair_2026; DNC",
    "opt in/opt out",
    "STOP campaign follow up",
    "maybe opted out",
    "unsubscribed from email",
    "cancel",
    "alto",
    "not opted in",
    "never subscribed",
    "stop requests pending",
    "spam complaint",
    "gesperrt",
    "excluded",
]
INNOCENT = [
    "nonstop_travel",
    "stopwatch_buyers",
    "bus stop",
    "vip",
    "Stop & Shop customers",
    "dnc_convention_2024",
    "opted_in",
    "opt-in",
    "not opted out",
    "non-stop flights",
    "NonStop",
    "pit stop crew",
    "one-stop shop",
    "stopover_guests",
    "adopted outdoors",
    "Baja California",
    "temporada baja",
    "inactive customers",
    "lapsed 90 days",
    "newsletter",
    "subscribed",
    "resubscribed",
    "double opt-in",
    "never contacted",
    "not unsubscribed",
    "DNC: no",
    "opted out false",
    "doorstop",
    "unstoppable",
    "Christophe",
    "optometrist",
    "option_2",
    "optical",
    "block party",
    "Ottawa_baja_trips",
    "customers",
    "top customers",
    "contact list",
    "Do not miss sale",
    "do_not_delete",
    "no-show",
    "No call no show",
    "no contact delivery",
    "invalid email",
    "email bounced",
    "removable",
    "stop smoking class",
    "blockchain",
    "suppressor_buyers",
    "reachable",
    "loyalty",
    "fair_2026",
    "endurance",
    "weekend",
    "quitters?",
    "cancelled subscription",
    "Bajamar",
    "altos",
    "barreto",
    "remover",
]


@pytest.mark.parametrize("name", OPTED_OUT)
def test_a_name_that_means_opted_out_is_certain_however_it_is_written(name: str) -> None:
    assert label_meaning(name) == "opted_out"


@pytest.mark.parametrize("name", UNREACHABLE)
def test_a_name_that_means_a_number_nobody_answers_is_certain(name: str) -> None:
    assert label_meaning(name) == "unreachable"


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_name_that_may_mean_opted_out_is_doubtful(name: str) -> None:
    assert label_meaning(name) == "doubtful"


@pytest.mark.parametrize("name", INNOCENT)
def test_a_name_that_only_contains_such_letters_means_nothing(name: str) -> None:
    assert label_meaning(name) is None


@given(
    name=st.sampled_from(OPTED_OUT), before=st.sampled_from(["", " ", "\u200b", "_", "«", "🚫 "]), upper=st.booleans()
)
def test_case_and_what_stands_around_a_name_change_nothing(name: str, before: str, upper: bool) -> None:
    assert label_meaning(f"{before}{name.upper() if upper else name}{before}") == "opted_out"


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_name_has_a_meaning_or_none(name: str) -> None:
    assert label_meaning(name) in {"opted_out", "unreachable", "doubtful", None}
