"""News items of stations with their photos, and the numbered bulletins composed from them."""

from .bulletin import Bulletin, BulletinItem
from .news import NewsItem, NewsPhoto

__all__ = ["Bulletin", "BulletinItem", "NewsItem", "NewsPhoto"]
