"""Import of trained models of any tool: reads and verifies one, and writes its bundle."""

"bundle."
