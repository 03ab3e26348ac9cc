"""The command `oncall`."""

import gc
import io
import sys

# Modules, rows and requests leave few cycles: by default a fifth of a start and of a storm goes into looking for them.
gc.set_threshold(20_000, 50, 100)


def speak_utf_8() -> None:
    """Whatever the locale says, as Python itself does from 3.15 on: in ISO-8859-1 most names can't be printed."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)


def main() -> None:
    speak_utf_8()
    # Not above: a process that migrates is started from this file too, and would load half of the service for nothing.
    from oncall.cli import main as run

    run()


if __name__ == "__main__":
    main()
