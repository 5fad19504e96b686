"""The planner: small passes from steps to steps, each with a line for the report."""
