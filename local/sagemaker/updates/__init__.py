"""Updates of endpoints: deployment of another endpoint configuration, and its rollback."""
