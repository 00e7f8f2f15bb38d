# What ./run and ./test share: a Python environment, front-end assets, and the system packages they need.
# Sourced, never run. Every step is skipped in a moment when its inputs have not changed.

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo "$@"
  else return 77
  fi
}

apt_updated=
install_packages() { # PACKAGE...: from Debian's or Ubuntu's packages; 77 when that is not possible here
  command -v apt-get >/dev/null 2>&1 || return 77
  if [ -z "$apt_updated" ]; then as_root apt-get update -qq >/dev/null 2>&1 || return 77; apt_updated=1; fi
  DEBIAN_FRONTEND=noninteractive as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

find_python() {
  local candidate
  for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
       "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"; return
    fi
  done
  die "Python 3.11 or newer is needed. On Debian 12 or Ubuntu 24.04: apt-get install python3 python3-venv"
}

fingerprint() { sha256sum "$@" | sha256sum | cut -c1-16; }

ensure_environment() { # LOCK: .venv holds exactly what the lock names, and this checkout
  local lock="$1" python stamp wanted
  stamp=.venv/.made-from
  wanted="$lock $(fingerprint "$lock" pyproject.toml)"
  # The development environment serves ./run as well.
  if [ -x .venv/bin/creditmesh ] && [ -f "$stamp" ]; then
    if grep -qxF "$wanted" "$stamp"; then return; fi
    if [ "$lock" = requirements.lock ] &&
       grep -qxF "requirements-dev.lock $(fingerprint requirements-dev.lock pyproject.toml)" "$stamp"; then return; fi
  fi
  python=$(find_python)
  say "Making the Python environment (.venv) ..."
  if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    rm -rf .venv
    if ! "$python" -m venv .venv 2>/dev/null; then
      install_packages python3-venv || die "Python's venv module is missing: apt-get install python3-venv"
      rm -rf .venv; "$python" -m venv .venv
    fi
  fi
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$lock"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
  # LightGBM, the challenger of learnt systems, brings everything but this one library.
  ldconfig -p 2>/dev/null | grep -q libgomp.so.1 || install_packages libgomp1 ||
    say "Learnt systems go without their LightGBM challenger here: apt-get install libgomp1"
  echo "$wanted" > "$stamp"
}

ensure_assets() { # the front end's files, fetched by npm, and the compiled translations
  local stamp=src/creditmesh/web/static/vendor/.made-from wanted
  wanted=$(fingerprint package.json package-lock.json src/creditmesh/web/serving/assets.py)
  if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    if ! command -v npm >/dev/null 2>&1; then
      say "Installing Node.js for the front-end assets ..."
      install_packages nodejs npm || die "Node.js with npm is missing: apt-get install nodejs npm"
    fi
    say "Fetching the front-end assets ..."
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    .venv/bin/python -m creditmesh.web.serving.assets
    echo "$wanted" > "$stamp"
  fi
  .venv/bin/python tools/compile_messages.py
}

ensure_pdf() { # what the PDFs of credit reports need; without it the pages say "print the page instead"
  local missing=()
  # Debian 12 and Ubuntu 24.04: text layout, font subsetting, and a font with Chinese characters.
  ldconfig -p 2>/dev/null | grep -q libpangoft2-1.0 || missing+=(libpango-1.0-0 libpangoft2-1.0-0)
  ldconfig -p 2>/dev/null | grep -q libharfbuzz-subset || missing+=(libharfbuzz-subset0)
  if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh-cn family 2>/dev/null)" ]; then
    missing+=(fontconfig fonts-noto-cjk)
  fi
  [ ${#missing[@]} -eq 0 ] && return 0
  say "Installing what PDFs need: ${missing[*]} ..."
  install_packages "${missing[@]}" ||
    say "PDFs of credit reports cannot be made here, pages can be printed: apt-get install ${missing[*]}"
}
