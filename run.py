"""Set up, build the demo district where there is no store yet, and serve the wall: `python3 run.py`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for those who come with an older one
    sys.exit(
        f"run.py needs Python 3.11 or newer; this is {sys.version.split()[0]}. Start it with a newer one."
    )

if __name__ == "__main__":
    from bootstrap.serving import main

    sys.exit(main(sys.argv[1:]))
