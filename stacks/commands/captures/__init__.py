"""Command that shows the last captured requests and responses of a deployed stack."""
