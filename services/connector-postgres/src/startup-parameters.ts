import { accepted, refused, type Outcome } from '@interlock/kernel';

/** Settings that a client may bring with its startup message: how its own answers look and how long it waits. Names in lower case. */
const ALLOWED: ReadonlyMap<string, string> = new Map(
  [
    'application_name', 'DateStyle', 'IntervalStyle', 'TimeZone', 'extra_float_digits', 'bytea_output', 'client_min_messages',
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout',
  ].map((name) => [name.toLowerCase(), name]),
);

const UTF8 = /^(utf-?8|unicode)$/i;
const NOT_SETTINGS = new Set(['user', 'database', 'replication', 'client_encoding', 'options', 'standard_conforming_strings']);

/**
 * The startup parameters for the target, made anew: nothing passes that is not named here. A setting that changes what
 * statements mean has to be set by a command, where rules see it.
 */
export function targetParameters(parameters: ReadonlyMap<string, string>): Outcome<ReadonlyMap<string, string>> {
  if (isReplication(parameters.get('replication'))) return notAllowed('replication', 'Replication bypasses every rule about rows.');
  const encoding = parameters.get('client_encoding');
  if (encoding !== undefined && !UTF8.test(encoding.replaceAll(/['"]/g, ''))) return notAllowed('client_encoding', 'Only UTF8 can be judged.');
  const options = parseOptions(parameters.get('options') ?? '');
  if (!options) return notAllowed('options', 'Only -c name=value is understood there.');
  const passed = new Map([['client_encoding', 'UTF8'], ['standard_conforming_strings', 'on']]);
  for (const [name, value] of [...options, ...parameters]) {
    if (NOT_SETTINGS.has(name)) continue;
    const known = ALLOWED.get(name.toLowerCase());
    if (known === undefined) return notAllowed(name, 'It is not among the settings that a connection may begin with.');
    passed.set(known, value);
  }
  return accepted(passed);
}

function isReplication(value: string | undefined): boolean {
  return value !== undefined && !/^(false|off|no|0)$/i.test(value);
}

function notAllowed(name: string, why: string): Outcome<ReadonlyMap<string, string>> {
  return refused('startup_parameter_refused', `The startup parameter ${name.slice(0, 63)} is not allowed. ${why}`, { hint: 'Leave it out, or use SET after connecting: then rules decide.' });
}

/** `-c name=value`, `-cname=value` and `--name=value`, split at unescaped spaces as PostgreSQL does (pg_split_opts). Undefined for anything else. */
function parseOptions(text: string): [string, string][] | undefined {
  const words = splitWords(text);
  const settings: [string, string][] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    const setting = word === '-c' ? words[(index += 1)] : /^(?:-c|--)(.+)$/s.exec(word)?.[1];
    const equals = setting?.indexOf('=') ?? -1;
    if (setting === undefined || equals < 1) return undefined;
    settings.push([setting.slice(0, equals).replaceAll('-', '_'), setting.slice(equals + 1)]);
  }
  return settings;
}

function splitWords(text: string): string[] {
  return [...text.matchAll(/(?:\\.|[^\s\\])+/gs)].map(([word]) => word.replaceAll(/\\(.)/gs, '$1'));
}
