"""REST API of API Gateway, with the invoker function behind it."""
