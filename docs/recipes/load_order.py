"""Plugins in an order in which each comes after those it depends on, and a circle of them."""

import plugbay

NEEDS = {
    "frontend": ["api", "auth"],
    "api": ["database", "cache"],
    "auth": ["database"],
    "database": [],
    "cache": [],
}


class Part:
    """Any plugin."""


started: list[str] = []
host = plugbay.Host("site")
host.observe(lambda part, _: started.append(part.name) if part.state == "active" else None)
for name, needs in NEEDS.items():
    host.register(name, Part, depends_on=needs)
with host:
    print(f"Load order: {started}")

circle = plugbay.Host("circle")
for name, needs in {"A": ["B"], "B": ["C"], "C": ["A"]}.items():
    circle.register(name, Part, depends_on=needs)
try:
    circle.start()
except plugbay.PluginOrderError as error:
    print(error)

# Prints:
# Load order: ['cache', 'database', 'api', 'auth', 'frontend']
# these wishes contradict each other: 'C' after 'A' (it depends on 'A'), 'B' after 'C' (it depends on 'C'), 'A' after 'B' (it depends on 'B'); drop one of them
