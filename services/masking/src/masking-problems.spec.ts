import { describe, expect, it } from 'vitest';
import type { Configuration } from '@interlock/contracts';
import { maskingProblems } from './masking-problems.js';

type Masking = Configuration['masking'];
const rule = { id: 'm', target: 'shop', column: 'public.customers.email', transform: 'redact' as const, except: [] };

function told(masking: Partial<Masking>, issuer: object = {}) {
  return maskingProblems({
    version: 1,
    issuers: [{ name: 'demo', url: 'http://issuer.test', audience: 'interlock', algorithms: ['EdDSA'], ...issuer }],
    principals: [{ name: 'dba', kind: 'human', issuer: 'demo', subject: 'dba', roles: ['dba'] }],
    targets: [{ name: 'shop', protocol: 'postgres', host: 'db', database: 'shop' }],
    masking: { columns: [], content: [], ...masking },
    administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba'] },
  }).map(({ path, detail }) => `${path}: ${detail}`);
}

describe('the masking section', () => {
  it('that hangs together has no problem', () => {
    expect(told({ columns: [{ ...rule, except: ['dba'] }, { ...rule, id: 'n', column: 'public.customers.name' }], content: [{ target: 'shop', kinds: ['card', 'email'] }] })).toEqual([]);
  });

  it.each<[string, Partial<Masking>, string]>([
    ['a rule named twice', { columns: [rule, { ...rule, column: 'public.a.b' }] }, 'masking.columns.1.id: there is another masking rule m above'],
    ['a rule said twice', { columns: [rule, { ...rule, id: 'n' }] }, 'masking.columns.1.column: rule m says the same of public.customers.email already'],
    ['a target of nowhere', { columns: [{ ...rule, target: 'shp' }] }, 'masking.columns.0.target: there is no target shp; targets are shop'],
    ['an exception for nobody', { columns: [{ ...rule, except: ['dba', 'dbaa'] }] }, 'masking.columns.0.except.1: nobody has role dbaa'],
    ['content of nowhere', { content: [{ target: 'shp', kinds: ['card'] }] }, 'masking.content.0.target: there is no target shp; targets are shop'],
    ['content looked for twice', { content: [{ target: 'shop', kinds: ['card'] }, { target: 'shop', kinds: ['email'] }] }, 'masking.content.1.target: content at shop is looked for by another entry above; name all kinds in one'],
    ['a kind named twice', { content: [{ target: 'shop', kinds: ['card', 'card'] }] }, 'masking.content.0.kinds.1: card is named twice'],
    ['a column without its table', { columns: [{ ...rule, column: 'email' }] }, 'masking.columns.0.column: schema.table.column'],
  ])('is told of %s', (_, masking, problem) => expect(told(masking)).toEqual([problem]));

  it('may treat one column differently for different readers', () => {
    expect(told({ columns: [rule, { ...rule, id: 'n', transform: 'partial', except: ['dba'] }] })).toEqual([]);
  });

  it('may except roles that tokens carry', () => expect(told({ columns: [{ ...rule, except: ['clinic'] }] }, { rolesClaim: 'groups' })).toEqual([]));

  it('of something that is no configuration is told of', () => expect(maskingProblems('text')).toHaveLength(1));
});
