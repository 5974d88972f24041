"""Pages of the lab: where a pipeline's admins see what a policy does before it counts."""
