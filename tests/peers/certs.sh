#!/bin/sh
# Makes a certificate authority for a few days, and certificates of a mail server on this machine.
#
#   sh tests/peers/certs.sh DIR
#
#   DIR/ca.pem          the authority
#   DIR/server.key      the key of all the others
#   DIR/good.pem        for localhost and 127.0.0.1
#   DIR/expired.pem     the same, and too old
#   DIR/other.pem       for other.example.org
#   DIR/selfsigned.pem  for localhost, signed by itself
set -eu
dir=${1:?"usage: certs.sh DIR"}
mkdir -p "$dir"
cd "$dir"
umask 077
names="DNS:localhost,IP:127.0.0.1"

openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -sha256 -days 20 -subj "/CN=authority of the tests" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" -out ca.pem
openssl ecparam -name prime256v1 -genkey -noout -out server.key

# The command that can say when a certificate starts and ends wants a book of what it signed.
mkdir book
: >book/index
echo 01 >book/serial
cat >book/settings <<SETTINGS
[ca]
default_ca = here
[here]
database = book/index
serial = book/serial
new_certs_dir = book
policy = any
default_md = sha256
unique_subject = no
[any]
commonName = supplied
[mine]
subjectAltName = $names
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
[others]
subjectAltName = DNS:other.example.org
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
SETTINGS

sign() { # sign FILE EXTENSIONS OPTIONS…
  file=$1 extensions=$2
  shift 2
  openssl req -new -key server.key -subj "/CN=mail server of the tests" -out book/request
  openssl ca -batch -notext -config book/settings -extensions "$extensions" -cert ca.pem -keyfile ca.key \
    -in book/request -out "$file" "$@" 2>book/log || {
    cat book/log >&2
    exit 1
  }
}
sign good.pem mine -days 20
sign other.pem others -days 20
sign expired.pem mine -startdate 20200101000000Z -enddate 20200201000000Z
openssl req -x509 -new -key server.key -sha256 -days 20 -subj "/CN=localhost" \
  -addext "subjectAltName=$names" -addext "basicConstraints=critical,CA:FALSE" -out selfsigned.pem
rm -r book
