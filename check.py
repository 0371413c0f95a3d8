"""Set up, install what the tests need, and run every check: `python3 check.py`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for those who come with an older one
    sys.exit(f"check.py needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

if __name__ == "__main__":
    from bootstrap.checking import main

    sys.exit(main(sys.argv[1:]))
