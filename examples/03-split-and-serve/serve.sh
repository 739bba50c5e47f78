# npx rios dev --exec 'sh examples/03-split-and-serve/serve.sh'
#
# Splits a checkpoint into experts, looks at the parts, pushes them to the network, asks, and shows who answered.
set -eu
checkpoint=${1:-examples/models/tiny-moe}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

rios model split "$checkpoint" --out "$folder/bundle"
rios model inspect "$folder/bundle"
rios model push "$folder/bundle" --name my-model
rios run my-model 'Call me Ishmael.' --max-tokens 24 --temperature 0
rios status
