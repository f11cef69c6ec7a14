"""Fleets of endpoints: the instances that serve one endpoint configuration, each a serving process."""
