"""Telling upstreams of decisions."""
