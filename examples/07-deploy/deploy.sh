# npx rios dev --workers 2 --exec 'sh examples/07-deploy/deploy.sh'
#
# What a pipeline does: it deploys with a token that can do nothing else, without a prompt, and decides by exit codes.
# The workers need a container engine: see docs/deploy.md.
set -eu
export RIOS_QUIET=1 RIOS_YES=1

RIOS_API_TOKEN=$(rios auth token create ci --scope deployments --ttl 1h)
export RIOS_API_TOKEN
rios network invite create || echo "no invite for this token: exit code $?"

head -c 18 /dev/urandom | base64 | rios secret set api-key --stdin
rios deploy examples/hello-http --secret API_KEY=api-key
url=$(rios deployment open hello-http)
curl -fsS "$url"

rios update hello-http --env GREETING=Bonjour
curl -fsS "$url"
rios update hello-http --run 'node absent.js' || echo "rolled back: exit code $?"
curl -fsS "$url"
rios deployment rollback hello-http --to 1
curl -fsS "$url"
rios deployment releases hello-http

rios scale hello-http 2 --wait
rios logs hello-http --no-prefix
rios deployment exec hello-http -- sh -c 'test -n "$API_KEY" && echo "the secret is there"'
rios deployment exec hello-http -- sh -c 'exit 7' || echo "the command's own exit code: $?"
rios deploy examples/hello-http --name huge --memory 60Ti || echo "no room: exit code $?"

rios delete hello-http --wait
rios secret remove api-key
rios list
