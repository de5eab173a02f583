# One image for web, worker and beat; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# PDF needs Pango and a font with the rare characters of Chinese names.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY manage.py ./
COPY liaison liaison
COPY stations stations
COPY deputies deputies
COPY visits visits
COPY suggestions suggestions
COPY templates templates
COPY static static

# Files are collected once, with their hashes in their names. The key serves this step only and is kept nowhere.
ENV COLLECTED_STATIC=True
RUN SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(60))") python manage.py collectstatic --no-input

# Only var/media is written to, and only by this account.
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin liaison \
    && install -d -o liaison var/media
ENV MEDIA_ROOT=/app/var/media
USER liaison

EXPOSE 8000
# It asks as a visitor would: a foreign name of a host is refused.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import os, urllib.request as u; \
    host = os.environ['ALLOWED_HOSTS'].split(',')[0].lstrip('.'); \
    u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["gunicorn", "liaison.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", \
    "--threads", "4", "--max-requests", "5000", "--max-requests-jitter", "500", \
    "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
