"""Who acts: people, their roles, and upstream clients with their keys."""
