"""Statistics as SQL over merged aggregates."""
