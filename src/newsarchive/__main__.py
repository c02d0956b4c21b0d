"""`python -m newsarchive` is the command `newsarchive`."""

from newsarchive.cli import main

main()
