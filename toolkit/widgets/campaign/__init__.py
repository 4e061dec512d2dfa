"""The parts of the builder: what one decides, and what is shown of it."""
