"""Pages of the trail: where auditors see that what happened stays as it was."""
