import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Stated } from '@interlock/contracts';
import { isHarmless, stated, STATED_NAMES } from '@interlock/language-postgres';

/** Settings that a client may bring with its startup message are the harmless ones, but for those that rules about rows and names lean on. */
const BY_COMMAND_ONLY = new Set(['search_path', 'row_security']);

const PURPOSE = 'interlock.purpose';
const STATED = new Set<string>(STATED_NAMES.map((name) => `interlock.${name}`));
const UTF8 = /^(utf-?8|unicode)$/i;
const NOT_SETTINGS = new Set(['user', 'database', 'replication', 'client_encoding', 'options', 'standard_conforming_strings']);

/**
 * The startup parameters for the target, made anew, by names in lower case: nothing passes that is not harmless. A setting that changes what
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
    if (NOT_SETTINGS.has(name) || STATED.has(name) || name === PURPOSE) continue;
    const setting = name.toLowerCase();
    if (BY_COMMAND_ONLY.has(setting) || !isHarmless(setting, [value])) return notAllowed(name, 'It is not among the settings that a connection may begin with.');
    passed.set(setting, value);
  }
  return accepted(passed);
}

/** What a connection states of all its commands, as `interlock.reason` and its like. It is held here, and no target hears of it. */
export function statedAtStartup(parameters: ReadonlyMap<string, string>): Outcome<Stated | undefined> {
  const said = new Map([...(parseOptions(parameters.get('options') ?? '') ?? []), ...parameters].filter(([name]) => STATED.has(name)).map(([name, value]) => [name.slice('interlock.'.length), value]));
  for (const [name, value] of said) {
    if (!stated(new Map([[name, value]]))) return notAllowed(`interlock.${name}`, 'A reason has 1 to 500 characters, a ticket 1 to 100.');
  }
  return accepted(stated(said));
}

/** What a connection says it is for, as `interlock.purpose`; whether it may is not looked at here. */
export function purposeAtStartup(parameters: ReadonlyMap<string, string>): string | undefined {
  return parameters.get(PURPOSE) ?? new Map(parseOptions(parameters.get('options') ?? '') ?? []).get(PURPOSE);
}

function isReplication(value: string | undefined): boolean {
  return value !== undefined && !/^(false|off|no|0)$/i.test(value);
}

function notAllowed(name: string, why: string): Outcome<never> {
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
