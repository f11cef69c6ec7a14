"""Stacks of CloudFormation where MiniStack differs from AWS."""
