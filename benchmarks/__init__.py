"""What the house costs, against a floor measured in the same run. Never a test: a time proves nothing there."""
