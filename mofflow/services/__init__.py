"""Use cases. They know ports, never a technology."""
