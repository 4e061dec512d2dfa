"""The links in a text: what a phone would turn into a link, where it begins and ends, and its host.

With a scheme or `www.` anything is a link. A bare name is one if it ends in a real top-level domain (the Public Suffix
List as `publicsuffixlist` ships it, without the network) or in one reserved for tests and examples. A bare name that
could also be two sentences without a space, such as "today.it" or "Sunday.Shop", is a doubtful link.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

import idna

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# RFC 2606, 6761 and 7686: names that nobody owns, or that are resolved in another way
_RESERVED = frozenset({"test", "example", "invalid", "localhost", "local", "internal", "onion", "arpa"})
_INVISIBLE = "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_HIDDEN = "\u00ad\u034f\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"  # of these, the ones found around a link
_CLOSING = {")": "(", "]": "[", "}": "{"}
_ENDS = ".,;:!?'*~`"
_PICTURE = r"[\U0001F000-\U0001FAFF\u2600-\u27BF]"
_STOP = r"\s<>\"“”„«»‹›‘’「」『』【】《》〈〉（）［］｛｝，。！？；：、…|^`\U0001F000-\U0001FAFF\u2600-\u27BF"
_TAIL = rf"(?:[/?#\\][^{_STOP}]*)?"
_SPACELESS = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # scripts without spaces between words
_LETTER = rf"[^\W{_SPACELESS}]"
_LABEL = rf"[{_INVISIBLE}]{{0,4}}{_LETTER}(?:(?:{_LETTER}|[-{_INVISIBLE}])*(?:{_LETTER}|[{_INVISIBLE}]))?"
_NAME = rf"(?:{_LABEL}\.)+{_LABEL}\.?"
_AUTHORITY = rf"(?:[^{_STOP}{{}}/?#\\\[\]]*(?:\[[0-9A-Za-z:.%]*\])?[^{_STOP}{{}}/?#\\\]]*)(?:\\[^{_STOP}{{}}/?#]*)?"
_OPAQUE = (  # schemes without slashes, each with what distinguishes it from a word and a colon
    r"mailto|javascript|vbscript|view-source|blob|file(?=:/)|data(?=:(?:\w+/\w|[,;]))|intent(?=:\S*#Intent)|magnet(?=:\?)"
    r"|geo(?=:-?\d)|bitcoin(?=:\w{20})|ethereum(?=:0x)|spotify(?=:\w+:)|skype(?=:\S+\?)|sips?(?=:\S+@)|facetime(?:-audio)?"
    r"|itms-\w+|callto|xmpp|webcal|(?:tel|sms|smsto|mms|mmsto)(?=:\+?\d)"
)
_LINK = (
    rf"(?P<web>https?):[/\\]{{0,4}}(?P<authority>{_AUTHORITY}){_TAIL}"
    rf"|(?<![\w.+-])(?P<other>(?!hxxps?:)[a-z][a-z0-9+.-]{{1,30}})://(?=\S)[^{_STOP}]*"
    rf"|(?<![\w.+-])(?P<opaque>{_OPAQUE}):[^{_STOP}]+"
    rf"|(?<![\w:/\\.])(?:[/\\]{{2}})(?P<relative>(?=[\[\w])(?:localhost(?!\w)|{_AUTHORITY})){_TAIL}"
    rf"|(?<![\w@-])(?P<www>www\.{_LABEL}(?:\.{_LABEL})*)(?P<www_port>:\d{{1,5}})?{_TAIL}"
    rf"|(?<![\w@.-])(?P<ip>\d{{1,3}}(?:\.\d{{1,3}}){{3}})(?![\w@.]\w?|-\w)(?P<ip_port>:\d{{1,5}})?{_TAIL}"
    rf"|(?<![^\W{_SPACELESS}]|[@-])(?P<name>{_NAME})(?![@-]\w|{_LETTER})(?P<port>:\d{{2,5}})?{_TAIL}"
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text, as written.

    `host` is in lower case and, beyond ASCII, in punycode; empty if it cannot be checked: a scheme other than http
    and https, characters not allowed in a host, or an address that programs parse differently.
    """

    written: str
    scheme: str
    host: str
    shown: str  # the host as people read it
    is_doubtful: bool = False  # may be two sentences without a space between them

    @property
    def is_bare_address(self) -> bool:
        """Its host is an IP address instead of a name, however it is written."""
        if self.host.startswith("[") or re.fullmatch(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", self.host):
            return True
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True

    @property
    def is_encoded(self) -> bool:
        """Its name is written in punycode, which hides how it looks."""
        return any(label.startswith("xn--") for label in self.shown.split("."))

    @property
    def is_look_alike(self) -> bool:
        """Its name mixes Latin letters with another script, or consists of letters that look like Latin."""
        name = _decoded(self.shown)
        scripts = {unicodedata.name(char, "").split(" ")[0] for char in name if char.isalpha()}
        return len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1 or (
            bool(scripts & {"CYRILLIC", "GREEK"}) and name.rpartition(".")[2].isascii()
        )

    def is_below(self, domains: tuple[str, ...]) -> bool:
        """Its name is one of the domains or a subdomain of one; a host that cannot be checked is neither."""
        known = [_ascii(domain.strip().strip(".")) for domain in domains]
        return any(self.host == domain or self.host.endswith(f".{domain}") for domain in known if domain)


def links(text: str) -> tuple[Link, ...]:
    """The links in a text, in order; `example.com` is one, as on phones, and `ana@example.com` is not."""
    plain = "".join(map(_plain, text))
    found, at = [], 0
    while match := _link().search(plain, at):
        link, end = _read(match, text, plain)
        at = max(end, match.start() + 1)
        if link:
            found.append(link)
    return tuple(found)


def _read(match: re.Match[str], text: str, plain: str) -> tuple[Link | None, int]:
    """The link of a match, if it is one, and where to continue."""
    end = _end(plain, match.start(), match.end())
    written = text[match.start() : end]
    scheme = (match["web"] or match["other"] or match["opaque"] or "").lower()
    if match["other"] or match["opaque"]:
        is_label = scheme in {"tel", "sms", "mms"} and not match[0].startswith(scheme)  # "Tel:020 7946 0000"
        return Link(written, f"{scheme}:", "", "", is_doubtful=is_label), end
    if match["web"] is not None or match["relative"] is not None:
        group = "authority" if match["web"] is not None else "relative"
        authority = plain[match.start(group) : min(match.end(group), end)]
        host, shown, cut = _judged(authority)
        after = plain[match.end(group) : match.end(group) + 1]
        if scheme and (
            after == "{" or (not authority and re.match(_PICTURE, after))
        ):  # a host that is filled in, or a drawing
            return Link(text[match.start() : match.end(group) + 1], f"{scheme}://", "", ""), match.end(group) + 1
        if not authority or (group == "relative" and "." not in authority and host != "localhost" and ":" not in host):
            return None, match.end(group)
        if cut:  # what follows cannot belong to a host
            end = match.start(group) + cut
        prefix = f"{scheme}://" if scheme else ""
        return Link(text[match.start() : end], prefix, host, shown), end
    if match["ip"]:
        is_address = all(int(part) < 256 for part in match["ip"].split("."))
        is_version = written == match["ip"] and all(len(part) == 1 for part in match["ip"].split("."))
        link = Link(written, "", match["ip"], match["ip"], is_doubtful=is_version)
        return (link if is_address else None), end
    if match["www"]:
        host, shown, _ = _judged(match["www"])
        return Link(written, "", host, shown), end
    return _bare(match, text, plain, end)


def _bare(match: re.Match[str], text: str, plain: str, end: int) -> tuple[Link | None, int]:
    name = match["name"].rstrip(".")
    labels = name.split(".")
    while len(labels) > 1 and not _is_top(labels[-1]):
        labels.pop()
    short = ".".join(labels).strip(_HIDDEN)
    start = match.start("name") + len(name) - len(name.lstrip(_HIDDEN))
    is_abbreviation = len(labels) > 2 and all(len(_visible(label)) == 1 for label in labels[:-1])  # "a.m.to"
    if len(labels) < 2 or is_abbreviation:
        return None, match.end("name")
    if short != name.strip(_HIDDEN):
        end = start + len(short)
    elif plain[end : end + 1] in {"'", "’"} and plain[end + 1 : end + 2].isalpha() and end == match.end("name"):
        return None, end  # "today.it's"
    has_more = end > start + len(short)
    host, shown, _ = _judged(short)
    is_doubtful = not has_more and _may_be_prose([_visible(label) for label in labels])
    return Link(text[start:end], "", host, shown, is_doubtful), end


def _may_be_prose(labels: Sequence[str]) -> bool:
    """Words or numbers joined by a dot that may be the end of one sentence and the start of the next."""
    *before, after = labels
    last = before[-1]
    if after.casefold() not in _everyday("domains") or (len(before) > 1 and not "".join(before).isdigit()):
        return False
    return last.isdigit() or last.casefold() in _everyday("words") or (after.istitle() and not last.istitle())


def _judged(authority: str) -> tuple[str, str, int]:
    """The host of an authority, as resolved and as displayed, and where it must end earlier, or 0."""
    authority = authority.strip(_HIDDEN)
    if "\\" in authority or re.search(f"[{_INVISIBLE}]", authority):
        return "", authority, 0  # programs disagree on the host
    host = authority.rpartition("@")[2]
    if host.startswith("["):
        return re.sub(r":\d*$", "", host).lower(), host, 0
    host = unquote(re.sub(r":\d*$", "", host)).rstrip(".")
    cut = 0
    labels = host.split(".")
    if len(labels) > 1 and not _is_top(labels[-1]) and host == authority.rstrip("."):
        kept = next((n for n in range(len(labels) - 1, 1, -1) if _is_top(labels[n - 1])), 0)
        if run := re.match(r"[A-Za-z]+(?=[^\x00-\x7f])", labels[-1]):  # "example.comを見る"
            if _is_top(run[0]):
                host = ".".join([*labels[:-1], run[0]])
                cut = len(host)
        elif kept and (labels[kept].istitle() or not labels[kept][:1].isascii()):  # "example.com.Reply"
            host = ".".join(labels[:kept])
            cut = len(host)
    return _ascii(host), host.lower(), cut


def _end(plain: str, start: int, end: int) -> int:
    """Where a link ends: before punctuation that closes the sentence, a bracket or a quotation around it."""
    opened = plain[start - 1 : start]
    while end > start + 1:
        last = plain[end - 1]
        is_outside = last in _CLOSING and plain.count(last, start, end) > plain.count(_CLOSING[last], start, end)
        if not (last in _ENDS or last in _HIDDEN or is_outside or (last == "_" == opened)):
            break
        end -= 1
    return end


def _ascii(host: str) -> str:
    """A host in lower case and punycode; empty if it is invalid."""
    if host.isascii():
        return "" if re.search(r"[^\w.:-]", host) else host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return ""


def _decoded(host: str) -> str:
    try:
        return idna.decode(host) if "xn--" in host else host
    except (idna.IDNAError, UnicodeError):
        return host


def _visible(label: str) -> str:
    return re.sub(f"[{_INVISIBLE}]", "", label)


@cache
def _link() -> re.Pattern[str]:
    return re.compile(_LINK, re.IGNORECASE)  # too long to compile before a text is read


@cache
def _everyday(kind: Literal["words", "domains"]) -> frozenset[str]:
    tables = tomllib.loads(files("toolkit.texting").joinpath("everyday_words.toml").read_text(encoding="utf-8"))
    return frozenset(tables[kind].split())


@cache
def _is_top(label: str) -> bool:
    """Whether a label is a top-level domain."""
    name = _visible(label).casefold()
    return name in _RESERVED or _suffixes().publicsuffix(f"x.{name}") is not None


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # loaded when a text first contains a dot

    return PublicSuffixList(accept_unknown=False, only_icann=True)


@cache
def _plain(char: str) -> str:
    """Compatibility forms of letters, digits and dots replaced by the plain ones, one character for each."""
    if char.isascii():
        return char
    if char in "。．｡":
        return "."
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and plain.isascii() and plain.isalnum() else char
