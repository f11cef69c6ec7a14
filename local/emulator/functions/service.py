"""Lambda of the emulator: MiniStack's functions with the limits and refusals of AWS."""

from local.emulator.functions import alias_routing, function_operations, invocations, snapshots


def install() -> None:
    """Adds every limit and refusal to MiniStack."""
    function_operations.install()
    invocations.install()
    snapshots.install()
    alias_routing.install()
