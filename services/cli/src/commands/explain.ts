import type { Explanation, GatheredFacts, RpcResponse } from '@interlock/contracts';
import type { Context, Register } from '../context.js';
import { examples } from '../examples.js';
import { CliError, EXIT } from '../exit.js';
import { printable, printableLines } from '@interlock/kernel';
import { riskLines } from '../risk-text.js';

export const registerExplain: Register = (program, run) => {
  program.command('explain [id]').description('why a recorded command was decided so, by the id of the command, of the event that a refusal names, or of the approval; or what would be decided')
    .option('--as <principal>', 'whose command it would be').option('--target <name>', 'where it would go').option('--command <text>', 'what it would say; nothing is sent to the target')
    .addHelpText('after', examples(['explain EVENT', 'why that was decided so: the event that the DETAIL of a refusal names'], ['explain --as agent-etl --target shop --command "delete from orders"', 'what would be decided now, and which columns would be masked']))
    .action(run<{ as?: string; target?: string; command?: string }>(async (context, id) => {
      const { as, target, command: text } = context.options;
      const isHypothetical = as !== undefined || target !== undefined || text !== undefined;
      if (id !== undefined && !isHypothetical) return explainRecorded(context, id);
      if (id !== undefined || !as || !target || !text) throw new CliError(EXIT.usage, 'explain takes either an id, or all of --as, --target and --command.', 'The DETAIL of a refusal names the id of its event.');
      return explainHypothetical(context, { as, target, text });
    }));
};

async function explainRecorded({ client, output }: Context, id: string): Promise<void> {
  const { explanation } = await client.get<'audit.explain'>(`/decisions/${encodeURIComponent(id)}`);
  output.result(explanation, () => describe(explanation));
}

/** A text of several lines cannot look like the lines that follow it. */
const CONTINUED = '\n         | ';

function describe({ command, session, principal, target, askedAt, text, parameters, withheld, verb, accesses, facts, decisions, approval, outcome, lift }: Explanation): string {
  return [
    `command    ${command} of ${principal ?? 'nobody known'} at ${target ?? 'no target'}, asked at ${askedAt} in session ${session ?? '-'}`,
    ...(text === undefined ? [] : [`text       ${printableLines(text).replaceAll('\n', CONTINUED)}`]),
    ...(parameters ?? []).map(({ value, omitted }, at) => `  $${at + 1} = ${omitted ? `${omitted.bytes} bytes, SHA-256 ${omitted.sha256}` : value === null ? 'NULL' : printable(value)}`),
    ...(withheld === undefined ? [] : [`text       withheld: ${withheld}`]),
    ...(verb === undefined ? [] : [`action     ${verb}`]),
    ...(accesses ?? []).map((access) => `  ${accessText(access)}`),
    ...(facts === undefined ? [] : [`facts      ${Object.entries(facts).map(([name, value]) => `${name}=${printable(JSON.stringify(value))}`).join(' ')}`]),
    ...decisions.flatMap((decided) => [
      `decision   ${outcomeText(decided.outcome)} at ${decided.at}${decided.bundleVersion === null ? '' : ` by bundle version ${decided.bundleVersion}`}, event ${decided.event}`,
      ...decided.reasons.map(({ hint, ...reason }) => reasonText({ ...reason, ...(hint !== undefined && !lift.some((way) => way.startsWith(hint)) && { hint }) })),
      ...riskLines(decided.risk),
      ...historyLines(accesses ?? [], decided.gathered ?? []),
    ]),
    ...(approval ? [`approval   ${approval.grant} is ${approval.status}`, ...approval.votes.map(({ approver, verdict, at }) => `  ${verdict} by ${approver} at ${at}`)] : []),
    ...(outcome ? [`outcome    ${[outcome.status, outcome.summary, outcome.errorCode].filter((part) => part !== null).join(' ')}`] : []),
    ...lift.map((way) => `lifted by  ${way}`),
  ].join('\n');
}

/** What could not become an action, or could not be masked, was refused by the gateway itself: its client is told `deny` of both. */
function outcomeText(outcome: Explanation['decisions'][number]['outcome']): string {
  return outcome === 'refused' ? 'deny (by the gateway itself)' : outcome;
}

/** Who made what, an object each, and how many rows the target expected, where a rule read it. */
function historyLines(accesses: NonNullable<Explanation['accesses']>, gathered: NonNullable<Explanation['decisions'][number]['gathered']>): string[] {
  const lines = accesses.flatMap(({ object }, at) => {
    const history = gathered[at];
    return history?.ownCreation !== undefined ? [`  history of ${object.kind} ${object.path.map(printable).join('/')}: ${historyText(history)}`] : [];
  });
  const rows = gathered.find((one) => one?.estimatedRows !== undefined)?.estimatedRows;
  return [...new Set(lines), ...(rows === undefined ? [] : [`  the target expected ${rows} ${rows === 1 ? 'row' : 'rows'}`])];
}

function historyText({ ownCreation, preexisting, creators }: GatheredFacts): string {
  const counts = preexisting ? 'as there before' : ownCreation ? "as the requester's own" : creators ? 'as made by others' : "as nobody's";
  const made = (creators ?? []).map(({ name, at, shared }) => `made by ${printable(name)} at ${at}${shared === undefined ? ', who is independent' : ` (${printable(shared.replace(/\.$/, ''))})`}`);
  const known = made.length > 0 ? made.join('; ') : preexisting ? 'nobody made it through Interlock' : ownCreation ? 'who made it is not known' : 'it is nothing that anyone makes';
  return `${known}; counts ${counts}`;
}

function maskingText(masking: RpcResponse<'policy.explain'>['masking']): string[] {
  if (!masking) return ['  nothing is masked'];
  if (masking.refused) return [`  refused for masking${masking.refused.rule ? ` by rule ${masking.refused.rule}` : ''}: ${masking.refused.detail}${masking.refused.hint ? ` ${masking.refused.hint}` : ''}`];
  const { columns, content } = masking;
  return [
    ...(columns.length === 0 ? ['  no column of the answer is masked by a rule'] : columns.map(({ name, column, rule, transform }) => `  masked: column ${name} (${column}) by rule ${rule}, ${transform}`)),
    ...(content.length === 0 ? [] : [`  masked wherever it is found: ${content.join(', ')}`]),
  ];
}

function accessText({ verb, duty, object, columnsRead, columnsWritten }: NonNullable<Explanation['accesses']>[number]): string {
  const columns = [...new Set([...(columnsRead ?? []), ...(columnsWritten ?? [])])];
  return `${verb} (${duty}) ${object.kind} ${object.path.join('/')}${columns.length > 0 ? ` (${columns.join(', ')})` : ''}`;
}

function reasonText({ effect, rule, message, hint }: Explanation['decisions'][number]['reasons'][number]): string {
  return `  ${effect} ${rule}: ${message}${hint ? ` ${hint}` : ''}`;
}

async function explainHypothetical({ client, output }: Context, question: { as: string; target: string; text: string }): Promise<void> {
  const answer = await client.send<'policy.explain'>('POST', '/explain', question);
  const { decision } = answer;
  output.result(answer, () => [
    `${decision.outcome} (bundle version ${decision.bundleVersion})`,
    ...decision.reasons.map(reasonText),
    ...(decision.ask ? [`  can be lifted by ${decision.ask.quorum.map((part) => `${part.count} of ${part.role}`).join(' and ')}`] : []),
    ...riskLines(decision.risk),
    ...(answer.action?.accesses ?? []).map((access) => `  ${accessText(access)}`),
    // What could not be read as an action has no answer to mask.
    ...(answer.action ? maskingText(answer.masking) : []),
    ...answer.policies.map((policy) => `\n${policy.file}\n${policy.text}`),
  ].join('\n'));
}
