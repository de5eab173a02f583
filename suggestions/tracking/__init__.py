"""查进度: the public side of a request, by link or by number and query code."""
