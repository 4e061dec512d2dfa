"""The MCP face: a few tools over one workspace, and a send that only a person can release."""
