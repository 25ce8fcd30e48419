"""`python -m plugbay` is the `plugbay` command."""

import sys

from plugbay.cli import main

sys.exit(main())
