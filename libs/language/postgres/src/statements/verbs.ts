import type { Duty } from '@interlock/contracts';

/** Every verb that an action or an access of PostgreSQL can have, and the one duty that it belongs to. */
export const VERBS = {
  select: 'read', show: 'read', explain: 'read', fetch: 'read', listen: 'read', unlisten: 'read', close: 'read', deallocate: 'read',
  begin: 'read', commit: 'read', rollback: 'read', savepoint: 'read', release: 'read', prepare_transaction: 'modify',
  insert: 'create', create: 'create',
  update: 'modify', alter: 'modify', lock: 'modify', set: 'modify', reset: 'modify', discard: 'modify', comment: 'modify', notify: 'modify',
  merge: 'modify', nextval: 'modify', setval: 'modify', copy: 'modify', vacuum: 'modify', analyze: 'modify', cluster: 'modify', reindex: 'modify', refresh: 'modify',
  delete: 'delete', truncate: 'delete', drop: 'delete',
  grant: 'administer', revoke: 'administer', call: 'administer', do: 'administer', load: 'administer', program: 'administer', file: 'administer',
  administer: 'administer',
} as const satisfies Record<string, Duty>;

export type Verb = keyof typeof VERBS;
