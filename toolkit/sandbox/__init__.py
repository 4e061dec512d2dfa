"""The embedded SeaX Bulk SMS/MMS service: two faces on one SQLite file, unable to text anybody."""

from toolkit.sandbox.errors import SandboxError
from toolkit.sandbox.faults import Faults
from toolkit.sandbox.options import Behaviour, Published
from toolkit.sandbox.sandbox import Sandbox

__all__ = ["Behaviour", "Faults", "Published", "Sandbox", "SandboxError"]
