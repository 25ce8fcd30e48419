"""Cannot be imported."""

raise RuntimeError("the licence file of tabletop-raises is not there")
