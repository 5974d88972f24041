"""From papers to a prediction: images, reading, fields and models."""
