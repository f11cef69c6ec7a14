"""Texts: words of free texts, as training and serving split them, and numbers with nouns for messages."""
