import { describe, expect, it } from 'vitest';
import { purposeAtStartup, statedAtStartup, targetParameters } from './startup-parameters.js';

const given = (parameters: Record<string, string>) => targetParameters(new Map(Object.entries({ user: 'agent', database: 'shop', ...parameters })));
const ALWAYS = { client_encoding: 'UTF8', standard_conforming_strings: 'on' };

describe('startup parameters', () => {
  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['nothing but what the gateway needs', {}, {}],
    ['how answers look', { application_name: 'psql', datestyle: 'ISO, MDY', TimeZone: 'UTC', extra_float_digits: '2' }, { application_name: 'psql', datestyle: 'ISO, MDY', timezone: 'UTC', extra_float_digits: '2' }],
    ['UTF-8 by any of its names', { client_encoding: "'utf-8'" }, {}],
    ['no replication', { replication: 'false' }, {}],
    ['harmless options in every spelling', { options: '-c statement_timeout=5000 -clock_timeout=1s --TimeZone=Europe/Rome -c DateStyle=ISO,\\ YMD' }, { statement_timeout: '5000', lock_timeout: '1s', timezone: 'Europe/Rome', datestyle: 'ISO, YMD' }],
    ['how queries are planned', { options: '-c geqo=off -c enable_seqscan=off', jit: 'off' }, { geqo: 'off', enable_seqscan: 'off', jit: 'off' }],
    ['the gateway’s own word on how strings are read', { standard_conforming_strings: 'off' }, {}],
  ])('pass: %s', (_, parameters, passed) => {
    const outcome = given(parameters);
    expect(outcome.ok && Object.fromEntries(outcome.value)).toEqual({ ...ALWAYS, ...passed });
  });

  it.each<[string, Record<string, string>, string]>([
    ['search_path', { search_path: 'evil' }, 'search_path'],
    ['a search_path in options', { options: '-c search_path=evil,public -c statement_timeout=0' }, 'search_path'],
    ['a role', { options: '-c role=postgres' }, 'role'],
    ['row security', { row_security: 'off' }, 'row_security'],
    ['a setting of an application’s own', { options: '-c app.owner=dba' }, 'app.owner'],
    ['replication', { replication: 'database' }, 'replication'],
    ['another encoding', { client_encoding: 'LATIN1' }, 'client_encoding'],
    ['options that are no settings', { options: '-d 5' }, 'options'],
    ['a setting without a value', { options: '-c statement_timeout' }, 'options'],
    ['an option cut short', { options: '-c' }, 'options'],
    ['a long name, cut', { ['x'.repeat(100)]: '1' }, 'x'.repeat(63)],
  ])('are refused by name: %s', (_, parameters, name) => {
    expect(given(parameters)).toMatchObject({ ok: false, refusal: { reason: 'startup_parameter_refused', detail: expect.stringContaining(`parameter ${name} is not allowed`) } });
  });
});

describe('what a connection states', () => {
  const said = (parameters: Record<string, string>) => statedAtStartup(new Map(Object.entries({ user: 'agent', ...parameters })));

  it.each<[string, Record<string, string>, object | undefined]>([
    ['in options', { options: String.raw`-c interlock.reason=end\ of\ month --interlock.ticket=OPS-1 -c geqo=off` }, { reason: 'end of month', ticket: 'OPS-1' }],
    ['as parameters of their own', { 'interlock.ticket': 'OPS-1' }, { ticket: 'OPS-1' }],
    ['nothing', { options: '-c geqo=off' }, undefined],
  ])('is held: %s', (_, parameters, kept) => expect(said(parameters)).toEqual({ ok: true, value: kept }));

  it('is not forwarded', () => {
    const passed = given({ options: '-c interlock.reason=because -c geqo=off', 'interlock.ticket': 'OPS-1' });
    expect(passed.ok && [...passed.value.keys()].sort()).toEqual(['client_encoding', 'geqo', 'standard_conforming_strings']);
  });

  it.each([['too long', 'x'.repeat(501)], ['empty', '']])('is refused where it is %s', (_, reason) => {
    expect(said({ 'interlock.reason': reason })).toMatchObject({ ok: false, refusal: { reason: 'startup_parameter_refused', detail: expect.stringContaining('interlock.reason') } });
  });

  it.each<[string, Record<string, string>]>([['in options', { options: '-c interlock.purpose=refunds' }], ['as a parameter', { 'interlock.purpose': 'refunds' }]])('of its purpose is held as well: %s', (_, parameters) => {
    expect(purposeAtStartup(new Map(Object.entries(parameters)))).toBe('refunds');
    const passed = given(parameters);
    expect(passed.ok && Object.fromEntries(passed.value)).toEqual(ALWAYS);
  });

  it('under another name is a setting like any other', () => expect(given({ options: '-c interlock.mood=good' })).toMatchObject({ ok: false }));
});
