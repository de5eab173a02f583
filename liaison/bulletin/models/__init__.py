"""News items of stations with their photos, and the numbered bulletins composed from them."""

from .news import NewsItem, NewsPhoto

__all__ = ["NewsItem", "NewsPhoto"]
