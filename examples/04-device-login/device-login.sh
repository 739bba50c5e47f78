# npx rios dev --model examples/models/tiny-moe --exec 'sh examples/04-device-login/device-login.sh'
#
# A person signs up and logs in; a second machine logs in by the code that it shows; then a script runs a model with a
# token of its own that can do nothing else, and a program by its secret, without a prompt. RIOS_MAIL_DIR: where
# `rios dev` puts mails instead of sending them.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset RIOS_API_TOKEN
export RIOS_KEYSTORE=file RIOS_QUIET=1 RIOS_HOME="$work/laptop"
password=$(head -c 18 /dev/urandom | base64)

printf '%s\n' "$password" | rios signup --email ada@example.org --name Ada --password-stdin
until grep -qs . "$RIOS_MAIL_DIR"/*; do sleep 0.1; done
grep -ohE 'riosm_[A-Za-z0-9_-]+' "$RIOS_MAIL_DIR"/* | tail -n 1 | rios account verify --token-stdin
printf '%s\n' "$password" | rios login --email ada@example.org --password-stdin

RIOS_HOME="$work/server" rios login --device --events >"$work/events" &
until grep -qs userCode "$work/events"; do sleep 0.1; done
rios auth device approve "$(sed -n 's/.*"userCode":"\([A-Z-]*\)".*/\1/p' "$work/events")" --yes
wait $!
export RIOS_HOME="$work/server"
rios whoami

token=$(rios auth token create ci --scope inference --ttl 1h)
RIOS_API_TOKEN="$token" rios run tiny-moe 'Call me Ishmael.' --max-tokens 16 --temperature 0
RIOS_API_TOKEN="$token" rios network invite create || echo "no invite for this token: exit code $?"
RIOS_API_TOKEN=rios_wrong rios status || echo "a wrong token: exit code $?"

program=$(rios auth client create nightly --scope inference --ttl 1h)
token=$(printf 'user = "%s"' "$program" | curl -sS -K - -d grant_type=client_credentials "$RIOS_API_URL/oauth/token" |
  sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
RIOS_API_TOKEN="$token" rios run tiny-moe 'In the beginning' --max-tokens 16 --temperature 0
rios logout
