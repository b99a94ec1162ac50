const VALUE = /^([A-Za-z0-9_-]{1,128}) ([A-Za-z0-9:+/=_-]{1,200})$/;

export const ACTIONS = { approve: 'interlock.approve', deny: 'interlock.deny', open: 'interlock.open' } as const;

/** What a button carries: the approval, and the digest of what stands above it. */
export function buttonValue({ id, grantDigest }: { readonly id: string; readonly grantDigest: string }): string {
  return `${id} ${grantDigest}`;
}

export function readButton(value: string): { readonly grant: string; readonly grantDigest: string } | undefined {
  const [, grant, grantDigest] = VALUE.exec(value) ?? [];
  return grant === undefined || grantDigest === undefined ? undefined : { grant, grantDigest };
}

export function verdictOf(action: string | undefined): 'approve' | 'deny' | undefined {
  return action === ACTIONS.approve ? 'approve' : action === ACTIONS.deny ? 'deny' : undefined;
}
