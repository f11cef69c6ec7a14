"""Guardrails of updates: canary, and automatic rollback by alarms."""
