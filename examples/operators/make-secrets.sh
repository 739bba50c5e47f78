#!/bin/sh
# sh examples/operators/make-secrets.sh <host name of the API> <public IPv4 address> [folder]
#
# Makes the secrets that docker-compose.yaml names. What is there stays: run it again after you put your own
# tls.crt and tls.key there. Needs openssl.
set -eu
host=$1 address=$2 folder=${3:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
cd "$folder"

secret() { openssl rand -hex 24; }
# keep <file> <text>: once written, a password stays, since the servers keep it too
keep() { [ -e "$1" ] || printf '%s\n' "$2" >"$1"; }

keep postgres_password "$(secret)"
keep database_url "postgres://rios:$(cat postgres_password)@postgres:5432/rios"
keep redis.conf "requirepass $(secret)"
keep redis_url "redis://:$(sed 's/requirepass //' redis.conf)@redis:6379"
keep rabbitmq.conf "default_user = rios
default_pass = $(secret)"
keep amqp_url "amqp://rios:$(sed -n 's/default_pass = //p' rabbitmq.conf)@rabbitmq:5672"
keep master.key "{\"format\":\"rios-master-key/1\",\"keys\":[\"$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=')\"]}"
keep compose.env "PUBLIC_IP=$address"

if [ ! -e tls.crt ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
    -subj "/CN=$host" -addext "subjectAltName=DNS:$host" -keyout tls.key -out tls.crt 2>/dev/null
  echo "made a certificate for $host that no browser knows: replace tls.crt and tls.key by your own" >&2
fi

# the servers' own accounts read these, the orchestrators (uid 1000) the others; the folder is closed to all
chmod 644 postgres_password redis.conf rabbitmq.conf
[ "$(id -u)" -ne 0 ] || chown 1000:1000 database_url redis_url amqp_url master.key tls.crt tls.key
