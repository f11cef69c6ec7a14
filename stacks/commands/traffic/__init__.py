"""Golden rows that `make deploy` sends while it updates an endpoint."""
