# npx rios dev --model examples/models/tiny-moe --exec 'sh examples/04-ci-token/ci-token.sh'
#
# A person signs up, confirms by the mailed token and logs in; then a script runs a model with a token of its own that
# can do nothing else, without a prompt. RIOS_MAIL_DIR: where `rios dev` puts mails instead of sending them.
set -eu
export RIOS_HOME="$(mktemp -d)" RIOS_KEYSTORE=file
trap 'rm -rf "$RIOS_HOME"' EXIT
unset RIOS_API_TOKEN
password=$(head -c 18 /dev/urandom | base64)

printf '{"email": "ada@example.org", "password": "%s", "displayName": "Ada"}' "$password" |
  rios api POST /v1/accounts --body - --quiet
until grep -qs . "$RIOS_MAIL_DIR"/*; do sleep 0.1; done
printf '{"token": "%s"}' "$(grep -ohE 'riosm_[A-Za-z0-9_-]+' "$RIOS_MAIL_DIR"/* | tail -n 1)" |
  rios api POST /v1/accounts/verify --body - --quiet
printf '%s\n' "$password" | rios login --email ada@example.org --password-stdin --quiet
rios whoami

token=$(rios auth token create ci --scope inference --ttl 1h --quiet)
RIOS_API_TOKEN="$token" rios run tiny-moe 'Call me Ishmael.' --max-tokens 16 --temperature 0 --quiet
RIOS_API_TOKEN="$token" rios network invite create --quiet || echo "no invite for this token: exit code $?"
rios logout --quiet
