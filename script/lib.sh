# Shared by the scripts beside it, never run by itself: what must be installed, and how.
# shellcheck shell=bash

export LC_ALL=C.UTF-8 PYTHONUTF8=1
export UV_PYTHON_DOWNLOADS=never
unset PYTHONDONTWRITEBYTECODE # modules are compiled once, not at every start

RUN_PACKAGES=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk)
TEST_PACKAGES=(postgresql redis-server poppler-utils)

say() { printf '%s\n' "$*" >&2; }

fail() { # [exit code] sentence
  local code=1
  if [[ $1 =~ ^[0-9]+$ ]]; then code=$1; shift; fi
  say "$*"
  exit "$code"
}

# --- Debian packages -----------------------------------------------------------------------------

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# need_debian PACKAGE… : install those that are missing, or print the one line to run and exit 2.
need_debian() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "本系统不是 Debian 或 Ubuntu：请自行安装与下列软件包相当的软件：$*"
    return
  fi
  local package missing=() install=(apt-get -q -y --no-install-recommends install)
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  local as_root=()
  if [[ $EUID -ne 0 ]]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    else
      say "缺少系统软件包，请先运行下面这一行，再重新运行本命令："
      say "sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'"
      exit 2
    fi
  fi
  say "正在安装系统软件包：${missing[*]}"
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  # The package lists may be missing or old: fetch them only if the first try says so.
  if "${as_root[@]}" "${install[@]}" "${missing[@]}" >/dev/null 2>&1 </dev/null; then return; fi
  "${as_root[@]}" apt-get -q update </dev/null >&2 || true
  "${as_root[@]}" "${install[@]}" "${missing[@]}" </dev/null >&2 || fail "系统软件包没有装好，原因见上。"
}

# --- Python packages -----------------------------------------------------------------------------

# The first Python from 3.11 on that can make a virtual environment; failing that, the first at all.
find_python() {
  local candidate modules
  for modules in ensurepip sys; do
    for candidate in "${PYTHON:-}" /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
      [[ -n $candidate ]] || continue
      "$candidate" -c "import sys, $modules; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || continue
      command -v "$candidate"
      return
    done
  done
  fail "需要 Python 3.11 或更新的版本。"
}

# A failed attempt leaves a folder without packages behind, so the folder alone proves nothing.
venv_works() { [[ -x .venv/bin/django-admin ]] && .venv/bin/python -c '' 2>/dev/null; }

# Debian keeps a part of the standard library apart; it is needed once, to make .venv.
needed_for_venv() {
  local python
  if venv_works; then return; fi
  python=$(find_python)
  "$python" -c 'import ensurepip' 2>/dev/null || echo python3-venv
}

# uv reads no pip configuration: hand on what an office with its own mirror has written there.
use_pip_configuration() {
  local index links
  index=${PIP_INDEX_URL:-$(.venv/bin/pip config get global.index-url 2>/dev/null || true)}
  links=${PIP_FIND_LINKS:-$(.venv/bin/pip config get global.find-links 2>/dev/null || true)}
  if [[ -n $index && -z ${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-} ]]; then export UV_DEFAULT_INDEX=$index; fi
  if [[ -d $links && -z ${UV_FIND_LINKS:-} ]]; then export UV_FIND_LINKS=$links; fi
  if [[ -n ${PIP_NO_INDEX:-} ]]; then export UV_NO_INDEX=1; fi
}

# The lines of the lock that pin uv itself, with their hashes.
locked_uv() { awk '/^uv==/ { take = 1 } /^[^ ]/ && !/^uv==/ { take = 0 } take && !/#/' requirements-dev.txt; }

# python_packages run|dev : .venv holds exactly what the lock says. A `dev` environment also serves as `run`.
python_packages() {
  local kind=$1 run dev stamp python
  run=$(sha256sum <requirements.txt)
  dev=$(sha256sum <requirements-dev.txt)
  exec 9<requirements.txt # two scripts started together: one installs, the other waits
  flock 9
  if ! venv_works; then
    python=$(find_python)
    say "正在建立 Python 环境（.venv）……"
    "$python" -m venv --clear .venv
  fi
  stamp=$(cat .venv/installed-lock 2>/dev/null || true)
  if [[ $stamp == dev* ]]; then kind=dev; fi
  if [[ $stamp != *"$kind ${!kind}"* ]]; then
    say "正在安装 Python 软件包……"
    rm -f .venv/installed-lock
    .venv/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes -r <(locked_uv)
    use_pip_configuration
    if [[ $kind == dev ]]; then
      .venv/bin/uv pip sync -q --python .venv/bin/python --require-hashes requirements-dev.txt
      printf 'dev %s\nrun %s\n' "$dev" "$run" >.venv/installed-lock
    else
      .venv/bin/uv pip sync -q --python .venv/bin/python --require-hashes requirements.txt
      printf 'run %s\n' "$run" >.venv/installed-lock
    fi
  fi
  exec 9<&-
}

# --- Both --------------------------------------------------------------------------------------

install_for_running() {
  local venv
  venv=$(needed_for_venv)
  need_debian $venv "${RUN_PACKAGES[@]}"
  python_packages run
}

install_for_checking() {
  local venv
  venv=$(needed_for_venv)
  if [[ -n $venv ]]; then need_debian "$venv"; fi
  python_packages dev
}

install_for_testing() {
  local venv browser=()
  find_browser
  if [[ -z $CHROMIUM ]]; then
    if grep -qs '^ID=ubuntu' /etc/os-release; then browser=(chromium-browser); else browser=(chromium-headless-shell); fi
  fi
  venv=$(needed_for_venv)
  need_debian $venv "${RUN_PACKAGES[@]}" "${TEST_PACKAGES[@]}" "${browser[@]}"
  find_browser
  python_packages dev
}

find_browser() {
  local name
  for name in "${CHROMIUM-}" chromium-headless-shell chromium chromium-browser google-chrome; do
    if CHROMIUM=$(command -v "$name"); then break; fi
  done
  export CHROMIUM
}

# --- Ports -------------------------------------------------------------------------------------

port_is_free() {
  .venv/bin/python - "$1" <<'PY'
import socket, sys
with socket.socket() as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(("127.0.0.1", int(sys.argv[1])))
    except OSError:
        sys.exit(1)
PY
}

free_port() { .venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# --- Servers in a throw-away folder ($work) ----------------------------------------------------

pg_bin='' server='' redis='' front=''

as_postgres() {
  # PostgreSQL refuses to run as root; its Debian package brings an account for it.
  if [[ $EUID -eq 0 ]]; then (cd "$work" && runuser -u postgres -- "$@"); else "$@"; fi
}

stop_servers() {
  trap - EXIT INT TERM
  kill $front $redis 2>/dev/null || true
  if [[ -n $pg_bin ]]; then as_postgres "$pg_bin/pg_ctl" -D "$work/pg/data" -m immediate stop >/dev/null 2>&1 || true; fi
  wait
  rm -rf "$work"
}

# make_work_folder : $work, removed at the end together with whatever runs in it, also when interrupted.
make_work_folder() {
  work=$(mktemp -d)
  chmod 711 "$work" # the account postgres must get through
  trap stop_servers EXIT
  trap 'stop_servers; exit 130' INT
  trap 'stop_servers; exit 143' TERM
}

# start_servers [POSTGRESQL_OPTION…] : PostgreSQL and Redis on free ports; `on_postgresql` is the environment to use them,
# `server` the address to which the name of a database is added.
start_servers() {
  local pg_port redis_port password
  pg_port=$(free_port)
  redis_port=$(free_port)
  password=$(.venv/bin/python -c 'import secrets; print(secrets.token_hex(16))')
  # Debian keeps these out of PATH; elsewhere they are in it.
  pg_bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)
  pg_bin=${pg_bin:-$(dirname "$(command -v initdb)")}
  mkdir "$work/pg"
  printf '%s\n' "$password" >"$work/pg/password"
  if [[ $EUID -eq 0 ]]; then chown -R postgres "$work/pg"; fi
  as_postgres "$pg_bin/initdb" -D "$work/pg/data" -U liaison --pwfile "$work/pg/password" --auth scram-sha-256 \
    --encoding UTF8 --locale C.UTF-8 --no-sync --no-instructions >"$work/initdb.log" 2>&1 ||
    { cat "$work/initdb.log" >&2; fail "PostgreSQL could not be set up, see above."; }
  as_postgres "$pg_bin/pg_ctl" -D "$work/pg/data" -l "$work/pg/log" -w -o "-p $pg_port -k $work/pg \
    -c listen_addresses=127.0.0.1 $*" start >/dev/null ||
    { cat "$work/pg/log" >&2; fail "PostgreSQL did not start, see above."; }
  redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
  redis=$!
  until redis-cli -p "$redis_port" ping >/dev/null 2>&1; do
    kill -0 "$redis" 2>/dev/null || { cat "$work/redis.log" >&2; fail "Redis did not start, see above."; }
    sleep 0.05
  done
  server=postgres://liaison:$password@127.0.0.1:$pg_port
  on_postgresql=(env "DATABASE_URL=$server/postgres"
    "REDIS_URL=redis://127.0.0.1:$redis_port/0")
}
