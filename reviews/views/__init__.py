"""The pages: each view parses, calls one act, and presents."""
