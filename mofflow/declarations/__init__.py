"""YAML and JSON files -> plain data with positions -> domain objects, and JSON Schemas of these files."""
