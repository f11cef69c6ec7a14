"""The model as a Lambda function: its package, and the reload of its bundle."""
