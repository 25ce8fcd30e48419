"""What users set for a plugin: required, typed, with defaults, and all that is wrong at once."""

import warnings

from pydantic import BaseModel

import plugbay


class MailConfig(BaseModel):
    host: str
    port: int
    use_tls: bool
    timeout: int = 30


class Mail:
    config_model = MailConfig

    def initialize(self, context: plugbay.Context) -> None:
        print(f"valid: {context.config!r}")


def start(**values: object) -> None:
    """Start a host whose only plugin has these values."""
    host = plugbay.Host("post", config={"mail": values})
    host.register("mail", Mail)
    with warnings.catch_warnings():
        warnings.simplefilter("error", plugbay.PluginWarning)
        try:
            host.start()
        except plugbay.PluginWarning as warning:
            print(warning)
        host.stop()


start(host="smtp.example.org", port=587, use_tls=True)
start(host="smtp.example.org", port="many")
start(host="localhost", port=25, use_tls=False, timeout=5)

# Prints:
# valid: MailConfig(host='smtp.example.org', port=587, use_tls=True, timeout=30)
# the configuration of 'post' is wrong:
# - mail.port: Input should be a valid integer, unable to parse string as an integer (in the host's code)
# - mail.use_tls: it is required, and not set
# valid: MailConfig(host='localhost', port=25, use_tls=False, timeout=5)
