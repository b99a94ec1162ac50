import { parse, stringify } from 'yaml';
import type { Place } from './installation.js';
import { api, apiOk } from './people.js';
import { eventually } from './eventually.js';

export interface File {
  readonly file: string;
  readonly text: string;
}

/** What `interlock.yaml` holds, as far as tests change it. */
export interface Settings {
  issuers: Record<string, unknown>[];
  principals: Record<string, unknown>[];
  targets: Record<string, unknown>[];
  roles?: Record<string, unknown>[];
  masking: { columns: Record<string, unknown>[]; content: Record<string, unknown>[]; detokenise?: Record<string, unknown>[] };
  separation: Record<string, unknown>;
  delegation?: Record<string, unknown>;
  budgets?: Record<string, unknown>[];
}

export interface TargetSecret {
  readonly target: string;
  readonly kind: 'standing' | 'probe' | 'elevated';
  readonly user: string;
  readonly password: string;
}

/**
 * Changes the configuration in force the way people do: one proposes, another approves. Answers the version. Settings are
 * edited in place; `policies` are added, or replace those of the same name.
 */
export async function changeConfiguration(place: Place, edit: (settings: Settings) => void, policies: readonly File[]): Promise<number> {
  const { files } = await apiOk<{ files: File[] }>(place, 'security', 'GET', '/configuration');
  const settings = parse(files.find(({ file }) => file === 'interlock.yaml')!.text) as Settings;
  edit(settings);
  const kept = files.filter(({ file }) => file !== 'interlock.yaml' && !policies.some((policy) => policy.file === file));
  const proposed = await apiOk<{ change: string; status: string; version: number }>(place, 'security', 'POST', '/changes', {
    files: [{ file: 'interlock.yaml', text: stringify(settings, { lineWidth: 0 }) }, ...kept, ...policies],
  });
  if (proposed.status !== 'pending') return proposed.version;
  const { change: { digest } } = await apiOk<{ change: { digest: string } }>(place, 'dba', 'GET', `/changes/${proposed.change}`);
  return (await apiOk<{ version: number }>(place, 'dba', 'POST', `/changes/${proposed.change}/decision`, { verdict: 'approve', digest })).version;
}

/** Hands the vault a credential; repeated while the target's name spreads. */
export async function setSecret(place: Place, { target, ...secret }: TargetSecret): Promise<void> {
  await eventually(`the vault takes the credential of ${target}`, async () => {
    const answer = await api(place, 'security', 'PUT', `/targets/${target}/secret`, secret);
    if (answer.status >= 300) throw new Error(JSON.stringify(answer));
    return true;
  });
}

/** The entry of a PostgreSQL database on the demonstration's own server, like the one for `shop`. */
export function likeShop(settings: Settings, name: string, database: string): Record<string, unknown> {
  return { ...settings.targets.find((target) => target['name'] === 'shop'), name, database, labels: {} };
}
