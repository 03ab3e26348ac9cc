"""Templates as they were compiled by a process before: the first page after a start need not wait for that."""

import sys
from contextlib import suppress
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(FileSystemBytecodeCache):
    """Kept as Python keeps what it has compiled itself: in `__pycache__`, and not where that may not be written.

    Jinja looks whether a template has changed since.
    """

    def __init__(self, folder: Path = Path(__file__).parent / "__pycache__") -> None:
        super().__init__(str(folder), f"template-%s.{sys.implementation.cache_tag}.cache")

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):  # then the next process compiles it again
                super().dump_bytecode(bucket)
