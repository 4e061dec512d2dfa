"""People's contact files: read as they are, shown as they will be, rewritten as the service wants them."""

from toolkit.sending.imports.contact_file import ContactFile, read_bytes, read_columns, read_file, without_phones
from toolkit.sending.imports.import_check import ImportCheck
from toolkit.sending.imports.reading import ColumnReading, FileReading, RowChange
from toolkit.sending.imports.rewrite import Rewrite, rewrite

__all__ = [
    "ColumnReading",
    "ContactFile",
    "FileReading",
    "ImportCheck",
    "Rewrite",
    "RowChange",
    "read_bytes",
    "read_columns",
    "read_file",
    "rewrite",
    "without_phones",
]
