"""Files that are called CSV but are not: what they are by their first bytes, and what to do."""

from __future__ import annotations

import re

from toolkit.errors import DraftError

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
)
_ZIPPED = (
    (b"xl/", "an Excel workbook (.xlsx)"),
    (b"word/", "a Word document"),
    (b"Index/", "a Numbers document"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "a LibreOffice spreadsheet (.ods)"),
)
_TEXTS = (
    (re.compile(rb"<(?:!doctype|html|head|body|table|\?xml|script|!--)", re.IGNORECASE), "a web page or XML"),
    (re.compile(rb"BEGIN:VCARD", re.IGNORECASE), "a vCard file"),
    (re.compile(rb"\{\s*(?:\"|\})|\[\s*(?:\{|\[|\])"), "JSON"),
)
_BEGINNING = 4096  # bytes


def refuse_other_kinds(filename: str, content: bytes) -> None:
    """Raise DraftError if the bytes are those of a workbook, an archive, a web page or another file that is not CSV."""
    if kind := _kind(content):
        raise DraftError(f"{filename} is {kind}, not CSV text: open it in its own program and save it as CSV UTF-8.")


def _kind(content: bytes) -> str:
    head = content[:_BEGINNING]
    if head.startswith(b"PK\x03\x04"):
        return next((kind for mark, kind in _ZIPPED if mark in content), "an Excel workbook (.xlsx) or a ZIP archive")
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")  # in any encoding
    return next((kind for pattern, kind in _TEXTS if pattern.match(text)), "")
