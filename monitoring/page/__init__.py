"""Page of a drift report: one HTML file with inline pictures, which requests nothing."""
