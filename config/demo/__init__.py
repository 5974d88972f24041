"""The demo's people and their papers: invented from held-out rows of the model's data set."""
