"""The command `oncall`."""

import gc

# Modules, rows and requests leave few cycles: by default a fifth of a start and of a storm goes into looking for them.
gc.set_threshold(20_000, 50, 100)

from oncall.cli import main  # noqa: E402

__all__ = ["main"]

if __name__ == "__main__":
    main()
