"""The inbound aircraft: the delay of an aircraft's previous leg, as it is known before a flight."""
