"""How the shipped models came about; run by developers, not by the product."""
