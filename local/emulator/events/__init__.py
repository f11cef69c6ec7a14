"""Events that AWS services send to EventBridge."""
