"""Numbers beside the derivation: compiled functions, exact rational values, and the iterations of optimisers."""
