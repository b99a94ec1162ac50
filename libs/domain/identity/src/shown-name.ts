const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/;

/**
 * A name that someone sent, for a sentence or an event: quoted when it has the shape of a name, and otherwise left out,
 * because what is sent in place of a name may be a token or a password.
 */
export function shownName(sent: string): string {
  return NAME.test(sent) ? `"${sent}"` : '(not shown: it is no name)';
}

/** The same for a field that holds a name and nothing else: empty when what was sent is no name. */
export function nameOrNothing(sent: string): string {
  return NAME.test(sent) ? sent : '';
}
