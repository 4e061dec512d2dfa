"""Contact files: read as they are, shown as they will be, rewritten as the service requires them."""

from toolkit.planning.imports.contact_file import ContactFile, read_bytes, read_columns, read_file, without_phones
from toolkit.planning.imports.import_check import ImportCheck
from toolkit.planning.imports.rewrite import Rewrite, rewrite
from toolkit.plans.file_reading import ColumnReading, FileReading, RowChange

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
