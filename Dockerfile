# docker build --network host -t compounding-flaw-testbed .
# docker run --rm -v "$PWD/out:/out" compounding-flaw-testbed run quickstart --out /out/quickstart
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock requirements-test.lock ./
# What a cluster and the sandbox by Docker need comes along, at the versions that are tested.
RUN python -m venv /opt/testbed \
    && /opt/testbed/bin/pip install --no-cache-dir --disable-pip-version-check -q -r requirements.lock \
       -c requirements-test.lock docker distributed \
    && find /opt/testbed -name '*.pyi' -delete \
    && find /opt/testbed/lib -type d \( -name tests -o -path '*/tornado/test' \) -prune -exec rm -rf {} +
COPY pyproject.toml README.md LICENSE ./
COPY testbed testbed
COPY injectors injectors
COPY target_systems target_systems
COPY reports reports
RUN /opt/testbed/bin/pip install --no-cache-dir --disable-pip-version-check -q --no-deps . \
    && find /opt/testbed/lib/python3*/site-packages/pip -type d -name __pycache__ -prune -exec rm -rf {} +

FROM python:3.13-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="compounding-flaw-testbed" \
      org.opencontainers.image.description="Measures how many flaws survive and grow when an automated modifier improves a codebase cycle after cycle" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="MIT"
RUN useradd --uid 1000 --user-group --create-home testbed && mkdir /out && chown testbed:testbed /out
COPY --from=build /opt/testbed /opt/testbed
COPY docker/entrypoint /usr/local/bin/entrypoint
ENV PATH=/opt/testbed/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /out
VOLUME /out
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10m --timeout=2m --start-period=1m CMD ["entrypoint", "doctor"]
ENTRYPOINT ["entrypoint"]
CMD ["--help"]
