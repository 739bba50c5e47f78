# npx rios dev --workers 1 --exec 'sh examples/05-wallet/wallet.sh'
#
# A person makes a wallet, gets ROS of no worth from the dev chain, pays into the escrow, and stakes on a worker; the
# orchestrator sees the stake. What leaves escrow or stake must wait: here the time of the dev chain is moved on.
# `rios dev` keeps the directories of its workers beside RIOS_HOME.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
worker=${RIOS_HOME%/home}/workers/worker-1
export RIOS_KEYSTORE=file RIOS_QUIET=1 RIOS_YES=1 RIOS_WALLET_PASSWORD_FILE="$work/password"
(umask 077 && head -c 18 /dev/urandom | base64 >"$RIOS_WALLET_PASSWORD_FILE")

rios wallet create --name ada --json
rios wallet faucet --amount 500 --json
rios wallet deposit 20 --json
rios worker register --data-dir "$worker" --stake 100 --json
rios wallet session create --cap 5 --ttl 30d --json

rios wallet withdraw 8 --json
rios wallet unstake 40 --data-dir "$worker" --json
rios wallet withdraw --json || echo "too early: exit code $?"

rios dev time --advance 8d --json
rios wallet withdraw --json
rios wallet unstake --data-dir "$worker" --json

rios stake status --data-dir "$worker" --json
until rios worker list --json | grep -q '"stakeWei":"60000000000000000000"'; do sleep 0.2; done
rios wallet balance --json
rios wallet history
