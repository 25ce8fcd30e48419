"""Instances that are known while they live, and not kept alive for it."""

import plugbay


class Session(plugbay.Extension, group="web.sessions", tracked=True):
    """Who is connected."""

    closed = 0

    def __del__(self) -> None:
        Session.closed += 1


host = plugbay.Host("web")
kept = [Session() for _ in range(3)]
for _ in range(100_000):
    Session()
print(f"{len(host.instances(Session))} sessions are open, {Session.closed} were closed")
kept.pop()
print(f"{len(host.instances(Session))} sessions are open")

# Prints:
# 3 sessions are open, 100000 were closed
# 2 sessions are open
