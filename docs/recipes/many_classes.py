"""A thousand classes, made while the program runs, of which only the used one is instantiated."""

import plugbay


class Handler(plugbay.Extension, group="service.handlers", tracked=True):
    """What answers a route."""

    def answer(self) -> str:
        return type(self).__name__


for number in range(1000):
    type(f"Handler{number}", (Handler,), {}, name=f"/route/{number}")

host = plugbay.Host("service")
handlers = host.group("service.handlers", expect=Handler)
print(len(handlers), "handlers,", len(host.instances(Handler)), "instances")
print(handlers["/route/7"].answer())
print(len(host.instances(Handler)), "instance")
print([each for each in vars(Handler) if not each.startswith("_")])
try:
    handlers["/rout/7"]
except plugbay.PluginNotFoundError as error:
    print(error)

# Prints:
# 1000 handlers, 0 instances
# Handler7
# 1 instance
# ['answer']
# the group 'service.handlers' has no plugin '/rout/7'; did you mean '/route/7' or '/route/97' or '/route/87'?
