"""CloudFormation: the role of a stack, and the permissions that its resource types need."""
