"""Report of a training job: as data, as text for a terminal, and as an HTML page with charts."""
