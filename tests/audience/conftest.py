"""The engines of the frames, for segments that run on them."""

from tests.data.conftest import engine, spark

__all__ = ["engine", "spark"]
