import { describe, expect, it } from 'vitest';
import type { Configuration } from '@interlock/contracts';
import { maskingProblems } from './masking-problems.js';

type Masking = Configuration['masking'];
const tag = { target: 'shop', column: 'public.customers.email', tag: 'email', sure: 1 };
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
    ['tokens without a kind', { columns: [{ ...rule, transform: 'token' }] }, 'masking.columns.0.kind: token needs kind'],
    ['a kind that would part a token elsewhere', { columns: [{ ...rule, transform: 'token', kind: 'e_mail' }] }, 'masking.columns.0.kind: a kind of lower-case letters, digits and dashes'],
    ['an option of another transform', { columns: [{ ...rule, kind: 'email' }] }, 'masking.columns.0.kind: kind says nothing about redact; it belongs to token and format-preserving'],
    ['telling what nothing stands for', { columns: [{ ...rule, transform: 'token', kind: 'email' }], detokenise: [{ kind: 'mail', roles: ['dba'] }] }, 'masking.detokenise.0.kind: there is no rule with tokens of kind mail; there are email'],
    ['telling nobody', { columns: [{ ...rule, transform: 'token', kind: 'email' }], detokenise: [{ kind: 'email', roles: ['dbaa'] }] }, 'masking.detokenise.0.roles.0: nobody has role dbaa'],
    ['nothing to generalise to', { columns: [{ ...rule, transform: 'generalise' }] }, 'masking.columns.0.generalise: generalise needs generalise'],
    ['a column without its table', { columns: [{ ...rule, column: 'email' }] }, 'masking.columns.0.column: schema.table.column'],
    ['a tag twice', { tags: [tag, tag] }, 'masking.tags.1.tag: public.customers.email has tag email already'],
    ['a column that has something to hide and has not', { tags: [tag, { ...tag, tag: 'none' }] }, 'masking.tags.1.tag: public.customers.email cannot have tag none beside another'],
    ['a tag that nobody gave', { tags: [{ ...tag, by: 'dbaa' }] }, 'masking.tags.0.by: there is no principal dbaa; there are dba'],
    ['a rule for a tag that no column has', { tags: [tag], columns: [{ id: 'm', tag: 'mail', transform: 'redact', except: [] }] }, 'masking.columns.0.tag: there is no column with tag mail; there are email'],
    ['a rule for what is not to be hidden', { tags: [{ ...tag, tag: 'none' }], columns: [{ id: 'm', tag: 'none', transform: 'redact', except: [] }] }, 'masking.columns.0.tag: none is the tag of columns that hold nothing to hide'],
    ['a rule for no classification', { columns: [{ id: 'm', classification: 'personal', transform: 'redact', except: [] }] }, 'masking.columns.0.classification: there is no classification personal'],
    ['a classification of nothing', { classifications: [{ name: 'personal', tags: ['email'] }] }, 'masking.classifications.0.tags: no column has a tag of classification personal'],
    ['a rule for two things', { tags: [tag], columns: [{ ...rule, tag: 'email' }] }, 'masking.columns.0.column: a rule names what it masks in one way: column, tag or classification'],
    ['a column of no target', { columns: [{ id: 'm', column: 'public.customers.email', transform: 'redact', except: [] }] }, 'masking.columns.0.column: a rule for a column names its target'],
    ['an exception for no purpose', { columns: [{ ...rule, exceptFor: ['refunds'] }] }, 'masking.columns.0.exceptFor.0: there is no purpose refunds'],
    ['a purpose of nobody', { purposes: [{ name: 'refunds', roles: ['support'] }] }, 'masking.purposes.0.roles.0: nobody has role support'],
  ])('is told of %s', (_, masking, problem) => expect(told(masking)).toEqual([problem]));

  describe('with recognizers', () => {
    const staff = { id: 'staff-no', pattern: '\\bEMP-\\d{6}\\b', score: 0.8, transform: 'redact' as const };
    const looked = [{ target: 'shop', kinds: [], recognizers: ['staff-no'] }];

    it.each([['large', '(?:[^a]{1,10}[^b]{1,10}[^c]{1,10})'], ['too large', '[ab]{1,40}a[ab]{20}c']])('of which a thousand are %s looks at no more than a few', (_, pattern) => {
      const many = Array.from({ length: 1_000 }, (_one, index) => ({ ...staff, id: `r${index}`, pattern }));
      const problems = told({ recognizers: many, content: [{ target: 'shop', kinds: [], recognizers: many.map(({ id }) => id) }] });
      const unseen = problems.filter((problem) => problem.endsWith('the patterns together are larger than those of one configuration may be; repeat less in them, or leave some out'));
      expect(unseen.length).toBeGreaterThan(900);
      expect(unseen.at(-1)).toContain('masking.recognizers.999.pattern: with recognizer r998,');
    });

    it('of which a thousand are small has no problem', () => {
      const many = Array.from({ length: 1_000 }, (_one, index) => ({ ...staff, id: `r${index}`, pattern: `\\b[A-Z]{2}${index}-\\d{6,10}\\b` }));
      expect(told({ recognizers: many, content: [{ target: 'shop', kinds: [], recognizers: many.map(({ id }) => id) }] })).toEqual([]);
    });

    it('that compile and are looked for has no problem', () => {
      expect(told({ recognizers: [{ ...staff, near: ['staff', 'employee'], validator: 'luhn', entropy: 2, ignoreCase: true }], content: looked })).toEqual([]);
    });

    it.each<[string, Partial<Masking>, RegExp]>([
      ['looks ahead', { recognizers: [{ ...staff, pattern: 'EMP-(?=\\d)' }], content: looked }, /^masking\.recognizers\.0\.pattern: recognizer staff-no cannot be used: at character 5 of its pattern: looking ahead or behind needs a search that backtracks/],
      ['refers back', { recognizers: [{ ...staff, pattern: '(\\d)\\1' }], content: looked }, /at character 5 of its pattern: a back-reference/],
      ['has no end', { recognizers: [{ ...staff, pattern: 'EMP-\\d+' }], content: looked }, /a match may have at most 256 bytes, and this one has no end; write how often, as in \{1,32\} for \+/],
      ['would grow', { recognizers: [{ ...staff, pattern: '[ab]{1,40}a[ab]{20}c' }], content: looked }, /its automaton takes more than 4096 states/],
      ['cannot be read', { recognizers: [{ ...staff, pattern: 'EMP-[0-9' }], content: looked }, /this class is not closed/],
      ['matches nothing at all', { recognizers: [{ ...staff, pattern: '\\d{0,6}' }], content: looked }, /it would match everywhere/],
      ['is called like a kind', { recognizers: [{ ...staff, id: 'card' }], content: [{ target: 'shop', kinds: [], recognizers: ['card'] }] }, /^masking\.recognizers\.0\.id: card is a kind that comes with Interlock/],
      ['is named twice', { recognizers: [staff, { ...staff, pattern: 'X\\d{3}' }], content: looked }, /^masking\.recognizers\.1\.id: there is another recognizer staff-no above$/],
      ['nobody looks for', { recognizers: [staff] }, /^masking\.recognizers\.0\.id: no entry of masking\.content looks for staff-no$/],
      ['is not there', { content: looked }, /^masking\.content\.0\.recognizers\.0: there is no recognizer staff-no$/],
      ['is looked for by nothing', { content: [{ target: 'shop', kinds: [] }] }, /^masking\.content\.0\.kinds: name what is looked for/],
    ])('is told of one that %s', (_, masking, problem) => {
      const problems = told(masking);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(problem);
    });
  });

  it('may treat one column differently for different readers', () => {
    expect(told({ columns: [rule, { ...rule, id: 'n', transform: 'partial', except: ['dba'] }] })).toEqual([]);
  });

  it('may except roles that tokens carry', () => expect(told({ columns: [{ ...rule, except: ['clinic'] }] }, { rolesClaim: 'groups' })).toEqual([]));

  it('of something that is no configuration is told of', () => expect(maskingProblems('text')).toHaveLength(1));
});
