"""Addresses of media by their looks: which of them anybody can open, and which are on a domain of the policy."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from toolkit.texting.links import Link, links

MOST_MEDIA = 10
_OWN_NETWORK = {
    "local",
    "localhost",
    "internal",
    "lan",
    "home",
    "corp",
    "intranet",
    "private",
    "invalid",
    "onion",
    "arpa",
}
_WITH_NUMBERS = (  # services whose names lead to the number in them, or to this machine
    *("nip.io", "sslip.io", "xip.io", "traefik.me", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com"),
    "backname.io",
)
_NUMBER_INSIDE = re.compile(r"(?<![0-9a-z])\d{1,3}(?:[.-]\d{1,3}){3}(?![0-9])")


def split_url(url: str) -> SplitResult:
    """The parts of an address; all empty if it is none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 — raises for a port that is not a number
    except ValueError:
        return urlsplit("")
    return parts


def is_below(url: str, domains: tuple[str, ...]) -> bool:
    """The address is at one of these domains, or a subdomain."""
    host = split_url(url).hostname or ""
    return Link(url, "https://", host, host).is_below(domains)


def is_public(url: str) -> bool:
    """An https address that anybody can open, by its looks: a name, or a number, that leads out of this network.

    Numbers are read in every form that programs take (`127.1`, `0x7f.1`), also inside the names that some services
    answer with the number in them (`10.0.0.1.nip.io`).
    """
    parts, found = split_url(url), links(url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or len(found) != 1:
        return False
    link, host = found[0], found[0].host.rstrip(".")
    if link.scheme != "https://" or not host:
        return False
    if link.is_bare_address:
        return _is_global(host)
    inside = [found.replace("-", ".") for found in _NUMBER_INSIDE.findall(host)]
    return (
        "." in host
        and host.rpartition(".")[2] not in _OWN_NETWORK
        and not link.is_below(_WITH_NUMBERS)
        and all(map(_is_global, inside))
    )


def _is_global(number: str) -> bool:
    try:
        address = ip_address(number.strip("[]"))
    except ValueError:
        try:
            address = ip_address(socket.inet_aton(number))
        except OSError:
            return False
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return bool((inner or address).is_global)
