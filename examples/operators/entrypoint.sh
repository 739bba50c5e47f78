#!/bin/sh
# rios-orchestrator with its secrets read from files: NAME_FILE names the file that holds NAME.
set -eu
for name in DATABASE_URL REDIS_URL AMQP_URL SMTP_URL; do
  eval "file=\${${name}_FILE:-}"
  [ -z "$file" ] || export "$name=$(cat "$file")"
done
exec node "$(dirname "$0")/../../packages/orchestrator/bin/rios-orchestrator.js" "$@"
