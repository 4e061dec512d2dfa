"""UTM parameters on the links of a campaign, by which a shop's own statistics recognise it. Independent of widgets.

They are part of the text: what is counted, shown and sent is the link with them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from toolkit.texting.links import Link, links
from toolkit.widgets.forms.campaign_form import CampaignForm


def lacks_utm(form: CampaignForm) -> bool:
    """Some web address in a text of the form has no UTM parameters, and the campaign has a name for them."""
    texts = (form.message, *form.arms.texts)
    return bool(_slug(form.name)) and any(_is_plain(link) for text in texts for link in links(text))


def with_utm(form: CampaignForm) -> CampaignForm:
    """The form with UTM parameters on each web address: the campaign's name and, where texts are compared, the arm.

    Addresses that have some, and names without https://, stay as they are.
    """
    name = _slug(form.name)
    first, *others = (_tagged(text, name, arm) for text, arm in _texts(form))
    return replace(form, message=first, arms=replace(form.arms, texts=tuple(others)))


def _texts(form: CampaignForm) -> list[tuple[str, str]]:
    """Each text, and its arm, whose name is empty if there is one text."""
    texts = (form.message, *form.arms.texts)
    return [*zip(texts, form.arms.names or ("",), strict=True)]


def _tagged(text: str, campaign: str, arm: str) -> str:
    about = {"utm_source": "sms", "utm_medium": "sms", "utm_campaign": campaign}
    parameters = urlencode(about | ({"utm_content": arm.lower()} if arm else {}))
    done, rest = "", text
    for link in links(text):
        before, written, rest = rest.partition(link.written)
        if _is_plain(link):
            address, hash_, fragment = written.partition("#")
            written = f"{address}{'&' if '?' in address else '?'}{parameters}{hash_}{fragment}"
        done += before + written
    return done + rest


def _is_plain(link: Link) -> bool:
    return bool(re.match(r"https?://", link.written, re.IGNORECASE)) and "utm_" not in link.written


def _slug(name: str) -> str:
    """A name as it stands in an address: "Spring Sale!" is spring-sale."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")
