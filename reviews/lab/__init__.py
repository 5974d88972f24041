"""The statistics of the lab, pure: arrays in, figures with their bounds out; no database, no clock."""
