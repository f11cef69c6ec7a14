"""What the pages have in common: headers that protect them, colours, elements, and the API key."""
