"""Training of the scorecard of expense claims, on claims that are simulated."""
