#!/bin/sh
# Packs a built program into a Debian package: scripts/deb.sh [BINARY [FOLDER]]. Without arguments it takes what `make release`
# made and puts the package beside it. Needs dpkg-deb only.
set -eu
cd "$(dirname "$0")/.."
binary=${1:-target/dist/librechat-auth}
folder=${2:-target/dist}
if [ ! -x "$binary" ]; then
  echo "There is no $binary: run \`make release\` first." >&2
  exit 1
fi
version=$("$binary" --version | sed 's/^librechat-auth //')
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree

install -D -m 0755 "$binary" "$tree/usr/bin/librechat-auth"
for unit in service socket; do
  install -d "$tree/lib/systemd/system"
  sed 's|/usr/local/bin/|/usr/bin/|' "packaging/systemd/librechat-auth.$unit" >"$tree/lib/systemd/system/librechat-auth.$unit"
  chmod 0644 "$tree/lib/systemd/system/librechat-auth.$unit"
done
install -D -m 0640 librechat-auth.toml "$tree/etc/librechat-auth/librechat-auth.toml"
documents=$tree/usr/share/doc/librechat-auth
install -D -m 0644 LICENSE "$documents/copyright"
for page in docs/*.md README.md CHANGELOG.md; do
  install -D -m 0644 "$page" "$documents/$(basename "$page")"
done
install -d "$tree/usr/share/man/man1" "$tree/usr/share/bash-completion/completions"
"$binary" man --dir "$tree/usr/share/man/man1"
gzip --best --no-name "$tree"/usr/share/man/man1/*
chmod 0644 "$tree"/usr/share/man/man1/*
"$binary" completions bash >"$tree/usr/share/bash-completion/completions/librechat-auth"
chmod 0644 "$tree/usr/share/bash-completion/completions/librechat-auth"

install -d "$tree/DEBIAN"
install -m 0755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$tree/DEBIAN/"
echo /etc/librechat-auth/librechat-auth.toml >"$tree/DEBIAN/conffiles"
size=$(du -sk "$tree" | cut -f1)
cat >"$tree/DEBIAN/control" <<CONTROL
Package: librechat-auth
Version: $version
Architecture: $architecture
Section: net
Priority: optional
Maintainer: The librechat-auth authors <librechat-auth@localhost>
Depends: passwd
Installed-Size: $size
Description: login server in one file
 LibreChat's authentication system, standing alone: accounts, sessions, second
 factors, invitations, moderation and a door for other programs, in one binary
 with one SQLite file.
CONTROL
mkdir -p "$folder"
package=$folder/librechat-auth_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$tree" "$package" >/dev/null
echo "$package"
