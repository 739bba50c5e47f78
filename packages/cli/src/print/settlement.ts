import { formatRos } from '@rios/sdk/chain/amounts';
import type {
  AuditReport,
  FileView,
  FindingView,
  ReceiptsVerdict,
} from '@rios/sdk/schema/settlement-results';
import { formatBytes } from './format.ts';
import { formatFields, formatTable } from './table.ts';

/** What `rios audit` found. */
export function formatAudit({ epoch, equal, file, chain, findings, findingsCount }: AuditReport): string {
  const fields = [
    ...fieldsOf(file),
    [
      'chain',
      chain === null ? 'not asked: the file gave nothing to compare' : `block ${chain.blockNumber}`,
    ] as const,
    ...(chain?.publications ?? []).map(
      ({ state, root, blockNumber }) => ['published', `${root} in block ${blockNumber}: ${state}`] as const,
    ),
  ];
  const verdict = equal
    ? `equal: epoch ${epoch} on the chain is what its receipts come to`
    : `not equal: ${findingsCount} ${findingsCount === 1 ? 'thing is' : 'things are'} wrong`;
  return [formatFields(fields), ...formatFindings(findings), verdict].join('\n');
}

/** What `rios receipt verify` found. */
export function formatVerdict({ ok, file, findings, findingsCount }: ReceiptsVerdict): string {
  const verdict = ok
    ? 'right in itself; whether it is what was published, rios audit says'
    : `wrong: ${findingsCount} ${findingsCount === 1 ? 'thing is' : 'things are'} not as they should be`;
  return [formatFields(fieldsOf(file)), ...formatFindings(findings), verdict].join('\n');
}

function fieldsOf({ sizeBytes, sha256, epoch, rewards, chainId, payees, receipts, computed }: FileView) {
  const ros = (wei: string) => formatRos(BigInt(wei));
  const sums =
    computed === null
      ? []
      : ([
          ['paid by users', ros(computed.paidWei)],
          ['to workers', ros(computed.earnedWei)],
          ['to the platform', ros(computed.platformWei)],
          ['carried on', ros(computed.carriedWei)],
          ['owed in all', ros(computed.totalWei)],
          ['root', computed.root],
          ['receipts root', computed.receiptsRoot],
        ] as const);
  return [
    ['file', `${formatBytes(sizeBytes)}, sha256 ${sha256 ?? 'unknown: not read to its end'}`],
    ['epoch', epoch === null ? '-' : String(epoch)],
    ['contract', rewards === null ? '-' : `${rewards} on chain ${chainId}`],
    ['receipts', `${receipts} for ${payees} payees`],
    ...sums,
  ] as const;
}

/** No table without rows. */
function formatFindings(findings: readonly FindingView[]): string[] {
  if (findings.length === 0) return [];
  const rows = findings.map(({ line, kind, message, expected, actual }) => [
    line === null ? '-' : String(line),
    kind,
    message,
    expected ?? '-',
    actual ?? '-',
  ]);
  return [formatTable(['line', 'what', 'why', 'expected', 'is'], rows)];
}
