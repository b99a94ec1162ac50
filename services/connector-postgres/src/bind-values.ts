import { canonicalJson, sha256Hex, type Json } from '@interlock/kernel';
import type { Parameter } from '@interlock/contracts';
import type { Bind } from '@interlock/protocol-postgres';
import { POSTGRES_LIMITS } from './limits.js';
import type { PreparedStatement } from './names.js';

export const NO_PARAMETERS: readonly Parameter[] = [];

/**
 * The values of a Bind as their action and its event hold them, within POSTGRES_LIMITS: short ones themselves, long ones by their
 * hash, and what the event then has no room for by one hash together. Every value has a bearing on the action's digest.
 */
export function parametersOf(bind: Bind, { parameterTypes }: PreparedStatement): readonly Parameter[] {
  if (bind.parameters.length === 0) return NO_PARAMETERS;
  const parameters: Parameter[] = [];
  let left: number = POSTGRES_LIMITS.parametersBytes;
  for (const [index, value] of bind.parameters.entries()) {
    const whole = inFull(value, formatOf(bind, index), parameterTypes[index] ?? 0);
    const parameter = value !== null && (value.length > POSTGRES_LIMITS.parameterBytes || sizeOf(whole) > left) ? byHash(whole, value) : whole;
    left -= sizeOf(parameter);
    if (left < 0) return [...parameters, together(bind, parameterTypes, index)];
    parameters.push(parameter);
  }
  return parameters;
}

function inFull(value: Buffer | null, format: 'text' | 'binary', typeOid: number): Parameter {
  return { type: String(typeOid), format, value: value === null ? null : value.toString(format === 'text' ? 'utf8' : 'base64') };
}

function byHash({ type, format }: Parameter, value: Buffer): Parameter {
  return { type, format, value: '', omitted: { bytes: value.length, sha256: sha256Hex(value) } };
}

/** All values from `first` on. */
function together(bind: Bind, types: readonly number[], first: number): Parameter {
  const rest = bind.parameters.slice(first);
  const parameters = rest.map((value, index) => inFull(value, formatOf(bind, first + index), types[first + index] ?? 0));
  const bytes = rest.reduce((sum, value) => sum + (value?.length ?? 0), 0);
  return { type: '0', format: 'text', value: '', omitted: { bytes, sha256: sha256Hex(canonicalJson(parameters as unknown as Json)), values: rest.length } };
}

/** Bytes in the event. */
function sizeOf(parameter: Parameter): number {
  return Buffer.byteLength(JSON.stringify(parameter)) + 1;
}

function formatOf({ parameterFormats }: Bind, index: number): 'text' | 'binary' {
  return parameterFormats.length === 1 ? parameterFormats[0]! : (parameterFormats[index] ?? 'text');
}
