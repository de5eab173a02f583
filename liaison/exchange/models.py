"""The tables of this layer. Each stands in the module of its duty."""

from .imports.uploads import Upload

__all__ = ["Upload"]
