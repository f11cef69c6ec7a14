"""Settings of retraining: their parsers, and the conflicts between them and with others."""
