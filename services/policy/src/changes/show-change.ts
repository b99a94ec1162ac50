import { canonicalFile } from '@interlock/authoring';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ChangeState, PolicyFile, RpcResponse } from '@interlock/contracts';
import { contentHash, inOrder, unifiedDiff } from '@interlock/domain-policy';

export type ListedChange = RpcResponse<'policy.changes'>['changes'][number];
export type ShownChange = RpcResponse<'policy.change'>['change'];

/** Bytes of a shown change as JSON: it travels in one message of at most 1 MiB. */
const SHOWN_BYTES_MAX = 900 * 1024;

/** A change in one line of a list. */
export function listedChange({ change, author, status, summary, proposedAt, version }: ChangeState): ListedChange {
  return { change, author: author.name, status: status === 'approved' ? 'pending' : status, summary, proposedAt, ...(status === 'applied' && version !== undefined && { version }) };
}

/** Everything that whoever agrees to a change agrees to, compared with the files of its base version. The digest is of the very files that are shown. */
export function showChange(state: ChangeState, before: readonly PolicyFile[]): Outcome<ShownChange> {
  const { decidedBy, decidedAt, baseVersion, bootstrap } = state;
  const shown: ShownChange = {
    ...listedChange(state), digest: contentHash(state.files), baseVersion,
    ...(decidedBy && { decidedBy: decidedBy.name }), ...(decidedAt !== undefined && !bootstrap && { decidedAt }), files: differences(before, state.files),
  };
  return fitting(shown, 'Deny it, and propose it again in smaller steps.');
}

/** Refuses a proposal that could not be shown whole to whoever is to agree. */
export function showable(before: readonly PolicyFile[], after: readonly PolicyFile[]): Outcome<unknown> {
  return fitting(differences(before, after), 'Propose it in smaller steps.');
}

function fitting<T>(shown: T, hint: string): Outcome<T> {
  const bytes = Buffer.byteLength(JSON.stringify(shown));
  if (bytes <= SHOWN_BYTES_MAX) return accepted(shown);
  return refused('configuration_too_large', `What this change differs in has ${bytes} bytes; at most ${SHOWN_BYTES_MAX} can be shown to whoever is to agree.`, { hint });
}

function differences(before: readonly PolicyFile[], after: readonly PolicyFile[]): ShownChange['files'] {
  const [old, young] = [textsOf(before), textsOf(after)];
  return inOrder([...after, ...before.filter(({ file }) => !young.has(file))])
    .filter(({ file }) => old.get(file) !== young.get(file))
    .map(({ file }) => ({ file, status: !old.has(file) ? 'added' : young.has(file) ? 'changed' : 'removed', diff: unifiedDiff(file, canonical(file, old), canonical(file, young)) }));
}

function textsOf(files: readonly PolicyFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ file, text }) => [file, text]));
}

function canonical(file: string, texts: ReadonlyMap<string, string>): string | undefined {
  const text = texts.get(file);
  return text === undefined ? undefined : canonicalFile({ file, text }).text;
}
