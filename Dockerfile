# Two stages, so that neither pip nor its caches are in what runs.
FROM python:3.11-slim AS build
COPY requirements.lock .
RUN python -m venv /opt/proxy && /opt/proxy/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
    && rm -rf /opt/proxy/lib/python3.11/site-packages/pip*

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /srv/proxy proxy && install -d -o proxy -g proxy /srv/proxy/var
COPY --from=build /opt/proxy /opt/proxy
COPY proxy /srv/proxy/proxy
WORKDIR /srv/proxy
ENV PATH=/opt/proxy/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PROXY_HOST=0.0.0.0 PROXY_PORT=8400 PROXY_DATABASE_URL=sqlite:////srv/proxy/var/proxy.db
USER proxy
EXPOSE 8400
VOLUME /srv/proxy/var
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8400/healthz', timeout=2)"]
# Exec form, so that SIGTERM reaches the service itself, which then finishes what it has begun.
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "proxy"]
CMD ["serve"]
