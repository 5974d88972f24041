"""The system of record: pipelines, cases, papers, lifecycle and decisions."""
