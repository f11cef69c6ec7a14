"""IAM: who may call what, decided by the caller's policies, and the record of every decision."""
