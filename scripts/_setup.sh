# shellcheck shell=bash
# Sourced by the scripts of this folder. `set_up KIND` makes, on a fresh machine too, a virtual environment with the packages
# of a lock and mofflow itself, and puts it first on PATH. KIND is `run` (what mofflow needs) or `dev` (tests and checks too).
#
#   root    the checkout or unpacked archive, where every script works
#   state   what the scripts keep: environments, caches, coverage data
#
# MOFFLOW_PYTHON names the Python to use. All talk goes to stderr; there is none once the environment stands.

set -euo pipefail
unset CDPATH PYTHONHOME PYTHONPATH PIP_PREFIX PIP_ROOT PIP_TARGET
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_REQUIRE_VIRTUALENV=0 PIP_USER=0
export UV_NATIVE_TLS=1 UV_SYSTEM_CERTS=1 # the old and the new name of: trust whom the system trusts

if [[ -z "${HOME:-}" ]]; then
  unset HOME
  export HOME=~ # bash asks the user database when HOME is not set
fi
[[ "$(declare -p PATH 2>/dev/null)" == 'declare -x PATH="'?*'"' ]] || PATH=/usr/local/bin:/usr/bin:/bin
export PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/opt/homebrew/bin:$HOME/.local/bin:$HOME/.cargo/bin"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

choose_state() {
  local mark candidate
  mark=$(printf '%s' "$root" | cksum | cut -d' ' -f1)
  for candidate in "$root/.build" "${XDG_CACHE_HOME:-$HOME/.cache}/mofflow/$mark" "${TMPDIR:-/tmp}/mofflow-$(id -u)-$mark"; do
    if mkdir -p -m 700 "$candidate" 2>/dev/null && [[ -O "$candidate" && -w "$candidate" ]]; then
      state=$candidate
      return
    fi
  done
  fail "No folder to set up in: neither $root, nor $HOME/.cache, nor ${TMPDIR:-/tmp} can be written. Set TMPDIR to one that can."
}

# The first suitable Python that can make virtual environments by itself, otherwise the first suitable one.
find_python() {
  local candidate found second=
  local probe='
import sqlite3, ssl, sys, zlib
if not (3, 11) <= sys.version_info[:2] <= (3, 14): sys.exit(1)
print(getattr(sys, "_base_executable", sys.executable))'
  for candidate in "${MOFFLOW_PYTHON:-python3.11}" python3.12 python3.13 python3.14 python3 python \
    {/usr/local/bin,/usr/bin,/opt/homebrew/bin,/opt/local/bin}/python3.1[1-4] "$HOME"/.pyenv/versions/3.1[1-4]*/bin/python3 \
    "$HOME"/.local/share/uv/python/cpython-3.1[1-4]*/bin/python3; do
    if found=$("$candidate" -c "$probe" 2>/dev/null); then
      base=$found
      if [[ -n "${MOFFLOW_PYTHON:-}" ]] || can_import venv ensurepip; then return; fi
      second=${second:-$found}
    fi
    [[ -z "${MOFFLOW_PYTHON:-}" ]] || fail "MOFFLOW_PYTHON=$MOFFLOW_PYTHON is no Python 3.11 to 3.14 with ssl and sqlite3."
  done
  base=$second
  [[ -n "$base" ]] || fail "No Python 3.11 to 3.14 found. Install one (Debian: apt-get install python3 python3-venv) or name it in MOFFLOW_PYTHON."
}

can_import() {
  local module
  for module in "$@"; do "$base" -c "import $module" 2>/dev/null || return 1; done
}

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else has sudo && sudo -n "$@"; fi; }

apt_install() {
  has apt-get || return 1
  local apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update
  "${apt[@]}" install -y --no-install-recommends "$@"
}

# Debian keeps venv and ensurepip in packages of their own; elsewhere pip is what may be absent.
install_venv() {
  ! can_import venv ensurepip || return 1
  local minor
  minor=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if has apt-get; then
    apt_install "python$minor-venv" || apt_install python3-venv
  elif has dnf; then
    as_root dnf install -y -q python3-pip
  elif has apk; then
    as_root apk add -q py3-pip
  else
    return 1
  fi
}

with_uv() {
  has uv || return 1
  rm -rf "$venv"
  uv venv --quiet --no-project --python "$base" "$venv" &&
    uv pip install --quiet --python "$venv/bin/python" --require-hashes --compile-bytecode "${packages[@]}" &&
    uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
}

with_pip() {
  local pip
  rm -rf "$venv"
  if "$base" -m venv "$venv"; then
    pip=("$venv/bin/python" -m pip)
  elif can_import pip && "$base" -m venv --clear --without-pip "$venv"; then
    pip=("$base" -m pip --python "$venv/bin/python")
  else
    return 1
  fi
  "${pip[@]}" install --quiet --no-input --require-hashes "${packages[@]}" &&
    "${pip[@]}" install --quiet --no-input --no-deps --no-build-isolation --editable .
}

set_up() {
  local kind=$1 locks packages=() lock key old
  case $kind in
    run) locks=(requirements.lock requirements-build.lock) ;;
    dev) locks=(requirements-dev.lock) ;;
  esac
  for lock in "${locks[@]}"; do packages+=(--requirement "$lock"); done

  choose_state
  find_python
  key=$("$base" -c '
import hashlib, pathlib, sys
parts = [sys.version.encode(), *(pathlib.Path(name).read_bytes() for name in sys.argv[1:])]
print("%d.%d" % sys.version_info[:2], hashlib.sha256(b"\0".join(parts)).hexdigest()[:12], sep="-")' pyproject.toml "${locks[@]}")
  venv=$state/$kind-$key

  if [[ ! -e "$venv/.stamp" || "$(cat "$venv/.stamp")" != "$root" ]]; then
    exec 9>"$state/lock"
    "$base" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)' # held by descriptor 9, until it is closed
    if [[ ! -e "$venv/.stamp" || "$(cat "$venv/.stamp")" != "$root" ]]; then
      say "Setting up mofflow in $state (the first time only)"
      if ! { with_uv || with_pip || { install_venv && with_pip; }; } >"$state/setup.log" 2>&1; then
        cat "$state/setup.log" >&2
        can_import venv ensurepip || say "This Python cannot make virtual environments. Install python3-venv (Debian: apt-get install python3-venv), or uv."
        fail "mofflow could not be set up; the reason stands above."
      fi
      printf '%s\n' "$root" >"$venv/.stamp"
      find "$state" -mindepth 2 -maxdepth 2 -name .stamp -mtime +7 | while read -r old; do rm -rf "${old%/.stamp}"; done
    fi
    exec 9>&-
  fi
  touch "$venv/.stamp"
  export PATH="$venv/bin:$PATH"
}
