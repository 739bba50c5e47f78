# npx rios dev --workers 2 --model examples/models/tiny-moe --exec 'sh examples/06-billing/billing.sh'
#
# What a request costs, before and after: prices, a firm quote, a budget, the request, its bill, the receipts that its
# workers signed, and the invoice in each form. The account pays from the 10 ROS that every new one is given.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export RIOS_QUIET=1 RIOS_YES=1

rios billing prices
rios billing budget set --request 0.01 --day 0.05 --month 1
rios quote tiny-moe 'Call me Ishmael.' --max-tokens 24 --json >"$work/quote.json"
rios run tiny-moe 'Call me Ishmael.' --max-tokens 24 --quote "$work/quote.json" --json >"$work/answer.json"
request=$(sed 's/.*"requestId":"\([a-z0-9_]*\)".*/\1/' "$work/answer.json")

rios receipt show "$request"
rios billing invoice --request "$request"
rios billing invoice --format csv
rios billing invoice --format html >"$work/invoice.html"
grep -c "<td>$request</td>" "$work/invoice.html"

rios billing budget set --request 0.000000001
rios run tiny-moe 'Call me Ishmael.' --max-tokens 24 --json >"$work/refused.json" ||
  echo "over the budget: exit code $?"
rios billing budget set --request none
rios billing usage --by worker
rios billing history
