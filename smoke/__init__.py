"""Proof of what serves: a deployed stack asked whether it is what its bundle and its template say."""
