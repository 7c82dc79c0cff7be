# The matcher's worker. Also runs the explainer and every matcher-stream command:
#   docker build -t matcher-stream .
#   docker run matcher-stream matcher-stream --help
FROM python:3.11-slim-bookworm AS build
# cpu takes torch's small build; empty takes the one of the lock, with CUDA
ARG TORCH_BACKEND=cpu
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# dependencies first: they change less often than the code
COPY Makefile requirements.lock setup.cfg pyproject.toml README.md LICENSE ./
COPY matcher_stream/__init__.py matcher_stream/
RUN make install PYTHON=python3.11 TORCH_BACKEND=${TORCH_BACKEND}
COPY . .
RUN .venv/bin/uv pip install --quiet --python .venv/bin/python \
    --no-deps --no-build-isolation --editable .

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 matcher && install -d -o matcher /data
COPY --from=build /app /app
WORKDIR /app
USER matcher
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MATCHER_DATA_DIR=/data \
    MATCHER_WEB_HOST=0.0.0.0
VOLUME /data
EXPOSE 6066
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s CMD \
    ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:6066/live', timeout=4)"]
# exec form: SIGTERM reaches the worker, which finishes its batches
CMD ["python", "-m", "faust", "-A", "matcher_stream.app", "worker", "-l", "info"]
