"""Deployments to AWS on this machine: the CDK CLI and its progress, the deployed stacks and their API."""
