"""What the pages of the trail show, made of plain values. Pure."""
