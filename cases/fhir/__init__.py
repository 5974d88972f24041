"""FHIR R4 (4.0.1) at the house's edge: messages come in as Communications, cases are read back as Tasks.

https://hl7.org/fhir/R4/http.html
"""
