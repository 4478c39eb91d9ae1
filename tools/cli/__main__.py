"""`python -m tools.cli`: the same as `probation`."""

from tools.cli import main

main()
