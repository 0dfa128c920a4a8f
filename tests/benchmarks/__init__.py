"""What the project promises in numbers, measured as ratios in one interleaved run."""
