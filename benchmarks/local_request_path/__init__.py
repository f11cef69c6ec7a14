"""The whole path of a request on this machine, while the endpoint is updated."""
