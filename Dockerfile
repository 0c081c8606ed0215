# One image with everything: `docker run -p 8377:8377 -v vedette:/data vedette`
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/vedette \
 && /opt/vedette/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && /opt/vedette/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --home-dir /data --create-home vedette
COPY --from=build /opt/vedette /opt/vedette
ENV PATH=/opt/vedette/bin:$PATH VEDETTE_DATA=/data VEDETTE_HOST=0.0.0.0
USER vedette
VOLUME /data
EXPOSE 8377
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8377/_health/', timeout=4)"]
CMD ["vedette", "serve"]
