"""What the hostings of a model are put together from."""
