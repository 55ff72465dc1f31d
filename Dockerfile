# The worker: everything it needs and nothing of Java, Redis or the tests.
#   docker build -t kakuhan .
FROM python:3.11.16-slim-bookworm@sha256:528257d48c1da0dcecc2e725d1ae34498d60c965f1241e39cd6a85a8859bdf84 AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/kakuhan
# The packages first: they change less often than the code.
COPY requirements/build.txt requirements/core.txt requirements/
RUN /opt/kakuhan/bin/pip install --require-hashes -r requirements/build.txt -r requirements/core.txt
COPY pyproject.toml README.md ./
COPY schemas schemas
COPY streams streams
RUN /opt/kakuhan/bin/pip install --no-deps --no-build-isolation . \
    && /opt/kakuhan/bin/pip uninstall --yes setuptools pip

FROM python:3.11.16-slim-bookworm@sha256:528257d48c1da0dcecc2e725d1ae34498d60c965f1241e39cd6a85a8859bdf84

RUN useradd --system --user-group --home-dir /app --no-create-home kakuhan
COPY --from=build /opt/kakuhan /opt/kakuhan
WORKDIR /app
COPY policies policies
ENV PATH=/opt/kakuhan/bin:$PATH PYTHONUNBUFFERED=1 KAKUHAN_POLICY=/app/policies/b2b.yaml
USER kakuhan
ENTRYPOINT ["kakuhan"]
CMD ["worker"]
