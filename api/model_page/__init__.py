"""Pages about the models: a card made from the manifest, or the report of the training."""
