# The project's image: the same locked environment as `make run`, for every component in docker-compose.yml.
# Built and run nowhere yet by its authors, who had no container engine; tests check its structure.
FROM python:3.11-slim-bookworm

# The same uv as the Makefile's (a test compares them). It must not fetch a Python of its own.
ARG UV_VERSION=0.13.9
ENV UV_PYTHON_DOWNLOADS=never \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    PYTHONUNBUFFERED=1 \
    PATH=/opt/promise/.venv/bin:$PATH
RUN pip install --no-cache-dir --disable-pip-version-check "uv==${UV_VERSION}"

RUN useradd --create-home --uid 10001 promise \
    && install --directory --owner promise --group promise /var/lib/promise /var/lib/promise-maps
WORKDIR /opt/promise

# The dependencies change seldom and take minutes, so they are a layer of their own.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project

COPY . .
RUN uv sync --frozen --no-dev \
    # dbt reads the project once, here, and not in each home.
    && python -m warehouse.parsing installed \
    # dbt reads files that are generated from the catalogue; they are the only ones written beside the code.
    && chown --recursive promise:promise dbt

USER promise
# State lives in volumes: landed files, Airflow's logs and secrets, the built site; and the map that Metabase reads.
ENV PROMISE_HOME=/var/lib/promise
VOLUME /var/lib/promise /var/lib/promise-maps
ENTRYPOINT ["promise"]
CMD ["--help"]
