"""Model hosts: real-time endpoint, serverless endpoint and Lambda function, with their parts."""
