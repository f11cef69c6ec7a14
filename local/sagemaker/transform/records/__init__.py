"""Records of a transform job: payloads of them, filters, and the join of input and output."""
