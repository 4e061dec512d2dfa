"""What becomes of messages, at a size where shares can be told from chance."""

from datetime import UTC, datetime

import numpy as np
import pytest

from toolkit.sandbox.delivery import carrier
from toolkit.sandbox.delivery.carrier import NEVER, Deliveries, Reactions, Run
from toolkit.sandbox.times import to_us

MANY = np.arange(200_000)
TUESDAY = to_us(datetime(2026, 3, 3, 17, 0, tzinfo=UTC))


def run_of(message: str, *, start_us: int = TUESDAY, newcomers_from: int = 2**40) -> Run:
    return Run.of(
        seed=7,
        campaign_id="campaign_test",
        message=message,
        start_us=start_us,
        end_us=None,
        per_second=100.0,
        has_short_links=True,
        newcomers_from=newcomers_from,
    )


def send(
    message: str = "Look: https://example.com", *, start_us: int = TUESDAY, recent: int = 0, newcomers_from: int = 2**40
) -> tuple[Deliveries, Reactions]:
    run = run_of(message, start_us=start_us, newcomers_from=newcomers_from)
    never = np.full(len(MANY), NEVER)
    messages = carrier.deliver(run, MANY, ranks=MANY, opted_out_us=never, seed=7)
    return messages, carrier.react(run, messages, recent_messages=np.full(len(MANY), recent), seed=7)


def clicked(reactions: Reactions) -> float:
    return float((reactions.clicked_us != NEVER).mean())


def test_most_messages_arrive_and_the_rest_fail_as_carriers_have_it() -> None:
    messages, _ = send()
    arrived = messages.is_delivered & (messages.report_us != NEVER)
    waits = (messages.report_us - messages.out_us)[arrived] / 1_000_000

    assert 0.96 < arrived.mean() < 0.98
    assert 0.003 < messages.is_failed.mean() < 0.005
    assert 3.5 < np.median(waits) < 4.5
    assert 30 < np.quantile(waits, 0.95) < 60


def test_a_message_with_the_contacts_name_gets_its_planted_clicks_more() -> None:
    messages, plain = send("Look: https://example.com")
    _, personal = send("{name}: https://example.com")
    arrived = (messages.is_delivered & (messages.report_us != NEVER)).mean()

    assert clicked(personal) - clicked(plain) == pytest.approx(0.015 * arrived, abs=0.0015)


def test_carriers_name_their_reasons_in_known_shares() -> None:
    messages, _ = send()
    lost = messages.seqs[~messages.is_delivered]
    shares = np.bincount(carrier.reasons(run_of("Look: https://example.com"), lost), minlength=5) / len(lost)

    assert [reason[-7:] for reason in carrier.REASONS] == ["(30003)", "(30008)", "(30005)", "(30006)", "(30007)"]
    assert shares == pytest.approx([0.38, 0.22, 0.15, 0.13, 0.12], abs=0.02)


@pytest.mark.parametrize("link", ["https://bit.ly/sale", "TinyURL.com/sale"])
def test_carriers_filter_public_short_links(link: str) -> None:
    plain, _ = send()
    suspect, _ = send(f"Look: {link}")
    lost = suspect.seqs[~suspect.is_delivered]
    filtered = carrier.REASONS[np.bincount(carrier.reasons(run_of(f"Look: {link}"), lost)).argmax()]

    assert plain.is_delivered.mean() - suspect.is_delivered.mean() == pytest.approx(0.2, abs=0.005)
    assert filtered == "Message filtered by carrier (30007)"


def test_an_own_domain_is_no_public_short_link() -> None:
    assert send("Look: https://orbit.ly.example.com/x")[0].is_delivered.mean() > 0.96


def test_an_exclamation_mark_changes_nothing() -> None:
    assert clicked(send("Look! https://example.com")[1]) == clicked(send("Look. https://example.com")[1])


def test_people_tire_of_messages_and_like_november_tuesdays_and_noon() -> None:
    november = to_us(datetime(2026, 11, 3, 17, 0, tzinfo=UTC))  # a Tuesday too
    sunday = to_us(datetime(2026, 3, 8, 17, 0, tzinfo=UTC))
    night = to_us(datetime(2026, 3, 3, 8, 0, tzinfo=UTC))

    assert clicked(send(recent=2)[1]) < 0.8 * clicked(send()[1])
    assert clicked(send(start_us=november)[1]) > 1.1 * clicked(send()[1])
    assert clicked(send(start_us=sunday)[1]) < 0.95 * clicked(send()[1])
    assert clicked(send(start_us=night)[1]) < 0.95 * clicked(send()[1])


def test_newcomers_opt_out_five_times_as_often() -> None:
    settled, new = ((send(newcomers_from=first)[1].reply_us != NEVER).mean() for first in (2**40, 0))

    assert new / settled == pytest.approx(5, rel=0.15)


def test_nobody_reacts_before_the_message_has_arrived() -> None:
    messages, people = send()

    for happened in (people.opened_us, people.clicked_us, people.reply_us):
        did = happened != NEVER
        assert messages.is_delivered[did].all()
        assert (happened[did] >= messages.report_us[did]).all()


def test_a_fate_does_not_depend_on_who_else_is_asked_about() -> None:
    alone = carrier.engagement(np.array([70_000]), seed=7)

    assert alone[0] == carrier.engagement(MANY, seed=7)[70_000]
