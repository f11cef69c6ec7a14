"""Settings of the stack: parsing of the CDK context, defaults, and checks of combinations."""
