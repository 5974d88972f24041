"""Places outside the house where checkpoints go: directories, buckets, addresses, boxes."""
