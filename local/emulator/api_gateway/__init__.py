"""API Gateway's refusals that MiniStack lacks: validators, throttles, quotas, time-outs, payload sizes."""
