"""The command `oncall`."""

import gc

# Modules, rows and requests leave few cycles: by default a fifth of a start and of a storm goes into looking for them.
gc.set_threshold(20_000, 50, 100)


def main() -> None:
    # Not above: a process that migrates is started from this file too, and would load half of the service for nothing.
    from oncall.cli import main as run

    run()


if __name__ == "__main__":
    main()
