"""derive: symbolic derivations for machine learning, every step verified."""
