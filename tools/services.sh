# Real services the tests use: a PostgreSQL server of their own, and headless Chromium. Sourced by ./test.

postgres_dir=

find_postgres() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

as_postgres() { # run as a user that PostgreSQL accepts: it refuses root
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() { # sets CREDITMESH_POSTGRES_URL; a fresh cluster in a temporary folder, on a free port
  local bin port careless
  # The tests kill processes of the node, never this server: nothing of it has to outlive a crash.
  careless='-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c jit=off'
  bin=$(find_postgres)
  if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
    say "Installing PostgreSQL for the tests ..."
    install_packages postgresql || return 1
    bin=$(find_postgres)
  fi
  [ -x "$bin/initdb" ] || return 1
  postgres_dir=$(mktemp -d /tmp/creditmesh-postgres-XXXXXX)
  if [ "$(id -u)" = 0 ]; then chown postgres "$postgres_dir"; fi
  port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  as_postgres "$bin/initdb" -D "$postgres_dir/data" -U creditmesh -A trust -E UTF8 --locale=C >"$postgres_dir.log" 2>&1 &&
  as_postgres "$bin/pg_ctl" -D "$postgres_dir/data" -w -l "$postgres_dir/server.log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgres_dir -c max_connections=60 $careless" \
    start >>"$postgres_dir.log" 2>&1 || { cat "$postgres_dir.log" >&2; return 1; }
  export CREDITMESH_POSTGRES_URL="postgresql://creditmesh@127.0.0.1:$port/postgres"
}

stop_postgres() {
  [ -n "$postgres_dir" ] || return 0
  as_postgres "$(find_postgres)/pg_ctl" -D "$postgres_dir/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$postgres_dir" "$postgres_dir.log"
}

ensure_chromium() { # sets CREDITMESH_CHROMIUM; a font with Chinese characters comes along
  local found
  found=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
  if [ -z "$found" ]; then
    say "Installing Chromium for the browser tests ..."
    install_packages chromium fonts-wqy-microhei || install_packages chromium-browser fonts-wqy-microhei || return 1
    found=$(command -v chromium || command -v chromium-browser || true)
  elif ! fc-list :lang=zh 2>/dev/null | grep -q .; then
    install_packages fonts-wqy-microhei fontconfig || true
  fi
  [ -n "$found" ] || return 1
  export CREDITMESH_CHROMIUM="$found"
}

spark_pid=

begin_spark() { # installs pyspark beside the first tests: its wheel takes minutes to make
  .venv/bin/python -c 'import pyspark' 2>/dev/null && return 0
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-spark.lock \
    >artifacts/spark.txt 2>&1 &
  spark_pid=$!
}

ensure_spark() { # Java, without which the phase is left out; pyspark is a pinned package like any other and must be there
  if ! command -v java >/dev/null 2>&1; then
    say "Installing Java for Spark ..."
    install_packages openjdk-17-jre-headless || install_packages default-jre-headless || return 1
  fi
  [ -z "$spark_pid" ] || wait "$spark_pid" || { cat artifacts/spark.txt >&2; exit 1; }
  .venv/bin/python -c 'import pyspark' || exit 1
}
