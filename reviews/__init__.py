"""From a prediction to a decision: policies, routes, queues, claims and reviews."""
