"""The MCP server: a few tools over one workspace, and a send that only a person can release."""
