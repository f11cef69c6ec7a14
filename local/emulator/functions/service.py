"""Lambda of the emulator: MiniStack's functions with the limits and refusals of AWS."""

from local.emulator.functions import (
    alias_routing,
    function_operations,
    invocations,
    published_versions,
    resource_policies,
)


def install() -> None:
    """Adds every limit and refusal to MiniStack."""
    function_operations.install()
    invocations.install()
    published_versions.install()
    alias_routing.install()
    resource_policies.install()
