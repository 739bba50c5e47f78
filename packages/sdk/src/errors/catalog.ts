/** Exit codes of the `rios` command. They are an API: docs/errors.md lists them, one test each. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  unauthenticated: 3,
  forbidden: 4,
  notFound: 5,
  conflict: 6,
  quota: 7,
  capacity: 8,
  failed: 9,
  integrity: 10,
  unreachable: 11,
  chain: 12,
  remote: 13,
  unsupportedRuntime: 78,
  timeout: 124,
  interrupted: 130,
  terminated: 143,
} as const;

/** What one error code means everywhere: over HTTP, between peers, in the shell. */
export interface ErrorKind {
  readonly status: number;
  readonly exit: number;
  readonly retryable: boolean;
  /** What to do next, when the thrower knows nothing better. */
  readonly hint: string;
}

const kind = (status: number, exit: number, hint: string, retryable = false): ErrorKind => ({
  status,
  exit,
  retryable,
  hint,
});

/**
 * Every error code, said once. A code never changes its meaning; new ones are added.
 * `status` is the HTTP status, `exit` the exit code of `rios`.
 */
export const ERRORS = {
  // what the caller asked for is wrong
  USER_INVALID_REQUEST: kind(400, EXIT.usage, 'Correct the request and send it again.'),
  USER_CONTEXT_TOO_LONG: kind(400, EXIT.usage, 'Shorten the prompt or lower --max-tokens.'),
  USER_UNKNOWN_FLAG: kind(400, EXIT.usage, 'See --help.'),
  USER_NO_CHAT_TEMPLATE: kind(
    400,
    EXIT.usage,
    'Use /v1/completions, or add chat_template.jinja to the checkpoint and split it again.',
  ),
  USER_PASSWORD_WEAK: kind(
    400,
    EXIT.usage,
    'Choose at least 12 characters that nobody guesses, for example four unrelated words.',
  ),
  USER_CONFIRMATION_NEEDED: kind(400, EXIT.usage, 'Add --yes to go on without being asked.'),
  USER_INPUT_NEEDED: kind(400, EXIT.usage, 'Give it by a flag or a variable: see --help.'),
  USER_INTERRUPTED: kind(499, EXIT.interrupted, 'Run the command again when ready.'),
  USER_COMMAND_FAILED: kind(400, EXIT.failed, 'See what the command printed.'),

  // who the caller is
  AUTH_REQUIRED: kind(401, EXIT.unauthenticated, 'Log in: rios login; or set RIOS_API_TOKEN.'),
  AUTH_FORBIDDEN: kind(403, EXIT.forbidden, 'Ask the owner of the network for the right to do this.'),
  AUTH_KEYSTORE_LOCKED: kind(
    401,
    EXIT.unauthenticated,
    'Give the password that the secrets were stored with: RIOS_PASSWORD or --password-file.',
  ),
  AUTH_LOGIN_FAILED: kind(
    401,
    EXIT.unauthenticated,
    'Check the address, the password and the code; a new account must be verified by mail first.',
  ),
  AUTH_SECOND_FACTOR: kind(
    401,
    EXIT.unauthenticated,
    'Send the code of your authenticator app, or a recovery code, as well.',
  ),
  AUTH_TOO_MANY_ATTEMPTS: kind(429, EXIT.quota, 'Wait as long as details.retryAfterMs says.', true),
  AUTH_SESSION_ENDED: kind(401, EXIT.unauthenticated, 'Log in again: rios login.'),
  AUTH_MAIL_TOKEN_INVALID: kind(403, EXIT.forbidden, 'Ask for a new mail; each token works once.'),
  AUTH_PASSWORD_NEEDED: kind(403, EXIT.unauthenticated, 'Send the password of the account as well.'),
  AUTH_OUTSIDE_PENDING: kind(
    409,
    EXIT.unauthenticated,
    'Open the address in a browser and say yes there, then ask again.',
    true,
  ),
  AUTH_OUTSIDE_ENDED: kind(403, EXIT.unauthenticated, 'Begin again: rios login --with <login>.'),
  AUTH_OUTSIDE_REFUSED: kind(
    403,
    EXIT.unauthenticated,
    'Begin again, or log in another way; the message says what the provider did not give.',
  ),
  AUTH_OUTSIDE_UNLINKED: kind(
    403,
    EXIT.unauthenticated,
    'Log in to the account that has the address, then: rios auth outside link <login>.',
  ),
  AUTH_INVITE_INVALID: kind(
    403,
    EXIT.forbidden,
    'Ask the operator for a new invite: rios network invite create.',
  ),
  AUTH_INVITE_EXPIRED: kind(
    403,
    EXIT.forbidden,
    'Ask the operator for a new invite: rios network invite create.',
  ),
  AUTH_INVITE_REVOKED: kind(
    403,
    EXIT.forbidden,
    'Ask the operator for a new invite: rios network invite create.',
  ),
  AUTH_INVITE_USED: kind(
    403,
    EXIT.forbidden,
    'The invite is bound to another peer. Ask the operator for a new one.',
  ),
  AUTH_INVITE_FOREIGN: kind(
    403,
    EXIT.forbidden,
    'The invite is for another network. Ask the operator of this one.',
  ),
  AUTH_TICKET_INVALID: kind(403, EXIT.forbidden, 'Send the request through an orchestrator of this network.'),
  AUTH_TICKET_EXPIRED: kind(403, EXIT.forbidden, 'Ask the orchestrator for a new ticket.', true),
  AUTH_PEER_UNKNOWN: kind(403, EXIT.forbidden, 'Join the network first: rios worker start --join <invite>.'),
  AUTH_BINDING: kind(403, EXIT.forbidden, 'Bind wallet and worker anew: rios worker register.'),

  // what is not there, or already there
  NOT_FOUND: kind(404, EXIT.notFound, 'Check the name.'),
  NOT_FOUND_MODEL: kind(404, EXIT.notFound, 'See rios model list, or push one: rios model push <bundle>.'),
  NOT_FOUND_WORKER: kind(404, EXIT.notFound, 'See rios worker list.'),
  NOT_FOUND_BLOB: kind(404, EXIT.notFound, 'Push the model again: rios model push <bundle>.'),
  NOT_FOUND_HOLD: kind(404, EXIT.notFound, 'Reserve money for the request first.'),
  NOT_FOUND_FILE: kind(404, EXIT.notFound, 'Check the path.'),
  NOT_FOUND_INTENT: kind(404, EXIT.notFound, 'Check its key.'),
  NOT_FOUND_EPOCH: kind(404, EXIT.notFound, 'See rios epoch list.'),
  NOT_FOUND_DEPLOYMENT: kind(404, EXIT.notFound, 'See rios deployment list, or deploy it: rios deploy.'),
  NOT_FOUND_RELEASE: kind(404, EXIT.notFound, 'See rios deployment releases <name>.'),
  NOT_FOUND_SECRET: kind(404, EXIT.notFound, 'Set it first: rios secret set <name>; see rios secret list.'),
  NOT_FOUND_REWARDS: kind(
    404,
    EXIT.notFound,
    'Earnings count once their epoch is published: rios epoch list.',
  ),
  CONFLICT_EXISTS: kind(409, EXIT.conflict, 'Choose another name, or remove the old one first.'),
  CONFLICT_LAST_ADMIN: kind(409, EXIT.conflict, 'Make another member admin first.'),
  CONFLICT_LAST_LOGIN: kind(409, EXIT.conflict, 'Set a password first: rios account reset.'),
  CONFLICT_INTENT: kind(409, EXIT.conflict, 'What was written first holds; it is not changed.'),
  CONFLICT_IN_USE: kind(409, EXIT.conflict, 'Stop the other process, or choose another --data-dir.'),
  CONFLICT_IDEMPOTENCY: kind(409, EXIT.conflict, 'Use a new Idempotency-Key for another request.'),
  CONFLICT_LEDGER_KEY: kind(409, EXIT.conflict, 'Use another key for another transfer.'),
  CONFLICT_RELEASE: kind(
    409,
    EXIT.conflict,
    'Another deploy came first: look at it (rios deployment releases), then deploy again.',
  ),
  CONFLICT_DELETING: kind(
    409,
    EXIT.conflict,
    'Its containers are being removed. Try again in a few seconds.',
    true,
  ),
  CONFLICT_SECRET_USED: kind(
    409,
    EXIT.conflict,
    'Deploy without it first, or delete the deployments that details name.',
  ),
  CONFLICT_IN_FLIGHT: kind(
    409,
    EXIT.conflict,
    'The same request is being answered. Try again shortly.',
    true,
  ),

  // limits
  QUOTA_BLOBS: kind(413, EXIT.quota, 'Remove models you no longer use: rios model remove.'),
  QUOTA_TOKENS: kind(403, EXIT.quota, 'Revoke what you no longer use: rios auth token revoke.'),
  QUOTA_DEPLOYMENTS: kind(
    403,
    EXIT.quota,
    'Delete deployments that you no longer need, or scale others down; details say what the limit is.',
  ),
  QUOTA_SECRETS: kind(403, EXIT.quota, 'Remove secrets that nothing uses: rios secret remove.'),
  QUOTA_ORGS: kind(403, EXIT.quota, 'Leave an organisation that you no longer need.'),
  QUOTA_RATE: kind(429, EXIT.quota, 'Wait as long as Retry-After says.', true),
  QUOTA_UNITS: kind(403, EXIT.quota, 'The ticket allows no more work. Ask for fewer tokens.'),
  CAPACITY_NO_WORKERS: kind(503, EXIT.capacity, 'Start a worker: rios worker start --join <invite>.', true),
  CAPACITY_NO_PLACEMENT: kind(503, EXIT.capacity, 'Add workers or memory; details say what is short.', true),
  CAPACITY_NO_REPLICA: kind(
    503,
    EXIT.capacity,
    'See why: rios deployment status <name>. Try again shortly.',
    true,
  ),
  CAPACITY_PLACING: kind(503, EXIT.capacity, 'The model is being loaded. Try again shortly.', true),
  CAPACITY_DRAINING: kind(503, EXIT.capacity, 'Another worker will take the request. Try again.', true),
  CAPACITY_NO_GPU: kind(503, EXIT.capacity, 'Start without --gpu, or install what details.missing names.'),
  CAPACITY_DISK: kind(507, EXIT.capacity, 'Free disk space, or choose another --data-dir.', true),

  // containers
  DEPLOY_ENGINE: kind(
    503,
    EXIT.unreachable,
    'Start the container engine (Docker or Podman) and see that the worker may use its socket.',
    true,
  ),
  DEPLOY_IMAGE: kind(
    422,
    EXIT.failed,
    'See that the image or archive is one that `docker load` or `pull` takes.',
  ),
  DEPLOY_FOLDER: kind(422, EXIT.failed, 'Pack the folder with rios deploy: plain files and folders only.'),
  DEPLOY_START: kind(422, EXIT.failed, 'See that the command exists in the image and needs no more rights.'),
  DEPLOY_SANDBOX: kind(
    503,
    EXIT.capacity,
    'The worker cannot run that sandbox class for sure, so it runs nothing: choose another class or worker.',
  ),
  DEPLOY_EXITED: kind(422, EXIT.failed, 'See its last lines: rios logs <name>.'),
  DEPLOY_UNHEALTHY: kind(422, EXIT.failed, 'See its last lines, and its health check: rios logs <name>.'),

  // something went wrong while working
  SERVICE_UNAVAILABLE: kind(
    503,
    EXIT.unreachable,
    'The database, cache or queue behind the orchestrator is away; details name it. Try again shortly.',
    true,
  ),
  PEER_LOST: kind(502, EXIT.unreachable, 'Send the request again: the parts are being placed anew.', true),
  PEER_UNREACHABLE: kind(
    502,
    EXIT.unreachable,
    'Check that the peer runs and its address can be dialled.',
    true,
  ),
  PEER_PROTOCOL: kind(
    502,
    EXIT.remote,
    'The peer broke the protocol. Check that both run the same version.',
    true,
  ),
  PEER_TIMEOUT: kind(504, EXIT.timeout, 'Try again, or raise --timeout.', true),
  PEER_BAD_RESULT: kind(502, EXIT.integrity, 'The result was discarded. Send the request again.', true),
  API_UNREACHABLE: kind(
    502,
    EXIT.unreachable,
    'Start one: rios orchestrator start, or rios dev; or set --api-url.',
    true,
  ),
  API_TIMEOUT: kind(504, EXIT.timeout, 'Try again, or raise --timeout.', true),
  API_REMOTE: kind(502, EXIT.remote, 'See the logs of the orchestrator.', true),

  // the chain, and wallets
  CHAIN_ABSENT: kind(404, EXIT.chain, 'Start the orchestrator with --chain-file, or use rios dev.'),
  CHAIN_UNREACHABLE: kind(502, EXIT.chain, 'Check --rpc-url, and that the chain answers there.', true),
  CHAIN_TIMEOUT: kind(
    504,
    EXIT.chain,
    'The transaction may still come through: rios wallet history shows it. Do not send another.',
    true,
  ),
  CHAIN_WRONG_ID: kind(409, EXIT.chain, 'Use the RPC of the right chain, or another context.'),
  CHAIN_UNSUPPORTED: kind(422, EXIT.chain, 'Use a chain that supports what details name.'),
  CHAIN_BAD_ANSWER: kind(502, EXIT.chain, 'The RPC contradicts itself. Use another one.', true),
  CHAIN_REVERTED: kind(422, EXIT.chain, 'The contract refused; details name its error. Nothing was paid.'),
  CHAIN_NONCE: kind(409, EXIT.chain, 'Another program uses this account. Try again.', true),
  CHAIN_UNDERPRICED: kind(
    409,
    EXIT.chain,
    'Raise the fee: --max-fee; of one that was sent: rios wallet bump.',
  ),
  CHAIN_JOURNAL: kind(500, EXIT.chain, 'Begin the dev chain anew, with its database: rios dev reset.'),
  SETTLEMENT_GAS_BUDGET: kind(
    402,
    EXIT.quota,
    'What waits is sent the next day (UTC), or with a higher gas budget.',
    true,
  ),
  SETTLEMENT_REORG: kind(
    500,
    EXIT.chain,
    'Deposits are read no further. Look at the chain, then restore a backup from before, or index anew.',
  ),
  SETTLEMENT_UNBALANCED: kind(
    500,
    EXIT.integrity,
    'Nothing is published until ledger and chain agree again; details say where they differ.',
  ),
  SETTLEMENT_EPOCH: kind(
    500,
    EXIT.unexpected,
    'Nothing was published. The ledger contradicts itself: report it.',
  ),
  SETTLEMENT_NOTHING: kind(
    409,
    EXIT.conflict,
    'Work is settled once it is charged and its worker has a wallet: rios worker register.',
  ),
  SETTLEMENT_WAITS: kind(409, EXIT.conflict, 'The epoch before is not final; details say until when.'),
  QUOTA_BALANCE: kind(402, EXIT.quota, 'Add funds; details say how much is missing.'),
  QUOTA_BUDGET: kind(
    402,
    EXIT.quota,
    'Raise the budget, or wait until the time that details name; they say what is missing too.',
  ),
  BILLING_PAUSED: kind(
    402,
    EXIT.quota,
    'Add funds: rios wallet deposit. It goes on at once; details say how long data is kept.',
  ),
  BILLING_PRICE: kind(422, EXIT.usage, 'Ask for a price and an amount of work within the price table.'),
  BILLING_QUOTE_EXPIRED: kind(409, EXIT.conflict, 'Ask for a new quote.'),
  BILLING_QUOTE_INVALID: kind(403, EXIT.integrity, 'Ask for a new quote; details.reason says why.'),
  BILLING_QUOTE_MISSED: kind(
    409,
    EXIT.conflict,
    'Nothing was charged: the workers there are now ask for more. Ask for a new quote.',
  ),
  BILLING_HOLD_ENDED: kind(
    409,
    EXIT.conflict,
    'The request was billed or refunded already; see its transfers.',
  ),
  BILLING_VOUCHER_DUE: kind(402, EXIT.quota, 'Sign for what was spent: rios billing pay.'),
  BILLING_HOLD_EXCEEDED: kind(409, EXIT.conflict, 'Charge at most what was reserved; details say how much.'),
  WALLET_NOT_FOUND: kind(404, EXIT.notFound, 'See rios wallet list, or make one: rios wallet create.'),
  WALLET_EXISTS: kind(409, EXIT.conflict, 'Choose another --name.'),
  WALLET_PASSWORD: kind(401, EXIT.unauthenticated, 'Try again with the right password.'),
  WALLET_MNEMONIC: kind(400, EXIT.usage, 'Correct the word that details name.'),
  WALLET_KEYSTORE: kind(422, EXIT.integrity, 'Restore the keystore file from a backup.'),

  // what was given is not what it says
  INTEGRITY_HASH: kind(
    422,
    EXIT.integrity,
    'The bytes are not those the manifest names. Fetch or split again.',
  ),
  INTEGRITY_SIGNATURE: kind(403, EXIT.integrity, 'The signature does not verify. Do not trust the sender.'),
  INTEGRITY_RECEIPTS: kind(
    422,
    EXIT.integrity,
    'The file is damaged, or was never one of receipts. Fetch it again from who published it.',
  ),
  INTEGRITY_BILL: kind(422, EXIT.integrity, 'Do not pay it; show it to who runs the network.'),
  INTEGRITY_VOUCHER: kind(422, EXIT.integrity, 'Ask the payer for a new voucher; details.reason says why.'),
  INTEGRITY_KEY_FILE: kind(
    500,
    EXIT.integrity,
    'Restore the key file from a backup; without one, remove it and join or invite anew.',
  ),
  INTEGRITY_SECRET: kind(
    500,
    EXIT.integrity,
    'Restore the master key file that sealed it (RIOS_MASTER_KEY_FILE, or master.key in --data-dir).',
  ),
  INTEGRITY_SEAL: kind(
    403,
    EXIT.integrity,
    'It was sealed for another worker or place, or was changed on its way: start the container again.',
  ),
  INTEGRITY_PARITY: kind(
    422,
    EXIT.integrity,
    'The bundle does not compute what its source does. Split it again.',
  ),
  MODEL_SAFETENSORS_INVALID: kind(
    422,
    EXIT.integrity,
    'The file is damaged or truncated. Download it again.',
  ),
  MODEL_CONFIG_INVALID: kind(422, EXIT.usage, 'Correct config.json; details name the key.'),
  MODEL_CONFIG_UNSUPPORTED: kind(
    422,
    EXIT.usage,
    'This setting changes the maths and is not supported yet; details name it.',
  ),
  MODEL_TYPE_UNSUPPORTED: kind(422, EXIT.usage, 'See rios model split --help for the supported model types.'),
  MODEL_TENSOR_MISSING: kind(422, EXIT.integrity, 'The checkpoint is incomplete. Download it again.'),
  MODEL_TENSOR_UNEXPECTED: kind(
    422,
    EXIT.integrity,
    'The checkpoint has a tensor that this model type has no place for.',
  ),
  MODEL_BUNDLE_INVALID: kind(422, EXIT.integrity, 'Split the model again: rios model split.'),

  // applications
  DEPLOY_FAILED: kind(422, EXIT.failed, 'See its last lines: rios logs <name>.'),
  DEPLOY_OVERTAKEN: kind(409, EXIT.conflict, 'See rios deployment releases <name>, then deploy again.'),

  // the machine
  RUNTIME_NODE_UNSUPPORTED: kind(500, EXIT.unsupportedRuntime, 'Install Node >= 22.18.'),
  RUNTIME_KEYCHAIN: kind(
    500,
    EXIT.failed,
    'Start and unlock the keychain of this machine, or keep secrets in a file: RIOS_KEYSTORE=file.',
  ),
  RUNTIME_SESSION: kind(500, EXIT.failed, 'See the log of the worker.', true),
  BUG_UNEXPECTED: kind(500, EXIT.unexpected, 'This is a bug in RiOS. Please report it with the request id.'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** True when `code` is one of ours. Use before trusting a code that came over the wire. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
