"""The pure core: declarations as objects, facts, the decision. No input or output, no clock, no randomness."""
