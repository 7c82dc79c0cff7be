# Both applications and every matcher-stream command, for any user and a root file system that
# nobody writes to (docs/deploying.md):
#   docker build -t matcher-stream .                    torch's CPU build, from PyTorch's own index
#   docker build -t matcher-stream --build-arg TORCH_BACKEND= .              torch of the lock,
#                                                       CUDA's libraries left out
#   docker build -t matcher-stream --build-arg TORCH_BACKEND= --build-arg CUDA=true .   with them
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS parts
ARG TORCH_BACKEND=cpu
ARG CUDA=false
# as in the Makefile, which changes too often to be copied here
ARG UV_VERSION=0.13.9
ENV UV_LINK_MODE=copy
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /build
# binutils make the stubs that stand in for CUDA's libraries
# hadolint ignore=DL3008
RUN if [[ -z "${TORCH_BACKEND}" && "${CUDA}" != true ]]; then \
        apt-get update; \
        apt-get install --yes --no-install-recommends binutils; \
        rm -rf /var/lib/apt/lists/*; \
    fi
# dependencies first: they change less often than the code
COPY requirements-run.lock deploy/image/leave_out_cuda.py ./
RUN --mount=type=cache,target=/root/.cache \
    python3.11 -m venv /opt/tools; \
    /opt/tools/bin/pip install --quiet "uv==${UV_VERSION}"; \
    python3.11 -m venv --without-pip /opt/venv; \
    make_lock() { awk '/^[A-Za-z0-9]/ { gpu = /^(torch==|triton==|nvidia-|cuda-)/ } !gpu' "$1"; }; \
    install() { /opt/tools/bin/uv pip install --quiet --python /opt/venv/bin/python --no-deps "$@"; }; \
    if [[ -n "${TORCH_BACKEND}" ]]; then \
        install --torch-backend "${TORCH_BACKEND}" "$(grep -oE '^torch==[^ ]+' requirements-run.lock)"; \
        make_lock requirements-run.lock > cpu.lock; \
        install --require-hashes -r cpu.lock; \
    else \
        install --require-hashes -r requirements-run.lock; \
        if [[ "${CUDA}" != true ]]; then \
            python3.11 leave_out_cuda.py /opt/venv/lib/python3.11/site-packages; \
        fi; \
    fi
# headers are for compilers; a root file system that nobody writes to keeps no compiled modules
# between starts, so that they are compiled here (tests and single models are never imported)
RUN rm -rf /opt/venv/lib/python3.11/site-packages/torch/include; \
    /opt/venv/bin/python -m compileall -q -j 0 \
        -x '/(torch/testing|torch/_inductor|transformers/models|tests)/' /opt/venv

FROM parts AS code
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY models models
COPY tables tables
COPY agents agents
COPY matcher_stream matcher_stream
COPY docs/runbook.md docs/runbook.md
RUN /opt/tools/bin/uv pip install --quiet --python /opt/venv/bin/python --no-deps \
        --no-build-isolation --target /opt/matcher-stream .; \
    /opt/venv/bin/python -m compileall -q -j 0 /opt/matcher-stream

FROM ${BASE}
ARG VERSION=0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="matcher-stream" \
      org.opencontainers.image.description="Matches people who look for work in Peru with jobs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN useradd --no-create-home --home-dir /data --uid 10001 matcher \
    && install -d -o matcher -m 0700 /data
COPY --from=parts /opt/venv /opt/venv
COPY --from=code /opt/matcher-stream /opt/matcher-stream
# PASSIVE: OpenMP's threads sleep while they wait, since others share the node's cores (a start on
# a busy machine: 27 s for the model rather than 76)
ENV PATH=/opt/matcher-stream/bin:/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/matcher-stream \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_WAIT_POLICY=PASSIVE \
    MATCHER_DATA_DIR=/data \
    MATCHER_ENCODER_CACHE_DIR=/data/cache \
    MATCHER_WEB_HOST=0.0.0.0 \
    MATCHER_WEB_PORT=6066
WORKDIR /data
USER 10001
VOLUME /data
EXPOSE 6066
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s CMD ["python", "-c", "\
import os, urllib.request as u; \
u.urlopen(f\"http://127.0.0.1:{os.environ['MATCHER_WEB_PORT']}/live\", timeout=4)"]
# exec form: SIGTERM reaches the worker, which finishes its batches
CMD ["python", "-m", "faust", "-A", "matcher_stream.app", "worker", "-l", "info"]
