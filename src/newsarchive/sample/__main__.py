"""`python -m newsarchive.sample` serves the sample newsroom until Ctrl-C."""

import sys

from newsarchive.sample.server import main

if __name__ == "__main__":
    sys.exit(main())
