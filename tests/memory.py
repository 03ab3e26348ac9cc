"""A folder in the machine's memory, for what only has to outlast its test."""

import os
import shutil

ROOM = 4 * 2**30
"""Bytes: much more than a test run ever needs."""
MEMORY = "/dev/shm"


def quick_folder() -> str | None:
    """Where nothing waits for a disk; none where there is little memory."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return None
    return MEMORY
