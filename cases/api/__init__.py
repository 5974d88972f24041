"""The REST interface for upstream systems: parse, call one act, present."""
