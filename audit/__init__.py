"""What happened, provably: events, and the keys that seal what they speak of."""
