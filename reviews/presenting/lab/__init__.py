"""The lab in words and lines for its pages. Pure."""
