# One image for all programs. The command says which, e.g. `serve contacts`, `ticker`, `db migrate`.
#   docker build --build-arg VERSION=1.2.3 --build-arg REVISION="$(git rev-parse HEAD)" .

# Another registry may hold the same image: keep the digest.
ARG PYTHON=python:3.11-slim-bookworm@sha256:528257d48c1da0dcecc2e725d1ae34498d60c965f1241e39cd6a85a8859bdf84

FROM ${PYTHON} AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/opt/probation
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /build
# Dependencies first, because they change less often than our code.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --locked --no-default-groups --extra tracing --no-install-project && \
    UV_PROJECT_ENVIRONMENT=/opt/sbom uv sync --locked --only-group sbom
COPY schemas schemas
COPY shared shared
COPY services services
COPY feeds feeds
COPY tools tools
COPY docs/rules.md docs/rules.md
# There is no Git here to ask.
ARG VERSION=0.0.0
RUN SETUPTOOLS_SCM_PRETEND_VERSION=$VERSION uv sync --locked --no-default-groups --extra tracing --no-editable && \
    sed "s/^dynamic = .*/version = \"$VERSION\"/" pyproject.toml > /tmp/pyproject.toml && \
    /opt/sbom/bin/cyclonedx-py environment --pyproject /tmp/pyproject.toml --output-reproducible \
      --output-file /opt/probation/sbom.cdx.json /opt/probation/bin/python

FROM ${PYTHON}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="probation" \
      org.opencontainers.image.description="Message-driven probation services on Kafka" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/probation /opt/probation
ENV PATH=/opt/probation/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PROBATION_HTTP_PORT=8080
USER 10001:10001
EXPOSE 8080
# Healthy means ready: it reads its topics and reaches its database. One-off commands end before the first check.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PROBATION_HTTP_PORT'] + '/readyz', timeout=4)"]
# SIGTERM: finish the current batch and give the partitions back.
STOPSIGNAL SIGTERM
ENTRYPOINT ["probation"]
CMD ["--help"]
