"""The trail as people take it: exports, reports, receipts and evidence, each of them proving itself."""
